"""Runs of additive classes of any order in the value-space form: floats by tables, exact numbers by integer blocks.

Under data that follow the greedy actions only the rows of states whose greedy action changed are computed again.
Equal to the generic operator (back up, fit, be greedy): floats up to rounding, exact numbers exactly.
"""

from collections.abc import Callable, Iterator, Sequence
from math import prod
from typing import Any

import numpy as np
from flint import fmpq

from fqi_theory.base.caches import SizedCache
from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import Data, DataSource
from fqi_theory.factorization.additive import Additive, split_terms
from fqi_theory.factorization.elimination import maximise
from fqi_theory.factorization.fit import Scope, Terms, Ties
from fqi_theory.model.mmdp import MMDP
from fqi_theory.operators.class_space import ClassOperator, class_rows, collapse_class
from fqi_theory.operators.exact import ExactOperators, outgrows, remembered_bytes
from fqi_theory.operators.integers import IntegerValues, integer_values
from fqi_theory.operators.kept import kept_iterates
from fqi_theory.operators.matrix import allowed_bytes
from fqi_theory.operators.task import Iterates, Task


def collapses(model: MMDP, factorization: Additive) -> bool:
    """Tell whether the value-space form of a class is small, or no larger than the model; never for symbols."""
    rows = class_rows(model, factorization)
    if model.field == "exact":
        return not outgrows(model, rows)
    return model.field == "float" and rows * model.n_states * (model.n_states + 1) * 8 <= allowed_bytes(model)


def float_iterates(task: Task) -> Iterates:
    """Return the iterates in float64; what is kept of each is its values and greedy actions."""
    operators = FollowingClass(task.model, task.source, _additive(task), task.greedy)

    def steps() -> Iterator[tuple[Array, Array]]:
        values, greedy = task.values, task.greedy
        while True:
            fit = operators.at(greedy).step(values, task.ties)
            values, greedy = fit.values, fit.greedy
            yield values, greedy

    def terms(before: tuple[Array, Array]) -> Terms:
        return operators.at(before[1]).terms(before[0])

    start = task.values, task.greedy
    return _iterates(start, steps(), lambda k: k[0], lambda k: k[1], terms)


def exact_iterates(task: Task) -> Iterates:
    """Return the iterates in integers; of each only the digits of its values and its greedy actions are kept."""
    model, factorization = task.model, _additive(task)
    operators = exact_operators(model, task.source, factorization)
    scopes = [scope for scope in factorization.scopes(model.n_agents) if scope]
    found = _integer_steps(operators, scopes, model, integer_values(task.values), task.greedy, task.ties)
    kept = kept_iterates(task, found, lambda *_: ())

    def terms(before: Any) -> Terms:
        v, blocks = before[0].unpacked(), operators.integers(before[1].astype(int))
        scale = np.array([fmpq(1, block.denominator * v.denominator) for block in blocks.blocks], dtype=object)
        return by_scope(np.array(blocks.numerators(v), dtype=object) * scale[:, None], scopes, model.action_counts)

    return _iterates(kept.start, kept.steps, kept.values, kept.greedy, terms)


def _additive(task: Task) -> Additive:
    assert isinstance(task.factorization, Additive), "the form fits"
    return task.factorization


def _iterates(
    start: Any,
    steps: Iterator[Any],
    values: Callable[[Any], Array],
    greedy: Callable[[Any], Array],
    terms: Callable[[Any], Terms],
) -> Iterates:
    def factors(before: Any, _: object) -> tuple[Array, ...]:
        return split_terms(terms(before))[0]

    def interactions(before: Any, _: object) -> Terms:
        return split_terms(terms(before))[1]

    return Iterates(start, steps, values, greedy, factors, interactions)


class FollowingClass:
    """F of an additive class, moved from the data of one greedy joint policy (S, n) to those of the next."""

    def __init__(self, model: MMDP, source: DataSource, factorization: Additive, greedy: Array) -> None:
        self._model, self._source, self._factorization = model, source, factorization
        self._operator = collapse_class(model, factorization, source.at(model, greedy))
        self._at = self._keys(greedy)
        self._known: SizedCache[tuple[int, int], ClassOperator] = SizedCache(allowed_bytes(model) // 2)

    def at(self, greedy: Array) -> ClassOperator:
        """Return F under the data of `greedy`: tables that the next call may overwrite."""
        keys = self._keys(greedy)
        for s in np.flatnonzero(keys != self._at) if self._source.on_policy else ():
            own = self._rows(int(s), int(keys[s]), greedy)
            for scope, reward in own.rewards.items():
                self._operator.rewards[scope][s] = reward[0]
                self._operator.transitions[scope][s] = own.transitions[scope][0]
        self._at = keys
        return self._operator

    def _rows(self, state: int, key: int, greedy: Array) -> ClassOperator:
        """Return the rows of one state under the data of its greedy action."""
        own = self._known.get((state, key))
        if own is None:
            data = self._source.at(self._model, greedy)
            own = collapse_class(self._model, self._factorization, data, np.array([state]))
            self._known.put((state, key), own, own.nbytes)
        return own

    def _keys(self, greedy: Array) -> Array:
        return np.asarray(np.ravel_multi_index(tuple(greedy.T), self._model.action_counts))


def exact_operators(model: MMDP, source: DataSource, factorization: Additive) -> ExactOperators:
    """Return F of an additive class in integers, for the data of any greedy policy; rows by `by_scope`."""

    def credit(tensor: Array, data: Data) -> list[Array]:
        found = factorization.terms(tensor, data).values()
        return [table.reshape(table.shape[0], -1, table.shape[-1]) for table in found]

    return ExactOperators(model, source, remembered_bytes(model), credit)


def _integer_steps(
    operators: ExactOperators,
    scopes: Sequence[Scope],
    model: MMDP,
    values: IntegerValues,
    greedy: Array,
    ties: Ties,
) -> Iterator[tuple[IntegerValues, Array]]:
    """Yield (V', g') of one exact step after another, without end."""
    while True:
        operator = operators.integers(greedy)
        numerators = np.array(operator.numerators(values), dtype=object)
        sums, greedy = maximise(by_scope(numerators, scopes, model.action_counts), model.action_counts, ties)
        values = operator.following(values, list(sums))
        yield values, greedy


def by_scope(rows: Array, scopes: Sequence[Scope], counts: Sequence[int]) -> dict[Scope, Array]:
    """Return rows (S, Σ_T |A_T|) as tables (S, A_T) by sets T, in the order of `scopes`."""
    shapes = [tuple(counts[i] for i in scope) for scope in scopes]
    parts = np.split(rows, np.cumsum([prod(shape) for shape in shapes])[:-1], axis=1)
    return {t: part.reshape(-1, *shape) for t, part, shape in zip(scopes, parts, shapes, strict=True)}
