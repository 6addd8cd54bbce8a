"""Data that leave Q_tot undetermined: no run is determined then, and no fate. What is open, and what would help."""

from collections.abc import Iterator, Sequence

from fqi_theory.base.texts import listed
from fqi_theory.data.sources import Correlated, DataSource, Product
from fqi_theory.data.support import Undetermined
from fqi_theory.factorization import linear
from fqi_theory.factorization.additive import Additive
from fqi_theory.fates.problem import Problem
from fqi_theory.runs import reliance
from fqi_theory.runs.reliance import Unsupported

#: So many states with open joint actions are named.
STATES_NAMED = 6


def reasons(problem: Problem, found: Sequence[Undetermined]) -> tuple[str, ...]:
    """Return in words what the data of a problem leave open: how much in all, then kind by kind with first places."""
    model = problem.model
    states = sorted({one.state for one in found})
    where = f"in {len(states)} of {model.n_states} states ({listed([model.states[s] for s in states], STATES_NAMED)})"
    return (
        f"the data leave Q_tot of the {problem.factorization.name} class undetermined {where}, so the run is not "
        "determined",
        *reliance.describe(model, found),
    )


def remedies(problem: Problem, found: Sequence[Undetermined], *, chosen: bool) -> Iterator[tuple[str, str]]:
    """Yield what would determine the run, as lines (label, text); chosen: whether the choice has been made."""
    needs = "every action of every agent, in joint actions that connect them"
    if problem.source.on_policy:
        yield "what helps, data", "an ε above 0: every action is played then"
        return
    if problem.factorization is not linear and any(one.kind == "unconnected" for one in found):
        needs = "the joint actions named, or a smaller class (linear needs the fewest)"
    yield "what helps, data", f"more transitions in these states, with {needs}; ε-greedy behaviour plays all of them"
    if can_choose(problem, "choose") and not chosen:
        run = f"the fate of the run that takes {choice_of(problem.source)} there"
        yield "what helps, a choice", f'{run}: unsupported="choose", or --unsupported choose of the command'
    floor = "correlated((1 - δ) · weights + δ / number of joint actions) is other data, and has every joint action"
    yield "what helps, a floor", floor


def can_choose(problem: Problem, unsupported: Unsupported) -> bool:
    """Tell whether a choice is asked for and known: of correlated and product data, for sums of functions.

    Not the least norm where some actions are copies of others: it would count a copied factor more than once.
    """
    summed = problem.factorization is linear or isinstance(problem.factorization, Additive)
    known = isinstance(problem.source, Product) or (
        isinstance(problem.source, Correlated) and problem.model.available is None
    )
    return unsupported == "choose" and summed and known


def choice_of(source: DataSource) -> str:
    """Return in words which of the best fits runs take where the data of a source leave Q_tot open."""
    return "the closed form" if isinstance(source, Product) else "the fit of least norm"


def undetermined(problem: Problem) -> tuple[Undetermined, ...]:
    """Return what the data (around the start) leave open for a fitted class; () where they determine Q_tot."""
    model, source, start = problem.model, problem.source, problem.start
    return reliance.left_open(model, source.at(model, start.greedy), problem.factorization)
