"""Certificates of the proof `choices` from those of regions: one joint action a state and phase is a choice, too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Document = dict[str, Any]


def as_choices(document: Document) -> Iterator[Document]:
    """Yield the certificate of the same run by choices, of a bounded region under data that follow the greedy actions.

    One of all rounds twice is right as well, and so is a joint action that is never chosen where it leads to the same
    values as the others, which is seldom.
    """
    proof, claim = document["proof"], document["claim"]
    bounded = proof["kind"] == "region" and proof["growth"] is None and "precision" not in proof
    if not bounded or document["data"]["kind"] != "epsilon-greedy" or claim["fate"] not in ("converges", "cycles"):
        return
    states = len(document["model"]["states"])
    units = [["1" if t == s else "0" for t in range(states)] for s in range(states) if s != proof["reference"]]
    phases = [[[own] for own in policy] for policy in (proof["entry"], *proof["modes"][:-1])]
    made = {
        "kind": "choices",
        "prefix": proof["prefix"],
        "classes": list(range(states)),
        "directions": units if proof["directions"] is None else proof["directions"],
        "widths": proof["widths"],
        "actions": phases,
    }
    yield {**document, "proof": made}
    yield {**document, "proof": {**made, "actions": [*phases, *phases]}}
    last = [size - 1 for size in map(len, document["model"]["actions"])]
    more = [[own if last in own else [*own, last] for own in phase] for phase in phases]
    yield {**document, "proof": {**made, "actions": more}}
