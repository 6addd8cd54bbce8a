"""What would change a fate: other classes, discounts or data, or a longer search."""

from collections.abc import Iterator

from fqi_theory.base.texts import number
from fqi_theory.factorization import joint
from fqi_theory.fates import incomplete
from fqi_theory.fates.fate import Fate
from fqi_theory.fates.phases.diagram import Phases
from fqi_theory.fates.problem import Problem


def remedies(fate: Fate, problem: Problem, diagram: Phases | None) -> Iterator[tuple[str, str]]:
    """Yield (label, text): which class, discount or data exclude this fate for every run of the model.

    Where nothing is wrong there are none; where the search ended without a proof, what a longer one is asked for with.
    diagram: the phase diagram of the run's class, data and kernel, where there is one.
    """
    if fate.undetermined:
        yield from incomplete.remedies(problem, fate.undetermined, chosen=bool(fate.choice))
    if fate.kind in ("bounded", "unknown") or fate.optimal:
        yield from _more_effort(fate)
        return
    exact = "igm and joint end at V* with data of full support (Theorem 4 of arXiv:2006.00587)"
    monotone = "best monotone fits stay bounded (QMIX, but not its usual network: theory notes, 10 C); "
    bounded = monotone if fate.kind == "diverges" else ""
    if problem.factorization is not joint:
        yield "remedy, class", bounded + exact
    own = None if diagram is None else diagram.model
    if diagram is None or own is None or fate.kind == "converges":
        return
    if own.converges_below is not None:
        yield "remedy, discount", f"below {number(own.converges_below)} every run of this model converges"
    elif fate.kind == "diverges":
        yield "remedy, discount", f"below {number(own.bounded_below)} every run of this model is bounded"
    if fate.kind == "diverges":
        yield from _data_remedies(problem, diagram)


def _more_effort(fate: Fate) -> Iterator[tuple[str, str]]:
    """Say what a longer search is asked for with, where that may help."""
    if fate.kind in ("bounded", "unknown") and fate.tried and not fate.undetermined:
        given = "steps=..., bits=..., seconds=..." if "seconds given" in fate.tried[0] else "steps=..., bits=..."
        yield "what may help", f"a longer search: effort=Effort({given}), or --iterations and --seconds of the command"


def _data_remedies(problem: Problem, diagram: Phases) -> Iterator[tuple[str, str]]:
    helps = diagram.remedies(problem.model.discount)
    if problem.model.discount * (1 + helps.uniform_mass) < 1 and helps.uniform_mass < diagram.negative_mass:
        yield "remedy, data", f"uniform data bound every run below discount {number(1 / (1 + helps.uniform_mass))}"
    if not problem.source.on_policy:
        bound = "bound every run of any model"
        yield "remedy, returns", f"{helps.steps} or more steps on the data, then the maximum, {bound}"
