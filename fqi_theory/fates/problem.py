"""The run as the search sees it: choosers for agents, and states in an order of its own.

Where the class chooses a joint action as a whole (`additive:k`, `graph`, `joint`) there is one chooser, whose actions
are the joint actions in row-major order: its factor is Q_tot, ρ(s,a) + γ Σ_s' K(s'|s,a) V(s') (theory notes, section
3). The linear class has a chooser an agent. Fates depend on no order of states, so the search may take any (`naming`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import Data, DataSource
from fqi_theory.factorization import linear
from fqi_theory.factorization.additive import Additive
from fqi_theory.factorization.fit import Factorization, Ties
from fqi_theory.model.mmdp import MMDP
from fqi_theory.model.transitions import DenseTransition, DeterministicTransition, SparseTransition, Transition
from fqi_theory.operators.exact import Credit
from fqi_theory.operators.value_space import restrict
from fqi_theory.runs.trajectory import Start


@dataclass(frozen=True, eq=False)
class Problem:
    """A run to be decided, and its translation: state k of the search is state order[k] of the model.

    *inward*: from the model to the search; *outward*: back. order: (S,), a permutation. chosen: the data leave Q_tot
    open somewhere, and the choice of runs is taken there: least norm, or for product data the closed form.
    """

    model: MMDP
    source: DataSource
    factorization: Factorization
    ties: Ties
    start: Start
    order: Array
    chosen: bool = False

    @property
    def whole(self) -> bool:
        """Tell whether one chooser takes the joint action as a whole."""
        return self.factorization is not linear

    @cached_property
    def searched(self) -> MMDP:
        """Return the model of the search: states in `order`, an agent for each chooser."""
        if not self.whole and self._natural:
            return self.model
        reward = self.model.reward[self.order]
        shape = (len(self.order), -1) if self.whole else reward.shape
        reward = reward.reshape(shape)
        return MMDP(reward, _renamed(self.model.transition, self.order, reward.shape), self.model.discount)

    @property
    def searched_source(self) -> DataSource:
        """Return the source whose data, for choices inward, are those of the model in `order`."""
        return self.source if not self.whole and self._natural else _Inward(self)

    @property
    def credit(self) -> Credit:
        """Return the fit of the class as tables of the choosers."""
        return linear.credit if not self.whole else self._projected

    @cached_property
    def _natural(self) -> bool:
        return bool((self.order == np.arange(len(self.order))).all())

    @cached_property
    def _places(self) -> Array:
        return np.argsort(self.order)

    def _projected(self, tensor: Array, data: Data) -> Sequence[Array]:
        states, choices, width = tensor.shape
        table = tensor.reshape(states, *self.model.action_counts, width)
        fitted = self.factorization.project(table, data) if isinstance(self.factorization, Additive) else table
        return [fitted.reshape(states, choices, width)]

    def inward(self, policy: Array) -> Array:
        """Return choices (S, choosers) of the search for a joint policy (S, n)."""
        chosen = policy[self.order]
        if not self.whole:
            return np.asarray(chosen)
        return np.asarray(np.ravel_multi_index(tuple(chosen.T), self.model.action_counts))[:, None]

    def outward(self, choices: Array) -> Array:
        """Return the joint policy (S, n) of choices (S, choosers)."""
        chosen = choices[self._places]
        if not self.whole:
            return np.asarray(chosen)
        return np.stack(np.unravel_index(chosen[:, 0], self.model.action_counts), axis=-1)

    def values_inward(self, values: Array) -> Array:
        """Return values (S,) in the order of the search."""
        return np.asarray(values[self.order])

    def values_outward(self, values: Array) -> Array:
        """Return values (S,) in the order of the model."""
        return np.asarray(values[self._places])

    def proof_outward(self, proof: dict[str, Any]) -> dict[str, Any]:
        """Return a proof of the search as one about the model."""

        def states(row: list[Any]) -> list[Any]:
            return [row[k] for k in self._places]

        if proof["kind"] == "contraction":
            return {**proof, "weights": states(proof["weights"])}
        if proof["kind"] in ("interval", "expanding"):
            return proof
        if proof["kind"] in ("cells", "repelling"):
            return {
                **proof,
                "cells": [{**own, "greedy": self._greedy_outward(own["greedy"])} for own in proof["cells"]],
            }
        if proof["kind"] == "choices":
            actions = [self._choices_outward(phase) for phase in proof["actions"]]
            return {**proof, "directions": [states(row) for row in proof["directions"]], "actions": actions}
        moved = {
            "origin": states(proof["origin"]),
            "modes": [self._greedy_outward(mode) for mode in proof["modes"]],
            "entry": self._greedy_outward(proof["entry"]),
            "reference": int(self.order[proof["reference"]]),
        }
        if proof["directions"] is not None:
            return {**proof, **moved, "directions": [states(row) for row in proof["directions"]]}
        widths = list(proof["widths"])
        widths.insert(proof["reference"], None)
        return {**proof, **moved, "widths": [b for b in states(widths) if b is not None]}

    def _choices_outward(self, phase: list[list[list[int]]]) -> list[list[list[int]]]:
        """Return the joint actions of each state, in the order of the model, for choices of the search."""
        own = [phase[k] for k in self._places]
        if not self.whole:
            return own
        sizes = self.model.action_counts
        return [[[int(x) for x in np.unravel_index(k, sizes)] for (k,) in choices] for choices in own]

    def _greedy_outward(self, choices: list[Any] | None) -> list[Any] | None:
        return None if choices is None else self.outward(np.array(choices)).tolist()


@dataclass(frozen=True, eq=False)
class _Inward:
    """The data of the model in the order of the search, for choices inward."""

    problem: Problem

    @property
    def on_policy(self) -> bool:
        return self.problem.source.on_policy

    def at(self, model: MMDP, greedy: Array) -> Data:  # noqa: ARG002
        """Return the data of the model around the choices `greedy` (S, choosers), in the order of the search."""
        data = self.problem.source.at(self.problem.model, self.problem.outward(greedy))
        return restrict(data, self.problem.order)

    def describe(self) -> Any:
        return self.problem.source.describe()


def _renamed(kernel: Transition, order: Array, shape: tuple[int, ...]) -> Transition:
    """Return a kernel with states in `order` and actions flattened to `shape`."""
    places, own = np.argsort(order), kernel.at(order)
    if isinstance(own, DeterministicTransition):
        return DeterministicTransition(places[own.successor].reshape(shape), own.states, own.field)
    if isinstance(own, DenseTransition):
        return DenseTransition(own.tensor[..., order].reshape(*shape, own.states), own.field)
    indptr, successors, probabilities = own.compressed()
    return SparseTransition(shape, own.states, indptr, places[successors], probabilities, own.field)
