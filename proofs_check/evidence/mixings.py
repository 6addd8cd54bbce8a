"""QPLEX mixings of random or symbolic factors, written as plain sums, and the maximiser sets that IGM compares."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

import numpy as np
import sympy
from hypothesis import strategies as st

from fqi_theory.factorization import qplex
from proofs_check.evidence import exact
from proofs_check.evidence.exact import JointAction, Shape, Table
from proofs_check.evidence.instances import Numbers, rewards, tensor

PATTERN_SHAPES: tuple[Shape, ...] = ((3,), (2, 2), (2, 3), (2, 2, 2))
Sets = tuple[frozenset[int], ...]


@dataclass(frozen=True)
class Mixing:
    """Factors (per agent) and weights λ (per agent, flat over joint actions)."""

    shape: Shape
    factors: tuple[Numbers, ...]
    weights: tuple[Numbers, ...]

    def table(self) -> Table:
        """Return Σ_i V_i + Σ_i λ_i(a) (Q_i(a_i) - V_i) by the plain sum."""
        tops = [max(f) for f in self.factors]
        weights = [exact.table(self.shape, w) for w in self.weights]
        return {
            a: sum(
                (
                    tops[i] + weights[i][a] * (f[x] - tops[i])
                    for i, (f, x) in enumerate(zip(self.factors, a, strict=True))
                ),
                Fraction(0),
            )
            for a in exact.joint_actions(self.shape)
        }

    def engine_table(self) -> Table:
        """Return the engine's Q_tot."""
        factors = [tensor(f, (1, len(f))) for f in self.factors]
        found = qplex.mix(factors, [tensor(w, (1, *self.shape)) for w in self.weights], closed=True)
        return exact.table(self.shape, exact.fractions(found.flat))


def best_sets(factors: Sequence[Sequence[Any]]) -> frozenset[JointAction]:
    """Return Π_i argmax Q_i."""
    return frozenset(product(*([x for x, q in enumerate(f) if q == max(f)] for f in factors)))


def patterns(shape: Shape) -> Iterator[Sets]:
    """Yield every choice of non-empty maximiser sets (B_1, ..., B_n)."""
    for mask in product(*(range(1, 1 << k) for k in shape)):
        yield tuple(frozenset(x for x in range(k) if m >> x & 1) for k, m in zip(shape, mask, strict=True))


def symbolic_factors(shape: Shape, sets: Sets) -> list[Any]:
    """Return Q_i = V_i on B_i and V_i - (positive symbol) off it, per agent (1, A_i)."""
    result = []
    for i, (k, members) in enumerate(zip(shape, sets, strict=True)):
        level = sympy.Symbol(f"V{i + 1}", real=True)
        gaps = [0 if x in members else sympy.Symbol(f"d{i + 1}_{x}", positive=True) for x in range(k)]
        result.append(np.array([[level - gap for gap in gaps]], dtype=object))
    return result


@st.composite
def mixings(draw: Any, shapes: Sequence[Shape], least: int) -> Mixing:
    """Draw factors and weights λ >= least (integers up to 4)."""
    shape = draw(st.sampled_from(shapes))
    factors = tuple(draw(rewards(k, 3)) for k in shape)
    weight = st.integers(least, 4).map(Fraction)
    size = prod(shape)
    weights = tuple(draw(st.lists(weight, min_size=size, max_size=size).map(tuple)) for _ in shape)
    return Mixing(shape, factors, weights)
