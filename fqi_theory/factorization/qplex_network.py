"""The QPLEX mixing network on tabular factors (PyTorch, the optional extra `fqi-theory[torch]`): a float experiment.

    Q~_i(s,x) = w_i(s) Q_i(s,x) + b_i(s),  w_i > 0
    λ_i(s,a)  = Σ_k (|key_k(s)| + δ) σ(agent_{k,i}(s)) σ(action_{k,i}(s,a)),  δ = 1e-10
    Q_tot(s,a) = Σ_i max_x Q~_i(s,x) + Σ_i λ_i(s,a) (Q~_i(s,a_i) - max_x Q~_i(s,x))

Written from the formulas of arXiv:2008.01062. The class of `factorization.qplex` lets λ be any positive table; networks
of this form are a part of it, and gradient steps search that part, so a training shows how near it comes to the exact
fit. Nothing here is exact, and nothing is a certificate.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.errors import DataError, FqiTheoryError
from fqi_theory.base.scalars import Array
from fqi_theory.model.mmdp import MMDP

OFFSET = 1e-10


class TorchMissing(FqiTheoryError, ImportError):
    """PyTorch is not installed; the message names the extra that brings it."""


@dataclass(frozen=True)
class Settings:
    """heads: k above. hidden: width of the networks. steps, rate: of Adam, for each fit. seed: of all parameters.

    detached: gradients reach a factor only through Σ_i Q~_i(s,a_i), as in the authors' code, which writes
    Q_tot = Σ_i Q~_i(s,a_i) + Σ_i (λ_i - 1)(Q~_i(s,a_i) - max_x Q~_i(s,x)) and cuts them off at the last difference;
    else they follow the formula. All numbers are at least 1.
    """

    heads: int = 4
    hidden: int = 32
    steps: int = 1500
    rate: float = 0.01
    seed: int = 0
    detached: bool = False

    def __post_init__(self) -> None:
        """Raise DataError where there would be nothing to train."""
        if min(self.heads, self.hidden, self.steps) < 1:
            raise DataError(f"settings: expected heads, hidden and steps of at least 1, found {self}")


@dataclass(frozen=True, eq=False)
class Training:
    """What came of a training.

    values: (T+1, S), V^(t) from 0. q_tot: (S, A_1, ..., A_n), the last fit; targets: what it was fitted to. Before each
    step of each fit, (T, steps): losses, mean squared errors; lambdas, scales: the least λ_i(s,a) and w_i(s);
    consistent: whether the per-agent greedy actions were a joint maximiser in every state.
    """

    values: Array
    q_tot: Array
    targets: Array
    losses: Array
    lambdas: Array
    scales: Array
    consistent: Array

    @property
    def igm(self) -> bool:
        """Return whether greedy actions were a joint maximiser at every step."""
        return bool(self.consistent.all())

    @property
    def error(self) -> float:
        """Return max |q_tot - targets| of the last fit."""
        return float(np.abs(self.q_tot - self.targets).max())


class Network:
    """Factors and mixing networks over all states and joint actions at once; seeded."""

    def __init__(self, n_states: int, action_counts: tuple[int, ...], settings: Settings) -> None:
        """Make the parameters; raises TorchMissing where PyTorch is not installed."""
        self.torch = torch = _torch()
        self.counts, self.settings, n = action_counts, settings, len(action_counts)
        generator = torch.Generator().manual_seed(settings.seed)
        self.states = torch.eye(n_states, dtype=torch.float64)
        self.pairs = self._inputs(n_states)
        self.parameters: list[Any] = []
        self.factors = [self._parameter(generator, n_states, count, scale=0.1) for count in action_counts]
        self.layers = {
            name: self._layers(generator, width, out)
            for name, width, out in (
                ("scale", n_states, n),
                ("shift", n_states, n),
                ("key", n_states, settings.heads),
                ("agent", n_states, settings.heads * n),
                ("action", self.pairs.shape[1], settings.heads * n),
            )
        }

    def _inputs(self, n_states: int) -> Any:
        """Return the pair (s,a) as zeros and ones, (S·A_1···A_n, S + ΣA_i): states outermost."""
        torch, sizes = self.torch, (n_states, *self.counts)
        indices = torch.cartesian_prod(*(torch.arange(size) for size in sizes)).reshape(prod(sizes), -1)
        hot = (torch.nn.functional.one_hot(indices[:, k], size) for k, size in enumerate(sizes))
        return torch.cat(tuple(hot), dim=1).to(torch.float64)

    def _parameter(self, generator: Any, *shape: int, scale: float) -> Any:
        found = scale * self.torch.randn(*shape, generator=generator, dtype=self.torch.float64)
        self.parameters.append(found.requires_grad_())
        return self.parameters[-1]

    def _layers(self, generator: Any, width: int, out: int) -> tuple[Any, ...]:
        hidden = self.settings.hidden
        shapes = ((width, hidden), (hidden,), (hidden, out), (out,))
        return tuple(self._parameter(generator, *shape, scale=shape[0] ** -0.5) for shape in shapes)

    def _apply(self, name: str, inputs: Any) -> Any:
        first, shift, second, last = self.layers[name]
        return self.torch.relu(inputs @ first + shift) @ second + last

    def scale(self) -> Any:
        """Return w, (S, n)."""
        return self._apply("scale", self.states).abs() + OFFSET

    def weights(self) -> Any:
        """Return λ, (n, S, A_1, ..., A_n)."""
        n, heads, size = len(self.counts), self.settings.heads, len(self.states)
        key = self._apply("key", self.states).abs() + OFFSET
        agent = self._apply("agent", self.states).sigmoid().reshape(size, heads, n)
        action = self._apply("action", self.pairs).sigmoid().reshape(size, -1, heads, n)
        return self.torch.einsum("sk,ski,sjki->isj", key, agent, action).reshape(n, size, *self.counts)

    def forward(self) -> tuple[Any, Any, Any]:
        """Return Q_tot (S, A_1, ..., A_n), λ and w."""
        scale, shift, weights = self.scale(), self._apply("shift", self.states), self.weights()
        level = gaps = slope = self.torch.zeros((), dtype=self.torch.float64)
        for i, factor in enumerate(self.factors):
            moved = scale[:, i, None] * factor + shift[:, i, None]
            best = moved.max(dim=1, keepdim=True).values
            shape = [len(factor), *(count if j == i else 1 for j, count in enumerate(self.counts))]
            gap = (moved - best).reshape(shape)
            level = level + best.reshape(-1, *[1] * len(self.counts))
            gaps = gaps + weights[i] * gap
            slope = slope + moved.reshape(shape) + (weights[i] - 1) * gap.detach()
        total = level + gaps
        if self.settings.detached:
            # The same value to the last digit, lest rounding break IGM, with the gradient of the other form.
            total = total.detach() + (slope - slope.detach())
        return total, weights, scale

    def greedy(self) -> Array:
        """Return each agent's first greedy action, (S, n)."""
        return np.stack([factor.detach().argmax(dim=1).numpy() for factor in self.factors], axis=1)


def train(model: MMDP, iterations: int = 1, settings: Settings | None = None) -> Training:
    """Run `iterations` of fitted Q-iteration from V = 0 with the network as its class and uniform data.

    Each fit starts from the parameters of the one before. Raises TorchMissing, and DataError unless iterations >= 1.
    """
    if iterations < 1:
        raise DataError(f"iterations: expected at least 1, found {iterations}")
    chosen = settings or Settings()
    network = Network(model.n_states, model.action_counts, chosen)
    plain = model if model.field == "float" else model.to_float()
    values: list[Array] = [np.zeros(model.n_states)]
    fits: list[Array] = []
    for _ in range(iterations):
        targets = scalars.to_float(plain.backup(values[-1]))
        fits.append(np.array(list(_fit(network, targets))))
        q_tot = network.forward()[0].detach().numpy()
        values.append(q_tot.reshape(model.n_states, -1).max(axis=1))
    losses, lambdas, scales, consistent = np.moveaxis(np.stack(fits), -1, 0)
    return Training(np.stack(values), q_tot, targets, losses, lambdas, scales, consistent.astype(bool))


def _fit(network: Network, targets: Array) -> Iterator[tuple[Any, ...]]:
    """Take the steps of one fit; yield the loss, the least λ, the least w, and whether IGM held, before each step."""
    wanted = network.torch.as_tensor(targets)
    settings = network.settings
    optimiser = network.torch.optim.Adam(network.parameters, lr=settings.rate)
    decay = network.torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, settings.steps)
    for _ in range(settings.steps):
        q_tot, weights, scale = network.forward()
        loss = ((q_tot - wanted) ** 2).mean()
        found = (float(number.detach()) for number in (loss, weights.min(), scale.min()))
        yield *found, _consistent(q_tot, network.greedy())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        decay.step()


def _consistent(q_tot: Any, greedy: Array) -> bool:
    """Tell whether the per-agent greedy actions (S, n) are a maximiser of Q_tot in every state."""
    table = q_tot.detach().numpy()
    chosen = table[(np.arange(len(table)), *greedy.T)]
    return bool((chosen == table.reshape(len(table), -1).max(axis=1)).all())


def _torch() -> Any:
    try:
        import torch
    except ImportError as error:
        raise TorchMissing(f"the mixing network needs PyTorch: pip install 'fqi-theory[torch]' ({error})") from None
    return torch
