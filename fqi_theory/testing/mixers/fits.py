"""The best that a mixing function reaches on one payoff table when the utilities are free.

    minimise over Q_1, ..., Q_n:  Σ_a (mixer(Q_1(a_1), ..., Q_n(a_n)) - payoff(a))²

Local least squares from many starts: the error found can be reached, a smaller one may exist. What no member of the
class can go below is exact: `best_fits.best_fit` for "monotonic" and "additive", and 0 for both readings of IGM: for
every table some Q_tot of selection IGM equals it, and some of set IGM come as near as one likes
(theory notes, section 6).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import fmpq

from fqi_theory.base import scalars
from fqi_theory.base.scalars import Array
from fqi_theory.factorization.best_fits import best_fit
from fqi_theory.testing.mixers.games import Actions, Caller, Game
from fqi_theory.testing.mixers.readings import MixerViolation, Reading

#: Random starts besides the two that are taken from the payoff, and the most evaluations from each.
STARTS, EVALUATIONS = 10, 150
#: The most joint actions of a payoff table whose optimum in a class is computed.
MOST_CELLS = 36
#: What rounding and an unfinished descent may add to an error, relative to the table's own sum of squares.
SLACK = 1e-6


@dataclass(frozen=True, eq=False, repr=False)
class MixerFit:
    """The best fit found by free utilities, the mixer's own weights held fixed.

    payoff: exact (A_1, ..., A_n). game: the utilities found and their Q_tot. error: Σ (Q_tot - payoff)², a float.
    least: the exact squared error below which no member of the reading's class can go, None where it is too costly.
    """

    payoff: Array
    game: Game
    error: float
    least: fmpq | None

    @property
    def table(self) -> Array:
        """Return the fitted Q_tot, (A_1, ..., A_n)."""
        return self.game.table

    @property
    def greedy(self) -> tuple[int, ...]:
        """Return the first greedy action of every agent."""
        return tuple(int(np.argmax(q)) for q in self.game.utilities)

    def exceeds(self, within: float) -> bool:
        """Tell whether the error is above `within` by more than rounding."""
        return self.error > within + SLACK * (1.0 + float((scalars.to_float(self.payoff) ** 2).sum()))

    def violation(self, within: float) -> MixerViolation:
        """Return the violation "fit" at the entry that is fitted worst."""
        gaps = np.abs(self.table - scalars.to_float(self.payoff))
        worst = tuple(map(int, np.unravel_index(int(gaps.argmax()), gaps.shape)))
        shown = scalars.nested_text(self.payoff)
        reason = f"has squared error {self.error:.6g}, more than {within:g}, for the payoff {shown}; farthest"
        return MixerViolation("fit", self.game, worst, None, reason)

    def __repr__(self) -> str:
        least = "optimum of the class not computed"
        if self.least is not None:
            least = f"at least {scalars.text(self.least)} in its class (exact)"
        found = f"squared error {self.error:.6g}, {least}, greedy {self.greedy}"
        return f"best fit found, the mixer's weights held fixed: {found}"


def fit_table(caller: Caller, payoff: Array, state: Any, reading: Reading, rng: np.random.Generator) -> MixerFit:
    """Return the best fit found to an exact payoff table at one state."""
    game, error = _fit(caller, payoff, _indices(payoff.shape), state, rng)
    return MixerFit(payoff, game, error, _least(payoff, reading))


def smallest_poor_fit(caller: Caller, fit: MixerFit, within: float, rng: np.random.Generator) -> MixerFit:
    """Return a smallest part of the payoff table, by leaving out actions, that is still fitted worse than `within`."""
    for payoff, actions in _parts(fit):
        game, error = _fit(caller, payoff, actions, fit.game.state, rng)
        part = MixerFit(payoff, game, error, None)
        if part.exceeds(within):
            return smallest_poor_fit(caller, part, within, rng)
    return fit


def _parts(fit: MixerFit) -> Iterator[tuple[Array, Actions]]:
    """Yield the payoff without one action of one agent."""
    for i, own in enumerate(fit.game.actions):
        for x in range(len(own) if len(own) > 1 else 0):
            rest = own[:x] + own[x + 1 :]
            yield np.delete(fit.payoff, x, axis=i), (*fit.game.actions[:i], rest, *fit.game.actions[i + 1 :])


def _fit(caller: Caller, payoff: Array, actions: Actions, state: Any, rng: np.random.Generator) -> tuple[Game, float]:
    from scipy.optimize import least_squares

    target, edges = scalars.to_float(payoff), np.cumsum(payoff.shape)[:-1]

    def game(flat: Array) -> Game:
        return caller.game(tuple(tuple(map(float, q)) for q in np.split(flat, edges)), actions, state)

    def gaps(flat: Array) -> Array:
        return np.asarray(game(flat).table.astype(float) - target).reshape(-1)

    # The step of the difference quotients follows the precision of the answers: a mixer may compute in float32.
    kind = game(np.zeros(sum(payoff.shape))).table.dtype
    step = float(np.sqrt(np.finfo(kind if kind.kind == "f" else float).eps))
    best, error = game(np.zeros(sum(payoff.shape))), np.inf
    for start in _starts(target, rng):
        if not np.isfinite(gaps(start)).all():
            continue
        found = least_squares(gaps, start, diff_step=step, max_nfev=EVALUATIONS)
        if 2 * found.cost < error:
            best, error = game(found.x), 2 * float(found.cost)
    return best, error


def _starts(target: Array, rng: np.random.Generator) -> Iterator[Array]:
    """Yield utilities (Σ|A_i|,): the best and the mean payoff of each action, then random ones."""
    others = [tuple(j for j in range(target.ndim) if j != i) for i in range(target.ndim)]
    yield np.concatenate([target.max(axis=axes) for axes in others])
    yield np.concatenate([target.mean(axis=axes) for axes in others])
    for k in range(STARTS):
        yield rng.normal(scale=(1.0, 1.0 + np.abs(target).max())[k % 2], size=sum(target.shape))


def _indices(shape: tuple[int, ...]) -> Actions:
    return tuple(tuple(range(count)) for count in shape)


def _least(payoff: Array, reading: Reading) -> fmpq | None:
    if reading == "igm" or reading == "igm-sets":
        return fmpq(0)
    if reading == "monotonic" and payoff.size > MOST_CELLS:
        return None
    return best_fit(payoff, reading).error
