"""Runs of many models in float64: which modes repeat in the end. Proposals only; nothing here is believed."""

from dataclasses import dataclass

import numpy as np

from fqi_theory.base.scalars import Array
from fqi_theory.factorization.fit import Ties
from fqi_theory.fates.together.tables import Tables

#: Steps of a float run, the last of them that are looked at, and the longest period that is looked for.
STEPS, WINDOW, LONGEST = 240, 48, 12
#: Factors so near to the largest, for values of size 1, are taken to tie with it.
NEAR = 1e-11


@dataclass(frozen=True, eq=False)
class Runs:
    """Runs from Q = 0: values (T+1, M, S), greedy joint actions (T+1, M, S, n); periods (M,), 0 where none is seen.

    Under fixed data greedy actions are known at the last WINDOW + LONGEST positions only.
    """

    values: Array
    greedy: Array
    periods: Array

    @property
    def end(self) -> int:
        """Return T."""
        return len(self.values) - 1


def runs_of(tables: Tables) -> Runs:
    """Return float runs of all models; in the loop models are the last axis, which is long."""
    count, states, agents = len(tables), tables.states, len(tables.counts)
    values, greedy = np.zeros((STEPS + 1, count, states)), np.zeros((STEPS + 1, count, states, agents), dtype=np.int64)
    if tables.ties == "last":
        greedy[0] = np.array(tables.counts) - 1
    forms, now = tables.forms_floats[:, :, 0].transpose(3, 1, 2, 0).copy(), np.zeros((states, count))
    for t in range(STEPS):
        if tables.on_policy:
            keys = tables.keys(greedy[t])[:, :, None, None, None]
            forms = np.take_along_axis(tables.forms_floats, keys, axis=2)[:, :, 0].transpose(3, 1, 2, 0)
        factors = forms[-1] + sum(form * value for form, value in zip(forms, now, strict=False))
        room = NEAR * (1 + np.abs(now).max(axis=0))
        now = np.zeros((states, count))
        for i, (first, actions) in enumerate(zip(tables.offsets, tables.counts, strict=True)):
            own = factors[:, first : first + actions]
            most = own.max(axis=1)
            now += most
            if tables.on_policy or t >= STEPS - WINDOW - LONGEST:
                greedy[t + 1, :, :, i] = _chosen(own >= most[:, None] - room, tables.ties).T
        values[t + 1] = now.T
    return Runs(values, greedy, _periods(greedy))


def _chosen(best: Array, ties: Ties) -> Array:
    """Return the first, or last, of an agent's actions that is best: (S, M) of (S, actions, M)."""
    found, actions = np.zeros((best.shape[0], best.shape[2]), dtype=np.int64), range(best.shape[1])
    for x in reversed(actions) if ties == "first" else actions:
        found[best[:, x]] = x
    return found


def _periods(greedy: Array) -> Array:
    recent = greedy[-WINDOW - LONGEST :].reshape(WINDOW + LONGEST, greedy.shape[1], -1)
    periods = np.zeros(greedy.shape[1], dtype=np.int64)
    for k in reversed(range(1, LONGEST + 1)):
        periods[(recent[k:] == recent[:-k])[-WINDOW:].all(axis=(0, 2))] = k
    return periods
