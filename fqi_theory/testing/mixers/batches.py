"""Does the answer for a row depend on the other rows of its batch? It must not, in any order and any number.

A mixer that takes the first row's utilities or state for all, moves states along the batch, or normalises over it,
passes every game whose rows have one state; a batch of rows of several games, in random order, shows it.
"""

from collections.abc import Sequence

import numpy as np

from fqi_theory.base.scalars import Array
from fqi_theory.testing.mixers.games import Caller, Game, Rows, rows_of, stacked
from fqi_theory.testing.mixers.readings import MixerViolation

#: Rows of a mixed batch, each asked alone as well.
ROWS = 48


def batch_violation(caller: Caller, games: Sequence[Game], rng: np.random.Generator) -> MixerViolation | None:
    """Return a row whose answer alone is another than in a mixed batch, None where there is none.

    Answers may differ by the square root of the mixer's precision, relative to utilities and Q_tot: sums are taken in
    another order for other sizes.
    """
    rows, _ = mixed_rows(games, rng)
    alone = np.concatenate([caller.ask(rows.take([k])) for k in range(len(rows))])
    together = caller.ask(rows)
    allowed = _allowed(alone, rows)
    for k in np.flatnonzero(_differs(alone, together, allowed)):
        return _described(caller, rows, int(k), alone, allowed)
    return None


def mixed_rows(games: Sequence[Game], rng: np.random.Generator) -> tuple[Rows, Array]:
    """Return rows of several games in random order, and Q_tot as answered in their own games."""
    every = stacked([rows_of(game.utilities, game.actions, game.state) for game in games])
    kept = rng.permutation(len(every))[:ROWS]
    return every.take(kept.tolist()), np.concatenate([game.table.reshape(-1) for game in games])[kept]


def _allowed(answers: Array, rows: Rows) -> float:
    unit = np.finfo(answers.dtype).eps if answers.dtype.kind == "f" else 0.0
    finite = answers[np.isfinite(answers)]
    return float(np.sqrt(unit) * (np.abs(finite).max(initial=0.0) + np.abs(rows.utilities).max()))


def _differs(one: Array, other: Array, allowed: float) -> Array:
    with np.errstate(invalid="ignore"):
        return np.asarray(~((np.abs(one - other) <= allowed) | (np.isnan(one) & np.isnan(other)) | (one == other)))


def _described(caller: Caller, rows: Rows, k: int, alone: Array, allowed: float) -> MixerViolation:
    """Return the violation in the smallest batch that shows it: two rows, or as many as there were."""
    batch = next(
        (
            pair
            for j in range(len(rows))
            for pair in ([j, k], [k, j])
            if j != k and _differs(alone[k : k + 1], caller.ask(rows.take(pair))[[pair.index(k)]], allowed).any()
        ),
        list(range(len(rows))),
    )
    part = rows.take(batch)
    at = batch.index(k)
    found = caller.ask(part)[at]
    state = None if rows.states is None else rows.states[k]
    utilities, actions = rows.utilities[k], rows.actions[k]
    game = Game(
        tuple((float(q),) for q in utilities),
        tuple((int(a),) for a in actions),
        state,
        alone[k : k + 1].reshape([1] * len(utilities)),
    )
    what = f"alone the row has Q_tot {alone[k]:.6g}, as row {at + 1} of {len(batch)} it has {found:.6g}"
    violation = MixerViolation("batch", game, (0,) * len(utilities), None, what=what)
    violation.add_note(f"replay: {caller.replay(rows.take([k]))} against {caller.replay(part)}, row {at + 1}")
    return violation
