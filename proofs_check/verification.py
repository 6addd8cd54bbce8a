"""Run the judge: decide every claim and collect the verdicts (`verdicts/1`)."""

import importlib.util
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any, TypeAlias

from proofs_check.claim import Budget, Claim, Finding
from proofs_check.registry import select


@dataclass(frozen=True)
class ClaimVerdict:
    """One decided claim: the finding, the seconds it took, and the current Coq theorems that support it."""

    claim: Claim
    finding: Finding
    seconds: float
    theorems: tuple[str, ...] = ()

    @property
    def as_expected(self) -> bool:
        """Tell whether the verdict is the one the registry expects."""
        return self.finding.verdict == self.claim.expected

    def to_json(self) -> dict[str, Any]:
        """Return one entry of the `verdicts/1` document."""
        claim, finding = self.claim, self.finding
        evidence = dict(finding.evidence)
        if finding.note:
            evidence["note"] = finding.note
        if self.theorems:
            evidence["formal"] = list(self.theorems)
        return {
            "id": claim.id,
            "source": claim.source,
            "statement": claim.statement,
            "latex": claim.latex,
            "hypotheses": claim.hypotheses,
            "method": claim.method,
            "verdict": finding.verdict,
            "expected": claim.expected,
            "instances": finding.instances,
            "evidence": evidence,
            "seconds": round(self.seconds, 3),
        }


@dataclass(frozen=True, repr=False)
class Verdicts:
    """All decided claims of one run, in the order of the registry."""

    results: tuple[ClaimVerdict, ...]
    seed: int

    @property
    def as_expected(self) -> bool:
        """Tell whether no claim came out otherwise than the registry expects."""
        return all(result.as_expected for result in self.results)

    @property
    def instances(self) -> int:
        """Return how many concrete instances were checked in all."""
        return sum(result.finding.instances for result in self.results)

    def __repr__(self) -> str:
        lines = [
            f"  {result.claim.id}: {result.finding.verdict}"
            + ("" if result.as_expected else f" (expected {result.claim.expected})")
            for result in self.results
        ]
        return "\n".join([f"Verdicts of {len(lines)} claims, seed {self.seed}", *lines])

    def to_json(self) -> dict[str, Any]:
        """Return the `verdicts/1` document."""
        return {"format": "verdicts/1", "seed": self.seed, "claims": [result.to_json() for result in self.results]}


Progress: TypeAlias = Callable[[ClaimVerdict], None]


def verify(
    claims: str | Sequence[str] | None = None,
    examples: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    jobs: int = 1,
) -> Verdicts:
    """Decide the claims (ids or id prefixes; all by default) and return their verdicts.

    examples: random instances for each claim that samples, instead of its own number. jobs: processes. A check that
    raises an exception has the verdict 'unknown' and the exception as evidence. Raises KeyError for an id that is no
    claim.
    """
    chosen = select(claims)
    budgets = [Budget(examples if examples and claim.examples else claim.examples, seed) for claim in chosen]
    results = []
    for claim, (finding, seconds) in zip(chosen, _decide_all(chosen, budgets, jobs), strict=True):
        results.append(ClaimVerdict(claim, finding, seconds, supporting_theorems(claim)))
        if progress is not None:
            progress(results[-1])
    return Verdicts(tuple(results), seed)


def decide(claim_id: str, budget: Budget) -> tuple[Finding, float]:
    """Decide one claim by its exact id; return the finding and the seconds it took."""
    (claim,) = (c for c in select((claim_id,)) if c.id == claim_id)
    start = time.perf_counter()
    try:
        finding = claim.check(budget)
    except Exception as error:
        finding = Finding("unknown", 0, {"error": f"{type(error).__name__}: {error}"})
    return finding, time.perf_counter() - start


def _decide_all(chosen: Sequence[Claim], budgets: Sequence[Budget], jobs: int) -> Iterator[tuple[Finding, float]]:
    ids = [claim.id for claim in chosen]
    if jobs <= 1 or len(ids) < 2:
        yield from map(decide, ids, budgets)
        return
    with ProcessPoolExecutor(max_workers=jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(decide, ids, budgets)


def supporting_theorems(claim: Claim) -> tuple[str, ...]:
    """Return "proved (Coq: NAME): STATEMENT" for each of the claim's Coq theorems whose compiled result is current."""
    if not claim.theorems or importlib.util.find_spec("proofs_check.coq.status") is None:
        return ()
    from proofs_check.coq import status

    found = (t for t in status.theorems() if t.id in claim.theorems and t.proved)
    return tuple(f"proved (Coq: {t.name}): {t.statement}" for t in found)
