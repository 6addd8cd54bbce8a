"""The three kinds of environment: a step function, a table of outcomes, and a parallel environment that is copied."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from flint import fmpq

from fqi_theory.base.errors import ModelError
from fqi_theory.base.rounding import simple_probability
from fqi_theory.model.environments import masks
from fqi_theory.model.environments.copies import copied, reseed_all
from fqi_theory.model.environments.foreign import called, mappings, parts
from fqi_theory.model.environments.outcomes import Exactness, Joint, Row, State, common_reward, counted, key, name, row

#: What functions of environments return, and what a table lists.
RESET = ("observations", "infos")
STEP = ("observations", "rewards", "terminations", "truncations", "infos")
TABLED = ("p", "next state", "reward", "terminated")


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
        played = tuple(own[a] for own, a in zip(self.given, joint, strict=True))
        found = called("the step function", where, self.step, state, played)
        outcomes = found if isinstance(found, list) else [(1, *found)] if isinstance(found, tuple) else None
        if outcomes is None or any(not isinstance(one, tuple) or len(one) not in (3, 4) for one in outcomes):
            raise ModelError(
                f"{where()}: the step function: expected (reward, next), (reward, next, terminated) or a list of "
                f"(p, reward, next[, terminated]), found {found!r}"
            )
        return row([(*one, False)[:4] for one in outcomes], self.exactness, where)

    def mask(self, state: State) -> masks.Mask | None:  # noqa: ARG002
        """Return None: a step function answers every joint action."""
        return None

    def check(self) -> None:
        """Do nothing: a step function is taken at its word."""


@dataclass(frozen=True)
class Table:
    """P[s][k] = [(p, s', r, terminated)], with k = decode(joint action by index); unavailable: what no entry means."""

    table: Mapping[Any, Any]
    actions: Sequence[Sequence[str]]
    decode: Callable[[Joint], Any]
    start: Mapping[State, fmpq | None]
    exactness: Exactness
    unavailable: masks.Unavailable = "refuse"
    masked: dict[State, masks.Mask | None] = field(default_factory=dict)

    def starts(self) -> Mapping[State, fmpq | None]:
        """Return the given start states."""
        return self.start

    def _present(self, state: State) -> masks.Mask | None:
        """Return which actions have entries in a state, None where all have."""
        shape, own = tuple(map(len, self.actions)), self.table.get(state, {})
        if not isinstance(own, Mapping) or len(own) >= int(np.prod(shape)):
            return None
        if state not in self.masked:
            where = f"state {name(state)}"
            self.masked[state] = masks.product_mask(shape, lambda one: self._number(state, one) in own, where)
        return self.masked[state]

    def mask(self, state: State) -> masks.Mask | None:
        """Return the mask that the model is to know."""
        return self._present(state) if self.unavailable == "mask" else None

    def _played(self, state: State, joint: Joint) -> Joint:
        """Return the joint action that is played in a state whose table may lack entries."""
        mask, agents = self._present(state), range(1, len(self.actions) + 1)
        return masks.available(joint, mask, self.unavailable, agents, self.actions, f"state {name(state)}")

    def row(self, state: State, joint: Joint) -> Row:
        """Return the outcomes that the table lists."""
        where, number = place(self, state, joint), self._number(state, self._played(state, joint))
        try:
            outcomes = self.table[state][number]
        except (KeyError, IndexError, TypeError):
            raise ModelError(f"{where()}: the table has no entry P[{state!r}][{number!r}]") from None
        if not isinstance(outcomes, Sequence):
            raise ModelError(f"{where()}: the table: expected a list of outcomes, found {outcomes!r}")
        listed = [parts(one, "the table", TABLED, where) for one in outcomes]
        return row([(p, r, following, done) for p, following, r, done in listed], self.exactness, where)

    def _number(self, state: State, joint: Joint) -> Any:
        return called("the function `decode`", place(self, state, joint), self.decode, joint)

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
    unavailable: masks.Unavailable = "refuse"
    masked: dict[State, masks.Mask | None] = field(default_factory=dict)
    kept: dict[State, list[Any]] = field(default_factory=dict)
    seen: dict[tuple[State, Joint], Any] = field(default_factory=dict)
    seeds: int = 0

    def starts(self) -> Mapping[State, fmpq | None]:
        """Return the state after a reset with seed 0."""
        env = copied(self.env)
        found = called("env.reset", lambda: "start", env.reset, seed=0)
        observations, infos = parts(found, "env.reset", RESET, lambda: "start")
        mappings((observations, infos), "env.reset", RESET, lambda: "start")
        state = self._keep(env, observations, infos)
        return {state: None if self.samples else fmpq(1)}

    def mask(self, state: State) -> masks.Mask | None:
        """Return the mask that the model is to know."""
        return self.masked[state] if self.unavailable == "mask" else None

    def row(self, state: State, joint: Joint) -> Row:
        """Return what follows, tried on copies."""
        where, env = place(self, state, joint), self.kept[state][0]
        agents = env.possible_agents
        joint = masks.available(
            joint, self.masked[state], self.unavailable, agents, self.actions, f"state {name(state)}"
        )
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
        own = copied(env)
        if reseed:
            self.seeds += 1
            reseed_all(own, self.seeds)
        found = called("env.step", where, own.step, dict(zip(own.possible_agents, joint, strict=True)))
        mappings(parts(found, "env.step", STEP, where), "env.step", STEP, where)
        observations, rewards, ended, cut, infos = found
        try:
            reward = common_reward(rewards, self.reward)
            done = list(ended.values())
            if any(done) and not all(done):
                raise ModelError(f"agents leave at different times {ended}: the model needs all agents throughout")
            state = self._keep(own, observations, infos) if not any(done) else "terminated"
            if any(cut.values()) and not any(done):
                raise ModelError("the environment was truncated: raise its time limit, which is no part of the model")
        except ModelError as error:
            raise ModelError(f"{where()}: {error}") from error.__cause__
        return (reward.item() if isinstance(reward, np.generic) else reward), state, any(done)

    def _keep(self, env: Any, observations: Mapping[Any, Any], infos: Mapping[Any, Any]) -> State:
        counts = [len(own) for own in self.actions]
        mask = masks.given_mask(env.possible_agents, counts, observations, infos)
        who = "env.state, or the function `state`,"
        state = key(called(who, lambda: "reading a state", self.read, env, masks.without_masks(observations)))
        if self.masked.setdefault(state, mask) != mask:
            raise ModelError(
                f"state {name(state)}: which actions are available differs from one way to it to another: the state "
                "that is read does not hold all that matters (state=FUNCTION reads another)"
            )
        ways = self.kept.setdefault(state, [])
        if len(ways) < 2:
            ways.append(env)
        return state


def start_of(weights: Any, exactness: Exactness) -> Mapping[State, fmpq | None]:
    """Return start states with probabilities from a sequence of weights by state 0, 1, ..."""
    found = {s: simple_probability(p, exactness.denominator, exactness.rounding) for s, p in enumerate(weights)}
    return {s: p for s, p in found.items() if p != 0}
