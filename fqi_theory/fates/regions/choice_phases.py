"""The phases of an orbit in which one of several joint actions is greedy (theory notes, section 18; ours).

Data follow the greedy actions. In phase j those of state s, g, are one of a set, those of the next step, a, one of the
next phase's. Each pair (g, a) must lead from the orbit's point to the next; one pair is the reference.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from flint import fmpq, fmpq_mat

from fqi_theory.base.matrices import column_basis, matrix
from fqi_theory.base.progress import look
from fqi_theory.base.scalars import Array, to_float
from fqi_theory.fates.orbits import Orbit
from fqi_theory.fates.positions import Positions

#: One action a chooser.
Choice = tuple[int, ...]
#: For each state of a phase the joint actions one of which is greedy.
Allowed = tuple[tuple[Choice, ...], ...]


@dataclass(frozen=True, eq=False)
class Table:
    """Numbers for exact work, and the same in float64 for proposals."""

    exact: Array
    floats: Array

    @classmethod
    def of(cls, rows: Sequence[Array], width: int) -> "Table":
        """Return the rows (N, width), each exact."""
        exact = np.stack(rows) if rows else np.empty((0, width), dtype=object)
        return cls(exact, to_float(exact))

    def of_kind(self, exact: bool) -> Array:
        """Return the exact numbers, or those in floats."""
        return self.exact if exact else self.floats


@dataclass(frozen=True, eq=False)
class ChoicePhase:
    """One phase, differences V - o followed by the reference pair's A.

    jacobian: A (S, S). rivals: (N, S), the rows of a factor of an action that must not be greedy less that of one which
    is; gaps: (N,), their values at the orbit's point, at most 0; strict: (N,), whether the action would win a tie.
    swaying: for each state of pairs with other rows than the reference, these less that: (k, S).
    """

    jacobian: Table
    rivals: Table
    gaps: Table
    strict: Array
    swaying: tuple[tuple[int, Table], ...]


def choice_phases(positions: Positions, orbit: Orbit, allowed: Sequence[Allowed]) -> tuple[ChoicePhase, ...] | None:
    """Return the phases of an orbit under choices, `allowed` one a point.

    None where a pair leads elsewhere, or another joint action may be greedy next to the orbit for all that is seen: an
    agent's action that is in no choice and does not lose there, or one action each of two choices, unless two agents
    compare these alike.
    """
    found = []
    for j, own in enumerate(allowed):
        look()
        following = (j + 1) % orbit.period
        phase = _Builder(positions, orbit.points[j], own).phase(allowed[following], orbit.points[following])
        if phase is None:
            return None
        found.append(phase)
    return tuple(found)


class _Builder:
    """The fits at one point, under the data of each choice."""

    def __init__(self, positions: Positions, point: Array, before: Allowed) -> None:
        self.positions, self.point, self.before = positions, point, before
        many = max(map(len, before))
        policies = [np.array([own[min(k, len(own) - 1)] for own in before]) for k in range(many)]
        self.operators = [positions.operator(policy) for policy in policies]

    def phase(self, after: Allowed, target: Array) -> ChoicePhase | None:
        """Return the phase towards the point `target`."""
        size, wins_early = len(self.point), self.positions.ties == "first"
        jacobian, swaying = list[Array](), list[tuple[int, Table]]()
        rivals, gaps, strict = list[Array](), list[fmpq](), list[bool]()
        for s, (before, own) in enumerate(zip(self.before, after, strict=True)):
            pairs = list[Array]()
            for k in range(len(before)):
                fits = self._fits(k, s)
                if not _no_others(fits, own):
                    return None
                for row, gap, earlier in _rivals(fits, own, wins_early):
                    if gap > 0 or (gap == 0 and (earlier or any(row))):
                        return None
                    if gap:
                        rivals.append(row)
                        gaps.append(gap)
                        strict.append(earlier)
                for choice in own:
                    level, row = _total(fits, choice)
                    if level != target[s]:
                        return None
                    pairs.append(row)
            jacobian.append(pairs[0])
            others = [row - pairs[0] for row in pairs[1:] if (row != pairs[0]).any()]
            if others:
                swaying.append((s, Table.of(others, size)))
        levels = np.array(gaps, dtype=object)
        every = Table(levels, to_float(levels)), np.array(strict, dtype=bool), tuple(swaying)
        return ChoicePhase(Table.of(jacobian, size), Table.of(rivals, size), *every)

    def _fits(self, k: int, s: int) -> list[tuple[Array, Array]]:
        """Return for each chooser its factor at the point (A_i,) and its rows (A_i, S), data of the k-th choice."""
        operator, gamma = self.operators[k], self.positions.model.discount
        found = []
        for rewards, transitions in zip(operator.rewards, operator.transitions, strict=True):
            rows = gamma * transitions[s]
            found.append((rewards[s] + rows @ self.point, rows))
        return found


def _total(fits: list[tuple[Array, Array]], choice: Choice) -> tuple[fmpq, Array]:
    """Return Q_tot of a choice at the point, and its row (S,)."""
    level = sum((levels[x] for (levels, _), x in zip(fits, choice, strict=True)), fmpq(0))
    return level, sum(rows[x] for (_, rows), x in zip(fits, choice, strict=True))


def _rivals(
    fits: list[tuple[Array, Array]], own: Sequence[Choice], wins_early: bool
) -> Iterator[tuple[Array, fmpq, bool]]:
    """Yield (row, gap, wins ties) of each action that no choice has, against one that a choice has."""
    for i, (levels, rows) in enumerate(fits):
        used = {choice[i] for choice in own}
        x = own[0][i]
        for y in range(len(levels)):
            if y not in used:
                yield rows[y] - rows[x], levels[y] - levels[x], (y < x) == wins_early


def _no_others(fits: list[tuple[Array, Array]], own: Sequence[Choice]) -> bool:
    """Tell whether of all that the choices' actions make up only choices can be greedy."""
    made = product(*[sorted({choice[i] for choice in own}) for i in range(len(fits))])
    return all(choice in own or _compared_alike(fits, choice) for choice in made)


def _compared_alike(fits: list[tuple[Array, Array]], choice: Choice) -> bool:
    """Tell whether two agents play one each of two actions that they compare alike, so that they never do."""
    for i, x in enumerate(choice):
        for k, y in enumerate(choice[:i]):
            both = max(x, y) < min(len(fits[i][0]), len(fits[k][0]))
            if x != y and both and _direction(*fits[i], x, y) == _direction(*fits[k], x, y):
                return True
    return False


def _direction(levels: Array, rows: Array, x: int, y: int) -> tuple[fmpq, ...]:
    """Return the difference of two actions' factors as a function of V, but for a positive factor."""
    numbers = [levels[x] - levels[y], *(rows[x] - rows[y])]
    size = next((abs(number) for number in numbers if number != 0), fmpq(1))
    return tuple(number / size for number in numbers)


def unseen_directions(phases: Sequence[ChoicePhase], states: int) -> fmpq_mat:
    """Return directions (S, S-1) independent of 1: of what no choice sees, then of the rest.

    What all rows of choices, and these after any phases, vanish on is a space that every phase keeps.
    """
    seen = _reduced([row for phase in phases for _, rows in phase.swaying for row in rows.exact], states)
    jacobians = [matrix(phase.jacobian.exact) for phase in phases]
    while True:
        look()
        rows = [row for a in jacobians for row in (seen * a).tolist()] if seen.nrows() else []
        more = _reduced([*seen.tolist(), *rows], states)
        if more.nrows() == seen.nrows():
            break
        seen = more
    pivots = [next(c for c in range(states) if seen[k, c] != 0) for k in range(seen.nrows())]
    free = [c for c in range(states) if c not in pivots]
    columns = []
    # The kernel holds 1, the sum of the vectors of all free states: the first one is left out.
    for c in free[1:]:
        vector = [fmpq(int(c == t)) for t in range(states)]
        for k, pivot in enumerate(pivots):
            vector[pivot] = -seen[k, c]
        columns.append(vector)
    columns += [[fmpq(int(pivot == t)) for t in range(states)] for pivot in pivots]
    return fmpq_mat(columns).transpose()


def _reduced(rows: Sequence[Sequence[fmpq]], width: int) -> fmpq_mat:
    """Return a basis of rows, not all 0, in reduced form; of none an empty one."""
    return column_basis(fmpq_mat([list(row) for row in rows]).transpose()).transpose() if rows else fmpq_mat(0, width)
