"""Function classes for Q_tot: each has a `name` and `fit(targets, data) -> Fit`; `classes` names them all.

linear (VDN, Theorem 1), igm (Theorem 4), qplex (duplex duelling mixing), joint (the table itself, the reference);
additive: functions of sets of agents (any order, any coordination graph).
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, submodules=["additive", "igm", "joint", "linear", "qplex"])
