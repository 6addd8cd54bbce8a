"""Search a mixing function for violations of what it promises, and for what it reaches on a payoff table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np

from fqi_theory import scalars
from fqi_theory.errors import DataError
from fqi_theory.mixers.fits import MixerFit, fit_table, smallest_poor_fit
from fqi_theory.mixers.games import Caller, Game, Input, Mixer
from fqi_theory.mixers.readings import FINDERS, Reading, violation_of
from fqi_theory.mixers.shrinking import shrunk
from fqi_theory.scalars import Array


@dataclass(frozen=True, repr=False)
class MixerReport:
    """What was tried without finding a violation: reading, the number of random games, and a fit where asked for."""

    reading: Reading
    games: int
    fit: MixerFit | None = None

    def __repr__(self) -> str:
        tried = f"no violation of {self.reading} in {self.games} random games (tested, not proved)"
        return tried if self.fit is None else f"{tried}; {self.fit}"


def assert_mixer_matches(
    mixer: Mixer,
    *,
    agents: int | None = None,
    actions: int | Sequence[int] | None = None,
    states: Any = None,
    reading: Reading = "igm",
    inputs: Sequence[Input] | None = None,
    examples: int = 200,
    seed: int = 0,
    payoff: Any = None,
    within: float | None = None,
) -> MixerReport:
    """Raise MixerViolation, with a shrunk counterexample, if one is found to `reading`; return what was tried.

    mixer: takes `inputs` as positional arrays of one row a joint action, and returns Q_tot of shape (B,) or (B, 1):
    "utilities" (B, n), Q_i(s, a_i); "states" (B, ...), the row of `states` in use; "joint_actions" (B, n), integers;
    "maxima" (B, n), max_x Q_i(s, x), as duelling mixers need. By default ("utilities",), or, where states are given,
    ("utilities", "states"). A PyTorch module fits after `array_mixer`.

    states: rows, taken in turn. agents, actions: n and |A_i|, one number for all agents or one each; a payoff's own by
    default. examples: random games tried, a third each of real, small integer and large utilities.

    payoff: exact numbers (A_1, ..., A_n). The best least squares fit that free utilities reach at the first row of
    `states` is searched and reported next to the exact optimum of the reading's class; a fit that breaks the reading is
    a violation too. within: the largest squared error that is allowed (rounding aside); a poorer fit raises
    MixerViolation of kind "fit" for the smallest part of the payoff table that is fitted no better.

    Raises DataError for arguments that do not fit.
    """
    table = None if payoff is None else _payoff(payoff)
    counts = _counts(agents, actions, table)
    caller = Caller(mixer, _inputs(inputs, states, reading))
    if within is not None and (table is None or not within >= 0):
        raise DataError(f"within: expected a squared error of at least 0 for a payoff, found {within!r}")
    rng = np.random.default_rng(seed)
    for k in range(examples):
        utilities = tuple(tuple(map(float, _DRAWS[k % len(_DRAWS)](rng, count))) for count in counts)
        state = None if states is None else np.asarray(states)[k % len(states)]
        _raise_if_broken(caller, caller.whole_game(utilities, state), reading)
    if table is None:
        return MixerReport(reading, examples)
    fit = fit_table(caller, table, None if states is None else np.asarray(states)[0], reading, rng)
    _raise_if_broken(caller, fit.game, reading)
    if within is not None and fit.exceeds(within):
        raise smallest_poor_fit(caller, fit, within, rng).violation(within)
    return MixerReport(reading, examples, fit)


def _raise_if_broken(caller: Caller, game: Game, reading: Reading) -> None:
    violation = violation_of(game, reading)
    if violation is not None:
        raise shrunk(caller, game, violation, reading)


def _payoff(payoff: Any) -> Array:
    table = scalars.exact_array(payoff)
    if table.ndim < 1 or table.size == 0:
        raise DataError(f"payoff: expected shape (A_1, ..., A_n), none of them 0, found {table.shape}")
    return table


def _counts(agents: int | None, actions: int | Sequence[int] | None, payoff: Array | None) -> tuple[int, ...]:
    """Return |A_i| of every agent."""
    own = None if payoff is None else payoff.shape
    n = len(own) if agents is None and own is not None else agents
    if n is None or (actions is None and own is None):
        raise DataError("agents, actions: expected both, or a payoff, found neither")
    given = own if actions is None else (actions,) * n if isinstance(actions, int) else tuple(actions)
    assert given is not None
    if len(given) != n or min(given, default=0) < 1:
        raise DataError(f"actions: expected {n} counts of at least 1, found {given}")
    if own is not None and given != own:
        raise DataError(f"payoff: expected the shape {given} of the actions, found {own}")
    return given


def _inputs(inputs: Sequence[Input] | None, states: Any, reading: Reading) -> tuple[Input, ...]:
    """Return what the mixer is given."""
    asked: tuple[Input, ...] = tuple(inputs or (("utilities",) if states is None else ("utilities", "states")))
    if reading not in FINDERS:
        raise DataError(f"reading: expected one of {', '.join(FINDERS)}, found {reading!r}")
    if isinstance(inputs, str) or not set(asked) <= set(get_args(Input)):
        raise DataError(f"inputs: expected a sequence of some of {', '.join(get_args(Input))}, found {inputs!r}")
    if "states" in asked and (states is None or len(states) == 0):
        raise DataError('states: the mixer asks for "states", none were given')
    if reading != "igm" and set(asked) & {"joint_actions", "maxima"}:
        raise DataError(f"reading: {reading!r} is about functions of utilities and states, this mixer takes {asked}")
    return asked


_DRAWS: tuple[Callable[[np.random.Generator, int], Array], ...] = (
    lambda rng, count: rng.normal(size=count),
    lambda rng, count: rng.permutation(np.arange(-count, count))[:count],
    lambda rng, count: 20 * rng.normal(size=count),
)
