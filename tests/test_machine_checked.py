"""Claims that rest on Coq are proved only while the compiled record is current."""

from dataclasses import replace

import pytest

from proofs_check.claim import Budget
from proofs_check.claims import machine_checked
from proofs_check.coq import status


@pytest.mark.parametrize("claim", machine_checked.CLAIMS, ids=lambda claim: claim.id)
def test_current_theorems_are_proved_and_named(claim):
    finding = claim.check(Budget(0))
    assert finding.verdict == "proved"
    assert finding.evidence["Coq name"]
    assert finding.evidence["Coq statement"]


def test_a_stale_record_proves_nothing(monkeypatch):
    monkeypatch.setattr(status, "theorems", lambda: ())
    assert {claim.check(Budget(0)).verdict for claim in machine_checked.CLAIMS} == {"unknown"}


def test_an_unproved_theorem_is_unknown(monkeypatch):
    stale = tuple(replace(theorem, proved=False) for theorem in status.theorems())
    monkeypatch.setattr(status, "theorems", lambda: stale)
    assert {claim.check(Budget(0)).verdict for claim in machine_checked.CLAIMS} == {"unknown"}
