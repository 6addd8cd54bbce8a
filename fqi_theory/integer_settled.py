"""Exact runs that take the short way while the greedy actions stay: `settled` in integers, without rounding.

While the greedy joint policy is π only the sums of the agents' rows at π are needed, S rows instead of S·Σ|A_i|. With
V = v/d and V_k = v_k/d_k, entries over the denominator D, K the largest sum of magnitudes in a row and G/(D d) > 0 the
smallest gap at V between the factor of a greedy action and that of another one,
    K span(d v_k - d_k v) < G d_k
shows in integers that every gap is positive at V_k too: π is still greedy there, and nothing ties with it.
"""

from dataclasses import dataclass
from itertools import accumulate

from flint import fmpz

from fqi_theory.factorization.fit import Ties
from fqi_theory.integer_iteration import IntegerFit, IntegerOperator, IntegerValues, reduced
from fqi_theory.integer_matrix import IntegerMatrix

#: Whole steps before the actions are first guessed to stay, and the most between two guesses (doubled where in vain).
FEWEST, MOST = 3, 64


@dataclass(frozen=True, eq=False)
class Settled:
    """What is known at V after one step: M_π (S, S+1) and G of the module's text, None where there is no choice."""

    fit: IntegerFit
    matrix: IntegerMatrix
    gap: fmpz | None

    def holds(self, operator: IntegerOperator, values: IntegerValues) -> bool:
        """Tell whether the policy is certain to be greedy at `values`, and nothing to tie with it."""
        if operator is not self.fit.operator:
            return False
        if self.gap is None:
            return True
        old, common, own = self.fit.before.numerators, self.fit.before.denominator, values.denominator
        moved = [common * new - own * v for new, v in zip(values.numerators, old, strict=True)]
        return bool(operator.matrix.largest_row * (max(moved) - min(moved)) < self.gap * own)

    def step(self, values: IntegerValues) -> IntegerFit:
        """Return the step from values at which the policy holds."""
        operator = self.fit.operator
        totals = self.matrix.times([*values.numerators, values.denominator])
        following = reduced(totals, operator.denominator * values.denominator)
        return IntegerFit(operator, values, following, self.fit.greedy)


def settle(fit: IntegerFit) -> Settled | None:
    """Return what is needed to go on with the greedy actions of a whole step, None where an action ties with one."""
    operator, states, counts = fit.operator, fit.operator.states, fit.operator.action_counts
    flat = operator.numerators(fit.before) if fit.found is None else fit.found
    starts = [states * before for before in accumulate((0, *counts))]
    chosen = [[starts[i] + s * count + int(fit.greedy[s, i]) for s in range(states)] for i, count in enumerate(counts)]
    gaps = [
        flat[chosen[i][s]] - flat[k]
        for i, count in enumerate(counts)
        for s in range(states)
        for k in range(starts[i] + s * count, starts[i] + (s + 1) * count)
        if k != chosen[i][s]
    ]
    if gaps and min(gaps) == 0:
        return None
    matrix = operator.matrix.sums(list(zip(*chosen, strict=True)))
    return Settled(fit, matrix, min(gaps, default=None))


class IntegerSteps:
    """Exact steps one after another, by M_π where the last greedy actions are certain to stay, else by all rows."""

    def __init__(self, ties: Ties = "first") -> None:
        self._ties: Ties = ties
        self._last: IntegerFit | None = None
        self._settled: Settled | None = None
        self._whole, self._short, self._wait = 0, 0, FEWEST

    def step(self, operator: IntegerOperator, values: IntegerValues) -> IntegerFit:
        """Return the exact step of `operator` from `values`."""
        if self._settled is None and self._last is not None and self._whole >= self._wait:
            self._settled, self._whole, self._short = settle(self._last), 0, 0
            self._wait = self._wait if self._settled is not None else min(2 * self._wait, MOST)
        if self._settled is not None:
            if self._settled.holds(operator, values):
                self._short += 1
                return self._settled.step(values)
            self._wait = FEWEST if self._short >= self._wait else min(2 * self._wait, MOST)
            self._settled = None
        self._last, self._whole = operator.step(values, self._ties), self._whole + 1
        return self._last
