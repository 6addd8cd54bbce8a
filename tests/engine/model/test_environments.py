import copy
import json
from fractions import Fraction

import numpy as np
import pytest

import fqi_theory as ft
from fqi_theory.base.errors import FormatError, ModelError, NumberError, TooLarge
from fqi_theory.cli.app import main

pytestmark = pytest.mark.slow

MOVES = {"up": (0, 1), "down": (0, -1), "left": (-1, 0), "right": (1, 0), "stay": (0, 0)}
SIDE = 3


def clip(x):
    return min(max(x, 0), SIDE - 1)


class Space:
    def __init__(self, n):
        self.n = n


class Grid:
    """Two agents on a 3 x 3 grid, five moves each; they are paid 1 and leave when they meet in the far corner."""

    possible_agents = ("red", "blue")
    cost = -0.5

    def __init__(self, noise=0.0):
        self.noise = noise

    def action_space(self, _agent):
        return Space(5)

    def reset(self, seed=None, options=None):  # noqa: ARG002
        self.rng = np.random.default_rng(seed)
        self.agents = list(self.possible_agents)
        self.at = {"red": (0, 0), "blue": (2, 0)}
        return self.observe(), {agent: {} for agent in self.agents}

    def observe(self):
        return {agent: np.array(self.at[agent]) for agent in self.possible_agents}

    def state(self):
        return np.concatenate([self.at["red"], self.at["blue"]])

    def step(self, actions):
        for agent, k in actions.items():
            dx, dy = list(MOVES.values())[k]
            if self.rng.random() >= self.noise:
                self.at[agent] = (clip(self.at[agent][0] + dx), clip(self.at[agent][1] + dy))
        met = self.at["red"] == self.at["blue"] == (2, 2)
        every = self.possible_agents
        reward = 1.0 if met else self.cost
        return (
            self.observe(),
            dict.fromkeys(every, reward),
            dict.fromkeys(every, met),
            dict.fromkeys(every, False),
            {a: {} for a in every},
        )


def by_hand():
    """The same grid as a plain step function."""

    def step(state, joint):
        places = [state[:2], state[2:]]
        moved = [
            (clip(x + MOVES[move][0]), clip(y + MOVES[move][1])) for (x, y), move in zip(places, joint, strict=True)
        ]
        met = moved[0] == moved[1] == (2, 2)
        return (1 if met else Fraction(-1, 2)), (*moved[0], *moved[1]), met

    return ft.from_env(step, discount="9/10", actions=[list(MOVES)] * 2, start=(0, 0, 2, 0))


def test_a_parallel_environment_is_the_model_written_by_hand():
    model = ft.from_env(Grid(), discount="9/10", actions=[list(MOVES)] * 2, rounding="bits")
    other = by_hand()
    assert model.n_states == 81  # 9 x 9 positions, all but both in the corner, and the terminal state
    assert model.states == other.states
    assert model.actions == other.actions
    assert (model.reward == other.reward).all()
    assert (model.transition.dense() == other.transition.dense()).all()
    assert model.start[0] == 1
    assert model.states[0] == "0,0,2,0"
    end = model.states.index("terminal")
    assert (model.transition.dense()[end, ..., end] == 1).all()
    assert (model.reward[end] == 0).all()


def test_the_optimum_of_the_grid_is_known():
    """Red needs 4 moves, blue 2: three steps cost 1/2, the fourth pays 1."""
    g = Fraction(9, 10)
    assert ft.solve(by_hand()).values[0] == g**3 - (1 + g + g**2) / 2


def test_floats_that_are_no_integers_need_a_rounding():
    class Tenth(Grid):
        cost = -0.1

    with pytest.raises(NumberError, match=r'state 0,0,2,0, joint action \(a0, a0\): the float -0.1.*rounding="1e-6"'):
        ft.from_env(Tenth(), discount=0)
    assert ft.from_env(Tenth(), discount=0, rounding="1e-6").reward.min() == Fraction(-1, 10)
    assert ft.from_env(Tenth(), discount=0, rounding="bits").reward.min() == ft.from_float(-0.1)
    with pytest.raises(NumberError, match="rounding: expected a step above 0, found 0"):
        ft.from_env(Tenth(), discount=0, rounding="0")


@pytest.mark.slow
def test_a_random_environment_is_refused_and_counted_on_request():
    with pytest.raises(ModelError, match=r"tried twice, it led to reward .* the environment is random"):
        ft.from_env(Grid(noise=0.5), discount=0, rounding="bits")
    model = ft.from_env(Grid(noise=0.5), discount=0, rounding="bits", samples=6)
    assert model.source == "empirical: 6 samples for each state and joint action"
    assert {int(p.q) for p in model.transition.entries()} <= {1, 2, 3, 6}
    assert model.transition.entries().size > 81 * 25


def test_a_state_that_hides_something_is_refused():
    class Moody(Grid):
        """Pays for being late, and does not tell the time."""

        time = 0

        def step(self, actions):
            self.time += 1
            found = super().step(actions)
            return found[0], dict.fromkeys(actions, self.time % 2), *found[2:]

    with pytest.raises(ModelError, match="does not hold all that matters"):
        ft.from_env(Moody(), discount=0, rounding="bits")


class Broken(Grid):
    def __init__(self, **changes):
        super().__init__()
        self.changes = changes

    def step(self, actions):
        found = list(super().step(actions))
        for k, change in self.changes.items():
            found[int(k[1:])] = change
        return tuple(found)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"_1": {"red": 1, "blue": 2}}, r"different rewards .* reward=\"sum\""),
        ({"_2": {"red": True, "blue": False}}, "leave at different times"),
        ({"_3": {"red": True, "blue": True}}, "was truncated: raise its time limit"),
        ({"_4": {"red": {"action_mask": [1, 0]}, "blue": {}}}, "agent red: action_mask: expected 5 entries 0 or 1"),
    ],
)
def test_what_is_no_model_is_refused(changes, message):
    with pytest.raises(ModelError, match=message):
        ft.from_env(Broken(**changes), discount=0, rounding="bits")


def test_rewards_are_added_on_request():
    model = ft.from_env(Broken(_1={"red": 1, "blue": 2}), discount=0, reward="sum")
    assert set(model.reward[0].flat) == {3}


def test_an_environment_that_cannot_be_copied_is_refused():
    env = Grid()
    env.lock = (x for x in ())
    with pytest.raises(ModelError, match=r"expected an environment that copy.deepcopy copies, found TypeError"):
        ft.from_env(env, discount=0)
    with pytest.raises(TypeError):
        copy.deepcopy(env)


P = {
    0: {k: [(0.25, 0, 0, False), (0.25, 0, 0, False), (0.5, 1, 1, True)] for k in range(4)},
    1: {k: [(1.0, 1, 0, True)] for k in range(4)},
    2: {k: [(1.0, 2, 0, False)] for k in range(4)},
}


def test_a_table_of_outcomes_with_repeated_successors():
    model = ft.from_env(P, discount="1/2", actions=[["L", "R"]] * 2, start=0, name="table")
    assert model.states == ("0", "terminal")
    assert model.transition.dense()[0, 1, 1].tolist() == [Fraction(1, 2), Fraction(1, 2)]
    assert model.reward[0].tolist() == [[Fraction(1, 2)] * 2] * 2
    everything = ft.from_env(P, discount="1/2", actions=[["L", "R"]] * 2)
    assert everything.states == ("0", "1", "2", "terminal")
    assert everything.start is None


def test_the_decoder_names_joint_actions():
    table = {"s": {f"{a}{b}": [(1, "s", a * 10 + b, False)] for a in range(2) for b in range(3)}}
    model = ft.from_env(
        table, discount=0, actions=[["x", "y"], ["p", "q", "r"]], decode=lambda joint: f"{joint[0]}{joint[1]}"
    )
    assert model.reward[0].tolist() == [[0, 1, 2], [10, 11, 12]]
    with pytest.raises(ModelError, match=r"state s, joint action \(x, p\): the table has no entry P\['s'\]\[0\]"):
        ft.from_env(table, discount=0, actions=[["x", "y"], ["p", "q", "r"]])


def test_float_probabilities_need_a_denominator():
    thirds = {0: {0: [(0.33333333333333337, 0, 0, False), (0.3333333333333333, 0, 0, False), (1 / 3, 1, 1, True)]}}
    with pytest.raises(NumberError, match=r"probability 0.333.* is a float: .*denominator=1000"):
        ft.from_env(thirds, discount=0)
    model = ft.from_env(thirds, discount=0, denominator=1000)
    assert model.transition.dense()[0, 0].tolist() == [Fraction(2, 3), Fraction(1, 3)]
    with pytest.raises(NumberError, match="no rational of denominator at most 2 is within 1e-9"):
        ft.from_env(thirds, discount=0, denominator=2)


def walk(state, _joint):
    return (0, state + 1)


@pytest.mark.parametrize(
    ("env", "given", "error", "message"),
    [
        (walk, {"actions": [["go"]], "start": 0, "limit": 50}, TooLarge, "more than 50 states can be reached"),
        (walk, {"start": 0}, ModelError, "actions: a step function needs the actions"),
        (walk, {"actions": ["go"], "start": 0}, ModelError, "actions: a step function needs the actions"),
        (walk, {"actions": [["go"]]}, ModelError, "start: expected a state"),
        (walk, {"actions": [["go"]], "start": []}, ModelError, "at least one state to start from"),
        (lambda _s, _a: 7, {"actions": [["go"]], "start": 0}, ModelError, r"state 0, joint action \(go\).*found 7"),
        (lambda _s, _a: [(1, 2)], {"actions": [["go"]], "start": 0}, ModelError, r"found \[\(1, 2\)\]"),
        (
            lambda s, _: [(Fraction(1, 2), 0, s)],
            {"actions": [["go"]], "start": 0},
            ModelError,
            "exactly 1, found 1/2",
        ),
        (lambda s, _: [(-1, 0, s), (2, 0, s)], {"actions": [["go"]], "start": 0}, ModelError, "probabilities >= 0"),
        (3, {}, ModelError, "expected a PettingZoo ParallelEnv.*found int"),
    ],
)
def test_hostile_environments(env, given, error, message):
    with pytest.raises(error, match=message):
        ft.from_env(env, discount=0, **given)


def test_declared_outcomes_and_progress():
    told = []
    model = ft.from_env(
        lambda _s, _a: [("1/3", 1, "x"), ("1/3", 0, "x"), ("1/3", 0, "y", True)],
        discount="1/2",
        actions=[["go"], ["go"]],
        start=["x", "z"],
        watch=lambda done, most: told.append((done, most)),
    )
    assert model.states == ("x", "z", "terminal")
    assert model.transition.dense()[0, 0, 0].tolist() == [Fraction(2, 3), 0, Fraction(1, 3)]
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_the_grid_of_a_pettingzoo_class():
    pettingzoo = pytest.importorskip("pettingzoo")
    spaces = pytest.importorskip("gymnasium.spaces")

    class Real(Grid, pettingzoo.ParallelEnv):
        metadata = {"name": "grid"}  # noqa: RUF012

        def action_space(self, _agent):
            return spaces.Discrete(5)

    model = ft.from_env(Real(), discount="9/10", rounding="bits")
    assert (model.reward == by_hand().reward).all()
    assert (model.transition.dense() == by_hand().transition.dense()).all()


def test_gymnasiums_frozen_lake():
    gymnasium = pytest.importorskip("gymnasium")
    lake = gymnasium.make("FrozenLake-v1", desc=["SF", "HG"], is_slippery=False)
    model = ft.from_env(lake, discount="1/2", name="lake")
    assert model.states == ("0", "terminal", "1") or set(model.states) == {"0", "1", "terminal"}
    assert ft.solve(model).values[0] == Fraction(1, 2)
    assert ft.from_env(lake, discount="1/2").name == "FrozenLake-v1"
    with pytest.raises(ModelError, match="a step function, found CartPole-v1"):
        ft.from_env(gymnasium.make("CartPole-v1"), discount="1/2")
    slippery = gymnasium.make("FrozenLake-v1", desc=["SF", "HG"], is_slippery=True)
    assert ft.from_env(slippery, discount="1/2", denominator=10).transition.dense()[0].sum(axis=-1).tolist() == [1] * 4


def test_from_payoff():
    game = ft.from_payoff([[8, -12], [-12, "1/2"]], actions=[["A", "B"], ["A", "B"]])
    assert (game.n_states, game.action_counts, game.discount) == (1, (2, 2), 0)
    assert game.reward[0, 1, 1] == Fraction(1, 2)
    assert ft.from_payoff(np.zeros((2, 3, 4), dtype=np.float32), discount="9/10").field == "float"
    with pytest.raises(ModelError, match=r"payoff table: expected shape \(A_1, ..., A_n\)"):
        ft.from_payoff([[]])


SHEETS = {
    "bare": "8,-12\n-12,0\n",
    "semicolons": "8;-12\r\n-12;0\r\n",
    "columns": "A,B\n8,-12\n-12,0\n",
    "both": ",A,B\nA,8,-12\nB,-12,0.0\n\n",
}


@pytest.mark.parametrize("sheet", SHEETS)
def test_spreadsheets(tmp_path, sheet, capsys):
    file = tmp_path / "game.csv"
    file.write_text(SHEETS[sheet])
    model = ft.load(file)
    assert model.reward.tolist() == [[[8, -12], [-12, 0]]]
    assert model.actions[1] == (("column0", "column1") if sheet in ("bare", "semicolons") else ("A", "B"))
    assert model.actions[0] == (("A", "B") if sheet == "both" else ("row0", "row1"))
    assert model.name == "game"
    assert (ft.from_payoff(file).reward == model.reward).all()
    assert main(["show", str(file)]) == 0
    assert "-12" in capsys.readouterr().out
    assert main(["convert", str(file), str(tmp_path / "game.json")]) == 0
    assert json.loads((tmp_path / "game.json").read_text())["transitions"][0]["reward"] == "8"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a payoff table, found an empty file"),
        ("A,B\n", "expected payoffs under the names of actions"),
        ("1,2\n3\n", "line 2: expected 2 cells, found 1"),
        ("1,2\n3,x\n", "line 2 column 2: expected a number such as 3, 3/4 or 0.85, found 'x'"),
        ("1,2\n3,1e999999999\n", "line 2 column 2: expected a number"),
        (",A,A\nx,1,2\n", "agent 2 has two actions of the same name"),
    ],
)
def test_hostile_spreadsheets(tmp_path, text, message):
    file = tmp_path / "game.csv"
    file.write_text(text)
    with pytest.raises(FormatError, match=message):
        ft.load(file)
