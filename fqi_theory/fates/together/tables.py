"""Models of one shape as integer tables: y(s,a), and the factors fitted to it, as affine functions of V.

An affine function of V is a row (coefficients of V(0), ..., V(S-1), constant), in integers over one denominator a
model. Data of the kinds taken here give a fit that is the same linear map for all models of a shape.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import lcm, prod

import numpy as np

from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import DataSource, EpsilonGreedy, Product, ProductData, Uniform
from fqi_theory.factorization import linear
from fqi_theory.factorization.fit import Ties
from fqi_theory.model.mmdp import MMDP

#: Larger models gain nothing from being decided together: determinants are expanded, and numbers grow. One state has no
#: coordinates modulo constants, so no region to propose.
MOST_STATES, MOST_JOINT = 4, 64
#: Products of machine integers are exact below this.
MACHINE = 2**62


@dataclass(frozen=True, eq=False)
class Tables:
    """M models of one shape, in integers (object arrays), over a denominator a model.

    targets: y, rows [γP | r] over `unit` (M,), (M, S, N, S+1) with N joint actions. forms: factors of all agents one
    below the other, over `scale` (M,), (M, S, G, K, S+1) with K = Σ|A_i|; index g: the greedy joint action that the
    data of a state follow (G = N), or 0 for fixed data (G = 1).
    """

    targets: Array
    unit: Array
    forms: Array
    scale: Array
    counts: tuple[int, ...]
    on_policy: bool
    ties: Ties

    def __len__(self) -> int:
        return len(self.unit)

    @property
    def states(self) -> int:
        """Return S."""
        return int(self.targets.shape[1])

    @cached_property
    def offsets(self) -> Array:
        """Return the first row of each agent, (n,)."""
        return np.concatenate([[0], np.cumsum(self.counts)[:-1]]).astype(np.int64)

    def take(self, index: Array) -> "Tables":
        """Return the tables of some models."""
        own = self.targets[index], self.unit[index], self.forms[index], self.scale[index]
        return Tables(*own, self.counts, self.on_policy, self.ties)

    @cached_property
    def forms_floats(self) -> Array:
        """Return the forms in float64."""
        return np.asarray((self.forms / self.scale[:, None, None, None, None]).astype(np.float64))

    @cached_property
    def targets_floats(self) -> Array:
        """Return the targets in float64."""
        return np.asarray((self.targets / self.unit[:, None, None, None]).astype(np.float64))

    def keys(self, modes: Array) -> Array:
        """Return which data greedy joint actions (..., S, n) stand for, (..., S)."""
        if not self.on_policy:
            return np.zeros(modes.shape[:-1], dtype=np.int64)
        return np.asarray(np.ravel_multi_index(tuple(np.moveaxis(modes, -1, 0)), self.counts))


def takes(model: MMDP, source: DataSource) -> bool:
    """Tell whether a model with data of this source may be decided together with others of its shape."""
    if not isinstance(source, Uniform | Product | EpsilonGreedy):
        return False
    small = 2 <= model.n_states <= MOST_STATES and prod(model.action_counts) <= MOST_JOINT
    supported = not isinstance(source, EpsilonGreedy) or source.epsilon > 0
    return small and supported and model.field == "exact"


def tables_of(models: Sequence[MMDP], source: DataSource, ties: Ties) -> Tables | None:
    """Return the tables of models of one shape under one source; None where the data have no full support."""
    fits, divisor = _fits(models[0], source)
    if not divisor:
        return None
    rows, units = zip(*map(_targets, models), strict=True)
    unit, targets = np.array(units, dtype=object), np.stack(rows)
    size = max(int(np.abs(fits).max()) * fits.shape[-1] * int(np.abs(targets).max()), max(units))
    exact = np.int64 if size < MACHINE else object
    fitted = fits.astype(exact) @ targets.astype(exact)[:, :, None]
    counts = models[0].action_counts
    return Tables(targets, unit, fitted.astype(object), unit * divisor, counts, source.on_policy, ties)


def _fits(model: MMDP, source: DataSource) -> tuple[Array, int]:
    """Return the fit (S, G, K, N) in integers over a divisor; divisor 0 where the data have no full support."""
    counts, states = model.action_counts, model.n_states
    joint = prod(counts)
    identity = np.eye(joint, dtype=int).astype(object).reshape(1, *counts, joint)
    found = []
    for greedy in np.ndindex(*counts) if source.on_policy else [(0,) * len(counts)]:
        data = source.at(model, np.tile(greedy, (states, 1)))
        if not isinstance(data, ProductData) or not data.full_support():
            return np.zeros(0, dtype=object), 0
        parts = linear.credit(np.repeat(identity, states, axis=0), data)
        found.append(np.concatenate(parts, axis=1))
    exact = np.stack(found, axis=1)
    divisor = lcm(*(int(x.q) for x in exact.flat))
    return _integers(exact, divisor), divisor


def _targets(model: MMDP) -> tuple[Array, int]:
    """Return the rows [γP | r] of y, (S, N, S+1), in integers over a denominator, and it."""
    joint, states = prod(model.action_counts), model.n_states
    indptr, successors, chances = model.transition.compressed()
    moved = np.array([x * model.discount for x in chances], dtype=object)
    reward = model.reward.reshape(-1)
    unit = lcm(*(int(x.q) for x in moved), *(int(x.q) for x in reward))
    rows = np.zeros((states * joint, states + 1), dtype=object)
    rows[np.repeat(np.arange(len(rows)), np.diff(indptr)), successors] = _integers(moved, unit)
    rows[:, -1] = _integers(reward, unit)
    return rows.reshape(states, joint, states + 1), unit


def _integers(numbers: Array, divisor: int) -> Array:
    result = np.empty(numbers.shape, dtype=object)
    result.reshape(-1)[:] = [int(x.p) * (divisor // int(x.q)) for x in numbers.flat]
    return result
