"""Every claim comes out as the registry expects, also with few examples and another seed."""

import pytest

from proofs_check.registry import claims

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("claim", claims(), ids=lambda c: c.id)
def test_claim_is_as_expected(claim, verdicts):
    (found,) = (one for one in verdicts["claims"] if one["id"] == claim.id)
    assert found["verdict"] == claim.expected, found["evidence"]
    assert (claim.expected == "refuted") == ("counterexample" in found["evidence"])
    assert found["instances"] > 0 or claim.method in ("symbolic", "Coq")
