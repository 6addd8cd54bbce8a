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
    """Write a model as mmdp/1."""
    if out != "-":
        require_json(out)
    require_writable(out)
    text = mmdp_text(inputs.load(model, discount, renormalise))
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
    if plot:
        from fqi_theory.plots.canvas import require_drawing

        with inputs.about(plot):
            require_drawing(plot)
    loaded = inputs.load(model, discount, renormalise, exact)
    source, start = inputs.data_source(data, loaded), inputs.start(initial, loaded, ties)
    rule = inputs.factorization(factorization, loaded)
    loaded = inputs.remedied(loaded, source, backup, shrink, damping)
    with inputs.about(model), notices(model), progress("iterations", quiet) as count, np.errstate(all="ignore"):
        trajectory = fitted_q_iteration(
            loaded,
            data=source,
            factorization=rule,
            iterations=iterations,
            initial=start,
            ties=ties,
            method=method,
            unsupported=unsupported,
            watch=count,
        )
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
    json_file: str | None,
    quiet: bool,
) -> None:
    """Solve, write, print."""
    require_writable(json_file)
    loaded = inputs.load(model, discount, renormalise, exact)
    with inputs.about(model), progress("policy iteration", quiet):
        solution = optimal_solution(loaded)
    write_document(json_file, solution.to_json() if json_file else None)
    if not quiet and json_file != "-":
        tables.solution(solution)


def decide(
    *,
    model: str,
    discount: str | None,
    renormalise: bool,
    data: str,
    factorization: str,
    initial: str | None,
    iterations: int | None,
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
    loaded = inputs.load(model, discount, renormalise)
    source, start = inputs.data_source(data, loaded), inputs.start(initial, loaded, "first")
    rule = inputs.factorization(factorization, loaded)
    changed = inputs.remedied(loaded, source, backup, shrink, damping)
    remedied, loaded = changed is not loaded, changed
    effort = None if iterations is None else fates.Effort(steps=iterations)
    with inputs.about(model), progress("deciding, exact steps", quiet) as count:
        fate = fates.decide(loaded, data=source, factorization=rule, initial=start, watch=count, effort=effort)
    written = certificate if certificate and fate.certificate is not None else None
    if written:
        write_document(written, fate.certificate)
    write_document(json_file, fate.to_json(written) if json_file else None)
    if not quiet and "-" not in (json_file, certificate):
        tables.fate(loaded, fate, written)
        if remedied:
            tables.remedied()
    return str(fate.kind)


def require_json(path: str) -> None:
    """Raise FormatError unless a file to write is named as JSON."""
    if ending(path) != ".json":
        raise FormatError(f"{path}: name: expected an ending .json or .json.gz, found {other_ending(path)}")


def require_writable(*paths: str | None) -> None:
    """Refuse paths that cannot be written before anything is computed; "-" and None pass. Raises FormatError."""
    for path in paths:
        if path is not None and path != "-":
            files.require_writable(path)


def write_document(path: str | None, document: Any) -> None:
    """Write a JSON document to a file, "-" (standard output) or nowhere (None)."""
    if path == "-":
        sys.stdout.write(files.json_text(document, "standard output"))
    elif path is not None:
        files.write_json(path, document)
