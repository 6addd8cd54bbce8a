"""How far around an orbit only fits that agree with it are best (docs/certificates.md, `monotonic`).

At each point V_j and state s, with x, E the fit and squared error of the chosen tuple of orders, x', E' those of
another one, and w the data's weights, which sum to 1 at most: where sp(V - V_j) <= D,
    √E' - √E > c(s) D,  or   E' - E > |ℓ|₁ D/2 + (c(s) D)²/2,   ℓ = Σ_a 2 w(a) (x - x')(a) γ P(·|s,a),
shows that the other one is not best, with c(s) = max_{a,b} Σ |γ P(·|s,a) - γ P(·|s,b)| / 2. The roots are distances of
y to cones that hold the constants; E' - E is differentiable in y with gradient 2 w (x - x'), and fits do not expand.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations, product
from math import factorial, isqrt, prod

import numpy as np
from flint import fmpq

from fqi_theory.base.scalars import Array, exact_array
from fqi_theory.factorization import monotonic
from fqi_theory.factorization.fit import Ties
from fqi_theory.factorization.monotonic import MonotoneFit
from fqi_theory.fates.monotone.runs import MonotoneRun, Step
from fqi_theory.model.mmdp import MMDP

#: At most this many tuples of orders are compared at each state of each point of an orbit.
MOST_ORDERS = 20_000
#: No larger radius is stated where nothing limits it.
LARGEST = fmpq(1 << 20)


@dataclass(frozen=True, eq=False)
class Spot:
    """State s at a point of an orbit. targets: y(s,·); weights: w; both (A_1, ..., A_n). rows: γ P(·|s,a), (A, S).

    share: c(s). following: the next point.
    """

    s: int
    targets: Array
    weights: Array
    rows: Array
    share: fmpq
    following: Step

    def fits(self, weights: Array | None = None) -> list[MonotoneFit]:
        """Return the fits for every tuple of orders, under w unless other weights are given."""
        chosen = self.weights if weights is None else weights
        every = product(*(permutations(range(count)) for count in self.targets.shape))
        return [monotonic.under_orders(self.targets, chosen, orders) for orders in every]

    def agrees(self, fit: MonotoneFit, moving: bool) -> bool:
        """Tell whether a fit has the maximum of the next point, and its greedy actions where these matter."""
        same = fit.table[fit.greedy] == self.following.values[self.s]
        return bool(same and (not moving or fit.greedy == tuple(map(int, self.following.greedy[self.s]))))


def comparable(model: MMDP) -> bool:
    """Tell whether all tuples of orders can be compared."""
    return prod(map(factorial, model.action_counts)) <= MOST_ORDERS


def spots(task: MonotoneRun, orbit: Sequence[Step]) -> Iterator[tuple[int, Spot]]:
    """Yield (j, state) for every point j of an orbit and every state."""
    model, shares = task.model, _shares(task.model)
    rows = exact_array(model.transition.dense().reshape(model.n_states, -1, model.n_states) * model.discount)
    for j, here in enumerate(orbit):
        following = orbit[(j + 1) % len(orbit)]
        targets = model.backup(here.values)
        assert following.weights is not None, "every point of an orbit was fitted"
        for s in range(model.n_states):
            yield j, Spot(s, targets[s], following.weights[s], rows[s], shares[s], following)


def _shares(model: MMDP) -> Array:
    """Return c(s), (S,)."""
    rows = model.transition.dense().reshape(model.n_states, -1, model.n_states)
    halves = [max(sum(abs(p - q) for p in own for q in own) / 2) for own in rows]
    return exact_array([model.discount * half for half in halves])


def first_best(fits: Sequence[MonotoneFit], ties: Ties) -> MonotoneFit:
    """Return the first (or last) fit of least error."""
    least = min(fit.error for fit in fits)
    best = [fit for fit in fits if fit.error == least]
    return (min if ties == "first" else max)(best, key=lambda fit: fit.orders)


def radius(task: MonotoneRun, orbit: Sequence[Step]) -> fmpq | None:
    """Return D such that only fits which agree with the next point are best where sp(V - V_j) <= D, None without."""
    least = LARGEST
    for _, spot in spots(task, orbit):
        if spot.share == 0:
            continue
        fits = spot.fits()
        best = first_best(fits, task.ties)
        for fit in fits:
            if not spot.agrees(fit, task.moving):
                least = min(least, beaten_within(fit, best, spot))
                if least == 0:
                    return None
    return least


def beaten_within(other: MonotoneFit, best: MonotoneFit, spot: Spot, still: Array | None = None) -> fmpq:
    """Return D such that `other` is worse than `best` where sp(V - V_j) <= D; 0 where it is not worse.

    still: directions (S, d) that V - V_j keeps to, modulo constants; None for all.
    """
    gap = other.error - best.error
    if gap <= 0:
        return fmpq(0)
    if spot.share == 0:
        return LARGEST
    pull = 2 * spot.weights.reshape(-1) * (best.table - other.table).reshape(-1)
    steep, half = sway(pull @ spot.rows, still), spot.share * spot.share / 2
    root = (-float(steep) + float(steep * steep + 4 * half * gap) ** 0.5) / (2 * float(half))
    slope = short_below(fmpq(*root.as_integer_ratio())) if root > 0 else fmpq(0)
    while slope and gap <= steep * slope + half * slope * slope:
        slope /= 2
    apart = (root_below(other.error) - root_above(best.error)) / spot.share
    return max(slope, short_below(apart) if apart > 0 and still is None else fmpq(0))


def sway(form: Array, still: Array | None) -> fmpq:
    """Return |form|₁/2, form (S,) with sum 0: how far form · V can move per unit of spread; 0 along `still`."""
    if still is not None and not (form @ still).any():
        return fmpq(0)
    return fmpq(np.abs(form).sum() / 2)


def root_below(number: fmpq) -> fmpq:
    """Return a rational at most the square root."""
    return fmpq(isqrt(int(number.p * number.q) << 128), int(number.q) << 64)


def root_above(number: fmpq) -> fmpq:
    """Return a rational at least the square root, as the checker rounds it."""
    return fmpq(isqrt(int(number.p * number.q) << 128) + 1, int(number.q) << 64)


def short_below(number: fmpq) -> fmpq:
    """Return a power of 2 at most `number` > 0, above a quarter of it; at most LARGEST."""
    exponent = int(number.p).bit_length() - int(number.q).bit_length() - 1
    return min(LARGEST, fmpq(2) ** exponent if exponent >= 0 else fmpq(1, 1 << -exponent))
