"""Remedies as models: FQI with another backup, shrunk advantages or damping is plain FQI of another model (ours).

Every class here holds the constants and its fit keeps them, so that with p the data, r_p and P_p rewards and
transitions averaged over p at each state:
- Q = mean + θ (fit - mean), which has the values of backing up θ·max + (1-θ)·mean: r' = θ r + (1-θ) r_p and
  P' = θ P + (1-θ) P_p;
- h-step returns on the data: r' = r + γ P (r_p + γ P_p r_p + ... h-1 terms), P' = P P_p^(h-1), γ' = γ^h;
- V <- (1-α) V + α F(V): r' = α r, γ' = 1 - α + αγ, P' = ((1-α) 1{s' = s} + αγ P)/γ'.
The values and greedy actions of the run are those of the plain run of the new model from the same start, so that
`decide` and its certificates speak of them; V*, losses and policy values are those of the new model, not of the old
one. The first two need fixed data; damping takes any.
"""

from dataclasses import dataclass
from os import PathLike

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.errors import DataError, NumberError
from fqi_theory.base.limits import bytes_each, require_memory
from fqi_theory.base.scalars import Array, Scalar
from fqi_theory.data.sources import DataSource, as_source
from fqi_theory.model.mmdp import MMDP
from fqi_theory.model.named import as_model


def shrunk(model: MMDP | str | PathLike[str], share: Scalar, data: DataSource | None = None) -> MMDP:
    """Return the model whose plain run is the run with advantages times θ = share, 0 <= θ <= 1, under fixed data.

    Its values are also those of backing up θ·max + (1-θ)·mean over the data. Theory notes, section 15.
    """
    model = as_model(model)
    theta = _in_unit_interval(share, model, "shrink")
    reward, kernel, mean = _averages(model, data)
    rewards = theta * model.reward + _level((1 - theta) * reward, model)
    rows = theta * mean + (1 - theta) * kernel[:, None, :]
    return _changed(model, rewards, rows, model.discount, f"advantages times {share}")


def multi_step(model: MMDP | str | PathLike[str], steps: int, data: DataSource | None = None) -> MMDP:
    """Return the model whose plain run is the run with h-step returns on fixed data, h = steps >= 1.

    A step from (s,a), h - 1 more with the data's own actions, then the maximum. Theory notes, section 15.
    """
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 1:
        raise NumberError(f"steps: expected a whole number of at least 1, found {steps!r}")
    model = as_model(model)
    reward, kernel, rows = _averages(model, data)
    gained = scalars.zeros(reward.shape, model.field)
    for _ in range(steps - 1):
        gained = reward + model.discount * (kernel @ gained)
        rows = rows @ kernel
    return _changed(model, model.backup(gained), rows, model.discount**steps, f"{steps}-step returns")


def damped(model: MMDP | str | PathLike[str], rate: Scalar) -> MMDP:
    """Return the model whose plain run is V <- (1-α) V + α F(V), 0 < α = rate <= 1, under any data."""
    model = as_model(model)
    alpha = _in_unit_interval(rate, model, "damping")
    if alpha == 0:
        raise NumberError("damping: expected a rate above 0, which moves the values at all, found 0")
    if alpha == 1:
        return model
    kept, discount = 1 - alpha, 1 - alpha + alpha * model.discount
    rows = _rows(model) * (alpha * model.discount / discount)
    states = np.arange(model.n_states)
    rows[states, :, states] += kept / discount
    return _changed(model, alpha * model.reward, rows, discount, f"damped by {rate}")


@dataclass(frozen=True)
class Remedy:
    """What is changed in a run: share: θ (1: nothing). steps: h (1: nothing). damping: α (1: nothing)."""

    share: Scalar = 1
    steps: int = 1
    damping: Scalar = 1

    def apply(self, model: MMDP, data: DataSource | None = None) -> MMDP:
        """Return the model whose plain run is the run with this remedy: returns first, then shrinking, then damping."""
        found = multi_step(model, self.steps, data) if self.steps != 1 else model
        found = shrunk(found, self.share, data) if self.share != 1 else found
        return damped(found, self.damping) if self.damping != 1 else found


def _averages(model: MMDP, data: DataSource | None) -> tuple[Array, Array, Array]:
    """Return r_p (S,), P_p (S, S) and P (S, |A|, S); raises DataError for on-policy data."""
    source = as_source(data, model)
    if source.on_policy:
        raise DataError("data: this remedy is a change of the model under fixed data only, found on-policy data")
    weights = source.at(model, np.zeros((model.n_states, model.n_agents), dtype=int)).joint()
    p, rows = weights.reshape(model.n_states, 1, -1), _rows(model)
    reward = (p @ model.reward.reshape(model.n_states, -1, 1))[:, 0, 0]
    return reward, (p @ rows)[:, 0, :], rows


def _rows(model: MMDP) -> Array:
    shape = (model.n_states, int(np.prod(model.action_counts)), model.n_states)
    require_memory("transitions of a remedy", shape, 3 * bytes_each(model.field))
    return model.transition.dense().reshape(shape).copy()


def _level(values: Array, model: MMDP) -> Array:
    return np.asarray(values.reshape(-1, *(1,) * model.n_agents))


def _in_unit_interval(value: Scalar, model: MMDP, what: str) -> Scalar:
    if model.field == "symbolic":
        raise NumberError(f"{what}: expected an exact or a float model, found a symbolic one")
    number = scalars.scalar(scalars.exact(value), model.field)
    if not 0 <= number <= 1:
        raise NumberError(f"{what}: expected a number in [0, 1], found {value}")
    return number


def _changed(model: MMDP, reward: Array, rows: Array, discount: Scalar, what: str) -> MMDP:
    transition = rows.reshape(*model.reward.shape, model.n_states)
    made = MMDP(
        reward,
        transition,
        discount,
        states=model.states,
        actions=model.actions,
        start=model.start,
        name=f"{model.name}, {what}",
        source=model.source,
    )
    return made if model.available is None else made.with_available(model.available)
