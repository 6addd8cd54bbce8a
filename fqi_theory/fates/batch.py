"""Fates of many models: the answers of `decide`, with what the models have in common set up once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from fqi_theory.base.arguments import shown
from fqi_theory.base.errors import DataError, FqiTheoryError
from fqi_theory.data.sources import DataSource
from fqi_theory.factorization import linear
from fqi_theory.factorization.fit import Factorization, Ties
from fqi_theory.fates.decide import answered, decided, problem_of
from fqi_theory.fates.effort import Effort, as_effort
from fqi_theory.fates.fate import Fate
from fqi_theory.fates.problem import Problem
from fqi_theory.fates.together.answers import settled_together
from fqi_theory.fates.together.tables import takes
from fqi_theory.model.mmdp import MMDP
from fqi_theory.model.named import as_model
from fqi_theory.runs.reliance import Unsupported, require_reading

#: The most models that are taken together.
BATCH = 1024


def decide_many(
    models: Iterable[MMDP | str],
    *,
    data: DataSource | None = None,
    factorization: Factorization = linear,
    ties: Ties = "first",
    unsupported: Unsupported = "refuse",
    effort: Effort | None = None,
) -> Iterator[Fate]:
    """Yield the fate of the run from Q = 0 of each model, in order: what `decide` says of it alone.

    models: exact, γ < 1 (or names or paths), of any shapes. Neighbours of one shape and discount are taken together, in
    batches of at most BATCH; where no sequence is given these grow from 1, so the iterable may be endless. The other
    arguments are those of `decide`, and so are the errors, raised when the model in question is reached. What `decide`
    says is said here: kind, period, limit, greedy actions and loss, and the points of a cycle, which may begin at
    another of them. The proof may be another, and so may the rate of growth; a fate may be found that `decide`, within
    the same effort, leaves open.
    """
    require_reading(unsupported)
    if isinstance(models, str | bytes) or not isinstance(models, Iterable):
        raise DataError(f"models: expected a list of models, names or paths, found {shown(models)}")
    asked = as_effort(effort)
    first = BATCH if isinstance(models, Sequence) else 1
    for batch in _batches(_problems(models, data, factorization, ties), first):
        together = factorization is linear and len(batch) > 1 and takes(batch[0].model, batch[0].source)
        found = settled_together(batch, asked.steps) if together else [None] * len(batch)
        for problem, fate in zip(batch, found, strict=True):
            yield answered(problem, fate or decided(problem, asked, unsupported=unsupported))


def _problems(
    models: Iterable[MMDP | str], data: DataSource | None, factorization: Factorization, ties: Ties
) -> Iterator[Problem | FqiTheoryError]:
    """Yield the runs that are asked for, up to the first model that is refused, and why it is."""
    before: Problem | None = None
    for given in models:
        try:
            model = as_model(given)
            if before is not None and _alike(model, before.model):
                before = replace(before, model=model)
            else:
                before = problem_of(model, data, factorization, None, ties)
        except FqiTheoryError as error:
            yield error
            return
        yield before


def _batches(problems: Iterable[Problem | FqiTheoryError], size: int) -> Iterator[list[Problem]]:
    """Yield neighbours that are alike, `size` at once, then twice as many; raise a refusal after what comes before."""
    batch = list[Problem]()
    for problem in problems:
        if isinstance(problem, FqiTheoryError):
            yield batch
            raise problem
        if batch and not _alike(problem.model, batch[0].model):
            yield batch
            batch = []
        batch.append(problem)
        if len(batch) >= size:
            yield batch
            size, batch = min(2 * size, BATCH), []
    yield batch


def _alike(model: MMDP, other: MMDP) -> bool:
    """Tell whether a checked problem of `other` is one of `model` once the model is exchanged."""
    if model.available is not None or other.available is not None:
        return False
    return (model.field, model.reward.shape, model.discount) == (other.field, other.reward.shape, other.discount)
