"""Proposals for the long-run behaviour: which modes repeat, and the exact orbit that they would follow for ever."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, pairwise

import numpy as np
from flint import fmpq_mat

from fqi_theory.base.matrices import array, column, column_basis, identity, product, solve_or_none
from fqi_theory.base.progress import look
from fqi_theory.base.scalars import Array
from fqi_theory.fates.positions import Piece, Positions
from fqi_theory.fates.sparse import is_sparse, sparse_orbit
from fqi_theory.operators.integers import IntegerValues, integer_values

#: Periods up to LONGEST are tried for every model, longer ones where |S| times the period is at most SMALL: the numbers
#: of an orbit have as many digits as its period has steps.
LONGEST, SMALL = 64, 2048


@dataclass(frozen=True, eq=False)
class History:
    """Exact positions visited: values[t], greedy[t] for t = 0, 1, ..., T."""

    values: list[IntegerValues]
    greedy: list[Array]

    def extend(self, positions: Positions, length: int) -> None:
        """Run exact steps until there are `length` of them; raises OutOfTime between two."""
        for values, greedy in islice(positions.steps(self.values[-1], self.greedy[-1]), length + 1 - len(self.values)):
            self.values.append(values)
            self.greedy.append(greedy)
            look()

    def bits(self) -> int:
        """Return the bit length of the latest denominator: the cost of going on."""
        return int(self.values[-1].denominator.bit_length())


@dataclass(frozen=True, eq=False)
class Orbit:
    """Positions points[j] (S,), greedy[j] with step(points[j], greedy[j]) = (points[j+1], modes[j]), cyclically.

    greedy[0] is the entry, greedy[j+1] = modes[j].
    """

    points: tuple[Array, ...]
    modes: tuple[Array, ...]
    positions: Positions

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """Return the affine pieces of the steps with their alternatives, as tables, made when first asked for."""
        return tuple(self.positions.piece(self.modes[j - 1], mode) for j, mode in enumerate(self.modes))

    @property
    def period(self) -> int:
        """Return the number of points."""
        return len(self.points)

    @property
    def maps(self) -> list[tuple[fmpq_mat, fmpq_mat]]:
        """Return the affine maps (c_j, A_j) of the steps."""
        return [(piece.drift, piece.jacobian) for piece in self.pieces]

    @cached_property
    def gaps(self) -> tuple[Array, ...]:
        """Return, phase by phase, factor of each alternative minus that of the mode at the point, exactly: (N,)."""
        return tuple(piece.gaps(point) for piece, point in zip(self.pieces, self.points, strict=True))

    @cached_property
    def has_tie(self) -> bool:
        """Tell whether an alternative with another row ties at the orbit: no full neighbourhood is under one mode."""
        return any(
            piece.rows[int(k), s] != 0
            for piece, gaps in zip(self.pieces, self.gaps, strict=True)
            for k in np.flatnonzero(gaps == 0)
            for s in range(piece.rows.ncols())
        )

    @property
    def entry(self) -> Array:
        """Return the greedy actions at points[0]."""
        return self.modes[-1]


def candidate_periods(history: History) -> list[int]:
    """Return periods worth trying, most plausible first: repeating greedy actions, then repeating values."""
    end, longest = len(history.values) - 1, longest_period(history)
    found = []
    for k in range(1, min(longest, end // 3) + 1):
        window = max(2 * k, 4)
        if end - window - k < 0:
            break
        if all((history.greedy[t] == history.greedy[t - k]).all() for t in range(end - window + 1, end + 1)):
            found.append(k)
            break
    near = _nearest_return(history, min(longest, end // 2))
    found += [k for k in near if k not in found]
    return found


def longest_period(history: History) -> int:
    """Return up to which period greedy actions are asked whether they repeat."""
    return max(LONGEST, SMALL // len(history.values[0].numerators))


def _nearest_return(history: History, longest: int) -> list[int]:
    """Return the lag whose latest difference, modulo constants, is smallest, and lag 1."""
    recent = np.array([_centred(v) for v in history.values[-longest - 1 :]])
    if not np.isfinite(recent).all() or len(recent) < 2:
        return [1]
    distance = np.abs(recent[:-1] - recent[-1]).max(axis=1, initial=0.0)[::-1]
    return [int(np.flatnonzero(distance <= distance.min() * 1.01)[0]) + 1, 1]


def _centred(values: IntegerValues) -> Array:
    first, scale = values.numerators[0], values.denominator
    return np.array([_ratio(int(x - first), int(scale)) for x in values.numerators])


def _ratio(numerator: int, denominator: int) -> float:
    try:
        return numerator / denominator
    except OverflowError:
        return np.inf if numerator > 0 else -np.inf


def compose(maps: Sequence[tuple[fmpq_mat, fmpq_mat]]) -> tuple[fmpq_mat, fmpq_mat]:
    """Return (c, A) of the composed map V -> c + A V of consecutive maps (c_j, A_j)."""
    drift, jacobian = maps[0]
    for c, a in maps[1:]:
        drift, jacobian = c + a * drift, product(a, jacobian)
    return drift, jacobian


def recent_pieces(positions: Positions, history: History, period: int) -> tuple[Piece, ...]:
    """Return the pieces of the last `period` steps, beginning `period` steps ago."""
    end = len(history.values) - 1
    return tuple(positions.piece(history.greedy[t], history.greedy[t + 1]) for t in range(end - period, end))


def orbit_of(positions: Positions, history: History, period: int) -> Orbit | None:
    """Return the exact orbit that the last `period` modes would follow for ever, if the true step does follow it.

    A run that repeats exactly modulo constants, V^(t+k) = V^(t) + c·1, does so for ever (F(V + c·1) = F(V) + γ c·1);
    its level tends to that of the orbit from V^(t) + c/(1 - γ^k)·1.
    """
    end = len(history.values) - 1
    before, latest = history.values[end - period].to_array(), history.values[end].to_array()
    if len(set(latest - before)) == 1:
        shift = (latest - before)[0] / (1 - positions.model.discount**period)
        return confirm_orbit(positions, before + shift, history.greedy[end - period], period)
    return orbit_of_modes(positions, history.greedy[end - period :], latest)


def orbit_of_modes(positions: Positions, modes: Sequence[Array], latest: Array | None = None) -> Orbit | None:
    """Return the exact orbit that modes[1:] follow for ever, data as of modes[0], if the true step does follow it.

    latest: a late position (S,), for maps that keep a part of it; None: of these no orbit is returned.
    """
    if is_sparse(positions):
        found = sparse_orbit(positions, modes).fixed_point()
        if found is not None:
            return confirm_orbit(positions, found, modes[0], len(modes) - 1)
    drift, jacobian = compose([positions.affine(old, new) for old, new in pairwise(modes)])
    system = identity(jacobian.nrows()) - jacobian
    point = solve_or_none(system, drift)
    if point is None and latest is not None:
        point = _neutral_point(system, drift, column(list(latest)))
    return None if point is None else confirm_orbit(positions, array(point)[:, 0], modes[0], len(modes) - 1)


def _neutral_point(system: fmpq_mat, drift: fmpq_mat, latest: fmpq_mat) -> fmpq_mat | None:
    """Return the solution of system · V = drift in latest + the image of the system, where I - A is singular.

    What a neutral map keeps of a position (its part in the kernel) is the same along the run: the limit has it too.
    """
    basis = column_basis(system)
    images = system * basis
    gram = images.transpose() * images
    weights = solve_or_none(gram, images.transpose() * (drift - system * latest))
    if weights is None:
        return None
    point = latest + basis * weights
    return point if system * point == drift else None


def confirm_orbit(positions: Positions, point: Array, greedy: Array, period: int) -> Orbit | None:
    """Step exactly from (point, greedy); return the orbit if it closes after `period` steps."""
    values, actions, points, modes = integer_values(point), greedy, [], []
    start = values
    for _ in range(period):
        look()
        points.append(values.to_array())
        fit = positions.step(values, actions)
        modes.append(fit.greedy)
        values, actions = fit.values, fit.greedy
    if values != start or (positions.on_policy and (actions != greedy).any()):
        return None
    return _least_period(Orbit(tuple(points), tuple(modes), positions), positions.on_policy)


def _least_period(orbit: Orbit, on_policy: bool) -> Orbit:
    size = orbit.period
    for k in range(1, size):
        if size % k == 0 and all(_same(orbit, j, (j + k) % size, on_policy) for j in range(size)):
            return Orbit(orbit.points[:k], orbit.modes[:k], orbit.positions)
    return orbit


def _same(orbit: Orbit, i: int, j: int, on_policy: bool) -> bool:
    equal = bool((orbit.points[i] == orbit.points[j]).all())
    return equal and (not on_policy or bool((orbit.modes[i - 1] == orbit.modes[j - 1]).all()))
