"""Starts and trajectories of FMA-FQI."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.drawing import draw, face
from fqi_theory.base.errors import DataError
from fqi_theory.base.frames import frame
from fqi_theory.base.scalars import Array
from fqi_theory.base.texts import brief
from fqi_theory.data.sources import DataSource
from fqi_theory.data.support import Undetermined
from fqi_theory.factorization.fit import Terms, Ties, additive_table, greedy_actions, greedy_values
from fqi_theory.factorization.igm import joint_greedy
from fqi_theory.model.available import copied, stand_ins
from fqi_theory.model.mmdp import MMDP
from fqi_theory.model.named import as_model
from fqi_theory.runs import reliance


@dataclass(frozen=True, eq=False, repr=False)
class Start:
    """The position before the first iteration: V^(0), (S,), and the greedy joint actions, integers (S, n).

    The iteration depends on Q^(0) only through these two, except under weights that depend on Q_tot. factors: per agent
    (S, A_i), table: Q_tot^(0), (S, A_1, ..., A_n), where the start was given so.
    """

    values: Array
    greedy: Array
    factors: tuple[Array, ...] = ()
    table: Array | None = None

    def q_tot(self) -> Array | None:
        """Return Q_tot^(0), None where only values were given."""
        return additive_table(self.factors) if self.factors and self.table is None else self.table

    def __repr__(self) -> str:
        return f"Start(values {brief(self.values)}, greedy {brief(self.greedy)})"


def start_at_zero(model: MMDP, ties: Ties = "first") -> Start:
    """Return the start Q_i = 0 for every agent: V = 0, every action tied."""
    factors = tuple(scalars.zeros((model.n_states, count), model.field) for count in model.action_counts)
    return Start(scalars.zeros((model.n_states,), model.field), _all_tied(model, ties), factors)


def _all_tied(model: MMDP, ties: Ties) -> Array:
    """Return the greedy joint actions (S, n) that the tie rule takes where all actions are tied."""
    return np.tile([0 if ties == "first" else count - 1 for count in model.action_counts], (model.n_states, 1))


def start_from_factors(factors: Any, ties: Ties = "first") -> Start:
    """Return the start Q_tot = Σ_i Q_i; factors: per agent (S, A_i)."""
    tables = tuple(scalars.as_array(factor) for factor in factors)
    if not tables or any(table.ndim != 2 or 0 in table.shape for table in tables):
        raise DataError(f"factors: expected a table (S, A_i) for each agent, found shapes {[t.shape for t in tables]}")
    return Start(greedy_values(tables), greedy_actions(tables, ties), tables)


def start_from_table(table: Any, ties: Ties = "first") -> Start:
    """Return the start of any joint table Q_tot (S, A_1, ..., A_n); greedy is its first (last) joint maximiser."""
    array = scalars.as_array(table)
    if array.ndim < 2 or 0 in array.shape:
        raise DataError(f"table: expected shape (S, A_1, ..., A_n), none of them 0, found {array.shape}")
    return Start(scalars.maximum(array, axis=tuple(range(1, array.ndim))), joint_greedy(array, ties), (), array)


def start_from_values(
    model: MMDP | str | PathLike[str], values: Any, greedy: Any = None, ties: Ties = "first"
) -> Start:
    """Return the start with V^(0) = values, (S,), and greedy joint actions (S, n).

    By default each agent's first (last) action, as where all are tied. model: also by name or path.
    """
    model = as_model(model)
    array = scalars.as_field(scalars.as_array(values), model.field)
    if array.shape != (model.n_states,):
        raise DataError(f"initial values: expected shape {(model.n_states,)}, found {array.shape}")
    chosen = _all_tied(model, ties) if greedy is None else np.asarray(greedy)
    if chosen.shape != (model.n_states, model.n_agents) or chosen.dtype.kind not in "iu":
        raise DataError(
            f"initial greedy: expected integers of shape {(model.n_states, model.n_agents)}, found {chosen.shape}"
        )
    if (chosen < 0).any() or (chosen >= np.array(model.action_counts)).any():
        raise DataError("initial greedy: an action index is out of range")
    return Start(array, chosen)


def start_for(model: MMDP, start: Start) -> Start:
    """Return `start` in the model's number type; raises DataError where its shape or its numbers do not fit the model.

    Exact numbers become floats for a float model, never the reverse.
    """
    if not isinstance(start, Start):
        raise DataError(
            f"initial: expected a Start, found {type(start).__name__}; start_from_values(model, values), "
            "start_from_factors(factors) and start_from_table(table) make one"
        )
    if model.field == "exact" and any(array.dtype.kind == "f" for array in (start.values, *start.factors)):
        raise DataError("initial: floats were given, the model is exact; give strings, ints or Fractions")
    checked = start_from_values(model, start.values, start.greedy)
    if model.field == "float" and not np.isfinite(checked.values).all():
        raise DataError("initial values: every entry must be finite")
    expected = [(model.n_states, count) for count in model.action_counts]
    found = [factor.shape for factor in start.factors]
    if found and found != expected:
        raise DataError(f"initial factors: expected one table an agent, of shapes {expected}, found {found}")
    factors = tuple(scalars.as_field(factor, model.field) for factor in start.factors)
    table = start.table
    if table is not None and table.shape != model.reward.shape:
        raise DataError(f"initial table: expected shape {model.reward.shape}, found {table.shape}")
    _require_copies(model, factors, table)
    return Start(
        checked.values, checked.greedy, factors, table if table is None else scalars.as_field(table, model.field)
    )


def _require_copies(model: MMDP, factors: tuple[Array, ...], table: Array | None) -> None:
    """Raise DataError, naming the place, where Q^(0) of an action that is not available is not that of its stand-in."""
    if model.available is None:
        return
    for i, (given, stands) in enumerate(zip(factors, stand_ins(model.available), strict=bool(factors))):
        _require_same(given, np.take_along_axis(given, stands, axis=1), lambda s, a, i=i: _factor(model, i, s, a))
    if table is not None:
        _require_same(table, copied(table, model.available), lambda s, *joint: f"table: {model.place(s, joint)}")


def _factor(model: MMDP, agent: int, state: int, action: int) -> str:
    return f"factors: {model.place(state)}, agent {agent + 1}, action {model.actions[agent][action]}"


def _require_same(given: Array, wanted: Array, place: Callable[..., str]) -> None:
    different = np.argwhere(np.asarray(given != wanted, dtype=bool))
    if different.size:
        cell = tuple(map(int, different[0]))
        raise DataError(
            f"initial {place(*cell)}: not available, expected {wanted[cell]}, the number of the available action "
            f"that it stands for, found {given[cell]}"
        )


@dataclass(frozen=True, eq=False, repr=False)
class Iterate:
    """One iterate: t; values V^(t) (S,); greedy (S, n); factors per agent (S, A_i), empty where the class has none.

    interactions: tables (S, A_T) by sets T of two or more agents, empty where the class has none.
    """

    t: int
    values: Array
    greedy: Array
    factors: tuple[Array, ...]
    interactions: Terms = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Iterate(t={self.t}, values {brief(self.values)}, greedy {brief(self.greedy)})"


@dataclass(frozen=True, eq=False, repr=False)
class Trajectory:
    """A run of FMA-FQI: entry t of `values`, `greedy` and `factors` is Q^(t); entry 0 is the start.

    `run[t]` is one iterate. Records what decided it: model, data source, factorization, tie rule, number type, and
    what it rests on besides (see `reliance`): undetermined, what the data leave open; overflow, the iteration in which
    a float run left float64 (and stopped), None where it did not. Where
    the class has functions of several agents, entry t of `interactions` has them by sets of agents, counted from 0:
    Q_tot(s,a) = Σ_i factors[i][s,a_i] + Σ_T interactions[T][s,a_T], T such as (0, 1).
    """

    model: MMDP
    source: DataSource
    factorization: str
    ties: Ties
    values: Sequence[Array]
    greedy: Sequence[Array]
    factors: Sequence[tuple[Array, ...]]
    interactions: Sequence[Terms] = ()
    undetermined: tuple[Undetermined, ...] = ()
    overflow: int | None = None

    @cached_property
    def near_tie(self) -> reliance.NearTie | None:
        """Return the first greedy action of a float run that rounding may have decided; None for exact runs."""
        return reliance.near_tie(self)

    @property
    def data(self) -> Any:
        """Return the data source in its JSON form."""
        return self.source.describe()

    def __repr__(self) -> str:
        what = (
            f"{self.factorization}, {type(self.source).__name__} data, {len(self) - 1} iterations, {self.model.field}"
        )
        return f"Trajectory({self.model.name!r}, {what})"

    def __len__(self) -> int:
        """Return the number of iterates, the start included."""
        return len(self.values)

    def __getitem__(self, t: int) -> Iterate:
        """Return iterate t (negative t count from the end)."""
        index = range(len(self))[t]
        interactions = self.interactions[index] if self.interactions else {}
        return Iterate(index, self.values[index], self.greedy[index], self.factors[index], interactions)

    def _repr_html_(self) -> str:
        return face("trajectory", self)

    def __iter__(self) -> Iterator[Iterate]:
        """Iterate over t = 0, 1, ..., T."""
        return (self[t] for t in range(len(self)))

    def to_numpy(self) -> dict[str, Array]:
        """Return float64 "values" (T+1, S), integer "greedy" (T+1, S, n), "factors_i" (T, S, A_i) for t >= 1.

        Agents i = 1, ..., n; interactions of several are "factors_1_2" (T, S, A_1, A_2) and so on.
        """
        result = {"values": np.stack([scalars.to_float(v) for v in self.values]), "greedy": np.stack(self.greedy)}
        for i in range(len(self.factors[-1])):
            steps = [scalars.to_float(f[i]) for f in self.factors[1:]]
            if steps:
                result[f"factors_{i + 1}"] = np.stack(steps)
        for scope in self[-1].interactions:
            name = "_".join(str(i + 1) for i in scope)
            result[f"factors_{name}"] = np.stack([scalars.to_float(t[scope]) for t in self.interactions[1:]])
        return result

    def to_pandas(self) -> Any:
        """Return a DataFrame (optional extra `pandas`) with a row for each t and state: "value" and "agent i".

        Index ("t", "state"); value: V^(t)(s), exact numbers as Fractions; agent i: the name of its greedy action.
        Raises ExtraMissing without pandas.
        """
        states, steps = self.model.states, range(len(self))
        columns = {"value": [v for values in self.values for v in values]}
        for i, names in enumerate(self.model.actions):
            columns[f"agent {i + 1}"] = [names[a] for greedy in self.greedy for a in greedy[:, i]]
        return frame(columns, {"t": [t for t in steps for _ in states], "state": [s for _ in steps for s in states]})

    def to_json(self) -> dict[str, Any]:
        """Return the `trajectory/1` document.

        An iterate's "factors" are those of single agents. A class with functions of several agents adds the key
        "interactions", [{"agents": [0, 1], "tables": [per state nested (A_0, A_1)]}, ...], agents counted from 0 as in
        graph:0-1. Both are in the canonical gauge of `factorization.additive`, so that Q_tot is the sum of all.
        """
        return {
            "format": "trajectory/1",
            "model": self.model.name,
            "field": self.model.field,
            "discount": scalars.text(self.model.discount),
            "data": self.data,
            "factorization": self.factorization,
            "ties": self.ties,
            **self._reliance(),
            "initial": {"values": scalars.nested_text(self.values[0]), "greedy": self.greedy[0].tolist()},
            "iterates": [_iterate_json(it) for it in self if it.t > 0],
        }

    def _reliance(self) -> dict[str, Any]:
        """Return what the numbers rest on: "undetermined", and "near_tie" and "overflow" for floats."""
        found: dict[str, Any] = {"undetermined": [one.to_json(self.model) for one in self.undetermined]}
        if self.model.field == "float":
            tie = self.near_tie
            found |= {"near_tie": None if tie is None else tie.to_json(self.model), "overflow": self.overflow}
        return found

    def plot(self, path: str | Path | None = None) -> Any:
        """Draw V^(t)(s) against t (needs the optional extra `plots`); write a picture when `path` is given."""
        return draw("plot_trajectory", self, path)


def _iterate_json(it: Iterate) -> dict[str, Any]:
    document = {
        "t": it.t,
        "values": scalars.nested_text(it.values),
        "greedy": it.greedy.tolist(),
        "factors": [scalars.nested_text(f) for f in it.factors],
    }
    if it.interactions:
        tables = it.interactions.items()
        document["interactions"] = [{"agents": list(t), "tables": scalars.nested_text(table)} for t, table in tables]
    return document
