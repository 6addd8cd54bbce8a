"""Search a mixing function for violations of what it promises, and for what it reaches on a payoff table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, get_args

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.errors import DataError, NumberError
from fqi_theory.base.scalars import Array
from fqi_theory.testing.mixers.fits import MixerFit, fit_table, smallest_poor_fit
from fqi_theory.testing.mixers.games import Actions, Caller, Game, Input, Mixer
from fqi_theory.testing.mixers.readings import FINDERS, Reading, slack_of, violation_of
from fqi_theory.testing.mixers.shrinking import shrunk

#: The most joint actions of one game; of more agents and actions a random part is played.
MOST_JOINT = 4096


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

    states: rows, each asked. agents, actions: n and |A_i|, one number for all agents or one each; a payoff's own by
    default. examples: random games tried, at least one for each kind of utilities (real numbers of sizes 1, 20 and
    1/1000 to 1000, small integers, ties, near ties) in each state, or none for 0; where there are more than 4096 joint
    actions a random part of them.

    payoff: exact numbers (A_1, ..., A_n). The best least squares fit that free utilities reach at the first row of
    `states` is searched and reported next to the exact optimum of the reading's class; a fit that breaks the reading is
    a violation too. within: the largest squared error that is allowed (rounding aside); a poorer fit raises
    MixerViolation of kind "fit" for the smallest part of the payoff table that is fitted no better.

    Raises DataError for arguments that do not fit.
    """
    table = None if payoff is None else _payoff(payoff)
    counts = _counts(agents, actions, table)
    caller = Caller(mixer, _inputs(mixer, inputs, states, reading))
    if within is not None and (table is None or not within >= 0):
        raise DataError(f"within: expected a squared error of at least 0 for a payoff, found {within!r}")
    if examples < 0:
        raise DataError(f"examples: expected at least 0, found {examples}")
    rng, slack = np.random.default_rng(seed), 0.0
    rows = [None] if states is None else list(np.asarray(states))
    games = max(examples, len(_DRAWS) * len(rows)) if examples else 0
    for k in range(games):
        game = _random_game(caller, counts, rows[k // len(_DRAWS) % len(rows)], k % len(_DRAWS), rng)
        if k == 0:
            _require_determined(caller, game)
        _raise_if_broken(caller, game, reading)
        slack = max(slack, slack_of(game))
    if table is None:
        return MixerReport(reading, games, slack)
    fit = fit_table(caller, table, rows[0], reading, rng)
    _raise_if_broken(caller, fit.game, reading)
    if within is not None and fit.exceeds(within):
        raise smallest_poor_fit(caller, fit, within, rng).violation(within)
    return MixerReport(reading, games, slack, fit)


def _raise_if_broken(caller: Caller, game: Game, reading: Reading) -> None:
    violation = violation_of(game, reading)
    if violation is not None:
        raise shrunk(caller, game, violation, reading)


def _random_game(caller: Caller, counts: tuple[int, ...], state: Any, kind: int, rng: np.random.Generator) -> Game:
    actions = _part(counts, rng)
    utilities = tuple(tuple(map(float, q)) for q in _DRAWS[kind](rng, [len(own) for own in actions]))
    return caller.game(utilities, actions, state)


def _part(counts: tuple[int, ...], rng: np.random.Generator) -> Actions:
    """Return every action of every agent, or random ones where the joint actions are too many for one game."""
    kept = [1] * len(counts)
    while grown := [int(i) for i in rng.permutation(len(counts)) if _grows(kept, counts, int(i))]:
        least = min(grown, key=lambda i: kept[i])
        kept[least] += 1
    return tuple(tuple(sorted(rng.permutation(c)[:k].tolist())) for c, k in zip(counts, kept, strict=True))


def _grows(kept: list[int], counts: tuple[int, ...], agent: int) -> bool:
    return kept[agent] < counts[agent] and prod(kept) // kept[agent] * (kept[agent] + 1) <= MOST_JOINT


def _require_determined(caller: Caller, game: Game) -> None:
    again = caller.game(game.utilities, game.actions, game.state)
    if not np.array_equal(again.table, game.table, equal_nan=True):
        raise DataError("mixer: expected the same answer to the same question, found two; a module may need .eval()")


def _payoff(payoff: Any) -> Array:
    try:
        table = scalars.exact_array(payoff)
    except NumberError as error:
        raise NumberError(f"payoff: {error}") from None
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


def _inputs(mixer: Mixer, inputs: Sequence[Input] | None, states: Any, reading: Reading) -> tuple[Input, ...]:
    """Return what the mixer is given."""
    asked: tuple[Input, ...] = tuple(inputs or (("utilities",) if states is None else ("utilities", "states")))
    if reading not in FINDERS:
        raise DataError(f"reading: expected one of {', '.join(FINDERS)}, found {reading!r}")
    if hasattr(mixer, "state_dict"):
        raise DataError("mixer: expected a function of NumPy arrays, found a module on tensors; see array_mixer")
    if isinstance(inputs, str) or not set(asked) <= set(get_args(Input)):
        raise DataError(f"inputs: expected a sequence of some of {', '.join(get_args(Input))}, found {inputs!r}")
    if "states" in asked and (states is None or len(states) == 0):
        raise DataError('states: the mixer asks for "states", none were given')
    if reading in ("monotonic", "additive") and set(asked) & {"joint_actions", "maxima"}:
        raise DataError(f"reading: {reading!r} is about functions of utilities and states, this mixer takes {asked}")
    return asked


def _near_ties(rng: np.random.Generator, counts: Sequence[int]) -> list[Array]:
    gap = 10.0 ** rng.uniform(-4, 0)
    return [rng.normal() + gap * rng.random(count) for count in counts]


def _any_size(rng: np.random.Generator, counts: Sequence[int]) -> list[Array]:
    size = 10.0 ** rng.uniform(-3, 3)
    return [size * rng.normal(size=count) for count in counts]


#: Utilities of every agent, of one kind each.
_DRAWS: tuple[Callable[[np.random.Generator, Sequence[int]], list[Array]], ...] = (
    lambda rng, counts: [rng.normal(size=count) for count in counts],
    lambda rng, counts: [rng.permutation(np.arange(-count, count))[:count] for count in counts],
    lambda rng, counts: [20 * rng.normal(size=count) for count in counts],
    lambda rng, counts: [rng.integers(0, 2, size=count) for count in counts],
    _near_ties,
    _any_size,
)
