"""The checker that Coq extracts: built, and its verdicts those of the checker in Python."""

from __future__ import annotations

import copy
import json
import math
import os
import random
import subprocess
from fractions import Fraction
from functools import reduce
from pathlib import Path
from typing import Any, cast

import differential
import numpy as np
import pytest
from cell_changes import cell_change, grid_change
from differential import Verdict, compared, covered, decided, extracted, written
from handmade import CERTIFICATES, certificate
from test_coq_certificates import changed

from fqi_theory.data.sources import correlated, epsilon_greedy, product
from fqi_theory.factorization import igm, linear
from fqi_theory.factorization.additive import additive, graph
from fqi_theory.factorization.fit import Factorization
from fqi_theory.fates import Effort, decide
from fqi_theory.fates.census.shape import Shape
from fqi_theory.model.catalog import load, random_model
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


def census(number: int) -> dict[str, Any]:
    """The certificate of a model of two states with rewards 0 and 1 under ε-greedy data."""
    model = Shape(2, (2, 2), (Fraction(0), Fraction(1))).model(number, "9/10")
    effort = Effort(steps=128) if number == 126 else Effort()
    fate = decide(model, data=epsilon_greedy("1/10"), effort=effort)
    return cast("dict[str, Any]", json.loads(json.dumps(fate.certificate)))


def test_cells_have_the_same_verdicts(program: Path):
    """On policy and off, of both rules at ties, and of sums of functions; and where ends and weights decide."""
    documents = [census(number) for number in (126, 573, 731, 15807)]
    made = [*documents, *({**document, "ties": "last"} for document in documents)]
    known = covered(program, made, ("cells", "repelling"))
    assert {(one["proof"]["kind"], one["factorization"], one["data"]["kind"]) for one in known} >= {
        (kind, factorization, data)
        for kind in ("cells", "repelling")
        for factorization in ("linear", "additive:1")
        for data in ("epsilon-greedy", "product")
    }
    rng = random.Random(0)
    texts = [written(document) for document in known]
    texts += [written(cell_change(rng.choice(known), rng)) for _ in range(600)]
    outcomes, different = compared(program, texts)
    assert different == []
    assert outcomes["accepted"] > 100
    assert outcomes["refused"] > 100
    assert outcomes["not covered"] == 0


def test_grids_have_the_same_verdicts(program: Path):
    """On policy, of three states, and an interval as a grid under fixed data, of sums of functions too."""
    wanders = random_model(52, 3, (2, 2), "deterministic", "9/10")
    short = [(load("cycle-3"), 9), (wanders, 64)]
    fates = [decide(model, data=epsilon_greedy("1/10"), effort=Effort(steps=steps)) for model, steps in short]
    known = [json.loads(json.dumps(fate.certificate)) for fate in fates]
    fixed = named("aperiodic").document()
    # The interval of its differences, in cells of a hundredth.
    other = 1 - fixed["claim"]["reference"]
    low, high = (Fraction(fixed["claim"][key][other]) for key in ("lower", "upper"))
    ends = math.floor(100 * low) - 10, math.ceil(100 * high) + 10
    claim = copy.deepcopy(fixed["claim"]) | {"fate": "bounded"}
    claim["lower"][other], claim["upper"][other] = (f"{end}/100" for end in ends)
    rooms = [{"greedy": None, "cells": [[k] for k in range(*ends)]}]
    proof = {"kind": "grid", "prefix": 1, "units": ["1/100"], "rooms": rooms}
    known += [{**one, "factorization": "additive:1"} for one in known]
    known += [{**fixed, "claim": claim, "proof": proof, "factorization": name} for name in ("linear", "additive:1")]
    rng = random.Random(0)
    texts = [written(document) for document in known]
    texts += [written(grid_change(rng.choice(known), rng)) for _ in range(150)]
    outcomes, different = compared(program, texts)
    assert {one["proof"]["kind"] for one in known} == {"grid"}
    assert different == []
    assert outcomes["accepted"] > 20
    assert outcomes["refused"] > 20
    assert outcomes["not covered"] == 0


def joined(document: dict[str, Any], path: Path) -> Path:
    """Write the model of a certificate with one more agent, whose action 1 costs 1/20, twice beside another action."""
    model = copy.deepcopy(document["model"])
    plain = model["actions"][1][0]
    model["actions"].append(["c0", "c1"])
    model["transitions"] = [
        {**row, "action": [*row["action"], f"c{k}"], "reward": str(Fraction(row["reward"]) - k * cost)}
        for row in model["transitions"]
        for cost in (Fraction(1 if row["action"][1] == plain else 2, 20),)
        for k in (0, 1)
    ]
    path.write_text(json.dumps(model), encoding="utf-8")
    return path


@pytest.mark.parametrize("factorization", [linear, additive(1), graph([(1, 3)])], ids=["linear", "additive", "graph"])
@pytest.mark.parametrize("independent", [True, False], ids=["product", "joint"])
def test_cells_of_choices_have_the_same_verdicts(
    program: Path, tmp_path: Path, factorization: Factorization, independent: bool
):
    """A run that approaches no cycle, of one more agent whose action 1 is never played; as cells too."""
    document = named("aperiodic").document()
    marginals = [*document["data"]["marginals"], [["1", "0"]] * 2]
    joint = [reduce(np.multiply.outer, [[Fraction(p) for p in own[s]] for own in marginals]) for s in (0, 1)]
    data = product(marginals) if independent else correlated([np.vectorize(str)(own).tolist() for own in joint])
    path = joined(document, tmp_path / "model.json")
    fate = decide(path, data=data, factorization=factorization, unsupported="choose")
    made = json.loads(json.dumps(fate.certificate))
    known = [made, *differential.as_cells(made)]
    assert [one["proof"]["kind"] for one in known] == ["expanding", "cells", "repelling"]
    assert compared(program, [written(one) for one in known]) == ({"accepted": 3}, [])
    rng = random.Random(0)
    outcomes, different = compared(program, [written(cell_change(rng.choice(known[1:]), rng)) for _ in range(60)])
    assert different == []
    assert outcomes["accepted"] > 5
    assert outcomes["refused"] > 5
    assert outcomes["not covered"] == 0


def test_cells_of_graphs_on_policy_have_the_same_verdicts(program: Path, tmp_path: Path):
    """With one more agent, whose function has agent 1 as well: a run that approaches no cycle, and its cells."""
    path = joined(census(573), tmp_path / "model.json")
    fate = decide(path, data=epsilon_greedy("1/10"), factorization=graph([(1, 2)]))
    made, rng = json.loads(json.dumps(fate.certificate)), random.Random(0)
    known = [made, *differential.as_cells(made)]
    assert [one["proof"]["kind"] for one in known] == ["repelling", "cells"]
    texts = [written(made), *(written(cell_change(rng.choice(known), rng)) for _ in range(150))]
    outcomes, different = compared(program, texts)
    assert different == []
    assert outcomes["accepted"] > 5
    assert outcomes["refused"] > 5
    assert outcomes["not covered"] == 0


def wide_box(sizes: tuple[int, ...], factorization: str, independent: bool, rng: random.Random) -> dict[str, Any]:
    """A random model of discount 1/10, so that a step of any fit maps the box of values up to 100 into itself."""
    model = random_model(rng.randrange(10**6), 2, sizes, "stochastic", "1/10")
    marginals = [[differential._distribution([size], rng) for _ in range(2)] for size in sizes]
    tables = [differential._distribution(sizes, rng) for _ in range(2)]
    document: dict[str, Any] = json.loads(json.dumps(decide(model, factorization=igm).certificate))
    document["data"] = (
        {"kind": "product", "marginals": marginals} if independent else {"kind": "joint", "joint": tables}
    )
    bounds = {"lower": ["-100", "-100"], "upper": ["100", "100"]}
    return document | {
        "factorization": factorization,
        "claim": {"fate": "bounded", "reference": None, **bounds},
        "proof": {"kind": "box", "prefix": 0},
    }


@pytest.mark.parametrize("data", ["epsilon-greedy", "exploring", "open"])
@pytest.mark.parametrize("sizes", [(2, 3), (2, 2, 2)], ids=str)
@pytest.mark.parametrize("factorization", ["linear", "additive:1", "additive:2", "graph:0-1", "joint"])
def test_averages_of_fits_are_right(program: Path, factorization: str, sizes: tuple[int, ...], data: str):
    """Around all joint actions, and for product data that leave the fit open; tight bounds are refused by both."""
    rng = random.Random(str((factorization, sizes, data)))
    document = wide_box(sizes, factorization, True, rng)
    tables = [[differential._distribution([size], rng, int(data != "open")) for _ in range(2)] for size in sizes]
    document["data"] = {
        "epsilon-greedy": {"kind": "epsilon-greedy", "epsilon": "1/3"},
        "exploring": {"kind": "epsilon-greedy", "epsilon": "1/3", "exploring": tables},
        "open": {"kind": "product", "marginals": tables, "unsupported": "choose"},
    }[data]
    bounds = [f"{k}/10" for k in (5, 10, 15, 20, 30, 40, 60, 100, 10_000)]
    claims = [document["claim"] | {"lower": [f"-{b}"] * 2, "upper": [b] * 2} for b in bounds]
    outcomes, different = compared(program, [written(document | {"claim": claim}) for claim in claims])
    assert different == []
    assert outcomes["not covered"] == outcomes["too much work"] == 0
    if (factorization, data) != ("joint", "open"):
        assert outcomes["accepted"] > 0
    assert outcomes["refused"] > 0


@pytest.mark.parametrize("sizes", [(2, 3), (2, 2, 2), (3, 2, 2)], ids=str)
@pytest.mark.parametrize("factorization", ["linear", "additive:1", "additive:2", "graph:0-1"])
def test_choices_of_least_norm_are_right(program: Path, factorization: str, sizes: tuple[int, ...]):
    """An action is never played at one state, some joint actions not at the other; tight bounds are refused by both."""
    rng = random.Random(str((factorization, sizes, "least norm")))
    document = wide_box(sizes, factorization, True, rng)
    played = differential._distribution((sizes[0] - 1, *sizes[1:]), rng)
    tables = [[*played, np.full(sizes[1:], "0").tolist()], differential._distribution(sizes, rng, 0)]
    document["data"] = {"kind": "joint", "joint": tables, "unsupported": "choose"}
    bounds = [f"{k}/10" for k in (*range(5, 40), 60, 100, 10_000)]
    claims = [document["claim"] | {"lower": [f"-{b}"] * 2, "upper": [b] * 2} for b in bounds]
    outcomes, different = compared(program, [written(document | {"claim": claim}) for claim in claims])
    assert different == []
    assert outcomes["not covered"] == outcomes["too much work"] == 0
    assert outcomes["accepted"] > 0
    assert outcomes["refused"] > 0


def test_what_is_chosen_decides_the_limit(program: Path):
    """Linear and as sums: the limit of the choice of least norm is accepted, other values are refused by both."""
    chosen = named("two-state-chosen").document()
    documents = [chosen | {"factorization": name} for name in ("linear", "additive:1", "graph:0-1")]
    others = [
        one | {"claim": one["claim"] | {"values": ["0", value]}} for one in documents for value in ("2", "3", "5")
    ]
    outcomes, different = compared(program, [written(document) for document in (*documents, *others)])
    assert different == []
    assert (outcomes["accepted"], outcomes["refused"]) == (3, 9)


@pytest.mark.parametrize("independent", [True, False], ids=["product", "joint"])
@pytest.mark.parametrize("sizes", [(2, 3, 2), (3, 2, 2, 2)], ids=str)
@pytest.mark.parametrize(
    "factorization", ["additive:1", "additive:2", "additive:3", "graph:0-1,1-2", "graph:0-1-2", "joint"]
)
def test_hints_of_fits_are_right(program: Path, factorization: str, sizes: tuple[int, ...], independent: bool):
    """A wrong hint is refused: sums of conditional means for independent actions, solved equations otherwise."""
    document = wide_box(sizes, factorization, independent, random.Random(str((factorization, sizes, independent))))
    expected = checker.check(document)
    assert expected.accepted
    assert extracted(program, [written(document)]) == [Verdict("accepted", expected.statement)]


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
