"""Data of available actions as data of a model whose other actions are copies of these (theory notes, section 20).

The weight of an available action of an agent is shared equally among the actions that stand for it, itself included; so
every copy of a joint action has the product of its agents' shares, and none has weight 0 where the action has some.
"""

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.errors import DataError
from fqi_theory.base.scalars import Array
from fqi_theory.model.available import Masks, copied, copies, joint_mask, stand_ins
from fqi_theory.model.mmdp import MMDP


def exploring(model: MMDP) -> tuple[Array, ...]:
    """Return p_i(a_i|s) uniform over the available actions of each agent, shared among copies: per agent (S, A_i)."""
    if model.available is None:
        one, states = scalars.scalar(1, model.field), model.n_states
        return tuple(scalars.full((states, count), one / count, model.field) for count in model.action_counts)
    shares = _shares(model, model.available)
    return tuple(
        np.asarray(share / mask.sum(axis=1, keepdims=True).astype(share.dtype))
        for share, mask in zip(shares, model.available, strict=True)
    )


def shared_marginals(model: MMDP, marginals: tuple[Array, ...]) -> tuple[Array, ...]:
    """Return marginals (S, A_i) of available actions, shared among copies.

    Raises DataError, naming state, agent and action, where an action that is not available has weight.
    """
    if model.available is None:
        return marginals
    found, shares = [], _shares(model, model.available)
    for i, (table, mask) in enumerate(zip(marginals, model.available, strict=True)):
        wrong = np.argwhere(~mask & np.asarray(table != 0, dtype=bool))
        if wrong.size:
            s, a = map(int, wrong[0])
            raise DataError(
                f"marginals of agent {i + 1} at {model.place(s)}: action {model.actions[i][a]} is not available, "
                f"expected weight 0, found {table[s, a]}"
            )
        stands = stand_ins(model.available)[i]
        found.append(np.asarray(np.take_along_axis(table, stands, axis=1) * shares[i]))
    return tuple(found)


def shared_weights(model: MMDP, weights: Array) -> Array:
    """Return joint weights (S, A_1, ..., A_n) of available joint actions, shared among copies.

    Raises DataError, naming state, agent and action, where a joint action that is not available has weight.
    """
    if model.available is None:
        return weights
    wrong = np.argwhere(np.asarray(weights != 0, dtype=bool) & ~joint_mask(model.available))
    if wrong.size:
        s, *joint = map(int, wrong[0])
        i = next(i for i, (a, mask) in enumerate(zip(joint, model.available, strict=True)) if not mask[s, a])
        raise DataError(
            f"joint data at {model.place(s, joint)}: action {model.actions[i][joint[i]]} of agent {i + 1} is not "
            f"available, expected weight 0, found {weights[(s, *joint)]}"
        )
    found = copied(weights, model.available)
    for i, share in enumerate(_shares(model, model.available)):
        found = found * share.reshape(model.n_states, *(-1 if j == i else 1 for j in range(model.n_agents)))
    return np.asarray(found)


def _shares(model: MMDP, masks: Masks) -> tuple[Array, ...]:
    """Return 1 / (number of copies of what an action stands for), in the model's number type: per agent (S, A_i)."""
    one = scalars.scalar(1, model.field)
    return tuple(scalars.full(count.shape, one, model.field) / count for count in copies(masks))
