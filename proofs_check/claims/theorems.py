"""Claims that are theorems of Coq.

Each is a theorem of `proofs_check/coq`. It is 'proved' only while the compiled result of that theorem is
present, current for the sources (hash) and free of axioms. Otherwise it is known as far as other claims know it, or
'unknown'.

A theorem says nothing of the program: a claim that is decided by running the program and that Coq states as well
becomes two claims by `split`, the theorem and the agreement of the implementation with it.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from proofs_check.claim import Budget, Claim, Evidence, Finding, Formal, Verdict
from proofs_check.coq import status

PAPER, QPLEX, OURS = "arXiv:2006.00587 Theorem {}", "arXiv:2008.01062", "ours"


#: Verdicts, the weakest first.
STRENGTH: tuple[Verdict, ...] = ("unknown", "refuted", "tested", "certified", "proved")


def _check(theorem_ids: Sequence[str], twins: Sequence[str]) -> Callable[[Budget], Finding]:
    def check(budget: Budget) -> Finding:
        found = [theorem for theorem in status.theorems() if theorem.id in theorem_ids and theorem.proved]
        if len(found) < len(theorem_ids):
            return _otherwise(", ".join(theorem_ids), twins, budget)
        evidence = {
            "Coq name": ", ".join(theorem.name for theorem in found),
            "file": ", ".join(dict.fromkeys(theorem.file for theorem in found)),
            "Coq statement": "; ".join(theorem.coq_type for theorem in found),
        }
        scope = "; ".join(dict.fromkeys(theorem.scope for theorem in found))
        version = f"Coq {status.coq_version()}, its sources unchanged since"
        return Finding("proved", evidence=evidence, note=f"compiled without axioms by {version}; {scope}")

    return check


def split(claim: Claim) -> tuple[Claim, ...]:
    """Return the theorem ID-coq and the claim that the implementation agrees, where Coq states all of a claim.

    Only claims that the program's answers decide ('tested', 'certified') are split; others are returned as they are.
    """
    whole = [formal.theorem for formal in claim.theorems if not formal.part]
    if not whole or claim.method == "Coq" or claim.expected not in ("tested", "certified"):
        return (claim,)
    theorem = replace(
        claim,
        id=f"{claim.id}-coq",
        method="Coq",
        expected="proved",
        check=_check(whole, (claim.id,)),
        examples=0,
        otherwise=claim.expected,
    )
    return theorem, replace(claim, statement=f"The implementation agrees: {claim.statement}", theorems=())


def _otherwise(theorem_id: str, twins: Sequence[str], budget: Budget) -> Finding:
    """Return the weakest of what other claims find, 'unknown' where there is none."""
    from proofs_check.registry import select

    note = f"no current compiled result for {theorem_id} (make prove makes one)"
    claims = [claim for name in twins for claim in select([name]) if claim.id == name]
    found = [claim.check(Budget(claim.examples, budget.seed)) for claim in claims]
    weakest = min((STRENGTH.index(finding.verdict) for finding in found), default=0)
    evidence: Evidence = {claim.id: finding.verdict for claim, finding in zip(claims, found, strict=True)}
    known = f"; otherwise known as far as {', '.join(twins)}" if twins else ""
    return Finding(STRENGTH[weakest], sum(finding.instances for finding in found), evidence, note + known)


def theorem_claim(
    claim_id: str,
    theorem_id: str,
    statement: str,
    latex: str,
    hypotheses: str,
    source: str,
    twins: Sequence[str] = (),
    otherwise: Verdict = "unknown",
    parts: Sequence[Formal] = (),
) -> Claim:
    """Return a claim that is one theorem; twins: the claims that know about it without Coq, together `otherwise`."""
    return Claim(
        id=claim_id,
        statement=statement,
        latex=latex,
        hypotheses=hypotheses,
        source=source,
        method="Coq",
        expected="proved",
        check=_check((theorem_id,), twins),
        theorems=(Formal(theorem_id), *parts),
        otherwise=otherwise,
    )
