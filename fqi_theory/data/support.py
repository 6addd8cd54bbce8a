"""What data leave open: actions that are never played, and sums of factors that no played joint action pins down.

With φ(a) the row of indicators of a joint action (one column for each action of each agent), additive least squares
determines Q_tot(s,a) where φ(a) lies in the span of {φ(b): p_D(b|s) > 0}: where φ(a)·q = 0 for every q that all played
joint actions map to 0. This depends on the support alone, so it is decided in integers for every number type. (Ours.)
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from flint import fmpz_mat

from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import Data, ProductData
from fqi_theory.model import expectations as mg
from fqi_theory.model.mmdp import MMDP

Kind: TypeAlias = Literal["unplayed", "unconnected"]


@dataclass(frozen=True)
class Undetermined:
    """One thing that the data of a state leave open.

    kind "unplayed": an action that its agent never plays there; agent: 0, ..., n-1; action: (a_i,).
    kind "unconnected": a joint action whose Q_tot is open although each of its actions is played; agent is None;
    action: (a_1, ..., a_n). For classes other than the additive one: every joint action of weight 0.
    """

    kind: Kind
    state: int
    agent: int | None
    action: tuple[int, ...]

    def text(self, model: MMDP) -> str:
        """Return the place in names: ``state s0, agent 1, action B`` or ``state s0, joint action (A, B)``."""
        if self.agent is None:
            return model.place(self.state, self.action)
        return f"{model.place(self.state)}, agent {self.agent + 1}, action {model.actions[self.agent][self.action[0]]}"

    def to_json(self, model: MMDP) -> dict[str, Any]:
        """Return the JSON form, in names; agents count from 1."""
        agents = range(model.n_agents) if self.agent is None else [self.agent]
        names = [model.actions[i][a] for i, a in zip(agents, self.action, strict=True)]
        found = {"kind": self.kind, "state": model.states[self.state], "action": names}
        return found if self.agent is None else {**found, "agent": self.agent + 1}


def undetermined(model: MMDP, data: Data, *, additive: bool = True) -> tuple[Undetermined, ...]:
    """Return all that the data leave open for the additive class, or else for a class of all tables; () for nothing.

    Symbolic models are taken as determined.
    """
    if model.field == "symbolic" or data.full_support():
        return ()
    found = _left_open(data, additive)
    return found if model.available is None else tuple(one for one in found if _available(model, one))


def _available(model: MMDP, one: Undetermined) -> bool:
    """Tell whether it is about available actions: their copies are open where they are."""
    assert model.available is not None
    masks = model.available if one.agent is None else [model.available[one.agent]]
    return all(mask[one.state, a] for mask, a in zip(masks, one.action, strict=True))


def _left_open(data: Data, additive: bool) -> tuple[Undetermined, ...]:
    if not additive:
        return tuple(
            Undetermined("unconnected", s, None, tuple(a)) for s, *a in np.argwhere(data.joint() == 0).tolist()
        )
    if isinstance(data, ProductData):
        return tuple(_unplayed([np.asarray(table > 0) for table in data.marginals]))
    support = np.asarray(data.weights > 0)
    played = [np.asarray(total > 0) for total in mg.totals(support.astype(np.int64))]
    return (*_unplayed(played), *_unconnected(support, played))


def _unplayed(played: Sequence[Array]) -> Iterator[Undetermined]:
    """Yield the actions never played, state by state; played: per agent (S, A_i)."""
    for s in range(played[0].shape[0]):
        for i, table in enumerate(played):
            yield from (Undetermined("unplayed", s, i, (int(x),)) for x in np.flatnonzero(~table[s]))


def _unconnected(support: Array, played: Sequence[Array]) -> Iterator[Undetermined]:
    """Yield the joint actions of played actions that are open; equal patterns of support are looked at once."""
    known: dict[bytes, list[tuple[int, ...]]] = {}
    for s in np.flatnonzero(~support.reshape(support.shape[0], -1).all(axis=1)):
        pattern = np.packbits(support[s]).tobytes()
        if pattern not in known:
            known[pattern] = _open(support[s], [table[s] for table in played])
        yield from (Undetermined("unconnected", int(s), None, action) for action in known[pattern])


def _open(support: Array, played: Sequence[Array]) -> list[tuple[int, ...]]:
    """Return the joint actions of played actions where some additive table that vanishes on the support does not."""
    own = [np.flatnonzero(table) for table in played]
    design = _design(support[np.ix_(*own)])
    null, nullity = (fmpz_mat((design.T @ design).tolist())).nullspace()
    if nullity == len(own) - 1:
        return []
    vectors = np.array(null.tolist(), dtype=object)[:, :nullity]
    ends = np.cumsum([0, *map(len, own)])
    nonzero = np.zeros(tuple(map(len, own)), dtype=bool)
    for vector in vectors.T:
        total = np.zeros((), dtype=object)
        for i in range(len(own)):
            total = total[..., None] + vector[ends[i] : ends[i + 1]]
        nonzero |= total != 0
    return [tuple(int(own[i][x]) for i, x in enumerate(cell)) for cell in np.argwhere(nonzero)]


def _design(support: Array) -> Array:
    """Return the rows φ(a) of the played joint actions: integers (number of them, Σ|A_i|)."""
    cells = np.argwhere(support)
    return np.concatenate([np.eye(count, dtype=int)[cells[:, i]] for i, count in enumerate(support.shape)], axis=1)
