"""What follows a joint action in an environment: outcomes, made exact, repeated successors summed."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isnan
from typing import Any, TypeAlias

import numpy as np
from flint import fmpq

from fqi_theory.base.counts import whole
from fqi_theory.base.errors import FqiTheoryError, ModelError
from fqi_theory.base.rounding import rational, rounding_step, simple_probability
from fqi_theory.base.texts import number
from fqi_theory.model.environments.foreign import called

State: TypeAlias = Hashable
Joint: TypeAlias = tuple[int, ...]
#: The state that every terminated transition leads to: absorbing, reward 0.
TERMINAL = "terminal"


@dataclass(frozen=True)
class Exactness:
    """How floats become exact. rounding, for rewards: see `base.rounding.rational`; denominator, for probabilities."""

    rounding: str | None = None
    denominator: int | None = None


class _Terminal:
    """The key of the terminal state: equal to no state of an environment."""


END = _Terminal()


@dataclass(frozen=True)
class Row:
    """What follows one joint action: the expected reward, and the probability of each successor."""

    reward: fmpq
    successors: Mapping[State, fmpq]


class Named(tuple[tuple[Any, Any], ...]):
    """What a mapping is as a key: pairs of names and values, as a tuple; only its name differs from a tuple's."""

    __slots__ = ()


def key(state: Any) -> State:
    """Return a state as something hashable: arrays and lists as tuples, dictionaries as tuples of pairs."""
    try:
        return _key(state)
    except RecursionError:  # a list that holds itself, or hundreds in each other
        raise ModelError(
            f"state: expected fewer lists in each other, found a {type(state).__name__} too deep"
        ) from None


def _key(state: Any) -> State:
    if isinstance(state, np.ndarray):
        return _key(state.tolist())
    if isinstance(state, np.generic):
        return _key(state.item())
    if isinstance(state, Mapping):
        return Named((_key(name), _key(value)) for name, value in state.items())
    if isinstance(state, list | tuple):
        return tuple(_key(part) for part in state)
    if not isinstance(state, Hashable):
        raise ModelError(f"state {state!r}: expected something hashable, such as a string, a number or a tuple")
    if state.is_nan() if isinstance(state, Decimal) else isinstance(state, float) and isnan(state):
        raise ModelError(f"state {state!r}: expected something that equals itself")
    return state


def name(state: State) -> str:
    """Return the name of a state: tuples without their brackets, ``0,1``; mappings as ``red=(0,1) blue=2``.

    A mapping whose values are all the same, such as observations of agents that see everything, is named by the value.
    """
    if isinstance(state, Named) and state:
        values = [value for _, value in state]
        if len(values) > 1 and all(value == values[0] for value in values):
            return name(values[0])
        return " ".join(f"{name(one)}={_part(value)}" for one, value in state)
    if isinstance(state, _Terminal):
        return TERMINAL
    if isinstance(state, tuple):
        return ",".join(map(_part, state))
    return str(state)


def names(states: Iterable[State]) -> list[str]:
    """Return the names of different states; where some would be the same, these are numbered: ``1 #1``, ``1 #2``."""
    plain = [name(state) for state in states]
    count = Counter(plain)
    seen, found = Counter[str](), list[str]()
    for text in plain:
        seen[text] += 1
        found.append(text if count[text] == 1 else f"{text} #{seen[text]}")
    return found if len(set(found)) == len(found) else [f"{text} #{k}" for k, text in enumerate(plain)]


def _part(state: State) -> str:
    return f"({name(state)})" if isinstance(state, tuple) else name(state)


def row(outcomes: Iterable[Sequence[Any]], exactness: Exactness, place: Callable[[], str]) -> Row:
    """Return the row of outcomes (p, reward, next state, terminated).

    Repeated successors are summed, terminated outcomes lead to the terminal state whatever their next state. Raises
    ModelError, naming the place, where the probabilities do not sum to exactly 1.
    """
    reward, successors = fmpq(0), dict[State, fmpq]()
    try:
        for p, own, following, terminated in outcomes:
            weight = simple_probability(p, exactness.denominator, exactness.rounding)
            if weight < 0:
                raise ModelError(f"expected probabilities >= 0, found {p}")
            target = END if terminated else key(following)
            reward += weight * rational(own, exactness.rounding)
            successors[target] = successors.get(target, fmpq(0)) + weight
    except FqiTheoryError as error:
        raise type(error)(f"{place()}: {error}") from None
    total = sum(successors.values(), fmpq(0))
    if total != 1:
        raise ModelError(f"{place()}: expected probabilities that sum to exactly 1, found {number(total)}")
    return Row(reward, {state: p for state, p in successors.items() if p != 0})


def counted(found: Sequence[tuple[Any, State, bool]], exactness: Exactness, place: Callable[[], str]) -> Row:
    """Return the row of equally likely samples (reward, next state, terminated)."""
    share = fmpq(1, len(found))
    return row([(share, *one) for one in found], exactness, place)


def common_reward(given: Mapping[Any, Any], how: Any) -> Any:
    """Return the one reward of all agents; how: "common" (all equal), "sum", or a function of the dictionary.

    Raises ModelError where they differ, and where the function raises.
    """
    if callable(how):
        return called("the function `reward`", lambda: f"rewards {dict(given)}", how, given)
    values = list(given.values())
    if how == "sum":
        return sum(values)
    if any(value != values[0] for value in values):
        raise ModelError(
            f'agents receive different rewards {dict(given)}; a cooperative model has one: reward="sum", or a function'
        )
    return values[0]


def require_rounding(exactness: Exactness) -> None:
    """Raise NumberError for a rounding that is no step, DataError for a denominator that is no whole number from 1."""
    rounding = exactness.rounding
    if rounding is not None and not (isinstance(rounding, str) and rounding == "bits"):
        rounding_step(rounding)
    if exactness.denominator is not None:
        whole(exactness.denominator, "denominator", 1)
