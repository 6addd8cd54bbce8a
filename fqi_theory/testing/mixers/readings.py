"""What a mixing function promises, and where one game breaks it.

"igm"        some choice of per-agent greedy actions is a joint maximiser (selection IGM)
"igm-sets"   the joint maximisers are exactly the combinations of greedy actions (set IGM, QPLEX)
"monotonic"  Q_tot does not fall when one agent's utility rises (QMIX, arXiv:1803.11485)
"additive"   Q_tot is a sum of functions of one agent each (VDN): all mixed second differences are 0
"""

from collections.abc import Callable
from itertools import combinations
from typing import Any, Literal, TypeAlias

import numpy as np

from fqi_theory.testing.mixers.games import Actions, Game

Reading: TypeAlias = Literal["igm", "igm-sets", "monotonic", "additive"]

#: Rounding that a float answer is allowed, in units of its last place at the largest |Q_tot| of the comparison.
ROUNDING_UNITS = 16
#: Longest text of a number that messages show in full; attributes hold every digit.
LONGEST = 9


class MixerViolation(AssertionError):
    """A mixer breaks its reading at one place, or fits a payoff table worse than asked.

    kind: the reading, "not finite", or "fit". utilities: per agent the utilities of its actions. actions: per agent the
    index that each utility belongs to. table: Q_tot of every joint action. state: the row of `states`, or None.
    joint_action: positions in `utilities`: the greedy joint action ("igm"), or where Q_tot falls, is not additive, not
    finite or farthest from the payoff. better: for "igm" a joint action of higher Q_tot, else None. The message names
    actions by their own index.
    """

    def __init__(
        self,
        kind: str,
        witness: Game,
        joint_action: tuple[int, ...],
        better: tuple[int, ...] | None,
        reason: str = "violated",
    ) -> None:
        self.kind, self.joint_action, self.better = kind, joint_action, better
        self.utilities, self.actions, self.state = witness.utilities, witness.actions, witness.state
        self.table = witness.table
        tables = "; ".join(
            f"Q_{i + 1} = {_named(q, own)}" for i, (q, own) in enumerate(zip(self.utilities, self.actions, strict=True))
        )
        compared = f"{_played(joint_action, self.actions)}"
        compared += f" against {_played(better, self.actions)}" if better else ""
        state = "" if self.state is None else f", state {_short(np.asarray(self.state).tolist())}"
        super().__init__(f"{kind} {reason} at {compared}: {tables}{state}; Q_tot = {_short(self.table.tolist())}")


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


def violation_of(game: Game, reading: Reading) -> MixerViolation | None:
    """Return where a game breaks a reading by more than rounding, None if it does not."""
    table = game.table
    if not np.isfinite(table).all():
        place = tuple(map(int, np.argwhere(~np.isfinite(table))[0]))
        return MixerViolation("not finite", game, place, None)
    return FINDERS[reading](game, slack_of(game))


def slack_of(game: Game) -> float:
    """Return the difference of two entries of a table up to which it counts as rounding."""
    unit = np.finfo(game.table.dtype).eps if game.table.dtype.kind == "f" else 0.0
    return float(ROUNDING_UNITS * unit * np.abs(game.table).max())


def _not_igm(game: Game, slack: float) -> MixerViolation | None:
    greedy = [np.flatnonzero(np.array(q) == max(q)) for q in game.utilities]
    best = np.unravel_index(int(game.table.argmax()), game.table.shape)
    block = game.table[np.ix_(*greedy)]
    if block.max() >= game.table[best] - slack:
        return None
    return MixerViolation("igm", game, tuple(int(g[0]) for g in greedy), tuple(map(int, best)))


def _not_set_igm(game: Game, slack: float) -> MixerViolation | None:
    greedy, best = [np.array(q) == max(q) for q in game.utilities], game.table.max()
    every = np.ix_(*greedy)
    combined = np.zeros(game.table.shape, dtype=bool)
    combined[every] = True
    short = np.argwhere(combined & (game.table < best - slack))
    other = np.argwhere(~combined & (game.table == best))
    if short.size:
        top = np.unravel_index(int(game.table.argmax()), game.table.shape)
        return MixerViolation("igm-sets", game, _cell(short[0]), _cell(top))
    if other.size:
        return MixerViolation("igm-sets", game, _cell(np.argwhere(combined)[0]), _cell(other[0]))
    return None


def _cell(index: Any) -> tuple[int, ...]:
    return tuple(map(int, index))


def _not_monotonic(game: Game, slack: float) -> MixerViolation | None:
    for axis, q in enumerate(game.utilities):
        order = np.argsort(q, kind="stable")
        sorted_table = np.take(game.table, order, axis=axis)
        falls = np.argwhere(np.diff(sorted_table, axis=axis) < -slack)
        for low in falls:
            joint = [int(x) for x in low]
            joint[axis] = int(order[low[axis] + 1])
            if q[joint[axis]] > q[order[low[axis]]]:
                return MixerViolation("monotonic", game, tuple(joint), None)
    return None


def _not_additive(game: Game, slack: float) -> MixerViolation | None:
    for i, j in combinations(range(game.table.ndim), 2):
        mixed = game.table - np.take(game.table, [0], axis=i)
        mixed = mixed - np.take(mixed, [0], axis=j)
        wrong = np.argwhere(np.abs(mixed) > 4 * slack)
        if wrong.size:
            return MixerViolation("additive", game, tuple(map(int, wrong[0])), None)
    return None


FINDERS: dict[str, Callable[[Game, float], MixerViolation | None]] = {
    "igm": _not_igm,
    "igm-sets": _not_set_igm,
    "monotonic": _not_monotonic,
    "additive": _not_additive,
}
