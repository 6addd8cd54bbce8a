"""What follows a joint action in an environment: outcomes, made exact, repeated successors summed."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from flint import fmpq

from fqi_theory.base.errors import FqiTheoryError, ModelError, NumberError
from fqi_theory.base.rounding import rational, simple_probability

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


def key(state: Any) -> State:
    """Return a state as something hashable: arrays and lists as tuples, dictionaries as tuples of pairs."""
    if isinstance(state, np.ndarray):
        return key(state.tolist())
    if isinstance(state, np.generic):
        return key(state.item())
    if isinstance(state, Mapping):
        return tuple((key(name), key(value)) for name, value in state.items())
    if isinstance(state, list | tuple):
        return tuple(key(part) for part in state)
    if not isinstance(state, Hashable):
        raise ModelError(f"state {state!r}: expected something hashable, such as a string, a number or a tuple")
    return state


def name(state: State) -> str:
    """Return the name of a state: tuples without their brackets, ``0,1``."""
    if isinstance(state, _Terminal):
        return TERMINAL
    if isinstance(state, tuple):
        return ",".join(name(part) if not isinstance(part, tuple) else f"({name(part)})" for part in state)
    return str(state)


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
        raise ModelError(f"{place()}: expected probabilities that sum to exactly 1, found {_short(total)}")
    return Row(reward, {state: p for state, p in successors.items() if p != 0})


def counted(found: Sequence[tuple[Any, State, bool]], exactness: Exactness, place: Callable[[], str]) -> Row:
    """Return the row of equally likely samples (reward, next state, terminated)."""
    share = fmpq(1, len(found))
    return row([(share, *one) for one in found], exactness, place)


def common_reward(given: Mapping[Any, Any], how: Any) -> Any:
    """Return the one reward of all agents; how: "common" (all equal), "sum", or a function of the dictionary."""
    if callable(how):
        return how(given)
    values = list(given.values())
    if how == "sum":
        return sum(values)
    if how != "common":
        raise ModelError(f"reward: expected common, sum or a function, found {how!r}")
    if any(value != values[0] for value in values):
        raise ModelError(
            f'agents receive different rewards {dict(given)}; a cooperative model has one: reward="sum", or a function'
        )
    return values[0]


def _short(total: fmpq) -> str:
    text = str(total)
    return text if len(text) <= 24 else f"{float(total)!r} (rounded)"


def require_rounding(exactness: Exactness) -> None:
    """Raise NumberError for a rounding that is no step, before an environment is explored."""
    if exactness.rounding not in (None, "bits"):
        rational(0.5, exactness.rounding)
    if exactness.denominator is not None and exactness.denominator < 1:
        raise NumberError(f"denominator: expected at least 1, found {exactness.denominator}")
