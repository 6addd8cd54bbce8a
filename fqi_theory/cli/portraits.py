"""What `fqi-theory attractors` and `fqi-theory critical` do: load, compute, write JSON, print tables."""

import numpy as np
from rich.console import Console
from rich.text import Text

from fqi_theory import fates
from fqi_theory.base.errors import DataError, FormatError
from fqi_theory.base.scalars import Array
from fqi_theory.cli import inputs
from fqi_theory.cli.commands import require_writable, write_document
from fqi_theory.cli.format import cells, console, headline, labelled, legend, number, table
from fqi_theory.cli.progress import progress
from fqi_theory.cli.tables import STATES_ACROSS
from fqi_theory.cli.thresholds import decimals, readable_polynomial, root_text
from fqi_theory.fates.attractors import SMALL_EPSILON, Attractor, Portrait
from fqi_theory.fates.critical import Critical, Parameter, Threshold
from fqi_theory.model.mmdp import MMDP

ATTRACTING = {True: "yes", False: "no", None: "tied"}


def attractors(
    *,
    model: str,
    discount: str | None,
    renormalise: bool,
    data: str,
    longest: int,
    samples: int,
    seed: int,
    json_file: str | None,
    quiet: bool,
) -> None:
    """Enumerate the fixed points and cycles, write, print."""
    require_writable(json_file)
    loaded = inputs.load(model, discount, renormalise)
    source = inputs.data_source(data, loaded)
    with inputs.about(model), progress("attractors", quiet):
        portrait = fates.attractors(loaded, source, longest=longest, samples=samples, seed=seed)
    write_document(json_file, portrait.to_json() if json_file else None)
    if not quiet and json_file != "-":
        _print_portrait(loaded, portrait, data)


def critical(
    *,
    model: str,
    discount: str | None,
    renormalise: bool,
    parameter: Parameter,
    data: str | None,
    policy: str | None,
    json_file: str | None,
    quiet: bool,
) -> None:
    """Find the thresholds, write, print."""
    require_writable(json_file)
    if parameter == "epsilon" and data is not None:
        raise DataError("--data: with --parameter epsilon the data are epsilon-greedy for every epsilon; leave it out")
    if parameter == "discount" and discount is not None:
        raise FormatError("--discount: with --parameter discount every discount is looked at; leave it out")
    loaded = inputs.load(model, discount, renormalise)
    source = inputs.data_source(data or "uniform", loaded) if parameter == "discount" else None
    chosen = None if policy is None else read_policy(policy, loaded)
    with inputs.about(model), progress("thresholds", quiet):
        found = fates.critical(loaded, source, parameter, chosen)
    write_document(json_file, found.to_json() if json_file else None)
    if not quiet and json_file != "-":
        _print_critical(loaded, found, data or "uniform")


def read_policy(text: str, model: MMDP) -> Array:
    """Return the joint policy (S, n) meant by indices such as "0,0;1,0": agents by commas, states by semicolons.

    Raises FormatError that names the state and what was expected.
    """
    rows = [row.split(",") for row in text.split(";")]
    if len(rows) != model.n_states:
        raise FormatError(f"--policy: expected {model.n_states} joint actions separated by ';', found {len(rows)}")
    policy = np.zeros((model.n_states, model.n_agents), dtype=int)
    for s, row in enumerate(rows):
        if len(row) != model.n_agents:
            raise FormatError(f"--policy: {model.place(s)}: expected {model.n_agents} indices, found {len(row)}")
        for i, word in enumerate(row):
            count = model.action_counts[i]
            if word.strip() not in map(str, range(count)):
                place = f"{model.place(s)}: agent {i + 1}"
                raise FormatError(f"--policy: {place}: expected an index in 0..{count - 1}, found {word!r}")
            policy[s, i] = int(word)
    return policy


def _print_portrait(model: MMDP, portrait: Portrait, data: str) -> None:
    out = console()
    headline(out, model)
    labelled(out, "data", f"{data}    factorization: linear    ties: first")
    found = f"isolated fixed points and cycles of at most {portrait.complete_to} points: {len(portrait.attractors)}"
    out.print(Text(found, style="bold"))
    sampled = f"sampled ({portrait.samples} starts, seed {portrait.seed})"
    if portrait.attractors:
        grid = table("#", "period", "attracting", "largest loss", sampled, right=(0, 1, 3, 4))
        for k, found_one in enumerate(portrait.attractors, 1):
            loss = "" if found_one.loss is None else number(max(found_one.loss))
            verdict = ATTRACTING[found_one.attracting]
            grid.add_row(*cells(str(k), str(found_one.period), verdict, loss, _share(found_one.share)))
        out.print(grid)
        _print_points(out, model, portrait.attractors)
    for name, share in sorted(portrait.other_shares.items()):
        labelled(out, f"{sampled}, {name}", _share(share))
    if portrait.person_by_person:
        grid = table("strictly person-by-person optimal policy", f"attracting at epsilon {SMALL_EPSILON}")
        for policy, attracting in portrait.person_by_person:
            grid.add_row(*cells(_policy(model, policy), ATTRACTING[attracting]))
        out.print(grid)
    legend(out, model)


def _print_points(out: Console, model: MMDP, found: tuple[Attractor, ...]) -> None:
    wide = model.n_states > STATES_ACROSS
    heads = ["min V", "max V"] if wide else [f"V({s})" for s in model.states]
    grid = table("#", "point", *heads, "greedy", right=range(len(heads) + 2))
    for k, one in enumerate(found, 1):
        for j, (point, greedy) in enumerate(zip(one.points, one.greedy, strict=True)):
            shown = [min(point), max(point)] if wide else list(point)
            grid.add_row(*cells(str(k), str(j), *map(number, shown), _policy(model, greedy)))
    out.print(grid)


def _policy(model: MMDP, policy: Array) -> str:
    return " ".join(model.joint_name(action) for action in policy)


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"


def _print_critical(model: MMDP, found: Critical, data: str) -> None:
    out = console()
    headline(out, model)
    varies = f"discount, data {data}" if found.parameter == "discount" else "epsilon of epsilon-greedy data"
    labelled(out, "parameter τ in (0, 1)", varies)
    labelled(out, "policy", _policy(model, found.policy))
    if found.attracting_throughout is not None:
        verb = "attracts" if found.attracting_throughout else "does not attract"
        out.print(Text(f"no threshold: the fixed point {verb} at every τ in (0, 1)", style="bold"))
    for threshold in found.thresholds:
        _print_threshold(out, threshold)
    legend(out, model)


def _print_threshold(out: Console, threshold: Threshold) -> None:
    out.print(Text(f"threshold τ = {root_text(threshold.polynomial, threshold.interval)}", style="bold"))
    labelled(out, "  minimal polynomial", readable_polynomial(threshold.polynomial))
    low, high = threshold.interval
    if low != high:
        labelled(out, "  between", f"{decimals(low, up=False)} and {decimals(high, up=True)}")
        labelled(out, "  exact bounds", f"{low} and {high}")
    below, above = ("attracts" if x else "does not attract" for x in (threshold.below, threshold.above))
    labelled(out, "  fixed point of the policy", f"{below} just below, {above} just above")
