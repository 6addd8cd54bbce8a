"""Helpers of the judge's tests."""

from proofs_check.claim import Budget, Finding
from proofs_check.registry import select

FEW = 25


def run(claim_id: str, examples: int = FEW, seed: int = 1) -> Finding:
    """Decide one claim with few examples."""
    (claim,) = select([claim_id])
    return claim.check(Budget(min(examples, claim.examples), seed))
