"""From an environment to the exact model of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from flint import fmpq

from fqi_theory.base.arguments import named, shown
from fqi_theory.base.errors import ModelError
from fqi_theory.base.progress import Watch, unwatched
from fqi_theory.model.environments.explore import World, explored
from fqi_theory.model.environments.foreign import called
from fqi_theory.model.environments.masks import SOURCE, Unavailable, require_known
from fqi_theory.model.environments.options import (
    action_lists,
    named_actions,
    require_options,
    require_taken,
)
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
    unavailable: Unavailable = "refuse",
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

    unavailable: actions that an action_mask (in observations or infos) excludes, or that a table has no entry for, are
    refused, naming state, agent and actions; with "mask" the model knows them (`MMDP.available`), and data, fits and
    results are those of available actions; "first" gives them the effect of the agent's first available action there
    (see `masks`). The model's source says so.

    Terminated transitions lead to the state "terminal", absorbing with reward 0. Floats other than 3.0, -0.5, 0.25 and
    their like: rewards need a `rounding` ("1e-6", or "bits"), probabilities a largest `denominator`. watch: told how
    many of the states found are explored. Raises ModelError or NumberError, naming state and joint action (also where
    the environment raises, which is then the cause), DataError for arguments of another type, TooLarge beyond the
    limit.
    """
    given = {"start": start, "decode": decode, "state": state, "reward": reward, "samples": samples}
    require_options(env, discount, limit, watch, name, given)
    exactness = Exactness(rounding, denominator)
    require_rounding(exactness)
    require_known(unavailable)
    world = _world(env, actions, given, exactness, unavailable)
    title = name or _title(env)
    source = f"empirical: {samples} samples for each state and joint action" if samples is not None else "environment"
    source += SOURCE[unavailable]
    return explored(world, discount, limit=limit, watch=watch, name=title, source=source)


def _world(env: Any, actions: Any, given: Mapping[str, Any], exactness: Exactness, unavailable: Unavailable) -> World:
    """Tell by its face which of the three kinds of environment this is."""
    bare = getattr(env, "unwrapped", env)
    table = env if isinstance(env, Mapping) else getattr(bare, "P", None)
    if hasattr(bare, "possible_agents") and hasattr(env, "step"):
        require_taken("a ParallelEnv", given)
        found = _parallel(env, actions, given["state"], given["reward"], given["samples"], exactness)
        return replace(found, unavailable=unavailable)
    if isinstance(table, Mapping):
        require_taken("a table", given)
        return replace(_table(env, table, actions, given["decode"], given["start"], exactness), unavailable=unavailable)
    if callable(env):
        require_taken("a step function", given)
        return _step_function(env, actions, given["start"], exactness)
    raise ModelError(
        f"env: expected a PettingZoo ParallelEnv, a table P (or a Gymnasium environment that has one) or a step "
        f"function, found {_title(env)}"
    )


def _title(env: Any) -> str:
    """Return what an environment is called: by Gymnasium's registry, as a function, or by its class below wrappers."""
    bare = getattr(env, "unwrapped", env)
    registered = getattr(getattr(bare, "spec", None), "id", None)
    return registered if isinstance(registered, str) else str(getattr(bare, "__name__", type(bare).__name__))


def _starts(start: Any) -> dict[State, fmpq | None]:
    if start is None:
        raise ModelError("start: expected a state, or a list of states, to explore from, found none")
    with named("start"):
        return {key(one): None for one in start} if isinstance(start, list) else {key(start): fmpq(1)}


def _step_function(env: Any, actions: Any, start: Any, exactness: Exactness) -> StepFunction:
    given = action_lists(actions, "a step function")
    return StepFunction(env, named_actions(given), given, _starts(start), exactness)


def _table(env: Any, table: Mapping[Any, Any], actions: Any, decode: Any, start: Any, exactness: Exactness) -> Table:
    for state, own in table.items():
        if not isinstance(own, Mapping | Sequence | np.ndarray) or isinstance(own, str | bytes):
            raise ModelError(f"env: P[{state!r}]: expected the outcomes of each action, found {shown(own)}")
    if actions is None:
        count = max((len(own) for own in table.values()), default=0)
        actions = [[f"a{k}" for k in range(count)]]
    names = named_actions(action_lists(actions, "a table"))
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
        space = called("env.action_space", partial("agent {}".format, agent), env.action_space, agent)
        if not hasattr(space, "n") or getattr(space, "start", 0) != 0:
            raise ModelError(f"agent {agent}: expected a Discrete action space from 0, found {space}")
        counts.append(int(space.n))
    default = [[f"a{k}" for k in range(count)] for count in counts]
    names = default if actions is None else named_actions(action_lists(actions, "a ParallelEnv"))
    if list(map(len, names)) != counts:
        raise ModelError(f"actions: expected {counts} names, found {list(map(len, names))}")

    def read(own: Any, observations: Mapping[Any, Any]) -> Any:
        if state is not None:
            return state(own)
        try:
            return own.state()
        except NotImplementedError:
            return observations

    return Parallel(env, names, read, reward, samples, exactness)
