"""Actions that are not available in a state: refused with their place, or answered like an available one.

Fits need a value of every action of every agent in every state. With "mask" the model knows which actions are available
(`MMDP.available`), and data, fits and results are those of available actions. With "first" an unavailable action of an
agent does what the agent's first available action in that state does: V* and the values of policies are those of the
environment, and the two tie in every fit; data that play it are data in which the available one is played more often.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np

from fqi_theory.base.arguments import require_word
from fqi_theory.base.errors import ModelError
from fqi_theory.model.available import stand_ins
from fqi_theory.model.environments.outcomes import Joint

Unavailable: TypeAlias = Literal["refuse", "first", "mask"]
#: Per agent, whether each of its actions is available.
Mask: TypeAlias = tuple[tuple[bool, ...], ...]
KEY = "action_mask"
#: What a model's source says of actions that are not available.
SOURCE = {
    "refuse": "",
    "first": "; unavailable actions do what the agent's first available one does",
    "mask": "; actions are masked",
}


def require_known(unavailable: str) -> None:
    """Raise ModelError for another word than "refuse", "first" and "mask"."""
    require_word(unavailable, "unavailable", tuple(SOURCE), ModelError)


def given_mask(agents: Sequence[Any], counts: Sequence[int], *sources: Mapping[Any, Any]) -> Mask | None:
    """Return the masks in the observations or infos of all agents; None where none has one; raises ModelError."""
    masks = []
    for agent, count in zip(agents, counts, strict=True):
        own = [given[agent][KEY] for given in sources if isinstance(given.get(agent), Mapping) and KEY in given[agent]]
        mask = np.asarray(own[0] if own else np.ones(count))
        if mask.shape != (count,) or not np.isin(mask, (0, 1)).all():
            raise ModelError(f"agent {agent}: {KEY}: expected {count} entries 0 or 1, found {np.asarray(own[0])!r}")
        if any((np.asarray(other) != mask).any() for other in own[1:]):
            raise ModelError(f"agent {agent}: {KEY}: the observation's and the info's differ")
        masks.append(tuple(bool(x) for x in mask))
    return None if all(all(own) for own in masks) else tuple(masks)


def without_masks(observations: Mapping[Any, Any]) -> dict[Any, Any]:
    """Return what agents observe besides masks: their key "observation", where that is all the rest."""

    def plain(own: Any) -> Any:
        if not isinstance(own, Mapping) or KEY not in own:
            return own
        rest = {name: value for name, value in own.items() if name != KEY}
        return rest["observation"] if set(rest) == {"observation"} else rest

    return {agent: plain(own) for agent, own in observations.items()}


def product_mask(shape: Sequence[int], present: Callable[[Joint], bool], where: str) -> Mask | None:
    """Return the mask of the joint actions that are present; raises ModelError where it is no product."""
    table = np.array([present(joint) for joint in np.ndindex(*shape)]).reshape(shape)
    if table.all() or not table.any():
        return None
    axes = range(len(shape))
    mask = tuple(tuple(bool(own.any()) for own in np.moveaxis(table, i, 0)) for i in axes)
    if table.sum() != np.prod([sum(own) for own in mask]):
        raise ModelError(f"{where}: which actions of one agent are available depends on another agent's action")
    return mask


def available(
    joint: Joint,
    mask: Mask | None,
    how: Unavailable,
    agents: Sequence[Any],
    actions: Sequence[Sequence[str]],
    where: str,
) -> Joint:
    """Return the joint action that is played; raises ModelError naming state, agent and actions with "refuse"."""
    if mask is None:
        return joint
    for agent, own, names in zip(agents, mask, actions, strict=True):
        if not any(own):
            raise ModelError(f"{where}, agent {agent}: no action is available")
        missing = [name for name, known in zip(names, own, strict=True) if not known]
        if missing and how == "refuse":
            raise ModelError(
                f"{where}, agent {agent}: not available: {', '.join(missing)}; a fit needs a value of every action in "
                'every state: unavailable="mask" keeps data and fits to available actions, unavailable="first" gives '
                "these the effect of the first available one"
            )
    return tuple(a if own[a] else own.index(True) for a, own in zip(joint, mask, strict=True))


def standing(joint: Joint, mask: Mask | None) -> Joint:
    """Return the joint action that one stands for in a model with this mask (`model.available`)."""
    if mask is None:
        return joint
    stands = stand_ins(tuple(np.array([own], dtype=bool) for own in mask))
    return tuple(int(own[0, a]) for own, a in zip(stands, joint, strict=True))
