"""Classes of states that keep one value along a run, and the run of the classes (ours).

States that start alike, have the same rewards, the same data and after each joint action the same probabilities of each
class have equal targets for ever, so equal values and greedy actions: one state of each class is enough. Where a model
has agents go where no reward depends on from where they come, hundreds of states are tens of classes.
"""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from flint import fmpq

from fqi_theory.base.progress import look
from fqi_theory.base.scalars import Array, zeros
from fqi_theory.data.sources import Data, DataSource
from fqi_theory.fates.problem import Problem
from fqi_theory.model.mmdp import MMDP
from fqi_theory.operators.value_space import restrict
from fqi_theory.runs.trajectory import Start


def classes_of(problem: Problem) -> Array:
    """Return the coarsest such classes (S,), numbers from 0 on by their first states."""
    model, start = problem.model, problem.start
    weights = problem.source.at(model, start.greedy).joint().reshape(model.n_states, -1)
    rewards = model.reward.reshape(model.n_states, -1)
    known = zip(start.values, start.greedy.tolist(), rewards, weights, strict=True)
    classes = _numbered([(v, tuple(g), tuple(r), tuple(w)) for v, g, r, w in known])
    indptr, successors, chances = model.transition.compressed()
    rows = [range(a, b) for a, b in pairwise(indptr.tolist())]
    count = rewards.shape[1]
    while classes.max() < model.n_states - 1:
        look()
        own = [_summed(successors, chances, row, classes) for row in rows]
        keys = [(int(c), *own[s * count : (s + 1) * count]) for s, c in enumerate(classes)]
        refined = _numbered(keys)
        if refined.max() == classes.max():
            break
        classes = refined
    return classes


def _numbered(keys: list[tuple[Any, ...]]) -> Array:
    numbers: dict[tuple[Any, ...], int] = {}
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys])


def _summed(successors: Array, chances: Array, row: range, classes: Array) -> frozenset[tuple[int, fmpq]]:
    """Return the classes that may follow, with their probabilities."""
    found: dict[int, fmpq] = {}
    for k in row:
        c = int(classes[successors[k]])
        found[c] = found.get(c, fmpq(0)) + chances[k]
    return frozenset((c, p) for c, p in found.items() if p != 0)


def firsts(classes: Array) -> Array:
    """Return the first state of each class, (C,)."""
    return np.unique(classes, return_index=True)[1]


def lumped(problem: Problem, classes: Array) -> Problem:
    """Return the run of the classes (S,), as one of a model with a state for each, named as the first of its states."""
    count, model, first = int(classes.max()) + 1, problem.model, firsts(classes)
    reward = model.reward[first]
    indptr, successors, chances = model.transition.at(first).compressed()
    table = zeros((reward.size, count), "exact")
    for k, (low, high) in enumerate(pairwise(indptr.tolist())):
        for place in range(low, high):
            table[k, classes[successors[place]]] += chances[place]
    kernel, states = table.reshape(*reward.shape, count), [model.states[s] for s in first]
    own = MMDP(reward, kernel, model.discount, states=states, actions=model.actions, name=model.name)
    start = Start(problem.start.values[first], problem.start.greedy[first])
    source = _OfClasses(problem.source, model, classes, first)
    return replace(problem, model=own, source=source, start=start, order=np.arange(count))


@dataclass(frozen=True, eq=False)
class _OfClasses:
    """The data of the first state of each class, where all states of a class play its greedy action."""

    source: DataSource
    model: MMDP
    classes: Array
    first: Array

    @property
    def on_policy(self) -> bool:
        return self.source.on_policy

    def at(self, model: MMDP, greedy: Array) -> Data:  # noqa: ARG002
        """Return the data of the classes around the joint actions `greedy` (C, n)."""
        return restrict(self.source.at(self.model, greedy[self.classes]), self.first)

    def describe(self) -> Any:
        return self.source.describe()
