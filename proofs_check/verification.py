"""Run the judge: decide every claim and collect the verdicts (`verdicts/1`)."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any, TypeAlias

from proofs_check.claim import Budget, Claim, Finding, Formal, Verdict
from proofs_check.coq import status
from proofs_check.coq.status import Theorem
from proofs_check.registry import select


@dataclass(frozen=True)
class ClaimVerdict:
    """One decided claim: the finding, the seconds it took, and the Coq theorems behind it that are current."""

    claim: Claim
    finding: Finding
    seconds: float
    formal: tuple[tuple[Formal, Theorem], ...] = ()

    @property
    def whole(self) -> tuple[str, ...]:
        """Return the names of the Coq theorems that together state all of the claim; () unless all are current."""
        return whole(self.claim, self.formal)

    @property
    def verdict(self) -> Verdict:
        """Return the finding's verdict: a theorem beside it says nothing of the program that was run."""
        return self.finding.verdict

    @property
    def expected(self) -> Verdict:
        """Return the verdict that the registry expects; for a theorem without current Coq results that is another."""
        return expected(self.claim, self.formal)

    @property
    def as_expected(self) -> bool:
        """Tell whether the verdict is the one that is expected."""
        return self.verdict == self.expected

    def to_json(self) -> dict[str, Any]:
        """Return one entry of the `verdicts/1` document."""
        claim, finding = self.claim, self.finding
        evidence = dict(finding.evidence)
        if finding.note:
            evidence["note"] = finding.note
        if self.formal:
            evidence["formal"] = [sentence(*found) for found in self.formal]
        return {
            "id": claim.id,
            "source": claim.source,
            "statement": claim.statement,
            "latex": claim.latex,
            "hypotheses": claim.hypotheses,
            "method": claim.method,
            "verdict": self.verdict,
            "expected": self.expected,
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
            f"  {result.claim.id}: {result.verdict}" + ("" if result.as_expected else f" (expected {result.expected})")
            for result in self.results
        ]
        return "\n".join([f"Verdicts of {len(lines)} claims, seed {self.seed}", *lines])

    def to_json(self) -> dict[str, Any]:
        """Return the `verdicts/1` document."""
        return {"format": "verdicts/1", "seed": self.seed, "claims": [result.to_json() for result in self.results]}


Progress: TypeAlias = Callable[[ClaimVerdict], None]
Supported: TypeAlias = Sequence[tuple[Formal, Theorem]]


def whole(claim: Claim, formal: Supported) -> tuple[str, ...]:
    """Return the names of the current Coq theorems that together state all of a claim; () unless all are current."""
    found = [linked.theorem for linked in claim.theorems if not linked.part]
    names = tuple(theorem.name for linked, theorem in formal if not linked.part)
    return names if len(names) == len(found) else ()


def expected(claim: Claim, formal: Supported) -> Verdict:
    """Return the verdict that is expected of a claim here and now, with the Coq results that are current."""
    return claim.otherwise if claim.method == "Coq" and not whole(claim, formal) else claim.expected


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
    results, listed = [], status.theorems()
    for claim, (finding, seconds) in zip(chosen, _decide_all(chosen, budgets, jobs), strict=True):
        results.append(ClaimVerdict(claim, finding, seconds, current_theorems(claim, listed)))
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


def current_theorems(claim: Claim, listed: Sequence[Theorem] | None = None) -> tuple[tuple[Formal, Theorem], ...]:
    """Return the claim's Coq theorems whose compiled result is current for the sources that are here.

    listed: all theorems, for a caller that asks about many claims; by default they are read, and the sources hashed.
    """
    if not claim.theorems:
        return ()
    proved = {theorem.id: theorem for theorem in (status.theorems() if listed is None else listed) if theorem.proved}
    return tuple((formal, proved[formal.theorem]) for formal in claim.theorems if formal.theorem in proved)


def sentence(formal: Formal, theorem: Theorem) -> str:
    """Return "proved (Coq: NAME; in part: WHAT): STATEMENT [SCOPE]"."""
    part = f"; in part: {formal.part}" if formal.part else ""
    return f"proved (Coq: {theorem.name}{part}): {theorem.statement} [{theorem.scope}]"
