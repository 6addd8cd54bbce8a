"""Exact limits and cycles that repeating modes would follow for ever, kept where the true step does follow them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise

import numpy as np

from fqi_theory.base.scalars import Array
from fqi_theory.fates.together import steps
from fqi_theory.fates.together.proposals import Runs
from fqi_theory.fates.together.tables import Tables


@dataclass(frozen=True, eq=False)
class Phase:
    """One step of every orbit, from V = numerators (M, S) / denominators (M,), under the data of the greedy actions.

    rows: the forms of the factors (M, S, K, S+1); modes: the new greedy actions (M, S, n); gaps: each factor less the
    agent's largest (M, S, K), over scale · denominators.
    """

    numerators: Array
    denominators: Array
    rows: Array
    modes: Array
    gaps: Array

    def take(self, index: Array) -> "Phase":
        """Return the same of some models."""
        own = self.numerators[index], self.denominators[index], self.rows[index], self.modes[index], self.gaps[index]
        return Phase(*own)


@dataclass(frozen=True, eq=False)
class Orbits:
    """Exact orbits of one period; where: (M,), the models' places in the batch; the run is near phase 0 at T - period.

    The greedy actions at phase 0 are the modes of the last phase.
    """

    where: Array
    tables: Tables
    phases: tuple[Phase, ...]

    def __len__(self) -> int:
        return len(self.where)

    @property
    def period(self) -> int:
        """Return the number of phases."""
        return len(self.phases)

    @property
    def entry(self) -> Array:
        """Return the greedy actions at phase 0, (M, S, n)."""
        return self.phases[-1].modes

    def take(self, index: Array) -> "Orbits":
        """Return the orbits of some models."""
        return Orbits(self.where[index], self.tables.take(index), tuple(phase.take(index) for phase in self.phases))


def modes_of(runs: Runs, where: Array, period: int) -> list[Array]:
    """Return the greedy actions (M, S, n) of the last period + 1 positions of some runs."""
    return [runs.greedy[t][where] for t in range(runs.end - period, runs.end + 1)]


def maps_of(tables: Tables, modes: Sequence[Array]) -> Array:
    """Return the composed affine maps (M, S+1, S+1) of steps between successive greedy actions."""
    pieces = [steps.affine(tables, tables.keys(old), new) for old, new in pairwise(modes)]
    return reduce(lambda done, piece: steps.product(piece, done), pieces)


def orbits_of(tables: Tables, runs: Runs, period: int) -> Orbits:
    """Return the exact orbits of all models whose modes repeat with a period, least for each, and close."""
    where = np.flatnonzero(runs.periods == period)
    modes = modes_of(runs, where, period)
    own = tables.take(where)
    numerators, denominators = steps.fixed_point(maps_of(own, modes))
    there = np.flatnonzero(denominators != 0)
    own, where = own.take(there), where[there]
    found = _followed(own, numerators[there], denominators[there], modes[0][there], period)
    end, last = found[-1], found[0]
    closes = (end.numerators * last.denominators[:, None] == last.numerators * end.denominators[:, None]).all(axis=1)
    phases = found[:-1]
    if tables.on_policy:
        closes &= (phases[-1].modes == modes[0][there]).all(axis=(1, 2))
    for shorter in range(1, period):
        if period % shorter == 0:
            closes &= ~_repeats(phases, shorter, tables.on_policy)
    return Orbits(where, own, tuple(phases)).take(np.flatnonzero(closes))


def _followed(own: Tables, numerators: Array, denominators: Array, greedy: Array, period: int) -> list[Phase]:
    """Return the phases from V and its greedy actions, and the position after them."""
    found = []
    for _ in range(period + 1):
        rows = steps.rows_under(own, own.keys(greedy))
        factors = steps.factors_at(rows, numerators, denominators)
        greedy = steps.greedy_of(own, factors)
        best = steps.chosen(own, factors, greedy)
        found.append(Phase(numerators, denominators, rows, greedy, factors - steps.own_mode(own, best)))
        numerators, denominators = best.sum(axis=2), denominators * own.scale
    return found


def _repeats(phases: Sequence[Phase], shorter: int, on_policy: bool) -> Array:
    """Tell which orbits (M,) have already the shorter period."""
    same = np.ones(len(phases[0].denominators), dtype=bool)
    for j, phase in enumerate(phases):
        other = phases[(j + shorter) % len(phases)]
        left = phase.numerators * other.denominators[:, None]
        same &= (left == other.numerators * phase.denominators[:, None]).all(axis=1)
        if on_policy:
            same &= (phases[j - 1].modes == phases[(j + shorter) % len(phases) - 1].modes).all(axis=(1, 2))
    return same
