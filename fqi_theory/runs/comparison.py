"""A training run held against the exact one: what a network learned, iteration by iteration, and where it departs.

Values V^(t)(s) and tables Q_tot^(t)(s,a) are unique where the data determine the fit. Factors are unique up to residues
w_i(s) with Σ_i w_i(s) = 0 (theory notes, section 2), so theirs are fixed first: with d_i(s) the mean over a_i of
learned minus exact, agent i's factor is moved by (1/n) Σ_j d_j(s) - d_i(s). What is left is a difference of Q_tot.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.counts import whole
from fqi_theory.base.drawing import draw
from fqi_theory.base.errors import DataError
from fqi_theory.base.scalars import Array, Scalar
from fqi_theory.base.texts import number
from fqi_theory.factorization.fit import additive_table, aligned
from fqi_theory.model.available import copied, stand_ins
from fqi_theory.runs.trajectory import Trajectory

#: Classes whose trajectories hold Q_tot: the sum of factors and interactions.
SUMS = "linear", "additive", "graph"
Kind: TypeAlias = Literal["values", "tables", "factors"]


@dataclass(frozen=True)
class Departure:
    """The first entry that differs by more than allowed.

    t: the iteration. state, action: names; action is "" for values, the joint action for tables, the agent's for
    factors. exact, learned: the two numbers, factors in the exact run's gauge; difference: learned minus exact.
    """

    t: int
    state: str
    action: str
    exact: Scalar
    learned: Scalar
    difference: Scalar

    def __str__(self) -> str:
        action = f", {self.action}" if self.action else ""
        numbers = f"learned {number(self.learned)}, exact {number(self.exact)}"
        return f"t = {self.t}, state {self.state}{action}: {numbers}, difference {number(self.difference)}"


@dataclass(frozen=True, eq=False)
class _Step:
    """One iteration: learned and exact arrays in the same gauge, the largest |learned - exact|, max(1, max |exact|)."""

    t: int
    learned: tuple[Array, ...]
    exact: tuple[Array, ...]
    error: Scalar
    scale: Scalar


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """What was learned against the exact run, up to the first number that is not finite.

    steps: the iterations compared: t, learned and exact arrays, the largest difference `error` and `scale` = max(1, max
    |exact|). within: an error up to within · scale is no departure. departure: the first that is one, None where all
    are followed.
    """

    run: Trajectory
    kind: Kind
    steps: tuple[_Step, ...]
    within: Scalar
    departure: Departure | None

    @property
    def follows(self) -> bool:
        """Tell whether every entry of every iteration is followed."""
        return self.departure is None

    def __repr__(self) -> str:
        if self.departure is not None:
            return f"Comparison({self.kind} depart at {self.departure})"
        largest = max(float(scalars.to_float(step.error / step.scale)) for step in self.steps)
        what = f"{self.kind} of {len(self.steps)} iterations followed"
        return f"Comparison({what}, largest relative difference {largest:.2g})"

    def plot(self, path: str | Path | None = None) -> Any:
        """Draw the exact values, what was learned, and the departure (needs the optional extra `plots`)."""
        return draw("plot_comparison", self, path)


def compare(
    run: Trajectory, learned: Sequence[Any], *, kind: Kind | None = None, first: int = 0, within: Any = "1/1000"
) -> Comparison:
    """Hold what was learned against a run and return the largest differences and the first departure.

    learned[k] belongs to iteration first + k: V (S,), Q_tot (S, A_1, ..., A_n), or per agent factors (S, A_i); which,
    is told by the shape, or for factors by kind="factors". within: the largest difference that is no departure, in
    units of the largest |exact| of that iteration, at least 1. Raises DataError for other shapes, iterations that the
    run has not, and tables or factors of classes or data that leave them open.
    """
    if not isinstance(run, Trajectory):
        raise DataError(f"run: expected a Trajectory, as fitted_q_iteration returns it, found {type(run).__name__}")
    if isinstance(learned, str) or not (hasattr(learned, "__len__") and hasattr(learned, "__getitem__")):
        raise DataError(f"learned: expected an entry for each iteration, found {type(learned).__name__}")
    kind = kind or _kind(run, learned)
    if kind not in ("values", "tables", "factors"):
        raise DataError(f"kind: expected 'values', 'tables' or 'factors', found {kind!r}")
    first = whole(first, "first")
    if first + len(learned) > len(run) or not len(learned):
        last = first + len(learned) - 1
        raise DataError(f"learned: expected iterations within 0..{len(run) - 1}, found {first}..{last}")
    _require_unique(run, kind, first)
    allowed = scalars.scalar(scalars.from_float(within), run.model.field)
    if not allowed >= 0:
        raise DataError(f"within: expected at least 0, found {within}")
    steps: list[_Step] = []
    departure = None
    for t, entry in enumerate(learned, first):
        tables = _tables(run, kind, t, entry)
        departure = departure or _not_finite(run, kind, t, tables)
        if not all(_finite(table).all() for table in tables):
            break
        step = _step(run, kind, t, tables)
        if departure is None and step.error > step.scale * allowed:
            departure = _departure(run, kind, step)
        steps.append(step)
    return Comparison(run, kind, tuple(steps), allowed, departure)


def _kind(run: Trajectory, learned: Sequence[Any]) -> Kind:
    """Return what is meant by the shape of the first entry."""
    shape = np.shape(learned[0]) if len(learned) else ()
    model = run.model
    if shape == (model.n_states,):
        return "values"
    if shape == model.reward.shape:
        return "tables"
    raise DataError(
        f"learned: expected values of shape {(model.n_states,)} or tables of shape {model.reward.shape} an iteration, "
        f"found {shape}; kind='factors' takes a table (S, A_i) for each agent"
    )


def _require_unique(run: Trajectory, kind: Kind, first: int) -> None:
    """Raise DataError where Q_tot of the run is not unique or not kept."""
    if kind == "values":
        return
    if run.undetermined:
        raise DataError(
            f"learned: the data leave Q_tot undetermined at {run.undetermined[0].text(run.model)}; compare values"
        )
    if run.factorization.partition(":")[0] not in SUMS:
        raise DataError(f"learned: Q_tot of the class {run.factorization} is no sum of factors; compare values")
    if first == 0 and not run.factors[0]:
        raise DataError("learned: the start was given as values, so that Q_tot at t = 0 is not known; use first=1")


def _tables(run: Trajectory, kind: Kind, t: int, entry: Any) -> list[Array]:
    """Return what was learned at t as arrays, one for values and tables, one an agent for factors.

    Where actions are not available what was learned of them does not count: their stand-ins' numbers take its place.
    """
    model = run.model
    shapes: list[tuple[int, ...]] = {
        "values": [(model.n_states,)],
        "tables": [model.reward.shape],
        "factors": [(model.n_states, count) for count in model.action_counts],
    }[kind]
    tables = [scalars.nested_array(table) for table in (entry if kind == "factors" else [entry])]
    if [table.shape for table in tables] != shapes:
        raise DataError(f"learned: iteration {t}: expected shapes {shapes}, found {[table.shape for table in tables]}")
    if model.available is None or kind == "values":
        return tables
    if kind == "tables":
        return [copied(tables[0], model.available)]
    stands = zip(tables, stand_ins(model.available), strict=True)
    return [np.take_along_axis(table, own, axis=1) for table, own in stands]


def _finite(table: Array) -> Array:
    return np.isfinite(table) if table.dtype.kind == "f" else np.ones(table.shape, dtype=bool)


def _not_finite(run: Trajectory, kind: Kind, t: int, tables: list[Array]) -> Departure | None:
    for i, table in enumerate(tables):
        for place in map(tuple, np.argwhere(~_finite(table))):
            exact = _exact(run, kind, t)[i][place]
            found = float(table[place])
            return Departure(t, run.model.states[place[0]], _action(run, kind, i, place[1:]), exact, found, found)
    return None


def _exact(run: Trajectory, kind: Kind, t: int) -> list[Array]:
    """Return what the run has at t, in the shapes of `_tables`."""
    if kind == "values":
        return [run.values[t]]
    if kind == "factors":
        return list(run.factors[t])
    agents = range(run.model.n_agents)
    terms = run.interactions[t] if run.interactions else {}
    return [sum((aligned(q, scope, agents) for scope, q in terms.items()), additive_table(run.factors[t]))]


def _step(run: Trajectory, kind: Kind, t: int, tables: list[Array]) -> _Step:
    exact = _exact(run, kind, t)
    if run.model.field == "exact":
        found = [scalars.from_float(table) for table in tables]
    else:
        found = [scalars.to_float(table) for table in tables]
    if kind == "factors":
        found = _gauged(found, exact)
    error = max(np.abs(a - b).max() for a, b in zip(found, exact, strict=True))
    scale = max([scalars.scalar(1, run.model.field), *(np.abs(table).max() for table in exact)])
    return _Step(t, tuple(found), tuple(exact), error, scale)


def _gauged(found: list[Array], exact: list[Array]) -> list[Array]:
    """Return learned factors with the residue that brings each agent's mean difference to the mean of all."""
    means = [(a - b).sum(axis=1) / a.shape[1] for a, b in zip(found, exact, strict=True)]
    common = sum(means[1:], means[0]) / len(means)
    return [table + (common - mean)[:, None] for table, mean in zip(found, means, strict=True)]


def _departure(run: Trajectory, kind: Kind, step: _Step) -> Departure:
    """Return the entry of a step that differs most."""
    gaps = [np.abs(a - b) for a, b in zip(step.learned, step.exact, strict=True)]
    i = max(range(len(gaps)), key=lambda k: gaps[k].max())
    place = tuple(int(x) for x in np.unravel_index(int(gaps[i].argmax()), gaps[i].shape))
    learned, exact = step.learned[i][place], step.exact[i][place]
    action = _action(run, kind, i, place[1:])
    return Departure(step.t, run.model.states[place[0]], action, exact, learned, learned - exact)


def _action(run: Trajectory, kind: Kind, agent: int, place: Sequence[int]) -> str:
    """Return the name of what an entry belongs to besides its state."""
    if kind == "values":
        return ""
    if kind == "factors":
        return f"action {run.model.actions[agent][place[0]]} of agent {agent + 1}"
    return f"joint action {run.model.joint_name(place)}"
