"""mmdp/1 files: round trips, every refusal with its place, hostile input, and files written whole or not at all."""

import gzip
import json
import os
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

from fqi_theory.base.errors import FqiTheoryError, NumberError, TooLarge
from fqi_theory.model.catalog import load, random_model
from fqi_theory.model.formats import files
from fqi_theory.model.formats.mmdp_json import mmdp_from_json, mmdp_text, mmdp_to_json, read_mmdp, write_mmdp
from fqi_theory.model.formats.strict_json import parse_json
from fqi_theory.model.mmdp import MMDP
from fqi_theory.model.transitions import DeterministicTransition, SparseTransition

KINDS = st.sampled_from(["deterministic", "stochastic"])
SHAPES = st.lists(st.integers(1, 3), min_size=1, max_size=3)


def parsed(document) -> MMDP:
    text = document if isinstance(document, str) else json.dumps(document)
    return mmdp_from_json(parse_json(text, "m.json"))


def base() -> dict:
    return mmdp_to_json(load("two-state"))


def same(left: MMDP, right: MMDP) -> bool:
    texts = (left.name, left.source, left.states, left.actions) == (
        right.name,
        right.source,
        right.states,
        right.actions,
    )
    start = (left.start is None) == (right.start is None) and (left.start is None or (left.start == right.start).all())
    rows = dict(left.transition.rows()) == dict(right.transition.rows())
    return bool(texts and start and rows and left.discount == right.discount and (left.reward == right.reward).all())


@given(st.integers(0, 99), st.integers(1, 3), SHAPES, KINDS)
def test_what_is_written_is_read_back(seed, states, actions, kind):
    model = random_model(seed, states, actions, kind, fmpq(seed, 100))
    assert same(parsed(mmdp_text(model)), model)
    assert same(parsed(mmdp_to_json(model)), model)


@pytest.mark.parametrize("name", ["m.json", "m.json.gz"])
def test_round_trip_through_files(tmp_path, name):
    model = load("qtran-random-state")
    write_mmdp(model, tmp_path / name)
    assert same(read_mmdp(tmp_path / name), model)
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_the_documented_example_reads_as_stated():
    model = parsed(base())
    assert model.states == ("s0", "s1")
    assert model.reward[1, 0, 0] == 1
    assert model.discount == fmpq(9, 10)
    assert isinstance(model.transition, DeterministicTransition)
    assert model.transition.successor.tolist() == [[[0, 0], [0, 0]], [[1, 1], [1, 0]]]


def test_every_way_to_write_a_number():
    document = base()
    for k, number in enumerate([1, "-7", "3/4", "0.85", "1e-3", 10**40, "-0.5", "+2"]):
        document["transitions"][k]["reward"] = number
    flat = parsed(document).reward.reshape(-1).tolist()
    assert flat == [1, -7, fmpq(3, 4), fmpq(17, 20), fmpq(1, 1000), 10**40, fmpq(-1, 2), 2]


def test_zero_probabilities_are_dropped_and_order_is_free():
    document = base()
    document["transitions"] = document["transitions"][::-1]
    document["transitions"][0]["next"] = {"s0": "1/2", "s1": "0.5"}
    document["transitions"][1]["next"] = {"s0": 0, "s1": 1}
    kernel = parsed(document).transition
    assert isinstance(kernel, SparseTransition)
    assert dict(kernel.rows())[1, 1, 1] == {0: fmpq(1, 2), 1: fmpq(1, 2)}
    assert dict(kernel.rows())[1, 1, 0] == {1: 1}


def change(key, value):
    return lambda d: d.update({key: value})


def entry(key, value, k=3):
    return lambda d: d["transitions"][k].update({key: value})


REFUSED = {
    "float": (entry("reward", 0.1), 'transitions[3].reward: expected an integer or a string such as "3/4"'),
    "float discount": (change("discount", 0.9), "discount: expected an integer or a string"),
    "nan": (entry("reward", float("nan")), "transitions[3].reward: expected"),
    "word": (entry("reward", "nan"), "transitions[3].reward: 'nan' is not a rational number"),
    "zero denominator": (entry("reward", "1/0"), "transitions[3].reward: '1/0' has denominator zero"),
    "truth": (entry("reward", True), "transitions[3].reward: expected an integer or a string"),
    "null": (entry("reward", None), "transitions[3].reward: expected an integer"),
    "huge exponent": (entry("reward", "1e99999"), "transitions[3].reward: '1e99999' has an exponent beyond"),
    "row": (entry("next", {"s0": "1/3"}), "transitions[3].next: expected probabilities that sum to 1, found 1/3"),
    "empty row": (entry("next", {}), "transitions[3].next: expected probabilities that sum to 1, found 0"),
    "negative": (entry("next", {"s0": "3/2", "s1": "-1/2"}), "next.s1: expected a probability >= 0, found -1/2"),
    "unknown successor": (entry("next", {"zz": 1}), "transitions[3].next: expected names of states"),
    "unknown state": (entry("state", "zz"), "transitions[3].state: expected a known state"),
    "unknown action": (entry("action", ["A", "C"]), "transitions[3].action[1]: expected a known action of agent 2"),
    "short action": (entry("action", ["A"]), "transitions[3].action: expected 2 actions, one an agent, found 1"),
    "unknown key inside": (entry("colour", "red"), "transitions[3]: expected only the keys"),
    "no reward": (lambda d: d["transitions"][3].pop("reward"), "transitions[3]: expected the key 'reward'"),
    "unknown key": (change("colour", "red"), "document: expected only the keys"),
    "missing entry": (lambda d: d["transitions"].pop(), "expected 8 entries, one for every state and joint action"),
    "repeated entry": (
        lambda d: d["transitions"].__setitem__(1, d["transitions"][0]),
        "transitions[1]: expected every state and joint action once, found state s0, joint action (A, A) again",
    ),
    "discount above 1": (change("discount", "3/2"), "discount: expected a number in [0, 1], found 3/2"),
    "format": (change("format", "mmdp/99"), "format: expected 'mmdp/1', found 'mmdp/99'"),
    "no states": (change("states", []), "states: expected at least one state, found none"),
    "no agents": (change("actions", []), "actions: expected a list of actions"),
    "no actions": (change("actions", [[], ["A"]]), "actions[0]: expected at least one action, found none"),
    "state twice": (change("states", ["s0", "s0"]), "states: expected every state once, found 's0' twice"),
    "number as a name": (change("states", ["s0", 1]), "states[1]: expected a string, found a number"),
    "unprintable name": (change("states", ["s0", "\x1b[31m"]), "states[1]: expected a printable name"),
    "start": (change("start", {"s0": "1/2"}), "start: expected probabilities that sum to 1, found 1/2"),
    "states no list": (change("states", "s0"), "states: expected a list, found 's0'"),
    "transitions no list": (change("transitions", {}), "transitions: expected a list of 8"),
    "half a surrogate": (change("name", "\ud800"), "name: expected a string of whole characters"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_file_and_place(case):
    breaking, message = REFUSED[case]
    document = base()
    breaking(document)
    with pytest.raises(FqiTheoryError) as caught:
        parsed(document)
    assert str(caught.value).startswith("m.json: ")
    assert message in str(caught.value)


def test_keys_given_twice_are_refused():
    text = mmdp_text(load("two-state")).replace('"name"', '"name": "x", "name"', 1)
    with pytest.raises(FqiTheoryError, match="document: expected every key once, found 'name' twice"):
        parsed(text)
    text = mmdp_text(load("two-state")).replace('"next": {"s0": "1"}', '"next": {"s0": "1", "s0": "1"}', 1)
    with pytest.raises(FqiTheoryError, match=r"transitions\[0\]\.next: expected every key once, found 's0' twice"):
        parsed(text)


def test_a_joint_space_that_the_file_cannot_hold_is_refused_before_allocation():
    document = base() | {"actions": [["A", "B"]] * 60}
    with pytest.raises(FqiTheoryError, match=f"expected {2 * 2**60} entries"):
        parsed(document)
    with pytest.raises(TooLarge, match="GiB"):
        random_model(1, 10**6, (10,) * 12)


HOSTILE = {
    "empty": b"",
    "blank": b"  \n ",
    "truncated": mmdp_text(load("two-state")).encode()[:200],
    "a list": b"[]",
    "a number": b"12",
    "deep lists": b"[" * 100_000,
    "deep objects": b'{"a":' * 100_000,
    "all bytes": bytes(range(256)),
    "a NUL": b'{"a": "\0"}',
    "broken gzip": gzip.compress(b"{}" * 1000)[:20],
    "corrupt gzip": gzip.compress(b"{}")[:-6] + b"xxxxxx",
    "long integer": b'{"format": ' + b"9" * 5000 + b"}",
    "very long integer": b'{"format": ' + b"9" * 200_000 + b"}",
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_files_give_one_clear_error(tmp_path, case):
    path = tmp_path / "m.json"
    path.write_bytes(HOSTILE[case])
    with pytest.raises(FqiTheoryError) as caught:
        read_mmdp(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


@given(st.text(max_size=60) | st.recursive(st.none() | st.integers() | st.text(max_size=4), st.lists).map(json.dumps))
def test_any_text_is_refused_in_one_line(text):
    with pytest.raises(FqiTheoryError, match=r"\Am\.json: "):
        parsed(text)


@given(st.data())
def test_any_damage_is_refused_or_leaves_a_model(data):
    text = mmdp_text(load("two-state"))
    at = data.draw(st.integers(0, len(text) - 1))
    damaged = text[:at] + data.draw(st.text(max_size=3)) + text[at + data.draw(st.integers(0, 3)) :]
    with suppress(FqiTheoryError):
        assert isinstance(parsed(damaged), MMDP)


def test_absent_files_and_folders(tmp_path):
    with pytest.raises(FqiTheoryError, match=r"absent\.json: path: expected an existing file"):
        read_mmdp(tmp_path / "absent.json")
    with pytest.raises(FqiTheoryError, match="expected a file, found a directory"):
        read_mmdp(tmp_path)


def test_size_limit_holds_for_what_gzip_hides(tmp_path):
    path = tmp_path / "bomb.json.gz"
    path.write_bytes(gzip.compress(b" " * (1 << 22)))
    with pytest.raises(FqiTheoryError, match="size: expected at most 1048576 bytes"):
        files.read_text(path, limit=1 << 20)


def test_a_byte_order_mark_is_no_content(tmp_path):
    path = tmp_path / "m.json"
    path.write_bytes(b"\xef\xbb\xbf" + mmdp_text(load("two-state")).encode())
    assert same(read_mmdp(path), load("two-state"))


def test_floats_are_not_written_as_exact():
    with pytest.raises(NumberError, match="float"):
        mmdp_text(load("two-state").to_float())


def test_writing_is_complete_or_does_not_happen(tmp_path):
    path = tmp_path / "out.txt"
    path.write_text("old")

    def fails(stream):
        stream.write(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(FqiTheoryError, match=r"out\.txt: cannot be written: no space left"):
        files.write_with(path, fails)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["out.txt"]
    files.write_text(path, "new")
    assert path.read_text() == "new"


def test_a_link_keeps_pointing_to_the_written_file(tmp_path):
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to("real.txt")
    files.write_text(tmp_path / "link.txt", "new")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "new"


def test_unwritable_places_are_known_beforehand(tmp_path):
    with pytest.raises(FqiTheoryError, match="expected an existing folder"):
        files.require_writable(tmp_path / "no" / "out.json")
    with pytest.raises(FqiTheoryError, match="found a directory"):
        files.require_writable(tmp_path)
    files.require_writable(Path(tmp_path / "out.json"))
    assert os.listdir(tmp_path) == []


def test_json_holds_no_infinities():
    with pytest.raises(NumberError, match=r"x\.json: a float result is infinite"):
        files.json_text({"values": [float("inf")]}, "x.json")
    assert json.loads(files.json_text([1.5, "a"])) == [1.5, "a"]


def test_large_numbers_survive():
    model = MMDP(np.array([[10**5000]], dtype=object), np.array([[0]]), "1/3")
    assert parsed(mmdp_text(model)).reward[0, 0] == 10**5000
