"""Decide the fate of a run of FMA-FQI (theory notes, section 9 ✦): exact positions, proposals, exact confirmation.

1. IGM: value iteration, so V* with its Bellman equation is the certificate.
2. Fixed data: a weighted contraction, where there is one, settles every start.
3. Otherwise the run is followed exactly. Every time its length doubles, the modes of the last steps propose an orbit
   or a direction of growth; a region that is confirmed exactly, and that the run has entered, is the certificate.
   On-policy, states that keep one value are searched as one (`lumping`).
4. The monotonic class is no linear one: `monotone` follows its run, and asks for a radius instead of a region.
5. What remains may be shown to approach no cycle (two states), or at least to be bounded (`enclosures`).
"""

from dataclasses import replace
from os import PathLike

import numpy as np

from fqi_theory.base.errors import DataError, NumberError
from fqi_theory.base.progress import Deadline, Watch, unwatched
from fqi_theory.data.sources import DataSource, as_source
from fqi_theory.factorization import igm, joint, linear, monotonic
from fqi_theory.factorization.additive import Additive
from fqi_theory.factorization.fit import Factorization, Ties, require_class
from fqi_theory.fates import certificate as ct
from fqi_theory.fates.effort import Effort, as_effort
from fqi_theory.fates.enclosures import boxed
from fqi_theory.fates.fate import Fate
from fqi_theory.fates.incomplete import can_choose, reasons, undetermined
from fqi_theory.fates.lifting import search_lumped
from fqi_theory.fates.monotone.search import decide_monotonic, require_start
from fqi_theory.fates.naming import order_of_states
from fqi_theory.fates.problem import Problem
from fqi_theory.fates.search import search
from fqi_theory.model.discounts import require_discount_below_one
from fqi_theory.model.mmdp import MMDP
from fqi_theory.model.named import as_model
from fqi_theory.planning.optimal import solve
from fqi_theory.runs.reliance import Unsupported, require_reading
from fqi_theory.runs.trajectory import Start, start_at_zero, start_for


def decide(
    model: MMDP | str | PathLike[str],
    *,
    data: DataSource | None = None,
    factorization: Factorization = linear,
    initial: Start | None = None,
    ties: Ties = "first",
    unsupported: Unsupported = "refuse",
    effort: Effort | None = None,
    watch: Watch = unwatched,
) -> Fate:
    """Return the fate of the run from `initial` (Q = 0 by default), certified or "unknown".

    model: exact, γ < 1 (or its name or path). factorization: linear, igm, joint, monotonic, `additive(k)` or
    `graph(sets)`; data: for monotonic `optimistic` and `central` (weighted QMIX) too. watch: told, from time to time,
    how many exact steps of how many at most have been followed. unsupported: where data leave Q_tot undetermined, the
    fate is unknown ("refuse"), or that of the run which takes the fit of least norm there (correlated data) or the
    closed form (product data), as `fitted_q_iteration` does, and the certificate says so ("choose"). Raises NumberError
    for float models, DataError for data that do not fit, for another class and another tie rule.
    """
    asked = problem_of(model, data, factorization, initial, ties)
    require_reading(unsupported)
    return answered(asked, decided(asked, as_effort(effort), watch, unsupported))


def answered(asked: Problem, fate: Fate) -> Fate:
    """Return a fate with the run that was asked for, in available actions; its certificate speaks of copies."""
    return replace(fate, problem=asked, greedy=tuple(map(asked.model.played, fate.greedy)))


def decided(asked: Problem, effort: Effort, watch: Watch = unwatched, unsupported: Unsupported = "refuse") -> Fate:
    """Return the fate of a run whose arguments have been checked."""
    if asked.factorization is igm:
        return _value_iteration(asked)
    if asked.factorization is monotonic:
        fate = decide_monotonic(asked, effort, watch)
        with Deadline(effort.seconds).grace().kept():
            return boxed(asked, fate.tried) if fate.kind == "unknown" else fate
    missing = undetermined(asked)
    if missing and not can_choose(asked, unsupported):
        return Fate("unknown", tried=reasons(asked, missing), undetermined=missing)
    posed = replace(asked, chosen=bool(missing))
    fate = search_lumped(posed, effort, watch) or search(_ordered(posed), effort, watch)
    return replace(fate, undetermined=missing)


def bounds(
    model: MMDP | str | PathLike[str],
    *,
    data: DataSource | None = None,
    factorization: Factorization = linear,
    initial: Start | None = None,
    ties: Ties = "first",
    unsupported: Unsupported = "refuse",
) -> Fate:
    """Return the fate "bounded", whatever else the run does: lower <= V^(t) <= upper at all t, certified; or "unknown".

    The box is found wherever γ(1+ν_P) < 1, ν_P the negative mass of the model's own kernel (theory notes, section 10 ✦,
    Theorem A.2), and under weaker conditions; for the monotonic class always. Arguments and errors as for `decide`;
    igm, whose runs all converge, is refused.
    """
    asked = problem_of(model, data, factorization, initial, ties)
    if asked.factorization is igm:
        raise DataError("factorization: runs of igm converge to V*, and `decide` says so; expected another class")
    if asked.factorization is monotonic:
        require_start(asked)
        return boxed(asked)
    require_reading(unsupported)
    missing = undetermined(asked)
    if missing and not can_choose(asked, unsupported):
        return Fate("unknown", tried=reasons(asked, missing), undetermined=missing)
    return replace(boxed(replace(_ordered(asked), chosen=bool(missing))), undetermined=missing)


def problem_of(
    model: MMDP | str | PathLike[str],
    data: DataSource | None,
    factorization: Factorization,
    initial: Start | None,
    ties: Ties,
) -> Problem:
    """Return the run that is asked for, states in their own order, after all arguments have been checked."""
    model = as_model(model)
    require_discount_below_one(model)
    if model.field != "exact":
        hint = "to_exact() takes its floats bit for bit" if model.field == "float" else "give numbers for its symbols"
        raise NumberError(f"decide needs an exact model: a {model.field} run proves nothing about its fate; {hint}")
    if ties not in ("first", "last"):
        raise DataError(f"ties: expected 'first' or 'last', found {ties!r}")
    source = as_source(data, model)
    require_class(factorization)
    start = start_for(model, initial) if initial is not None else start_at_zero(model, ties)
    if not isinstance(factorization, Additive) and factorization not in (linear, joint, monotonic, igm):
        expected = "expected linear, additive:K, graph:SETS, joint, monotonic or igm"
        raise DataError(f"factorization: {expected}, found {factorization.name}")
    return Problem(model, source, factorization, ties, start, np.arange(model.n_states))


def _ordered(asked: Problem) -> Problem:
    """Return the same run with states in an order that does not depend on their names."""
    return replace(asked, order=order_of_states(asked.model, asked.source, asked.start))


def _value_iteration(problem: Problem) -> Fate:
    model = problem.model
    igm.require_full_support(model.reward, problem.source.at(model, problem.start.greedy))
    solution = solve(model)
    policy = igm.joint_greedy(model.backup(solution.values), problem.ties)
    claim = ct.converges(model, solution.values, policy)
    document = ct.certificate(problem, claim, {"kind": "optimality"})
    loss = solution.values - solution.values
    return Fate("converges", 1, (solution.values,), (policy,), loss=loss, certificate=document)
