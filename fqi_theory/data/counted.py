"""From a data set of transitions (s, a, r, s') to the empirical model it stands for, by counting.

With N(s,a) the number of transitions from s under the joint action a, and N(s) = Σ_a N(s,a):
    r(s,a) = mean of the observed rewards,    P(s'|s,a) = N(s,a,s') / N(s,a),    p_D(a|s) = N(s,a) / N(s).
FQI on the data set itself (squared error summed over its transitions) is FQI on this model under these data.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np
from flint import fmpq

from fqi_theory.base import scalars
from fqi_theory.base.errors import DataError, NumberError
from fqi_theory.base.limits import require_memory
from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import Correlated, correlated
from fqi_theory.model.mmdp import MMDP
from fqi_theory.model.transitions import SparseTransition

Place: TypeAlias = tuple[int, ...]
Numbers: TypeAlias = Literal["exact", "float"]


@dataclass(frozen=True, eq=False)
class EmpiricalModel:
    """The model and the data distribution of a data set; counts: N(s,a), integers (S, A_1, ..., A_n)."""

    model: MMDP
    data: Correlated
    counts: Array


@dataclass
class _Cell:
    rewards: list[fmpq] = field(default_factory=list)
    successors: dict[int, int] = field(default_factory=dict)


def from_transitions(
    transitions: Iterable[Sequence[Any]],
    *,
    states: int | Sequence[str],
    actions: Sequence[int | Sequence[str]],
    discount: Any,
    unvisited: Literal["refuse", "absorb"] = "refuse",
    numbers: Numbers = "exact",
    name: str = "empirical",
) -> EmpiricalModel:
    """Return the empirical model and data of transitions (s, (a_1, ..., a_n), r, s').

    states: |S| or names; actions: per agent |A_i| or names. States and actions of a transition are indices or names.
    numbers: "exact" refuses float rewards and a float discount (convert them with `from_float`, by name); "float"
    rounds every number of the model to float64, once.
    unvisited: what happens where nothing was observed. "refuse" raises DataError naming the first place. "absorb" gives
    an unvisited (s, a) reward 0, a self-loop and weight 0, and a state that was never left uniform weights.
    Raises DataError, naming the transition, for anything that is not a transition of this shape.
    """
    state_names = _names(states, "s")
    action_names = tuple(_names(given, "a") for given in actions)
    shape = (len(state_names), *map(len, action_names))
    require_memory("table of counts and rewards", shape, 64)
    cells = _count(transitions, _indices(state_names), [_indices(names) for names in action_names], numbers)
    counts = np.zeros(shape, dtype=np.int64)
    for place, cell in cells.items():
        counts[place] = len(cell.rewards)
    missing = np.argwhere(counts == 0)
    if missing.size and unvisited == "refuse":
        state, *action = map(int, missing[0])
        named = ", ".join(names[a] for names, a in zip(action_names, action, strict=True))
        raise DataError(
            f"state {state_names[state]}, joint action ({named}): no transition was observed, as for {len(missing)} of "
            f'{counts.size} in all; unvisited="absorb" makes them self-loops with reward 0 and weight 0'
        )
    rate = scalars.exact(discount) if numbers == "exact" else float(scalars.to_float(discount))
    reward, kernel = _tables(cells, shape, numbers)
    model = MMDP(reward, kernel, rate, states=state_names, actions=action_names, name=name)
    return EmpiricalModel(model, correlated(_weights(counts, numbers)), _read_only(counts))


def _count(
    transitions: Iterable[Sequence[Any]],
    states: Mapping[Any, int],
    actions: Sequence[Mapping[Any, int]],
    numbers: Numbers,
) -> dict[Place, _Cell]:
    cells: dict[Place, _Cell] = {}
    for k, found in enumerate(transitions):
        where = f"transition {k}"
        if len(found) != 4:
            raise DataError(f"{where}: expected (state, joint action, reward, next state), found {len(found)} entries")
        state, joint, reward, successor = found
        chosen = [joint] if isinstance(joint, str) or not isinstance(joint, Iterable) else list(joint)
        if len(chosen) != len(actions):
            raise DataError(f"{where}: expected one action for each of {len(actions)} agents, found {joint!r}")
        own = [_index(chosen[i], known, f"{where}: action of agent {i + 1}") for i, known in enumerate(actions)]
        place = (_index(state, states, f"{where}: state"), *own)
        cell = cells.setdefault(place, _Cell())
        cell.rewards.append(_reward(reward, numbers, where))
        target = _index(successor, states, f"{where}: next state")
        cell.successors[target] = cell.successors.get(target, 0) + 1
    return cells


def _tables(cells: Mapping[Place, _Cell], shape: Place, numbers: Numbers) -> tuple[Array, SparseTransition]:
    reward = scalars.zeros(shape, "exact")
    sizes, successors, shares = [], [], []
    for place in np.ndindex(*shape):
        cell = cells.get(place)
        row = sorted(cell.successors.items()) if cell else [(place[0], 1)]
        total = sum(count for _, count in row)
        if cell:
            reward[place] = sum(cell.rewards, fmpq(0)) / total
        sizes.append(len(row))
        successors += [successor for successor, _ in row]
        shares += [fmpq(count, total) for _, count in row]
    indptr = np.concatenate([[0], np.cumsum(sizes)])
    probabilities = scalars.as_field(scalars.exact_array(shares), numbers)
    return scalars.as_field(reward, numbers), SparseTransition(
        shape, shape[0], indptr, np.array(successors), probabilities, numbers
    )


def _weights(counts: Array, numbers: Numbers) -> Array:
    flat = counts.reshape(counts.shape[0], -1).copy()
    flat[flat.sum(axis=1) == 0] = 1
    weights = scalars.exact_array(flat) / scalars.exact_array(flat.sum(axis=1, keepdims=True))
    return scalars.as_field(weights.reshape(counts.shape), numbers)


def _reward(value: Any, numbers: Numbers, where: str) -> fmpq:
    """Return a reward exactly, so that a float mean is rounded once, at the end."""
    try:
        is_float = numbers == "float" and isinstance(value, float | np.floating)
        return scalars.from_float(float(value)) if is_float else scalars.exact(value)
    except NumberError as error:
        raise DataError(f"{where}: reward: {error}") from None


def _names(given: int | Sequence[str], letter: str) -> tuple[str, ...]:
    return tuple(f"{letter}{k}" for k in range(given)) if isinstance(given, int) else tuple(given)


def _indices(names: Sequence[str]) -> dict[Any, int]:
    return {**{k: k for k in range(len(names))}, **{name: k for k, name in enumerate(names)}}


def _index(value: Any, known: Mapping[Any, int], what: str) -> int:
    found = known.get(value) if isinstance(value, str | int | np.integer) and not isinstance(value, bool) else None
    if found is None:
        names = [str(name) for name in known if isinstance(name, str)]
        raise DataError(f"{what}: expected an index below {len(names)} or one of {', '.join(names)}, found {value!r}")
    return found


def _read_only(array: Array) -> Array:
    array.setflags(write=False)
    return array
