"""Claims that rest on Coq are proved only while the compiled record is current, and else known as far as by others."""

from dataclasses import replace

import pytest

from proofs_check import table
from proofs_check.claim import Budget, Claim, Finding, Formal
from proofs_check.claims import machine_checked
from proofs_check.coq import status
from proofs_check.registry import claims
from proofs_check.table import summary
from proofs_check.verification import ClaimVerdict, Verdicts, current_theorems, verify


@pytest.fixture
def stale(monkeypatch):
    found = tuple(replace(theorem, proved=False) for theorem in status.theorems())
    monkeypatch.setattr(status, "theorems", lambda: found)


@pytest.mark.parametrize("claim", machine_checked.CLAIMS, ids=lambda claim: claim.id)
def test_current_theorems_are_proved_and_named(claim):
    finding = claim.check(Budget(0))
    assert finding.verdict == "proved"
    assert finding.evidence["Coq name"]
    assert finding.evidence["Coq statement"]
    assert ("archimedean" in finding.note) == ("archiFieldType" in finding.evidence["Coq statement"])


@pytest.mark.usefixtures("stale")
@pytest.mark.parametrize("claim", machine_checked.CLAIMS, ids=lambda claim: claim.id)
def test_without_a_current_result_claims_are_otherwise_known(claim):
    (result,) = verify([claim.id]).results
    assert result.finding.verdict == result.expected == claim.otherwise
    assert result.as_expected
    assert "make prove" in result.to_json()["evidence"]["note"]
    assert "sources unchanged" not in result.finding.note
    assert result.whole == ()


def test_an_unreadable_list_proves_nothing(monkeypatch):
    monkeypatch.setattr(status, "theorems", lambda: ())
    for claim in machine_checked.CLAIMS:
        assert claim.check(Budget(0)).verdict == claim.otherwise
        assert current_theorems(claim) == ()


def test_a_whole_theorem_proves_what_was_only_tested():
    (result,) = verify(["thm4.rate"], examples=3).results
    assert (result.finding.verdict, result.verdict, result.expected) == ("tested", "proved", "proved")
    document = result.to_json()
    assert (document["verdict"], document["expected"]) == ("proved", "proved")
    assert document["evidence"]["otherwise"] == "tested"
    assert result.whole == (next(t.name for t in status.theorems() if t.id == "thm4"),)


@pytest.mark.usefixtures("stale")
def test_without_a_current_result_it_stays_tested():
    verdicts = verify(["thm4.rate"], examples=3)
    (result,) = verdicts.results
    assert (result.verdict, result.expected, result.as_expected) == ("tested", "tested", True)
    assert f"{len(result.claim.theorems)} Coq theorems are not compiled for these sources" in summary(verdicts)


def test_names_are_broken_after_underscores_to_the_width_of_their_column():
    names = "counterfactual_is_optimal, joint_Qtot_unique, two_cycle"
    broken = table._broken(names)
    assert max(map(len, broken.split("\n"))) <= table.KNOWN_WIDTH
    assert broken.replace("_\n", "_").replace("\n", " ") == names
    assert "counterfactual_is_\noptimal" in broken


def decided(finding: str, expected: str, *links: Formal) -> ClaimVerdict:
    (model,) = (claim for claim in claims() if claim.id == "thm4.rate")
    claim = Claim(**{**vars(model), "theorems": links, "expected": expected})
    return ClaimVerdict(claim, Finding(finding), 0.0, current_theorems(claim))


def test_a_part_proves_nothing_whole():
    result = decided("tested", "tested", Formal("thm4", "a part"))
    assert (result.verdict, result.whole, len(result.formal)) == ("tested", (), 1)
    assert "; in part: a part)" in result.to_json()["evidence"]["formal"][0]
    assert decided("tested", "tested", Formal("thm4"), Formal("absent")).verdict == "tested"
    assert decided("tested", "tested", Formal("thm4"), Formal("absent", "a part")).verdict == "proved"


def test_coq_does_not_hide_what_a_check_finds():
    for found in ("refuted", "unknown"):
        result = decided(found, "tested", Formal("thm4"))
        assert (result.verdict, result.as_expected) == (found, False)
    result = decided("tested", "certified", Formal("thm4"))
    assert (result.verdict, result.expected, result.as_expected) == ("proved", "certified", False)
    assert "0 claims as expected, 1 otherwise" in summary(Verdicts((result,), 0))
