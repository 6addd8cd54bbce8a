"""The PettingZoo environment of one model; imported only when an environment is asked for (extra `environments`)."""

import copy
from typing import Any

import numpy as np
from gymnasium.spaces import Discrete
from pettingzoo import ParallelEnv

from fqi_theory.base import scalars
from fqi_theory.model.environments.masks import KEY
from fqi_theory.model.mmdp import MMDP


def over(model: MMDP) -> Any:
    """Return which states every joint action keeps at reward 0, booleans (S,)."""
    indptr, successors, probabilities = model.transition.compressed()
    rows = np.repeat(np.arange(indptr.size - 1), np.diff(indptr))
    owners = rows // (model.reward.size // model.n_states)
    leaves = (successors != owners) & np.asarray(probabilities != 0, dtype=bool)
    quiet = (model.reward.reshape(model.n_states, -1) == 0).all(axis=1)
    quiet[owners[leaves]] = False
    return np.asarray(quiet)


class ModelEnv(ParallelEnv):  # type: ignore[misc]
    """The environment of one model; copies share the model."""

    def __init__(self, model: MMDP, horizon: int | None) -> None:
        self.metadata = {"name": model.name}
        self.render_mode = None
        self.model, self.horizon, self.ended = model, horizon, over(model)
        self.possible_agents = [f"agent_{i + 1}" for i in range(model.n_agents)]
        self.agents: list[str] = []
        self.observation_spaces = {agent: Discrete(model.n_states) for agent in self.possible_agents}
        self.action_spaces = {
            agent: Discrete(count) for agent, count in zip(self.possible_agents, model.action_counts, strict=True)
        }
        self.generator, self.at, self.t = np.random.default_rng(), 0, 0

    def observation_space(self, agent: str) -> Any:
        """Return Discrete(S)."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> Any:
        """Return Discrete(A_i)."""
        return self.action_spaces[agent]

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        found = copy.copy(self)
        found.agents, found.generator = list(self.agents), copy.deepcopy(self.generator, memo)
        return found

    def reset(self, seed: int | None = None, options: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:  # noqa: ARG002
        """Start an episode; a seed makes its draws repeatable."""
        if seed is not None:
            self.generator = np.random.default_rng(seed)
        start = self.model.start
        self.at = 0 if start is None else self._drawn(np.arange(self.model.n_states), start)
        self.agents, self.t = list(self.possible_agents), 0
        return self._each(self.at), self._infos()

    def step(self, actions: dict[str, Any]) -> tuple[dict[str, Any], ...]:
        """Return observations, rewards, terminations, truncations and infos, a dictionary by agent each."""
        joint = tuple(int(actions[agent]) for agent in self.possible_agents)
        reward = float(scalars.to_float(self.model.reward[(self.at, *joint)]))
        row = int(np.ravel_multi_index((self.at, *joint), self.model.reward.shape))
        _, successors, probabilities = self.model.transition.compressed(np.array([row]))
        self.at, self.t = self._drawn(successors, probabilities), self.t + 1
        ended = bool(self.ended[self.at])
        cut = not ended and self.horizon is not None and self.t >= self.horizon
        found = self._each(self.at), self._each(reward), self._each(ended), self._each(cut), self._infos()
        self.agents = [] if ended or cut else self.agents
        return found

    def state(self) -> Any:
        """Return the index of the state, as an array."""
        return np.array(self.at)

    def _drawn(self, states: Any, probabilities: Any) -> int:
        weights = scalars.to_float(probabilities)
        return int(self.generator.choice(states, p=weights / weights.sum()))

    def _infos(self) -> dict[str, Any]:
        """Return each agent's mask of available actions, where some are not."""
        if self.model.available is None:
            return self._each({})
        agents = zip(self.possible_agents, self.model.available, strict=True)
        return {agent: {KEY: own[self.at].astype(np.int8)} for agent, own in agents}

    def _each(self, value: Any) -> dict[str, Any]:
        return {agent: copy.copy(value) for agent in self.possible_agents}
