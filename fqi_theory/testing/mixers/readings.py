"""What a mixing function promises, and where one game breaks it.

"igm"        some choice of per-agent greedy actions is a joint maximiser (selection IGM)
"igm-sets"   the joint maximisers are exactly the combinations of greedy actions (set IGM, QPLEX)
"monotonic"  Q_tot does not fall when one agent's utility rises (QMIX, arXiv:1803.11485)
"additive"   Q_tot is a sum of functions of one agent each (VDN): all mixed second differences are 0

The classes' own names are understood, too (`CLASSES`): weighted QMIX fits a monotonic Q_tot, with other weights.
"""

from collections.abc import Callable
from itertools import combinations
from typing import Any, Literal, TypeAlias

import numpy as np

from fqi_theory.testing.mixers.games import Actions, Caller, Game

Reading: TypeAlias = Literal["igm", "igm-sets", "monotonic", "additive"]

#: What the classes of the literature promise.
CLASSES: dict[str, Reading] = {"vdn": "additive", "qmix": "monotonic", "wqmix": "monotonic", "qplex": "igm-sets"}
#: So many joint actions that tie with greedy ones are looked at more closely.
TIES_TRIED = 8
#: Rounding that a float answer is allowed, in units of its last place at the largest |Q_tot| and utilities of a game.
ROUNDING_UNITS = 16
#: Longest text of a number that messages show in full; attributes hold every digit.
LONGEST = 9


class MixerViolation(AssertionError):
    """A mixer breaks its reading at one place, or fits a payoff table worse than asked.

    kind: the reading, "not finite", "batch" (the answer for a row depends on the other rows), "parameter" (one that
    moves nothing), or "fit". utilities: per agent the utilities of its actions. actions: per agent the
    index that each utility belongs to. table: Q_tot of every joint action. state: the row of `states`, or None.
    joint_action: positions in `utilities`: the greedy joint action ("igm"), or where Q_tot falls, is not additive, not
    finite, differs or is farthest from the payoff. better: for "igm" a joint action of higher Q_tot, else None. places:
    the joint actions that show it, which a note to the exception asks for again. The message names actions by their own
    index, and ends with what rose, fell or differs.
    """

    def __init__(
        self,
        kind: str,
        witness: Game,
        joint_action: tuple[int, ...],
        better: tuple[int, ...] | None,
        reason: str = "violated",
        what: str = "",
        others: tuple[tuple[int, ...], ...] = (),
    ) -> None:
        self.kind, self.joint_action, self.better = kind, joint_action, better
        self.utilities, self.actions, self.state = witness.utilities, witness.actions, witness.state
        self.table = witness.table
        self.places = (joint_action, *others) if better is None else (joint_action, better)
        tables = "; ".join(
            f"Q_{i + 1} = {_named(q, own)}" for i, (q, own) in enumerate(zip(self.utilities, self.actions, strict=True))
        )
        compared = f"{_played(joint_action, self.actions)}"
        compared += f" against {_played(better, self.actions)}" if better else ""
        state = "" if self.state is None else f", state {_short(np.asarray(self.state).tolist())}"
        seen = f"; {what}" if what else ""
        super().__init__(f"{kind} {reason} at {compared}: {tables}{state}; Q_tot = {_short(self.table.tolist())}{seen}")


def _played(positions: tuple[int, ...], actions: Actions) -> tuple[int, ...]:
    return tuple(own[x] for own, x in zip(actions, positions, strict=True))


def _named(utilities: tuple[float, ...], actions: tuple[int, ...]) -> str:
    """Return utilities as a list, or by their actions where some have been left out."""
    if actions == tuple(range(len(actions))):
        return _short(list(utilities))
    return "{" + ", ".join(f"{a}: {_short(q)}" for a, q in zip(actions, utilities, strict=True)) + "}"


def _short(numbers: Any) -> str:
    """Return nested lists of numbers as text, with "≈" before a number that is shortened to 6 digits."""
    if isinstance(numbers, list):
        return f"[{', '.join(map(_short, numbers))}]"
    text = repr(numbers)
    return text if len(text) <= LONGEST else f"≈{numbers:.6g}"


def violation_of(caller: Caller, game: Game, reading: Reading) -> MixerViolation | None:
    """Return where a game breaks a reading by more than rounding, None if it does not."""
    table = game.table
    if not np.isfinite(table).all():
        place = tuple(map(int, np.argwhere(~np.isfinite(table))[0]))
        return MixerViolation("not finite", game, place, None)
    if reading == "igm-sets":
        return _not_set_igm(caller, game, slack_of(game))
    return FINDERS[reading](game, slack_of(game))


def slack_of(game: Game) -> float:
    """Return the difference of two entries of a table up to which it counts as rounding, of Q_tot or of utilities."""
    largest = np.abs(game.table).max() + sum(max(map(abs, q)) for q in game.utilities)
    return float(ROUNDING_UNITS * _unit(game) * largest)


def _unit(game: Game) -> float:
    return float(np.finfo(game.table.dtype).eps) if game.table.dtype.kind == "f" else 0.0


def _not_igm(game: Game, slack: float) -> MixerViolation | None:
    greedy = [np.flatnonzero(np.array(q) == max(q)) for q in game.utilities]
    best = np.unravel_index(int(game.table.argmax()), game.table.shape)
    block = game.table[np.ix_(*greedy)]
    if block.max() >= game.table[best] - slack:
        return None
    return _worse("igm", game, tuple(int(g[0]) for g in greedy), _cell(best))


def _worse(kind: str, game: Game, greedy: tuple[int, ...], better: tuple[int, ...]) -> MixerViolation:
    low, high = _short(game.table[greedy].item()), _short(game.table[better].item())
    what = f"greedy {_played(greedy, game.actions)} has Q_tot {low}, {_played(better, game.actions)} has {high}"
    return MixerViolation(kind, game, greedy, better, what=what)


def _not_set_igm(caller: Caller, game: Game, slack: float) -> MixerViolation | None:
    greedy, best = [np.array(q) == max(q) for q in game.utilities], game.table.max()
    combined = np.zeros(game.table.shape, dtype=bool)
    combined[np.ix_(*greedy)] = True
    short = np.argwhere(combined & (game.table < best - slack))
    if short.size:
        top = np.unravel_index(int(game.table.argmax()), game.table.shape)
        return _worse("igm-sets", game, _cell(short[0]), _cell(top))
    first = _cell(np.argwhere(combined)[0])
    for other in map(_cell, np.argwhere(~combined & (game.table == best))[:TIES_TRIED]):
        if _is_tie(caller, game, other):
            what = f"{_played(other, game.actions)} is not greedy and has the same Q_tot {_short(best.item())}"
            return MixerViolation("igm-sets", game, first, other, what=what)
    return None


def _is_tie(caller: Caller, game: Game, other: tuple[int, ...]) -> bool:
    """Tell whether a joint action that is not greedy ties truly: rounding can only hide small gaps of utilities.

    Where the gap is small it is made large; a tie that is one by the mixer's own doing stays.
    """
    largest = 1.0 + max(abs(x) for q in game.utilities for x in q)
    gaps = [max(q) - q[x] for q, x in zip(game.utilities, other, strict=True)]
    if max(gaps) > _unit(game) ** (1 / 3) * largest:
        return True
    lowered = tuple(
        tuple(value - 2 * largest if k == x and gap > 0 else value for k, value in enumerate(q))
        for q, x, gap in zip(game.utilities, other, gaps, strict=True)
    )
    probe = caller.game(lowered, game.actions, game.state)
    return bool(probe.table[other] >= probe.table.max())


def _cell(index: Any) -> tuple[int, ...]:
    return tuple(map(int, index))


def _not_monotonic(game: Game, slack: float) -> MixerViolation | None:
    for axis, q in enumerate(game.utilities):
        order = np.argsort(q, kind="stable")
        sorted_table = np.take(game.table, order, axis=axis)
        falls = np.argwhere(np.diff(sorted_table, axis=axis) < -slack)
        for low in falls:
            before, after = [int(x) for x in low], [int(x) for x in low]
            before[axis], after[axis] = int(order[low[axis]]), int(order[low[axis] + 1])
            if q[after[axis]] > q[before[axis]]:
                return _fall(game, axis, tuple(before), tuple(after))
    return None


def _fall(game: Game, axis: int, before: tuple[int, ...], after: tuple[int, ...]) -> MixerViolation:
    q = game.utilities[axis]
    rises = f"Q_{axis + 1} rises from {_short(q[before[axis]])} to {_short(q[after[axis]])}, the others stay"
    falls = f"Q_tot falls from {_short(game.table[before].item())} to {_short(game.table[after].item())}"
    return MixerViolation("monotonic", game, after, None, what=f"{rises}: {falls}", others=(before,))


def _not_additive(game: Game, slack: float) -> MixerViolation | None:
    for i, j in combinations(range(game.table.ndim), 2):
        mixed = game.table - np.take(game.table, [0], axis=i)
        mixed = mixed - np.take(mixed, [0], axis=j)
        wrong = np.argwhere(np.abs(mixed) > 4 * slack)
        if wrong.size:
            place = _cell(wrong[0])
            corners = [tuple(0 if k in zero else x for k, x in enumerate(place)) for zero in ((i,), (j,), (i, j))]
            by_two = _short(float(mixed[place]))
            what = f"changing Q_{i + 1} and Q_{j + 1} together moves Q_tot by {by_two} more than one by one"
            return MixerViolation("additive", game, place, None, what=what, others=tuple(corners))
    return None


READINGS: tuple[Reading, ...] = ("igm", "igm-sets", "monotonic", "additive")
FINDERS: dict[str, Callable[[Game, float], MixerViolation | None]] = {
    "igm": _not_igm,
    "monotonic": _not_monotonic,
    "additive": _not_additive,
}
