"""QPLEX in the reading of Theorem 4 of arXiv:2006.00587 (selection IGM): duplex duelling mixing with λ_i(s,a) >= 0.

With λ > 0 only tables whose argmax set is a product set are members (`qplex`). λ = 0 is the limit in which an action
that is not greedy costs nothing, and with it every table is one: choose one joint maximiser u of y, then
    Q_i(s,x) = V(s)/n if x = u_i else V(s)/n - 1,      λ_i(s,a) = (V(s) - y(s,a)) / #{j: a_j differs from u_j}
give Q_tot = y, with the greedy joint action u. Ties: u is the first (last) joint maximiser in row-major order.
"""

from functools import partial

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import Data
from fqi_theory.factorization import igm
from fqi_theory.factorization.fit import Fit, Ties
from fqi_theory.factorization.qplex import Duplex, weights_of_sets

name = "qplex:selection"

_selection = partial(igm.fit, reading="selection")


def fit(targets: Array, data: Data, ties: Ties = "first") -> Fit:
    """Return Q_tot = y with factors that, with the weights of `realise`, mix to it; DataError without full support."""
    return _selection(targets, data, ties)


def realise(table: Array, ties: Ties = "first") -> Duplex:
    """Return factors and weights λ >= 0 that mix to a table (S, A_1, ..., A_n) exactly, whatever its maximisers."""
    greedy = igm.joint_greedy(table, ties)
    sets = [np.asarray(greedy[:, i, None] == np.arange(count)[None]) for i, count in enumerate(table.shape[1:])]
    values = scalars.maximum(table, axis=tuple(range(1, table.ndim)))
    factors = igm.factors_of_sets(sets, values, scalars.field_of(table))
    return Duplex(factors, weights_of_sets(table, sets, values), closed=True)
