"""Factored multi-agent fitted Q-iteration (FMA-FQI), THEORY section 1 and arXiv:2006.00587.

    y^(t)(s,a) = r(s,a) + γ Σ_s' P(s'|s,a) max_a' Q_tot^(t)(s',a'),
    Q^(t+1)    = argmin over the function class of Σ_a p_D(a|s) (y^(t)(s,a) - Q_tot(s,a))², state by state.

`steps` is the generic operator. For the linear class `fitted_q_iteration` runs the equal value-space form instead
(`value_space`), for exact numbers in integers (`integer_iteration`); under on-policy data only the states whose greedy
action changed are marginalised again.
"""

from collections.abc import Callable, Iterator
from typing import Literal, TypeAlias

import numpy as np

from fqi_theory.base.errors import DataError
from fqi_theory.base.progress import Watch, first, unwatched, watched
from fqi_theory.base.scalars import Array
from fqi_theory.base.sequences import Lazy
from fqi_theory.data.sources import DataSource, as_source
from fqi_theory.factorization import linear
from fqi_theory.factorization.fit import Factorization, Fit, Ties, require_class
from fqi_theory.model.mmdp import MMDP, require_discount_below_one
from fqi_theory.operators.exact import ExactOperators, outgrows
from fqi_theory.operators.following import FollowingOperator
from fqi_theory.operators.integers import IntegerValues, integer_values
from fqi_theory.operators.leaps import fixed_run
from fqi_theory.operators.matrix import Steps, affordable
from fqi_theory.operators.moments import fixed_operator
from fqi_theory.operators.pieces import pieced_factors, pieced_steps
from fqi_theory.operators.value_space import Run
from fqi_theory.runs.trajectory import Start, Trajectory, start_at_zero, start_for

Method: TypeAlias = Literal["auto", "generic"]
#: An exact run remembers blocks of F up to this share of the model's size, or up to so many bytes.
REMEMBERED, SMALL_BYTES = 0.5, 1 << 20


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

    data: a source of `data.sources`, uniform by default. initial: see `trajectory`, by default Q_i = 0. method:
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
        values=Lazy(iterations + 1, lambda t: run.values[t - 1] if t else start.values),
        greedy=Lazy(iterations + 1, lambda t: run.greedy[t - 1] if t else start.greedy),
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
        return _exact_run(model, source, start, iterations, ties, watch)
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
    """Run in integers; of each step only values and greedy actions are kept, in as few bytes as they need."""
    first, small = integer_values(start.values), np.min_scalar_type(max(model.action_counts))
    steps, factors = _exact_steps(model, source, first, start.greedy, ties)
    values, greedy = [first.kept()], [start.greedy.astype(small)]
    for found, chosen in watched(steps, iterations, watch):
        values.append(found.kept())
        greedy.append(greedy[-1] if (chosen == greedy[-1]).all() else chosen.astype(small))
    return Run(
        Lazy(iterations, lambda t: values[t + 1].unpacked().to_array()),
        Lazy(iterations, lambda t: greedy[t + 1].astype(int)),
        Lazy(iterations, lambda t: factors(values[t].unpacked(), greedy[t].astype(int))),
    )


def _exact_steps(
    model: MMDP, source: DataSource, values: IntegerValues, greedy: Array, ties: Ties
) -> tuple[Iterator[tuple[IntegerValues, Array]], Callable[[IntegerValues, Array], tuple[Array, ...]]]:
    """Return the steps (V', g') from (V, g), and what makes the factors of the step from (V, g)."""
    if outgrows(model):
        return pieced_steps(model, source, values, greedy, ties), lambda v, g: pieced_factors(
            model, source.at(model, g), v
        )
    operators = ExactOperators(model, source, max(SMALL_BYTES, int(REMEMBERED * model.nbytes)))
    return operators.steps(values, greedy, ties), lambda v, g: operators.integers(g).factors(v)
