"""The command that states certificates as Coq theorems: reading, exit status, files kept, compiled sources."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from test_coq_certificates import changed, compare

from proofs_check.certificates.kept import named
from proofs_check.checker import check
from proofs_check.coq import certify, library, prove
from proofs_check.coq.translate.reader import Malformed, load, number

pytestmark = pytest.mark.slow


def test_exit_status_and_both_verdicts(coq_library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    wrong, bad = tmp_path / "wrong.json", tmp_path / "bad.json"
    wrong.write_text(json.dumps(changed("two-state-igm", "claim values 1", "11")), encoding="utf-8")
    bad.write_text("{", encoding="utf-8")
    cache = ["--cache", str(coq_library.parent)]
    assert certify.main([*cache, str(named("two-state-igm").path)]) == 0
    out = capsys.readouterr().out
    assert "proved by Coq" in out
    assert "Python checker: accepted" in out
    assert certify.main([*cache, str(wrong)]) == 1
    out = capsys.readouterr().out
    assert "refused by Coq" in out
    assert "Python checker: refused" in out
    assert certify.main([*cache, str(bad)]) == 2
    assert "malformed" in capsys.readouterr().out


def test_missing_coq_has_its_own_exit_status(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setenv("PATH", "/nonexistent")
    assert certify.main([str(named("two-state-igm").path)]) == prove.MISSING
    assert "not installed" in capsys.readouterr().err


def test_no_answer_in_time_is_undecided_and_the_next_file_is_judged(
    coq_library: Path, capsys: pytest.CaptureFixture[str]
):
    files = [str(named(name).path) for name in ("two-state-igm", "two-state-3-4")]
    assert certify.main(["--cache", str(coq_library.parent), "--seconds", "0.01", *files]) == certify.UNDECIDED
    out = capsys.readouterr().out
    for file in files:
        assert f"{file}: undecided: no answer from Coq within 0.01 s" in out


def test_a_failure_of_coq_is_undecided(coq_library: Path, monkeypatch: pytest.MonkeyPatch):
    def broken(*_: object) -> str:
        raise prove.ProofError("Stack overflow")

    monkeypatch.setattr(certify, "_run", broken)
    status, text = certify.judge(named("two-state-igm").path, coq_library)
    assert status == certify.UNDECIDED
    assert "undecided: Stack overflow" in text


def test_the_theorem_is_kept(coq_library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    kept = tmp_path / "Kept.v"
    arguments = ["--cache", str(coq_library.parent), "--output", str(kept)]
    assert certify.main([*arguments, str(named("two-state-3-4").path)]) == 0
    command = capsys.readouterr().out.splitlines()[-1].partition(": ")[2].split()
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=tmp_path, check=True)
    assert done.stdout.strip().endswith(prove.CLOSED)
    with pytest.raises(SystemExit):
        certify.main([*arguments, "one.json", "two.json"])


def test_an_incomplete_folder_of_compiled_sources_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, coq_library: Path
):
    made = []
    monkeypatch.setattr(prove, "compile_all", lambda *_: made.append(1))
    monkeypatch.setattr(prove, "require_packages", lambda _: "")
    monkeypatch.setattr(library, "complete", lambda folder, _: (folder / library.STAMP).is_file())
    (tmp_path / coq_library.name).mkdir()
    for _ in range(2):
        assert library.library(tmp_path) == tmp_path / coq_library.name
    assert made == [1]
    (tmp_path / coq_library.name / library.STAMP).unlink()
    (tmp_path / coq_library.name / "left").touch()
    library.library(tmp_path)
    assert made == [1, 1]


def test_numbers_may_have_20000_digits(coq_library: Path, tmp_path: Path):
    path = tmp_path / "long.json"
    weights = {"exponents": ["4e5000", "28e5000"], "digits": ["4" + "0" * 19_998, "28" + "0" * 19_998]}
    documents = [changed("two-state-3-4", "proof weights", wanted) for wanted in weights.values()]
    assert compare(documents, coq_library) == (2, 0)
    text = json.dumps(changed("two-state-3-4", "proof weights", ["1", "7"]))
    for digits, known in ((20_000, True), (20_001, False)):
        path.write_text(text.replace('["1", "7"]', f"[{'1' * digits}, {'7' * digits}]"), encoding="utf-8")
        assert check(path).accepted == known
        assert certify.judge(path, coq_library)[0] == (0 if known else certify.UNSUPPORTED)


def test_reading_files_and_numbers(tmp_path: Path):
    path = tmp_path / "twice.json"
    path.write_text('{"a": 1, "a": 2}', encoding="utf-8")
    with pytest.raises(Malformed, match="twice"):
        load(path)
    with pytest.raises(Malformed, match="cannot read"):
        load(tmp_path / "absent.json")
    assert [str(number(x, "")) for x in (3, "-6/4", "0.85", "1e-3", "+.5")] == ["3", "-3/2", "17/20", "1/1000", "1/2"]
    for text in ("1/0", "1e10001", "1" * 20_001, "1/" + "1" * 20_001, 10**25_000):
        with pytest.raises(Malformed):
            number(text, "")
