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

from fqi_theory.base.partitions import Arrow, coarsest
from fqi_theory.base.scalars import Array, objects
from fqi_theory.data.sources import Data, DataSource
from fqi_theory.fates.problem import Problem
from fqi_theory.model.mmdp import MMDP
from fqi_theory.model.transitions import SparseTransition
from fqi_theory.operators.value_space import restrict
from fqi_theory.runs.trajectory import Start


def classes_of(problem: Problem) -> Array:
    """Return the coarsest such classes (S,), numbers from 0 on by their first states."""
    model, start = problem.model, problem.start
    weights = problem.source.at(model, start.greedy).joint().reshape(model.n_states, -1)
    rewards = model.reward.reshape(model.n_states, -1)
    known = zip(start.values, start.greedy.tolist(), rewards, weights, strict=True)
    first = [(v, tuple(g), tuple(r), tuple(w)) for v, g, r, w in known]
    indptr, successors, chances = model.transition.compressed()
    arrows: list[list[Arrow]] = [[] for _ in range(model.n_states)]
    names, count = successors.tolist(), rewards.shape[1]
    for k, (low, high) in enumerate(pairwise(indptr.tolist())):
        for place in range(low, high):
            if chances[place] != 0:
                arrows[names[place]].append((k // count, k % count, chances[place]))
    return np.array(coarsest(first, arrows))


def firsts(classes: Array) -> Array:
    """Return the first state of each class, (C,)."""
    return np.unique(classes, return_index=True)[1]


def lumped(problem: Problem, classes: Array) -> Problem:
    """Return the run of the classes (S,), as one of a model with a state for each, named as the first of its states."""
    count, model, first = int(classes.max()) + 1, problem.model, firsts(classes)
    reward = model.reward[first]
    indptr, successors, chances = model.transition.at(first).compressed()
    names, rows = classes[successors].tolist(), list[dict[int, fmpq]]()
    for low, high in pairwise(indptr.tolist()):
        row = dict[int, fmpq]()
        for place in range(low, high):
            row[names[place]] = row.get(names[place], fmpq(0)) + chances[place]
        rows.append({c: p for c, p in sorted(row.items()) if p != 0})
    ends = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    following, shares = np.array([c for row in rows for c in row]), objects(p for row in rows for p in row.values())
    kernel = SparseTransition(reward.shape, count, ends, following, shares, "exact")
    states = [model.states[s] for s in first]
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
