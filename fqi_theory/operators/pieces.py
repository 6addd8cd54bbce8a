"""Exact steps that keep nothing of F: the joint tables of a few states at a time, on d V instead of V = v/d.

The fit is linear, so d Q_i is the fit of d y = d r + γ P v with integers v: denominators stay those of model and data,
whatever V's has grown to. For models whose collapsed form would be larger than themselves.
"""

from collections.abc import Iterator

import numpy as np
from flint import fmpq

from fqi_theory.base.scalars import Array, objects
from fqi_theory.data.sources import Data, DataSource
from fqi_theory.factorization import linear
from fqi_theory.factorization.fit import Fit, Ties
from fqi_theory.model.mmdp import MMDP
from fqi_theory.operators import thresholds
from fqi_theory.operators.integers import IntegerValues, common_denominator, integer_values, reduced
from fqi_theory.operators.kept import kept_iterates
from fqi_theory.operators.task import Iterates, Task
from fqi_theory.operators.value_space import restrict

#: Bytes of a number besides its digits, copies included.
NUMBER_BYTES = 150


def iterates(task: Task) -> Iterates:
    """Return the iterates; of each only the digits of its values and its greedy actions are kept."""
    model, source = task.model, task.source
    found = pieced_steps(model, source, integer_values(task.values), task.greedy, task.ties)
    return kept_iterates(task, found, lambda v, g: pieced_factors(model, source.at(model, g), v))


def pieced_steps(
    model: MMDP, source: DataSource, values: IntegerValues, greedy: Array, ties: Ties = "first"
) -> Iterator[tuple[IntegerValues, Array]]:
    """Yield (V', g') of one exact step of the linear class after another, without end; greedy: integers (S, n)."""
    data = source.at(model, greedy)
    while True:
        totals, chosen = [], []
        for fit in scaled_fits(model, data, values, ties):
            totals.append(fit.values)
            chosen.append(fit.greedy)
        values, greedy = _divided(np.concatenate(totals), values), np.concatenate(chosen)
        yield values, greedy
        if source.on_policy:
            data = source.at(model, greedy)


def pieced_factors(model: MMDP, data: Data, values: IntegerValues) -> tuple[Array, ...]:
    """Return Q_i of the step from V = v/d, per agent (S, A_i)."""
    scale = fmpq(1, values.denominator)
    parts = [[factor * scale for factor in fit.factors] for fit in scaled_fits(model, data, values)]
    return tuple(np.concatenate(tables) for tables in zip(*parts, strict=True))


def scaled_fits(model: MMDP, data: Data, values: IntegerValues, ties: Ties = "first") -> Iterator[Fit]:
    """Yield the fits of d y at V = v/d, some states after the others."""
    column, denominator = objects(fmpq(x) for x in values.numerators), fmpq(values.denominator)
    for states in _pieces(model, values):
        targets = model.transition.at(states).expect(column)
        targets *= model.discount
        targets += model.reward[states] * denominator
        yield linear.fit(targets, restrict(data, states), ties)


def _pieces(model: MMDP, values: IntegerValues) -> list[slice]:
    largest = max(int(x.bit_length()) for x in (*values.numerators, values.denominator))
    numbers = (model.transition.stored + 2 * model.reward.size) / model.n_states
    most = max(thresholds.TABLE_BYTES, thresholds.TABLE_SHARE * model.nbytes)
    step = max(1, int(most / (numbers * (NUMBER_BYTES + largest / 8))))
    return [slice(k, k + step) for k in range(0, model.n_states, step)]


def _divided(totals: Array, before: IntegerValues) -> IntegerValues:
    """Return totals / d as integers over their common denominator."""
    common = common_denominator(totals)
    return reduced([x.p * (common // x.q) for x in totals], common * before.denominator)
