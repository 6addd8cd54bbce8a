"""IGM factorisation: the class of Theorem 4 of arXiv:2006.00587, in its two readings (theory notes, section 6).

*selection IGM*: some choice of per-agent maximisers is a joint maximiser. Every table y is representable, so with
full-support data the fit has zero error and Q_tot = y.
*set IGM*: argmax Q_tot = Π_i argmax Q_i as sets. Only tables whose argmax set is a product set are representable.
"""

from typing import Literal

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.errors import DataError, NotRealisable
from fqi_theory.base.scalars import Array, Field
from fqi_theory.data.sources import Data
from fqi_theory.factorization.fit import Fit, Ties, first_or_last, greedy_actions

name = "igm"


def fit(
    targets: Array,
    data: Data,
    ties: Ties = "first",
    *,
    reading: Literal["selection", "set"] = "selection",
    off_support: Array | None = None,
) -> Fit:
    """Return the zero-error fit Q_tot = y with per-agent factors that are consistent with it.

    targets: y, (S, A_1, ..., A_n). Without full support Q_tot is arbitrary where p_D = 0: pass `off_support`, a table
    of the same shape that is used there, or DataError is raised. With reading="set" a table whose argmax set is not a
    product set raises NotRealisable.
    """
    if off_support is None:
        require_full_support(targets, data)
        table = targets
    else:
        table = np.where(data.joint() > 0, targets, off_support)
    values = scalars.maximum(table, axis=tuple(range(1, table.ndim)))
    if reading == "set":
        factors = factors_of_sets(maximiser_sets(table), values, scalars.field_of(table))
        return Fit(factors, values, greedy_actions(factors, ties), table)
    greedy = joint_greedy(table, ties)
    sets = [_singletons(greedy[:, i], count) for i, count in enumerate(table.shape[1:])]
    return Fit(factors_of_sets(sets, values, scalars.field_of(table)), values, greedy, table)


def joint_greedy(table: Array, ties: Ties = "first") -> Array:
    """Return the first (or last) joint maximiser in lexicographic order: (S, A_1, ..., A_n) to integers (S, n)."""
    flat = first_or_last(table.reshape(table.shape[0], -1), ties)
    return np.stack(np.unravel_index(flat, table.shape[1:]), axis=-1)


def maximiser_sets(table: Array) -> list[Array]:
    """Return the sets B_i(s) with argmax Q_tot(s,·) = B_1 x ... x B_n, as booleans per agent (S, A_i).

    Raises NotRealisable, naming the state and a joint action, where the argmax set is not a product set.
    """
    axes = range(1, table.ndim)
    top = scalars.maximum(table, axis=tuple(axes)).reshape(-1, *[1] * len(axes))
    best = np.asarray(table == top)
    sets = [np.asarray(best.any(axis=tuple(j for j in axes if j != i))) for i in axes]
    box = np.ones_like(best)
    for i, members in enumerate(sets):
        box &= members.reshape(members.shape[0], *[-1 if j == i else 1 for j in range(len(axes))])
    if (box != best).any():
        state, *action = map(int, np.argwhere(box != best)[0])
        parts = " x ".join("{" + ", ".join(map(str, np.flatnonzero(m[state]))) + "}" for m in sets)
        raise NotRealisable(
            f"state {state}: the maximisers are not a product set: every agent's action in {tuple(action)} belongs to "
            f"some maximiser ({parts}), but Q_tot{tuple(action)} = {table[(state, *action)]} is below the maximum "
            f"{top.reshape(-1)[state]}; the infimum of the error is 0 and is not attained"
        )
    return sets


def factors_of_sets(sets: list[Array], values: Array, field: Field) -> tuple[Array, ...]:
    """Return utilities whose maximisers are exactly the given sets: V/n inside, V/n - 1 outside; per agent (S, A_i)."""
    n = len(sets)
    result = []
    for members in sets:
        penalty = scalars.full(members.shape, 0, field)
        penalty[~members] = penalty[~members] - 1
        result.append(np.asarray(penalty + (values / n)[:, None]))
    return tuple(result)


def require_full_support(targets: Array, data: Data) -> None:
    """Raise DataError naming state and joint action where p_D(a|s) = 0: Q_tot would be arbitrary there."""
    if data.full_support():
        return
    missing = np.argwhere(data.joint() == 0)
    state, *action = map(int, missing[0])
    raise DataError(
        f"state {state}, joint action {tuple(action)}: p_D = 0, so Q_tot is not determined there; "
        f"{len(missing)} of {targets.size} entries have no data"
    )


def _singletons(chosen: Array, count: int) -> Array:
    return np.asarray(chosen[:, None] == np.arange(count)[None, :])
