"""Claims that rest on Coq are proved only while the compiled record is current, and else known as far as by others."""

from dataclasses import replace

import pytest
from wrong_programs import half_weights

from fqi_theory.factorization import qplex
from proofs_check import table
from proofs_check.claim import Budget, Claim, Finding, Formal
from proofs_check.claims import machine_checked
from proofs_check.coq import status
from proofs_check.registry import claims, select
from proofs_check.table import print_claims, summary
from proofs_check.verification import ClaimVerdict, Verdicts, current_theorems, expected, verify

pytestmark = pytest.mark.slow


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


def test_a_whole_theorem_and_what_was_only_tested_are_two_claims():
    theorem, agreement = verify(["thm4.rate-coq", "thm4.rate"], examples=3).results
    assert (theorem.claim.id, theorem.verdict, theorem.expected) == ("thm4.rate-coq", "proved", "proved")
    assert theorem.whole == (next(t.name for t in status.theorems() if t.id == "thm4"),)
    assert theorem.finding.instances == 0
    assert (agreement.verdict, agreement.expected, agreement.formal) == ("tested", "tested", ())
    assert agreement.claim.statement == f"The implementation agrees: {theorem.claim.statement}"
    assert agreement.finding.instances > 0


def test_no_claim_that_runs_of_the_program_decide_is_proved(monkeypatch):
    """What `claims` names is what `verify` gives: a theorem changes the verdict of no other claim."""
    known = status.theorems()
    monkeypatch.setattr(status, "theorems", lambda: known)
    split = [claim for claim in claims() if claim.statement.startswith("The implementation agrees: ")]
    assert len(split) >= 14
    for claim in split:
        assert claim.expected in ("tested", "certified")
        assert not claim.theorems
        assert f"{claim.id}-coq" in {other.id for other in claims()}
    for claim in claims():
        for found in ("tested", "certified", "refuted", "unknown"):
            result = ClaimVerdict(claim, Finding(found), 0.0, current_theorems(claim))
            assert (result.verdict, result.expected) == (found, claim.expected)


def test_a_fault_of_the_program_shows_beside_its_theorem(monkeypatch):
    """Found by review: with wrong factors the claim stayed 'proved', since Coq proves the theorem."""
    monkeypatch.setattr(qplex, "realise", half_weights(qplex.realise))
    theorem, agreement = verify(["qplex.round-trip-coq", "qplex.round-trip"]).results
    assert (theorem.verdict, theorem.as_expected) == ("proved", True)
    assert (agreement.verdict, agreement.as_expected) == ("refuted", False)


@pytest.mark.usefixtures("stale")
def test_without_a_current_result_it_stays_tested():
    verdicts = verify(["thm4.rate-coq"], examples=3)
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
    assert decided("tested", "tested", Formal("thm4"), Formal("absent", "a part")).verdict == "tested"


def test_coq_does_not_hide_what_a_check_finds():
    for found in ("refuted", "unknown"):
        result = decided(found, "tested", Formal("thm4"))
        assert (result.verdict, result.as_expected) == (found, False)
    result = decided("tested", "certified", Formal("thm4"))
    assert (result.verdict, result.expected, result.as_expected) == ("tested", "certified", False)
    assert "0 claims as expected, 1 otherwise" in summary(Verdicts((result,), 0))


@pytest.mark.usefixtures("stale")
def test_the_registry_names_the_verdicts_that_verify_expects(capsys):
    chosen = select(["dynamics.coq-limit", "thm1.coq", "thm1.unique"])
    print_claims(chosen)
    shown = " ".join(capsys.readouterr().out.split())
    assert "2 theorems have no current Coq result here" in shown
    found = [expected(claim, current_theorems(claim)) for claim in chosen]
    assert sorted(found) == ["proved", "tested", "unknown"]
    assert found == [result.expected for result in verify([claim.id for claim in chosen]).results]


def test_with_current_results_the_registry_has_nothing_to_add(capsys):
    print_claims(select(["thm1.coq"]))
    assert "make prove" not in capsys.readouterr().out
