"""Ask a mixing function for Q_tot of every joint action of a small game."""

from collections.abc import Callable
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
class Caller:
    """A mixing function and what it is given, in order."""

    mixer: Mixer
    inputs: tuple[Input, ...]

    def whole_game(self, utilities: Utilities, state: Any) -> Game:
        """Ask for the game of all actions of every agent."""
        return self.game(utilities, tuple(tuple(range(len(q))) for q in utilities), state)

    def game(self, utilities: Utilities, actions: Actions, state: Any) -> Game:
        """Ask the mixer for every joint action at once."""
        joint = np.array(list(product(*[range(len(q)) for q in utilities])))
        size = joint.shape[0]
        chosen = np.stack([np.array(q)[joint[:, i]] for i, q in enumerate(utilities)], axis=1)
        given = {
            "utilities": lambda: chosen,
            "states": lambda: np.repeat(np.asarray(state)[None], size, axis=0),
            "joint_actions": lambda: np.stack([np.array(a)[joint[:, i]] for i, a in enumerate(actions)], axis=1),
            "maxima": lambda: np.repeat(np.array([[max(q) for q in utilities]]), size, axis=0),
        }
        answer = np.asarray(self.mixer(*[given[key]() for key in self.inputs]))
        if answer.dtype.kind not in "fiub":
            raise DataError(f"mixer: expected an answer of real numbers, found {answer.dtype}")
        if answer.shape not in ((size,), (size, 1)):
            hint = "; a time axis is taken out by array_mixer(..., time_axis=True)" if answer.ndim == 3 else ""
            raise DataError(f"mixer: expected an answer of shape ({size},) or ({size}, 1), found {answer.shape}{hint}")
        return Game(utilities, actions, state, answer.reshape([len(q) for q in utilities]))


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
