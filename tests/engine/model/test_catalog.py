"""The catalogue: literal numbers of every entry, parameters, seeded families, and what is not a model."""

from itertools import pairwise

import numpy as np
import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

from fqi_theory.base.errors import FormatError, FqiTheoryError, ModelError
from fqi_theory.model.catalog import entries, load, names, random_model
from fqi_theory.model.formats.mmdp_json import write_mmdp
from fqi_theory.planning.optimal import solve
from fqi_theory.runs.iteration import fitted_q_iteration

LITERATURE = ("two-state", "two-state-1000", "qplex-game-1", "qplex-game-2", "qplex-game-3", "lecture-2x2", "climbing")
MORE = ("climbing-3p", "penalty", "qtran-two-step", "qtran-random-state", "maven", "coordination", "random")
FATES = ("cycle-2", "cycle-3", "cycle-5", "aperiodic", "on-policy-aperiodic", "voting")
MORE_FATES = ("wandering", "pairwise", "qmix-jump", "unsettled")
QMIX = tuple(f"qmix-cycle-{period}" for period in (2, 3, 4, 5, 7))


def test_every_name_loads_and_every_entry_says_what_it_is():
    assert set(names()) == {*LITERATURE, *MORE, *FATES, *MORE_FATES, *QMIX}
    for entry in entries():
        model = load(entry.name)
        assert model.field == "exact"
        assert model.name.startswith(entry.name)
        assert model.source == entry.source
        assert entry.description
        assert load(model.name).reward.tolist() == model.reward.tolist()


def test_two_state():
    model = load("two-state")
    assert (model.states, model.actions) == (("s0", "s1"), (("A", "B"), ("A", "B")))
    assert model.reward.tolist() == [[[0, 0], [0, 0]], [[1, 0], [0, 0]]]
    assert model.transition.successor.tolist() == [[[0, 0], [0, 0]], [[1, 1], [1, 0]]]
    assert model.start.tolist() == [0, 1]
    assert solve(model).values.tolist() == [0, 10]
    assert solve(load("two-state-1000")).values.tolist() == [0, 10000]


@pytest.mark.parametrize(("discount", "limit"), [("0", "3/4"), ("1/2", "2"), ("3/4", "12")])
def test_two_state_has_the_limit_of_theorem_3(discount, limit):
    run = fitted_q_iteration(load("two-state", discount=discount), iterations=600)
    distance = run.values[-1][1] - fmpq(*map(int, (limit + "/1").split("/")[:2]))
    assert abs(distance) < fmpq(1, 10**6)


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("qplex-game-1", [[fmpq(52, 5), 0, 10], [0, 10, 10], [10, 10, 10]]),
        ("qplex-game-2", [[8, -12, -12], [-12, 0, 0], [-12, 0, 0]]),
        ("qplex-game-3", [[8, -12, -12], [-12, 6, 0], [-12, 0, 6]]),
        ("lecture-2x2", [[8, -12], [-12, 0]]),
        ("climbing", [[11, -30, 0], [-30, 7, 0], [0, 6, 5]]),
        ("penalty(100)", [[-100, 0, 10], [0, 2, 0], [10, 0, -100]]),
        ("penalty(1/2)", [[fmpq(-1, 2), 0, 10], [0, 2, 0], [10, 0, fmpq(-1, 2)]]),
        ("coordination", [[1, 0], [0, 1]]),
    ],
)
def test_payoffs(name, rows):
    model = load(name)
    assert model.reward.tolist() == [rows]
    assert (model.states, model.discount) == (("s",), 0)
    assert (model.transition.successor == 0).all()


def test_the_uniform_linear_fit_of_game_2():
    fit = fitted_q_iteration(load("qplex-game-2"), iterations=1).factors[1]
    total = [str(fit[0][0][a] + fit[1][0][b]) for a, b in ((0, 0), (0, 1), (1, 1))]
    assert total == ["-56/9", "-44/9", "-32/9"]


def test_three_player_climbing():
    reward = load("climbing-3p").reward[0]
    found = {tuple(map(int, index)): int(reward[tuple(index)].p) for index in zip(*reward.nonzero(), strict=True)}
    assert found == {
        (0, 0, 0): 11,
        (1, 0, 0): -30,
        (0, 1, 0): -30,
        (0, 0, 1): -30,
        (1, 1, 1): 7,
        (2, 2, 1): 6,
        (2, 2, 2): 5,
    }


def test_two_step_game():
    model = load("qtran-two-step")
    assert [str(v) for v in solve(model).values] == ["198/25", "7", "8", "0"]
    assert solve(model).policy[0].tolist() == [1, 0]
    assert solve(load("qtran-two-step", discount="4/5")).policy[0].tolist() == [1, 0]


def test_random_state_pair():
    model = load("qtran-random-state")
    assert model.reward.tolist() == [
        [[10, 8, 5], [8, 6, 3], [5, 3, 0]],
        [[0, 3, 5], [3, 6, 8], [5, 8, 10]],
    ]
    assert solve(load("qtran-random-state", discount="1/2")).values.tolist() == [20, 20]


@given(st.integers(2, 12))
def test_the_best_return_of_maven_is_m_plus_3(m):
    model = load(f"maven({m})", discount=1)
    values = model.reward[:, 0, 0] * 0
    for _ in range(m):
        values = model.backup(values).max(axis=(1, 2))
    assert values[0] == m + 3
    assert values[-1] == 0
    assert model.n_states == 2 * m


@pytest.mark.parametrize(
    ("name", "discount", "reward", "successor"),
    [
        ("cycle-2", "9/10", [[[0, -1], [0, 0]], [[0, 0], [0, 1]]], [[[0, 0], [1, 1]], [[1, 0], [0, 0]]]),
        (
            "cycle-3",
            "99/100",
            [[[0, 2], [0, 3]], [[0, 3], [0, 0]], [[1, 0], [-2, 0]]],
            [[[0, 2], [2, 2]], [[0, 0], [2, 2]], [[0, 1], [0, 1]]],
        ),
        (
            "cycle-5",
            "99/100",
            [[[0, 0], [0, 3]], [[0, 0], [-3, 0]], [[0, 0], [0, 0]]],
            [[[0, 2], [2, 2]], [[0, 0], [1, 2]], [[0, 1], [2, 0]]],
        ),
    ],
)
def test_models_that_cycle(name, discount, reward, successor):
    model = load(name)
    assert str(model.discount) == discount
    assert model.reward.tolist() == reward
    assert model.transition.successor.tolist() == successor


def test_the_aperiodic_model():
    model = load("aperiodic")
    assert (str(model.discount), model.action_counts, model.n_states) == ("19/20", (2, 2, 2), 2)
    assert not model.reward[0].any()
    assert [model.reward[1][a] for a in ((0, 0, 0), (0, 1, 0), (1, 0, 1), (1, 1, 1))] == [0, 1, 2, 3]
    dense = model.transition.dense()
    assert dense[0, 0, 0, 0].tolist() == [0, 1]
    assert dense[1, 0, 0, 0].tolist() == [fmpq(4, 5), fmpq(1, 5)]
    assert sum(dense[..., 1].reshape(-1).tolist()) == fmpq(6, 5)


@pytest.mark.parametrize(("agents", "actions", "slope"), [(7, 2, fmpq(693, 640)), (3, 5, fmpq(5049, 5000))])
def test_the_voting_model_is_a_tent_map(agents, actions, slope):
    model = load(f"voting({agents},{actions})")
    assert model.transition.dense().sum() == 2 * actions**agents
    assert model.transition.dense()[1, ..., 1].sum() * 2 == actions**agents
    run = fitted_q_iteration(model, iterations=30)
    differences = [v[1] - v[0] for v in run.values]
    assert differences[:3] == [0, -1, slope - 1]
    for now, later in pairwise(differences):
        assert later == slope * abs(now) - 1


def test_the_pairwise_model():
    model = load("pairwise")
    assert (str(model.discount), model.action_counts, model.n_states) == ("3/4", (2, 2, 2), 2)
    assert (model.reward == np.array([0, 1])[:, None, None, None]).all()
    assert not model.transition.successor[0].any()
    falls = np.argwhere(model.transition.successor[1] == 0).tolist()
    assert falls == [[0, 1, 1], [1, 0, 1], [1, 1, 0]]


def test_maven_in_detail():
    model = load("maven(2)")
    assert model.states == ("start", "00-1", "11-1", "end")
    assert model.reward.tolist() == [[[1, 0], [0, 1]], [[1, 1], [1, 4]], [[0, 0], [0, 1]], [[0, 0], [0, 0]]]
    assert model.transition.successor.tolist()[0] == [[1, 3], [3, 2]]
    assert (model.transition.successor[1:] == 3).all()
    assert load("maven(1)").reward.tolist() == [[[1, 0], [0, 1]], [[0, 0], [0, 0]]]


@given(st.integers(0, 1000), st.integers(1, 4), st.lists(st.integers(1, 3), min_size=1, max_size=3))
def test_random_models_are_repeatable_and_small(seed, states, actions):
    for kind in ("deterministic", "stochastic"):
        shape = "x".join(map(str, actions))
        model = load(f"random(seed={seed},states={states},actions={shape},kind={kind})")
        again = random_model(seed, states, actions, kind)
        assert model.reward.tolist() == again.reward.tolist()
        assert list(model.transition.rows()) == list(again.transition.rows())
        assert all(abs(r) <= 9 and r.q <= 3 for r in model.reward.flat)
        assert all(p.q <= 3 * states for p in model.transition.entries().flat)


def test_seeds_differ_and_discount_is_a_parameter():
    assert random_model(1).reward.tolist() != random_model(2).reward.tolist()
    assert load("random(seed=3,discount=1/7)").discount == fmpq(1, 7)
    assert load("random(3)").name == load("random( seed = 3 )").name
    assert load("random", discount="1/7").discount == fmpq(1, 7)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("climbin", "did you mean climbing"),
        ("nothing-like-it", "`fqi-theory models` lists the names"),
        ("", "expected a name of the catalogue or a file"),
        ("penalty(x)", "penalty: k: expected a rational number, found 'x'"),
        ("penalty(1,2)", "penalty: parameters: expected each of k at most once, found '2'"),
        ("penalty(k=1,k=2)", "penalty: parameters: expected each of k at most once, found 'k=2'"),
        ("climbing(3)", "climbing: parameters: expected each of none at most once, found '3'"),
        ("maven(0)", "maven: m: expected a number of steps in 1..10000, found '0'"),
        ("maven(1.5)", "maven: m: expected a number of steps"),
        ("random(kind=odd)", "random: kind: expected deterministic or stochastic, found 'odd'"),
        ("random(actions=2x)", "random: actions: expected numbers of actions"),
        ("random(states=1000000,actions=99x99x99)", "GiB"),
        ("random(seed=" + "9" * 5000 + ")", "random: seed: expected an integer >= 0"),
        ("absent.dpomdp", "absent.dpomdp: path: expected an existing file"),
        ("some/where", "some/where: name: expected an ending .json, .dpomdp, .nfg or .csv"),
    ],
)
def test_what_is_no_model(name, message):
    with pytest.raises(FqiTheoryError) as caught:
        load(name)
    assert message in str(caught.value)


def test_random_model_checks_its_arguments():
    with pytest.raises(ModelError, match="expected at least one of each"):
        random_model(1, 0)
    with pytest.raises(ModelError, match="kind: expected"):
        random_model(kind="odd")


def test_a_name_goes_before_a_file_of_that_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_mmdp(load("climbing"), tmp_path / "mine.json")
    (tmp_path / "coordination").write_text("no model")
    assert load("coordination").name == "coordination"
    assert load("mine.json").name == load(tmp_path / "mine.json").name == "climbing"
    with pytest.raises(FormatError, match=r"\./coordination: name: expected an ending"):
        load("./coordination")
