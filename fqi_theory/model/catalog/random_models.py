"""Seeded random models: exact rationals with small denominators, the same for the same seed."""

from collections.abc import Sequence
from math import prod
from typing import Any, Literal

import numpy as np
from flint import fmpq

from fqi_theory.base.counts import whole
from fqi_theory.base.errors import ModelError
from fqi_theory.model.formats.kernels import kernel_from_rows, require_rows
from fqi_theory.model.mmdp import MMDP

SOURCE = "ours: seeded random family"


def random_model(
    seed: int = 1,
    states: int = 3,
    actions: Sequence[int] = (2, 2),
    kind: Literal["deterministic", "stochastic"] = "deterministic",
    discount: Any = "9/10",
) -> MMDP:
    """Return a random exact model with |S| = states and |A_i| = actions[i].

    Rewards are p/q with p uniform in -9..9 and q uniform in 1, 2, 3. Successors are uniform; for "stochastic" every
    row is a vector of weights uniform in 0..3 divided by their sum (one uniform successor where the sum is 0).
    Drawn from numpy's default generator seeded with `seed`. Raises ModelError or TooLarge.
    """
    if not isinstance(actions, Sequence | np.ndarray) or isinstance(actions, str):
        raise ModelError(f"actions: expected a number for each agent, such as (2, 2), found {actions!r}")
    seed = whole(seed, "seed")
    shape = (whole(states, "states"), *(whole(count, "actions") for count in actions))
    if len(shape) < 2 or min(shape) < 1:
        raise ModelError(f"states, actions: expected at least one of each, found {states} and {tuple(actions)}")
    if kind not in ("deterministic", "stochastic"):
        raise ModelError(f"kind: expected 'deterministic' or 'stochastic', found {kind!r}")
    require_rows(states, [*actions, states] if kind == "stochastic" else actions)
    generator = np.random.default_rng(seed)
    count = prod(shape)
    tops, bottoms = generator.integers(-9, 10, count).tolist(), generator.integers(1, 4, count).tolist()
    reward = np.empty(count, dtype=object)
    reward[:] = [fmpq(p, q) for p, q in zip(tops, bottoms, strict=True)]
    sure = generator.integers(0, states, count)
    name = f"random(seed={seed},states={states},actions={'x'.join(map(str, actions))},kind={kind})"
    kernel: Any = sure.reshape(shape)
    if kind == "stochastic":
        kernel = kernel_from_rows(_rows(generator.integers(0, 4, (count, states)), sure.tolist()), shape)
    return MMDP(reward.reshape(shape), kernel, discount, agents=len(shape) - 1, name=name, source=SOURCE)


def _rows(weights: np.ndarray[Any, Any], sure: Sequence[int]) -> list[dict[int, fmpq]]:
    rows = []
    for line, fallback in zip(weights.tolist(), sure, strict=True):
        total = sum(line)
        rows.append({s: fmpq(w, total) for s, w in enumerate(line) if w} if total else {fallback: fmpq(1)})
    return rows
