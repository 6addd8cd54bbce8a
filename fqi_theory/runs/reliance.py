"""What the numbers of a run rest on besides model, data and class: choices for what data leave open, ties, overflow.

Incomplete data: product data keep the closed form, correlated data take the deviation of least norm (`linear`); both
are choices. Float runs: a greedy action is a near-tie where its factor leads the next one by more than 0 and by no more
than NEAR times the largest magnitude of the step; rounding may have decided it, and on-policy all that follows. Equal
floats go by the tie rule, as exact ties do, and are not reported.
"""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np

from fqi_theory.base.errors import DataError, IncompleteDataWarning
from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import Data, DataSource, JointData
from fqi_theory.data.support import Undetermined, undetermined
from fqi_theory.data.weighted import Weighted
from fqi_theory.factorization import joint, linear
from fqi_theory.factorization.additive import Additive
from fqi_theory.factorization.fit import Factorization
from fqi_theory.model.available import joint_mask
from fqi_theory.model.mmdp import MMDP

Unsupported: TypeAlias = Literal["choose", "refuse"]
#: A lead of a greedy action below this share of the step's largest number is a near-tie.
NEAR = 1e-10
#: On-policy runs of at most so many factors are searched for near-ties at once; `Trajectory.near_tie` searches any run.
SEARCHED = 1 << 20
SHOWN = 3


class Run(Protocol):
    """What is asked of a trajectory here."""

    @property
    def model(self) -> MMDP:
        """Return the model."""

    @property
    def source(self) -> DataSource:
        """Return the data source."""

    @property
    def factorization(self) -> str:
        """Return the name of the class."""

    @property
    def values(self) -> Sequence[Array]:
        """Return V^(t), (S,) each."""

    @property
    def factors(self) -> Sequence[tuple[Array, ...]]:
        """Return Q_i^(t), per agent (S, A_i)."""


@dataclass(frozen=True)
class NearTie:
    """A greedy action that leads by `gap`: iterate t; state; agent 0, ..., n-1, or None where joint actions compete.

    actions: the greedy action and the next one, by index (flat, row-major, for joint actions).
    """

    t: int
    state: int
    agent: int | None
    actions: tuple[int, int]
    gap: float

    def _names(self, model: MMDP) -> list[Any]:
        if self.agent is not None:
            return [model.actions[self.agent][a] for a in self.actions]
        cells = [np.unravel_index(a, model.action_counts) for a in self.actions]
        return [[names[int(k)] for names, k in zip(model.actions, cell, strict=True)] for cell in cells]

    def text(self, model: MMDP) -> str:
        """Return the near-tie in words."""
        who = "joint actions" if self.agent is None else f"agent {self.agent + 1}"
        first, second = (x if isinstance(x, str) else f"({', '.join(x)})" for x in self._names(model))
        return f"iteration {self.t}, {model.place(self.state)}, {who}: {first} leads {second} by {self.gap:.2g}"

    def to_json(self, model: MMDP) -> dict[str, Any]:
        """Return the JSON form, in names; agents count from 1."""
        agent = None if self.agent is None else self.agent + 1
        found = {"t": self.t, "state": model.states[self.state], "agent": agent}
        return {**found, "actions": self._names(model), "gap": self.gap}


def require_reading(unsupported: Unsupported) -> None:
    """Raise DataError for another word than "choose" and "refuse"."""
    if unsupported not in ("choose", "refuse"):
        raise DataError(f"unsupported: expected choose or refuse, found {unsupported!r}")


def completeness(
    model: MMDP, source: DataSource, greedy: Array, factorization: Factorization, unsupported: Unsupported
) -> tuple[Undetermined, ...]:
    """Return what the data of a source (around `greedy`, (S, n)) leave open, and warn with IncompleteDataWarning.

    Raises DataError instead with unsupported="refuse".
    """
    require_reading(unsupported)
    base = source.base if isinstance(source, Weighted) else source
    data = base.at(model, greedy)
    found = left_open(model, data, factorization)
    if found and model.available is not None and isinstance(data, JointData):
        raise DataError(
            f"{describe(model, found)[0]}; where actions are not available no choice of least norm is defined: "
            "complete the data"
        )
    for message in describe(model, found):
        if unsupported == "refuse":
            raise DataError(f"{message}; complete the data, or let the choice stand with unsupported choose")
        warnings.warn(
            f"{message}; the numbers rest on the choice made there (closed form or least norm)",
            IncompleteDataWarning,
            stacklevel=3,
        )
    return found


def left_open(model: MMDP, data: Data, factorization: Factorization) -> tuple[Undetermined, ...]:
    """Return what data leave open for a class; nothing for classes whose fits refuse data without full support.

    Where factors of several agents are not determined in a state, all its joint actions without data are named.
    """
    if factorization is linear:
        return undetermined(model, data)
    if factorization is joint:
        return undetermined(model, data, additive=False)
    if not isinstance(factorization, Additive):
        return ()
    single = max(map(len, factorization.scopes(model.n_agents))) <= 1
    found = undetermined(model, data, additive=single)
    if single or not found:
        return found
    short = factorization.rank(data.joint()) < factorization.dimension(model.action_counts)
    return tuple(one for one in found if short[one.state])


def describe(model: MMDP, found: Sequence[Undetermined]) -> list[str]:
    """Return one line for each kind of what data leave open, with the first places."""
    words = {
        "unplayed": "actions are never played in the data, so their factors are undetermined",
        "unconnected": "joint actions of played actions have no determined Q_tot under the data",
    }
    lines = []
    for kind, what in words.items():
        own = [one for one in found if one.kind == kind]
        if own:
            more = f"; and {len(own) - SHOWN} more" if len(own) > SHOWN else ""
            lines.append(f"{len(own)} {what}: {'; '.join(one.text(model) for one in own[:SHOWN])}{more}")
    return lines


def near_tie(run: Run) -> NearTie | None:
    """Return the first near-tie of a float run, None where there is none and for exact and symbolic runs."""
    if run.model.field != "float":
        return None
    for t in range(_first_candidate(run), len(run.values)):
        for agent, table in _competing(run, t):
            scale = max(float(abs(table).max()), float(abs(run.values[t]).max()))
            table = _available(run.model, agent, table)
            if table.shape[1] > 1 and (found := _first_near(table, NEAR * scale)):
                state, actions, gap = found
                return NearTie(t, state, agent, actions, gap)
    return None


def _first_candidate(run: Run) -> int:
    """Return an iterate before which no factor of the linear class leads by little, all looked at together."""
    if run.factorization != "linear" or len(run.values) < 2:
        return 1
    tables = [np.stack(own) for own in zip(*run.factors[1:], strict=True)]
    largest = [np.abs(table).max(axis=(1, 2)) for table in (*tables, np.stack(run.values[1:])[:, :, None])]
    most, found = NEAR * np.max(largest, axis=0), len(run.values)
    for table in tables:
        top = table.max(axis=2)
        gap = top - np.where(table < top[:, :, None], table, -np.inf).max(axis=2)
        close = np.flatnonzero((gap <= most[:, None]).any(axis=1))
        found = min(found, int(close[0]) + 1) if close.size else found
    return found


def _competing(run: Run, t: int) -> Iterator[tuple[int | None, Array]]:
    """Yield what greedy actions of iterate t are chosen from: (S, A_i) for each agent, or the joint table (S, |A|)."""
    if run.factorization == "linear":
        yield from enumerate(run.factors[t])
    else:
        yield None, run.model.backup(run.values[t - 1]).reshape(run.model.n_states, -1)


def _available(model: MMDP, agent: int | None, table: Array) -> Array:
    """Return a table of `_competing` with -inf where an action is not available: a copy is no rival."""
    if model.available is None:
        return table
    mask = joint_mask(model.available).reshape(table.shape) if agent is None else model.available[agent]
    return np.where(mask, table, -np.inf)


def _first_near(table: Array, most: float) -> tuple[int, tuple[int, int], float] | None:
    """Return the first row whose best entry leads the next different one by at most `most`, the two, the lead."""
    best = table.argmax(axis=1)
    top = table.max(axis=1)
    rest = np.where(table < top[:, None], table, -np.inf)
    gap = top - rest.max(axis=1)
    rows = np.flatnonzero(gap <= most)
    if not rows.size:
        return None
    s = int(rows[0])
    return s, (int(best[s]), int(rest[s].argmax())), float(gap[s])


def tie_message(run: Run, found: NearTie) -> str:
    """Return what is said of a near-tie."""
    after = "; the data follow it, and so may all that comes after" if run.source.on_policy else ""
    return f"near-tie that rounding may have decided: {found.text(run.model)}{after}; exact numbers decide it"
