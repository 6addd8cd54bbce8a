"""The Coq development: its committed record, its prover, and altered statements that must not compile."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from proofs_check.coq import prove, status
from proofs_check.report import GROUPS

pytestmark = pytest.mark.slow

HERE = status.HERE
NEGATIVE = HERE / "negative"
THEOREM1 = "theories/fits/Theorem1.v"
#: What the altered statements rest on.
NEEDED = {
    *("Ordered", "Model", "Expectation", "MaxAffine", "Theorem1", "FQI", "TwoAgents", "QPLEX", "Theorem3"),
    *("SignedFits", "TheoremA", "Witnesses", "AdditiveMass", "TheoremB", "Aperiodic", "Met"),
}
CONTROLS = {
    "closed_form_n_minus_2": ("closed_form_control", "(n - 1) / n", "(n - 2%:R) / n", "Not a valid ring"),
    "igm_nonnegative_weights": (
        "igm_control",
        "forall i a, 0 < lambda",
        "forall i a, 0 <= lambda",
        "Cannot apply lemma weights",
    ),
    "divergence_79": ("divergence_control", "80", "79", "No applicable tactic"),
    "stay_half_mass": ("stay_control", "(1 + nu) * V true", "(1 + nu / 2%:R) * V true", "Not a valid ring"),
    "below_n_minus_1": ("below_control", "gamma * n < 1", "gamma * (n - 1) < 1", "does not match"),
    "aperiodic_63180": ("aperiodic_control", "13 * 19", "13 * 20", "No applicable tactic"),
}
#: Theorems about everything, or examples that are given.
NO_HYPOTHESES = {
    *("igm-class-complete", "qplex-exactly", "qplex-state-only", "refuted-igm-nonnegative", "run-product-is-joint"),
    *("thm3-run-exists", "phases-order-one", "phases-order-uniform", "phases-order-uniform-weights"),
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
    assert all(status.proved(theorem.id) for theorem in (found[0], found[-1]))
    record = json.loads((HERE / "compiled.json").read_text(encoding="utf-8"))
    assert {entry["assumptions"] for entry in record["theorems"].values()} == {prove.CLOSED}


def test_every_theorem_has_an_instance_unless_it_has_no_hypotheses():
    record = json.loads((HERE / "compiled.json").read_text(encoding="utf-8"))
    free = {name for name, entry in record["theorems"].items() if entry["instance"] == "no hypotheses"}
    assert free == NO_HYPOTHESES
    assert all(
        entry["instance"].startswith("instances.") for name, entry in record["theorems"].items() if name not in free
    )


def test_each_theorem_is_described():
    for theorem in status.theorems():
        assert theorem.statement
        assert theorem.source
        assert f"Theorem {theorem.name}" in theorem.coq
        assert theorem.coq.endswith(".")
        assert f"{theorem.name}\n     : " in theorem.coq_type
        assert theorem.claim in GROUPS
        assert ("archimedean" in theorem.scope) == ("archiFieldType" in theorem.coq_type)


def test_a_statement_is_shown_with_the_hypotheses_of_its_sections():
    text = """Section Outer. Variables (F : ring)
      (n : nat). (* Variable x : F. *)
    Section Inner. Hypothesis h : 0 < n. End Inner.
    Section Second.
    Context (k : nat).
    Lemma l : k = k. Proof. by []. Qed.

Theorem t (m : nat) :
  m = m.
Proof. by []. Qed.
End Second. End Outer.
"""
    found = status.coq_statement(text, "t").splitlines()
    assert found == ["Variables (F : ring) (n : nat).", "Context (k : nat).", "Theorem t (m : nat) :", "  m = m."]
    assert status.coq_statement(text, "absent") == ""


def test_each_theorem_has_a_comment_that_names_its_source():
    for theorem in status.theorems():
        text = (HERE / "theories" / theorem.file).read_text(encoding="utf-8")
        before = text[: text.index(f"Theorem {theorem.name}")].rstrip()
        assert before.endswith("*)")
        assert "Source:" in before[before.rindex("(*") :]


def test_unknown_theorem_is_not_proved():
    assert not status.proved("no-such-theorem")


@pytest.mark.parametrize("name", ["theories/fits/Theorem1.v", "theories/base/Model.v", "theorems.json"])
def test_tampering_with_a_source_unproves(copy: Path, name: str):
    assert status.proved("thm1", copy)
    path = copy / name
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert not status.current(copy)
    assert not status.proved("thm1", copy)


def test_extra_missing_or_broken_files_unprove(copy: Path):
    (copy / "theories/base/Extra.v").write_text("", encoding="utf-8")
    assert not status.proved("thm1", copy)
    (copy / "theories/base/Extra.v").unlink()
    assert status.proved("thm1", copy)
    (copy / "compiled.json").write_text("{", encoding="utf-8")
    assert not status.proved("thm1", copy)
    (copy / "compiled.json").unlink()
    assert not status.proved("thm1", copy)


def test_broken_records_and_missing_sources_prove_nothing(copy: Path):
    record = json.loads((copy / "compiled.json").read_text(encoding="utf-8"))
    for broken in ([], {}, {"thm1": None}, "all"):
        (copy / "compiled.json").write_text(json.dumps(record | {"theorems": broken}), encoding="utf-8")
        assert not any(theorem.proved for theorem in status.theorems(copy))
    (copy / THEOREM1).unlink()
    found = {theorem.id: theorem for theorem in status.theorems(copy)}
    assert (found["thm1"].coq, found["thm1"].proved) == ("", False)
    (copy / "theorems.json").write_text("[", encoding="utf-8")
    assert status.theorems(copy) == ()


def test_an_assumption_in_the_record_unproves(copy: Path):
    path = copy / "compiled.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    record["theorems"]["thm1"]["assumptions"] = "Axioms:\nfoo : False"
    path.write_text(json.dumps(record), encoding="utf-8")
    assert not status.proved("thm1", copy)
    assert status.proved("thm3", copy)


def test_unlisted_theorem_and_admitted_proof_are_refused(copy: Path):
    prove.check_list(listing(), copy)
    path = copy / THEOREM1
    text = path.read_text(encoding="utf-8")
    path.write_text(text + "\nTheorem extra : True. Proof. by []. Qed.\n", encoding="utf-8")
    with pytest.raises(prove.ProofError, match="extra is missing from theorems"):
        prove.check_list(listing(), copy)
    path.write_text(text.replace("Theorem minimisers", "Lemma minimisers"), encoding="utf-8")
    with pytest.raises(prove.ProofError, match=r"minimisers is missing from fits/Theorem1"):
        prove.check_list(listing(), copy)
    path.write_text(text + "\nLemma easy : False. Admitted.\n", encoding="utf-8")
    with pytest.raises(prove.ProofError, match="contains 'Admitted'"):
        prove.check_list(listing(), copy)
    path.write_text(
        text + '\n(* Admitted (* nested *) "Axiom" *) Goal True. idtac "Admitted". Abort.\n', encoding="utf-8"
    )
    prove.check_list(listing(), copy)
    path.write_text(text + "\nCorollary other : True. Proof. by []. Qed.\n", encoding="utf-8")
    with pytest.raises(prove.ProofError, match="other is missing from theorems"):
        prove.check_list(listing(), copy)


def test_an_instance_of_no_theorem_is_refused(copy: Path):
    path = copy / "theories/instances/PapersMet.v"
    path.write_text(
        path.read_text(encoding="utf-8") + "\nLemma gone_met : True. Proof. by []. Qed.\n", encoding="utf-8"
    )
    with pytest.raises(prove.ProofError, match="gone_met is about no listed theorem"):
        prove.check_list(listing(), copy)


@pytest.mark.parametrize(
    ("hidden", "message"),
    [
        ("Unset Guard\nChecking.", r"contains 'Guard\\nChecking'"),
        ("Unset Universe  Checking.", "contains 'Universe  Checking'"),
        ('Goal True. idtac "(*". exact I. Qed. Axiom bad : False.', "contains 'Axiom'"),
        ('Goal True. idtac "(* ""(*". exact I. Qed. Theorem bad : True. Proof. by []. Qed.', "bad is missing from"),
        ('(* "*)" *) Parameter bad : False.', "contains 'Parameter'"),
    ],
)
def test_what_spaces_strings_and_comments_hide_is_seen(copy: Path, hidden: str, message: str):
    path = copy / THEOREM1
    path.write_text(path.read_text(encoding="utf-8") + f"\n{hidden}\n", encoding="utf-8")
    with pytest.raises(prove.ProofError, match=message):
        prove.check_list(listing(), copy)


def test_a_source_that_is_not_listed_and_a_divided_room_are_refused(copy: Path):
    project = copy / "_CoqProject"
    lines = project.read_text(encoding="utf-8").splitlines()
    project.write_text("\n".join(line for line in lines if line != THEOREM1), encoding="utf-8")
    with pytest.raises(prove.ProofError, match="listed sources"):
        prove.check_list(listing(), copy)
    project.write_text("\n".join([*(line for line in lines if line != THEOREM1), THEOREM1]), encoding="utf-8")
    with pytest.raises(prove.ProofError, match="not listed one after the other"):
        prove.check_list(listing(), copy)


@pytest.mark.parametrize(("version", "written"), [("8.16.1", True), ("8.20.1", False), ("8.160.0", False)])
def test_the_record_is_written_by_the_coq_whose_words_it_holds(
    copy: Path, capsys: pytest.CaptureFixture[str], version: str, written: bool
):
    before = (copy / "compiled.json").read_text(encoding="utf-8")
    prove.record({"coq": version, "theorems": {}}, copy)
    after = (copy / "compiled.json").read_text(encoding="utf-8")
    assert (json.loads(after)["theorems"] == {}) is written
    assert (after != before) is written
    assert (f"what Coq 8.16 prints, and this is Coq {version}" in capsys.readouterr().out) is not written
    assert str(json.loads(after)["coq"]).startswith(f"{prove.RECORDED}.")


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
def build(coq_library: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy, for tests write there, of compiled files: those of certificates, and what altered statements need."""
    others = [name for name in prove.sources(HERE) if Path(name).stem in NEEDED and not (coq_library / name).exists()]
    digest = hashlib.sha256("".join(prove.digest(HERE / "theories" / name) for name in others).encode()).hexdigest()
    kept = coq_library.with_name(f"{coq_library.name}-{digest[:16]}")
    with FileLock(coq_library.with_name("lock")):
        if not kept.is_dir():
            partial = shutil.copytree(coq_library, kept.with_suffix(".partial"), dirs_exist_ok=True)
            prove.compile_all(others, HERE, partial)
            partial.rename(kept)
    return shutil.copytree(kept, tmp_path_factory.mktemp("controls") / "coq")


def test_the_statements_that_were_altered_compile(build: Path):
    """All in one run of Coq, a module each."""
    texts = {control: (NEGATIVE / f"{control}.v").read_text(encoding="utf-8") for control, *_ in CONTROLS.values()}
    parts = [f"Module {control}.\n{text}\nEnd {control}.\n" for control, text in texts.items()]
    (build / "Controls.v").write_text("".join(parts), encoding="utf-8")
    prove.run_coqc(build, "Controls.v")


@pytest.mark.parametrize("name", CONTROLS)
def test_altered_statement_does_not_compile(build: Path, name: str):
    message = CONTROLS[name][-1]
    shutil.copyfile(NEGATIVE / f"{name}.v", build / f"{name}.v")
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
    toy = {"theorems": [{"id": "t", "file": "Use.v", "name": "t"}]}
    found = prove.inspect(toy, ["instances/Met.v", "Use.v"], build)
    assert "Axioms:" in found["t"]["assumptions"]
    with pytest.raises(prove.ProofError, match="not proved without axioms"):
        prove.report(toy, found)


VACUOUS = "Theorem t (n m : nat) : n = m -> n <> m -> False. Proof. by []. Qed."
NESTED = (
    "Theorem t (n : nat) : exists m : nat, m = n /\\ forall k : nat, k = m -> k <> n -> False. Proof. by exists n. Qed."
)
SOUND = "Theorem t (n : nat) : n <> 0 -> exists m : nat, n = m.+1 /\\ forall k : nat, k = m -> k < n."


@pytest.mark.parametrize("text", [VACUOUS, NESTED], ids=["hypotheses", "hypotheses-of-the-conclusion"])
def test_a_theorem_whose_hypotheses_are_not_met_is_refused(build: Path, text: str):
    (build / "Vacuous.v").write_text(f"From mathcomp Require Import all_ssreflect. {text}", encoding="utf-8")
    prove.run_coqc(build, "Vacuous.v")
    toy = {"theorems": [{"id": "t", "file": "Vacuous.v", "name": "t"}]}
    with pytest.raises(prove.ProofError, match="no instance meets the hypotheses of t"):
        prove.inspect(toy, ["instances/Met.v", "Vacuous.v"], build)


def test_an_instance_meets_the_hypotheses_of_a_theorem_and_of_its_conclusion(build: Path):
    library = "From mathcomp Require Import all_ssreflect."
    proof = "Proof. by case: n => // n _; exists n; split=> // k ->. Qed."
    (build / "Sound.v").write_text(f"{library} {SOUND} {proof}", encoding="utf-8")
    prove.run_coqc(build, "Sound.v")
    lemma = "Lemma t_met : met (@t). Proof. exists 3; split=> // m _; by exists m. Qed."
    weaker = "Lemma t_met : exists n : nat, n <> 0. Proof. by exists 3. Qed."
    for name, text in (("Toy", lemma), ("Weaker", weaker)):
        source = f"{library} From FqiTheory Require Import instances.Met Sound. {text}"
        (build / f"instances/{name}.v").write_text(source, encoding="utf-8")
        prove.run_coqc(build, f"instances/{name}.v")
    toy = {"theorems": [{"id": "t", "file": "Sound.v", "name": "t"}]}
    found = prove.inspect(toy, ["instances/Met.v", "Sound.v", "instances/Toy.v"], build)
    assert found["t"]["instance"] == "instances.Toy.t_met"
    with pytest.raises(prove.ProofError, match="no instance meets"):
        prove.inspect(toy, ["instances/Met.v", "Sound.v", "instances/Weaker.v"], build)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Context (bad : False).", "lists under 'Axioms': FqiTheory.Toy.bad"),
        ("Unset Guard Checking. Fixpoint loop (n : nat) : nat := loop n.", "fixpoints': FqiTheory.Toy.loop"),
        (
            "Unset Universe Checking. Inductive U : Type := u : (forall T : Type, T) -> U.\n"
            "Definition x (y : U) : U := match y with u f => f U end.",
            "type-in-type': FqiTheory.Toy.U",
        ),
        (
            "Unset Positivity Checking. Inductive P : Set := p : (P -> P) -> P.",
            "positivity is assumed': FqiTheory.Toy.P",
        ),
    ],
)
def test_unused_assumptions_are_found(build: Path, text: str, message: str):
    (build / "Toy.v").write_text(text, encoding="utf-8")
    prove.run_coqc(build, "Toy.v")
    with pytest.raises(prove.ProofError, match=re.escape(message)):
        prove.require_sound(["Toy"], build)


@pytest.mark.parametrize("word", ["Hypothesis", "Variable"])
def test_a_hypothesis_outside_of_a_section_does_not_compile(build: Path, word: str):
    (build / "Toy.v").write_text(f"{word} bad : False.", encoding="utf-8")
    with pytest.raises(prove.ProofError, match="local-declaration"):
        prove.run_coqc(build, "Toy.v")


def test_sound_modules_are_accepted(build: Path):
    """The whole development is asked by `make prove`, which CI runs."""
    (build / "Toy.v").write_text("Section S. Variable n : nat. Lemma l : n = n. Proof. reflexivity. Qed. End S.")
    prove.run_coqc(build, "Toy.v")
    prove.require_sound(["Toy"], build)
    with pytest.raises(prove.ProofError, match="coqchk refuses"):
        prove.require_sound(["Absent"], build)
