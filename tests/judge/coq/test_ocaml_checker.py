"""The checker that Coq extracts: built, and its verdicts those of the checker in Python."""

from __future__ import annotations

import json
import os
import random
import subprocess
from pathlib import Path

import differential
import pytest
from differential import Verdict, compared, covered, decided, extracted, written
from handmade import CERTIFICATES, certificate
from test_coq_certificates import changed

from proofs_check import checker
from proofs_check.certificates.kept import kept, named
from proofs_check.coq import prove
from proofs_check.coq.ocaml import build

pytestmark = pytest.mark.slow


def run(program: Path, *arguments: str | Path) -> tuple[int, list[str]]:
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout.splitlines()


def test_kept_certificates_have_the_same_verdicts_and_statements(program: Path):
    documents = [one.document() for one in kept()]
    verdicts = extracted(program, [written(document) for document in documents])
    for document, verdict in zip(documents, verdicts, strict=True):
        assert verdict == Verdict("accepted", checker.check(document).statement)


def test_certificates_by_hand_have_the_same_verdicts_and_statements(program: Path):
    """Among them regions that shrink to one side, on and off policy, and regions in rounded numbers."""
    documents = {name: certificate(name) for name in CERTIFICATES}
    found = dict(zip(documents, extracted(program, [written(own) for own in documents.values()]), strict=True))
    for name, verdict in found.items():
        assert verdict == Verdict("accepted", checker.check(documents[name]).statement), name


def test_runs_of_linear_fits_are_runs_of_sums_of_single_agents(program: Path):
    """Contractions, limits, cycles and growth: the class additive:1 is linear, but has one chooser."""
    documents = [one.document() for one in kept()] + [certificate(name) for name in CERTIFICATES]
    same = [(linear, other) for linear in documents for other in differential.as_sums(linear)]
    before, after = (extracted(program, [written(document) for document in own]) for own in zip(*same, strict=True))
    assert {(d["claim"]["fate"], w.word) for (_, d), w in zip(same, after, strict=True)} >= {
        (fate, "accepted") for fate in ("converges", "cycles", "diverges")
    }
    assert [one.word for one in before] == [one.word for one in after]
    for (_, document), verdict in zip(same, after, strict=True):
        if verdict.word != "not covered":
            assert verdict == Verdict("accepted", checker.check(document).statement)


def test_rounded_numbers_are_the_same_ones(program: Path):
    """Bounds on rounding decide: how many digits are needed for a region is the same for both checkers."""
    rounded = [certificate(name) for name in CERTIFICATES if "rounded" in name]
    rounded += [named(name).document() for name in ("cycle-5-rounded", "two-state-9-10-rounded")]
    precisions = [1, 2, 3, 4, 5, 6, 7, *range(8, 24, 2), 64, 200]
    single = [{**d, "proof": {**d["proof"], "precision": p}} for d in rounded for p in precisions]
    texts = [written(d) for d in [*single, *(other for d in single for other in differential.as_sums(d))]]
    outcomes, different = compared(program, texts)
    assert different == []
    assert outcomes["accepted"] > 20
    assert outcomes["refused"] > 20


def test_changes_have_the_same_verdicts(program: Path):
    rng = random.Random(0)
    sources = [differential.changes(document, rng) for document in covered(program, decided(15, rng))]
    outcomes, different = compared(program, [next(rng.choice(sources)) for _ in range(2500)])
    assert different == []
    for word, least in (("accepted", 60), ("refused", 1000), ("unreadable", 200)):
        assert outcomes[word] > least


NATIVE = """
let big = Z.shift_left Z.one 80
let ints = List.concat_map (fun n -> List.init 5 (fun k -> n + k - 2)) [ 0; 6; 1 lsl 30; 1 lsl 31; 1 lsl 45 ]
let numbers = List.concat_map (fun z -> [ z; Z.neg z ])
    (List.map Z.of_int (ints @ [ max_int; min_int ]) @ [ Z.succ (Z.of_int max_int); big; Z.succ big ])
let quot a b = if Z.equal b Z.zero then Z.zero else Z.div a b
let pair a b =
  let copy = Z.sub (Z.add b big) big in
  assert (Native.eqb a copy = Z.equal a b && Native.leb a b = Z.leq a b && Native.ltb a b = Z.lt a b);
  assert (Z.equal (Native.mul a b) (Z.mul a b) && Z.equal (Native.gcd a b) (Z.gcd a b));
  assert (Z.equal (Native.quot a b) (quot a b) && Z.equal (Native.to_pos a) (Z.max a Z.one))
let naturals m n =
  assert (Native.eqn m n = (m = n) && Native.sub m n = max 0 (m - n) && Native.pred m = max 0 (m - 1));
  assert (Native.iota m n = List.init n (fun k -> m + k));
  assert (Native.nth (-1) (Native.iota 3 m) n = if n < m then 3 + n else -1)
let () =
  List.iter (fun a -> List.iter (pair a) numbers) numbers;
  List.iter (fun m -> List.iter (naturals m) [ 0; 1; 2; 5 ]) [ 0; 1; 2; 5 ];
  print_string "equal"
"""


def test_native_functions_are_those_that_they_replace(program: Path, tmp_path: Path):
    """Also where machine integers end; the program is asked for as it is skipped where OCaml is not installed."""
    assert program.exists()
    (tmp_path / "native.ml").write_bytes((Path(build.__file__).parent / build.NATIVE).read_bytes())
    (tmp_path / "laws.ml").write_text(NATIVE, encoding="utf-8")
    command = ["ocamlfind", "ocamlopt", "-package", "zarith", "-linkpkg", "-o", "laws", build.NATIVE, "laws.ml"]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=120)
    assert subprocess.run([tmp_path / "laws"], capture_output=True, check=True, timeout=60).stdout == b"equal"


@pytest.mark.parametrize("said", ["accepted: {}: model", "refused: {}: the check", "refused: {}: cannot read"])
def test_the_comparison_notices_a_difference(tmp_path: Path, said: str):
    """A program that always says the same differs from the checker in Python on all documents of another verdict."""
    program = tmp_path / "program"
    line = said.format("line $k")
    program.write_text(f'#!/bin/sh\nk=0\nwhile read -r _; do k=$((k+1)); echo "{line}"; done\n', encoding="utf-8")
    program.chmod(0o755)
    texts = [written(named("two-state-3-4").document()), b"{}", b"{"]
    _, different = compared(program, texts)
    assert len(different) >= 2


def test_the_command_line_is_that_of_the_checker_in_python(
    program: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    good, bad, wrong = named("two-state-9-10").path, tmp_path / "bad.json", tmp_path / "wrong.json"
    bad.write_text("{", encoding="utf-8")
    wrong.write_text(json.dumps(changed("two-state-9-10", "model discount", "1/2")), encoding="utf-8")
    for files in ([good], [wrong], [bad], [tmp_path / "absent"], [tmp_path], [good, wrong], [wrong, bad, good]):
        status, lines = run(program, *files)
        assert checker.main(list(map(str, files))) == status
        expected = capsys.readouterr().out.splitlines()
        assert [line.split(": ")[:2] for line in lines] == [line.split(": ")[:2] for line in expected]
    assert run(program, good)[1] == [f"accepted: {good}: {checker.check(good).statement}"]
    assert run(program) == (2, [])


def test_what_may_block_is_not_opened(program: Path, tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    status, lines = run(program, tmp_path / "pipe")
    assert status == 2
    assert lines[0].endswith("cannot read: not a regular file")


def spelled(name: str, old: str, new: str) -> bytes:
    text = json.dumps(named(name).document())
    assert old in text
    return text.replace(old, new, 1).encode("utf-8", "surrogatepass")


#: Texts, and what both readers say of them.
TEXTS = {
    "spaces around": (b" \t\r" + spelled("two-state-3-4", "{", "{  ") + b"\t", "accepted"),
    "minus zero": (spelled("two-state-3-4", '["0", "12"]', '[-0, "12"]'), "accepted"),
    "an exponent": (spelled("two-state-3-4", '["0", "12"]', '["-.0e-9", "1.2e+1"]'), "accepted"),
    "a name in other scripts": (
        spelled("two-state-3-4", '"name": "', '"name": "\\u00e9\\ud83d\\ude00 \u4e2d\x7f'),
        "accepted",
    ),
    "a lone surrogate": (spelled("two-state-3-4", '"name": "', '"name": "\\udc00\\ud83dx\\ud83d\\u0041'), "accepted"),
    "a long name": (spelled("two-state-3-4", '"name": "', '"name": "' + "\u00e9\\n" * 40), "accepted"),
    "a number of 20,000 digits": (spelled("two-state-3-4", '"27/28"', f'"{"0" * 19_998}27/28"'), "accepted"),
    "a number of 20,001 digits": (spelled("two-state-3-4", '"27/28"', f'"{"0" * 19_999}27/28"'), "refused"),
    "an integer of 20,001 digits": (spelled("two-state-3-4", '"27/28"', "1" * 20_001), "refused"),
    "a denominator 0": (spelled("two-state-3-4", '"27/28"', '"27/00"'), "refused"),
    "two signs": (spelled("two-state-3-4", '"27/28"', '"+-27/28"'), "refused"),
    "a sign below": (spelled("two-state-3-4", '"27/28"', '"27/+28"'), "refused"),
    "a space in a number": (spelled("two-state-3-4", '"27/28"', '"27/28 "'), "refused"),
    "an underscore in a number": (spelled("two-state-3-4", '"27/28"', '"2_7/28"'), "refused"),
    "digits of another script": (spelled("two-state-3-4", '"27/28"', '"27/2\u0668"'), "refused"),
    "a large exponent": (spelled("two-state-3-4", '"27/28"', '"1e10001"'), "refused"),
    "a float": (spelled("two-state-3-4", '"27/28"', "0.96"), "refused"),
    "not a number": (spelled("two-state-3-4", '"27/28"', "NaN"), "refused"),
    "minus infinity": (spelled("two-state-3-4", '"27/28"', "-Infinity"), "refused"),
    "true for a number": (spelled("two-state-3-4", '"27/28"', "true"), "refused"),
    "a key twice": (spelled("two-state-3-4", '"ties": "first"', '"ties": "first", "ti\\u0065s": "first"'), "refused"),
    "an unknown key": (spelled("two-state-3-4", '"ties": "first"', '"ties": "first", "more": null'), "refused"),
    "a key without a value": (spelled("two-state-3-4", '"ties": "first"', '"ties"'), "unreadable"),
    "a comma too many": (spelled("two-state-3-4", '"ties": "first"', '"ties": "first",'), "unreadable"),
    "a leading zero": (spelled("two-state-3-4", '["0", "12"]', "[00, 12]"), "unreadable"),
    "a bare point": (spelled("two-state-3-4", '["0", "12"]', "[0., 12]"), "unreadable"),
    "a control character": (spelled("two-state-3-4", '"name": "', '"name": "\t'), "unreadable"),
    "an overlong form": (spelled("two-state-3-4", '"name": "', '"name": "@').replace(b"@", b"\xc0\xaf"), "unreadable"),
    "a raw surrogate": (spelled("two-state-3-4", '"name": "', '"name": "\ud800'), "unreadable"),
    "a byte-order mark": (b"\xef\xbb\xbf" + spelled("two-state-3-4", "{", "{"), "unreadable"),
    "more after the end": (spelled("two-state-3-4", "{", "{") + b" {}", "unreadable"),
    "nothing": (b"", "unreadable"),
    "a list without an end": (b"[", "unreadable"),
    "deep lists": (b"[" * 100_000, "unreadable"),
}


def test_texts_are_read_alike(program: Path, tmp_path: Path):
    texts = [text for text, _ in TEXTS.values()]
    found = dict(zip(TEXTS, extracted(program, texts), strict=True))
    assert {name: verdict.word for name, verdict in found.items()} == {name: word for name, (_, word) in TEXTS.items()}
    for name, (text, _) in TEXTS.items():
        assert found[name] == differential.python(text, tmp_path / "document.json"), name


def test_missing_packages_have_their_own_status(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setenv("PATH", "/nonexistent")
    assert build.main([]) == prove.MISSING
    assert "apt-get install" in capsys.readouterr().err
