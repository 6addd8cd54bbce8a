"""Hostile input: whatever comes in, the checker answers in bounded time and memory, without a traceback."""

import copy
import json
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest
from certificate_oracle import assert_true
from documents import UNIFORM, document, mmdp
from handmade import certificate, edit
from hypothesis import given, settings
from hypothesis import strategies as st

from proofs_check import checker
from proofs_check.checker import check

ROOT = Path(checker.__file__).parents[1]

HOSTILE_FILES = {
    "empty": (b"", 2),
    "binary": (bytes(range(256)), 2),
    "deep list": (b"[" * 200_000, 2),
    "deep object": (b'{"a":' * 100_000, 2),
    "a list": (b"[]", 1),
    "a string": (b'"x"', 1),
    "duplicate key": (b'{"format": "certificate/1", "format": "certificate/1"}', 1),
    "float": (b'{"format": 1.0}', 1),
    "not a number": (b'{"format": NaN}', 1),
    "infinity": (b'{"format": -Infinity}', 1),
    "long integer": (b'{"format": ' + b"9" * 1_000_000 + b"}", 1),
    "many values": (b"[" + b"0," * 5_000_000 + b"0]", 1),
    "surrogate": (b'{"\\ud800": "\\udfff"}', 1),
    "byte order mark": (b"\xef\xbb\xbf{}", 2),
}


@pytest.mark.parametrize("case", HOSTILE_FILES)
def test_hostile_files(case, tmp_path, capsys):
    path = tmp_path / "hostile.json"
    content, status = HOSTILE_FILES[case]
    path.write_bytes(content)
    assert not check(path).accepted
    assert checker.main([str(path)]) == status
    line = capsys.readouterr().out
    assert line.startswith("refused: ")
    assert line.isascii()
    assert line.count("\n") == 1


def test_a_key_given_twice_is_named(tmp_path):
    path = tmp_path / "twice.json"
    path.write_text('{"format": 1, "data": 2, "data": 3}')
    assert check(path).reason == 'the key "data" occurs twice in one object'


@pytest.mark.parametrize("value", [b"bytes", [], {}, None, 3, 2.5, float("nan"), object(), {1: 2}, {"format": []}])
def test_hostile_objects(value):
    assert not check(value).accepted


@pytest.mark.parametrize("path", ["", "no such file", "\0", ".", "/dev/zero", "x" * 10_000])
def test_hostile_paths(path):
    report = check(path)
    assert not report.accepted
    assert report.reason


WRONG = [None, True, -1, 10**30, 0.5, "", "x", "1/3", [], {}, [[]], [{}], {"kind": "x"}, "9" * 30_000, 10**4000]
RETYPED = ["off-policy cycle", "product data", "joint data", "geometric growth", "on-policy limit"]


@pytest.mark.slow
@pytest.mark.parametrize("name", RETYPED)
def test_wrong_types_anywhere(name):
    """Replace each node of a certificate by values of other types and shapes: nothing but a refusal or a truth."""

    def replaced(node):
        yield from WRONG
        items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for key, value in items:
            for other in replaced(value):
                changed = copy.copy(node)
                changed[key] = other
                yield changed

    for mutant in replaced(certificate(name)):
        if check(mutant).accepted:
            assert_true(mutant)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists))
def test_arbitrary_documents(value):
    assert not check(value).accepted
    assert not check(edit("contraction", ["claim"], value)).accepted
    assert not check(edit("contraction", ["data"], value)).accepted


MODES = certificate("off-policy cycle")["proof"]["modes"] * 5_000
EXPENSIVE = {
    "long prefix": edit("geometric growth", ["proof", "prefix"], 3_999_999),
    "many modes": edit("off-policy cycle", ["proof", "modes"], MODES),
    "long numbers": edit("on-policy limit", ["proof", "prefix"], 3_000),
    "long denominators": edit("contraction", ["initial", "values"], ["1/" + "9" * 19_999, "1/" + "7" * 19_999]),
}


@pytest.mark.parametrize("case", EXPENSIVE)
def test_work_is_bounded(case, monkeypatch):
    monkeypatch.setattr(checker.budget, "MAX_WORK", 20_000)
    assert "too much work" in check(EXPENSIVE[case]).reason


@pytest.mark.slow
def test_memory_is_bounded():
    """The normal equations of one agent with many actions would need 10^8 numbers: refused before there is one."""
    model = mmdp("wide", 0, (6_000,), 1, lambda *_: (0, {0: 1}))
    doc = document(
        model,
        UNIFORM,
        {key: [0] for key in ("values", "optimal_values", "policy_values")} | {"fate": "converges", "greedy": [[0]]},
        {"kind": "contraction", "weights": [1], "factor": 0},
    )
    tracemalloc.start()
    try:
        assert "too much work" in check(doc).reason
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()


def test_optional_keys_are_read_by_their_own_names_alone():
    """A shape writes an optional key with a question mark; a document that does so has an unknown key."""
    name = certificate("contraction")
    assert check(name).accepted
    renamed = copy.deepcopy(name)
    model = renamed["model"]
    model.update({"name?": "a", "source?": "b", "start?": {model["states"][0]: "1"}})
    for key in ("name", "source", "start"):
        model.pop(key, None)
    assert "unknown key" in check(renamed).reason


def test_command_line_runs_alone(tmp_path):
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps(certificate("off-policy cycle")))
    bad.write_text(json.dumps(edit("off-policy cycle", ["proof", "widths"], ["1"])))

    def run(*files):
        command = [sys.executable, "-I", "-S", str(ROOT / "checker"), *map(str, files)]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)

    assert run(good).returncode == 0
    assert run(good).stdout.startswith("accepted: ")
    refused = run(good, bad)
    assert refused.returncode == 1
    assert "refused: " in refused.stdout
    assert run(good, tmp_path / "absent.json").returncode == 2
    assert run().returncode == 2
    module = [sys.executable, "-m", "proofs_check.checker", str(good)]
    assert subprocess.run(module, cwd=ROOT.parent, capture_output=True, check=False).returncode == 0
