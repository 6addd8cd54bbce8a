"""The phase diagram as tables for people: what is certain at which discount, what would help, what a log says."""

from typing import Any

from rich.console import Console
from rich.text import Text

from fqi_theory.base.scalars import Scalar
from fqi_theory.cli.format import EXACT_WIDTH, cells, console, labelled, number, table
from fqi_theory.fates.phases.diagram import Phases
from fqi_theory.fates.phases.log_report import LogReport, Verdict
from fqi_theory.fates.phases.remedies import Remedies
from fqi_theory.fates.phases.witnesses import Witness

LISTED = 6


def diagram(found: Phases, helps: Remedies | None) -> None:
    """Print the thresholds of a class under data, those of a model's own kernel, and the remedies at a discount."""
    out = console()
    out.print(Text.assemble((f"phases of {found.kind.name}", "bold"), f"    {_shape(found)}, {_data(found.data)}"))
    where = "" if found.state is None else f"state {found.state}, "
    labelled(out, "negative mass", f"{_both(found.negative_mass)} at {where}{_action(found.action)}{_negative(found)}")
    grid = table("discount", "what is certain for every model of this shape")
    for row in _regions(found.converges_below, found.bounded_below, found.attained_from_there):
        grid.add_row(*cells(*row))
    out.print(grid)
    if found.model is not None:
        own = found.model
        under = "" if own.greedy is None else f" while {_action(own.greedy)} is greedy"
        out.print(Text("this model's own kernel", style="bold"))
        labelled(out, "negative mass", f"{_both(own.negative_mass)} at state {own.state}, {_action(own.action)}{under}")
        limits = "" if own.converges_below is None else f"every run converges below {_both(own.converges_below)}, "
        labelled(out, "thresholds", f"{limits}is bounded below {_both(own.bounded_below)}")
        labelled(out, f"at its discount {number(own.discount)}", own.conclusion)
    if helps is not None:
        _remedies(out, found, helps)
    legend(out)


def _remedies(out: Console, found: Phases, helps: Remedies) -> None:
    grid = table(f"at discount {number(helps.discount)}", "every run is bounded for")
    share = "every η <= 1" if helps.share == 1 else f"η < {_both(helps.share)}"
    coupling = "every δ" if helps.coupling == 1 else f"δ < {_both(helps.coupling)}"
    grid.add_row(*cells("h-step returns on the data", f"h >= {helps.steps}"))
    grid.add_row(*cells("backups η·max + (1-η)·mean, or advantages times η", share))
    grid.add_row(*cells("the same, safe at every discount", f"η <= {_both(helps.safe_share)}"))
    grid.add_row(*cells("transitions (1-δ)·representable + δ·anything", coupling))
    if helps.uniform_mass < found.negative_mass:
        grid.add_row(*cells("uniform data", f"γ < {_both(1 / (1 + helps.uniform_mass))}"))
    out.print(grid)
    if not found.on_policy:
        damped = f"Damping by α moves no threshold; it removes the swap cycles for α < {_both(helps.damping)}."
        out.print(Text(damped, style="dim"))


def witness(made: Witness, path: str | None) -> None:
    """Print what the witness is, or why there is none."""
    out = console()
    head = f"written to {path}" if made.exists else "there is none" if "every run" in made.reason else "none is known"
    out.print(Text(f"witness that {made.kind}: {head}", style="bold"))
    out.print(Text(made.reason))


def log(found: LogReport) -> None:
    """Print what a log says: independence, thresholds, rarest actions."""
    out, shape = console(), " x ".join(map(str, found.log.counts))
    steps = len(found.log.actions)
    out.print(Text.assemble(("recorded joint actions", "bold"), f"    {steps} steps, {shape} joint actions"))
    grid = table("group", "steps", "product data?", right=(1,))
    for name, count, exact, p in found.groups[:LISTED]:
        grid.add_row(*cells(name, str(count), "exactly" if exact else f"permutation test of independence: p = {p:.3g}"))
    out.print(grid)
    _rest(out, len(found.groups), "groups")
    for verdict in found.verdicts:
        _verdict(out, found, verdict)
    _rarest(out, found)
    legend(out)


def _verdict(out: Console, found: LogReport, verdict: Verdict) -> None:
    name = "additive (VDN)" if verdict.name == "linear" else "pairwise"
    out.print(Text(name, style="bold"))
    if verdict.mass is not None:
        labelled(out, "  of the recorded marginals", _line(verdict.mass))
    if verdict.joint_mass is not None:
        labelled(out, "  of the recorded joint distribution", _line(verdict.joint_mass))
    if verdict.reason:
        labelled(out, "  not known", verdict.reason)
    if verdict.upper is not None:
        below = f"ν <= {number(verdict.upper)}, bounded below {number(1 / (1 + verdict.upper))}"
        labelled(out, f"  of the behaviour, confidence {number(found.confidence)}", f"{below} (product data)")


def _line(mass: Scalar) -> str:
    return f"ν = {number(mass)}: converges below {number(1 / (1 + 2 * mass))}, bounded below {number(1 / (1 + mass))}"


def _rarest(out: Console, found: LogReport) -> None:
    grid = table("group", "agent", "rarest action", "played", "at least", "ν if flattened", right=(3, 4, 5))
    order = sorted(found.rarest, key=lambda r: (r.flattened is None, r.flattened or 0))
    for r in order[:LISTED]:
        flat = "" if r.flattened is None else number(r.flattened)
        grid.add_row(*cells(r.group, r.agent, r.action, f"{r.count}/{r.steps}", number(r.lower), flat))
    out.print(Text("what would lower ν most: these agents' rarest actions, played more", style="bold"))
    out.print(grid)
    _rest(out, len(order), "agents and groups")
    out.print(
        Text(f"at least: Clopper-Pearson, all at once with confidence {found.confidence}, rounded down", style="dim")
    )


def _rest(out: Console, count: int, what: str) -> None:
    if count > LISTED:
        out.print(Text(f"... and {count - LISTED} more {what}; --json FILE holds all", style="dim"))


def _regions(converges: Scalar | None, bounded: Scalar, attained: bool) -> list[tuple[str, str]]:
    if converges is None:
        ensured = "every run is bounded (on-policy data ensure convergence nowhere)"
        above = "some model has a run that diverges" if attained else "not decided by the negative mass"
        return [(f"γ < {_both(bounded)}", ensured), (f"{_both(bounded)} <= γ", above)]
    if bounded == 1:
        return [("γ < 1", "every run converges")]
    return [
        (f"γ < {_both(converges)}", "every run converges"),
        (
            f"{_both(converges)} <= γ < {_both(bounded)}",
            "every run is bounded; some model has one that does not converge",
        ),
        (f"{_both(bounded)} <= γ < 1", "some model has a run that diverges"),
    ]


def _both(value: Scalar) -> str:
    """Return an exact number, with its rounded value where it is a fraction."""
    text = number(value)
    if "/" not in text:
        return text
    return f"{text} (≈{int(value.p) / int(value.q):.4g})"


def _shape(found: Phases) -> str:
    n = len(found.shape)
    least, most = min(found.shape), max(found.shape)
    each = f"{least} actions each" if least == most else f"{least} to {most} actions each"
    shape = " x ".join(map(str, found.shape)) if n <= LISTED else each
    return f"{n} agent{'s' if n > 1 else ''} ({shape})"


def _data(described: Any) -> str:
    kind = described["kind"] if isinstance(described, dict) else str(described)
    epsilon = f" {described['epsilon']}" if kind == "epsilon-greedy" else ""
    return f"{kind}{epsilon} data"


def _action(action: tuple[int, ...]) -> str:
    return "(" + ", ".join(map(str, action[:LISTED])) + (", ...)" if len(action) > LISTED else ")")


def _negative(found: Phases) -> str:
    if not found.negative_set:
        return ""
    listed = " ".join(map(_action, found.negative_set[:LISTED]))
    more = f" ... ({len(found.negative_set)} in all)" if len(found.negative_set) > LISTED else ""
    return f", negative weights on {listed}{more}"


def legend(out: Console) -> None:
    """Print how numbers are shown."""
    text = f"Numbers are exact; ≈ marks a rounded value, alone where a rational has more than {EXACT_WIDTH} characters."
    out.print(Text(text, style="dim"))
