"""An exact model as integers, row by row: what exact planning needs, without one rational operation per entry.

Row k = (s, a) is kept over its own denominator D_k: integers D_k γ P(·|s,a) and D_k r(s,a). For V = v/d, d > 0,
    D_k d (r + γ P V - V(s))(s,a) = D_k r · d + Σ_s' D_k γ P(s'|s,a) v(s') - D_k v(s)
is an integer with the sign of the advantage of (s,a), and (I - γ P_π) V = r_π is a system of integers.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import fmpq, fmpz, fmpz_mat

from fqi_theory.base.limits import require_memory
from fqi_theory.base.scalars import Array, objects
from fqi_theory.model.mmdp import MMDP

#: Rows whose large numbers are kept at one time.
ROWS = 1 << 11


@dataclass(frozen=True, eq=False)
class IntegerRows:
    """Some rows of a model in compressed form; row k holds entries indptr[k]:indptr[k+1], none of them empty.

    owners: the state of each row, (K,); successors: (N,); weights: (N,) fmpz, D_k γ P; rewards, denominators: (K,)
    fmpz, D_k r and D_k > 0.
    """

    states: int
    owners: Array
    indptr: Array
    successors: Array
    weights: Array
    rewards: Array
    denominators: Array

    def fixed_point(self) -> tuple[Array, fmpz]:
        """Return (v, d), v: (S,) fmpz, with V = v/d the solution of V = r + γ P V; needs one row a state, in order.

        Raises TooLarge where the system would not fit in memory.
        """
        size, edges = self.states, self.indptr.tolist()
        successors, weights = self.successors.tolist(), self.weights.tolist()
        require_memory("linear system of a policy", (size, size))
        system: Any = fmpz_mat(size, size)
        for s, common in enumerate(self.denominators.tolist()):
            for e in range(edges[s], edges[s + 1]):
                system[s, successors[e]] = -weights[e]
            system[s, s] += common
        right = fmpz_mat(size, 1, self.rewards.tolist())
        solution: Any = system.solve(right)
        numerators, denominator = solution.numer_denom()
        return objects(numerators.entries()), denominator

    def advantages(self, values: Array, denominator: fmpz) -> Array:
        """Return D_k d (r + γ P V - V(s)) for V = values/denominator: fmpz (K,)."""
        parts = [self._advantages(values, denominator, k) for k in range(0, self.owners.size, ROWS)]
        return np.concatenate([objects([]), *parts])

    def _advantages(self, values: Array, denominator: fmpz, first: int) -> Array:
        rows = slice(first, first + ROWS)
        starts, stop = self.indptr[:-1][rows], self.indptr[1:][rows][-1]
        own = slice(starts[0], stop)
        found = np.add.reduceat(self.weights[own] * values[self.successors[own]], starts - starts[0])
        found += self.rewards[rows] * denominator
        found -= self.denominators[rows] * values[self.owners[rows]]
        return np.asarray(found)

    def gains(self, advantages: Array) -> Array:
        """Return advantages of different rows in one unit, as rationals: advantages[k] / D_k."""
        return objects(fmpq(x, d) for x, d in zip(advantages.tolist(), self.denominators.tolist(), strict=True))


def integer_rows(model: MMDP, rows: Array) -> IntegerRows:
    """Return the integer form of some rows (flat indices of (s, a), increasing) of an exact model."""
    indptr, successors, probabilities = model.transition.compressed(rows)
    gamma, edges = model.discount, indptr.tolist()
    shares = (gamma * probabilities).tolist()
    denominators, weights, rewards = [], [], []
    for k, reward in enumerate(model.reward.reshape(-1)[rows].tolist()):
        row = shares[edges[k] : edges[k + 1]]
        common = reward.denom()
        for q in {x.denom() for x in row}:
            common = common.lcm(q)
        denominators.append(common)
        rewards.append(reward.numer() * (common // reward.denom()))
        weights += [(common * x).numer() for x in row]
    owners = rows // (model.reward.size // model.n_states)
    return IntegerRows(
        model.n_states, owners, indptr, successors, objects(weights), objects(rewards), objects(denominators)
    )
