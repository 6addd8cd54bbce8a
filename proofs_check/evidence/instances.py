"""Random exact instances, games with data and whole models: plain frozen data of the judge's own; the engine gets
copies.

Strategies shrink towards few agents, few actions, zeros and uniform weights, so that counterexamples are readable.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np
from hypothesis import strategies as st

from fqi_theory.base import scalars
from fqi_theory.data.sources import JointData, ProductData
from fqi_theory.model.mmdp import MMDP
from proofs_check.evidence.exact import Shape, Table, product_weights, table

SMALL_SHAPES: tuple[Shape, ...] = ((2, 2), (2, 3), (2, 2, 2), (3,), (3, 1, 2))
LARGE_SHAPES: tuple[Shape, ...] = ((2, 2), (3, 3), (2, 2, 2), (4, 2, 3), (2, 2, 2, 2), (1, 4))
TWO_BY_TWO: tuple[Shape, ...] = ((2, 2),)
DISCOUNTS = tuple(map(Fraction, ("0", "1/2", "4/5", "9/10", "99/100")))

Numbers = tuple[Fraction, ...]


@dataclass(frozen=True)
class Game:
    """One state: a table y of `shape` (flat, lexicographic) and data weights, product (per agent) or joint (flat)."""

    shape: Shape
    values: Numbers
    marginals: tuple[Numbers, ...] = ()
    weights: Numbers = ()

    def table(self) -> Table:
        """Return y."""
        return table(self.shape, self.values)

    def data_table(self) -> Table:
        """Return p_D."""
        return product_weights(self.marginals) if self.marginals else table(self.shape, self.weights)

    def array(self) -> Any:
        """Return y as the engine's tensor (1, A_1, ..., A_n)."""
        return tensor(self.values, (1, *self.shape))

    def data(self) -> ProductData | JointData:
        """Return the engine's data."""
        if self.marginals:
            return ProductData(tuple(tensor(m, (1, len(m))) for m in self.marginals))
        return JointData(tensor(self.weights, (1, *self.shape)))


@dataclass(frozen=True)
class Model:
    """An MMDP: reward per state (flat), kernel per state and joint action (a row over S), discount."""

    shape: Shape
    reward: tuple[Numbers, ...]
    kernel: tuple[tuple[Numbers, ...], ...]
    discount: Fraction

    @property
    def states(self) -> int:
        """Return |S|."""
        return len(self.reward)

    def mmdp(self) -> MMDP:
        """Return the engine's model."""
        reward = tensor([x for row in self.reward for x in row], (self.states, *self.shape))
        flat = [x for state in self.kernel for row in state for x in row]
        return MMDP(reward, tensor(flat, (self.states, *self.shape, self.states)), self.discount)

    def backup(self, values: Sequence[Fraction]) -> list[Table]:
        """Return y(s,·) = r(s,·) + γ Σ_s' P(s'|s,·) V(s') by the plain sum."""
        return [
            table(
                self.shape,
                (
                    r + self.discount * sum((p * v for p, v in zip(row, values, strict=True)), Fraction(0))
                    for r, row in zip(rewards, rows, strict=True)
                ),
            )
            for rewards, rows in zip(self.reward, self.kernel, strict=True)
        ]


@dataclass(frozen=True)
class Run:
    """A model with fixed data (product: per agent per state; joint: per state flat) and start values."""

    model: Model
    marginals: tuple[tuple[Numbers, ...], ...]
    weights: tuple[Numbers, ...]
    start: Numbers

    def data_tables(self) -> list[Table]:
        """Return p_D(·|s) for every state."""
        if self.weights:
            return [table(self.model.shape, row) for row in self.weights]
        return [product_weights([agent[s] for agent in self.marginals]) for s in range(self.model.states)]

    def data(self) -> ProductData | JointData:
        """Return the engine's data."""
        if self.weights:
            flat = [x for row in self.weights for x in row]
            return JointData(tensor(flat, (self.model.states, *self.model.shape)))
        shape = self.model.shape
        tables = (
            tensor([x for row in agent for x in row], (-1, k)) for agent, k in zip(self.marginals, shape, strict=True)
        )
        return ProductData(tuple(tables))


def tensor(values: Sequence[Any], shape: tuple[int, ...]) -> Any:
    """Return numbers as the engine's exact array of a shape."""
    return np.asarray(scalars.exact_array(list(values))).reshape(shape)


def rewards(count: int, bound: int = 9) -> st.SearchStrategy[Numbers]:
    """Return strategies of `count` integers in [-bound, bound], as fractions."""
    return _integers(count, -bound, bound).map(lambda row: tuple(map(Fraction, row)))


def distributions(count: int, *, positive: bool = True) -> st.SearchStrategy[Numbers]:
    """Return distributions over `count` outcomes with small integer odds, all positive or possibly zero."""
    return _integers(count, int(positive), 4 if positive else 2).map(_normalised)


@st.composite
def games(draw: Any, shapes: Sequence[Shape], *, data: str = "product", bound: int = 9) -> Game:
    """Draw a game; data: "product" (full support), "sparse" (zeros allowed) or "joint" (full support, correlated)."""
    shape = draw(st.sampled_from(shapes))
    values = draw(rewards(prod(shape), bound))
    if data == "joint":
        return Game(shape, values, weights=draw(distributions(prod(shape))))
    return Game(shape, values, tuple(draw(distributions(k, positive=data == "product")) for k in shape))


@st.composite
def models(
    draw: Any,
    shapes: Sequence[Shape] = SMALL_SHAPES,
    *,
    max_states: int = 3,
    bound: int = 9,
    discounts: Sequence[Fraction] = DISCOUNTS,
    additive: bool = False,
) -> Model:
    """Draw a model; additive: P(s'|s,a) = Σ_i P_i(s'|s,a_i)/n, a kernel that the linear class represents."""
    shape = draw(st.sampled_from(shapes))
    states = draw(st.integers(1, max_states))
    reward = tuple(draw(rewards(prod(shape), bound)) for _ in range(states))
    kernel = tuple(
        _additive_rows(draw, shape, states) if additive else _rows(draw, shape, states) for _ in range(states)
    )
    return Model(shape, reward, kernel, draw(st.sampled_from(discounts)))


@st.composite
def runs(draw: Any, model: st.SearchStrategy[Model], *, correlated: bool = True) -> Run:
    """Draw a model with fixed full-support data, product or (if allowed) correlated, and start values."""
    drawn = draw(model)
    start = draw(rewards(drawn.states, 20))
    if correlated and draw(st.booleans()):
        return Run(drawn, (), tuple(draw(distributions(prod(drawn.shape))) for _ in range(drawn.states)), start)
    marginals = tuple(tuple(draw(distributions(k)) for _ in range(drawn.states)) for k in drawn.shape)
    return Run(drawn, marginals, (), start)


def _integers(count: int, low: int, high: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(low, high), min_size=count, max_size=count)


def _normalised(odds: Sequence[int]) -> Numbers:
    total = sum(odds)
    if total == 0:
        return (Fraction(1), *[Fraction(0)] * (len(odds) - 1))
    return tuple(Fraction(x, total) for x in odds)


def _rows(draw: Any, shape: Shape, states: int) -> tuple[Numbers, ...]:
    odds = draw(_integers(prod(shape) * states, 0, 2))
    return tuple(_normalised(odds[k : k + states]) for k in range(0, len(odds), states))


def _additive_rows(draw: Any, shape: Shape, states: int) -> tuple[Numbers, ...]:
    own = [[draw(distributions(states, positive=False)) for _ in range(k)] for k in shape]
    n = len(shape)
    cells = table(shape, [None] * prod(shape))
    return tuple(
        tuple(sum((own[i][x][s] for i, x in enumerate(a)), Fraction(0)) / n for s in range(states)) for a in cells
    )
