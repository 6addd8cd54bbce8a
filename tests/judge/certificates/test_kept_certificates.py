"""Kept certificates: the checker accepts each, making them again gives the same claim, and claims rest on them."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from proofs_check.certificates import kept as store
from proofs_check.certificates.kept import FOLDER, kept, named
from proofs_check.certificates.make import main, make
from proofs_check.checker import check
from proofs_check.claims import certified_fates
from proofs_check.claims.certified_fates import certified

ALL = pytest.mark.parametrize("one", kept(), ids=lambda one: one.name)


def test_every_file_is_listed_once():
    names = [one.name for one in kept()]
    assert len(set(names)) == len(names)
    assert {path.stem for path in FOLDER.glob("*.json")} == set(names)


@ALL
def test_the_checker_accepts(one):
    document = one.document()
    report = check(document)
    assert report.accepted, report.reason
    assert one.differs(document) is None
    assert one.contradicts(document) is None


@ALL
def test_making_it_again_gives_the_same_claim(one):
    """Bounds by mixtures depend on which of several optimal solutions a linear program returns."""
    again, document = make(one), one.document()
    assert again["claim"] == document["claim"] or document["proof"]["kind"] == "differences"
    assert check(again).accepted


def test_all_together_by_the_checker_alone():
    files = [str(one.path) for one in kept()]
    done = subprocess.run([sys.executable, "-m", "proofs_check.checker", *files], capture_output=True, timeout=60)
    assert done.returncode == 0, done.stdout


def test_main_writes_every_file(tmp_path, monkeypatch, capsys):
    few = tuple(one for one in kept() if one.name in ("cycle-2", "two-state-4-5"))
    monkeypatch.setattr("proofs_check.certificates.make.kept", lambda: few)
    monkeypatch.setattr(store, "FOLDER", tmp_path)
    assert main() == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cycle-2.json", "two-state-4-5.json"]
    assert "cycle-2.json" in capsys.readouterr().out


def test_no_certificate_is_made_of_another_claim():
    with pytest.raises(ValueError, match="not as expected: period"):
        make(replace(named("cycle-2"), claim={"fate": "cycles", "period": 3}))
    with pytest.raises(ValueError, match="no certificate"):
        make(replace(named("cycle-2"), model="aperiodic", data={"kind": "epsilon-greedy", "epsilon": "0"}))
    with pytest.raises(KeyError, match="cycle-4"):
        named("cycle-4")


@pytest.fixture
def stored(tmp_path, monkeypatch):
    """Return a function that puts a changed copy of a certificate where the claims look for it."""
    monkeypatch.setattr(store, "FOLDER", tmp_path)

    def put(name, document):
        (tmp_path / f"{name}.json").write_text(document if isinstance(document, str) else json.dumps(document))

    return put


def test_a_claim_without_its_certificate_is_unknown(stored):
    assert certified("cycle-2").verdict == "unknown"
    stored("cycle-2", "[")
    assert certified("cycle-2").verdict == "unknown"


def test_a_refused_certificate_is_unknown(stored):
    document = json.loads((FOLDER / "cycle-3.json").read_text())
    document["proof"]["prefix"] = 0
    stored("cycle-3", document)
    finding = certified("cycle-3")
    assert (finding.verdict, finding.evidence["certificate"]) == ("unknown", "cycle-3.json")
    assert finding.evidence["reason"]


def test_a_certificate_of_another_run_is_unknown(stored):
    stored("cycle-3", json.loads((FOLDER / "cycle-2.json").read_text()))
    finding = certified("cycle-3")
    assert finding.verdict == "unknown"
    assert "model: not the run of this claim" in finding.evidence["reason"]


def test_an_accepted_certificate_that_says_otherwise_refutes(monkeypatch):
    def renamed(name):
        return replace(named(name), claim={"fate": "cycles", "period": 7})

    monkeypatch.setattr(certified_fates, "named", renamed)
    finding = certified("cycle-2")
    assert finding.verdict == "refuted"
    assert finding.evidence["counterexample"]["not as claimed"] == "period"


def test_evidence_names_file_and_statement():
    finding = certified("two-state-4-5")
    assert finding.verdict == "certified"
    (evidence,) = finding.evidence["certificates"]
    assert evidence["certificate"] == "two-state-4-5.json"
    assert "diverges" in evidence["statement"]


def test_the_readme_lists_each_with_its_run_claim_and_proof():
    lines = (FOLDER / "README.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| `")]
    assert [row[0] for row in rows] == [f"`{one.name}`" for one in kept()]
    for one, (_, model, run, claim, proof) in zip(kept(), rows, strict=True):
        document = one.document()
        assert model == f"`{one.model}`, γ = {document['model']['discount']}"
        assert document["data"]["kind"] in run
        assert document["data"].get("epsilon", "") in run
        assert document["factorization"] in run
        assert claim.startswith(document["claim"]["fate"])
        assert all(value in claim for value in document["claim"].get("values", []))
        assert document["proof"]["kind"] == proof
