"""Mixers in the shape of PyMARL and EPyMARL modules: (B, T, n) utilities and (B, T, d) states to (B, T, 1)."""

from contextlib import nullcontext

import numpy as np
import pytest

from fqi_theory.base.errors import DataError
from fqi_theory.testing.mixers import MixerViolation, array_mixer, assert_mixer_matches

pytestmark = pytest.mark.slow

torch = pytest.importorskip("torch")

STATES = np.random.default_rng(0).normal(size=(4, 5))


class Hypernetwork(torch.nn.Module):
    """Monotone mixing of two layers with weights from the state; positive=False forgets the absolute value."""

    def __init__(self, agents, state_size, width=8, positive=True):
        super().__init__()
        self.agents, self.width, self.positive = agents, width, positive
        self.first, self.second = torch.nn.Linear(state_size, agents * width), torch.nn.Linear(state_size, width)
        self.shift = torch.nn.Linear(state_size, width)
        self.level = torch.nn.Sequential(torch.nn.Linear(state_size, width), torch.nn.ReLU(), torch.nn.Linear(width, 1))

    def forward(self, utilities, states):
        batch = utilities.shape[0]
        flat, mixed = states.reshape(-1, states.shape[2]), utilities.reshape(-1, 1, self.agents)
        first, second = self.first(flat).abs(), self.second(flat)
        second = second.abs() if self.positive else second
        hidden = mixed @ first.reshape(-1, self.agents, self.width) + self.shift(flat).reshape(-1, 1, self.width)
        total = torch.nn.functional.elu(hidden) @ second.reshape(-1, self.width, 1) + self.level(flat).reshape(-1, 1, 1)
        return total.reshape(batch, -1, 1)


def mixer(agents, positive=True, kind=torch.float64):
    torch.manual_seed(0)
    module = Hypernetwork(agents, STATES.shape[1], positive=positive).to(kind)
    return array_mixer(module, lambda x: torch.as_tensor(x, dtype=kind), time_axis=True)


@pytest.mark.parametrize("reading", ["igm", "monotonic"])
@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
def test_a_monotone_hypernetwork_passes(reading, kind):
    assert_mixer_matches(mixer(3, kind=kind), agents=3, actions=(2, 3, 2), states=STATES, reading=reading)


@pytest.mark.parametrize("reading", ["igm", "monotonic"])
def test_a_forgotten_absolute_value_has_a_two_agent_two_action_witness(reading):
    with pytest.raises(MixerViolation) as caught:
        assert_mixer_matches(mixer(3, positive=False), agents=3, actions=4, states=STATES, reading=reading)
    assert sorted(len(q) for q in caught.value.utilities) == [1, 2, 2]


def test_what_an_untrained_network_reaches_on_a_payoff_table():
    fit = assert_mixer_matches(
        mixer(2), payoff=[[8, -12], [-12, 0]], states=STATES, reading="monotonic", examples=20
    ).fit
    assert fit.error >= float(fit.least) - 1e-6


class Duelling(torch.nn.Module):
    """QPLEX in the shape of the authors' module: values, or advantages of one-hot actions, by two calls."""

    def __init__(self, agents, actions, state_size, sign=1.0):
        super().__init__()
        self.scale = torch.nn.Linear(state_size, agents)
        self.weight = torch.nn.Linear(state_size + agents * actions, agents)
        self.sign = sign

    def forward(self, utilities, states, actions=None, max_q_i=None, is_v=False):
        scale = self.scale(states).abs() + 1e-3
        if is_v:
            return (scale * utilities).sum(dim=-1, keepdim=True)
        given = torch.cat([states, actions.flatten(start_dim=2)], dim=-1)
        weight = self.sign * (self.weight(given).abs() + 1e-3)
        return ((weight - 1) * scale * (utilities - max_q_i)).sum(dim=-1, keepdim=True)


@pytest.mark.parametrize(("sign", "passes"), [(1.0, True), (-1.0, False)])
def test_a_duelling_module_of_two_calls(sign, passes):
    torch.manual_seed(1)
    module = Duelling(2, 3, STATES.shape[1], sign).double()

    def both(utilities, states, actions, maxima):
        hot = torch.nn.functional.one_hot(actions.long(), 3).double()
        advantages = module(utilities, states, actions=hot, max_q_i=maxima)
        return module(utilities, states, is_v=True) + advantages

    mixed = array_mixer(both, lambda x: torch.as_tensor(x, dtype=torch.float64), time_axis=True)
    inputs = ("utilities", "states", "joint_actions", "maxima")
    with nullcontext() if passes else pytest.raises(MixerViolation):
        assert_mixer_matches(mixed, agents=2, actions=3, states=STATES, reading="igm-sets", inputs=inputs)


def test_a_module_itself_is_refused_with_a_hint():
    with pytest.raises(DataError, match="found a module on tensors; see array_mixer"):
        assert_mixer_matches(Hypernetwork(2, 5), agents=2, actions=2, states=STATES)


def test_number_types_that_numpy_lacks_are_read():
    mixed = array_mixer(lambda u: u.sum(dim=1), lambda x: torch.as_tensor(x).to(torch.bfloat16))
    assert_mixer_matches(mixed, agents=2, actions=2)  # rounding is monotone: a sum in 8 bits keeps a joint maximiser


def test_every_parameter_of_a_hypernetwork_moves_q_tot():
    torch.manual_seed(0)
    module = Hypernetwork(2, STATES.shape[1]).double()
    mixed = array_mixer(module, lambda x: torch.as_tensor(x, dtype=torch.float64), time_axis=True)
    before = [p.detach().clone() for p in module.parameters()]
    assert_mixer_matches(mixed, agents=2, actions=2, states=STATES, reading="qmix", parameters=module)
    assert all((p == q).all() for p, q in zip(module.parameters(), before, strict=True))
    module.idle = torch.nn.Linear(2, 2)
    with pytest.raises(MixerViolation, match=r"parameter idle\.weight moves Q_tot in none"):
        assert_mixer_matches(mixed, agents=2, actions=2, states=STATES, reading="qmix", parameters=module)
