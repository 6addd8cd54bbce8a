"""Answers as tables for people: 80 to 100 columns, exact numbers shortened where they are long (and marked so)."""

from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from fqi_theory.cli.format import cells, console, headline, joint_action, labelled, legend, listed, number, table
from fqi_theory.model import catalog
from fqi_theory.model.mmdp import MMDP
from fqi_theory.model.transitions import DeterministicTransition
from fqi_theory.planning.optimal import Solution
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
            following = ", ".join(found.states[s] + ("" if p == 1 else f": {number(p)}") for s, p in row.items())
            grid.add_row(
                *cells(found.states[index[0]], joint_action(found, index[1:]), number(found.reward[index]), following)
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
            value = found.action_values[index]
            names = found.model.states[index[0]], joint_action(found.model, index[1:])
            grid.add_row(*cells(*names, number(value), number(found.values[index[0]] - value)))
        out.print(grid)
    legend(out, found.model)


def fate(found: MMDP, answer: Any, certificate: str | None) -> None:
    """Print the fate of a run; answer: a `fqi_theory.fates.Fate`."""
    out = console()
    headline(out, found)
    for k, line in enumerate(answer.summary()):
        out.print(Text(line, style="bold" if k == 0 else ""))
    if answer.kind == "converges":
        _policy(out, found, answer.values[0], answer.greedy[0], "limit of V", "greedy joint action")
    elif answer.kind == "cycles" and found.n_states <= STATES_ACROSS:
        grid = table("point", *(f"V({s})" for s in found.states), "greedy", right=range(found.n_states + 1))
        for k, (point, greedy) in enumerate(zip(answer.values, answer.greedy, strict=True)):
            actions = " ".join(joint_action(found, action) for action in greedy)
            grid.add_row(*cells(str(k), *map(number, point), actions))
        out.print(grid)
    labelled(out, "certificate", certificate or "not written (--certificate FILE writes it)")
    legend(out, found)


def remedied() -> None:
    """Print whose fate was decided where a remedy was asked for."""
    text = "The remedied run is the plain run of the model named above; optimal and suboptimal mean in that model."
    console().print(Text(text, style="dim"))


def _matrix(found: MMDP) -> Table:
    rows, columns = found.actions
    grid = table("reward", *columns, right=range(1, len(columns) + 1))
    for a, name in enumerate(rows[:STATES_SHOWN]):
        grid.add_row(*cells(name, *map(number, found.reward[0, a])))
    return grid


def _policy(out: Console, found: MMDP, values: Any, actions: Any, head: str, action_head: str) -> None:
    if found.start is not None:
        labelled(out, f"{head}, expected over the start", number((found.start * values).sum()))
    grid = table("state", head, action_head, right=(1,))
    for s in range(min(found.n_states, STATES_SHOWN)):
        grid.add_row(*cells(found.states[s], number(values[s]), joint_action(found, actions[s])))
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
