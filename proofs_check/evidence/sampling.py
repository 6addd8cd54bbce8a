"""Random exact instances through Hypothesis, so that a failure arrives shrunk.

A law is a function from an instance to None (it holds) or a sentence (how it fails); it may call `hypothesis.reject()`
for instances outside its hypotheses. Only distinct instances whose law was really decided are counted.
"""

import os
import tempfile
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy

from proofs_check.claim import Budget, Finding, Verdict, settle
from proofs_check.evidence.draws import seeded_draws

# Hypothesis keeps a cache; it does not belong into the folder somebody calls the judge from.
os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(Path(tempfile.gettempdir()) / "proofs-check-hypothesis"))

#: An instance that violates a law is sought, and then made small.
PHASES = (Phase.generate, Phase.shrink)

T = TypeVar("T", bound=Hashable)
Law = Callable[[T], str | None]


@dataclass(frozen=True)
class Sample(Generic[T]):
    """Distinct instances decided, and the shrunk counterexample with the sentence that says how it fails."""

    checked: int
    counterexample: T | None
    reason: str


class _Violated(Exception):
    pass


def search(law: Law[T], instances: SearchStrategy[T], budget: Budget, known: T | None = None) -> Sample[T]:
    """Decide `law` on up to budget.examples random instances; reproducible for one seed, however this is installed.

    known: an instance to decide last, when none of them violates the law; with a counterexample here, a law that is
    known to fail is refuted however few the examples are.
    """
    decided: set[T] = set()
    failures: list[tuple[T, str]] = []

    @seed(budget.seed)
    @settings(
        max_examples=max(1, budget.examples),
        database=None,
        deadline=None,
        derandomize=False,
        phases=PHASES,
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    @given(instances)
    def attempt(instance: T) -> None:
        reason = law(instance)
        decided.add(instance)
        if reason is not None:
            failures.append((instance, reason))
            raise _Violated(reason)

    try:
        with seeded_draws():
            attempt()
    except _Violated:
        return Sample(len(decided), *failures[-1])
    except Unsatisfiable:
        pass
    reason = None if known is None else law(known)
    checked = len(decided) + (known is not None and known not in decided)
    return Sample(checked, None, "") if reason is None else Sample(checked, known, reason)


def sampled(
    law: Law[T],
    instances: SearchStrategy[T],
    budget: Budget,
    evidence: Callable[[T], dict[str, Any]] | None = None,
    note: str = "",
) -> Finding:
    """Return 'tested', or 'refuted' with the shrunk counterexample; 'unknown' when no instance met the hypotheses.

    evidence: describes the counterexample beyond its own fields.
    """
    sample = search(law, instances, budget)
    if sample.counterexample is None:
        verdict: Verdict = "tested" if sample.checked else "unknown"
        return Finding(verdict, sample.checked, {"seed": budget.seed}, note)
    found = {"instance": describe(sample.counterexample), "fails": sample.reason}
    if evidence is not None:
        found |= evidence(sample.counterexample)
    return settle(found, "tested", {"seed": budget.seed}, sample.checked, note)


def describe(instance: Any) -> Any:
    """Return an instance as named fields where it has them."""
    fields = getattr(instance, "__dataclass_fields__", None)
    return instance if fields is None else {name: getattr(instance, name) for name in fields}
