from fractions import Fraction

import numpy as np
import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

from fqi_theory.base.errors import DataError, FormatError, NumberError
from fqi_theory.base.scalars import exact_array
from fqi_theory.cli.app import main
from fqi_theory.data.counted import from_transitions
from fqi_theory.runs.iteration import fitted_q_iteration

ONE = [(0, (0,), 1, 0), (0, (0,), "1/3", 1), (0, (0,), 0, 0), (0, (1,), -2, 1), (1, (0,), 5, 1), (1, (1,), 5, 0)]
SHAPE = {"states": 2, "actions": [2], "discount": "1/2"}


def test_counting():
    found = from_transitions(ONE, **SHAPE)
    assert found.counts.tolist() == [[3, 1], [1, 1]]
    assert found.model.reward.tolist() == [[fmpq(4, 9), -2], [5, 5]]
    assert found.model.transition.dense()[0].tolist() == [[fmpq(2, 3), fmpq(1, 3)], [0, 1]]
    assert found.data.weights.tolist() == [[fmpq(3, 4), fmpq(1, 4)], [fmpq(1, 2), fmpq(1, 2)]]
    assert found.model.field == "exact"
    assert not found.counts.flags.writeable


def test_names_and_indices_are_the_same_places():
    named = [("in", ("A",), 1, "in"), ("in", ("B",), 0, "out"), ("out", ("A",), 0, "out"), (1, (np.int64(1),), 0, 1)]
    found = from_transitions(named, states=["in", "out"], actions=[["A", "B"]], discount=0)
    assert found.counts.tolist() == [[1, 1], [1, 1]]
    assert found.model.place(0, (1,)) == "state in, joint action (B)"


@st.composite
def samples(draw):
    """Transitions of two states and 2 x 2 joint actions."""
    state, action = st.integers(0, 1), st.tuples(st.integers(0, 1), st.integers(0, 1))
    return draw(st.lists(st.tuples(state, action, st.fractions(-2, 2, max_denominator=4), state), max_size=12))


@given(samples())
def test_every_entry_is_its_count(found):
    empirical = from_transitions(found, states=2, actions=[2, 2], discount="1/2", unvisited="absorb")
    tensor = empirical.model.transition.dense()
    for s in range(2):
        visits = sum(x[0] == s for x in found)
        for a in np.ndindex(2, 2):
            here = [x for x in found if x[0] == s and x[1] == a]
            weight = Fraction(len(here), visits) if visits else Fraction(1, 4)
            mean = sum((x[2] for x in here), Fraction(0)) / len(here) if here else 0
            row = [Fraction(sum(x[3] == t for x in here), len(here)) if here else int(t == s) for t in range(2)]
            assert empirical.data.weights[(s, *a)] == exact_array([weight])[0]
            assert empirical.model.reward[(s, *a)] == exact_array([mean])[0]
            assert tensor[(s, *a)].tolist() == exact_array(row).tolist()


@given(samples(), st.randoms(use_true_random=False))
def test_the_order_of_transitions_does_not_matter(found, random):
    shuffled = random.sample(found, len(found))
    for numbers in ("exact", "float"):
        a, b = (
            from_transitions(x, states=2, actions=[2, 2], discount="1/2", unvisited="absorb", numbers=numbers)
            for x in (found, shuffled)
        )
        assert (a.model.reward == b.model.reward).all()
        assert (a.model.transition.dense() == b.model.transition.dense()).all()
        assert (a.data.weights == b.data.weights).all()


@pytest.mark.filterwarnings("ignore::fqi_theory.base.errors.IncompleteDataWarning")
@given(samples())
def test_the_fit_minimises_the_squared_error_on_the_samples(found):
    """One iteration from V = 0 is the least squares fit of the rewards of the samples themselves."""
    empirical = from_transitions(found, states=2, actions=[2, 2], discount="1/2", unvisited="absorb")
    run = fitted_q_iteration(empirical.model, data=empirical.data, iterations=1)
    first, second = run.factors[1]
    for s in range(2):
        for i in range(2):
            for x in range(2):
                here = [(a, r) for state, a, r, _ in found if state == s and a[i] == x]
                gaps = [exact_array([r])[0] - first[s, a[0]] - second[s, a[1]] for a, r in here]
                assert sum(gaps, fmpq(0)) == 0


def test_an_unvisited_place_is_refused_by_its_name():
    with pytest.raises(DataError, match=r"state s1, joint action \(a1\): no transition was observed, as for 1 of 4"):
        from_transitions(ONE[:-1], **SHAPE)


def test_an_unvisited_place_is_absorbing_when_asked():
    found = from_transitions(ONE[:-2], **SHAPE, unvisited="absorb")
    assert found.model.reward[1].tolist() == [0, 0]
    assert found.model.transition.dense()[1].tolist() == [[0, 1], [0, 1]]
    assert found.data.weights[1].tolist() == [fmpq(1, 2), fmpq(1, 2)]
    partly = from_transitions(ONE[:-1], **SHAPE, unvisited="absorb")
    assert partly.data.weights[1].tolist() == [1, 0]


def test_float_numbers_are_asked_for_by_name():
    floats = [(s, a, 0.1, t) for s, a, _, t in ONE]
    with pytest.raises(DataError, match=r"transition 0: reward: the float 0\.1: .*rounding=\"1e-6\""):
        from_transitions(floats, **SHAPE)
    found = from_transitions(floats, **SHAPE, numbers="float")
    assert found.model.field == "float"
    assert found.model.reward[0].tolist() == [0.1, 0.1]
    assert found.data.weights.dtype == np.float64
    with pytest.raises(NumberError, match=r"0\.5"):
        from_transitions(ONE, states=2, actions=[2], discount=0.5)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ((0, (0,), 1), r"transition 6: expected \(state, joint action, reward, next state\[.*\]\), found 3"),
        ((2, (0,), 1, 0), "transition 6: state: expected an index below 2 or one of s0, s1, found 2"),
        ((-1, (0,), 1, 0), "transition 6: state: .* found -1"),
        ((True, (0,), 1, 0), "transition 6: state: .* found True"),
        (([], (0,), 1, 0), "transition 6: state"),
        ((0, (0, 1), 1, 0), "one action for each of 1 agents"),
        ((0, (2,), 1, 0), "transition 6: action of agent 1: .* found 2"),
        ((0, (0.0,), 1, 0), "transition 6: action of agent 1"),
        ((0, (0,), 1, "s9"), "transition 6: next state: .* found 's9'"),
        ((0, (0,), None, 0), "transition 6: reward"),
    ],
)
def test_what_is_not_a_transition_is_refused(bad, message):
    with pytest.raises(DataError, match=message):
        from_transitions([*ONE, bad], **SHAPE)


def test_a_reward_that_is_not_finite_is_refused():
    with pytest.raises(DataError, match="finite"):
        from_transitions([(0, (0,), float("nan"), 0)], states=1, actions=[1], discount=0.5, numbers="float")


def test_float_means_are_rounded_once():
    found = from_transitions([(0, (0,), 0.1, 0)] * 10, states=1, actions=[1], discount=0.5, numbers="float")
    assert found.model.reward[0, 0] == 0.1


TUPLES = [
    ((0, 0), (0, 1), -0.1, (0, 1), False, False),
    ((0, 1), (1, 1), 1.0, (9, 9), True, False),
    ((0, 1), (1, 1), 0.0, (0, 0), False, True),
]
OPEN = {"discount": "9/10", "unvisited": "absorb", "rounding": "1e-6"}


def check_tuples(found):
    model = found.model
    assert model.states == ("0,0", "0,1", "terminal")
    assert (model.action_counts, model.discount) == ((2, 2), fmpq(9, 10))
    assert model.reward[0, 0, 1] == Fraction(-1, 10)
    assert model.reward[1, 1, 1] == Fraction(1, 2)
    assert model.transition.dense()[1, 1, 1].tolist() == [Fraction(1, 2), 0, Fraction(1, 2)]
    assert (model.transition.dense()[2, ..., 2] == 1).all()
    assert (found.data.weights[2] == Fraction(1, 4)).all()
    assert repr(found) == (
        "EmpiricalModel('empirical', 3 transitions, 3 states, 2 x 2 joint actions, 2 of 12 places seen, exact)"
    )


def columns():
    return {
        "state": np.array([s for s, *_ in TUPLES]),
        "action": np.array([one[1] for one in TUPLES]),
        "reward": np.array([one[2] for one in TUPLES]),
        "next_state": np.array([one[3] for one in TUPLES]),
        "terminated": np.array([one[4] for one in TUPLES]),
        "truncated": np.array([one[5] for one in TUPLES]),
    }


def test_tuple_states_terminated_and_truncated():
    check_tuples(from_transitions(TUPLES, **OPEN))


def test_arrays_by_name_and_in_a_file(tmp_path):
    check_tuples(from_transitions(columns(), **OPEN))
    plural = {name + "s" if name[-1] != "d" else name: own for name, own in columns().items()}
    check_tuples(from_transitions(plural, **OPEN))
    np.savez(tmp_path / "buffer.npz", **columns())
    check_tuples(from_transitions(tmp_path / "buffer.npz", **OPEN))


def test_a_structured_array():
    rows = np.array(
        [(0, 1, 2.0, 1), (1, 0, 0.5, 0)],
        dtype=[("state", int), ("action", int), ("reward", float), ("next_state", int)],
    )
    found = from_transitions(rows, discount=0, unvisited="absorb")
    assert found.model.reward.tolist() == [[0, 2], [Fraction(1, 2), 0]]


CSV = "state,action_1,action_2,reward,next_state,terminated\nin,L,R,0.1,out,0\nout,R,L,1/3,,true\n\n"


def test_a_spreadsheet_of_transitions(tmp_path):
    file = tmp_path / "log.csv"
    file.write_text(CSV)
    found = from_transitions(file, discount="1/2", unvisited="absorb")
    assert found.model.states == ("in", "out", "terminal")
    assert found.model.actions == (("L", "R"), ("L", "R"))
    assert found.model.reward[0, 0, 1] == Fraction(1, 10)
    assert found.model.reward[1, 1, 0] == Fraction(1, 3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: expected the columns state, action"),
        ("state,action,reward\n", "without next_state"),
        ("state,action,reward,next_state,colour\n", "with colour"),
        ("state,action,reward,next_state\n1,2\n", "line 2: expected 4 cells, found 2"),
        ("state,action,reward,next_state\n1,2,x,1\n", "line 2: reward: 'x' is not a rational"),
        ("state,action,reward,next_state\n1,2,1e999999999,1\n", "line 2: reward"),
        ("state,action,reward,next_state,terminated\n1,2,0,1,maybe\n", "line 2: terminated: expected True or False"),
        ("state,action,reward,next_state\n", "expected at least one"),
    ],
)
def test_hostile_spreadsheets_of_transitions(tmp_path, text, message):
    file = tmp_path / "log.csv"
    file.write_text(text)
    with pytest.raises((FormatError, DataError), match=message):
        from_transitions(file, discount=0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"reward": np.zeros(2)}, "expected arrays of one length"),
        ({"colour": np.zeros(3)}, "the unknown colour"),
        ({"reward": np.float64(1)}, "expected arrays of one length"),
    ],
)
def test_hostile_arrays(change, message):
    with pytest.raises(DataError, match=message):
        from_transitions({**columns(), **change}, **OPEN)


def test_files_that_are_no_transitions(tmp_path):
    (tmp_path / "a.npz").write_bytes(b"PK nonsense")
    with pytest.raises(FormatError, match=r"a\.npz: document: expected an \.npz file of plain arrays"):
        from_transitions(tmp_path / "a.npz", discount=0)
    np.savez(tmp_path / "b.npz", state=np.array([{}], dtype=object))
    with pytest.raises(FormatError, match=r"b\.npz: document: expected an \.npz file of plain arrays"):
        from_transitions(tmp_path / "b.npz", discount=0)
    with pytest.raises(FormatError, match=r"expected an ending \.npz, \.csv or \.parquet, found \.feather"):
        from_transitions(tmp_path / "c.feather", discount=0)
    with pytest.raises(FormatError, match="absent"):
        from_transitions(tmp_path / "absent.csv", discount=0)


def test_the_terminal_state_is_exempt_from_visits():
    found = from_transitions([(0, 0, 1, 0, True)], discount=0)
    assert found.model.states == ("0", "terminal")
    assert found.counts.tolist() == [[1], [0]]
    taken = from_transitions([("terminal", 0, 1, 0, True)], discount=0)
    assert taken.model.states == ("terminal", "terminal*")


def test_from_transitions_on_the_command_line(tmp_path, capsys):
    file, model, data = tmp_path / "log.csv", tmp_path / "m.json", tmp_path / "d.json"
    file.write_text(CSV)
    given = ["from-transitions", str(file), str(model), str(data), "--discount", "1/2", "--unvisited", "absorb"]
    assert main(given) == 0
    assert "2 transitions" in capsys.readouterr().out
    assert main(["run", str(model), "--data", str(data), "--iterations", "2", "-q"]) == 0
    assert "warning" in capsys.readouterr().err
    assert main(given[:-2]) == 2
    assert "no transition was observed" in capsys.readouterr().err


@pytest.mark.slow
def test_a_large_buffer_is_counted_soon():
    rng = np.random.default_rng(0)
    n = 35_000
    buffer = {
        "state": rng.integers(0, 9, (n, 2)),
        "action": rng.integers(0, 5, (n, 2)),
        "reward": rng.normal(size=n),
        "next_state": rng.integers(0, 9, (n, 2)),
        "terminated": rng.random(n) < 0.01,
    }
    found = from_transitions(buffer, discount="9/10", rounding="1e-3")
    assert found.counts.sum() == n
    assert found.model.n_states == 82
