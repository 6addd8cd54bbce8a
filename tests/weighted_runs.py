"""Certificates of runs over the monotonic class under weights that depend on Q_tot.

Of models whose episodes all end: states lead to earlier ones only, and nothing is paid in the first, so values are
exact after finitely many steps; where the weights then alternate, the run cycles through the same positions exactly.
Of random models that go on: their runs only come near their positions.
"""

from __future__ import annotations

import copy
import json
import random
from fractions import Fraction
from itertools import product
from typing import Any, Literal, cast

from fqi_theory.data.sources import epsilon_greedy, uniform
from fqi_theory.data.weighted import central, optimistic
from fqi_theory.factorization import monotonic
from fqi_theory.fates import Effort, decide
from fqi_theory.model.catalog import random_model
from fqi_theory.model.formats.mmdp_json import mmdp_from_json
from fqi_theory.model.formats.strict_json import parse_json

Document = dict[str, Any]
TIES: tuple[Literal["first", "last"], ...] = ("first", "last")
KINDS: tuple[Literal["stochastic", "deterministic"], ...] = ("stochastic", "deterministic")

SHARES = (Fraction(1, 2), Fraction(3, 4), Fraction(7, 8), Fraction(1))


def ending(rng: random.Random) -> Document:
    """Return a random model whose episodes end in state 0, as an mmdp/1 document."""
    states, sizes = rng.choice((2, 3)), rng.choice(((2, 2), (2, 3), (3, 1), (2, 2, 2)))
    names, actions = [f"s{s}" for s in range(states)], [[f"a{x}" for x in range(size)] for size in sizes]
    transitions = [
        {
            "state": names[s],
            "action": list(joint),
            "reward": str(rng.randint(-9, 9)) if s else "0",
            "next": {names[rng.randrange(s) if s else 0]: "1"},
        }
        for s in range(states)
        for joint in product(*actions)
    ]
    discount = rng.choice(("0", "1/2", "9/10"))
    model = {"format": "mmdp/1", "name": "ending", "discount": discount, "states": names, "actions": actions}
    return {**model, "transitions": transitions}


def decided_weighted(count: int, rng: random.Random) -> list[Document]:
    """Return certificates of such models under random weights, each one of a run that repeats positions exactly."""
    found: list[Document] = []
    while len(found) < count:
        scheme, base = rng.choice((central, optimistic)), rng.choice((uniform(), epsilon_greedy("1/2")))
        data, ties = scheme(rng.choice(("1/20", "1/5", "1")), base), rng.choice(TIES)
        model = mmdp_from_json(parse_json(json.dumps(ending(rng)), "ending"))
        fate = decide(model, data=data, factorization=monotonic, ties=ties, effort=Effort(steps=64))
        if fate.certificate is None:
            continue
        document = cast("Document", json.loads(json.dumps(fate.certificate)))
        if document["proof"].get("radius") == document["proof"].get("level") == "0":
            found.append(document)
    return found


def decided_near(count: int, rng: random.Random) -> list[Document]:
    """Return certificates of random models under random weights, each of a run that only comes near its positions."""
    found: list[Document] = []
    while len(found) < count:
        scheme, base = rng.choice((central, optimistic)), rng.choice((uniform(), epsilon_greedy("1/2")))
        data, ties = scheme(rng.choice(("1/20", "1/5", "1/2")), base), rng.choice(TIES)
        states, sizes = rng.choice((1, 2, 2, 3)), rng.choice(((2, 2), (2, 3), (3, 1)))
        kind, discount = rng.choice(KINDS), rng.choice(("1/4", "1/2", "9/10"))
        model = random_model(rng.randrange(10**6), states, sizes, kind, discount)
        fate = decide(model, data=data, factorization=monotonic, ties=ties, effort=Effort(steps=64))
        if fate.certificate is None:
            continue
        document = cast("Document", json.loads(json.dumps(fate.certificate)))
        if document["proof"]["kind"] == "monotonic" and document["proof"]["level"] != "0":
            found.append(document)
    return found


def widened(document: Document, rng: random.Random) -> Document:
    """Return a certificate with another radius and level, often larger, and perhaps some steps more or less."""
    changed = copy.deepcopy(document)
    proof = changed["proof"]
    for key in ("radius", "level"):
        proof[key] = str(Fraction(proof[key]) * Fraction(2) ** rng.choice((-1, 0, 0, 1, 2, 3, 4, 6, 8)))
    proof["prefix"] = max(0, proof["prefix"] + rng.choice((-1, 0, 0, 0, 3)))
    return changed


def boxed(document: Document, rng: random.Random) -> Document:
    """Return a claim that the run stays in a box, from some step on: of half to all of what rewards can make of V.

    Half of the runs start anew, from a little beyond the box or within.
    """
    model = document["model"]
    most = max(abs(Fraction(one["reward"])) for one in model["transitions"]) / (1 - Fraction(model["discount"]))
    lower, upper = ([str(sign * most * rng.choice(SHARES)) for _ in model["states"]] for sign in (-1, 1))
    claim = {"fate": "bounded", "reference": None, "lower": lower, "upper": upper}
    values = [str(rng.choice((-1, 1)) * most * rng.choice((*SHARES, Fraction(5, 4)))) for _ in model["states"]]
    initial = {**document["initial"], **({"values": values} if rng.random() < 1 / 2 else {})}
    return {**document, "initial": initial, "claim": claim, "proof": {"kind": "box", "prefix": rng.randrange(4)}}
