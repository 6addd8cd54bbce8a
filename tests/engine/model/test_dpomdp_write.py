"""Models written as .dpomdp come back, and what the format does not hold is refused with its place."""

import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st
from places import REAL

import fqi_theory as ft
from fqi_theory.base.errors import FormatError, FqiTheoryError
from fqi_theory.cli.app import main
from fqi_theory.model.formats.dpomdp.read import parse_dpomdp
from fqi_theory.model.formats.dpomdp.write import dpomdp_text
from fqi_theory.model.formats.load import load_file
from fqi_theory.testing import strategies as fst

DECIMALS = st.tuples(st.integers(-(10**9), 10**9), st.sampled_from([1, 2, 5, 8, 10, 1000, 4**20, 5**20]))
LETTERS = st.text(st.sampled_from("aZ09 _-.:*#'é机"), min_size=1, max_size=3)
NAMES = st.one_of(LETTERS, st.sampled_from(["uniform", "identity", "T", "R", "states", "0", "1", "7", "reset", "a b"]))


def parts(model):
    rows = [(place, {s: p for s, p in row.items() if p != 0}) for place, row in model.transition.rows()]
    start = [fmpq(1, model.n_states)] * model.n_states if model.start is None else model.start.tolist()
    return model.states, model.actions, model.discount, model.reward.tolist(), rows, start


def back(model):
    return parse_dpomdp(dpomdp_text(model), "m.dpomdp").model


def named(draw, count):
    return draw(st.lists(NAMES, min_size=count, max_size=count, unique=True))


@st.composite
def decimal_models(draw):
    discount = draw(st.integers(0, 1000).map(lambda k: fmpq(k, 1000)))
    rewards = DECIMALS.map(lambda parts: fmpq(*parts))
    model = draw(fst.mmdps(kind="deterministic", rewards=rewards))
    actions = [named(draw, count) for count in model.action_counts]
    start = draw(st.sampled_from([None, [1] + [0] * (model.n_states - 1)]))
    return ft.MMDP(
        model.reward, model.transition, discount, states=named(draw, model.n_states), actions=actions, start=start
    )


@given(decimal_models())
def test_a_model_comes_back(model):
    assert parts(back(model)) == parts(model)


def finite(value):
    return (10**12) % int(value.q) == 0


@given(fst.mmdps(kind="stochastic"))
def test_a_model_comes_back_where_all_its_numbers_are_decimals_and_is_refused_elsewhere(model):
    numbers = [model.discount, *model.reward.flat, *(p for _, row in model.transition.rows() for p in row.values())]
    if all(map(finite, numbers)):
        assert parts(back(model)) == parts(model)
    else:
        with pytest.raises(FqiTheoryError, match=r"\.dpomdp holds finite decimals of .*, found .*/"):
            dpomdp_text(model)


def test_text():
    model = ft.MMDP(
        [[["1/2", 0]], [[0, "-1e2"]]], [[[["0.25", "3/4"], [0, 1]]], [[[1, 0], [1, 0]]]], "9/10",
        states=["in", "T"], actions=[["go"], ["left", "a b"]], start=["1/8", "7/8"], name="two\nlines",
    )  # fmt: skip
    assert dpomdp_text(model).splitlines() == [
        r"# 'two\nlines': every agent sees the state",
        *("agents: 2", "discount: 0.9", "values: reward", 'states: in "T"', "start:", "0.125 0.875"),
        *(
            "actions:",
            "go",
            'left "a b"',
            "observations:",
            'in "T"',
            'in "T"',
            "O: * : 0 : 0 0 : 1",
            "O: * : 1 : 1 1 : 1",
        ),
        *("T: 0 0 : 0 : 0 : 0.25", "T: 0 0 : 0 : 1 : 0.75", "T: 0 1 : 0 : 1 : 1", "T: 0 0 : 1 : 0 : 1"),
        *("T: 0 1 : 1 : 0 : 1", "R: 0 0 : 0 : * : * : 0.5", "R: 0 1 : 1 : * : * : -100"),
    ]


REFUSED = {
    "a third": (lambda: ft.load("two-state").with_discount("1/3"), "the discount: .dpomdp holds finite decimals"),
    "a reward": (lambda: ft.from_payoff([[1, "2/7"]]), "state s, joint action (a0, a1), reward: .dpomdp holds finite"),
    "a start": (
        lambda: ft.MMDP([[1]] * 3, [[0]] * 3, 0, agents=1, start=["1/3"] * 3), "the start at state s0: .dpomdp holds",
    ),
    "quotes": (lambda: ft.from_payoff([[1]], actions=[['say "a"'], ["b"]]), "names without double quotes, found 'say"),
    "floats": (lambda: ft.load("climbing").to_float(), "is float; .dpomdp files are written of exact models"),
    "more digits than are read": (lambda: ft.from_payoff([[10**99_999]]), "100000 digits, found 1000"),
    "more places than are read": (lambda: ft.from_payoff([[fmpq(1, 2**10_001)]]), "10000 places and"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_it_does_not_hold_is_refused(case):
    model, message = REFUSED[case]
    with pytest.raises(FqiTheoryError) as caught:
        dpomdp_text(model())
    assert message in str(caught.value)


@pytest.mark.skipif(not REAL.is_dir(), reason="no real models here")
@pytest.mark.parametrize(
    "name", ["2generals", "GridSmall", "broadcastChannel", "dectiger", "mabc", "prisoners", "recycling"]
)
def test_real_models_come_back(name):
    model = load_file(REAL / f"{name}.dpomdp")
    assert parts(back(model)) == parts(model)


def test_files_by_their_ending(tmp_path, capsys):
    model = ft.load("two-state").with_discount("9/10")
    for name in ("m.json", "m.dpomdp", "m.dpomdp.gz"):
        ft.write_model(model, tmp_path / name)
        assert parts(ft.load(tmp_path / name))[:5] == parts(model)[:5]
    assert main(["convert", "two-state", str(tmp_path / "two.dpomdp"), "--discount", "0.85"]) == 0
    assert ft.load(tmp_path / "two.dpomdp").discount == fmpq(17, 20)
    assert main(["convert", "two-state", str(tmp_path / "two.dpomdp"), "--discount", "1/3"]) == 2
    assert "two-state: model 'two-state': the discount: .dpomdp holds finite decimals" in capsys.readouterr().err
    with pytest.raises(FormatError, match=r"an ending \.json, \.dpomdp or, for games, \.nfg .* found \.csv"):
        ft.write_model(model, tmp_path / "m.csv")
    with pytest.raises(FormatError, match="no folder"):
        ft.write_model(model, tmp_path / "absent" / "m.json")
