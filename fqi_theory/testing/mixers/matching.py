"""Search a mixing function for violations of what it promises, and for what it reaches on a payoff table.

Inputs of a row: "utilities", Q_i(s, a_i); "states", the row of `states` in use; "joint_actions", integers; "maxima",
max_x Q_i(s, x), as duelling mixers need. A PyTorch module fits after `array_mixer`.

Random games, `examples` in all: at least one for each kind of utilities (real numbers of sizes 1, 20 and 1/1000 to
1000, small integers, ties, near ties) in each state, or none for 0; where there are more than 4096 joint actions a
random part of them. Rows of several games and states are asked in one batch and alone: an answer that depends on other
rows is a violation of kind "batch". With `parameters`, one that moves Q_tot nowhere is a violation of kind "parameter".

With a payoff the best least squares fit that free utilities reach at the first row of `states` is searched and reported
next to the exact optimum of the reading's class; a fit that breaks the reading is a violation too. A fit poorer than
`within` (rounding aside) is one of kind "fit", for the smallest part of the payoff table that is fitted no better.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fqi_theory.base.counts import whole
from fqi_theory.base.errors import DataError
from fqi_theory.base.scalars import Array
from fqi_theory.testing.mixers.arguments import counts_of, inputs_of, payoff_table, reading_of
from fqi_theory.testing.mixers.batches import batch_violation
from fqi_theory.testing.mixers.drawing import DRAWS, random_game
from fqi_theory.testing.mixers.fits import MixerFit, fit_table, smallest_poor_fit
from fqi_theory.testing.mixers.games import Caller, Game, Input, Mixer, rows_of
from fqi_theory.testing.mixers.parameters import named_parameters, parameter_violation
from fqi_theory.testing.mixers.readings import MixerViolation, Reading, slack_of, violation_of
from fqi_theory.testing.mixers.shrinking import shrunk

#: Games whose rows are mixed in one batch.
GAMES_MIXED = 24


@dataclass(frozen=True, repr=False)
class MixerReport:
    """What was tried without finding a violation.

    games: how many random games, which took all given states in turn. slack: the largest difference of Q_tot that was
    put down to rounding. fit: where asked for.
    """

    reading: Reading
    games: int
    slack: float = 0.0
    fit: MixerFit | None = None

    def __repr__(self) -> str:
        rounding = f"; differences up to {self.slack:.1g} count as rounding" if self.slack else ""
        tried = f"no violation of {self.reading} in {self.games} random games (tested, not proved{rounding})"
        return tried if self.fit is None else f"{tried}; {self.fit}"


@dataclass(frozen=True, eq=False)
class _Search:
    """What is searched: the mixer, its reading, counts of actions, rows of states, the source of random numbers."""

    caller: Caller
    reading: Reading
    counts: tuple[int, ...]
    rows: list[Any]
    rng: np.random.Generator


def assert_mixer_matches(
    mixer: Mixer,
    *,
    agents: int | None = None,
    actions: int | Sequence[int] | None = None,
    states: Any = None,
    reading: str = "igm",
    inputs: Sequence[Input] | None = None,
    examples: int = 200,
    seed: int = 0,
    payoff: Any = None,
    within: float | None = None,
    parameters: Any = None,
) -> MixerReport:
    """Raise MixerViolation, with a shrunk counterexample, if one is found to `reading`; return what was tried.

    mixer: takes `inputs`, by default ("utilities",) or, with states, ("utilities", "states"), as positional arrays of
    one row a joint action: "utilities" (B, n), "states" (B, ...), "joint_actions" (B, n), "maxima" (B, n); returns
    Q_tot, (B,) or (B, 1). states: rows, each asked. agents, actions: n and |A_i|, one number for all or one each; a
    payoff's own by default. reading: "igm", "igm-sets", "monotonic", "additive", or a class: "vdn", "qmix", "wqmix",
    "qplex". payoff: exact numbers (A_1, ..., A_n) to be fitted, with a squared error of at most `within`. parameters: a
    module, or arrays by name. See the module for what is done. Raises DataError for arguments that do not fit.
    """
    __tracebackhide__ = True
    table, name = None if payoff is None else payoff_table(payoff), reading_of(reading)
    caller = Caller(mixer, inputs_of(mixer, inputs, states, name))
    if within is not None and (table is None or not within >= 0):
        raise DataError(f"within: expected a squared error of at least 0 for a payoff, found {within!r}")
    examples = whole(examples, "examples")
    rows = [None] if states is None else list(np.asarray(states))
    search = _Search(caller, name, counts_of(agents, actions, table), rows, np.random.default_rng(seed))
    report, found = _searched(search, examples, None if parameters is None else named_parameters(parameters))
    if found is None and table is not None:
        report, found = _fitted(search, report, table, within)
    if found is not None:
        raise found from None
    return report


def _searched(search: _Search, examples: int, parameters: Any) -> tuple[MixerReport, MixerViolation | None]:
    """Play random games until one breaks the reading; then mix their rows, and move the parameters."""
    games, rows, slack = max(examples, len(DRAWS) * len(search.rows)) if examples else 0, search.rows, 0.0
    mixed: list[Game] = []
    kept = set(np.linspace(0, games - 1, min(games, GAMES_MIXED)).round().astype(int).tolist())
    for k in range(games):
        state = rows[k // len(DRAWS) % len(rows)]
        game = random_game(search.caller, search.counts, state, k % len(DRAWS), search.rng)
        if k == 0:
            _require_determined(search.caller, game)
        found = _broken(search, game)
        if found is not None:
            return MixerReport(search.reading, k), found
        slack = max(slack, slack_of(game))
        if k in kept:
            mixed.append(game)
    report = MixerReport(search.reading, games, slack)
    if not mixed:
        return report, None
    found = batch_violation(search.caller, mixed, search.rng)
    if found is None and parameters is not None:
        found = parameter_violation(search.caller, mixed, parameters, search.rng)
    return report, found


def _fitted(
    search: _Search, report: MixerReport, table: Array, within: float | None
) -> tuple[MixerReport, MixerViolation | None]:
    """Fit a payoff table by free utilities, and judge the fit."""
    fit = fit_table(search.caller, table, search.rows[0], search.reading, search.rng)
    found = _broken(search, fit.game)
    if found is None and within is not None and fit.exceeds(within):
        found = smallest_poor_fit(search.caller, fit, within, search.rng).violation(within)
    return MixerReport(report.reading, report.games, report.slack, fit), found


def _broken(search: _Search, game: Game) -> MixerViolation | None:
    """Return a shrunk violation of the reading, with a line that asks for its rows again; None where there is none."""
    violation = violation_of(search.caller, game, search.reading)
    if violation is None:
        return None
    found = shrunk(search.caller, game, violation, search.reading)
    rows = rows_of(found.utilities, found.actions, found.state)
    places = [int(np.ravel_multi_index(place, found.table.shape)) for place in found.places]
    found.add_note(f"replay: {search.caller.replay(rows.take(places))}")
    return found


def _require_determined(caller: Caller, game: Game) -> None:
    again = caller.game(game.utilities, game.actions, game.state)
    if not np.array_equal(again.table, game.table, equal_nan=True):
        raise DataError("mixer: expected the same answer to the same question, found two; a module may need .eval()")
