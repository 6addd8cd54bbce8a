"""The fate of a run: the catalogue, the threshold of Theorem 3, ties, agreement with long runs, refusals."""

from fractions import Fraction

import numpy as np
import pytest
from fates import accepted, deterministic, distance, follow, spread, vector
from flint import fmpq

from fqi_theory.base.errors import DataError, FqiTheoryError, NumberError
from fqi_theory.data.sources import correlated, epsilon_greedy, product, uniform
from fqi_theory.factorization import igm, joint, linear, qplex
from fqi_theory.factorization.additive import additive
from fqi_theory.fates import Effort, decide
from fqi_theory.fates.census.shape import Shape
from fqi_theory.model.catalog import load, random_model
from fqi_theory.model.mmdp import MMDP
from fqi_theory.runs.iteration import fitted_q_iteration
from fqi_theory.runs.trajectory import start_from_values

UNIFORM, TENTH, HALF = uniform(), epsilon_greedy("1/10"), epsilon_greedy("1/2")
OPTIMAL, WORSE, GROWS = ("converges", 1, True), ("converges", 1, False), ("diverges", None, False)
CATALOGUE = [
    ("two-state", "1/2", UNIFORM, OPTIMAL),
    ("two-state", "99/100", HALF, GROWS),
    ("two-state", "99/100", TENTH, OPTIMAL),
    ("two-state", None, epsilon_greedy(1), GROWS),
    ("two-state-1000", None, UNIFORM, GROWS),
    ("two-state-1000", None, HALF, OPTIMAL),
    ("qplex-game-1", None, UNIFORM, WORSE),
    ("qplex-game-1", None, TENTH, OPTIMAL),
    ("qplex-game-1", None, HALF, WORSE),
    ("qplex-game-2", "9/10", UNIFORM, WORSE),
    ("qplex-game-2", "9/10", TENTH, OPTIMAL),
    ("qplex-game-3", None, UNIFORM, WORSE),
    ("lecture-2x2", "1/2", UNIFORM, OPTIMAL),
    ("coordination", "1/2", UNIFORM, OPTIMAL),
    ("climbing", "99/100", UNIFORM, WORSE),
    ("climbing", "99/100", TENTH, OPTIMAL),
    ("climbing-3p", None, HALF, WORSE),
    ("penalty", None, TENTH, ("cycles", 2, False)),
    ("penalty", None, HALF, WORSE),
    ("qtran-two-step", None, UNIFORM, WORSE),
    ("qtran-two-step", None, HALF, OPTIMAL),
    ("qtran-random-state", "9/10", TENTH, OPTIMAL),
    ("maven(4)", None, UNIFORM, OPTIMAL),
    ("maven(4)", None, TENTH, OPTIMAL),
    ("random", None, UNIFORM, None),
    ("cycle-2", None, UNIFORM, ("cycles", 2, False)),
    ("cycle-2", None, HALF, OPTIMAL),
    ("cycle-3", None, UNIFORM, ("cycles", 3, False)),
    ("cycle-3", "9/10", TENTH, ("cycles", 11, False)),
    ("cycle-3", None, HALF, ("cycles", 17, False)),
    ("cycle-5", None, UNIFORM, ("cycles", 5, False)),
    ("cycle-5", "1/2", UNIFORM, WORSE),
    ("aperiodic", None, UNIFORM, OPTIMAL),
]


@pytest.mark.parametrize(("name", "discount", "data", "expected"), CATALOGUE)
def test_catalogue(name, discount, data, expected):
    fate = accepted(decide(load(name, discount=discount), data=data))
    assert expected in (None, (fate.kind, fate.period, fate.optimal))


@pytest.mark.parametrize(
    ("discount", "limit", "growth"),
    [
        ("3/4", "12", None),
        ("799999/1000000", "600000", None),
        ("4/5", None, {"kind": "linear", "increment": "3/4", "steps": 1}),
        ("800001/1000000", None, {"kind": "geometric", "factor": "800001/800000", "steps": 1}),
        ("81/100", None, {"kind": "geometric", "factor": "81/80", "steps": 1}),
        ("9/10", None, {"kind": "geometric", "factor": "9/8", "steps": 1}),
    ],
)
def test_the_threshold_of_theorem_3(discount, limit, growth):
    """γ = 4/5 exactly, 10⁻⁶ below and 10⁻⁶ above."""
    fate = accepted(decide(load("two-state", discount=discount)))
    assert fate.growth == growth
    if limit is not None:
        assert (fate.kind, fate.values[0].tolist(), fate.proof) == ("converges", [0, fmpq(int(limit))], "contraction")


@pytest.mark.parametrize(("epsilon", "limit"), [("1/2", "150/7"), ("1/10", "3990/391")])
def test_on_policy_limits(epsilon, limit):
    fate = accepted(decide(load("two-state"), data=epsilon_greedy(epsilon)))
    assert [str(x) for x in fate.values[0]] == ["0", limit]
    assert fate.largest_loss == 0


@pytest.mark.parametrize(("epsilon", "kind"), [("666666/1000000", "converges"), ("666667/1000000", "diverges")])
def test_the_threshold_on_policy(epsilon, kind):
    """ε = 2·sqrt(1/γ - 1) = 2/3 at γ = 9/10."""
    assert accepted(decide(load("two-state"), data=epsilon_greedy(epsilon))).kind == kind


def test_exactly_at_the_threshold_on_policy_growth_is_linear():
    fate = accepted(decide(load("two-state"), data=epsilon_greedy("2/3")))
    assert fate.growth["kind"] == "linear"


def test_igm_converges_to_the_optimum():
    fate = accepted(decide(load("two-state"), factorization=igm))
    assert (fate.proof, fate.values[0].tolist(), fate.optimal) == ("optimality", [0, 10], True)


def test_the_coordination_game_alternates():
    model = load("coordination", discount="1/2")
    fate = accepted(decide(model, data=TENTH, initial=start_from_values(model, [0], np.array([[0, 1]]))))
    assert (fate.kind, fate.period) == ("cycles", 2)
    assert sorted(g.tolist() for g in fate.greedy) == [[[0, 1]], [[1, 0]]]


# Ties.


def duplicated(discount):
    """The two-state example; agent 2 has its first action twice."""
    reward = [[[0, 0, 0], [0, 0, 0]], [[1, 1, 0], [0, 0, 0]]]
    return deterministic(reward, [[[0] * 3, [0] * 3], [[1, 1, 1], [1, 1, 0]]], discount)


@pytest.mark.parametrize("data", [UNIFORM, TENTH, HALF])
@pytest.mark.parametrize("discount", ["1/2", "9/10"])
def test_duplicate_actions(data, discount):
    fate = accepted(decide(duplicated(discount), data=data))
    if fate.kind == "converges":
        assert fate.greedy[0].tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize("data", [UNIFORM, TENTH])
def test_absorbing_states_with_equal_actions(data):
    reward = [[[0, 0], [0, 0]], [[0, 0], [0, 0]], [[3, 0], [0, 1]]]
    successor = [[[0, 0], [0, 0]], [[1, 1], [1, 1]], [[0, 1], [1, 0]]]
    fate = accepted(decide(deterministic(reward, successor, "9/10"), data=data))
    assert fate.kind == "converges"


@pytest.mark.parametrize("data", [UNIFORM, TENTH])
@pytest.mark.parametrize("start", [["0", "1"], ["0", "-1"], ["2", "-3/7"]])
def test_a_limit_with_tied_actions(data, start):
    """One agent; both actions of s1 are worth 0 at the limit and lead to different states."""
    model = deterministic([[0, 0], [0, 0]], [[0, 0], [0, 1]], "1/2")
    fate = accepted(decide(model, data=data, initial=start_from_values(model, start, np.zeros((2, 1), int))))
    assert fate.values[0].tolist() == [0, 0]


@pytest.mark.parametrize("epsilon", ["1/2", "1/10"])
def test_a_tied_limit_approached_from_one_side_on_policy(epsilon):
    """Two agents; V(s1) is multiplied by 1 + ε²/4 times γ above 0 and by less below, all actions tie at 0."""
    model = deterministic(np.zeros((2, 2, 2), int).tolist(), [[[0, 0], [0, 0]], [[1, 1], [1, 0]]], "9/10")
    for level in (-1, 1):
        start = start_from_values(model, [0, level], np.zeros((2, 2), int))
        fate = accepted(decide(model, data=epsilon_greedy(epsilon), initial=start))
        assert (fate.kind, fate.values[0].tolist()) == ("converges", [0, 0])


def test_an_unstable_fixed_point_can_be_hit_exactly():
    """The run is on the fixed point modulo constants from the start, though it repels."""
    model = deterministic([[[-1, 0], [1, 0]], [[0, 0], [0, -2]]], [[[0, 0], [0, 0]], [[1, 1], [1, 0]]], "9/10")
    fate = accepted(decide(model))
    assert (fate.kind, fate.values[0].tolist()) == ("converges", [5, 5])
    assert fate.certificate["proof"]["widths"] == ["0"]
    near = decide(model, initial=start_from_values(model, ["0", "1/100"], np.zeros((2, 2), int)))
    assert near.kind != "converges" or near.values[0].tolist() != [5, 5]


# Agreement with long runs.


def contradiction(fate, before, after):
    """Return how exact positions of a run contradict its fate, None where they do not."""
    if fate.bounds is not None:
        level = 0 if fate.bounds.reference is None else after[0][fate.bounds.reference]
        inside = (fate.bounds.lower <= after[0] - level).all() and (after[0] - level <= fate.bounds.upper).all()
        return None if inside else "the run is outside its bounds"
    if fate.kind == "diverges":
        return None if spread(after[0]) > spread(before[0]) else "the differences do not grow"
    points = fate.values
    gaps = [min(distance(position[0], point) for point in points) for position in (before, after)]
    if gaps[1] > gaps[0] or (gaps[1] == gaps[0] != 0):
        return f"the distance to the orbit goes from {gaps[0]} to {gaps[1]}"
    return None


@pytest.mark.parametrize("seed", range(24))
def test_random_fates_agree_with_longer_runs(seed):
    kind = "stochastic" if seed % 2 else "deterministic"
    discount = ["1/2", "9/10", "99/100"][seed % 3]
    data = [UNIFORM, TENTH, HALF][seed // 3 % 3]
    model = random_model(seed, 2 + seed % 3, [(2, 2), (3, 2), (2, 2, 2)][seed // 2 % 3], kind, discount)
    fate = decide(model, data=data, effort=Effort(512, 50_000))
    if fate.kind == "unknown":
        return
    accepted(fate)
    period = fate.period or 1
    prefix = fate.certificate["proof"].get("prefix", 0)
    run = follow(model, data, prefix + 40 * period + 120)
    assert contradiction(fate, run[prefix + 120], run[-1]) is None
    if fate.kind == "converges" and data.on_policy:
        assert (run[-1][1] == fate.greedy[0]).all()


@pytest.mark.parametrize(("name", "period"), [("cycle-2", 2), ("cycle-3", 3), ("cycle-5", 5)])
def test_cycles_agree_with_the_generic_iteration(name, period):
    fate = accepted(decide(load(name)))
    run = fitted_q_iteration(load(name), iterations=1200).values
    prefix = fate.certificate["proof"]["prefix"]
    for t in range(1200 - 2 * period, 1201):
        assert spread(run[t] - fate.values[(t - prefix) % period]) < fmpq(1, 10**6)


def test_a_cycle_longer_than_64_steps():
    """Under ε-greedy data models of two states with rewards 0 and 1 cycle with period 105, 179, ..."""
    model = Shape(2, (2, 2), (Fraction(0), Fraction(1))).model(126, "9/10")
    fate = accepted(decide(model, data=epsilon_greedy("1/10")))
    assert (fate.kind, fate.period) == ("cycles", 105)


# Data and refusals.


def test_product_and_correlated_data():
    tables = [[["1/3", "2/3"]] * 2, [["1/4", "3/4"]] * 2]
    accepted(decide(load("two-state"), data=product(tables)))
    joint = [[["1/4", "1/4"], ["1/2", 0]]] * 2
    accepted(decide(load("two-state", discount="1/2"), data=correlated(joint)))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (product([[["1", "0"]] * 2, [["1/2", "1/2"]] * 2]), "2 actions are never played in the data"),
        (epsilon_greedy(0), "4 actions are never played in the data"),
        (correlated([[["1/2", 0], [0, "1/2"]]] * 2), "4 joint actions of played actions have no determined Q_tot"),
    ],
)
def test_undetermined_data_are_unknown(data, reason):
    fate = decide(load("two-state"), data=data)
    assert (fate.kind, fate.certificate) == ("unknown", None)
    assert "of the linear class undetermined in 2 of 2 states (s0, s1)" in fate.tried[0]
    assert fate.tried[1].startswith(reason)
    assert fate.summary()[0] == "unknown"


def test_little_effort_is_unknown():
    """9 steps leave `cycle-5` and, on-policy, `cycle-3` bounded; on-policy nothing bounds six states."""
    assert accepted(decide(load("cycle-5"), effort=Effort(steps=9))).kind == "bounded"
    assert accepted(decide(load("cycle-3"), data=TENTH, effort=Effort(steps=9))).proof == "grid"
    model = random_model(0, 6, (2, 2), "deterministic", "99/100")
    fate = decide(model, data=TENTH, effort=Effort(steps=9))
    assert fate.kind == "unknown"
    assert "exact steps" in fate.tried[0]
    assert fate.to_json()["values"] == []


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"ties": "middle"}, DataError, "expected 'first' or 'last'"),
        ({"factorization": qplex}, DataError, "expected linear, .* found qplex"),
        ({"factorization": igm, "data": epsilon_greedy(0)}, FqiTheoryError, "p_D = 0"),
    ],
)
def test_refusals(options, error, message):
    with pytest.raises(error, match=message):
        decide(load("two-state"), **options)


@pytest.mark.parametrize("fit", [linear, joint, igm, additive(2)], ids=lambda fit: fit.name)
@pytest.mark.parametrize("data", [UNIFORM, TENTH])
def test_the_last_action_at_ties(fit, data):
    """Game 2 has two equal rows and columns; with actions written backwards "first" is "last"."""
    model = load("qplex-game-2")
    last = accepted(decide(model, data=data, factorization=fit, ties="last"))
    backwards = MMDP(model.reward[:, ::-1, ::-1], model.transition.dense()[:, ::-1, ::-1], model.discount)
    first = accepted(decide(backwards, data=data, factorization=fit))
    assert last.certificate["ties"] == "last"
    assert (last.kind, last.period) == (first.kind, first.period)
    assert [v.tolist() for v in last.values] == [v.tolist() for v in first.values]
    assert [g.tolist() for g in last.greedy] == [(2 - g).tolist() for g in first.greedy]


def test_float_and_undiscounted_models_are_refused():
    with pytest.raises(NumberError, match="exact model"):
        decide(load("two-state").to_float())
    with pytest.raises(FqiTheoryError, match="discount 1"):
        decide(load("two-state", discount=1))


def test_summaries_and_json():
    fate = decide(load("two-state"))
    assert fate.summary()[0] == "diverges: geometric growth, by at least a factor of 9/8 every step"
    assert fate.to_json("c.json")["certificate"] == "c.json"
    assert decide(load("cycle-2")).summary()[0] == "cycles with period 2"
    worse = decide(load("qplex-game-2"))
    assert worse.summary()[0] == "converges; the greedy policy of the limit is suboptimal, largest loss 8"
    assert worse.to_json()["loss"] == ["8"]
    assert vector("8").tolist() == worse.loss.tolist()


def test_the_steps_are_told():
    told = []
    fate = decide(load("two-state"), effort=Effort(steps=64), watch=lambda *count: told.append(count))
    assert fate.kind == "diverges"
    assert told[0] == (8, 64)
    assert all(done <= most == 64 for done, most in told)
