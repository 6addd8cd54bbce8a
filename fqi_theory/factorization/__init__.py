"""Function classes for Q_tot: each module has a `name` and `fit(targets, data) -> Fit`.

linear (VDN, Theorem 1), igm (Theorem 4), qplex (duplex duelling mixing), joint (the table itself, the reference).
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, submodules=["igm", "joint", "linear", "qplex"])
