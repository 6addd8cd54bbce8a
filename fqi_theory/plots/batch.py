"""Many float runs of linear FQI at once, labelled by what they seem to do: for pictures, never a certificate."""

from dataclasses import dataclass

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import DataSource
from fqi_theory.model.mmdp import MMDP
from fqi_theory.operators.value_space import ValueOperator, collapse

LABELS = ("converges", "cycles", "diverges", "unknown")
LONGEST_PERIOD = 12
SETTLED = 1e-9
FAR = 1e6


@dataclass(frozen=True, eq=False)
class Batch:
    """What N runs came to: values (N, S), shape (N, S): values less their first state's, labels (N,) of LABELS."""

    values: Array
    shape: Array
    labels: Array


def simulate(model: MMDP, source: DataSource, starts: Array, discounts: Array | None = None, steps: int = 300) -> Batch:
    """Run `steps` iterations from every start (N, S), all first actions greedy; discounts: (N,) or the model's.

    Labels look at V modulo constants: "converges" where the last step moved it less than 1e-9 (relative to 1 + |V|),
    "cycles" where it repeats after at most 12 steps, "diverges" beyond 1e6 times the scale of rewards and start, else
    "unknown".
    """
    runs = _Runs(model, source)
    values = np.array(starts, dtype=np.float64)
    gammas = np.full(len(values), runs.model.discount) if discounts is None else np.asarray(discounts, dtype=np.float64)
    scale = 1 + np.abs(runs.model.reward).max() + np.abs(_shape(values)).max()
    greedy = np.zeros((len(values), model.n_states, model.n_agents), dtype=int)
    past: list[Array] = []
    far = np.zeros(len(values), dtype=bool)
    for _ in range(steps):
        past = [*past[-LONGEST_PERIOD:], _shape(values)]
        values, greedy = runs.step(values, greedy, gammas)
        far |= np.abs(_shape(values)).max(axis=1) > FAR * scale
        values[far] = np.clip(values[far], -1e200, 1e200)
    return Batch(values, _shape(values), _labels(_shape(values), past, far))


class _Runs:
    """The step of many runs; remembers F for each greedy policy that the data were collected under."""

    def __init__(self, model: MMDP, source: DataSource) -> None:
        self.model = model if model.field == "float" else model.to_float()
        self.source = source
        self.operators: dict[bytes, ValueOperator] = {}

    def step(self, values: Array, greedy: Array, gammas: Array) -> tuple[Array, Array]:
        """Return the next values (N, S) and greedy actions (N, S, n)."""
        if not self.source.on_policy:
            return _step(self._operator(greedy[0]), values, gammas)
        following, chosen = np.empty_like(values), np.empty_like(greedy)
        policies, group = np.unique(greedy.reshape(len(greedy), -1), axis=0, return_inverse=True)
        for k, policy in enumerate(policies):
            here = np.flatnonzero(group.reshape(-1) == k)
            operator = self._operator(policy.reshape(greedy.shape[1:]))
            following[here], chosen[here] = _step(operator, values[here], gammas[here])
        return following, chosen

    def _operator(self, policy: Array) -> ValueOperator:
        key = policy.tobytes()
        if key not in self.operators:
            self.operators[key] = collapse(self.model, self.source.at(self.model, policy))
        return self.operators[key]


def _step(operator: ValueOperator, values: Array, gammas: Array) -> tuple[Array, Array]:
    tables = [
        rewards + gammas[:, None, None] * np.einsum("sat,nt->nsa", kernel, values)
        for rewards, kernel in zip(operator.rewards, operator.transitions, strict=True)
    ]
    return np.asarray(sum(table.max(axis=2) for table in tables)), np.stack([t.argmax(axis=2) for t in tables], axis=-1)


def _shape(values: Array) -> Array:
    return values - values[:, :1]


def _labels(last: Array, past: list[Array], far: Array) -> Array:
    slack = SETTLED * (1 + np.abs(last).max(axis=1))
    labels = np.full(len(last), "unknown", dtype="<U10")
    for period in range(len(past), 0, -1):
        back = np.abs(last - past[-period]).max(axis=1) < slack
        labels[back] = "converges" if period == 1 else "cycles"
    labels[far] = "diverges"
    return labels


def grid(first: Array, second: Array) -> Array:
    """Return all pairs, (|second|·|first|, 2): rows of a picture from the bottom, columns from the left."""
    x, y = np.meshgrid(scalars.to_float(first), scalars.to_float(second))
    return np.column_stack([x.reshape(-1), y.reshape(-1)])
