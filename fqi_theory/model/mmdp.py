"""Fully observed cooperative multi-agent MDPs (MMDP), theory notes, section 1.

An MMDP has agents 1..n, finite states S, finite action sets A_i (sizes may differ), joint actions a = (a_1..a_n), a
reward r(s,a), transitions P(s'|s,a), a discount γ and, optionally, a start distribution. Its numbers are all exact
rationals, all float64, or symbolic; the three are never mixed silently.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.arguments import named, require_number, require_text
from fqi_theory.base.counts import whole
from fqi_theory.base.drawing import face
from fqi_theory.base.errors import ModelError, NumberError, ReadingWarning
from fqi_theory.base.limits import bytes_of
from fqi_theory.base.scalars import Array, Field, Scalar
from fqi_theory.model import available as av
from fqi_theory.model.labels import given_names, require_names
from fqi_theory.model.transitions import DenseTransition, DeterministicTransition, Transition

FLOAT_SUM_TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False, init=False)
class MMDP:
    """An immutable, validated MMDP.

    reward: (S, A_1, ..., A_n). transition: a `Transition`, or a tensor (S, A_1, ..., A_n, S) of probabilities, or
    integer successors (S, A_1, ..., A_n). discount: 0 <= γ <= 1 (iterating and solving need γ < 1). start: (S,) or
    None. states, actions: names; by default "s0", "s1", ... and "a0", "a1", ... for each agent. available: which
    actions each agent has in each state, None for all; the others must be copies (see `with_available`). agents: n,
    where it is to be checked. Raises ModelError or NumberError, naming state and joint action. Float rows may miss 1 by
    1e-9, exact rows by nothing. Rewards with two axes and successors of the same shape might be the payoff table of two
    agents: where neither names nor `agents` say that they are not, ReadingWarning says that they were read as one's.
    """

    reward: Array
    transition: Transition
    discount: Scalar
    states: tuple[str, ...]
    actions: tuple[tuple[str, ...], ...]
    start: Array | None
    available: av.Masks | None
    name: str
    source: str
    field: Field

    def __init__(
        self,
        reward: Any,
        transition: Any,
        discount: Any,
        *,
        states: Sequence[str] | None = None,
        actions: Sequence[Sequence[str]] | None = None,
        start: Any = None,
        available: Any = None,
        agents: int | None = None,
        name: str = "unnamed",
        source: str = "",
    ) -> None:
        require_text(name, "name")
        require_text(source, "source")
        require_number(discount, "discount")
        with named("reward"):
            values = scalars.as_array(reward)
        if values.ndim < 2 or 0 in values.shape:
            raise ModelError(f"reward: expected shape (S, A_1, ..., A_n), none of them 0, found {values.shape}")
        kernel = _as_transition(transition, values.shape)
        state_names, action_names = given_names(states, actions)
        told = states is not None or actions is not None or isinstance(transition, Transition)
        _require_reading(values.shape, agents, told or not isinstance(kernel, DeterministicTransition))
        field = _common_field(values, kernel, discount)
        default = tuple(tuple(f"a{k}" for k in range(count)) for count in values.shape[1:])
        found = {
            "reward": _frozen(scalars.as_field(values, field)),
            "transition": kernel if kernel.field == field else kernel.to_field(field),
            "discount": scalars.scalar(discount, field),
            "states": state_names or tuple(f"s{s}" for s in range(values.shape[0])),
            "actions": action_names or default,
            "start": None if start is None else _start(start, field),
            "available": None,
            "name": name,
            "source": source,
            "field": field,
        }
        for key, value in found.items():
            object.__setattr__(self, key, value)
        _validate(self)
        object.__setattr__(self, "available", av.as_masks(available, self.states, self.actions))
        if self.available is not None:
            av.require_copies(self.reward, self.transition, self.available, self.place)

    @property
    def n_states(self) -> int:
        """Return |S|."""
        return int(self.reward.shape[0])

    @property
    def n_agents(self) -> int:
        """Return n."""
        return self.reward.ndim - 1

    @property
    def action_counts(self) -> tuple[int, ...]:
        """Return (|A_1|, ..., |A_n|)."""
        return tuple(self.reward.shape[1:])

    @property
    def nbytes(self) -> int:
        """Return the bytes of the rewards and transitions that the model keeps."""
        return bytes_of(self.reward) + self.transition.nbytes

    def backup(self, values: Array) -> Array:
        """Return the targets y(s,a) = r(s,a) + γ Σ_s' P(s'|s,a) V(s'): (S,) to (S, A_1, ..., A_n)."""
        targets = self.transition.expect(values)
        targets *= self.discount
        targets += self.reward
        return targets

    def with_discount(self, discount: Any) -> "MMDP":
        """Return the same model at another discount."""
        return self._rebuild(discount=discount)

    def to_float(self) -> "MMDP":
        """Return the model with every number rounded to float64."""
        return self._rebuild(
            reward=scalars.to_float(self.reward),
            transition=self.transition.to_field("float"),
            discount=float(scalars.to_float(self.discount)),
            start=None if self.start is None else scalars.to_float(self.start),
        )

    def to_exact(self) -> "MMDP":
        """Return the model with every float taken as the rational it stands for, bit for bit; nothing is rounded.

        Raises ModelError, naming state and joint action, where the probabilities of a float row miss 1 by a rounding:
        give such a model as exact numbers from the start (0.1 ten times is no distribution, "0.1" ten times is one).
        """
        if self.field != "float":
            return self
        return self._rebuild(
            reward=scalars.from_float(self.reward),
            transition=self.transition.to_field("exact"),
            discount=scalars.from_float(self.discount),
            start=None if self.start is None else scalars.from_float(self.start),
        )

    def with_available(self, available: Any) -> "MMDP":
        """Return the model in which each agent has only some actions in each state.

        available: per agent a table (S, A_i) of entries 0 or 1, or {state: [names of the available actions of each
        agent]}, where states not named have all; None for the same numbers with every action available. An unavailable
        action takes the reward and the transitions of the available one that it stands for, the nearest earlier one or
        else the first, whatever numbers stood there; data, fits and results are those of available actions (theory
        notes, section 20). Raises ModelError where an agent has no action in a state.
        """
        masks = av.as_masks(available, self.states, self.actions)
        if masks is None:
            return self._rebuild(available=None)
        kernel = av.copied_kernel(self.transition, masks)
        return self._rebuild(reward=av.copied(self.reward, masks), transition=kernel, available=masks)

    def allows(self, state: int, joint_action: Sequence[int]) -> bool:
        """Tell whether a joint action is available: whether every agent has its action in a state."""
        return self.available is None or all(
            bool(own[state, a]) for own, a in zip(self.available, joint_action, strict=True)
        )

    def played(self, joint_actions: Array) -> Array:
        """Return the available joint actions that some stand for: (S, n) or (..., S, n), as they are where all are."""
        if self.available is None:
            return joint_actions
        return av.looked_up(av.stand_ins(self.available), np.asarray(joint_actions))

    def place(self, state: int, joint_action: Sequence[int] = ()) -> str:
        """Return the names of a state and a joint action, for messages: ``state s1, joint action (A, B)``."""
        action = f", joint action {self.joint_name(joint_action)}" if len(joint_action) else ""
        return f"state {self.states[state]}{action}"

    def joint_name(self, joint_action: Sequence[int]) -> str:
        """Return the names of a joint action: ``(A, B)``."""
        return f"({', '.join(self.actions[i][a] for i, a in enumerate(joint_action))})"

    def _rebuild(self, **changes: Any) -> "MMDP":
        keys = ("reward", "transition", "discount", "states", "actions", "start", "available", "name", "source")
        return MMDP(**{key: changes.get(key, getattr(self, key)) for key in keys})

    def __repr__(self) -> str:
        shape = " x ".join(map(str, self.action_counts))
        size = f"{self.n_states} states, {shape} joint actions"
        masked = "" if self.available is None else ", some not available"
        return f"MMDP({self.name!r}, {size}{masked}, discount {self.discount}, {self.field})"

    def _repr_html_(self) -> str:
        return face("model", self)


def require_discount_below_one(model: MMDP) -> None:
    """Raise ModelError unless γ < 1: with γ = 1 the iterations of this package have no bound to converge within."""
    if model.field != "symbolic" and not model.discount < 1:
        raise ModelError(
            f"model {model.name!r} has discount {model.discount}; this needs a discount below 1 (use --discount G, "
            "or with_discount)"
        )


def _require_reading(shape: tuple[int, ...], agents: int | None, clear: bool) -> None:
    """Raise ModelError where rewards have another number of agents; warn where they might be a payoff table."""
    states, *counts = shape
    if agents is not None and whole(agents, "agents", 1) != len(counts):
        hint = "; from_payoff(table) reads a payoff table" if agents == len(shape) else ""
        raise ModelError(
            f"reward: expected shape (S, {', '.join(f'A_{i + 1}' for i in range(agents))}) for {agents} agents, found "
            f"{shape}, which is {states} states and {len(counts)} agents{hint}"
        )
    if agents is None and not clear and len(counts) == 1 and min(shape) > 1:
        warnings.warn(
            f"reward of shape {shape} was read as {states} states and one agent with {counts[0]} actions (agents=1 "
            "says that this is meant); for a payoff table of two agents use from_payoff(table)",
            ReadingWarning,
            stacklevel=3,
        )


def _frozen(array: Array) -> Array:
    copy = array.copy()
    copy.setflags(write=False)
    return copy


def _start(start: Any, field: Field) -> Array:
    with named("start"):
        return _frozen(scalars.as_field(scalars.as_array(start), field))


def _as_transition(transition: Any, shape: tuple[int, ...]) -> Transition:
    if isinstance(transition, Transition):
        kernel = transition
    else:
        with named("transition"):
            array = scalars.nested_array(transition)
        if array.shape == shape and array.dtype.kind in "iu":
            kernel = DeterministicTransition(_frozen(array), shape[0])
        elif array.shape == (*shape, shape[0]):
            tensor = _frozen(scalars.as_array(array))
            kernel = DenseTransition(tensor, scalars.field_of(tensor))
        else:
            raise ModelError(
                f"transition: expected probabilities of shape {(*shape, shape[0])} or integer successors of shape "
                f"{shape}, found {array.dtype} of shape {array.shape}"
            )
    if kernel.shape != shape or kernel.states != shape[0]:
        raise ModelError(
            f"transition: expected (S, A_1, ..., A_n) = {shape}, found {kernel.shape} to {kernel.states} states"
        )
    kernel.check()
    return kernel


def _common_field(reward: Array, kernel: Transition, discount: Any) -> Field:
    found = {"reward": scalars.field_of(reward), "discount": scalars.field_of(discount)}
    if not isinstance(kernel, DeterministicTransition) or kernel.field == "float":
        found["transition"] = kernel.field
    if "symbolic" in found.values():
        return "symbolic"
    if len(set(found.values())) > 1:
        kinds = ", ".join(f"{key} is {field}" for key, field in found.items())
        alone = [key for key, field in found.items() if field == "float"] == ["discount"]
        hint = f': discount="{discount}" is exact' if alone else ""
        raise NumberError(f"number types are mixed ({kinds}); give all as exact numbers, or all as floats{hint}")
    return found["reward"]


def _validate(model: MMDP) -> None:
    require_names(model.states, model.actions, model.reward.shape)
    if model.field == "symbolic":
        return
    if not 0 <= model.discount <= 1:
        raise ModelError(f"discount: expected a number in [0, 1], found {model.discount}")
    if model.field == "float" and not np.isfinite(model.reward).all():
        place = tuple(map(int, np.argwhere(~np.isfinite(model.reward))[0]))
        found = model.reward[place]
        hint = scalars.INFINITE if np.isneginf(found) else ""
        raise NumberError(f"{model.place(place[0], place[1:])}: reward: expected a finite number, found {found}{hint}")
    if not isinstance(model.transition, DeterministicTransition):
        _validate_rows(model)
    if model.start is not None:
        if model.start.shape != (model.n_states,):
            raise ModelError(f"start: expected shape {(model.n_states,)}, found {model.start.shape}")
        check_distribution(model.start, "start")


def _validate_rows(model: MMDP) -> None:
    """Check all rows at once; look for the place only when something is wrong."""
    kernel = model.transition
    tolerance = FLOAT_SUM_TOLERANCE if model.field == "float" else 0
    sums = kernel.expect(scalars.full((kernel.states,), 1, model.field))
    if (kernel.entries() >= 0).all() and (abs(sums - 1) <= tolerance).all():
        return
    for index, row in kernel.rows():
        check_distribution(np.array(list(row.values())), f"transition at {model.place(index[0], index[1:])}")


def check_distribution(probabilities: Array, where: str) -> None:
    """Raise ModelError unless the numbers are >= 0 and sum to 1 (exactly; floats within 1e-9)."""
    for p in probabilities:
        if not p >= 0:
            raise ModelError(f"{where}: expected probabilities >= 0, found {p}")
    total = probabilities.sum() if len(probabilities) else 0
    tolerance = FLOAT_SUM_TOLERANCE if probabilities.dtype.kind == "f" else 0
    if abs(total - 1) > tolerance:
        raise ModelError(f"{where}: expected probabilities that sum to 1, found {total}")


def check_distributions(table: Array, where: Callable[[int], str]) -> None:
    """Raise ModelError unless every row of a table (K, m) is a distribution; where(k) names row k in the message."""
    tolerance = FLOAT_SUM_TOLERANCE if table.dtype.kind == "f" else 0
    if (table >= 0).all() and (abs(table.sum(axis=1) - 1) <= tolerance).all():
        return
    for k, row in enumerate(table):
        check_distribution(row, where(k))
