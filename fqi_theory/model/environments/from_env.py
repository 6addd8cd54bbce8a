"""From an environment to the exact model of it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from flint import fmpq

from fqi_theory.base.errors import ModelError
from fqi_theory.base.progress import Watch, unwatched
from fqi_theory.model.environments.explore import World, explored
from fqi_theory.model.environments.outcomes import Exactness, Joint, State, key, require_rounding
from fqi_theory.model.environments.worlds import Parallel, StepFunction, Table, start_of
from fqi_theory.model.mmdp import MMDP

LIMIT = 10_000


def from_env(
    env: Any,
    *,
    discount: Any,
    actions: Sequence[Sequence[Any]] | None = None,
    start: Any = None,
    decode: Callable[[Joint], Any] | None = None,
    state: Callable[[Any], Any] | None = None,
    reward: Any = "common",
    samples: int | None = None,
    rounding: str | None = None,
    denominator: int | None = None,
    limit: int = LIMIT,
    watch: Watch = unwatched,
    name: str | None = None,
) -> MMDP:
    """Return the exact model of an environment: the states reached from its start, breadth-first, at most `limit`.

    env is one of three. A PettingZoo ParallelEnv with discrete actions: the state is state(env), by default env.state()
    or else the observations; reward "common", "sum" or a function of the agents' rewards; samples: see `Parallel`, the
    model's source then says empirical. A table P = {s: {k: [(p, s', r, terminated)]}}, or a Gymnasium environment that
    has one: actions names each agent's actions and decode(joint action) gives k, by default the row-major index. A step
    function of (state, joint action): see `StepFunction`; actions and start (a state, or a list of them) are needed.

    Terminated transitions lead to the state "terminal", absorbing with reward 0. Floats other than 3.0, -0.5, 0.25 and
    their like: rewards need a `rounding` ("1e-6", or "bits"), probabilities a largest `denominator`. watch: told how
    many of the states found are explored. Raises ModelError or NumberError, naming state and joint action,
    TooLarge beyond the limit.
    """
    exactness = Exactness(rounding, denominator)
    require_rounding(exactness)
    world: World
    table = env if isinstance(env, Mapping) else getattr(getattr(env, "unwrapped", env), "P", None)
    if hasattr(env, "possible_agents") and hasattr(env, "step"):
        world = _parallel(env, actions, state, reward, samples, exactness)
    elif isinstance(table, Mapping):
        world = _table(env, table, actions, decode, start, exactness)
    elif callable(env):
        world = _step_function(env, actions, start, exactness)
    else:
        raise ModelError(
            f"env: expected a PettingZoo ParallelEnv, a table P (or a Gymnasium environment that has one) or a step "
            f"function, found {type(env).__name__}"
        )
    title = name or str(getattr(env, "__name__", type(env).__name__))
    source = f"empirical: {samples} samples for each state and joint action" if samples is not None else "environment"
    return explored(world, discount, limit=limit, watch=watch, name=title, source=source)


def _names(actions: Sequence[Sequence[Any]]) -> list[list[str]]:
    return [[str(action) for action in own] for own in actions]


def _given_actions(actions: Sequence[Sequence[Any]] | None, what: str) -> Sequence[Sequence[Any]]:
    if actions is None or any(isinstance(own, str) or not isinstance(own, Sequence | np.ndarray) for own in actions):
        raise ModelError(
            f'actions: {what} needs the actions of each agent, such as [["left", "right"]] * 2, found {actions!r}'
        )
    return actions


def _starts(start: Any) -> dict[State, fmpq | None]:
    if start is None:
        raise ModelError("start: expected a state, or a list of states, to explore from, found none")
    return {key(one): None for one in start} if isinstance(start, list) else {key(start): fmpq(1)}


def _step_function(env: Any, actions: Any, start: Any, exactness: Exactness) -> StepFunction:
    given = _given_actions(actions, "a step function")
    return StepFunction(env, _names(given), given, _starts(start), exactness)


def _table(env: Any, table: Mapping[Any, Any], actions: Any, decode: Any, start: Any, exactness: Exactness) -> Table:
    if actions is None:
        count = max(len(own) for own in table.values())
        actions = [[f"a{k}" for k in range(count)]]
    names = _names(_given_actions(actions, "a table"))
    shape = tuple(map(len, names))
    weights = getattr(getattr(env, "unwrapped", env), "initial_state_distrib", None)
    if start is not None:
        starts: Mapping[State, fmpq | None] = _starts(start)
    else:
        starts = start_of(weights, exactness) if weights is not None else dict.fromkeys(table)
    return Table(table, names, decode or (lambda joint: int(np.ravel_multi_index(joint, shape))), starts, exactness)


def _parallel(
    env: Any, actions: Any, state: Callable[[Any], Any] | None, reward: Any, samples: int | None, exactness: Exactness
) -> Parallel:
    counts = []
    for agent in env.possible_agents:
        space = env.action_space(agent)
        if not hasattr(space, "n") or getattr(space, "start", 0) != 0:
            raise ModelError(f"agent {agent}: expected a Discrete action space from 0, found {space}")
        counts.append(int(space.n))
    names = _names(actions) if actions is not None else [[f"a{k}" for k in range(count)] for count in counts]
    if list(map(len, names)) != counts:
        raise ModelError(f"actions: expected {counts} names, found {list(map(len, names))}")
    if samples is not None and samples < 1:
        raise ModelError(f"samples: expected at least 1, found {samples}")

    def read(own: Any, observations: Mapping[Any, Any]) -> Any:
        if state is not None:
            return state(own)
        try:
            return own.state()
        except NotImplementedError:
            return observations

    return Parallel(env, names, read, reward, samples, exactness)
