"""Unavailable actions: refused naming state, agent and actions, masked, or given the effect of the first available."""

import numpy as np
import pytest
from test_environments import MOVES, Grid, clip

import fqi_theory as ft
from fqi_theory.base.errors import DataError, FormatError, ModelError, NumberError

pytestmark = pytest.mark.slow


class Walls(Grid):
    """A mask says which moves stay on the grid; where it is given is a parameter."""

    where = "infos"
    hidden = False

    def mask(self, agent):
        (x, y) = self.at[agent]
        return np.array([(clip(x + dx), clip(y + dy)) == (x + dx, y + dy) for dx, dy in MOVES.values()], dtype=np.int8)

    def masked(self, observations):
        masks = {agent: self.mask(agent) for agent in self.possible_agents}
        if self.where == "observations":
            own = {a: {"observation": observations[a], "action_mask": masks[a]} for a in self.possible_agents}
            return own, {a: {} for a in self.possible_agents}
        return observations, {a: {"action_mask": masks[a]} for a in self.possible_agents}

    def reset(self, seed=None, options=None):
        return self.masked(super().reset(seed, options)[0])

    def step(self, actions):
        for agent, action in actions.items():
            assert self.mask(agent)[action], "an unavailable action was played"
        observations, *rest, _ = super().step(actions)
        observations, infos = self.masked(observations)
        return (observations, *rest, infos)


def model_of(env, **options):
    return ft.from_env(env, discount="9/10", actions=[list(MOVES)] * 2, **options)


def test_a_mask_is_refused_with_state_agent_and_actions():
    message = r"state 0,0,2,0, agent red: not available: down, left; .*unavailable=\"first\""
    with pytest.raises(ModelError, match=message):
        model_of(Walls())


@pytest.mark.parametrize("where", ["infos", "observations"])
def test_the_first_available_action_stands_for_the_others(where):
    """On this grid a move into the wall stays, so the optimum is that of the grid without masks."""
    env = Walls()
    env.where = where
    masked, plain = model_of(env, unavailable="first"), model_of(Grid())
    assert set(masked.states) == set(plain.states)
    order = [masked.states.index(name) for name in plain.states]
    assert (ft.solve(masked).values[order] == ft.solve(plain).values).all()
    corner = masked.states.index("0,0,2,0")
    down, up = list(MOVES).index("down"), list(MOVES).index("up")
    assert (masked.reward[corner, down] == masked.reward[corner, up]).all()
    assert (masked.transition.dense()[corner, down] == masked.transition.dense()[corner, up]).all()
    assert masked.source.endswith("unavailable actions do what the agent's first available one does")


@pytest.mark.parametrize("where", ["infos", "observations"])
def test_a_model_knows_its_masks(where):
    env = Walls()
    env.where = where
    masked, first = model_of(env, unavailable="mask"), model_of(env, unavailable="first")
    assert set(masked.states) == set(first.states)
    order = [masked.states.index(name) for name in first.states]
    assert (ft.solve(masked).values[order] == ft.solve(first).values).all()
    corner, names = masked.states.index("0,0,2,0"), list(MOVES)
    assert [names[a] for a in np.flatnonzero(~masked.available[0][corner])] == ["down", "left"]
    assert masked.available[0].sum() < masked.available[0].size
    assert masked.source.endswith("; actions are masked")


def test_masks_are_of_samples_too_and_copies_are_not_sampled_again():
    class Noisy(Walls):
        def reset(self, seed=None, options=None):
            self.generator = np.random.default_rng(seed)
            return super().reset(seed, options)

        def step(self, actions):
            observations, rewards, *rest = super().step(actions)
            noise = int(self.generator.integers(2))
            return (observations, {agent: reward + noise for agent, reward in rewards.items()}, *rest)

    model = model_of(Noisy(), unavailable="mask", samples=3)
    assert model.with_available(model.available).reward.tolist() == model.reward.tolist()
    assert model.source.startswith("empirical")


def test_masks_of_ones_need_no_word():
    class Open(Walls):
        def mask(self, _agent):
            return np.ones(5, dtype=np.int8)

    assert (model_of(Open()).reward == model_of(Grid()).reward).all()


def test_observations_without_their_masks_are_the_state():
    class Seen(Walls):
        where = "observations"

        def state(self):
            raise NotImplementedError

    assert model_of(Seen(), unavailable="first").states[0] == "red=(0,0) blue=(2,0)"


def test_a_mask_that_depends_on_more_than_the_state_is_refused():
    class Fickle(Walls):
        """Staying is available every other time."""

        seen = 0

        def observe(self):
            self.seen += 1
            return super().observe()

        def mask(self, agent):
            found = super().mask(agent)
            found[list(MOVES).index("stay")] = self.seen % 2
            return found

    with pytest.raises(ModelError, match="which actions are available differs from one way to it to another"):
        model_of(Fickle(), unavailable="first")


def test_an_agent_without_actions_is_refused():
    class Stuck(Walls):
        def mask(self, _agent):
            return np.zeros(5, dtype=np.int8)

    with pytest.raises(ModelError, match="state 0,0,2,0, agent red: no action is available"):
        model_of(Stuck(), unavailable="first")
    with pytest.raises(ModelError, match="state 0,0,2,0, agent red: no action is available"):
        model_of(Stuck(), unavailable="mask")


#: In state 1 agent 1 has only its second action.
TABLE = {
    0: {k: [(1, int(k > 1), k, False)] for k in range(4)},
    1: {2: [(1, 0, 5, False)], 3: [(1, 1, 7, False)]},
}


def test_a_table_without_entries():
    with pytest.raises(ModelError, match="state 1, agent 1: not available: L; "):
        ft.from_env(TABLE, discount=0, actions=[["L", "R"]] * 2)
    model = ft.from_env(TABLE, discount=0, actions=[["L", "R"]] * 2, unavailable="first")
    assert model.reward[1].tolist() == [[5, 7], [5, 7]]
    masked = ft.from_env(TABLE, discount=0, actions=[["L", "R"]] * 2, unavailable="mask")
    assert masked.reward[1].tolist() == [[5, 7], [5, 7]]
    assert [mask.tolist() for mask in masked.available] == [[[True, True], [False, True]], [[True, True]] * 2]
    assert masked.states == ("0", "1")


def test_terminal_states_have_all_actions():
    table = {0: {1: [(1, 3, 0, True)]}}
    model = ft.from_env(table, discount="1/2", actions=[["L", "R"]], unavailable="mask")
    assert model.states == ("0", "terminal")
    assert model.available[0].tolist() == [[False, True], [True, True]]


def test_a_table_whose_availability_is_no_product():
    table = {0: {k: [(1, 0, k, False)] for k in (0, 1, 2)}}
    with pytest.raises(ModelError, match="state 0: which actions of one agent are available depends on another"):
        ft.from_env(table, discount=0, actions=[["L", "R"]] * 2, unavailable="first")


def test_no_other_word_is_taken():
    with pytest.raises(ModelError, match="unavailable: expected refuse or first or mask, found 'ignore'"):
        model_of(Grid(), unavailable="ignore")


MARK = "where it marks an action that is not available, say so: with_available"


def test_minus_infinity_is_no_reward(tmp_path):
    (tmp_path / "game.csv").write_text("0,-inf\n1,2\n")
    with pytest.raises(FormatError, match=r"line 1 column 2: expected a number such as .* found '-inf'"):
        ft.load(tmp_path / "game.csv")
    with pytest.raises(NumberError, match=MARK):
        ft.from_payoff([["0", "-inf"], ["1", "2"]])
    with pytest.raises(
        NumberError, match=r"state s0, joint action \(a0, a1\): reward: expected a finite number, found -inf; where"
    ):
        ft.MMDP(np.array([[[0, -np.inf], [1, 2]]]), np.zeros((1, 2, 2), dtype=int), 0.5)
    with pytest.raises(DataError, match=f"transition 0: reward: -inf is not a finite number; {MARK}"):
        ft.from_transitions([(0, (0, 0), -np.inf, 0)], discount="1/2")
    with pytest.raises(NumberError, match=MARK):
        ft.from_env(lambda _s, a: (-np.inf if a == ("x",) else 0, 0), discount=0, actions=[["x", "y"]], start=0)
