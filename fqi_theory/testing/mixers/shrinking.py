"""Shrink a game that breaks a reading: to two agents with two actions and small round utilities where it still does."""

from collections.abc import Iterator
from typing import Any

from fqi_theory.testing.mixers.games import Actions, Caller, Game, Utilities
from fqi_theory.testing.mixers.readings import MixerViolation, Reading, violation_of


def shrunk(caller: Caller, game: Game, violation: MixerViolation, reading: Reading) -> MixerViolation:
    """Return the simplest violation that single steps of `_simpler` lead to."""
    progress = True
    while progress:
        progress = False
        for utilities, actions in _simpler(game):
            tried = caller.game(utilities, actions, game.state)
            found = violation_of(caller, tried, reading)
            if found is not None and found.kind == violation.kind:
                game, violation, progress = tried, found, True
                break
    return violation


def _simpler(game: Game) -> Iterator[tuple[Utilities, Actions]]:
    """Yield games with one action less, then games with one rounder utility; two agents keep two actions."""
    playing = sum(len(q) > 1 for q in game.utilities)
    for i, (q, a) in enumerate(zip(game.utilities, game.actions, strict=True)):
        if len(q) > 2 or (len(q) == 2 and playing > 2):
            for x in range(len(q)):
                yield _put(game.utilities, i, q[:x] + q[x + 1 :]), _put(game.actions, i, a[:x] + a[x + 1 :])
    for i, q in enumerate(game.utilities):
        for x, value in enumerate(q):
            for rounder in (0.0, 1.0, -1.0, float(round(value)), round(2 * value) / 2, round(value, 1)):
                if _length(rounder) < _length(value):
                    yield _put(game.utilities, i, _put(q, x, rounder)), game.actions


def _put(row: tuple[Any, ...], at: int, value: Any) -> tuple[Any, ...]:
    return (*row[:at], value, *row[at + 1 :])


def _length(value: float) -> tuple[int, float, bool]:
    return len(f"{abs(value):.17g}"), abs(value), value < 0
