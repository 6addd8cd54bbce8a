"""The fate of a run of FMA-FQI: converges, cycles, diverges, aperiodic, bounded (each certified) or unknown.

The definitions are in theory notes, section 9 ✦.

positions     one exact step of (V, greedy), its affine pieces (modes) and alternatives
orbits        proposals: periodic modes, composed affine maps, exact orbit points
contraction   global criterion: a weighted sup-norm in which F contracts
bounded       local criterion: a region around an orbit that m steps map into itself
growing       a region of unbounded positions that m steps map into itself
boxes         bounds of V that a step maps into themselves, of any class and data
differences   bounds of V(s) - V(r) likewise, for fixed data
intervals     two states: an interval of their difference, and maps of it that approach no cycle
monotone      the search for the monotonic class (QMIX), under weighted data too
certificate   the JSON file that an independent checker re-verifies
decide        the search itself
batch         the same for many models
together      many small models at once: proposals in float arrays, confirmed in arrays of integers
census        every model of a small shape, decided
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
