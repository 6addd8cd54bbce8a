"""What the commands of `fqi-theory` do: load, compute, write files, print tables."""

import sys
import warnings
from typing import Any

import numpy as np

from fqi_theory.base.errors import FormatError, NearTieWarning
from fqi_theory.cli import inputs, tables
from fqi_theory.cli.notices import notices
from fqi_theory.cli.progress import progress
from fqi_theory.model.formats import files
from fqi_theory.model.formats.load import ending, other_ending
from fqi_theory.model.formats.mmdp_json import mmdp_text
from fqi_theory.model.save import writer_of
from fqi_theory.planning.optimal import Solution
from fqi_theory.planning.optimal import solve as optimal_solution
from fqi_theory.runs.iteration import fitted_q_iteration
from fqi_theory.runs.reliance import tie_message


def show(model: str, discount: str | None, renormalise: bool) -> None:
    """Print what a model is, and every repair."""
    repairs: list[str] = []
    loaded = inputs.load(model, discount, renormalise, repairs=repairs)
    tables.model(loaded)
    for line in repairs:
        print(line)


def convert(model: str, discount: str | None, renormalise: bool, out: str) -> None:
    """Write a model in the format that the name of the file says, or as mmdp/1 to standard output."""
    writer = mmdp_text if out == "-" else writer_of(out)
    require_writable(out)
    with inputs.about(model):
        loaded = inputs.load(model, discount, renormalise)
        text = writer(loaded)
    if out == "-":
        sys.stdout.write(text)
    else:
        files.write_text(out, text)


def run(
    *,
    model: str,
    discount: str | None,
    renormalise: bool,
    exact: bool,
    data: str,
    factorization: str,
    initial: str | None,
    ties: Any,
    iterations: int,
    method: Any,
    unsupported: Any,
    backup: str,
    shrink: str | None,
    damping: str | None,
    json_file: str | None,
    plot: str | None,
    quiet: bool,
) -> None:
    """Iterate, write, print."""
    require_writable(json_file)
    require_drawable(plot)
    loaded = inputs.load(model, discount, renormalise, exact)
    source, start = inputs.data_source(data, loaded), inputs.start(initial, loaded, ties)
    rule = inputs.factorization(factorization, loaded)
    loaded = inputs.remedied(loaded, source, backup, shrink, damping)
    with inputs.about(model), notices(model), progress("iterations", quiet) as count, np.errstate(all="ignore"):
        trajectory = fitted_q_iteration(
            loaded, data=source, factorization=rule, iterations=iterations, initial=start, ties=ties, method=method,
            unsupported=unsupported, watch=count,
        )  # fmt: skip
        if not trajectory.source.on_policy and trajectory.near_tie is not None:
            warnings.warn(tie_message(trajectory, trajectory.near_tie), NearTieWarning, stacklevel=1)
    write_document(json_file, trajectory.to_json() if json_file else None)
    if plot:
        with inputs.about(plot):
            trajectory.plot(plot)
    if not quiet and json_file != "-":
        tables.trajectory(trajectory)


def solve(
    *,
    model: str,
    discount: str | None,
    renormalise: bool,
    exact: bool,
    horizon: int | None,
    json_file: str | None,
    quiet: bool,
) -> None:
    """Solve, write, print."""
    require_writable(json_file)
    loaded = inputs.load(model, discount, renormalise, exact)
    with inputs.about(model), progress("policy iteration", quiet):
        found = optimal_solution(loaded, horizon=horizon) if horizon is not None else optimal_solution(loaded)
    write_document(json_file, found.to_json() if json_file else None)
    if not quiet and json_file != "-":
        tables.solution(found) if isinstance(found, Solution) else tables.horizon(found)


def decide(
    *,
    model: str,
    discount: str | None,
    renormalise: bool,
    data: str,
    factorization: str,
    initial: str | None,
    ties: Any,
    iterations: int | None,
    seconds: float | None,
    unsupported: Any,
    plot: str | None,
    backup: str,
    shrink: str | None,
    damping: str | None,
    certificate: str | None,
    json_file: str | None,
    quiet: bool,
) -> str:
    """Decide, write, print; return the fate."""
    from fqi_theory import fates

    require_writable(json_file, certificate)
    require_drawable(plot)
    loaded = inputs.load(model, discount, renormalise)
    source, start = inputs.data_source(data, loaded), inputs.start(initial, loaded, ties)
    rule = inputs.factorization(factorization, loaded)
    changed = inputs.remedied(loaded, source, backup, shrink, damping)
    remedied, loaded = changed is not loaded, changed
    effort = fates.Effort(steps=fates.Effort.steps if iterations is None else iterations, seconds=seconds)
    with inputs.about(model), progress("deciding, exact steps", quiet) as count:
        options = {"initial": start, "ties": ties, "watch": count, "effort": effort, "unsupported": unsupported}
        fate = fates.decide(loaded, data=source, factorization=rule, **options)
    if plot:
        with inputs.about(plot), notices(model):
            fate.plot(plot)
    shown = not quiet and "-" not in (json_file, certificate)
    with inputs.about(model), progress("explaining", quiet):
        _answer(fate, certificate, json_file, shown)
    if shown and remedied:
        tables.remedied()
    return str(fate.kind)


def _answer(fate: Any, certificate: str | None, json_file: str | None, shown: bool) -> None:
    """Write the certificate and the answer with its explanation, and print it."""
    from fqi_theory import fates

    written = certificate if fate.certificate is not None else None
    write_document(written, fate.certificate)
    if not shown and json_file is None:
        return
    reasons = fates.explain(fate)
    write_document(json_file, {**fate.to_json(written), "explanation": reasons.to_json()})
    if shown:
        tables.fate(fate.problem.model, fate, reasons, written)


def require_json(path: str) -> None:
    """Raise FormatError unless a file to write is named as JSON."""
    if ending(path) != ".json":
        raise FormatError(f"{path}: name: expected an ending .json or .json.gz, found {other_ending(path)}")


def require_writable(*paths: str | None) -> None:
    """Refuse paths that cannot be written before anything is computed; "-" and None pass. Raises FormatError."""
    for path in paths:
        if path is not None and path != "-":
            files.require_writable(path)


def require_drawable(path: str | None) -> None:
    """Refuse a picture that could not be drawn, before anything is computed; None passes."""
    if path:
        from fqi_theory.plots.canvas import require_drawing

        with inputs.about(path):
            require_drawing(path)


def write_document(path: str | None, document: Any) -> None:
    """Write a JSON document to a file, "-" (standard output) or nowhere (None)."""
    if path == "-":
        sys.stdout.write(files.json_text(document, "standard output"))
    elif path is not None:
        files.write_json(path, document)
