"""The verdict on a certificate: read it, verify what the claim says, then the proof; and the command line."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from . import (
    box,
    cells,
    choices,
    claims,
    contraction,
    differences,
    expanding,
    grid,
    interval,
    monotonic,
    optimality,
    ray,
    region,
    repelling,
)
from .budget import Refused, Unreadable, Work, need
from .claims import Claim
from .factorization import read_factorization
from .files import load
from .model import Model, read_data, read_model
from .monotone import MonotoneRun
from .reading import Choice, read
from .run import Run
from .statement import statement
from .weighted import WeightedRun


@dataclass(frozen=True)
class Report:
    """`statement` says in a sentence what was verified; `reason` names the first step that fails."""

    accepted: bool
    statement: str
    reason: str
    steps: tuple[str, ...]
    readable: bool = True


class Proof(NamedTuple):
    """A kind of proof of `fates`: `shape(model)` gives its keys, `prove(run, claim, proof)` says what was shown.

    `steps`: the claimed positions are stepped first.
    """

    fates: str
    shape: Callable[[Model], dict[str, Any]]
    prove: Callable[[Run, Claim, dict[str, Any]], str]
    steps: bool = True


#: A new kind of proof is a file with `shape` and `prove`, and a line here.
PROOFS = {
    "optimality": Proof("converges", optimality.shape, optimality.prove, steps=False),
    "contraction": Proof("converges", contraction.shape, contraction.prove),
    "region": Proof("converges cycles diverges", region.shape, region.prove),
    "choices": Proof("converges cycles", choices.shape, choices.prove),
    "monotonic": Proof("converges cycles", monotonic.shape, monotonic.prove),
    "ray": Proof("converges cycles", ray.shape, ray.prove, steps=False),
    "box": Proof("bounded", box.shape, box.prove, steps=False),
    "differences": Proof("bounded", differences.shape, differences.prove, steps=False),
    "interval": Proof("bounded", interval.shape, interval.prove, steps=False),
    "expanding": Proof("aperiodic", expanding.shape, expanding.prove, steps=False),
    "cells": Proof("bounded", cells.shape, cells.prove, steps=False),
    "repelling": Proof("aperiodic", repelling.shape, repelling.prove, steps=False),
    "grid": Proof("bounded", grid.shape, grid.prove, steps=False),
}
#: A new class is a line here, with the kinds of proof that hold for it, and its fit in `factorization`.
FITTED = (
    "contraction",
    "region",
    "choices",
    "box",
    "differences",
    "interval",
    "expanding",
    "cells",
    "repelling",
    "grid",
)
FACTORIZATIONS = {
    "igm": ("optimality",),
    "linear": FITTED,
    "additive": FITTED,
    "graph": FITTED,
    "joint": FITTED,
    "monotonic": ("monotonic", "ray", "box"),
}


def _verify(document: object, steps: list[str], work: Work) -> str:
    parts = dict.fromkeys(("model", "data", "initial", "claim", "proof"), object)
    shape = {"format": "certificate/1", "factorization": object, "ties": "first last", **parts}
    doc = read(document, shape, "certificate", work)
    model = read_model(doc["model"], work)
    factorization = read_factorization(doc["factorization"], model, work)
    data, monotone = read_data(doc["data"], model, work), factorization.family == "monotonic"
    need(monotone or "base" not in data, "data: weights that depend on Q_tot need the monotonic factorization")
    made = WeightedRun if "base" in data else MonotoneRun if monotone else Run
    run = made(model, data, factorization, doc["ties"], work)
    words = {kind: partial(PROOFS[kind].shape, model) for kind in FACTORIZATIONS[factorization.family]}
    shapes = claims.shapes(model, run.tabled) | {"proof": Choice("kind", words)}
    initial, stated, proof = (read(doc[key], own, key, work) for key, own in shapes.items())
    claim, kind, converges = claims.made(run, initial, stated), proof["kind"], stated["fate"] == "converges"
    shown = PROOFS[kind].fates
    need(stated["fate"] in shown.split(), f"claim.fate: {kind} shows {shown.replace(' ', ' or ')}")
    steps.append("the model, the run and the claim are well-formed")
    if converges:
        claims.check_values(run, stated)
        steps.append("optimal_values and policy_values satisfy their Bellman equations")
    if PROOFS[kind].steps:
        one_sided = isinstance(proof.get("growth"), dict) and "maximum" in proof["growth"]
        claims.check_positions(run, claim.points, one_sided)
        steps.append("each claimed position steps exactly to the next")
    steps.append(PROOFS[kind].prove(run, claim, proof))
    return statement(run, stated, proof)


def check(document_or_path: object) -> Report:
    """Verify a certificate: a path (str or os.PathLike) or the parsed JSON document. Never raises; see Report."""
    steps: list[str] = []
    work = Work()
    try:
        is_path = isinstance(document_or_path, str | os.PathLike)
        document = load(document_or_path, work) if is_path else document_or_path
        return Report(True, _verify(document, steps, work), "", tuple(steps))
    except Refused as refusal:
        return Report(False, "", str(refusal), tuple(steps), not isinstance(refusal, Unreadable))
    except (MemoryError, RecursionError):
        return Report(False, "", "too much work: out of memory or of stack", tuple(steps))


def main(arguments: Sequence[str]) -> int:
    """Print a line a file; return 0 when all are accepted, 1 when one is refused, 2 when one cannot be read."""
    if not arguments:
        print("usage: python -m proofs_check.checker FILE...", file=sys.stderr)
    worst = 0 if arguments else 2
    for name in arguments:
        report = check(name)
        result, text = ("accepted", report.statement) if report.accepted else ("refused", report.reason)
        print(f"{result}: {ascii(name)[1:-1]}: {text}")
        worst = max(worst, 0 if report.accepted else 1 if report.readable else 2)
    return worst
