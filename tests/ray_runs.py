"""Certificates of runs over the monotonic class that near their positions along rays, and changes of them.

The rewards of one state pay for equal actions, those of the other one for different ones, or nothing: at equal values
all orders tie, and what the run is away from these decides which of them it takes.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from fqi_theory.data.sources import DataSource, correlated, epsilon_greedy, product, uniform
from fqi_theory.data.weighted import central, optimistic
from fqi_theory.factorization import monotonic
from fqi_theory.fates import Effort, decide
from fqi_theory.model.mmdp import MMDP

Document = dict[str, Any]

APART, TOGETHER, NOTHING = np.eye(2, dtype=int)[::-1], np.eye(2, dtype=int), np.zeros((2, 2), dtype=int)
HALVES = [["1/2", "1/2"]] * 2
SOURCES: tuple[DataSource, ...] = (
    uniform(),
    epsilon_greedy("1/10"),
    epsilon_greedy("1/2", exploring=[HALVES, [["1/4", "3/4"]] * 2]),
    product([HALVES, [["1/3", "2/3"]] * 2]),
    correlated([[["1/3", "1/6"], ["1/6", "1/3"]]] * 2),
)


WEIGHTED: tuple[DataSource, ...] = tuple(
    scheme(alpha, base)
    for scheme in (central, optimistic)
    for alpha in ("1/10", "1/2")
    for base in (uniform(), uniform(), epsilon_greedy("1/10"))
)


def rays(count: int, rng: random.Random) -> list[Document]:
    """Return certificates of so many such runs, of two states with random successors."""
    found: list[Document] = []
    while len(found) < count:
        rewards = rng.choice(((APART, TOGETHER), (TOGETHER, APART), (APART, NOTHING), (TOGETHER, NOTHING)))
        successors = np.array([rng.randrange(2) for _ in range(8)]).reshape(2, 2, 2)
        model = MMDP(np.array(rewards), successors, rng.choice(("1/2", "9/10", "99/100")), agents=2)
        data, ties = rng.choice((*SOURCES[:2], *SOURCES)), rng.choice(("first", "last"))
        fate = decide(model, data=data, factorization=monotonic, ties=ties, effort=Effort(steps=200))
        if fate.certificate is not None and fate.proof == "ray":
            found.append(json.loads(json.dumps(fate.certificate)))
    return found


def weighted_rays(count: int, rng: random.Random) -> list[Document]:
    """Return certificates of so many runs under weights that depend on Q_tot: rewards -1, 0 and 1, two states."""
    found: list[Document] = []
    while len(found) < count:
        rewards = np.array([rng.randint(-1, 1) for _ in range(8)]).reshape(2, 2, 2)
        successors = np.array([rng.randrange(2) for _ in range(8)]).reshape(2, 2, 2)
        model = MMDP(rewards, successors, rng.choice(("1/2", "9/10")), agents=2)
        data, ties = rng.choice(WEIGHTED), rng.choice(("first", "last"))
        fate = decide(model, data=data, factorization=monotonic, ties=ties, effort=Effort(steps=200))
        if fate.certificate is not None and fate.proof == "ray":
            found.append(json.loads(json.dumps(fate.certificate)))
    return found


def _again(claim: Document) -> Document:
    """Return the claim of a cycle that goes twice through the positions of another claim."""
    single = claim["fate"] == "converges"
    orbit, greedy = ([claim["values"]], [claim["greedy"]]) if single else (claim["orbit"], claim["greedy"])
    found = {"fate": "cycles", "period": 2 * len(orbit), "orbit": orbit * 2, "greedy": greedy * 2}
    return found | ({"tables": ([claim["tables"]] if single else claim["tables"]) * 2} if "tables" in claim else {})


def _shifted(claim: Document) -> Document:
    """Return a claim of values that are larger by 1."""
    key = "values" if claim["fate"] == "converges" else "orbit"
    values = [claim[key]] if key == "values" else claim[key]
    moved = [[str(Fraction(x) + 1) for x in own] for own in values]
    return {**claim, key: moved[0] if key == "values" else moved}


def other_tables(document: Document) -> Iterator[Document]:
    """Yield copies that claim another number of Q_tot, where it is claimed."""
    period, single = document["claim"].get("period", 1), document["claim"]["fate"] == "converges"
    for place in range(period) if "tables" in document["claim"] else ():
        changed = copy.deepcopy(document)
        tables = changed["claim"]["tables"] if single else changed["claim"]["tables"][place]
        tables[0][0][0] = str(Fraction(tables[0][0][0]) - 1)
        yield changed


def other_level(document: Document, change: Fraction) -> Document:
    """Return a copy with another constant: the run is on the ray all the same, but the ray does not return."""
    level = Fraction(document["proof"]["level"]) + change
    return {**document, "proof": {**document["proof"], "level": str(level)}}


def earlier(document: Document) -> Iterator[Document]:
    """Yield copies of which the ray starts earlier: some of them at an order that is not the best one all along."""
    for prefix in range(document["proof"]["prefix"]):
        yield {**document, "proof": {**document["proof"], "prefix": prefix}}


def ray_change(document: Document, rng: random.Random) -> Document:
    """Return a copy with another number of steps before the ray, rule at ties, reward, successor or claim."""
    changed = copy.deepcopy(document)
    transition = rng.choice(changed["model"]["transitions"])
    change = rng.choice(("prefix", "prefix", "ties", "reward", "next", "claim"))
    if change == "prefix":
        changed["proof"]["prefix"] = rng.randint(0, changed["proof"]["prefix"] + 3)
    elif change == "ties":
        changed["ties"] = "last" if changed["ties"] == "first" else "first"
    elif change == "reward":
        transition["reward"] = rng.choice(("0", "1", "-1", "1/2"))
    elif change == "next":
        transition["next"] = {rng.choice(changed["model"]["states"]): "1"}
    else:
        changed["claim"] = rng.choice((_again, _shifted))(changed["claim"])
    return changed
