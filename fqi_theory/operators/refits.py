"""The generic operator, the reference of all forms: back up the joint tables, fit them by the class, be greedy.

Any class, data and number type; a step costs |S| |A|^n and what a fit costs.
"""

from collections.abc import Iterator

from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import DataSource
from fqi_theory.data.weighted import Position, Weighted
from fqi_theory.factorization.fit import Factorization, Fit, Ties
from fqi_theory.model.mmdp import MMDP
from fqi_theory.operators.task import Iterates, Task


def steps(
    model: MMDP, source: DataSource, factorization: Factorization, values: Array, greedy: Array, ties: Ties = "first"
) -> Iterator[Fit]:
    """Yield the fits of t = 1, 2, ... from V^(0) = values, (S,), and its greedy joint actions, integers (S, n)."""
    data = source.at(model, greedy)
    while True:
        fit = factorization.fit(model.backup(values), data, ties)
        yield fit
        values, greedy = fit.values, fit.greedy
        if source.on_policy:
            data = source.at(model, greedy)


def refits(task: Task) -> Iterates:
    """Return the iterates, each fit kept whole."""
    if isinstance(task.source, Weighted):
        found = _weighted_steps(task, task.source)
    else:
        found = steps(task.model, task.source, task.factorization, task.values, task.greedy, task.ties)
    start = Fit((), task.values, task.greedy)
    return Iterates(
        start, found, lambda k: k.values, lambda k: k.greedy, lambda _, k: k.factors, lambda _, k: k.interactions
    )


def _weighted_steps(task: Task, source: Weighted) -> Iterator[Fit]:
    """Yield the fits under weights that depend on the present Q_tot."""
    position = Position(task.values, task.greedy, task.table)
    while True:
        targets = task.model.backup(position.values)
        fit = task.factorization.fit(targets, source.weighed(task.model, position, targets), task.ties)
        yield fit
        position = Position(fit.values, fit.greedy, fit.q_tot())


def lean_refits(task: Task) -> Iterates:
    """Return the same iterates; only values and greedy actions are kept, factors are fitted once more on demand."""
    model, source, fits = task.model, task.source, refits(task).steps

    def factors(before: tuple[Array, Array], _: object) -> tuple[Array, ...]:
        values, greedy = before
        return task.factorization.fit(model.backup(values), source.at(model, greedy), task.ties).factors

    kept = ((fit.values, fit.greedy) for fit in fits)
    return Iterates((task.values, task.greedy), kept, lambda k: k[0], lambda k: k[1], factors)
