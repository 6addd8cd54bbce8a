"""Theorem 2 of arXiv:2006.00587 with an explicit ε_0: below it a policy attracts under ε-greedy data (bound: ours).

Let y = r + γPV^π and
    D = min over s, i, x ≠ π_i(s) of y(s,π(s)) - y(s, x ⊕ π_{-i}(s)),     B = max_s (max_a y(s,a) - min_a y(s,a)).
If D > 0 then for every 0 < ε <= ε_0,
    ε_0 = min(1, D / (4(n-1)(B+D)), (1-γ) / (6γn)),
the step of linear FQI under ε-greedy data around π has a fixed point V_ε with ||V_ε - V^π|| <= 3n(n-1)ε²B/(1-γ), there
every agent prefers π by at least D/2, and a run with greedy policy π and ||V - V_ε|| <= D/8 keeps π and contracts by
γ(1 + n(n-1)ε²) < (1+γ)/2 a step.

Why. The fit at π(s) is Σ_b W(b) y(s,b), Σ_b W(b) = 1. With k agents deviating from π in b, W(π) = P(k <= 1), and the
negative mass is at most E[(k-1)^+] <= n(n-1)ε²/2: so Σ_b |W(b)| <= 1 + n(n-1)ε², and Σ_{b ≠ π} |W(b)| <= 3n(n-1)ε²/2.
The first is the contraction, the second bounds the step from V^π. Agent i's preference is E_{-i} of differences of y:
at least D where no other agent deviates, at least -B elsewhere, which has probability <= (n-1)ε; moving V by v changes
it by at most 2γ|v|. With n = 1 or γ = 0 the terms that would divide by 0 are absent.
"""

from dataclasses import dataclass
from os import PathLike
from typing import Any

import numpy as np
from flint import fmpq

from fqi_theory.base import scalars
from fqi_theory.base.errors import DataError
from fqi_theory.base.scalars import Array, Scalar
from fqi_theory.model.mmdp import MMDP
from fqi_theory.model.named import as_model
from fqi_theory.planning.optimal import policy_values, solve


@dataclass(frozen=True, eq=False)
class LocalAttraction:
    """A policy that attracts at every 0 < ε <= epsilon.

    policy: (S, n). values: V^π, (S,). gap: D. spread: B. epsilon: ε_0. radius: D/8, of the neighbourhood of V_ε.
    """

    policy: Array
    values: Array
    gap: Scalar
    spread: Scalar
    epsilon: Scalar
    discount: Scalar

    @property
    def radius(self) -> Scalar:
        """Return D/8: runs that start with greedy policy π at most this far from V_ε, in every state, stay there."""
        return self.gap / 8

    def drift(self, epsilon: Any) -> Scalar:
        """Return 3n(n-1)ε²B/(1-γ), a bound on |V_ε(s) - V^π(s)|; raises DataError unless 0 < ε <= ε_0."""
        return 3 * self._pairs() * self._within(epsilon) ** 2 * self.spread / (1 - self.discount)

    def rate(self, epsilon: Any) -> Scalar:
        """Return γ(1 + n(n-1)ε²), a bound on the contraction of one step; raises DataError unless 0 < ε <= ε_0."""
        return self.discount * (1 + self._pairs() * self._within(epsilon) ** 2)

    def _pairs(self) -> int:
        n = int(self.policy.shape[1])
        return n * (n - 1)

    def _within(self, epsilon: Any) -> fmpq:
        found = scalars.exact(epsilon)
        if not 0 < found <= self.epsilon:
            raise DataError(f"epsilon: expected 0 < ε <= {self.epsilon}, found {found}")
        return found


def local_attraction(model: MMDP | str | PathLike[str], policy: Any = None) -> LocalAttraction:
    """Return an explicit ε_0 below which `policy` attracts linear FQI under ε-greedy data, exactly.

    model: exact, 0 <= γ < 1, or a name or path of one. policy: joint actions (S, n); by default an optimal policy, the
    first maximisers. Raises DataError where one agent alone can deviate without loss, naming state, agent and action
    (then the theorem does not apply), and for models that are not exact.
    """
    found = as_model(model)
    if found.field != "exact":
        raise DataError(f"local_attraction: expected an exact model, found {found.field} numbers (MMDP.to_exact)")
    chosen = np.asarray(solve(found).policy if policy is None else policy)
    if chosen.shape != (found.n_states, found.n_agents):
        raise DataError(f"policy: expected joint actions {(found.n_states, found.n_agents)}, found {chosen.shape}")
    values, chosen = policy_values(found, chosen), found.played(chosen)
    targets = found.backup(values)
    flat = targets.reshape(found.n_states, -1)
    gap, spread = _gap(found, targets, chosen), (flat.max(axis=1) - flat.min(axis=1)).max()
    return LocalAttraction(chosen, values, gap, spread, _epsilon(found, gap, spread), found.discount)


def _epsilon(model: MMDP, gap: fmpq, spread: fmpq) -> fmpq:
    n, bounds = model.n_agents, [fmpq(1)]
    if n > 1:
        bounds.append(gap / (4 * (n - 1) * (spread + gap)))
    if n > 1 and model.discount > 0:
        bounds.append((1 - model.discount) / (6 * n * model.discount))
    return min(bounds)


def _gap(model: MMDP, targets: Array, policy: Array) -> fmpq:
    """Return D; raises DataError unless it is positive. Without any other action D is 1: nothing can be preferred."""
    least = None
    for s, action in enumerate(policy.tolist()):
        best = targets[(s, *action)]
        for i, count in enumerate(model.action_counts):
            there = range(count) if model.available is None else np.flatnonzero(model.available[i][s]).tolist()
            for x in (x for x in there if x != action[i]):
                gap = best - targets[(s, *action[:i], x, *action[i + 1 :])]
                if not gap > 0:
                    names = model.actions[i]
                    raise DataError(
                        f"policy at {model.place(s)}: agent {i + 1} loses nothing by action {names[x]} instead of "
                        f"{names[action[i]]}, expected a loss, found {gap}"
                    )
                least = gap if least is None else min(least, gap)
    return fmpq(1) if least is None else least
