"""Lower bounds on the error of monotone fits, for many orders of actions at once: floats with a proved margin.

An order of the actions that is only begun (the best k of them, in sequence, all others below these) asks for less than
any order that continues it, so its least error is a lower bound for all of them. That error is bounded by duality: with
multipliers μ >= 0 on x(low) <= x(high) and g(a) = Σ μ out of a upwards - Σ μ into a,
    Σ w (x - y)² >= Σ_a 2 g(a) y(a) - g(a)² / w(a)   for every x that obeys,
whatever μ is: an unfinished ascent gives a smaller bound, never a wrong one. What rounding can add is counted.
"""

from collections.abc import Sequence

import numpy as np

from fqi_theory.base.scalars import Array

#: Steps of each round of ascent; whoever is bounded well enough after a round is left out of the next.
ROUNDS = (8, 24, 80, 240)
#: Orders that are bounded together; so few of them are not worth a further round.
TOGETHER, SPARED = 512, 8
#: Below this, numbers may be too near to where floats end for a relative rounding error: such weights are not bounded.
LEAST = 1e-280
_UNIT = 2.0**-53


def lower_bounds(table: Array, weights: Array, orders: Sequence[Array], begun: Sequence[int], enough: float) -> Array:
    """Return for each tuple of begun orders a lower bound on the error of all fits that continue it, (B,).

    table, weights: floats (A_1, ..., A_n), w > 0. orders: per agent actions (B, A_i), the best begun[i] first. A bound
    above `enough` is not improved further. Valid for every table and weights that round to these.
    """
    count = len(orders[0])
    result = np.full(count, -np.inf)
    if weights.min() < LEAST:
        return result
    with np.errstate(all="ignore"):
        for start in range(0, count, TOGETHER):
            part = slice(start, min(start + TOGETHER, count))
            result[part] = _bounded(table, weights, [order[part] for order in orders], begun, enough)
    return result


def _bounded(table: Array, weights: Array, orders: Sequence[Array], begun: Sequence[int], enough: float) -> Array:
    y, w = _permuted(table, orders), _permuted(weights, orders)
    multipliers = [np.zeros_like(_along(y, i)[1:]) for i in range(len(begun))]
    result, left = np.full(y.shape[-1], -np.inf), np.arange(y.shape[-1])
    for steps in ROUNDS:
        multipliers = _ascend(y, w, multipliers, begun, steps)
        result[left] = np.maximum(result[left], _dual(y, w, multipliers, begun))
        stay = result[left] <= enough
        if stay.sum() <= SPARED:
            break
        left, y, w = left[stay], y[..., stay], w[..., stay]
        multipliers = [m[..., stay] for m in multipliers]
    return result


def _permuted(table: Array, orders: Sequence[Array]) -> Array:
    """Return the table in each of the orders, (A_1, ..., A_n, B)."""
    n = len(orders)
    places = [
        order.T.reshape(*[-1 if j == i else 1 for j in range(n)], order.shape[0]) for i, order in enumerate(orders)
    ]
    return np.ascontiguousarray(table[tuple(places)])


def _along(array: Array, axis: int) -> Array:
    """Return a view with one agent's axis first."""
    return np.moveaxis(array, axis, 0)


def _ascend(y: Array, w: Array, multipliers: list[Array], begun: Sequence[int], steps: int) -> list[Array]:
    """Return better multipliers: accelerated projected gradient steps, of lengths that diagonal dominance allows."""
    lengths = _lengths(w, begun)
    inverse = 1.0 / w
    ahead = multipliers
    for k in range(steps):
        x = y - _net(ahead, y.shape, begun) * inverse
        risen = [
            np.maximum(m + length * _falls(_along(x, i), begun[i]), 0.0)
            for i, (m, length) in enumerate(zip(ahead, lengths, strict=True))
        ]
        momentum = k / (k + 3)
        ahead = [new + momentum * (new - old) for new, old in zip(risen, multipliers, strict=True)]
        multipliers = risen
    return multipliers


def _falls(x: Array, begun: int) -> Array:
    """Return x(low) - x(high) of all steps: places below `begun` to the one before, the rest to the last of them."""
    return np.concatenate([x[1:begun] - x[: begun - 1], x[begun:] - x[begun - 1]])


def _net(multipliers: Sequence[Array], shape: tuple[int, ...], begun: Sequence[int]) -> Array:
    """Return g: what leaves each cell upwards, less what comes in from below."""
    total = np.zeros(shape)
    for i, (m, k) in enumerate(zip(multipliers, begun, strict=True)):
        out = _along(total, i)
        out[1:] += m
        out[: k - 1] -= m[: k - 1]
        out[k - 1] -= m[k - 1 :].sum(axis=0)
    return total


def _touching(multipliers: Sequence[Array], shape: tuple[int, ...], begun: Sequence[int]) -> Array:
    """Return the sum of all multipliers at each cell, whatever their direction."""
    total = np.zeros(shape)
    for i, (m, k) in enumerate(zip(multipliers, begun, strict=True)):
        out = _along(total, i)
        out[1:] += m
        out[: k - 1] += m[: k - 1]
        out[k - 1] += m[k - 1 :].sum(axis=0)
    return total


def _lengths(w: Array, begun: Sequence[int]) -> list[Array]:
    """Return a step length for every multiplier: 1 / (degree / w at its low end + the same at its high end)."""
    ones = [np.ones_like(_along(w, i)[1:]) for i in range(len(begun))]
    load = _touching(ones, w.shape, begun) / w
    lengths = []
    for i, k in enumerate(begun):
        own = _along(load, i)
        high = np.concatenate([own[: k - 1], np.broadcast_to(own[k - 1], own[k:].shape)])
        lengths.append(1.0 / (own[1:] + high))
    return lengths


def _dual(y: Array, w: Array, multipliers: list[Array], begun: Sequence[int]) -> Array:
    """Return Σ 2 g y - g²/w less all that rounding of the data and of this sum can have added, (B,)."""
    cells = tuple(range(y.ndim - 1))
    net, touching = _net(multipliers, y.shape, begun), _touching(multipliers, y.shape, begun)
    value = (2.0 * net * y - net * net / w).sum(axis=cells)
    terms = (2.0 * touching * (np.abs(y) + LEAST) + touching * touching / w).sum(axis=cells)
    roundings = y[..., 0].size + 4 * sum(y.shape[:-1]) + 20
    bound = value - 2.0 * roundings * _UNIT * terms - LEAST
    return np.where(np.isfinite(bound), bound, -np.inf)
