"""Models of the benchmarks: dense random ones, and chains and grids that mix slowly."""

from math import prod

import numpy as np
from flint import fmpq

from fqi_theory.base import scalars
from fqi_theory.base.scalars import Array
from fqi_theory.model.mmdp import MMDP
from fqi_theory.model.transitions import DeterministicTransition, SparseTransition


def size_text(states: int, counts: tuple[int, ...]) -> str:
    return f"{states} states, " + " x ".join(map(str, counts))


def dense_float(states: int, counts: tuple[int, ...], seed: int = 1) -> MMDP:
    """Return a float model with full random rows, discount 9/10."""
    generator = np.random.default_rng(seed)
    tensor = generator.random((states, *counts, states))
    tensor /= tensor.sum(axis=-1, keepdims=True)
    return MMDP(generator.standard_normal((states, *counts)), tensor, 0.9)


def dense_exact(states: int, counts: tuple[int, ...], seed: int = 1, discount: str = "9/10") -> MMDP:
    """Return an exact model with full random rows of weights 1..9 over their sum."""
    generator = np.random.default_rng(seed)
    weights = generator.integers(1, 10, (prod((states, *counts)), states))
    rows = [[fmpq(w, total) for w in row] for row, total in _with_sums(weights)]
    tensor = scalars.exact_array(np.array(rows, dtype=object)).reshape(states, *counts, states)
    reward = np.array(generator.integers(-9, 10, (states, *counts)), dtype=object)
    return MMDP(reward, tensor, discount)


def sparse_exact(states: int, counts: tuple[int, ...], fan: int = 4, seed: int = 1, discount: str = "9/10") -> MMDP:
    """Return an exact model whose rows have `fan` different successors."""
    generator = np.random.default_rng(seed)
    cells = prod((states, *counts))
    successors = np.sort(np.argsort(generator.random((cells, states)), axis=1)[:, :fan], axis=1)
    probabilities = [fmpq(w, total) for row, total in _with_sums(generator.integers(1, 10, (cells, fan))) for w in row]
    kernel = SparseTransition(
        (states, *counts),
        states,
        np.arange(0, cells * fan + 1, fan),
        successors.reshape(-1),
        scalars.exact_array(probabilities),
        "exact",
    )
    reward = np.array(generator.integers(-9, 10, (states, *counts)), dtype=object)
    return MMDP(reward, kernel, discount)


def chain(states: int, agents: int = 2, discount: str = "999/1000") -> MMDP:
    """Return a slippery chain: every agent pushes left, right or not; the sum's sign moves one step with chance 3/4.

    The right end pays 1, leaving the left end costs 1/100 a step; a walk needs about |S|² steps to mix.
    """
    counts = (3,) * agents
    place = np.indices((states, *counts))
    push = np.sign(place[1:].sum(axis=0) - agents)
    moved = np.clip(place[0] + push, 0, states - 1)
    reward = np.full((states, *counts), fmpq(-1, 100))
    reward[states - 1] = fmpq(1)
    return MMDP(reward, _slippery(moved, place[0], states), discount, name="chain")


def grid(side: int, discount: str = "99/100") -> MMDP:
    """Return a torus-free grid: one agent chooses the row move, one the column move (stay, back, forth)."""
    states = side * side
    row, column = np.divmod(np.arange(states), side)
    steps = np.array([0, -1, 1])
    to_row = np.clip(row[:, None, None] + steps[None, :, None], 0, side - 1)
    to_column = np.clip(column[:, None, None] + steps[None, None, :], 0, side - 1)
    moved = to_row * side + to_column
    here = np.broadcast_to(np.arange(states)[:, None, None], moved.shape)
    reward = np.full(moved.shape, fmpq(0))
    reward[states - 1] = fmpq(1)
    return MMDP(reward, _slippery(moved, here, states), discount, name="grid")


def deterministic_float(states: int, counts: tuple[int, ...], seed: int = 1) -> MMDP:
    """Return a float model with random sure successors."""
    generator = np.random.default_rng(seed)
    successor = generator.integers(0, states, (states, *counts))
    return MMDP(generator.standard_normal(successor.shape), DeterministicTransition(successor, states, "float"), 0.9)


def deterministic_exact(states: int, counts: tuple[int, ...], seed: int = 1) -> MMDP:
    """Return an exact model with random sure successors and rewards in -9..9."""
    generator = np.random.default_rng(seed)
    reward = np.array(generator.integers(-9, 10, (states, *counts)), dtype=object)
    return MMDP(reward, DeterministicTransition(generator.integers(0, states, reward.shape), states), "9/10")


def _slippery(moved: Array, here: Array, states: int) -> SparseTransition:
    """Return the kernel that moves with chance 3/4 and else stays."""
    sizes, successors, shares = [], [], []
    for target, stay in zip(moved.reshape(-1).tolist(), here.reshape(-1).tolist(), strict=True):
        row = {target: fmpq(1)} if target == stay else {target: fmpq(3, 4), stay: fmpq(1, 4)}
        sizes.append(len(row))
        successors += sorted(row)
        shares += [row[s] for s in sorted(row)]
    indptr = np.concatenate([[0], np.cumsum(sizes)])
    return SparseTransition(moved.shape, states, indptr, np.array(successors), scalars.exact_array(shares), "exact")


def _with_sums(weights: Array) -> zip:  # type: ignore[type-arg]
    return zip(weights.tolist(), weights.sum(axis=1).tolist(), strict=True)
