"""V* where the best policy never returns to a state that it has left: exact, by substitution instead of elimination.

A joint action is taken until it leads elsewhere: with p = P(s|s,a), V(s) = r(s,a) + γ Σ_s' P(s'|s,a) V(s') means
    V(s) = r(s,a)/(1-γp) + Σ_{s' ≠ s} γ P(s'|s,a)/(1-γp) V(s').
Float value iteration proposes a policy. Where the graph of its steps to other states has no cycle, these equations are
solved one state after the other, successors first. Joint actions that floats cannot discard are compared exactly, but
for those that do the same as the chosen one. What a model is read into for this is kept as long as the model is.
"""

from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from flint import fmpq

from fqi_theory.base.scalars import Array, objects
from fqi_theory.model.mmdp import MMDP
from fqi_theory.planning.floats import float_model, floats
from fqi_theory.planning.sweeps import sweeps

#: What models of more joint actions in all are read into is not kept.
KEPT = 1 << 14


class Row(NamedTuple):
    """V(s) = level + Σ w V(s') over the pairs (s', w) in `others`, s' ≠ s: a joint action taken until it leads away."""

    level: fmpq
    others: tuple[tuple[int, fmpq], ...]


class Prepared:
    """A model in floats and, as they are asked for, its rows; those of a state that are equal are one object."""

    def __init__(self, model: MMDP) -> None:
        self.near = float_model(model)
        self._count = model.reward.size // model.n_states
        self._rewards, self._discount, self._kernel = model.reward.reshape(-1), model.discount, model.transition
        self._rows: list[Row | None] = [None] * model.reward.size
        self._equal: dict[tuple[int, Row], Row] = {}
        self._sweeps = sweeps(self.near)

    def solution(self) -> tuple[Array, Array] | None:
        """Return (V*, the first optimal row of each state), (S,) each; None where this is not the way to find them."""
        proposed = self._proposed()
        rows, known = proposed.tolist(), self._rows
        chosen = [known[k] or self.row(k) for k in rows]
        found = _substituted(chosen)
        if found is None:
            return None
        values = objects(found)
        possible = self._possible(floats(values))
        possible[proposed] = False
        left = np.flatnonzero(possible)
        for k, s in zip(left.tolist(), (left // self._count).tolist(), strict=True):
            row = known[k] or self.row(k)
            if row is not chosen[s]:
                total, others = row
                for t, weight in others:
                    total = total + weight * found[t]
                if total != found[s]:
                    if total > found[s]:
                        return None
                    continue
            if k < rows[s]:
                rows[s] = k
        return values, np.array(rows)

    def row(self, k: int) -> Row:
        """Return row k, the flat index of (s, a)."""
        found = self._rows[k]
        if found is None:
            own = self._made(k)
            found = self._rows[k] = self._equal.setdefault((k // self._count, own), own)
        return found

    def _made(self, k: int) -> Row:
        _, successors, probabilities = self._kernel.compressed(np.array([k]))
        weights = dict(zip(successors.tolist(), (self._discount * p for p in probabilities.tolist()), strict=True))
        rest = 1 - weights.pop(k // self._count, fmpq(0))
        return Row(self._rewards[k] / rest, tuple((t, w / rest) for t, w in weights.items() if w))

    def _proposed(self) -> Array:
        """Return the rows, (S,), that value iteration in floats settles on."""
        if self._sweeps is not None:
            chosen = self._sweeps.settled()
            return chosen + np.arange(0, chosen.size * self._count, self._count)
        with np.errstate(all="ignore"):
            policy = self.near.settled_policy()
        return np.asarray(np.ravel_multi_index((np.arange(len(policy)), *policy.T), self.near.reward.shape))

    def _possible(self, values: Array) -> Array:
        """Return (S·|A|,) booleans, False only where r + γ P V < V(s) holds for certain; values: V rounded."""
        return (self._sweeps or self.near).possible(values).reshape(-1)


def _substituted(rows: list[Row]) -> list[fmpq] | None:
    """Return the solution V of the equations `rows`, one a state; None where their graph has a cycle."""
    found: list[Any] = [None] * len(rows)
    begun = [False] * len(rows)
    waiting = list(range(len(rows)))
    while waiting:
        s = waiting[-1]
        total, others = rows[s]
        if found[s] is None:
            for t, weight in others:
                value = found[t]
                if value is None:
                    break
                total = total + weight * value
            else:
                found[s] = total
        if found[s] is not None:
            waiting.pop()
            continue
        begun[s] = True
        missing = [t for t, _ in others if found[t] is None]
        if any(begun[t] for t in missing):  # begun and not found: this state is on the way from there
            return None
        waiting += missing
    return found


_PREPARED: WeakKeyDictionary[MMDP, Prepared] = WeakKeyDictionary()


def prepared(model: MMDP) -> Prepared:
    """Return what an exact model is read into, the same one each time while it is kept."""
    found = _PREPARED.get(model)
    if found is None:
        found = Prepared(model)
        if model.reward.size <= KEPT:
            _PREPARED[model] = found
    return found
