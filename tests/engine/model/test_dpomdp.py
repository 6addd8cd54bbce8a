""".dpomdp files: every form of the format by literal numbers, refusals with line and place, and the real files."""

import gzip
import json
from contextlib import suppress

import numpy as np
import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st
from places import REAL

from fqi_theory.base.errors import FqiTheoryError
from fqi_theory.base.scalars import exact
from fqi_theory.model.catalog import load
from fqi_theory.model.formats.dpomdp.read import parse_dpomdp, read_dpomdp
from fqi_theory.model.formats.load import RenormalisedWarning
from fqi_theory.model.transitions import DeterministicTransition
from fqi_theory.planning.optimal import finite_horizon_values, solve

real = pytest.mark.skipif(not REAL.is_dir(), reason="the model files are not beside this repository")

HEAD = {
    "agents": "agents: 2",
    "discount": "discount: 0.9",
    "values": "values: reward",
    "states": "states: left right",
    "start": "start: uniform",
    "actions": "actions:\nstay go\n2",
    "observations": "observations:\n2\n1",
}
STAY = "T: * :\nidentity"


def text(*tables: str, **head: str) -> str:
    return "\n".join([*(HEAD | head).values(), *tables]) + "\n"


def model(*tables: str, **head: str):
    return parse_dpomdp(text(*tables, **head), "m.dpomdp").model


def rows(*tables: str, **head: str) -> dict:
    """Return {(s, a_1, a_2): row} with rows as {s': p as text}."""
    kernel = model(*tables, **head).transition
    return {index: {s: str(p) for s, p in row.items()} for index, row in kernel.rows()}


def refused(*tables: str, **head: str) -> str:
    with pytest.raises(FqiTheoryError) as caught:
        parse_dpomdp(text(*tables, **head), "m.dpomdp")
    assert str(caught.value).startswith("m.dpomdp: ")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_preamble():
    found = model(STAY)
    assert found.states == ("left", "right")
    assert found.actions == (("stay", "go"), ("0", "1"))
    assert found.discount == fmpq(9, 10)
    assert [str(p) for p in found.start] == ["1/2", "1/2"]
    assert isinstance(found.transition, DeterministicTransition)
    assert (found.reward == 0).all()


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("start: uniform", "1/2 1/2"),
        ("start:\nuniform", "1/2 1/2"),
        ("start: right", "0 1"),
        ('start: "right"', "0 1"),
        ("start: 1", "0 1"),
        ("start:\n0.25 0.75", "1/4 3/4"),
        ("start:\n0.25\n7.5e-1", "1/4 3/4"),
        ("start : 0.25 0.75", "1/4 3/4"),
        ("start include: right", "0 1"),
        ("start include: 0 right", "1/2 1/2"),
        ("start exclude : right", "1 0"),
        ("start exclude: 0", "0 1"),
        ('start: "uniform"', "1/2 1/2"),
    ],
)
def test_start_forms(start, expected):
    assert [str(p) for p in model(STAY, start=start).start] == expected.split()


def test_one_state_may_start_with_its_probability_or_its_index():
    for start in ("start: 1.0", "start:\n1", "start: 0", "start: only", "start: uniform"):
        found = model("T: * :\nuniform", states="states: only", start=start)
        assert [str(p) for p in found.start] == ["1"]


def test_named_agents_one_agent_and_three():
    assert model(STAY, agents="agents: ann bob").n_agents == 2
    assert model(STAY, agents="agents: ann, bob").n_agents == 2
    one = model(
        "T: go :\nidentity\nT: 0 :\nidentity",
        agents="agents: 1",
        actions="actions:\nstay go",
        observations="observations:\n1",
    )
    assert one.action_counts == (2,)
    three = model(STAY, agents="agents: 3", actions="actions:\n2\n3\n2", observations="observations:\n1\n1\n1")
    assert three.action_counts == (2, 3, 2)


def test_comments_blank_lines_crlf_and_spaces():
    source = text("T: * :", "identity", "R: stay 0 : left : * : * : 5")
    noisy = "# head\r\n\r\n" + source.replace("\n", "  # note: R: x\r\n\r\n").replace(":", " : ").replace("5", "+5.0")
    assert parse_dpomdp(noisy, "m").model.reward[0, 0, 0] == 5


def test_joint_actions_by_name_index_wildcard_and_joint_index():
    tables = [STAY]
    for k, actions in enumerate(["stay 0", "go *", "* 1", "3", "*", "1 0", '"go" "1"']):
        tables.append(f"R: {actions} : left : * : * : {k}")
        found = model(*tables).reward[0].tolist()
        expected = {
            0: [[0, 0], [0, 0]],
            1: [[0, 0], [1, 1]],
            2: [[0, 2], [1, 2]],
            3: [[0, 2], [1, 3]],
            4: [[4, 4], [4, 4]],
            5: [[4, 4], [5, 4]],
            6: [[4, 4], [5, 6]],
        }[k]
        assert found == expected, actions


def test_transition_entries_rows_and_matrices():
    found = rows(
        "T: * :\n0.5 0.5\n0.25 0.75",
        "T: go 1 :\nidentity",
        "T: stay 1 : right :\n1 0",
        "T: stay 1 : left :\nuniform",
        "T: 2 : left : left : 0.125",
        "T: 2 : left : 1 : 0.875",
    )
    assert found[0, 0, 0] == {0: "1/2", 1: "1/2"}
    assert found[1, 0, 0] == {0: "1/4", 1: "3/4"}
    assert found[0, 1, 1] == {0: "1"}
    assert found[1, 1, 1] == {1: "1"}
    assert found[1, 0, 1] == {0: "1"}
    assert found[0, 0, 1] == {0: "1/2", 1: "1/2"}
    assert found[0, 1, 0] == {0: "1/8", 1: "7/8"}


def test_later_entries_overwrite_and_wildcard_rows_do_not_leak():
    found = rows("T: * : * : * : 0.5", "T: stay 0 : left : left : 1", "T: stay 0 : left : right : 0")
    assert found[0, 0, 0] == {0: "1"}
    assert found[1, 0, 0] == found[0, 1, 0] == {0: "1/2", 1: "1/2"}
    found = rows("T: * :\nuniform", "T: 0 : * : right : 0", "T: 0 : * : left : 1")
    assert found[0, 0, 0] == found[1, 0, 0] == {0: "1"}
    assert found[0, 0, 1] == {0: "1/2", 1: "1/2"}


def test_head_without_its_last_colon_and_body_on_the_same_line():
    assert rows("T: *\nidentity") == rows("T: * : identity") == rows(STAY)
    assert rows("T: * : * : 0.5 0.5") == rows("T: * :\nuniform")
    assert rows("T: * : * : * :\n0.5") == rows("T: * :\nuniform")


def test_numbers_are_exact_decimals():
    found = model("T: * : * : left : 0.1", "T: * : * : right : 9e-1", "R: * : * : * : * : -.125")
    assert dict(found.transition.rows())[0, 0, 0] == {0: fmpq(1, 10), 1: fmpq(9, 10)}
    assert found.reward[0, 0, 0] == fmpq(-1, 8)


SENSED = [
    "T: * :\n0.25 0.75\n0.25 0.75",
    "O: * : left :\n0.1 0.9",
    "O: * : right : 0 0 : 0.5",
    "O: * : right : 1 0 : 0.5",
]


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        (["R: 0 : left : * : * : 8"], "8"),
        (["R: 0 : left : right : * : 8"], "6"),
        (["R: 0 : left : right : * : 8", "R: 0 : left : left : * : 4"], "7"),
        (["R: 0 : left : * : * : 8", "R: 0 : left : right : * : 8"], "14"),
        (["R: 0 : left : right : * : 8", "R: 0 : left : * : * : 8"], "8"),
        (["R: 0 : left : * : 0 0 : 8"], "16/5"),
        (["R: 0 : left : * : 0 * : 8"], "16/5"),
        (["R: 0 : left : * : 0 : 8"], "16/5"),
        (["R: 0 : left : left : 1 0 : 8"], "9/5"),
        (["R: 0 : left : right :\n8 4"], "9/2"),
        (["R: 0 : left : * :\n8 4"], "28/5"),
        (["R: 0 : left :\n8 4\n0 16"], "71/10"),
        (["R: 0 : left : 3"], "3"),
        (["R: 0 : left : 3", "R: 0 : left : right : * : 8"], "9"),
        (["R: * : * : * : * * : 3"], "3"),
        (["R: * : * : right : * : 8"], "6"),
    ],
)
def test_rewards(entries, expected):
    assert str(model(*SENSED, *entries).reward[0, 0, 0]) == expected
    assert str(model(*SENSED, *entries, values="values: cost").reward[0, 0, 0]) == str(-exact(expected))
    assert str(model(*entries, *SENSED).reward[0, 0, 0]) == expected


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(-9, 9)), max_size=4), st.integers(0, 8))
def test_specific_entries_add_up_to_the_expectation(entries, eighths):
    p = fmpq(eighths, 8)
    tables = [f"T: * : * : left : {eighths / 8}", f"T: * : * : right : {1 - eighths / 8}"]
    found = model(*tables, *(f"R: * : * : {t} : * : {r}" for t, r in entries)).reward
    expected = sum(((p if t == 0 else 1 - p) * r for t, r in entries), fmpq(0))
    assert all(x == expected for x in found.flat)


def test_wildcards_over_many_states_agree_with_one_state_at_a_time():
    head = {"states": "states: 40", "start": "start: 0"}
    tables = [
        f"T: * : {s} : {(7 * s + 3) % 40} : 0.25\nT: * : {s} : {(3 * s) % 40} : 0.75"
        for s in range(40)
        if (4 * s + 3) % 40
    ]
    tables = ["T: * :\nuniform", *(t for t in tables if len(set(t.split(" : ")[2::3])) == 1)]
    together = model(*tables, "R: * : * : 9 : * : 4", **head)
    apart = model(*tables, *(f"R: {a} : {s} : 9 : * : 4" for s in range(40) for a in range(4)), **head)
    assert (together.reward == apart.reward).all()
    assert together.reward[0, 0, 0] == fmpq(4, 40)


def test_quoted_names():
    found = model(
        'T: "*" :\nidentity',
        'R: "push" "1" : "a b" : 3',
        values='values: "reward"',
        states='states: "a b" "7"',
        start="start:\n1.0 0.0",
        actions='actions:\n"push" "pull"\n2',
    )
    assert found.states == ("a b", "7")
    assert found.reward[0, 0, 1] == 3
    assert found.reward[1, 0, 1] == 0


@pytest.mark.parametrize(
    ("tables", "head", "message"),
    [
        ([], {}, "T at state left, joint action (stay, 0): expected probabilities that sum to 1, found no entry"),
        (["T: * : left :\nuniform"], {}, "T at state right, joint action (stay, 0): expected probabilities"),
        (
            [STAY, "T: go 1 : right : left : 0.5"],
            {},
            "T at state right, joint action (go, 1): expected probabilities that sum to 1, found 3/2",
        ),
        (
            [STAY, "T: 0 : left :\n1.5 -0.5"],
            {},
            "T at state left, joint action (stay, 0): expected probabilities >= 0, found -1/2",
        ),
        ([STAY, "T: 0 : left : middle : 1"], {}, "line 14: T: expected a state, found 'middle'"),
        ([STAY, "T: 0 : 2 : left : 1"], {}, "T: expected the index of a state, 0..1, found 2"),
        ([STAY, "T: 4 : left : left : 1"], {}, "T: expected the index of a joint action, 0..3, found 4"),
        ([STAY, "T: go 2 : left : left : 1"], {}, "T: expected the index of an action of agent 2, 0..1, found 2"),
        ([STAY, "T: jump 0 : left : left : 1"], {}, "T: expected an action of agent 1, found 'jump'"),
        ([STAY, "T: go : left : left : 1"], {}, "T: expected a joint action: 2 tokens, an index, or *, found 1 tokens"),
        ([STAY, "T: 0 : left : left : x"], {}, "T: expected a number, found 'x'"),
        ([STAY, "T: 0 : left : left : 1/2"], {}, "T: expected a number, found '1/2'"),
        ([STAY, "T: 0 : left : left : 1 1"], {}, "T: expected one probability after the last colon, found 2 tokens"),
        ([STAY, "T: 0 : left :\n1 0 0"], {}, "T: expected 'uniform' or 1 x 2 numbers, found 3 tokens"),
        ([STAY, "T: 0 :\n1 0 0"], {}, "T: expected 'uniform', 'identity' or 2 x 2 numbers, found 3 tokens"),
        ([STAY, "T: 0 : left :\nidentity"], {}, "T: expected 'uniform' or 1 x 2 numbers, found 1 tokens"),
        ([STAY, "T: 0 : left : :"], {}, "T: expected 2 to 4 fields"),
        ([STAY, "R: 0 : left : left : 0 0 : 3"], {}, "O at state left, joint action (stay, 0): expected probabilities"),
        (
            [STAY, "R: 0 : left :\n1 2 3"],
            {},
            "R: expected one number or 2 x 2 numbers (joint observations), found 3 tokens",
        ),
        ([STAY, "R: 0 : left : left :\n1 2 3"], {}, "R: expected 1 x 2 numbers (joint observations), found 3 tokens"),
        ([STAY, "R: 0 : 3"], {}, "R: expected 3 to 5 fields"),
        (
            [STAY, "R: 0 : left : left : 7 0 : 3"],
            {},
            "R: expected the index of an observation of agent 1, 0..1, found 7",
        ),
        (
            [STAY, "discount: 0.5"],
            {},
            "line 14: expected T, O or R (the preamble has each entry once), found 'discount'",
        ),
        ([STAY], {"discount": "discount: 1.5"}, "line 2: discount: expected a number in [0, 1], found 1.5"),
        ([STAY], {"discount": "discount:"}, "discount: expected one number, found 0 tokens"),
        ([STAY], {"values": "values: money"}, "values: expected reward or cost, found 'money'"),
        ([STAY], {"values": "states: 2"}, "line 3: expected the entry 'values', found 'states'"),
        ([STAY], {"agents": "agents: 0"}, "agents: expected between 1 and 1000 agents, found 0"),
        ([STAY], {"agents": "agents: 3"}, "actions: expected 3 lines, one an agent, found 2"),
        ([STAY], {"states": "states: 0"}, "states: expected at least one state, found 0"),
        ([STAY], {"states": "states: a a"}, "states: expected every state once, found 'a' twice"),
        ([STAY], {"states": "states: a 2b"}, "states: expected a name of a state, found '2b'"),
        ([STAY], {"start": "start:\n0.5 0.25"}, "start: expected probabilities that sum to 1, found 3/4"),
        ([STAY], {"start": "start:\n0.5"}, "start: expected a state, 'uniform' or 2 probabilities, found 1 tokens"),
        ([STAY], {"start": "start include:"}, "start include: expected at least one start state, found none"),
        ([STAY], {"start": "start exclude: 0 1"}, "start exclude: expected at least one start state, found none"),
        ([STAY], {"start": "start: middle"}, "start: expected a state, found 'middle'"),
        ([STAY], {"agents": "hello"}, "line 1: expected an entry such as 'agents: 2', found 'hello'"),
        ([STAY], {"values": 'values: "reward'}, "line 3: expected a closing quote, found the end of the line"),
        ([STAY], {"actions": "actions:\n40000000\n40000000"}, "GiB"),
        ([STAY], {"states": "states: 999999999"}, "GiB"),
        ([STAY], {"agents": "agents: 50", "actions": "actions:" + "\n9" * 50}, "GiB"),
    ],
)
def test_refusals_name_the_place(tables, head, message):
    assert message in refused(*tables, **head)


def test_an_empty_file():
    with pytest.raises(FqiTheoryError, match="end of file: expected the entry 'agents', found nothing"):
        parse_dpomdp("# nothing\n", "m")


def test_rounding_defects_are_repaired_on_request_only():
    tables = ["T: * : * : left : 0.3333333333333333", "T: * : * : right : 0.6666666666666666"]
    message = refused(*tables)
    assert "T at state left, joint action (stay, 0): expected probabilities that sum to 1, found 1 - 1e-16" in message
    assert "--renormalise" in message
    reading = parse_dpomdp(text(*tables), "m", renormalise=True, source="m.dpomdp")
    assert len(reading.repairs) == 8
    assert "joint action (stay, 0): probabilities summed to 1 - 1e-16" in reading.repairs[0]
    assert reading.model.source == "m.dpomdp (8 distributions renormalised)"
    assert dict(reading.model.transition.rows())[0, 0, 0] == {
        0: fmpq(3333333333333333, 9999999999999999),
        1: fmpq(6666666666666666, 9999999999999999),
    }


def test_larger_defects_are_never_repaired():
    tables = text("T: * : * : left : 0.333", "T: * : * : right : 0.666")
    with pytest.raises(FqiTheoryError, match=r"found 999/1000$"):
        parse_dpomdp(tables, "m", renormalise=True)


@given(st.data())
def test_any_damage_is_refused_in_one_line_or_leaves_a_model(data):
    source = text(*SENSED, "R: 0 : left :\n8 4\n0 16")
    at = data.draw(st.integers(0, len(source) - 1))
    damaged = (
        source[:at]
        + data.draw(st.text(alphabet='01.-:*" \n#TORab', max_size=4))
        + source[at + data.draw(st.integers(0, 4)) :]
    )
    with suppress(FqiTheoryError):
        parse_dpomdp(damaged, "m")


def test_gzip_and_the_warning(tmp_path):
    path = tmp_path / "small.dpomdp.gz"
    path.write_bytes(gzip.compress(text("T: * : * : left : 0.9999999999999999").encode()))
    with pytest.raises(FqiTheoryError, match="renormalise"):
        load(path)
    with pytest.warns(RenormalisedWarning, match="8 distributions were renormalised; the first: T at state left"):
        found = load(path, renormalise=True)
    assert found.name == "small"


FILES = json.loads((REAL / "optimal_values_discount_9_10.json").read_text()) if REAL.is_dir() else {}


@pytest.mark.slow
@real
@pytest.mark.parametrize("file", FILES)
def test_optimal_values_of_real_files(file):
    expected = FILES[file]
    found = read_dpomdp(REAL / file).model
    assert str(found.discount) == expected["discount_in_file"]
    assert found.action_counts == tuple(expected["A"])
    values = solve(found.with_discount("9/10")).values
    assert (values * found.start).sum() == exact(expected["V_start"])
    assert expected["V"] is None or [str(v) for v in values] == expected["V"]


@real
def test_five_step_value_of_the_grid():
    found = read_dpomdp(REAL / "GridSmall.dpomdp").model
    value = (finite_horizon_values(found, 5) * found.start).sum()
    assert round(int(value.p) / int(value.q), 6) == 3.014228


@real
def test_the_door_needs_renormalising_and_says_so():
    path = next(REAL.glob("oneDoor*"))
    with pytest.raises(FqiTheoryError, match=r"T at state l1_l1, joint action .*--renormalise"):
        read_dpomdp(path)
    reading = read_dpomdp(path, renormalise=True)
    assert reading.model.n_states == 65
    assert len(reading.repairs) == 592
    kernel = reading.model.transition
    assert (kernel.expect(np.array([fmpq(1)] * 65)) == 1).all()


@real
def test_the_syntax_example_is_no_model():
    with pytest.raises(
        FqiTheoryError, match=r"example\.dpomdp: line 199: T: expected the index of an action of agent 2"
    ):
        read_dpomdp(REAL / "example.dpomdp")


def test_a_row_beyond_every_float_is_refused():
    assert "expected probabilities that sum to 1, found 1000" in refused("T: * : * : left : 1e400")
