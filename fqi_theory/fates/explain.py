"""Why a run has its fate: where, against V*, which theorem it is an instance of, and what would change it.

The fate itself is proved by its certificate. What is added here is exact where it is a number of the model (V*, losses,
thresholds of the phase diagram); what is only a condition or a possibility is worded so.
"""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.errors import DataError, IncompleteDataWarning, TooLarge
from fqi_theory.base.scalars import Array
from fqi_theory.base.texts import listed, number
from fqi_theory.data.weighted import Weighted
from fqi_theory.factorization import igm, linear, monotonic
from fqi_theory.fates.fate import Fate
from fqi_theory.fates.phases.diagram import Phases, phases
from fqi_theory.fates.phases.kernel import OPEN, KernelPhases
from fqi_theory.fates.problem import Problem
from fqi_theory.fates.remedies import remedies
from fqi_theory.model.mmdp import MMDP
from fqi_theory.planning.optimal import solve
from fqi_theory.runs import reliance
from fqi_theory.runs.iteration import fitted_q_iteration

STATES_NAMED = 6
SEEN_STEPS = 32
#: Numbers of kernels that are looked at, beyond which the phase diagram of the model is not part of an explanation.
LARGEST_KERNEL = 500_000


@dataclass(frozen=True)
class Explanation:
    """Lines (label, text), as far as they apply: where, greedy actions, growth, loss, why, remedies."""

    lines: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return "\n".join(f"{label}: {text}" for label, text in self.lines)

    def to_json(self) -> list[dict[str, str]]:
        """Return [{"label", "text"}, ...]."""
        return [{"label": label, "text": text} for label, text in self.lines]


def explain(fate: Fate) -> Explanation:
    """Return why a run has the fate that `decide` found; raises DataError for anything else, as for one without run."""
    if not isinstance(fate, Fate):
        raise DataError(f"fate: expected one that decide returned, found {type(fate).__name__}")
    problem = fate.problem
    if problem is None:
        raise DataError("fate: expected one that decide returned, found one without its run")
    diagram = _diagram(problem)
    rests = [("rests on", line) for line in (fate.choice, *reliance.describe(problem.model, fate.undetermined)) if line]
    lines = [
        *(rests if fate.choice else []),
        *_places(fate, problem),
        *_reasons(fate, problem, diagram),
        *remedies(fate, problem, diagram),
    ]
    return Explanation(tuple(lines))


def _places(fate: Fate, problem: Problem) -> Iterator[tuple[str, str]]:
    model = problem.model
    if fate.kind == "converges" and fate.loss is not None:
        worse = [f"{model.states[s]}: {number(x)}" for s, x in enumerate(fate.loss) if x != 0]
        yield "loss of the greedy policy against V*", listed(worse, STATES_NAMED) if worse else "none in any state"
    elif fate.kind == "cycles":
        moving = [s for s in range(model.n_states) if any(v[s] != fate.values[0][s] for v in fate.values)]
        where = f"V changes in {_states(model, moving)}" if moving else "V stays as it is; only greedy actions cycle"
        yield "where", where
        yield from _alternating(model, fate.greedy)
    elif fate.kind == "diverges" and fate.growth is not None and fate.certificate is not None:
        yield "where", _largest(problem)
        proof = fate.certificate["proof"]
        since = f" from t = {proof['prefix']} on"
        yield f"growth of V's differences{since}", _rate(fate.growth)
        # In rounded numbers others may be greedy by a little: what they gain is counted.
        who = "actions that the proof follows" if "precision" in proof else "greedy actions"
        yield from _alternating(model, [model.played(np.array(mode)) for mode in proof["modes"]], since, who)


def _largest(problem: Problem) -> str:
    """Say where V is largest and smallest after some steps, and what V* is there."""
    model = problem.model
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", IncompleteDataWarning)  # what the run rests on is said above
        run = fitted_q_iteration(
            model,
            data=problem.source,
            factorization=problem.factorization,
            initial=problem.start,
            ties=problem.ties,
            iterations=SEEN_STEPS,
        )
    values, best = run.values[-1], solve(model).values
    shown = [
        f"{word} in {model.states[s]} ({number(values[s])}; V* there {number(best[s])})"
        for word, s in (("largest", int(values.argmax())), ("smallest", int(values.argmin())))
    ]
    return f"seen at t = {SEEN_STEPS}: V is {' and '.join(shown)}"


def _rate(growth: dict[str, Any]) -> str:
    """Return the certified growth a step; a root that is no rational is rounded down, and said to be."""
    steps = growth["steps"]
    if "increment" in growth:
        return f"at least {number(scalars.exact(growth['increment']) / steps)} a step on average"
    factor = scalars.exact(growth["factor"])
    if steps == 1:
        return f"at least a factor of {number(factor)} a step"
    return f"at least a factor of {number(factor)} in {steps} steps (about {float(factor) ** (1 / steps):.5g} a step)"


def _alternating(
    model: MMDP, greedy: Sequence[Array], since: str = "", who: str = "greedy actions"
) -> Iterator[tuple[str, str]]:
    """Say which joint actions are greedy, in turn, in the states where they change; who: what they are called."""
    changing = [s for s in range(model.n_states) if any((g[s] != greedy[0][s]).any() for g in greedy)]
    if not changing:
        yield f"{who}{since}", "the same at every step"
        return
    turns = [
        f"{model.states[s]}: {' -> '.join(model.joint_name(g[s]) for g in greedy[:STATES_NAMED])}"
        + (" -> ..." if len(greedy) > STATES_NAMED else "")
        for s in changing[:STATES_NAMED]
    ]
    more = f"; and in {len(changing) - STATES_NAMED} more states" if len(changing) > STATES_NAMED else ""
    alternate = " that alternate" if who == "greedy actions" else ", alternating"
    yield f"{who}{alternate}{since}", "; ".join(turns) + more


def _reasons(fate: Fate, problem: Problem, diagram: Phases | None) -> Iterator[tuple[str, str]]:
    own = None if diagram is None else diagram.model
    if fate.kind == "aperiodic":
        yield "why", "the difference of the values follows an expanding map, and never repeats"
    elif fate.kind in ("bounded", "unknown"):
        yield f"why {fate.kind}", fate.tried[0] if fate.tried else "no more was asked for"
        yield from (("besides", line) for line in fate.tried[1:])
        if fate.undetermined:
            return
        if problem.factorization is monotonic:
            yield "certain", "every run is bounded (theory notes, 10 C)"
        elif own is not None and own.conclusion != OPEN:
            yield "certain", f"{own.conclusion} (theory notes, 10 A)"
    elif problem.factorization is igm:
        yield "why", "the fit is exact, so this is value iteration (Theorem 4 of arXiv:2006.00587)"
    elif problem.factorization is monotonic:
        weighted, nearing = isinstance(problem.source, Weighted), fate.proof == "ray"
        yield "why", _WEIGHTED if weighted else _RAY if nearing else _MONOTONIC[fate.kind]
    elif fate.kind == "converges":
        yield "why", _limit_reason(fate, problem)
    else:
        yield "why", _signed_reason(fate, problem, own)


_WEIGHTED = "near each position the same fits are best under the weights of Q_tot (docs/certificates.md)"
_RAY = (
    "orders tie at the values that the run nears; those that it keeps to are best all along its way, but a step from "
    "these values themselves may take others and lead elsewhere (theory notes, 10 C)"
)
_CHOICES = (
    "actions tie there, and which of them are greedy may never settle: a region around it contracts whichever are "
    "(theory notes, 18)"
)
_MONOTONIC = {
    "converges": "the best orders stay the same near the limit, and with fixed orders the run contracts at rate γ "
    "(theory notes, 10 C)",
    "cycles": "the best orders of actions change in turn; a monotonic fit cannot diverge but need not converge "
    "(theory notes, 10 C)",
}


def _limit_reason(fate: Fate, problem: Problem) -> str:
    if fate.proof == "contraction":
        return "a weighted contraction: runs from every start converge there (theory notes, 3)"
    if fate.proof == "choices":
        return f"{_CHOICES}; other starts may go elsewhere"
    local = "a region around the limit contracts, and the run has entered it; other starts may go elsewhere"
    if problem.source.on_policy and fate.optimal:
        return f"{local} (Theorem 2 of arXiv:2006.00587 is about such limits)"
    return f"{local} (theory notes, 5)" if problem.source.on_policy else f"{local} (theory notes, 9)"


def _signed_reason(fate: Fate, problem: Problem, own: KernelPhases | None) -> str:
    """Say which weights of the fit are negative: without them no run of this kind would be possible."""
    if fate.kind == "cycles" and problem.source.on_policy:
        follow = "the data follow the greedy actions, and these the data: no discount excludes such cycles"
        return f"{follow} (theory notes, 5)" + (f"; {_CHOICES}" if fate.proof == "choices" else "")
    if own is None:
        return "the fit has negative weights, so that a step may enlarge differences (theory notes, 10 A)"
    limit = own.bounded_below if fate.kind == "diverges" or own.converges_below is None else own.converges_below
    word = "bounded" if limit == own.bounded_below else "convergent"
    theorem = "; Theorem 3 of arXiv:2006.00587 is an instance" if problem.factorization is linear else ""
    place = f"state {own.state}, joint action {problem.model.joint_name(own.action)}"
    return (
        f"the fit at {place} has weights of {number(own.negative_mass)} below zero: every run of this model is {word} "
        f"below discount {number(limit)}, this one has {number(own.discount)} (theory notes, 10 A{theorem})"
    )


def _diagram(problem: Problem) -> Phases | None:
    """Return the phase diagram of the run's class, data and kernel; None where there is none, or it takes long."""
    model = problem.model
    size = model.n_states * model.reward.size * (model.reward.size // model.n_states if problem.source.on_policy else 1)
    if problem.factorization in (igm, monotonic) or size > LARGEST_KERNEL:
        return None
    try:
        return phases(model, factorization=problem.factorization, data=problem.source)
    except (DataError, TooLarge):
        return None


def _states(model: MMDP, states: list[int]) -> str:
    return listed([model.states[s] for s in states], STATES_NAMED)
