"""Which form of F (theory notes, section 3) a run takes: chosen here, by the table FORMS, and nowhere else.

All forms compute the same iterates, exact ones to the last digit, float ones up to rounding: one test,
tests/engine/operators/test_forms.py, holds every row equal to `refits`. The first row that fits a run is taken, so a
caller never knows which one it got. The sizes that decide stand in `thresholds`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from fqi_theory.factorization import linear
from fqi_theory.factorization.additive import Additive
from fqi_theory.operators import class_runs, exact, following, leaps, matrix, moments, pieces, refits
from fqi_theory.operators.task import Iterates, Task


@dataclass(frozen=True)
class Form:
    """A row of the table: when it is taken (for people and as a test), why, and what makes the iterates."""

    name: str
    when: str
    why: str
    fits: Callable[[Task], bool]
    iterates: Callable[[Task], Iterates]


def _linear(task: Task, field: str) -> bool:
    return task.factorization is linear and task.model.field == field and not task.weighted


def _fixed_floats(task: Task) -> bool:
    return _linear(task, "float") and not task.source.on_policy and moments.has_operator(task.model)


def _following_floats(task: Task) -> bool:
    return _linear(task, "float") and task.source.on_policy and matrix.affordable(task.model)


def _collapsing(task: Task, field: str) -> bool:
    if not isinstance(task.factorization, Additive) or task.model.field != field or task.weighted:
        return False
    return class_runs.collapses(task.model, task.factorization)


FORMS = (
    Form(
        "pieces",
        "linear class, exact, F would outgrow the model",
        "keeps nothing of F: memory stays within three times the model's",
        lambda task: _linear(task, "exact") and exact.outgrows(task.model),
        pieces.iterates,
    ),
    Form(
        "blocks",
        "linear class, exact",
        "integers over one denominator a state, independent of |A|^n: 40 to 80 times faster than rational refits",
        lambda task: _linear(task, "exact"),
        exact.iterates,
    ),
    Form(
        "leaps",
        "linear class, float64, fixed data, F no larger than the model",
        "one matrix, dense or sparse, for every step; many steps at once while the greedy actions provably stay",
        _fixed_floats,
        leaps.iterates,
    ),
    Form(
        "following",
        "linear class, float64, on-policy data, F no larger than the model",
        "only the rows of states whose greedy action changed are made anew, and remembered",
        _following_floats,
        following.iterates,
    ),
    Form(
        "lean refits",
        "linear class, float64, F would outgrow the model",
        "keeps two small arrays a step",
        lambda task: _linear(task, "float"),
        refits.lean_refits,
    ),
    Form(
        "class blocks",
        "additive class of order above 1, exact, F no larger than the model",
        "integers over one denominator a state, greedy by variable elimination: independent of |A|^n",
        lambda task: _collapsing(task, "exact"),
        class_runs.exact_iterates,
    ),
    Form(
        "class tables",
        "additive class of order above 1, float64, F no larger than the model",
        "one table a set of agents, greedy by variable elimination: independent of |A|^n",
        lambda task: _collapsing(task, "float"),
        class_runs.float_iterates,
    ),
    Form("refits", "everything else", "the definition", lambda _: True, refits.refits),
)


def choose(task: Task, *, generic: bool = False) -> Form:
    """Return the first form that fits, or, where `generic` is wanted, the definition."""
    return FORMS[-1] if generic else next(form for form in FORMS if form.fits(task))
