"""Answers as tables for people: 80 to 100 columns, exact numbers shortened where they are long (and marked so)."""

from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from fqi_theory.base.texts import listed
from fqi_theory.cli.format import cells, console, headline, labelled, legend, number, table
from fqi_theory.model import catalog
from fqi_theory.model.mmdp import MMDP
from fqi_theory.model.transitions import DeterministicTransition
from fqi_theory.planning.solutions import HorizonSolution, Solution
from fqi_theory.runs.trajectory import Iterate, Trajectory

STATES_SHOWN = 20
STATES_ACROSS = 4
STEPS_SHOWN = 6
CELLS_SHOWN = 36
MATRIX_ACROSS = 8


def models() -> None:
    """Print the catalogue."""
    grid = table("name", "what it is", "source")
    for entry in catalog.entries():
        syntax = f"{entry.name}(...)" if len(entry.parameters) > 1 else entry.syntax
        grid.add_row(Text(syntax), Text(entry.description), Text(entry.source.split("; ")[0], style="dim"))
    out = console()
    out.print(grid)
    for entry in catalog.entries():
        if entry.parameters:
            out.print(Text(entry.syntax))
            for key, parameter in entry.parameters.items():
                out.print(Text(f"    {key}: {parameter.expected} (default: {parameter.default})"))


def model(found: MMDP) -> None:
    """Print a model: its head, its start and its tables as far as they fit."""
    out = console()
    headline(out, found)
    labelled(out, "source", found.source or "not given")
    for i, names in enumerate(found.actions):
        labelled(out, f"actions of agent {i + 1}", listed(names))
    labelled(out, "states", listed(found.states))
    if found.available is not None:
        labelled(out, "not available", listed(_missing(found)))
    if found.start is not None:
        places = [f"{found.states[s]}: {number(p)}" for s, p in enumerate(found.start) if p != 0]
        labelled(out, "start", listed(places))
    sure = isinstance(found.transition, DeterministicTransition)
    labelled(out, "transitions", "deterministic" if sure else f"{found.transition.entries().size} probabilities")
    if found.n_states == 1 and found.n_agents == 2 and found.action_counts[1] <= MATRIX_ACROSS:
        out.print(_matrix(found))
    elif found.reward.size <= CELLS_SHOWN:
        grid = table("state", "joint action", "reward", "next")
        for index, row in found.transition.rows():
            if not found.allows(index[0], index[1:]):
                continue
            following = ", ".join(found.states[s] + ("" if p == 1 else f": {number(p)}") for s, p in row.items())
            grid.add_row(
                *cells(found.states[index[0]], found.joint_name(index[1:]), number(found.reward[index]), following)
            )
        out.print(grid)
    legend(out, found)


def trajectory(run: Trajectory) -> None:
    """Print a run: V^(t) for some t, and the greedy joint actions at its end."""
    out, found = console(), run.model
    headline(out, found)
    data = run.data
    kind = data["kind"] if isinstance(data, dict) else str(data)
    epsilon = f" (epsilon {data['epsilon']})" if kind == "epsilon-greedy" else ""
    labelled(out, "data", f"{kind}{epsilon}    factorization: {run.factorization}    ties: {run.ties}")
    wide = found.n_states > STATES_ACROSS
    heads = ["min V", "max V", "largest change"] if wide else [f"V({s})" for s in found.states]
    grid = table("t", *heads, right=range(len(heads) + 1))
    last = None
    for it in _some(run):
        if last is not None and it.t > last + 1:
            grid.add_row("...")
        shown = _extremes(run, it) if wide else [number(v) for v in it.values]
        grid.add_row(*cells(str(it.t), *shown))
        last = it.t
    out.print(grid)
    end = run[-1]
    _policy(out, found, end.values, end.greedy, f"V at t = {end.t}", "greedy joint action")
    legend(out, found)


def solution(found: Solution) -> None:
    """Print V*, an optimal joint policy and, where it is small, Q*."""
    out = console()
    headline(out, found.model)
    _policy(out, found.model, found.values, found.policy, "V*", "optimal joint action")
    if found.action_values.size <= CELLS_SHOWN:
        grid = table("state", "joint action", "Q*", "V* - Q*", right=(2, 3))
        for index in np.ndindex(*found.action_values.shape):
            if not found.model.allows(index[0], index[1:]):
                continue
            value = found.action_values[index]
            names = found.model.states[index[0]], found.model.joint_name(index[1:])
            grid.add_row(*cells(*names, number(value), number(found.values[index[0]] - value)))
        out.print(grid)
    legend(out, found.model)


def horizon(found: HorizonSolution) -> None:
    """Print the values of a horizon, and the joint actions with which it begins."""
    out = console()
    headline(out, found.model)
    labelled(out, "horizon", f"{found.horizon} steps; the policy depends on time: --json FILE holds all of it")
    first = found.policy[0] if found.horizon else np.zeros((found.model.n_states, found.model.n_agents), dtype=int)
    _policy(out, found.model, found.values, first, f"V over {found.horizon} steps", "optimal joint action at time 0")
    legend(out, found.model)


def fate(found: MMDP, answer: Any, reasons: Any, certificate: str | None) -> None:
    """Print the fate of a run and why; answer: a `fqi_theory.fates.Fate`, reasons: its `Explanation`."""
    out = console()
    headline(out, found)
    said = answer.summary()
    for k, line in enumerate(said[: len(said) - len(answer.tried)]):  # what was tried is part of the reasons
        out.print(Text(line, style="bold" if k == 0 else ""))
    if answer.kind == "converges":
        more = {"V*": answer.optimal_values, "loss": answer.loss}
        _policy(out, found, answer.values[0], answer.greedy[0], "limit of V", "greedy joint action", more)
    elif answer.kind == "cycles" and found.n_states <= STATES_ACROSS:
        grid = table("point", *(f"V({s})" for s in found.states), "greedy", right=range(found.n_states + 1))
        for k, (point, greedy) in enumerate(zip(answer.values, answer.greedy, strict=True)):
            actions = " ".join(found.joint_name(action) for action in greedy)
            grid.add_row(*cells(str(k), *map(number, point), actions))
        out.print(grid)
    elif answer.bounds is not None:
        _bounds(out, found, answer.bounds)
    for label, line in reasons.lines:
        labelled(out, label, line)
    labelled(out, "certificate", certificate or "not written (--certificate FILE writes it)")
    legend(out, found)


def _bounds(out: Console, found: MMDP, bounds: Any) -> None:
    r = bounds.reference
    value = "V" if r is None else f"V - V({found.states[r]})"
    grid = table("state", f"{value} at least", "at most", right=(1, 2))
    for s, name in enumerate(found.states):
        if s != r:
            grid.add_row(*cells(name, number(bounds.lower[s]), number(bounds.upper[s])))
    out.print(grid)
    labelled(out, "from", f"t = {bounds.prefix} on")


def remedied() -> None:
    """Print whose fate was decided where a remedy was asked for."""
    text = "The remedied run is the plain run of the model named above; optimal and suboptimal mean in that model."
    console().print(Text(text, style="dim"))


def _missing(found: MMDP) -> list[str]:
    """Return the actions that an agent lacks in a state, as ``B of agent 1 in s1``."""
    return [
        f"{found.actions[i][a]} of agent {i + 1} in {found.states[s]}"
        for i, mask in enumerate(found.available or ())
        for s, a in np.argwhere(~mask).tolist()
    ]


def _matrix(found: MMDP) -> Table:
    rows, columns = found.actions
    grid = table("reward", *columns, right=range(1, len(columns) + 1))
    for a, name in enumerate(rows[:STATES_SHOWN]):
        shown = [number(x) if found.allows(0, (a, b)) else "" for b, x in enumerate(found.reward[0, a])]
        grid.add_row(*cells(name, *shown))
    return grid


def _policy(
    out: Console, found: MMDP, values: Any, actions: Any, head: str, action_head: str, more: Any = None
) -> None:
    """Print a table of states; more: further columns of numbers by their heads."""
    if found.start is not None:
        labelled(out, f"{head}, expected over the start", number((found.start * values).sum()))
    columns = {head: values, **(more or {})}
    grid = table("state", *columns, action_head, right=range(1, len(columns) + 1))
    for s in range(min(found.n_states, STATES_SHOWN)):
        numbers = [number(column[s]) for column in columns.values()]
        grid.add_row(*cells(found.states[s], *numbers, found.joint_name(actions[s])))
    out.print(grid)
    if found.n_states > STATES_SHOWN:
        out.print(Text(f"... and {found.n_states - STATES_SHOWN} more states; --json FILE holds all", style="dim"))


def _some(run: Trajectory) -> list[Iterate]:
    """Return the first and the last iterates."""
    if len(run) <= 2 * STEPS_SHOWN + 1:
        return list(run)
    return [run[t] for t in (*range(STEPS_SHOWN), *range(len(run) - STEPS_SHOWN, len(run)))]


def _extremes(run: Trajectory, it: Iterate) -> list[str]:
    change = number(max(abs(it.values - run[it.t - 1].values))) if it.t else ""
    return [number(min(it.values)), number(max(it.values)), change]
