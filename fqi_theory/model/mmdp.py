"""Fully observed cooperative multi-agent MDPs (MMDP), theory notes, section 1.

An MMDP has agents 1..n, finite states S, finite action sets A_i (sizes may differ), joint actions a = (a_1..a_n), a
reward r(s,a), transitions P(s'|s,a), a discount γ and, optionally, a start distribution. Its numbers are all exact
rationals, all float64, or symbolic; the three are never mixed silently.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.arguments import named, require_number, require_text
from fqi_theory.base.drawing import face
from fqi_theory.base.errors import ModelError
from fqi_theory.base.limits import bytes_of
from fqi_theory.base.scalars import Array, Field, Scalar
from fqi_theory.model import available as av
from fqi_theory.model.labels import given_names, require_names
from fqi_theory.model.parts import as_start, as_transition, common_field, frozen, require_reading
from fqi_theory.model.transitions import DeterministicTransition, Transition
from fqi_theory.model.validity import require_numbers


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
        kernel = as_transition(transition, values.shape)
        state_names, action_names = given_names(states, actions)
        told = states is not None or actions is not None or isinstance(transition, Transition)
        require_reading(values.shape, agents, told or not isinstance(kernel, DeterministicTransition))
        field = common_field(values, kernel, discount)
        default = tuple(tuple(f"a{k}" for k in range(count)) for count in values.shape[1:])
        found = {
            "reward": frozen(scalars.as_field(values, field)),
            "transition": kernel if kernel.field == field else kernel.to_field(field),
            "discount": scalars.scalar(discount, field),
            "states": state_names or tuple(f"s{s}" for s in range(values.shape[0])),
            "actions": action_names or default,
            "start": None if start is None else as_start(start, field),
            "available": None,
            "name": name,
            "source": source,
            "field": field,
        }
        for key, value in found.items():
            object.__setattr__(self, key, value)
        require_names(self.states, self.actions, self.reward.shape)
        if field != "symbolic":
            require_numbers(self.reward, self.transition, self.discount, self.start, self.place)
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
        size = f"{self.n_states} states, {' x '.join(map(str, self.action_counts))} joint actions"
        masked = "" if self.available is None else ", some not available"
        return f"MMDP({self.name!r}, {size}{masked}, discount {self.discount}, {self.field})"

    def _repr_html_(self) -> str:
        return face("model", self)
