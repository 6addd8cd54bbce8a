"""QPLEX duplex duelling mixing, arXiv:2008.01062, as a tabular class (theory notes, section 8).

Q_tot(s,a) = Σ_i max_x Q_i(s,x) + Σ_i λ_i(s,a) (Q_i(s,a_i) - max_x Q_i(s,x)),   λ_i(s,a) > 0.
Hence argmax Q_tot = Π_i argmax Q_i as sets and max Q_tot = Σ_i max Q_i; every table whose argmax set is a product set
is realised by `realise`, and no other table is, for any λ > 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.errors import NotRealisable
from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import Data
from fqi_theory.factorization import igm
from fqi_theory.factorization.fit import Fit, Ties, additive_table

name = "qplex"

#: The best fit of the class is set IGM with zero error, or not attained (NotRealisable).
_set_igm = partial(igm.fit, reading="set")


@dataclass(frozen=True, eq=False)
class Duplex:
    """A member of the class: factors per agent (S, A_i) and weights λ per agent (S, A_1, ..., A_n).

    closed: λ = 0 is allowed too, as in the selection reading (`qplex_selection`).
    """

    factors: tuple[Array, ...]
    weights: tuple[Array, ...]
    closed: bool = False

    def table(self) -> Array:
        """Return Q_tot, (S, A_1, ..., A_n)."""
        return mix(self.factors, self.weights, closed=self.closed)


def fit(targets: Array, data: Data, ties: Ties = "first") -> Fit:
    """Return Q_tot = y with factors that realise it; raises NotRealisable where the argmax set is not a product set."""
    return _set_igm(targets, data, ties)


def mix(factors: Sequence[Array], weights: Sequence[Array], *, closed: bool = False) -> Array:
    """Return Q_tot = Σ_i V_i + Σ_i λ_i (Q_i - V_i) with V_i = max_x Q_i(s,x).

    factors: per agent (S, A_i); weights: λ, per agent (S, A_1, ..., A_n), or (S, 1, ..., 1) for state-only λ.
    Raises NotRealisable, naming agent, state and joint action, where some λ_i(s,a) <= 0 (with `closed`, < 0).
    """
    tops = [scalars.maximum(factor, axis=1) for factor in factors]
    advantages = [factor - top[:, None] for factor, top in zip(factors, tops, strict=True)]
    n = len(factors)
    total = np.asarray(sum(tops)).reshape(-1, *[1] * n)
    for i, (advantage, weight) in enumerate(zip(advantages, weights, strict=True)):
        allowed = np.asarray(weight >= 0 if closed else weight > 0, dtype=bool)
        if not allowed.all():
            place = tuple(map(int, np.argwhere(~allowed)[0]))
            sign = ">=" if closed else ">"
            raise NotRealisable(
                f"λ of agent {i + 1} at (state, joint action) {place}: expected {sign} 0, found {weight[place]}"
            )
        total = total + weight * advantage.reshape(advantage.shape[0], *[-1 if j == i else 1 for j in range(n)])
    return np.asarray(total)


def realise(table: Array) -> Duplex:
    """Return factors and λ > 0 with mix(factors, λ) = table, exactly; table: (S, A_1, ..., A_n).

    With argmax set B_1 x ... x B_n: Q_i is V/n on B_i and V/n - 1 off it; λ_i(s,a) = (V(s) - Q_tot(s,a)) / #{j: a_j
    not in B_j} for every agent where a is not a maximiser, and 1 where it is. Raises NotRealisable with the exact
    reason otherwise.
    """
    sets = igm.maximiser_sets(table)
    field = scalars.field_of(table)
    values = scalars.maximum(table, axis=tuple(range(1, table.ndim)))
    return Duplex(igm.factors_of_sets(sets, values, field), weights_of_sets(table, sets, values))


def weights_of_sets(table: Array, sets: Sequence[Array], values: Array) -> tuple[Array, ...]:
    """Return λ for utilities that are V/n on the given sets and V/n - 1 off them, per agent (S, A_1, ..., A_n)."""
    outside = additive_table([(~members).astype(int) for members in sets])
    gap = values.reshape(-1, *[1] * len(sets)) - table
    weights = scalars.full(table.shape, 1, scalars.field_of(table))
    off = outside > 0
    weights[off] = gap[off] / outside[off]
    return (weights,) * len(sets)
