"""Function classes for Q_tot: each module has a `name` and `fit(targets, data) -> Fit`.

linear (VDN, Theorem 1), igm (Theorem 4), qplex (duplex duelling mixing), joint (the table itself, the reference).
"""
