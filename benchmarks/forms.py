"""What each form of F earns: a run in the form chosen for it, against the same run without that row of FORMS."""

from collections import deque
from collections.abc import Callable
from functools import partial
from itertools import islice

import numpy as np

from benchmarks import models
from benchmarks.comparison import Comparison, Pair, Row
from benchmarks.timing import Call
from fqi_theory.base.scalars import to_float
from fqi_theory.data.sources import DataSource, epsilon_greedy, uniform
from fqi_theory.factorization import linear
from fqi_theory.factorization.additive import additive
from fqi_theory.factorization.fit import Factorization
from fqi_theory.model.mmdp import MMDP
from fqi_theory.operators.forms import FORMS, Form
from fqi_theory.operators.task import Task
from fqi_theory.runs.trajectory import start_at_zero

PAIRS = additive(2)
#: form: (model, its size, data, class, steps), a run for which the table chooses it.
RUNS: tuple[tuple[str, Callable[[], MMDP], str, DataSource, Factorization, int], ...] = (
    ("pieces", lambda: models.sparse_exact(200, (6, 6)), "200 states, 6 x 6", uniform(), linear, 4),
    ("blocks", lambda: models.dense_exact(16, (3, 3, 3)), "16 states, 3 x 3 x 3", uniform(), linear, 40),
    ("blocks", lambda: models.dense_exact(16, (3, 3, 3)), "the same, on-policy", epsilon_greedy("1/10"), linear, 40),
    ("leaps", lambda: models.dense_float(64, (5, 5)), "64 states, 5 x 5, 20 steps", uniform(), linear, 20),
    ("leaps", lambda: models.dense_float(64, (5, 5)), "the same, 2,000 steps", uniform(), linear, 2000),
    ("following", lambda: models.dense_float(64, (5, 5)), "64 states, 5 x 5", epsilon_greedy(0.1), linear, 200),
    ("lean refits", lambda: models.deterministic_float(900, (40, 40)), "900 states, 40 x 40", uniform(), linear, 4),
    ("class blocks", lambda: models.dense_exact(8, (3, 3, 3)), "8 states, 3 x 3 x 3", uniform(), PAIRS, 20),
    ("class tables", lambda: models.dense_float(32, (4, 4, 4)), "32 states, 4 x 4 x 4", uniform(), PAIRS, 50),
)


def comparisons() -> list[Comparison]:
    """Return one comparison for each run; the ratio says how much longer it takes without its form."""
    return [
        Comparison(Row(f"form {name}", size, "the table without it"), partial(_build, name, make, data, rule, steps))
        for name, make, size, data, rule, steps in RUNS
    ]


def _build(name: str, make: Callable[[], MMDP], data: DataSource, rule: Factorization, steps: int) -> Pair:
    model = make()
    start = start_at_zero(model, "first")
    task = Task(model, data, rule, start.values, start.greedy, steps, "first")
    chosen, other = _first(task, FORMS), _first(task, tuple(form for form in FORMS if form.name != name))
    if chosen.name != name:
        raise ValueError(f"expected a run in the form {name}, the table chooses {chosen.name}")
    with_it, without = _call(chosen, task), _call(other, task)
    both = np.asarray(to_float(with_it())), np.asarray(to_float(without()))
    if not np.allclose(*both):
        raise ArithmeticError(f"{chosen.name} and {other.name} give different values")
    return Pair(without, with_it)


def _first(task: Task, table: tuple[Form, ...]) -> Form:
    return next(form for form in table if form.fits(task))


def _call(form: Form, task: Task) -> Call:
    """Return a call that takes all steps in a form, and gives the last values."""

    def run() -> object:
        iterates = form.iterates(task)
        return iterates.values(deque(islice(iterates.steps, task.iterations), maxlen=1).pop())

    return run
