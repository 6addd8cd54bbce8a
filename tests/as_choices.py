"""Certificates of the proof `choices` from those of regions: one joint action a state and phase is a choice, too."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction
from itertools import product
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


def with_twin(document: Document, s: int, rng: random.Random) -> Document:
    """Return the certificate of the model in which state s has a twin of the same class, the last state.

    What leads to s leads to it and to its twin in parts that differ from row to row, so that fits are the same only as
    functions of one value a class.
    """

    def longer(own: Any) -> Any:
        return [*own, own[s]]

    model, claim, initial, proof = (document[key] for key in ("model", "claim", "initial", "proof"))
    name, twin = model["states"][s], f"twin {len(model['states'])}"

    def parted(chances: Document) -> Document:
        if name not in chances:
            return chances
        part = Fraction(rng.randint(0, 4), 4)
        found = {**chances, name: Fraction(chances[name]) * part, twin: Fraction(chances[name]) * (1 - part)}
        return {key: str(chance) for key, chance in found.items() if Fraction(chance)}

    rows = [*model["transitions"], *({**row, "state": twin} for row in model["transitions"] if row["state"] == name)]
    vectors = {key: longer(own) for key, own in claim.items() if key in ("values", "optimal_values", "policy_values")}
    if claim["fate"] == "cycles":
        several = {key: [longer(own) for own in claim[key]] for key in ("orbit", "greedy")}
    else:
        several = {"greedy": longer(claim["greedy"])}
    explored = {key: [longer(agent) for agent in own] for key, own in document["data"].items() if key == "exploring"}
    return {
        **document,
        "data": {**document["data"], **explored},
        "model": {
            **model,
            "states": [*model["states"], twin],
            "transitions": [{**row, "next": parted(row["next"])} for row in rows],
        },
        "initial": {key: longer(own) for key, own in initial.items()},
        "claim": {**claim, **vectors, **several},
        "proof": {**proof, "classes": longer(proof["classes"])},
    }


def with_copies(document: Document) -> Document:
    """Return the certificate of the model in which each agent can do once more what its last action does."""
    model = document["model"]

    def same(action: list[str]) -> Iterator[tuple[str, ...]]:
        each = [[a, a + " again"] if a == own[-1] else [a] for a, own in zip(action, model["actions"], strict=True)]
        return product(*each)

    actions = [[*own, own[-1] + " again"] for own in model["actions"]]
    rows = [{**row, "action": list(other)} for row in model["transitions"] for other in same(row["action"])]
    return {**document, "model": {**model, "actions": actions, "transitions": rows}}
