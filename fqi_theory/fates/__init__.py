"""The fate of a run of FMA-FQI: converges, cycles, diverges or unknown, with a certificate (theory notes, section 9 ✦).

positions     one exact step of (V, greedy), its affine pieces (modes) and alternatives
orbits        proposals: periodic modes, composed affine maps, exact orbit points
contraction   global criterion: a weighted sup-norm in which F contracts
bounded       local criterion: a region around an orbit that m steps map into itself
growing       a region of unbounded positions that m steps map into itself
certificate   the JSON file that an independent checker re-verifies
decide        the search itself
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
