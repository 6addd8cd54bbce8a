"""The Coq development: its committed record, its prover, and altered statements that must not compile."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from proofs_check.coq import prove, status

HERE = status.HERE
NEGATIVE = HERE / "negative"
CONTROLS = {
    "closed_form_n_minus_2": ("closed_form_control", "(n - 1) / n", "(n - 2%:R) / n", "Not a valid ring"),
    "igm_nonnegative_weights": (
        "igm_control",
        "forall i a, 0 < lambda",
        "forall i a, 0 <= lambda",
        "Cannot apply lemma weights",
    ),
    "divergence_79": ("divergence_control", "80", "79", "No applicable tactic"),
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the development that a test may change."""
    root = tmp_path / "coq"
    shutil.copytree(HERE, root, ignore=shutil.ignore_patterns("__pycache__"))
    return root


def listing() -> dict:
    return json.loads((HERE / "theorems.json").read_text(encoding="utf-8"))


def test_committed_record_is_current_and_without_axioms():
    found = status.theorems()
    assert len(found) >= 14
    assert status.current()
    assert all(theorem.proved for theorem in found)
    assert all(status.proved(theorem.id) for theorem in found)
    record = json.loads((HERE / "compiled.json").read_text(encoding="utf-8"))
    assert {entry["assumptions"] for entry in record["theorems"].values()} == {prove.CLOSED}


def test_each_theorem_is_described():
    claims = {"thm1", "thm2", "thm3", "thm4", "qplex", "igm", "value-space"}
    for theorem in status.theorems():
        assert theorem.statement
        assert theorem.source
        assert theorem.coq.startswith(f"Theorem {theorem.name}")
        assert theorem.coq.endswith(".")
        assert f"{theorem.name}\n     : " in theorem.coq_type
    assert claims <= {theorem.claim for theorem in status.theorems()}
    assert all(status.supporting(claim) for claim in claims)


def test_each_theorem_has_a_comment_that_names_its_source():
    for theorem in status.theorems():
        text = (HERE / theorem.file).read_text(encoding="utf-8")
        before = text[: text.index(f"Theorem {theorem.name}")].rstrip()
        assert before.endswith("*)")
        assert "Source:" in before[before.rindex("(*") :]


def test_unknown_theorem_is_not_proved():
    assert not status.proved("no-such-theorem")


@pytest.mark.parametrize("name", ["Theorem1.v", "Model.v", "theorems.json"])
def test_tampering_with_a_source_unproves(copy: Path, name: str):
    assert status.proved("thm1", copy)
    path = copy / name
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert not status.current(copy)
    assert not status.proved("thm1", copy)


def test_extra_missing_or_broken_files_unprove(copy: Path):
    (copy / "Extra.v").write_text("", encoding="utf-8")
    assert not status.proved("thm1", copy)
    (copy / "Extra.v").unlink()
    assert status.proved("thm1", copy)
    (copy / "compiled.json").write_text("{", encoding="utf-8")
    assert not status.proved("thm1", copy)
    (copy / "compiled.json").unlink()
    assert not status.proved("thm1", copy)
    assert status.supporting("thm1", copy) == ()


def test_an_assumption_in_the_record_unproves(copy: Path):
    path = copy / "compiled.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    record["theorems"]["thm1"]["assumptions"] = "Axioms:\nfoo : False"
    path.write_text(json.dumps(record), encoding="utf-8")
    assert not status.proved("thm1", copy)
    assert status.proved("thm3", copy)


def test_unlisted_theorem_and_admitted_proof_are_refused(copy: Path):
    prove.check_list(listing(), copy)
    path = copy / "Theorem1.v"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + "\nTheorem extra : True. Proof. by []. Qed.\n", encoding="utf-8")
    with pytest.raises(prove.ProofError, match="extra is missing from theorems"):
        prove.check_list(listing(), copy)
    path.write_text(text.replace("Theorem minimisers", "Lemma minimisers"), encoding="utf-8")
    with pytest.raises(prove.ProofError, match=r"minimisers is missing from Theorem1"):
        prove.check_list(listing(), copy)
    path.write_text(text + "\nLemma easy : False. Admitted.\n", encoding="utf-8")
    with pytest.raises(prove.ProofError, match="contains 'Admitted'"):
        prove.check_list(listing(), copy)
    path.write_text(text + "\n(* Admitted (* nested *) Axiom *)\n", encoding="utf-8")
    prove.check_list(listing(), copy)


def test_missing_coq_has_its_own_exit_status(copy: Path):
    script = [sys.executable, str(copy / "prove.py"), "--no-write"]
    done = subprocess.run(script, env={"PATH": "/nonexistent"}, capture_output=True, text=True, timeout=60)
    assert done.returncode == prove.MISSING
    assert "apt-get install --no-install-recommends coq libcoq-mathcomp-ssreflect" in done.stderr


@pytest.mark.parametrize("name", CONTROLS)
def test_altered_statement_differs_by_its_constant_only(name: str):
    control, old, new, _ = CONTROLS[name]
    good = prove.strip_comments((NEGATIVE / f"{control}.v").read_text(encoding="utf-8"))
    bad = prove.strip_comments((NEGATIVE / f"{name}.v").read_text(encoding="utf-8"))
    assert old in good
    assert good.replace(old, new).strip() == bad.strip()


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled files that the altered statements need."""
    directory = tmp_path_factory.mktemp("coq")
    try:
        prove.require_packages(directory)
    except prove.MissingPackages as missing:
        pytest.skip(f"not installed: {' '.join(missing.args)}")
    needed = ["Ordered", "Model", "Expectation", "Theorem1", "FQI", "TwoAgents", "Theorem3", "QPLEX"]
    for name in needed:
        shutil.copyfile(HERE / f"{name}.v", directory / f"{name}.v")
        prove.run_coqc(directory, f"{name}.v")
    return directory


@pytest.mark.parametrize("name", CONTROLS)
def test_altered_statement_does_not_compile(build: Path, name: str):
    control, _, _, message = CONTROLS[name]
    for file in (control, name):
        shutil.copyfile(NEGATIVE / f"{file}.v", build / f"{file}.v")
    prove.run_coqc(build, f"{control}.v")
    with pytest.raises(prove.ProofError) as error:
        prove.run_coqc(build, f"{name}.v")
    text = str(error.value)
    line = int(re.findall(r"line (\d+)", text)[-1])
    step = (NEGATIVE / f"{name}.v").read_text(encoding="utf-8").splitlines()[line - 1]
    assert "the step that needs" in step
    assert message in text


def test_an_axiom_is_refused(build: Path):
    (build / "Assume.v").write_text("Axiom a : False.", encoding="utf-8")
    prove.run_coqc(build, "Assume.v")
    (build / "Use.v").write_text(
        "From FqiTheory Require Import Assume. Theorem t : False. Proof. exact a. Qed.", encoding="utf-8"
    )
    prove.run_coqc(build, "Use.v")
    toy = {"sources": ["Use.v"], "theorems": [{"id": "t", "file": "Use.v", "name": "t"}]}
    found = prove.inspect(toy, build)
    assert "Axioms:" in found["t"]["assumptions"]
    with pytest.raises(prove.ProofError, match="not proved without axioms"):
        prove.report(toy, found)
