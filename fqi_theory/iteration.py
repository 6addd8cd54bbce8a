"""Factored multi-agent fitted Q-iteration (FMA-FQI), THEORY section 1 and arXiv:2006.00587.

    y^(t)(s,a) = r(s,a) + γ Σ_s' P(s'|s,a) max_a' Q_tot^(t)(s',a'),
    Q^(t+1)    = argmin over the function class of Σ_a p_D(a|s) (y^(t)(s,a) - Q_tot(s,a))², state by state.

`steps` is the generic operator. For the linear class `fitted_q_iteration` runs the equal value-space form instead
(`value_space`), for exact numbers in integers (`integer_iteration`); under on-policy data only the states whose greedy
action changed are marginalised again.
"""

from collections.abc import Iterator
from typing import Literal, TypeAlias

import numpy as np

from fqi_theory.compressed import fixed_operator
from fqi_theory.data import DataSource, as_source
from fqi_theory.errors import DataError
from fqi_theory.exact_operators import ExactOperators, outgrows
from fqi_theory.factorization import linear
from fqi_theory.factorization.fit import Factorization, Fit, Ties, require_class
from fqi_theory.integer_iteration import integer_values
from fqi_theory.lazy import Lazy
from fqi_theory.mmdp import MMDP, require_discount_below_one
from fqi_theory.on_policy import FollowingOperator
from fqi_theory.scalars import Array
from fqi_theory.settled import fixed_run
from fqi_theory.stacked import Steps, affordable
from fqi_theory.trajectory import Start, Trajectory, start_at_zero, start_for
from fqi_theory.value_space import Run
from fqi_theory.watching import Watch, first, unwatched, watched

Method: TypeAlias = Literal["auto", "generic"]


def fitted_q_iteration(
    model: MMDP,
    *,
    data: DataSource | None = None,
    factorization: Factorization = linear,
    iterations: int = 50,
    initial: Start | None = None,
    ties: Ties = "first",
    method: Method = "auto",
    watch: Watch = unwatched,
) -> Trajectory:
    """Run FMA-FQI and return its trajectory (iterations + 1 entries).

    data: a source of `fqi_theory.data`, uniform by default. initial: see `trajectory`, by default Q_i = 0. method:
    "generic" refits every joint table by the function class; "auto" takes the fastest equal path. watch: told how many
    iterations of how many are done, on the paths that take their time. Raises ModelError unless γ < 1, DataError for
    data that do not fit the model and for what is no data source or function class.
    """
    require_discount_below_one(model)
    if iterations < 0:
        raise DataError(f"iterations: expected at least 0, found {iterations}")
    if ties not in ("first", "last") or method not in ("auto", "generic"):
        raise DataError(f"expected ties first or last, method auto or generic, found {ties!r} and {method!r}")
    source = as_source(data)
    require_class(factorization)
    start = start_for(model, initial) if initial is not None else start_at_zero(model, ties)
    if factorization is linear and method == "auto" and model.field != "symbolic":
        run = linear_run(model, source, start, iterations, ties, watch)
    else:
        run = generic_run(first(steps(model, source, factorization, start, ties), iterations, watch))
    factors = Lazy(iterations + 1, lambda t: run.factors[t - 1] if t else start.factors)
    return Trajectory(
        model=model,
        source=source,
        factorization=factorization.name,
        ties=ties,
        values=(start.values, *run.values),
        greedy=(start.greedy, *run.greedy),
        factors=factors,
    )


def steps(
    model: MMDP, source: DataSource, factorization: Factorization, start: Start, ties: Ties = "first"
) -> Iterator[Fit]:
    """Yield the fits of t = 1, 2, ... by the generic operator: back up, fit, be greedy."""
    values, greedy = start.values, start.greedy
    data = source.at(model, greedy)
    while True:
        fit = factorization.fit(model.backup(values), data, ties)
        yield fit
        values, greedy = fit.values, fit.greedy
        if source.on_policy:
            data = source.at(model, greedy)


def linear_run(
    model: MMDP, source: DataSource, start: Start, iterations: int, ties: Ties = "first", watch: Watch = unwatched
) -> Run:
    """Return the iterates t = 1, ..., iterations of the linear class in the value-space form."""
    if model.field == "exact":
        if not outgrows(model):
            return _exact_run(model, source, start, iterations, ties, watch)
        return _lean_run(model, source, start, iterations, ties, watch)
    if not source.on_policy:
        operator = fixed_operator(model, source.at(model, start.greedy))
        if operator is not None:
            return fixed_run(operator, model.action_counts, start.values, iterations, ties)
    elif affordable(model):
        return _on_policy_run(model, source, start, iterations, ties)
    return _lean_run(model, source, start, iterations, ties, watch)


def generic_run(found: list[Fit]) -> Run:
    """Return the fits of the generic operator as a run."""
    return Run([f.values for f in found], [f.greedy for f in found], [f.factors for f in found])


def _lean_run(model: MMDP, source: DataSource, start: Start, iterations: int, ties: Ties, watch: Watch) -> Run:
    """Run the generic operator where every other form is too large; factors are computed once more when asked for."""
    values, greedy = [start.values], [start.greedy]
    for fit in watched(steps(model, source, linear, start, ties), iterations, watch):
        values.append(fit.values)
        greedy.append(fit.greedy)

    def factors(t: int) -> tuple[Array, ...]:
        return linear.fit(model.backup(values[t]), source.at(model, greedy[t]), ties).factors

    return Run(tuple(values[1:]), tuple(greedy[1:]), Lazy(iterations, factors))


def _on_policy_run(model: MMDP, source: DataSource, start: Start, iterations: int, ties: Ties) -> Run:
    operator = FollowingOperator(model, source, start.greedy)
    run = Steps(model.action_counts, start.values, iterations, iterations)
    greedy = np.empty((iterations, *start.greedy.shape), dtype=int)
    for t in range(iterations):
        run.step(operator, t, t)
        greedy[t] = run.greedy(ties, t, t + 1)[0]
        operator.follow(greedy[t])
    run.columns.setflags(write=False)
    return Run(tuple(run.columns[1:, :-1]), tuple(greedy), Lazy(iterations, lambda t: run.by_agent(run.factors[t])))


def _exact_run(model: MMDP, source: DataSource, start: Start, iterations: int, ties: Ties, watch: Watch) -> Run:
    """Run in integers; of each step only values and greedy actions are kept, so that operators can be forgotten."""
    operators = ExactOperators(model, source)
    before = [integer_values(start.values)]
    greedy = [start.greedy]
    for fit in watched(operators.steps(before[0], start.greedy, ties), iterations, watch):
        before.append(fit.values)
        greedy.append(fit.greedy)
    factors = Lazy(iterations, lambda t: operators.integers(greedy[t]).factors(before[t]))
    return Run(tuple(v.to_array() for v in before[1:]), tuple(greedy[1:]), factors)
