"""Hypothesis strategies for models, data, Q-tables and policies, in exact numbers.

Everything drawn here holds `flint.fmpq` (see `scalars`) and shrinks towards what a counterexample should look like: one
state, one agent, one action, rewards 0, deterministic transitions, uniform data, first actions.

    from hypothesis import given
    from fqi_theory.testing import strategies as fst

    @given(fst.mmdps(states=2, actions=(2, 2), planted_ties=True))
    def test_a_law(model): ...

Wherever a `shape` is asked for, an MMDP does as well; as a tuple it is (S, A_1, ..., A_n).
"""

from collections.abc import Sequence
from math import prod
from typing import Any, Literal, TypeAlias, TypeVar, get_args

import numpy as np
from flint import fmpq
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from fqi_theory.base import scalars
from fqi_theory.base.errors import DataError
from fqi_theory.base.scalars import Array
from fqi_theory.data import sources as data
from fqi_theory.model.mmdp import MMDP
from fqi_theory.model.transitions import SparseTransition, Transition

T = TypeVar("T")
Shape: TypeAlias = MMDP | tuple[int, ...]
Kind: TypeAlias = Literal["any", "deterministic", "stochastic"]

#: Exact distances from a threshold, near enough that a float tolerance may miss the side.
_DISTANCES = ("0", "1e-1", "-1e-1", "1e-3", "-1e-3", "1e-9", "-1e-9", "1e-17", "-1e-17")


@st.composite
def rationals(draw: DrawFn, min_value: Any = -2, max_value: Any = 2, max_denominator: int = 6) -> fmpq:
    """Rationals p/q with min_value <= p/q <= max_value and 1 <= q <= max_denominator; shrinks to integers, then to 0.

    The bounds are exact numbers (int, string, Fraction, fmpq) with an integer between them.
    """
    low, high = scalars.exact(min_value), scalars.exact(max_value)
    denominator = draw(st.integers(1, max_denominator))
    numerator = draw(st.integers(int((low * denominator).ceil()), int((high * denominator).floor())))
    return fmpq(numerator, denominator)


def discounts(*, near_threshold: bool = False) -> SearchStrategy[fmpq]:
    """Discounts 0 <= γ < 1; with `near_threshold` within 1/10 to 1e-17 of 4/5
    (theory notes, section 4), at it, or below 1."""
    if not near_threshold:
        return rationals(0, 1, 12).filter(lambda gamma: gamma < 1)
    distances = [scalars.exact(d) for d in _DISTANCES]
    below_one = [1 - d for d in distances if d > 0]
    return st.sampled_from([fmpq(4, 5) + d for d in distances] + below_one)


def action_counts(*, max_agents: int = 3, max_actions: int = 3, max_joint: int = 12) -> SearchStrategy[tuple[int, ...]]:
    """Tuples (|A_1|, ..., |A_n|), possibly unequal and with 1 among them, of at most `max_joint` joint actions."""
    counts = st.lists(st.integers(1, max_actions), min_size=1, max_size=max_agents).map(tuple)
    return counts.filter(lambda found: prod(found) <= max_joint)


@st.composite
def mmdps(
    draw: DrawFn,
    states: int | SearchStrategy[int] = st.integers(1, 3),  # noqa: B008
    actions: tuple[int, ...] | SearchStrategy[tuple[int, ...]] | None = None,
    *,
    kind: Kind = "any",
    discounts: SearchStrategy[fmpq] | None = None,
    rewards: SearchStrategy[Any] | None = None,
    planted_ties: bool = False,
    near_threshold: bool = False,
) -> MMDP:
    """Exact MMDPs with γ < 1.

    - states, actions: |S| and (|A_1|, ..., |A_n|), fixed or drawn (by default `action_counts()`).
    - kind: "deterministic" keeps successors; "stochastic" draws rows of small-integer weights, kept dense or sparse,
      that shrink to sure successors; "any" draws either.
    - discounts, rewards: strategies for γ and each r(s,a), by default `discounts(near_threshold=...)`, `rationals()`.
    - planted_ties: one action of one agent is made a copy of another, in rewards and transitions, so that the two tie
      at every iteration under every product data, unless no agent has two actions.
    """
    if kind not in get_args(Kind):
        raise DataError(f"kind: expected one of {', '.join(get_args(Kind))}, found {kind!r}")
    if near_threshold and discounts is not None:
        raise DataError("near_threshold: it chooses the discounts, but discounts are given too")
    if isinstance(actions, int):
        raise DataError(f"actions: expected (|A_1|, ..., |A_n|) or a strategy of such tuples, found {actions}")
    shape = (_drawn(draw, states), *_drawn(draw, action_counts() if actions is None else actions))
    copied = draw(_copies(shape)) if planted_ties else None
    cells = prod(shape)
    flat = draw(st.lists(rationals() if rewards is None else rewards, min_size=cells, max_size=cells))
    reward = _copy(scalars.exact_array(flat).reshape(shape), copied)
    gammas = _discounts(near_threshold=near_threshold) if discounts is None else discounts
    if kind == "deterministic" or (kind == "any" and not draw(st.booleans())):
        flat = draw(st.lists(st.integers(0, shape[0] - 1), min_size=cells, max_size=cells))
        kernel: Array | Transition = _copy(np.array(flat).reshape(shape), copied)
    else:
        tensor = _copy(draw(_rows(shape)), copied)
        kernel = sparse(tensor) if draw(st.booleans()) else tensor
    return MMDP(reward, kernel, draw(gammas), agents=reward.ndim - 1, name="drawn")


def marginals(shape: Shape, full_support: bool = True) -> SearchStrategy[tuple[Array, ...]]:
    """Product data p_i(a_i|s): per agent (S, A_i), for `fqi_theory.product`; shrinks to uniform.

    With full_support=False probabilities may be 0.
    """
    states, *counts = _sizes(shape)
    return st.tuples(*[_distributions(states, count, full_support) for count in counts])


def joint_data(shape: Shape, full_support: bool = False) -> SearchStrategy[Array]:
    """Joint data p_D(a|s), correlated or not: (S, A_1, ..., A_n), for `fqi_theory.correlated`; shrinks to uniform."""
    sizes = _sizes(shape)
    return _distributions(sizes[0], prod(sizes[1:]), full_support).map(lambda flat: flat.reshape(sizes))


def data_sources(shape: Shape, full_support: bool = True) -> SearchStrategy[data.DataSource]:
    """Sources of data: uniform, product, correlated, ε-greedy with 0 < ε <= 1; shrinks to uniform."""
    epsilon = rationals("1/10", 1, 10).map(data.epsilon_greedy)
    fixed = marginals(shape, full_support).map(data.product)
    return st.one_of(st.just(data.uniform()), fixed, epsilon, joint_data(shape, full_support).map(data.correlated))


def q_tables(shape: Shape, *, ties: bool = False) -> SearchStrategy[Array]:
    """Joint tables Q_tot (S, A_1, ..., A_n); with `ties` entries are 0 or 1, so that maximisers often tie."""
    sizes = _sizes(shape)
    return _table(sizes, st.integers(0, 1).map(fmpq) if ties else rationals())


def factors(shape: Shape, *, ties: bool = False) -> SearchStrategy[tuple[Array, ...]]:
    """Factors Q_i: per agent (S, A_i), for `fqi_theory.start_from_factors`; `ties` as for `q_tables`."""
    states, *counts = _sizes(shape)
    return st.tuples(*[q_tables((states, count), ties=ties) for count in counts])


def state_values(shape: Shape) -> SearchStrategy[Array]:
    """Values V: (S,)."""
    return _table(_sizes(shape)[:1], rationals())


def policies(shape: Shape) -> SearchStrategy[Array]:
    """Deterministic joint policies, integers (S, n); shrinks to the first actions."""
    states, *counts = _sizes(shape)
    joint = st.tuples(*[st.integers(0, count - 1) for count in counts])
    return st.lists(joint, min_size=states, max_size=states).map(lambda rows: np.array(rows, dtype=int))


def sparse(tensor: Array) -> SparseTransition:
    """Return the sparse kernel of an exact tensor (S, A_1, ..., A_n, S)."""
    rows = tensor.reshape(-1, tensor.shape[-1])
    kept = rows != 0
    indptr = np.concatenate([[0], np.cumsum(kept.sum(axis=1))])
    return SparseTransition(tensor.shape[:-1], tensor.shape[-1], indptr, np.nonzero(kept)[1], rows[kept], "exact")


_discounts = discounts


def _sizes(shape: Shape) -> tuple[int, ...]:
    sizes = shape.reward.shape if isinstance(shape, MMDP) else tuple(shape)
    if len(sizes) < 2 or min(sizes) < 1:
        raise DataError(f"shape: expected (S, A_1, ..., A_n), none of them 0, found {sizes}")
    return sizes


def _drawn(draw: DrawFn, given: T | SearchStrategy[T]) -> T:
    return draw(given) if isinstance(given, SearchStrategy) else given


def _table(sizes: Sequence[int], numbers: SearchStrategy[fmpq]) -> SearchStrategy[Array]:
    count = prod(sizes)
    flat = st.lists(numbers, min_size=count, max_size=count)
    return flat.map(lambda found: scalars.exact_array(found).reshape(sizes))


def _distributions(states: int, count: int, full_support: bool) -> SearchStrategy[Array]:
    """Draw (states, count) rows of small integer weights, normalised; a row of zeros stands for the uniform one."""

    def normalised(flat: list[int]) -> Array:
        weights = np.array(flat).reshape(states, count) + int(full_support)
        weights[weights.sum(axis=1) == 0] = 1
        return scalars.exact_array(weights) / scalars.exact_array(weights.sum(axis=1, keepdims=True))

    return st.lists(st.integers(0, 3), min_size=states * count, max_size=states * count).map(normalised)


@st.composite
def _rows(draw: DrawFn, shape: tuple[int, ...]) -> Array:
    """Draw a tensor (S, A_1, ..., A_n, S): extra weights spread every sure successor; no extra weights, no spread."""
    states, cells = shape[0], prod(shape)
    sure = draw(st.lists(st.integers(0, states - 1), min_size=cells, max_size=cells))
    extra = draw(st.lists(st.integers(0, 2), min_size=cells * states, max_size=cells * states))
    weights = np.array(extra).reshape(cells, states)
    weights[np.arange(cells), sure] += 1
    rows = scalars.exact_array(weights) / scalars.exact_array(weights.sum(axis=1, keepdims=True))
    return np.asarray(rows.reshape(*shape, states))


@st.composite
def _copies(draw: DrawFn, shape: tuple[int, ...]) -> tuple[int, int, int] | None:
    """Draw (agent axis, action, its copy), or None where no agent has two actions."""
    axes = [axis for axis in range(1, len(shape)) if shape[axis] > 1]
    if not axes:
        return None
    axis = draw(st.sampled_from(axes))
    original = draw(st.integers(0, shape[axis] - 2))
    return axis, original, draw(st.integers(original + 1, shape[axis] - 1))


def _copy(table: Array, copied: tuple[int, int, int] | None) -> Array:
    if copied is None:
        return table
    axis, original, copy = copied
    order = np.arange(table.shape[axis])
    order[copy] = original
    return np.take(table, order, axis=axis)
