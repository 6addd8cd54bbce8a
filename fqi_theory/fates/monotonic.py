"""The fate of a run of the monotonic class (QMIX), THEORY section 10, Theorem C: never divergence.

Distances are spreads, sp(V) = max V - min V. For given orders the fit is isotonic regression: it keeps order and shifts
with constants. So its maximum exceeds that at V_j by something between γ min and γ max of V - V_j; and the root of its
error, as the data weigh to 1, moves by at most c(s) sp(V - V_j)/2, c(s) = max_{a,b} Σ |γ P(·|s,a) - γ P(·|s,b)| / 2.
Let V_0, ..., V_{k-1} be an orbit, and at each V_j and state with c(s) > 0 let every tuple of orders whose fit has a
maximum other than V_{j+1}(s) (under ε-greedy data: or other best actions) have an error above (u + c(s) D)², u at least
the root of the least error. Then none of them is best where sp(V - V_j) <= D, and a run that comes so near V_0 tends to
the orbit at rate γ. Tuples of equal error do no harm where their maxima agree, nor where c(s) = 0.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, permutations, product
from math import factorial, isqrt, prod

import numpy as np
from flint import fmpq

from fqi_theory.base.matrices import column, identity, matrix, solve_or_none
from fqi_theory.base.progress import Watch
from fqi_theory.base.scalars import Array, exact_array
from fqi_theory.data.sources import DataSource
from fqi_theory.factorization import monotonic
from fqi_theory.factorization.igm import require_full_support
from fqi_theory.fates import certificate as ct
from fqi_theory.fates.fate import Fate
from fqi_theory.fates.problem import Problem
from fqi_theory.model.mmdp import MMDP
from fqi_theory.operators.refits import steps
from fqi_theory.runs.trajectory import Start

#: At most this many tuples of orders are compared at each position of an orbit; longer cycles are not sought.
MOST_ORDERS, LONGEST = 20_000, 256


@dataclass(frozen=True, eq=False)
class Step:
    """One iterate: V (S,), greedy (S, n), and where Q_tot is largest, (S, A_1, ..., A_n), None at the start."""

    values: Array
    greedy: Array
    tops: Array | None

    def key(self, moving: bool) -> tuple[object, ...]:
        """Return what the future of the run depends on."""
        return (*self.values, self.greedy.tobytes() if moving else b"")


def decide_monotonic(
    model: MMDP, source: DataSource, start: Start, most_steps: int, most_bits: int, watch: Watch
) -> Fate:
    """Return the fate of a run under fixed or ε-greedy data of full support: converges, cycles, or unknown."""
    require_full_support(model.reward, source.at(model, start.greedy))
    run = [Step(start.values, start.greedy, None)]
    following = _followed(model, source, start)
    seen = {run[0].key(source.on_policy): 0}
    length = 8
    while True:
        for step in islice(following, length + 1 - len(run)):
            key = step.key(source.on_policy)
            if key in seen:
                orbit = [*run[seen[key] + 1 :], step]
                orbit = [orbit[-1], *orbit[:-1]]
                return _certified(model, source, start, orbit, seen[key], fmpq(0))
            seen[key] = len(run)
            run.append(step)
        watch(length, most_steps)
        for period in _periods(run):
            fate = _attempt(model, source, start, run, period)
            if fate is not None:
                return fate
        bits = max(int(v.q).bit_length() for v in run[-1].values)
        if 2 * length > most_steps or 2 * bits > most_bits:
            tried = f"followed {length} exact steps: no orbit with orders that are best around it was confirmed"
            return Fate("unknown", tried=(tried,))
        length *= 2


def _followed(model: MMDP, source: DataSource, start: Start) -> Iterator[Step]:
    for fit in steps(model, source, monotonic, start.values, start.greedy):
        table = fit.q_tot()
        highest = fit.values.reshape(-1, *[1] * (table.ndim - 1))
        yield Step(fit.values, fit.greedy, np.asarray(table == highest, dtype=bool))


def _periods(run: Sequence[Step]) -> list[int]:
    """Return the least period with which the modes repeat at the end of the run, over a third of it or more."""
    keys = [step.tops.tobytes() + step.greedy.tobytes() for step in run if step.tops is not None]
    tail = len(keys) // 3
    for period in range(1, min(tail, LONGEST) + 1):
        if all(keys[-1 - t] == keys[-1 - t - period] for t in range(max(tail, period))):
            return [period]
    return []


def _attempt(model: MMDP, source: DataSource, start: Start, run: Sequence[Step], period: int) -> Fate | None:
    """Return the fate if the orbit of the last modes is one, with a radius that the run has entered."""
    modes = [(run[t].greedy, run[t + 1].tops) for t in range(len(run) - 1 - period, len(run) - 1)]
    values = _fixed_point(model, source, modes)
    if values is None:
        return None
    orbit = [Step(values, modes[0][0], None)]
    for step in islice(_followed(model, source, Start(values, modes[0][0])), period):
        orbit.append(step)
    if (orbit[-1].values != values).any() or (source.on_policy and (orbit[-1].greedy != modes[0][0]).any()):
        return None
    orbit = [orbit[-1], *orbit[1:-1]]
    radius = _radius(model, source, orbit)
    if radius is None:
        return None
    last = len(run) - 1 - period
    for time in range(last % period, last + 1, period):
        off = run[time].values - values
        near = max(off) - min(off) <= radius
        if near and (not source.on_policy or (run[time].greedy == orbit[0].greedy).all()):
            return _certified(model, source, start, orbit, time, radius)
    return None


def _fixed_point(model: MMDP, source: DataSource, modes: Sequence[tuple[Array, Array | None]]) -> Array | None:
    """Return V with V = c + A V for the composed step V'(s) = mean of y(s,·) over the cells of each mode."""
    size = model.n_states
    total, shift = identity(size), column([fmpq(0)] * size)
    kernel = model.transition.dense()
    for greedy, tops in modes:
        assert tops is not None
        weights = (source.at(model, greedy).joint() * tops.astype(int)).reshape(size, -1)
        weights = weights / weights.sum(axis=1)[:, None]
        rewards = (weights * model.reward.reshape(size, -1)).sum(axis=1)
        rows = (weights[:, :, None] * kernel.reshape(size, -1, size)).sum(axis=1) * model.discount
        step = matrix(exact_array(rows))
        total, shift = step * total, step * shift + matrix(exact_array(rewards))
    found = solve_or_none(identity(size) - total, shift)
    return None if found is None else exact_array(list(found.entries()))


def _radius(model: MMDP, source: DataSource, orbit: Sequence[Step]) -> fmpq | None:
    """Return a spread within which only fits with the orbit's maxima are best around its points, None without one."""
    if prod(map(factorial, model.action_counts)) > MOST_ORDERS:
        return None
    least = fmpq(1)
    shares = _shares(model)
    for j, here in enumerate(orbit):
        following = orbit[(j + 1) % len(orbit)]
        targets, weights = model.backup(here.values), source.at(model, here.greedy).joint()
        for s in np.flatnonzero(shares > 0):
            actions = tuple(map(int, following.greedy[s])) if source.on_policy else None
            gap = _gap(targets[s], weights[s], following.values[s], actions)
            if gap is not None:
                least = min(least, gap / shares[s])
    return _short_below(least) if least > 0 else None


def _shares(model: MMDP) -> Array:
    """Return c(s), (S,)."""
    rows = model.transition.dense().reshape(model.n_states, -1, model.n_states)
    halves = [max(sum(abs(p - q)) for p in own for q in own) / 2 for own in rows]
    return exact_array([model.discount * half for half in halves])


def _gap(table: Array, weights: Array, maximum: fmpq, actions: tuple[int, ...] | None) -> fmpq | None:
    """Return a lower bound on the least √error of tuples to be excluded less u >= the least √error; None: none is."""
    errors, excluded = [], []
    for orders in product(*(permutations(range(count)) for count in table.shape)):
        found = monotonic.under_orders(table, weights, orders)
        errors.append(found.error)
        if found.table[found.greedy] != maximum or (actions is not None and found.greedy != actions):
            excluded.append(found.error)
    if not excluded:
        return None
    return _root_below(min(excluded)) - _root_above(min(errors))


def _root_below(number: fmpq) -> fmpq:
    return fmpq(isqrt(int(number.p * number.q) << 128), int(number.q) << 64)


def _root_above(number: fmpq) -> fmpq:
    return fmpq(isqrt(int(number.p * number.q) << 128) + 1, int(number.q) << 64)


def _short_below(number: fmpq) -> fmpq:
    """Return a power of 2 at most `number` > 0, above a quarter of it."""
    exponent = int(number.p).bit_length() - int(number.q).bit_length() - 1
    return fmpq(2) ** exponent if exponent >= 0 else fmpq(1, 1 << -exponent)


def _certified(model: MMDP, source: DataSource, start: Start, orbit: Sequence[Step], prefix: int, radius: fmpq) -> Fate:
    """Return the fate of a run that is within the radius of the first point at t = prefix."""
    points, greedy = tuple(step.values for step in orbit), tuple(step.greedy for step in orbit)
    problem = Problem(model, source, monotonic, "first", start, np.arange(model.n_states))
    proof = {"kind": "monotonic", "prefix": prefix, "radius": str(radius)}
    if len(orbit) == 1:
        claim = ct.converges(model, points[0], greedy[0])
        loss = exact_array(claim["optimal_values"]) - exact_array(claim["policy_values"])
        document = ct.certificate(problem, claim, proof)
        return Fate("converges", 1, points, greedy, loss=loss, certificate=document)
    document = ct.certificate(problem, ct.cycles(points, greedy), proof)
    return Fate("cycles", len(orbit), points, greedy, certificate=document)
