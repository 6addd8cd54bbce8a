"""Factored multi-agent fitted Q-iteration (FMA-FQI), theory notes, section 1 and arXiv:2006.00587.

    y^(t)(s,a) = r(s,a) + γ Σ_s' P(s'|s,a) max_a' Q_tot^(t)(s',a'),
    Q^(t+1)    = argmin over the function class of Σ_a p_D(a|s) (y^(t)(s,a) - Q_tot(s,a))², state by state.

`operators.refits` is this definition; `operators.forms` chooses the fastest equal form for a run.
"""

import warnings
from dataclasses import replace
from os import PathLike
from typing import Literal, TypeAlias

import numpy as np

from fqi_theory.base.counts import whole
from fqi_theory.base.errors import DataError, NearTieWarning, OverflowedWarning
from fqi_theory.base.progress import Watch, unwatched, watched
from fqi_theory.base.sequences import Lazy
from fqi_theory.data.sources import DataSource, as_source
from fqi_theory.data.support import Undetermined
from fqi_theory.factorization import linear
from fqi_theory.factorization.fit import Factorization, Terms, Ties, require_class
from fqi_theory.model.discounts import require_discount_below_one
from fqi_theory.model.mmdp import MMDP
from fqi_theory.model.named import as_model
from fqi_theory.operators.forms import choose
from fqi_theory.operators.task import Task
from fqi_theory.runs.reliance import SEARCHED, Unsupported, completeness, tie_message
from fqi_theory.runs.trajectory import Start, Trajectory, start_at_zero, start_for

Method: TypeAlias = Literal["auto", "generic"]


def fitted_q_iteration(
    model: MMDP | str | PathLike[str],
    *,
    data: DataSource | None = None,
    factorization: Factorization = linear,
    iterations: int = 50,
    initial: Start | None = None,
    ties: Ties = "first",
    method: Method = "auto",
    unsupported: Unsupported = "choose",
    watch: Watch = unwatched,
) -> Trajectory:
    """Run FMA-FQI and return its trajectory (iterations + 1 entries).

    model: an MMDP, a name of the catalogue or a path. data: a source of `data.sources`, uniform by default. initial:
    see `trajectory`, by default Q_i = 0. method:
    "generic" refits every joint table by the function class; "auto" takes the fastest equal path. unsupported: where
    data leave factors undetermined, "choose" takes the choice of the class and warns, "refuse" raises DataError. watch:
    told how many iterations of how many are done. A float run stops where float64 overflows, and warns of that and,
    on-policy, of the first near-tie (see `reliance`). Raises ModelError unless γ < 1, DataError for data that do not
    fit the model and for what is no data source or function class.
    """
    model, iterations = as_model(model), whole(iterations, "iterations")
    require_discount_below_one(model)
    if ties not in ("first", "last") or method not in ("auto", "generic"):
        raise DataError(f"expected ties first or last, method auto or generic, found {ties!r} and {method!r}")
    source = as_source(data, model)
    require_class(factorization)
    start = start_for(model, initial) if initial is not None else start_at_zero(model, ties)
    missing = completeness(model, source, start.greedy, factorization, unsupported)
    task = Task(model, source, factorization, start.values, start.greedy, iterations, ties, start.q_tot())
    return _checked(_trajectory(task, start, generic=method == "generic", undetermined=missing, watch=watch))


def _trajectory(
    task: Task, start: Start, *, generic: bool, undetermined: tuple[Undetermined, ...], watch: Watch
) -> Trajectory:
    """Take the steps of a task in the form that `operators.forms` chooses, and keep what it keeps of each."""
    iterates = choose(task, generic=generic).iterates(task)
    with np.errstate(over="ignore", invalid="ignore"):
        kept = [iterates.start, *watched(iterates.steps, task.iterations, watch)]

    def interactions(t: int) -> Terms:
        return iterates.interactions(kept[t - 1], kept[t]) if t and iterates.interactions else {}

    return Trajectory(
        model=task.model,
        source=task.source,
        factorization=task.factorization.name,
        ties=task.ties,
        values=Lazy(len(kept), lambda t: iterates.values(kept[t]) if t else start.values),
        greedy=Lazy(len(kept), lambda t: task.model.played(iterates.greedy(kept[t]) if t else start.greedy)),
        factors=Lazy(len(kept), lambda t: iterates.factors(kept[t - 1], kept[t]) if t else start.factors),
        interactions=Lazy(len(kept), interactions),
        undetermined=undetermined,
    )


def _checked(run: Trajectory) -> Trajectory:
    """Return a float run without the iterates beyond float64, warning of them and, on-policy, of the first near-tie.

    Under fixed data a near-tie changes no value, only which of two actions is called greedy: `near_tie` tells.
    """
    if run.model.field != "float":
        return run
    kept = run
    if not np.isfinite(run.values[-1]).all():  # what has overflowed stays so
        done = next(t for t in range(1, len(run)) if not np.isfinite(run.values[t]).all()) - 1
        message = f"float64 overflowed in iteration {done + 1}: {done} iterations are kept; exact numbers go on"
        warnings.warn(message, OverflowedWarning, stacklevel=3)
        upto = slice(0, done + 1)
        kept = replace(
            run,
            values=run.values[upto],
            greedy=run.greedy[upto],
            factors=Lazy(done + 1, lambda t: run.factors[t]),
            interactions=Lazy(done + 1, lambda t: run.interactions[t]),
            overflow=done + 1,
        )
    small = len(kept) * kept.model.n_states * sum(kept.model.action_counts) <= SEARCHED
    if kept.source.on_policy and small and kept.near_tie is not None:
        warnings.warn(tie_message(kept, kept.near_tie), NearTieWarning, stacklevel=3)
    return kept
