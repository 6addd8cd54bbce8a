"""The three kinds of environment: a step function, a table of outcomes, and a parallel environment that is copied."""

import copy
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from flint import fmpq

from fqi_theory.base.errors import ModelError
from fqi_theory.base.rounding import simple_probability
from fqi_theory.model.environments.outcomes import Exactness, Joint, Row, State, common_reward, counted, key, name, row


def place(world: Any, state: State, joint: Joint) -> Callable[[], str]:
    """Return what names a state and a joint action in a message."""

    def text() -> str:
        names = ", ".join(own[a] for own, a in zip(world.actions, joint, strict=True))
        return f"state {name(state)}, joint action ({names})"

    return text


@dataclass(frozen=True)
class StepFunction:
    """step(state, joint action in names) gives (reward, next), (reward, next, terminated), or a list of outcomes.

    An outcome is (p, reward, next) or (p, reward, next, terminated).
    """

    step: Callable[[Any, tuple[Any, ...]], Any]
    actions: Sequence[Sequence[str]]
    given: Sequence[Sequence[Any]]
    start: Mapping[State, fmpq | None]
    exactness: Exactness

    def starts(self) -> Mapping[State, fmpq | None]:
        """Return the given start states."""
        return self.start

    def row(self, state: State, joint: Joint) -> Row:
        """Return what the function says."""
        where = place(self, state, joint)
        found = self.step(state, tuple(own[a] for own, a in zip(self.given, joint, strict=True)))
        outcomes = found if isinstance(found, list) else [(1, *found)] if isinstance(found, tuple) else None
        if outcomes is None or any(not isinstance(one, tuple) or len(one) not in (3, 4) for one in outcomes):
            raise ModelError(
                f"{where()}: the step function: expected (reward, next), (reward, next, terminated) or a list of "
                f"(p, reward, next[, terminated]), found {found!r}"
            )
        return row([(*one, False)[:4] for one in outcomes], self.exactness, where)

    def check(self) -> None:
        """Do nothing: a step function is taken at its word."""


@dataclass(frozen=True)
class Table:
    """P[s][k] = [(p, s', r, terminated)], with k = decode(joint action by index)."""

    table: Mapping[Any, Any]
    actions: Sequence[Sequence[str]]
    decode: Callable[[Joint], Any]
    start: Mapping[State, fmpq | None]
    exactness: Exactness

    def starts(self) -> Mapping[State, fmpq | None]:
        """Return the given start states."""
        return self.start

    def row(self, state: State, joint: Joint) -> Row:
        """Return the outcomes that the table lists."""
        where, number = place(self, state, joint), self.decode(joint)
        try:
            outcomes = self.table[state][number]
        except (KeyError, IndexError, TypeError):
            raise ModelError(f"{where()}: the table has no entry P[{state!r}][{number!r}]") from None
        return row([(p, r, following, done) for p, following, r, done in outcomes], self.exactness, where)

    def check(self) -> None:
        """Do nothing: a table is what it is."""


@dataclass
class Parallel:
    """A PettingZoo ParallelEnv: a state that is reached is kept as a copy, and every joint action is tried on copies.

    Each is tried twice, the second time with other random numbers, and at the end once more where its state was reached
    on a second way: what differs is no deterministic function of the state, and is refused (what these tries do not
    meet, they do not find). samples: how often each is
    tried instead, with other random numbers each time; the shares are the (empirical) probabilities.
    """

    env: Any
    actions: Sequence[Sequence[str]]
    read: Callable[[Any, Mapping[Any, Any]], Any]
    reward: Any
    samples: int | None
    exactness: Exactness
    kept: dict[State, list[Any]] = field(default_factory=dict)
    seen: dict[tuple[State, Joint], Any] = field(default_factory=dict)
    seeds: int = 0

    def starts(self) -> Mapping[State, fmpq | None]:
        """Return the state after a reset with seed 0."""
        env = _copied(self.env)
        observations, infos = env.reset(seed=0)
        state = self._keep(env, observations, infos)
        return {state: None if self.samples else fmpq(1)}

    def row(self, state: State, joint: Joint) -> Row:
        """Return what follows, tried on copies."""
        where, env = place(self, state, joint), self.kept[state][0]
        if self.samples is not None:
            return counted([self._try(env, joint, True, where) for _ in range(self.samples)], self.exactness, where)
        first = self._try(env, joint, False, where)
        self.seen[state, joint] = first
        self._compare(first, self._try(env, joint, True, where), where)
        return row([(1, *first)], self.exactness, where)

    def check(self) -> None:
        """Compare what follows on the second way to each state with what followed on the first."""
        for (state, joint), first in self.seen.items():
            for env in self.kept[state][1:]:
                where = place(self, state, joint)
                self._compare(first, self._try(env, joint, False, where), where)

    def _compare(self, first: Any, other: Any, where: Callable[[], str]) -> None:
        if other != first:
            raise ModelError(
                f"{where()}: tried twice, it led to reward {first[0]} in {name(first[1])} and to reward {other[0]} in "
                f"{name(other[1])}: the environment is random (samples=N counts), or the state that is read does not "
                "hold all that matters (state=FUNCTION reads another)"
            )

    def _try(self, env: Any, joint: Joint, reseed: bool, where: Callable[[], str]) -> tuple[Any, State, bool]:
        own = _copied(env)
        if reseed:
            self.seeds += 1
            _reseed(own, self.seeds)
        observations, rewards, ended, cut, infos = own.step(dict(zip(own.possible_agents, joint, strict=True)))
        try:
            reward = common_reward(rewards, self.reward)
            done = list(ended.values())
            if any(done) and not all(done):
                raise ModelError(f"agents leave at different times {ended}: the model needs all agents throughout")
            state = self._keep(own, observations, infos) if not any(done) else "terminated"
            if any(cut.values()) and not any(done):
                raise ModelError("the environment was truncated: raise its time limit, which is no part of the model")
        except ModelError as error:
            raise ModelError(f"{where()}: {error}") from None
        return (reward.item() if isinstance(reward, np.generic) else reward), state, any(done)

    def _keep(self, env: Any, observations: Mapping[Any, Any], infos: Mapping[Any, Any]) -> State:
        for given in (observations, infos):
            if any(isinstance(own, Mapping) and "action_mask" in own for own in given.values()):
                raise ModelError("action masks: expected every action to be available everywhere, found an action_mask")
        state = key(self.read(env, observations))
        ways = self.kept.setdefault(state, [])
        if len(ways) < 2:
            ways.append(env)
        return state


def _copied(env: Any) -> Any:
    try:
        return copy.deepcopy(env)
    except Exception as error:
        raise ModelError(
            f"env: expected an environment that copy.deepcopy copies, found {type(error).__name__}: {error}; "
            "a step function needs no copies"
        ) from None


def _reseed(env: Any, seed: int) -> None:
    """Replace the random generators that an environment (and what it wraps) keeps in its attributes."""
    for own in {id(x): x for x in (env, getattr(env, "unwrapped", env))}.values():
        for attribute, value in list(vars(own).items()):
            if isinstance(value, np.random.Generator):
                setattr(own, attribute, np.random.default_rng(seed))
            elif isinstance(value, np.random.RandomState):
                setattr(own, attribute, np.random.RandomState(seed))
            elif isinstance(value, random.Random):
                setattr(own, attribute, random.Random(seed))


def start_of(weights: Any, exactness: Exactness) -> Mapping[State, fmpq | None]:
    """Return start states with probabilities from a sequence of weights by state 0, 1, ..."""
    found = {s: simple_probability(p, exactness.denominator, exactness.rounding) for s, p in enumerate(weights)}
    return {s: p for s, p in found.items() if p != 0}
