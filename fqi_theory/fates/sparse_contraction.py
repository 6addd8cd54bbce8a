"""The criterion of `contraction` for rows of few entries, and the fixed point that it makes every run tend to.

Both are proposed in sparse float64 and confirmed exactly: weights by |K| w <= κ w, row by row, and the fixed point by
the actions that are greedy where a float run settles, whose affine piece has one (`orbits.orbit_of_modes`).
"""

from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from flint import fmpq, fmpz

from fqi_theory.base.matrices import round_up
from fqi_theory.base.progress import look
from fqi_theory.base.scalars import Array
from fqi_theory.fates.contraction import LARGEST_WEIGHT, MOST_ROUNDS, SLACK, Contraction
from fqi_theory.fates.orbits import Orbit, orbit_of_modes
from fqi_theory.fates.positions import Positions
from fqi_theory.fates.sparse import sparse_orbit
from fqi_theory.operators.blocks import Block
from fqi_theory.operators.integers import IntegerOperator, integer_values

#: The most entries of |K|, over all states and joint actions.
MOST_ENTRIES = 2_000_000
#: Steps in floats, and where they have settled, as a part of the values; corrections by exact greedy actions.
MOST_STEPS, SETTLED, CORRECTIONS = 1 << 14, 1e-14, 8


@dataclass(frozen=True, eq=False)
class _Rows:
    """|K| γ at one state: `numbers` (N, k) over the denominator of its block, by joint action and successor."""

    block: Block
    successors: list[int]
    numbers: Array

    def most(self, weights: list[fmpz]) -> fmpz:
        """Return the largest Σ_t |row_t| weights_t, times the denominator."""
        own = [weights[t] for t in self.successors]
        return max(sum((x * w for x, w in zip(row, own, strict=True)), fmpz(0)) for row in self.numbers.tolist())


def sparse_contraction(positions: Positions, greedy: Array) -> Contraction | None:
    """Return weights w > 0 and a factor κ < 1 with γ |K| w <= κ w; None if none are found, or |K| is too large.

    greedy: any that the data may follow, (S, choosers); the data are fixed.
    """
    joint = int(np.prod(positions.model.action_counts))
    if positions.pairs * joint > MOST_ENTRIES:
        return None
    rows = [_rows(block, positions.model.action_counts) for block in positions.integers(greedy).blocks]
    states = len(rows)
    for proposed in (np.ones(states), _least_weights(rows, joint)):
        if proposed is None or not proposed.max() < LARGEST_WEIGHT:
            return None
        weights = round_up(proposed, bits=30)
        whole = integer_values(np.array(weights, dtype=object))
        listed = list(whole.numerators)
        factor = max(fmpq(own.most(listed), own.block.denominator * w) for own, w in zip(rows, listed, strict=True))
        if factor < 1:
            return Contraction(tuple(weights), factor)
    return None


def _rows(block: Block, counts: tuple[int, ...]) -> _Rows:
    look()
    table = np.array(block.entries.tolist(), dtype=object)[:, :-1]
    found, *others = (table[a:b] for a, b in pairwise(accumulate(counts, initial=0)))
    for own in others:
        found = (found[:, None] + own[None]).reshape(-1, table.shape[1])
    kept = (found != 0).any(axis=0)
    names = np.arange(len(kept)) if block.successors is None else block.successors
    return _Rows(block, names[kept].tolist(), np.abs(found[:, kept]))


def _least_weights(rows: list[_Rows], joint: int) -> Array | None:
    """Return in floats the least w with w >= |K| γ w + 1, (S,), by policy iteration; None where there is none."""
    from scipy.sparse import csr_matrix, identity
    from scipy.sparse.linalg import splu

    states = len(rows)
    sizes = np.repeat([len(own.successors) for own in rows], joint)
    entries = [_ratio(x, own.block.denominator) for own in rows for x in own.numbers.reshape(-1)]
    names = np.array([t for own in rows for t in own.successors * joint], dtype=int)
    table = csr_matrix((entries, names, np.concatenate([[0], np.cumsum(sizes)])), shape=(states * joint, states))
    firsts, chosen = np.arange(states) * joint, np.asarray(table.sum(axis=1)).reshape(states, joint).argmax(axis=1)
    for _ in range(MOST_ROUNDS):
        look()
        try:
            found = splu((identity(states) - table[firsts + chosen]).tocsc()).solve(np.ones(states))
        except RuntimeError:
            return None
        if not (found > 0).all():
            return None
        reached = (table @ found).reshape(states, joint)
        if (reached.max(axis=1) + 1 <= found * (1 + SLACK)).all():
            return np.asarray(found)
        chosen = reached.argmax(axis=1)
    return None


def fixed_point(positions: Positions, greedy: Array) -> Orbit | None:
    """Return the point that one exact step maps to itself, found where a float run settles; None if that is none.

    For steps that contract, with the data of `greedy` (S, choosers): their float runs stay bounded.
    """
    operator = positions.integers(greedy)
    mode = _settled(operator)
    for _ in range(CORRECTIONS):
        orbit = orbit_of_modes(positions, [mode, mode])
        if orbit is not None:
            return orbit
        better = _improved(positions, mode)
        if better is None or (better == mode).all():
            return None
        mode = better
    return None


def _improved(positions: Positions, mode: Array) -> Array | None:
    """Return what is greedy, exactly, at the fixed point of the affine piece of some actions."""
    point = sparse_orbit(positions, [mode, mode]).fixed_point()
    return None if point is None else positions.step(integer_values(point), mode).greedy


def _settled(operator: IntegerOperator) -> Array:
    """Return the actions that are greedy at the end of a float run from 0, (S, choosers)."""
    from scipy.sparse import csr_matrix

    states, counts = len(operator.blocks), operator.action_counts
    rewards, data, names, sizes = list[float](), list[float](), list[int](), list[int]()
    for block in operator.blocks:
        own = range(states) if block.successors is None else block.successors.tolist()
        for *row, reward in block.entries.tolist():
            rewards.append(_ratio(reward, block.denominator))
            data += [_ratio(x, block.denominator) for x in row]
            names += own
            sizes.append(len(row))
    shape = states * sum(counts), states
    table = csr_matrix((data, names, np.concatenate([[0], np.cumsum(sizes)])), shape=shape)
    values, level = np.zeros(states), np.array(rewards)
    ends = list(pairwise(accumulate(counts, initial=0)))
    for _ in range(MOST_STEPS):
        look()
        factors = (level + table @ values).reshape(states, -1)
        following = np.sum([factors[:, a:b].max(axis=1) for a, b in ends], axis=0)
        settled = np.abs(following - values).max() <= SETTLED * (1 + np.abs(following).max())
        values = following
        if settled:
            break
    return np.stack([factors[:, a:b].argmax(axis=1) for a, b in ends], axis=1)


def _ratio(number: Any, denominator: Any) -> float:
    return int(number) / int(denominator)
