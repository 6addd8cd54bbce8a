"""Deep Q-learning on a tabular model: replay, a target network that is replaced every so often, Adam, double Q.

Several seeds at once: `torch.func` maps the modules over their stacked parameters, and Adam acts on each number by
itself, so that every seed is the run it would be alone. States are drawn uniformly for every transition, joint actions
uniformly or ε-greedily from the present networks; the model itself answers with reward and successor.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.func import functional_call, stack_module_state, vmap

from benchmarks.wild.networks import Learner


@dataclass(frozen=True)
class Settings:
    """seeds: how many runs. epsilon: None for uniform joint actions. kept: target periods that the replay holds.

    held: explore around the greedy actions of the target network, which stay for a period, not of the present one.
    periods: target networks in all; steps: gradient steps for each; collected: transitions a step.
    """

    seeds: int = 5
    epsilon: float | None = None
    kept: int = 5
    periods: int = 40
    steps: int = 200
    collected: int = 16
    batch: int = 128
    rate: float = 2e-3
    hidden: int = 32
    double: bool = False
    held: bool = False


@dataclass(frozen=True, eq=False)
class Runs:
    """values: V(s) = max_a Q_tot(s,a) at the end of each period, (periods, seeds, S). counts: joint actions in the
    replay at the end, (seeds, S, A_1, ..., A_n). error: the last period's mean squared error, (seeds,).
    """

    values: Any
    counts: Any
    error: Any


class Replay:
    """The last transitions of every seed: flat indices of (s, a), (seeds, size)."""

    def __init__(self, seeds: int, size: int) -> None:
        self.cells, self.filled, self.next = torch.zeros((seeds, size), dtype=torch.long), 0, 0

    def add(self, cells: Tensor) -> None:
        count = cells.shape[1]
        at = (torch.arange(count) + self.next) % self.cells.shape[1]
        self.cells[:, at] = cells
        self.next = (self.next + count) % self.cells.shape[1]
        self.filled = min(self.filled + count, self.cells.shape[1])

    def sample(self, batch: int, generator: torch.Generator) -> Tensor:
        chosen = torch.randint(self.filled, (len(self.cells), batch), generator=generator)
        return self.cells.gather(1, chosen)


class Training:
    """The ensemble of one setting on one model with deterministic transitions."""

    def __init__(self, mixer: str, model: Any, settings: Settings) -> None:
        self.settings, self.counts = settings, model.action_counts
        self.discount = float(model.discount.p) / float(model.discount.q)
        self.rewards = torch.tensor(np.vectorize(lambda x: int(x.p) / int(x.q))(model.reward).reshape(-1)).float()
        rows = model.transition.dense().reshape(len(self.rewards), -1)
        self.successors = torch.tensor([list(row).index(1) for row in rows])
        self.states = torch.eye(model.n_states)
        self.generator = torch.Generator().manual_seed(1)
        modules = []
        for seed in range(settings.seeds):
            torch.manual_seed(seed)
            modules.append(Learner(mixer, model.n_states, self.counts, settings.hidden))
        self.module = modules[0]
        self.parameters, _ = stack_module_state(modules)
        self.optimiser = torch.optim.Adam(self.parameters.values(), lr=settings.rate)

    def call(self, parameters: dict[str, Tensor], state: Tensor, actions: Tensor) -> Tensor:
        """Return Q_tot of every seed, (seeds, batch)."""
        return vmap(lambda p, s, a: functional_call(self.module, p, (s, a)))(parameters, state, actions)

    def greedy(self, parameters: dict[str, Tensor]) -> Tensor:
        """Return the greedy actions of every seed in every state, (seeds, S, n)."""
        with torch.no_grad():
            utilities = vmap(lambda p: _utilities(self.module, p, self.states))(parameters)
        return torch.stack([q.argmax(dim=-1) for q in utilities], dim=-1)

    def collect(self, target: dict[str, Tensor]) -> Tensor:
        """Return new transitions as flat indices of (s, a), (seeds, collected)."""
        shape = self.settings.seeds, self.settings.collected
        state = torch.randint(len(self.states), shape, generator=self.generator)
        cells = state
        followed = target if self.settings.held else self.parameters
        greedy = None if self.settings.epsilon is None else self.greedy(followed)
        for i, count in enumerate(self.counts):
            action = torch.randint(count, shape, generator=self.generator)
            if greedy is not None:
                explores = torch.rand(shape, generator=self.generator) < self.settings.epsilon
                action = torch.where(explores, action, greedy[:, :, i].gather(1, state))
            cells = cells * count + action
        return cells

    def split(self, cells: Tensor) -> tuple[Tensor, Tensor]:
        """Return states (one-hot) and joint actions of flat indices."""
        digits, rest = [], cells
        for count in reversed(self.counts):
            digits.append(rest % count)
            rest = rest // count
        return self.states[rest], torch.stack(digits[::-1], dim=-1)

    def targets(self, cells: Tensor, best: Tensor, values: Tensor) -> Tensor:
        """Return r + γ V(s'); values: (seeds, S) of the target network, or at the present greedy actions (double)."""
        after = self.successors[cells]
        return self.rewards[cells] + self.discount * (best if self.settings.double else values).gather(1, after)

    def at_greedy(self, target: dict[str, Tensor]) -> Tensor:
        """Return the target network's Q_tot at the present greedy actions, (seeds, S)."""
        greedy = self.greedy(self.parameters)
        with torch.no_grad():
            return self.call(target, self.states.expand(len(greedy), -1, -1), greedy)

    def values(self, parameters: dict[str, Tensor]) -> Tensor:
        """Return max_a Q_tot(s, a) over all joint actions, (seeds, S)."""
        cells = torch.arange(len(self.rewards)).expand(self.settings.seeds, -1)
        with torch.no_grad():
            table = self.call(parameters, *self.split(cells))
        return table.reshape(len(table), len(self.states), -1).amax(dim=-1)

    def run(self) -> Runs:
        """Train; return what came of it."""
        chosen = self.settings
        replay = Replay(chosen.seeds, chosen.kept * chosen.steps * chosen.collected)
        found, errors = [], torch.zeros(chosen.seeds)
        for _ in range(chosen.periods):
            target = {name: p.detach().clone() for name, p in self.parameters.items()}
            values = self.values(target)
            errors = torch.zeros(chosen.seeds)
            for _ in range(chosen.steps):
                replay.add(self.collect(target))
                cells = replay.sample(chosen.batch, self.generator)
                best = self.at_greedy(target) if chosen.double else values
                loss = (self.call(self.parameters, *self.split(cells)) - self.targets(cells, best, values)) ** 2
                self.optimiser.zero_grad()
                loss.mean(dim=1).sum().backward()
                self.optimiser.step()
                errors += loss.detach().mean(dim=1) / chosen.steps
            found.append(self.values(self.parameters).numpy())
        held = replay.cells[:, : replay.filled]
        counts = torch.stack([torch.bincount(row, minlength=len(self.rewards)) for row in held])
        shape = chosen.seeds, len(self.states), *self.counts
        return Runs(np.stack(found), counts.reshape(shape).numpy(), errors.numpy())


def _utilities(module: Learner, parameters: dict[str, Tensor], state: Tensor) -> list[Tensor]:
    agents = {name.removeprefix("agents."): p for name, p in parameters.items() if name.startswith("agents.")}
    return [
        functional_call(
            agent, {n.removeprefix(f"{i}."): p for n, p in agents.items() if n.startswith(f"{i}.")}, (state,)
        )
        for i, agent in enumerate(module.agents)
    ]
