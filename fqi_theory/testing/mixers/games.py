"""Ask a mixing function for Q_tot of every joint action of a small game."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal, TypeAlias

import numpy as np

from fqi_theory.base.errors import DataError
from fqi_theory.base.scalars import Array

Mixer: TypeAlias = Callable[..., Any]
Input: TypeAlias = Literal["utilities", "states", "joint_actions", "maxima"]
Utilities: TypeAlias = tuple[tuple[float, ...], ...]
Actions: TypeAlias = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, eq=False)
class Game:
    """Utilities per agent with the action indices they belong to, a state row, and Q_tot over the joint actions."""

    utilities: Utilities
    actions: Actions
    state: Any
    table: Array


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of a batch: utilities, indices of actions and maxima (B, n), and states (B, ...) or None."""

    utilities: Array
    actions: Array
    maxima: Array
    states: Array | None

    def __len__(self) -> int:
        """Return B."""
        return len(self.utilities)

    def take(self, kept: Sequence[int]) -> "Rows":
        """Return some rows, in the order given."""
        at = np.array(kept, dtype=int)
        states = None if self.states is None else self.states[at]
        return Rows(self.utilities[at], self.actions[at], self.maxima[at], states)


def rows_of(utilities: Utilities, actions: Actions, state: Any) -> Rows:
    """Return a row for each joint action of a game, in row-major order."""
    joint = np.array(list(product(*[range(len(q)) for q in utilities])))
    size = len(joint)
    return Rows(
        np.stack([np.array(q)[joint[:, i]] for i, q in enumerate(utilities)], axis=1),
        np.stack([np.array(a)[joint[:, i]] for i, a in enumerate(actions)], axis=1),
        np.repeat(np.array([[max(q) for q in utilities]]), size, axis=0),
        None if state is None else np.repeat(np.asarray(state)[None], size, axis=0),
    )


def stacked(parts: Sequence[Rows]) -> Rows:
    """Return the rows of several games in one batch."""
    states = None if parts[0].states is None else np.concatenate([np.asarray(part.states) for part in parts])
    return Rows(
        np.concatenate([part.utilities for part in parts]),
        np.concatenate([part.actions for part in parts]),
        np.concatenate([part.maxima for part in parts]),
        states,
    )


@dataclass(frozen=True, eq=False)
class Caller:
    """A mixing function and what it is given, in order."""

    mixer: Mixer
    inputs: tuple[Input, ...]

    def whole_game(self, utilities: Utilities, state: Any) -> Game:
        """Ask for the game of all actions of every agent."""
        return self.game(utilities, tuple(tuple(range(len(q))) for q in utilities), state)

    def game(self, utilities: Utilities, actions: Actions, state: Any) -> Game:
        """Ask the mixer for every joint action at once."""
        answer = self.ask(rows_of(utilities, actions, state))
        return Game(utilities, actions, state, answer.reshape([len(q) for q in utilities]))

    def given(self, rows: Rows) -> list[Array]:
        """Return the arrays that the mixer is called with."""
        arrays = {"utilities": rows.utilities, "joint_actions": rows.actions, "maxima": rows.maxima}
        return [np.asarray(rows.states if key == "states" else arrays[key]) for key in self.inputs]

    def ask(self, rows: Rows) -> Array:
        """Return Q_tot of every row, (B,); raises DataError for an answer of another shape or kind."""
        size = len(rows)
        answer = np.asarray(self.mixer(*self.given(rows)))
        if answer.dtype.kind not in "fiub":
            raise DataError(f"mixer: expected an answer of real numbers, found {answer.dtype}")
        if answer.shape not in ((size,), (size, 1)):
            hint = "; a time axis is taken out by array_mixer(..., time_axis=True)" if answer.ndim == 3 else ""
            raise DataError(f"mixer: expected an answer of shape ({size},) or ({size}, 1), found {answer.shape}{hint}")
        return answer.reshape(size)

    def replay(self, rows: Rows) -> str:
        """Return a line of Python that asks the mixer for these rows again."""
        texts = [f"np.array({array.tolist()!r})" for array in self.given(rows)]
        return f"mixer({', '.join(texts)})"


def array_mixer(module: Callable[..., Any], tensor: Callable[[Array], Any], *, time_axis: bool = False) -> Mixer:
    """Return a mixer on NumPy arrays from a module on tensors: every input through `tensor`, the answer detached.

    time_axis: the module takes (B, T, ...) and returns (B, T, 1), as those of PyMARL and EPyMARL do; T = 1 is put in
    and taken out. For PyTorch: ``array_mixer(module, lambda x: torch.as_tensor(x, dtype=torch.float64))`` with
    ``module.double()``.
    """

    def mixer(*arrays: Array) -> Array:
        answer = module(*[tensor(array[:, None] if time_axis else array) for array in arrays])
        found = np.asarray(_numpy(answer.detach().cpu()) if hasattr(answer, "detach") else answer)
        if time_axis and found.ndim >= 2 and found.shape[1] == 1:
            return found[:, 0]
        return found

    return mixer


def _numpy(tensor: Any) -> Any:
    """Return a tensor as an array; number types that NumPy lacks (bfloat16) as float32."""
    try:
        return tensor.numpy()
    except TypeError:
        return tensor.float().numpy()
