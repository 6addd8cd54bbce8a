"""Decide the fate of a run of FMA-FQI (theory notes, section 9 ✦): exact positions, proposals, exact confirmation.

1. IGM: value iteration, so V* with its Bellman equation is the certificate.
2. Fixed data: a weighted contraction, where there is one, settles every start.
3. Otherwise the run is followed exactly. Every time its length doubles, the modes of the last steps propose an orbit
   or a direction of
   growth; a region that is confirmed exactly, and that the run has entered, is the certificate.
"""

from math import prod
from os import PathLike

import numpy as np

from fqi_theory.base.errors import DataError, NumberError
from fqi_theory.base.progress import Watch, unwatched
from fqi_theory.base.scalars import Array
from fqi_theory.data.normal_equations import additive_rank
from fqi_theory.data.sources import DataSource, JointData, ProductData, as_source
from fqi_theory.factorization import igm, joint, linear, monotonic
from fqi_theory.factorization.additive import Additive
from fqi_theory.factorization.fit import Factorization, Ties, require_class
from fqi_theory.fates import certificate as ct
from fqi_theory.fates.fate import Fate
from fqi_theory.fates.monotonic import decide_monotonic
from fqi_theory.fates.naming import order_of_states
from fqi_theory.fates.problem import Problem
from fqi_theory.fates.search import Effort, search
from fqi_theory.model.mmdp import MMDP, require_discount_below_one
from fqi_theory.model.named import as_model
from fqi_theory.planning.optimal import solve
from fqi_theory.runs.trajectory import Start, start_at_zero, start_for


def decide(
    model: MMDP | str | PathLike[str],
    *,
    data: DataSource | None = None,
    factorization: Factorization = linear,
    initial: Start | None = None,
    ties: Ties = "first",
    effort: Effort | None = None,
    watch: Watch = unwatched,
) -> Fate:
    """Return the fate of the run from `initial` (Q = 0 by default), certified or "unknown".

    model: exact, γ < 1 (or its name or path). factorization: linear, igm, joint, monotonic, `additive(k)` or
    `graph(sets)`. watch: told, from time to time, how many exact steps of how many at most have been followed. Raises
    NumberError for float models, DataError for data that do not fit, for another class and another tie rule (monotonic:
    "first" only).
    """
    model = as_model(model)
    require_discount_below_one(model)
    if model.field != "exact":
        hint = "to_exact() takes its floats bit for bit" if model.field == "float" else "give numbers for its symbols"
        raise NumberError(f"decide needs an exact model: a {model.field} run proves nothing about its fate; {hint}")
    if ties not in ("first", "last"):
        raise DataError(f"ties: expected 'first' or 'last', found {ties!r}")
    source = as_source(data)
    require_class(factorization)
    start = start_for(model, initial) if initial is not None else start_at_zero(model, ties)
    if factorization is igm:
        return _value_iteration(Problem(model, source, factorization, ties, start, np.arange(model.n_states)))
    if factorization is monotonic:
        if ties != "first":
            raise DataError(f"ties: expected 'first' for the monotonic class, found {ties!r}")
        return decide_monotonic(model, source, start, (effort or Effort()).steps, (effort or Effort()).bits, watch)
    if not isinstance(factorization, Additive) and factorization not in (linear, joint):
        expected = "expected linear, additive:K, graph:SETS, joint, monotonic or igm"
        raise DataError(f"factorization: {expected}, found {factorization.name}")
    reason = undetermined(model, source, start, factorization)
    if reason is not None:
        return Fate("unknown", tried=(reason,))
    order = order_of_states(model, source, start)
    return search(Problem(model, source, factorization, ties, start, order), effort or Effort(), watch)


def _value_iteration(problem: Problem) -> Fate:
    model = problem.model
    igm.require_full_support(model.reward, problem.source.at(model, problem.start.greedy))
    solution = solve(model)
    policy = igm.joint_greedy(model.backup(solution.values), problem.ties)
    claim = ct.converges(model, solution.values, policy)
    document = ct.certificate(problem, claim, {"kind": "optimality"})
    loss = solution.values - solution.values
    return Fate("converges", 1, (solution.values,), (policy,), loss=loss, certificate=document)


def undetermined(model: MMDP, source: DataSource, start: Start, factorization: Factorization = linear) -> str | None:
    """Return why the data of a source (around the start) leave Q_tot undetermined somewhere, None where they do not."""
    data = source.at(model, start.greedy)
    if isinstance(data, ProductData) and not data.full_support():
        return "the data have no full support: Q_tot is unique only on the support, so the run is not determined"
    if isinstance(data, JointData):
        ranks, full = _ranks(data.weights, factorization)
        for s in range(model.n_states):
            if ranks[s] < full:
                return f"{model.place(s)}: the data determine {ranks[s]} of {full} dimensions of Q_tot"
    return None


def _ranks(weights: Array, factorization: Factorization) -> tuple[Array, int]:
    """Return the rank of the fit in every state (S,), and that of a determined one."""
    counts = weights.shape[1:]
    if isinstance(factorization, Additive):
        return factorization.rank(weights), factorization.dimension(counts)
    if factorization is joint:
        return np.count_nonzero(weights.reshape(len(weights), -1), axis=1), prod(counts)
    return additive_rank(weights), sum(counts) - (len(counts) - 1)
