"""Per-agent networks and mixers as ordinary PyTorch modules; floats throughout.

VDN, arXiv:1706.05296: the sum. QMIX, arXiv:1803.11485: a monotone network whose weights a hypernetwork makes from the
state. QPLEX, arXiv:2008.01062: duplex duelling, with the authors' cut of gradients at the advantages' weights.
"""

import torch
from torch import Tensor, nn

OFFSET = 1e-10


def mlp(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, outputs))


class Vdn(nn.Module):
    def forward(self, chosen: Tensor, _best: Tensor, _state: Tensor, _actions: Tensor) -> Tensor:
        return chosen.sum(dim=-1)


class Qmix(nn.Module):
    def __init__(self, states: int, counts: tuple[int, ...], hidden: int, width: int = 8) -> None:
        super().__init__()
        self.shape = len(counts), width
        self.first, self.shift = nn.Linear(states, len(counts) * width), nn.Linear(states, width)
        self.second, self.last = nn.Linear(states, width), mlp(states, hidden, 1)

    def forward(self, chosen: Tensor, _best: Tensor, state: Tensor, _actions: Tensor) -> Tensor:
        weights = self.first(state).abs().reshape(*state.shape[:-1], *self.shape)
        inner = nn.functional.elu((chosen[..., None] * weights).sum(dim=-2) + self.shift(state))
        return (inner * self.second(state).abs()).sum(dim=-1) + self.last(state)[..., 0]


class Qplex(nn.Module):
    def __init__(self, states: int, counts: tuple[int, ...], hidden: int, heads: int = 4) -> None:
        super().__init__()
        n = len(counts)
        self.shape = heads, n
        self.scale, self.level, self.key = (mlp(states, hidden, size) for size in (n, n, heads))
        self.agent, self.action = mlp(states, hidden, heads * n), mlp(states + sum(counts), hidden, heads * n)

    def forward(self, chosen: Tensor, best: Tensor, state: Tensor, actions: Tensor) -> Tensor:
        scale, level = self.scale(state).abs() + OFFSET, self.level(state)
        chosen, best = scale * chosen + level, scale * best + level
        both = torch.cat([state, actions], dim=-1)
        agent, action = (
            net.sigmoid().reshape(*state.shape[:-1], *self.shape) for net in (self.agent(state), self.action(both))
        )
        weights = ((self.key(state).abs() + OFFSET)[..., None] * agent * action).sum(dim=-2)
        return (chosen + (weights - 1) * (chosen - best).detach()).sum(dim=-1)


class Learner(nn.Module):
    """Per-agent networks of the state (one-hot) under one mixer."""

    def __init__(self, mixer: str, states: int, counts: tuple[int, ...], hidden: int) -> None:
        super().__init__()
        self.counts = counts
        self.agents = nn.ModuleList(mlp(states, hidden, count) for count in counts)
        made = {"VDN": lambda *_: Vdn(), "QMIX": Qmix, "QPLEX": Qplex}[mixer]
        self.mixer = made(states, counts, hidden)

    def utilities(self, state: Tensor) -> list[Tensor]:
        """Return Q_i(s, .) of states (..., S): per agent (..., A_i)."""
        return [agent(state) for agent in self.agents]

    def forward(self, state: Tensor, actions: Tensor) -> Tensor:
        """Return Q_tot (...,) at states (..., S) and joint actions (..., n)."""
        utilities = self.utilities(state)
        chosen = torch.stack(
            [
                (q * nn.functional.one_hot(actions[..., i], k)).sum(-1)
                for i, (q, k) in enumerate(self._pairs(utilities))
            ],
            dim=-1,
        )
        best = torch.stack([q.amax(dim=-1) for q in utilities], dim=-1)
        hot = torch.cat([nn.functional.one_hot(actions[..., i], k) for i, k in enumerate(self.counts)], dim=-1)
        return self.mixer(chosen, best, state, hot.to(state.dtype))

    def greedy(self, state: Tensor) -> Tensor:
        """Return each agent's greedy action, (..., n)."""
        return torch.stack([q.argmax(dim=-1) for q in self.utilities(state)], dim=-1)

    def _pairs(self, utilities: list[Tensor]) -> list[tuple[Tensor, int]]:
        return list(zip(utilities, self.counts, strict=True))
