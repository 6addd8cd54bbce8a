"""Every claim comes out as the registry expects, also with few examples and another seed."""

import pytest
from judge import run

from proofs_check.registry import claims

pytestmark = pytest.mark.slow

#: A refutation by search needs enough examples to meet a counterexample.
SEARCHED = 60


@pytest.mark.parametrize("claim", claims(), ids=lambda c: c.id)
def test_claim_is_as_expected(claim):
    finding = run(claim.id, SEARCHED if claim.expected == "refuted" else 12)
    assert finding.verdict == claim.expected, finding.evidence
    assert (claim.expected == "refuted") == ("counterexample" in finding.evidence)
    assert finding.instances > 0 or claim.method in ("symbolic", "Coq")
