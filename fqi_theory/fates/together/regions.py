"""Neighbourhoods of orbits that some periods map into themselves (docs/certificates.md, `region`), for many models.

Coordinates are z_k = V(s_k) - V(reference) for all other states, the set is |z_k| <= β u_k. Everything but the gaps of
alternatives is homogeneous in z, so u is fixed first and the largest β follows. Under fixed data an alternative that
ties at the orbit may overtake; what it gains is an error e, homogeneous too. At phase j numbers are over scale^j.
"""

from dataclasses import dataclass
from functools import cached_property, reduce
from operator import add

import numpy as np

from fqi_theory.base.scalars import Array
from fqi_theory.fates.together import steps
from fqi_theory.fates.together.orbits import Orbits

#: Periods in a return: first one, then more.
REPEATS = (1, 2, 4, 8)
#: u = 1 + H(u)/κ is iterated so often, for these κ; widths are integers of so many bits.
ITERATIONS, FACTORS, BITS = 60, (0.5, 0.9, 0.99), 12
#: β where no alternative limits it; what floats leave open.
WIDEST, DOUBT = 2.0**20, 1e-9


@dataclass(frozen=True, eq=False)
class Step:
    """Phase j, |A| (M, S, S) over scale; alternatives: |D C_j| (M, S, K, d), |D| (M, S, K, S), ties (M, S, K)."""

    reach: Array
    bars: Array
    jacobian: Array
    tied: Array


@dataclass(frozen=True, eq=False)
class Passage:
    """The steps of one return, and |Z| (M, d, d); reference: (M,), others: (M, d), states."""

    steps: tuple[Step, ...]
    returned: Array
    reference: Array
    others: Array
    first: tuple[int, ...]
    on_policy: bool

    @cached_property
    def loose(self) -> Array:
        """Tell for which models (M,) an alternative may overtake, so that there are errors."""
        tied = np.stack([step.tied.any(axis=(1, 2)) for step in self.steps]).any(axis=0)
        return np.asarray(tied & (not self.on_policy))

    @cached_property
    def strict(self) -> bool:
        """Tell whether there are errors for no model."""
        return not self.loose.any()

    def take(self, index: Array) -> "Passage":
        """Return the passages of some models."""
        made = [Step(s.reach[index], s.bars[index], s.jacobian[index], s.tied[index]) for s in self.steps]
        own = self.returned[index], self.reference[index], self.others[index]
        return Passage(tuple(made), *own, self.first, self.on_policy)

    def spread(self, widths: Array) -> Array:
        """Return |Z| u + η (M, d) for widths u (M, d)."""
        return steps.applied(self.returned, widths[:, None, :]) if self.strict else self.image(widths)[0]

    def image(self, widths: Array) -> tuple[Array, list[Array]]:
        """Return |Z| u + η (M, d), and the reach of every alternative (M, S, K) at each phase, for widths u (M, d)."""
        reaches = [steps.applied(step.reach, widths[:, None, None, :]) for step in self.steps]
        image = steps.applied(self.returned, widths[:, None, :])
        if self.strict:
            return image, reaches
        error = np.zeros(self.steps[0].jacobian.shape[:2], dtype=widths.dtype)
        for j, step in enumerate(self.steps):
            reaches[j] = reaches[j] + steps.applied(step.bars, error[:, None, None, :])
            gained = np.maximum.reduceat(np.where(step.tied, reaches[j], 0), self.first, axis=2).sum(axis=2)
            error = steps.applied(step.jacobian, error[:, None, :]) + gained
        own = np.take_along_axis(error, self.others, axis=1) + np.take_along_axis(error, self.reference[:, None], 1)
        return image + own, reaches

    def floats(self, scale: Array) -> "Passage":
        """Return the same in float64, no longer over powers of the scale (M,)."""
        found = []
        for j, step in enumerate(self.steps):
            power = (scale ** (j + 1))[:, None, None]
            reach = (step.reach / power[..., None]).astype(float)
            bars, own = ((x / scale.reshape(-1, *[1] * (x.ndim - 1))).astype(float) for x in (step.bars, step.jacobian))
            found.append(Step(reach, bars, own, step.tied))
        returned = (self.returned / (scale ** len(self.steps))[:, None, None]).astype(float)
        return Passage(tuple(found), returned, self.reference, self.others, self.first, self.on_policy)


@dataclass(frozen=True, eq=False)
class Regions:
    """Confirmed regions: reference (M,), others (M, d); widths are shape (M, d) · numerators / denominators (M,)."""

    orbits: Orbits
    repeats: int
    reference: Array
    others: Array
    shape: Array
    numerators: Array
    denominators: Array

    def take(self, index: Array) -> "Regions":
        """Return some of them."""
        own = self.reference[index], self.others[index], self.shape[index]
        return Regions(self.orbits.take(index), self.repeats, *own, self.numerators[index], self.denominators[index])


def regions_of(orbits: Orbits) -> list[Regions]:
    """Return regions around as many orbits as have one, those with fewest periods in a return first."""
    found = []
    for repeats in REPEATS:
        if not len(orbits):
            break
        passage = _passage(orbits, repeats)
        shape = _shape(passage, orbits.tables.scale)
        image, reaches = passage.image(shape)
        power = orbits.tables.scale ** (repeats * orbits.period)
        inside = (image < shape * power[:, None]).all(axis=1)
        numerators, denominators = _factor(orbits, reaches)
        inside &= _held(orbits, passage, reaches, numerators, denominators)
        kept = np.flatnonzero(inside)
        whole = Regions(orbits, repeats, passage.reference, passage.others, shape, numerators, denominators)
        if kept.size:
            found.append(whole.take(kept))
        orbits = orbits.take(np.flatnonzero(~inside))
        if orbits.tables.states == 2 and not any(step.tied.any() for step in passage.steps):
            break
    return found


def _passage(orbits: Orbits, repeats: int) -> Passage:
    tables, states = orbits.tables, orbits.tables.states
    made, ties = [], np.zeros((len(orbits), states), dtype=bool)
    for phase in orbits.phases:
        best = steps.chosen(tables, phase.rows, phase.modes)[..., :-1]
        differences = phase.rows[..., :-1] - steps.own_mode(tables, best)
        tied = (phase.gaps == 0) & (differences != 0).any(axis=-1)
        ties |= tied.any(axis=2)
        made.append((differences, best.sum(axis=2), tied))
    reference = ties.argmin(axis=1)
    everyone = np.arange(states)[None, :].repeat(len(orbits), axis=0)
    others = everyone[everyone != reference[:, None]].reshape(len(orbits), states - 1)
    images = np.eye(states, dtype=int).astype(object)[:, others].transpose(1, 0, 2)
    found = []
    for differences, jacobian, tied in made * repeats:
        reach = np.abs(steps.applied(differences[..., None, :], images.transpose(0, 2, 1)[:, None, None]))
        found.append(Step(reach, np.abs(differences), np.abs(jacobian), tied))
        images = steps.product(jacobian, images)
    own = np.take_along_axis(images, others[:, :, None], axis=1)
    returned = np.abs(own - np.take_along_axis(images, reference[:, None, None], axis=1))
    return Passage(tuple(found), returned, reference, others, tuple(tables.offsets.tolist()), tables.on_policy)


def _shape(passage: Passage, scale: Array) -> Array:
    """Propose u (M, d) with H(u) < u, as integers."""
    best = np.ones(passage.others.shape, dtype=int).astype(object)
    if passage.others.shape[1] > 1:
        near = passage.floats(scale)
        for index in (np.flatnonzero(~near.loose), np.flatnonzero(near.loose)):
            best[index] = _near_shape(near.take(index))
    return best


def _near_shape(near: Passage) -> Array:
    """Return the same for a passage in floats."""
    size = near.others.shape
    best, least = np.ones(size, dtype=int).astype(object), np.full(size[0], np.inf)
    for target in FACTORS if size[0] else ():
        widths = np.ones(size)
        with np.errstate(over="ignore", invalid="ignore"):
            for _ in range(ITERATIONS):
                widths = 1 + near.spread(widths) / target
            widths = widths / widths.max(axis=1, keepdims=True)
            ratio = (near.spread(widths) / widths).max(axis=1)
        better = np.isfinite(widths).all(axis=1) & (ratio < least) & (widths.min(axis=1) > 0)
        least[better] = ratio[better]
        best[better] = np.ceil(widths[better] * 2.0**BITS).astype(np.int64).astype(object)
    return best


def _factor(orbits: Orbits, reaches: list[Array]) -> tuple[Array, Array]:
    """Return β as numerators and denominators (M,): the largest one of three bits, or nearly, without overtaking."""
    limit = np.full(len(orbits), WIDEST)
    for j, reach in enumerate(reaches):
        phase = orbits.phases[j % orbits.period]
        power = orbits.tables.scale ** (j - j % orbits.period)
        room = -phase.gaps * power[:, None, None]
        unit = orbits.phases[0].denominators[:, None, None]
        limiting = (room > 0) & (reach > 0)
        ratio = np.where(limiting, room, 1) / np.where(limiting, reach * unit, 1)
        limit = np.minimum(limit, np.where(limiting, ratio, np.inf).astype(float).min(axis=(1, 2)))
    exponent = np.floor(np.log2(limit * (1 - DOUBT))).astype(int) - 2
    mantissa = np.floor(limit * (1 - DOUBT) / 2.0**exponent).astype(np.int64).astype(object)
    two = np.full(len(orbits), 2, dtype=object)
    return mantissa * two ** np.maximum(exponent, 0).astype(object), two ** np.maximum(-exponent, 0).astype(object)


def _held(orbits: Orbits, passage: Passage, reaches: list[Array], numerators: Array, denominators: Array) -> Array:
    """Tell exactly for which models (M,) no alternative overtakes that did not tie, nor any that changes the data."""
    tables = orbits.tables
    held = np.ones(len(orbits), dtype=bool)
    unit = (orbits.phases[0].denominators * numerators)[:, None, None]
    for j, reach in enumerate(reaches):
        phase = orbits.phases[j % orbits.period]
        power = tables.scale ** (j - j % orbits.period) * denominators
        bound = phase.gaps * power[:, None, None] + reach * unit
        if not tables.on_policy:
            held &= ((bound <= 0) | passage.steps[j].tied).all(axis=(1, 2))
            continue
        places = reduce(add, ([range(count)] for count in tables.counts))
        number = np.concatenate([np.asarray(own) for own in places])
        mine = steps.own_mode(tables, phase.modes)
        wins = number < mine if tables.ties == "first" else number > mine
        held &= ((bound < 0) | (~wins & (bound <= 0))).all(axis=(1, 2))
    return held
