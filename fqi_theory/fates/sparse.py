"""Affine pieces V' = c + A V of models in which a state leads to few others, kept as the entries that are not 0.

What costs |S|^2 or |S|^3 where A is a table costs as much as there are entries (`condensation`): the fixed point of a
piece, and whether its steps end in it exactly, as they do where every episode ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from flint import fmpq

from fqi_theory.base import condensation
from fqi_theory.base.progress import look
from fqi_theory.base.scalars import Array, objects
from fqi_theory.fates.positions import Positions
from fqi_theory.operators.integers import IntegerOperator

#: Models of fewer states, or of more pairs (state, successor) than this share of all, are followed in tables.
LEAST_STATES, MOST_SHARE = 32, 1 / 8


@dataclass(frozen=True, eq=False)
class SparseMap:
    """V' = c + A V: drift c, a number a state; rows: the entries of A(s, ·) that are not 0, by state."""

    drift: list[fmpq]
    rows: list[dict[int, fmpq]]

    def after(self, first: "SparseMap") -> "SparseMap":
        """Return this map after another one."""
        drift, rows = [], []
        for level, row in zip(self.drift, self.rows, strict=True):
            look()
            found = dict[int, fmpq]()
            for t, a in row.items():
                level += a * first.drift[t]
                for u, b in first.rows[t].items():
                    found[u] = found.get(u, fmpq(0)) + a * b
            drift.append(level)
            rows.append({u: x for u, x in found.items() if x != 0})
        return SparseMap(drift, rows)

    def fixed_point(self) -> Array | None:
        """Return the V with V = c + A V, (S,); None where there is none or more than one."""
        found = condensation.fixed_point(self.rows, self.drift)
        return None if found is None else objects(found)

    @cached_property
    def depth(self) -> int | None:
        """Return after how many steps every deviation from the fixed point is a constant, where that is sure."""
        return condensation.depth(self.rows)


def is_sparse(positions: Positions) -> bool:
    """Tell whether pieces are worth being kept as entries."""
    states = positions.model.n_states
    return states >= LEAST_STATES and positions.pairs <= MOST_SHARE * states * states


def sparse_map(operator: IntegerOperator, mode: Array) -> SparseMap:
    """Return the affine piece of an operator where the greedy actions are `mode`, (S, choosers)."""
    starts = np.concatenate([[0], np.cumsum(operator.action_counts)[:-1]])
    drift, rows = [], []
    for block, own in zip(operator.blocks, (mode + starts).tolist(), strict=True):
        table = block.entries.tolist()
        numbers = [sum(column) for column in zip(*(table[k] for k in own), strict=True)]
        names = range(len(numbers) - 1) if block.successors is None else block.successors.tolist()
        drift.append(fmpq(numbers[-1], block.denominator))
        rows.append({t: fmpq(x, block.denominator) for t, x in zip(names, numbers, strict=False) if x != 0})
    return SparseMap(drift, rows)


def sparse_orbit(positions: Positions, modes: Sequence[Array]) -> SparseMap:
    """Return the map through modes[1:], one step each, data as of the mode before."""
    maps = [sparse_map(positions.integers(old), new) for old, new in pairwise(modes)]
    found = maps[0]
    for following in maps[1:]:
        found = following.after(found)
    return found


def steps_to_orbit(positions: Positions, modes: Sequence[Array]) -> int | None:
    """Return after how many steps of the modes any run is on their orbit, but for a constant; None if not for sure.

    modes: as for `sparse_orbit`. Where it is known no deviation grows for ever, or shrinks for ever.
    """
    if not is_sparse(positions):
        return None
    depth = sparse_orbit(positions, modes).depth
    return None if depth is None else depth * (len(modes) - 1)
