"""Positions (V, g), one exact step, and the affine pieces of the step.

Under fixed data the greedy actions g have no influence; under ε-greedy data they choose the data. In phase "data of
g, new greedy actions `mode`" the step is affine, V' = c + A V, and stays so while no alternative action overtakes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from flint import fmpq_mat

from fqi_theory.base.matrices import array, column, floats, matrix
from fqi_theory.base.progress import look
from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import DataSource
from fqi_theory.factorization import linear
from fqi_theory.factorization.fit import Ties
from fqi_theory.model.mmdp import MMDP
from fqi_theory.operators.exact import Credit, ExactOperators
from fqi_theory.operators.integers import IntegerFit, IntegerOperator, IntegerValues
from fqi_theory.operators.value_space import ValueOperator


@dataclass(frozen=True, eq=False)
class Piece:
    """One affine piece V' = c + A V with its alternatives.

    drift: c (S, 1); jacobian: A (S, S). Alternative k changes the action of agent agents[k] in state owners[k]; its
    factor minus that of the mode is offsets[k] + rows[k] · V, (N, 1) and (N, S); earlier[k] tells whether it wins a
    tie.
    """

    drift: fmpq_mat
    jacobian: fmpq_mat
    owners: Array
    agents: Array
    rows: fmpq_mat
    offsets: fmpq_mat
    earlier: Array

    @cached_property
    def jacobian_floats(self) -> Array:
        """Return A in float64, (S, S), for proposals."""
        return floats(self.jacobian)

    @cached_property
    def rows_floats(self) -> Array:
        """Return the rows of the alternatives in float64, (N, S), for proposals."""
        return floats(self.rows)

    @cached_property
    def offsets_floats(self) -> Array:
        """Return the offsets of the alternatives in float64, (N,), for proposals."""
        return floats(self.offsets)[:, 0]

    @cached_property
    def drift_floats(self) -> Array:
        """Return c in float64, (S,), for proposals."""
        return floats(self.drift)[:, 0]

    def at(self, point: Array) -> Array:
        """Return c + A V at a point (S,), exactly: (S,)."""
        return array(self.drift + self.jacobian * column(list(point)))[:, 0]

    def gaps(self, point: Array) -> Array:
        """Return factor of the alternative minus that of the mode at a point (S,), exactly: (N,)."""
        return array(self.offsets + self.rows * column(list(point)))[:, 0]


class Positions:
    """The exact step of one model under one data source; remembers the data it was asked for (a cache, no state)."""

    def __init__(self, model: MMDP, source: DataSource, ties: Ties = "first", credit: Credit = linear.credit) -> None:
        self.model = model
        self.source = source
        self.ties: Ties = ties
        self.on_policy = source.on_policy
        self._operators = ExactOperators(model, source, credit=credit)

    @cached_property
    def pairs(self) -> int:
        """Return how many pairs there are of a state and one that may follow it, however the kernel is kept."""
        indptr, successors, chances = self.model.transition.compressed()
        owners = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr)) * self.model.n_states // self.model.reward.size
        own = chances != 0
        return int(np.unique(owners[own] * self.model.n_states + successors[own]).size)

    def operator(self, greedy: Array) -> ValueOperator:
        """Return F under the data of `greedy` (S, n)."""
        return self._operators.rationals(greedy)

    def integers(self, greedy: Array) -> IntegerOperator:
        """Return F under the data of `greedy` (S, n) in integers."""
        return self._operators.integers(greedy)

    def step(self, values: IntegerValues, greedy: Array) -> IntegerFit:
        """Return the next position (V', g')."""
        return self._operators.integers(greedy).step(values, self.ties)

    def steps(self, values: IntegerValues, greedy: Array) -> Iterator[tuple[IntegerValues, Array]]:
        """Yield the positions (V', g') after one step from (V, g) and another, without end."""
        return self._operators.steps(values, greedy, self.ties)

    def affine(self, greedy: Array, mode: Array) -> tuple[fmpq_mat, fmpq_mat]:
        """Return (c, A) of the affine piece, without its alternatives; greedy, mode: (S, n)."""
        look()
        operator, states = self.operator(greedy), np.arange(self.model.n_states)
        drift = np.sum([r[states, mode[:, i]] for i, r in enumerate(operator.rewards)], axis=0)
        jacobian = np.sum([p[states, mode[:, i]] for i, p in enumerate(operator.transitions)], axis=0)
        return matrix(drift), matrix(self.model.discount * jacobian)

    def piece(self, greedy: Array, mode: Array) -> Piece:
        """Return the affine piece under the data of `greedy` where the new greedy actions are `mode`, both (S, n)."""
        operator, states = self.operator(greedy), np.arange(self.model.n_states)
        gamma = self.model.discount
        drift, jacobian = self.affine(greedy, mode)
        owners, agents, rows, offsets, earlier = [], [], [], [], []
        for i, (r, p) in enumerate(zip(operator.rewards, operator.transitions, strict=True)):
            for x in range(r.shape[1]):
                other = states[mode[:, i] != x]
                own = mode[other, i]
                owners.append(other)
                agents.append(np.full(other.shape, i))
                rows.append(gamma * (p[other, x] - p[other, own]))
                offsets.append(r[other, x] - r[other, own])
                earlier.append(x < own if self.ties == "first" else x > own)
        return Piece(
            drift,
            jacobian,
            np.concatenate(owners),
            np.concatenate(agents),
            matrix(np.concatenate(rows)),
            matrix(np.concatenate(offsets)),
            np.concatenate(earlier),
        )
