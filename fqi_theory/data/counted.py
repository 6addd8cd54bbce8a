"""From a data set of transitions (s, a, r, s') to the empirical model it stands for, by counting.

With N(s,a) the number of transitions from s under the joint action a, and N(s) = Σ_a N(s,a):
    r(s,a) = mean of the observed rewards,    P(s'|s,a) = N(s,a,s') / N(s,a),    p_D(a|s) = N(s,a) / N(s).
FQI on the data set itself (squared error summed over its transitions) is FQI on this model under these data.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np
from flint import fmpq

from fqi_theory.base import scalars
from fqi_theory.base.arguments import named, require_number, require_word
from fqi_theory.base.errors import DataError, FqiTheoryError, NumberError
from fqi_theory.base.limits import require_memory
from fqi_theory.base.rounding import rational
from fqi_theory.base.scalars import Array
from fqi_theory.data.axes import Axis, action_axes, any_terminated, place_name, state_axis
from fqi_theory.data.record import Record
from fqi_theory.data.recorded import records
from fqi_theory.data.recorded_masks import masks_of, require_allowed
from fqi_theory.data.sources import Correlated, correlated
from fqi_theory.model.available import joint_mask
from fqi_theory.model.environments.outcomes import Exactness, require_rounding
from fqi_theory.model.formats.files import PathLike, in_file
from fqi_theory.model.formats.kernels import require_agents
from fqi_theory.model.mmdp import MMDP
from fqi_theory.model.transitions import SparseTransition

Place: TypeAlias = tuple[int, ...]
Numbers: TypeAlias = Literal["exact", "float"]


@dataclass(frozen=True, eq=False, repr=False)
class EmpiricalModel:
    """The model and the data distribution of a data set; counts: N(s,a), integers (S, A_1, ..., A_n)."""

    model: MMDP
    data: Correlated
    counts: Array

    def __repr__(self) -> str:
        seen, shape = int((self.counts > 0).sum()), " x ".join(map(str, self.model.action_counts))
        masked = "" if self.model.available is None else ", some not available"
        return (
            f"EmpiricalModel({self.model.name!r}, {int(self.counts.sum())} transitions, {self.model.n_states} states, "
            f"{shape} joint actions{masked}, {seen} of {self.counts.size} places seen, {self.model.field})"
        )


@dataclass
class _Cell:
    rewards: list[fmpq] = field(default_factory=list)
    successors: dict[int, int] = field(default_factory=dict)


def from_transitions(
    transitions: Iterable[Sequence[Any]] | Mapping[str, Any] | PathLike,
    *,
    discount: Any,
    states: int | Sequence[Any] | None = None,
    actions: Sequence[int | Sequence[str]] | None = None,
    unvisited: Literal["refuse", "absorb"] = "refuse",
    available: Any = None,
    numbers: Numbers = "exact",
    rounding: str | None = None,
    name: str = "empirical",
) -> EmpiricalModel:
    """Return the empirical model and data of transitions (s, (a_1, ..., a_n), r, s'[, terminated[, truncated]]).

    transitions: tuples, arrays by name, or the path of an .npz, .csv or .parquet file (see `recorded`). states: |S|,
    or names, or what else states are (tuples), by default those that occur; actions: per agent |A_i| or names, by
    default those that occur. A terminated transition leads to the state "terminal", absorbing with reward 0 and uniform
    weights, whatever its s'; a truncated one goes to its s' like any other. rounding: how float rewards become exact,
    such as "1e-6" (see `rounding.rational`); numbers="float" rounds every number of the model to float64, once,
    instead.
    unvisited: what happens where nothing was observed. "refuse" raises DataError naming the first place. "absorb" gives
    an unvisited (s, a) reward 0, a self-loop and weight 0, and a state that was never left uniform weights.
    available: which actions each agent has in each state but "terminal", as for `MMDP.with_available`, where the
    transitions do not tell it themselves (`available` among arrays and columns); joint actions that are not available
    need no visits, and a transition that plays one is refused.
    Raises DataError, naming the transition, for anything that is not a transition of this shape.
    """
    require_word(unvisited, "unvisited", ("refuse", "absorb"))
    require_word(numbers, "numbers", ("exact", "float"))
    require_rounding(Exactness(rounding))
    rate = _rate(discount, numbers)
    found = list(records(transitions))
    try:
        known, own = state_axis(states, found), action_axes(actions, found)
        require_agents(len(own))
        require_memory("table of counts and rewards", _shape(known, own), 64)
        cells = _count(found, known, own, numbers, rounding)
        counts = _counts(cells, _shape(known, own))
        masks = masks_of(available, found, known, own)
        allowed = np.ones(counts.shape, dtype=bool) if masks is None else joint_mask(masks)
        require_allowed(counts, allowed, known, own)
        if unvisited == "refuse":
            _require_visits(np.where(allowed, counts, 1)[: len(counts) - any_terminated(found)], known, own)
        reward, kernel = _tables(cells, counts.shape, numbers)
        model = MMDP(reward, kernel, rate, states=known.names, actions=[axis.names for axis in own], name=name)
        model = model if masks is None else model.with_available(masks)
    except FqiTheoryError as error:
        raise (
            in_file(os.fspath(transitions), error) if isinstance(transitions, str | os.PathLike) else error
        ) from None
    return EmpiricalModel(model, correlated(_weights(counts, allowed, numbers)), counts)


def _rate(discount: Any, numbers: Numbers) -> Any:
    require_number(discount, "discount")
    with named("discount"):
        return scalars.exact(discount) if numbers == "exact" else float(scalars.to_float(discount))


def _shape(states: Axis, actions: Sequence[Axis]) -> Place:
    return (len(states.names), *(len(axis.names) for axis in actions))


def _counts(cells: Mapping[Place, _Cell], shape: Place) -> Array:
    counts = np.zeros(shape, dtype=np.int64)
    for place, cell in cells.items():
        counts[place] = len(cell.rewards)
    counts.setflags(write=False)
    return counts


def _require_visits(counts: Array, states: Axis, actions: Sequence[Axis]) -> None:
    missing = np.argwhere(counts == 0)
    if missing.size:
        raise DataError(
            f"{place_name(missing[0], states, actions)}: no transition was observed, as for {len(missing)} "
            f'of {counts.size} in all; unvisited="absorb" makes them self-loops with reward 0 and weight 0'
        )


def _count(
    found: Sequence[Record], states: Axis, actions: Sequence[Axis], numbers: Numbers, rounding: str | None
) -> dict[Place, _Cell]:
    cells: dict[Place, _Cell] = {}
    for one in found:
        if len(one.joint) != len(actions):
            raise DataError(f"{one.where}: expected one action for each of {len(actions)} agents, found {one.joint!r}")
        own = [axis.find(one.joint[i], f"{one.where}: action of agent {i + 1}") for i, axis in enumerate(actions)]
        place = (states.find(one.state, f"{one.where}: state"), *own)
        cell = cells.setdefault(place, _Cell())
        cell.rewards.append(_reward(one.reward, numbers, rounding, one.where))
        end = len(states.names) - 1
        target = end if one.terminated else states.find(one.successor, f"{one.where}: next state")
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


def _weights(counts: Array, allowed: Array, numbers: Numbers) -> Array:
    flat = counts.reshape(counts.shape[0], -1).copy()
    empty = flat.sum(axis=1) == 0
    flat[empty] = allowed.reshape(flat.shape)[empty]
    weights = scalars.exact_array(flat) / scalars.exact_array(flat.sum(axis=1, keepdims=True))
    return scalars.as_field(weights.reshape(counts.shape), numbers)


def _reward(value: Any, numbers: Numbers, rounding: str | None, where: str) -> fmpq:
    """Return a reward exactly, so that a float mean is rounded once, at the end."""
    try:
        is_float = numbers == "float" and isinstance(value, float | np.floating)
        return scalars.from_float(value) if is_float else rational(value, rounding)
    except NumberError as error:
        raise DataError(f"{where}: reward: {error}") from None
