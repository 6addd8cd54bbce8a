"""An MMDP as a PettingZoo environment, so that learners run on models whose fates are decided (ours)."""

from os import PathLike
from typing import Any

from fqi_theory.base.counts import whole
from fqi_theory.base.errors import ExtraMissing
from fqi_theory.model.mmdp import MMDP
from fqi_theory.model.named import as_model


def to_parallel_env(model: MMDP | str | PathLike[str], *, horizon: int | None = None) -> Any:
    """Return a PettingZoo ParallelEnv of a model, given also by name or path (optional extra `environments`).

    Agents agent_1, ..., agent_n observe the index of the state, Discrete(S), act in Discrete(A_i) and receive the one
    common reward, a float. Successors are drawn by float64 probabilities from the generator of reset(seed=...). An
    episode starts by the model's start distribution, or in its first state; it terminates in a state that every joint
    action keeps at reward 0, and is truncated after `horizon` steps, where one is given. state() is the index of the
    state as an array. Where actions are not available infos have an action_mask; an action that it excludes does what
    the one for which it stands does. Raises ExtraMissing without PettingZoo.
    """
    steps = None if horizon is None else whole(horizon, "horizon", 1)
    try:
        from fqi_theory.model.environments.parallel_env import ModelEnv
    except ImportError:
        raise ExtraMissing("to_parallel_env needs PettingZoo: pip install 'fqi-theory[environments]'") from None
    return ModelEnv(as_model(model), steps)
