"""Verdicts: the document, determinism, unexpected and failing checks."""

import json
from dataclasses import replace

import pytest

from proofs_check import registry, verify
from proofs_check.claim import Finding
from proofs_check.report import page
from proofs_check.verification import decide

pytestmark = pytest.mark.slow

KEYS = {"id", "source", "statement", "verdict", "expected", "instances", "evidence", "seconds"}


def test_the_document_is_json_with_the_contracted_keys():
    document = json.loads(json.dumps(verify(["thm3"], examples=5).to_json()))
    assert document["format"] == "verdicts/1"
    assert all(set(claim) >= KEYS for claim in document["claims"])
    assert [c["id"] for c in document["claims"]] == [c.id for c in registry.select(["thm3"])]
    assert all(c["verdict"] == c["expected"] for c in document["claims"])


def test_progress_is_told_every_claim():
    seen = []
    verdicts = verify(["igm"], examples=5, progress=seen.append)
    assert tuple(seen) == verdicts.results


@pytest.mark.parametrize("seed", [0, 1])
def test_one_example_is_enough_to_refute(seed):
    hunts = [claim.id for claim in registry.claims() if claim.expected == "refuted" and claim.examples]
    assert len(hunts) == 8
    for result in verify(hunts, examples=1, seed=seed).results:
        assert result.as_expected, result.claim.id
        assert result.finding.evidence["counterexample"]["fails"]


def test_one_claim_needs_no_list():
    assert [result.claim.id for result in verify("thm3.boundary").results] == ["thm3.boundary"]
    with pytest.raises(KeyError, match="no claim 'thm9'"):
        verify("thm9")


def test_verdicts_are_shown_in_lines():
    verdicts = verify(["thm3.boundary", "thm3.divergence"])
    assert repr(verdicts) == "Verdicts of 2 claims, seed 0\n  thm3.divergence: proved\n  thm3.boundary: proved"


def test_one_seed_one_result():
    def stripped(document):
        return [{k: v for k, v in claim.items() if k != "seconds"} for claim in document["claims"]]

    first, second = (stripped(verify(["qplex"], examples=20, seed=7).to_json()) for _ in range(2))
    assert first == second


def test_examples_bound_the_instances():
    (result,) = verify(["thm1.random-shapes"], examples=9).results
    assert 0 < result.finding.instances <= 9


def _swap(monkeypatch, claim_id, **changes):
    (claim,) = registry.select([claim_id])
    changed = tuple(replace(c, **changes) if c is claim else c for c in registry.claims())
    monkeypatch.setattr(registry, "claims", lambda: changed)


def test_an_unexpected_verdict_is_reported(monkeypatch):
    _swap(monkeypatch, "igm.sets", check=lambda _: Finding("refuted", 1, {"counterexample": 0}))
    verdicts = verify(["igm.sets"])
    assert not verdicts.as_expected
    assert verdicts.results[0].finding.verdict == "refuted"


def test_a_check_that_raises_is_unknown(monkeypatch):
    def broken(_budget):
        raise ZeroDivisionError("singular matrix")

    _swap(monkeypatch, "igm.sets", check=broken)
    finding, _ = decide("igm.sets", None)
    assert finding.verdict == "unknown"
    assert finding.evidence == {"error": "ZeroDivisionError: singular matrix"}


def test_two_processes_agree_with_one():
    names = ["tables.game2-uniform", "thm3.recursion"]
    one, two = (verify(names, jobs=jobs).to_json()["claims"] for jobs in (1, 2))
    assert [(c["id"], c["evidence"]) for c in one] == [(c["id"], c["evidence"]) for c in two]


def test_unknown_claims_are_refused():
    with pytest.raises(KeyError, match="no claim 'nothing'"):
        verify(["nothing"])


def test_formal_theorems_are_named_in_the_evidence():
    for result in verify(["thm1.closed-form", "igm.sets"]).results:
        lines = result.to_json()["evidence"]["formal"]
        assert [line.split(":")[1].strip(" )").split(";")[0] for line in lines] == [t.name for _, t in result.formal]
        assert all(theorem.scope in line for line, (_, theorem) in zip(lines, result.formal, strict=True))


def test_the_page_is_self_contained():
    html = page(verify(["tables", "thm1.pairwise"]).to_json())
    assert html.startswith("<!doctype html>")
    assert "http" not in html
    assert "-56/9" in html
    assert "10 claims as expected, 1 otherwise" not in html
    assert "11 claims as expected, 0 otherwise" in html
