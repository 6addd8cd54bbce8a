"""Function classes for Q_tot: each has a `name` and `fit(targets, data) -> Fit`; `classes` names them all.

linear (VDN, Theorem 1), additive: functions of sets of agents (any order, any coordination graph), monotonic (QMIX),
igm (Theorem 4), qplex and qplex_selection (duplex duelling mixing), joint (the table itself, the reference).
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__, submodules=["additive", "igm", "joint", "linear", "monotonic", "qplex", "qplex_selection"]
)
