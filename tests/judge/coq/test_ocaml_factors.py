"""Linear fits of least norm where joint data leave them open: the extracted checker sees each agent's factor."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from functools import reduce
from itertools import islice, product
from pathlib import Path
from typing import Any

import differential
import numpy as np
import pytest
from differential import Document, Verdict, changes, compared, extracted, written
from test_ocaml_cells import joined

from fqi_theory.data.sources import correlated
from fqi_theory.factorization import igm, linear
from fqi_theory.fates import decide
from fqi_theory.model.catalog import random_model
from proofs_check import checker
from proofs_check.certificates.kept import named

pytestmark = pytest.mark.slow


def _open_runs(rng: random.Random) -> Iterator[Document]:
    """Yield certificates by regions of random models whose joint data leave linear fits open."""
    while True:
        states, sizes = rng.choice((1, 2, 3)), rng.choice(((2, 2), (2, 3), (3, 3), (2, 2, 2)))
        kind, discount = rng.choice(("deterministic", "stochastic")), rng.choice(("1/2", "9/10", "99/100"))
        model = random_model(rng.randrange(10**6), states, sizes, kind, discount)
        data = correlated([differential._distribution(sizes, rng, 0) for _ in range(states)])
        ties = rng.choice(("first", "last"))
        fate = decide(model, data=data, factorization=linear, ties=ties, unsupported="choose")
        found: Document = json.loads(json.dumps(fate.certificate))
        if found is not None and found["proof"]["kind"] == "region" and "unsupported" in found["data"]:
            yield found


def test_regions_have_the_same_verdicts(program: Path):
    """Those of every fate, changed at random."""
    rng, known, fates = random.Random("regions"), list[Document](), Counter[str]()
    for document in _open_runs(rng):
        fates[document["claim"]["fate"]] += 1
        known += [document] if fates[document["claim"]["fate"]] <= 4 else []
        if min(fates[fate] for fate in ("converges", "cycles", "diverges")) >= 2:
            break
    for document in known:
        assert extracted(program, [written(document)]) == [Verdict("accepted", checker.check(document).statement)]
    texts = [text for document in known for text in islice(changes(document, rng), 30)]
    outcomes, different = compared(program, texts)
    assert different == []
    assert outcomes["accepted"] > 3
    assert outcomes["refused"] > 100
    assert outcomes["not covered"] == 0


@pytest.mark.parametrize(
    ("name", "kind", "fate"),
    [
        ("wandering", "differences", "bounded"),
        ("cycle-2", "region", "cycles"),
        ("cycle-3", "region", "cycles"),
        ("two-state-9-10", "region", "diverges"),
    ],
)
def test_an_agent_that_always_plays_one_action_changes_no_proof(
    program: Path, tmp_path: Path, name: str, kind: str, fate: str
):
    """Kept runs under uniform data beside such an agent, whose other action leaves the fit open."""
    document = named(name).document()
    states = len(document["model"]["states"])
    shares = [*([Fraction(1, len(own))] * len(own) for own in document["model"]["actions"]), [Fraction(1), Fraction(0)]]
    table = np.vectorize(str)(reduce(np.multiply.outer, [np.array(own, dtype=object) for own in shares])).tolist()
    path = joined(document, tmp_path / "model.json")
    found = decide(path, data=correlated([table] * states), factorization=linear, unsupported="choose")
    made: Document = json.loads(json.dumps(found.certificate))
    assert (made["proof"]["kind"], made["claim"]["fate"]) == (kind, fate)
    rng = random.Random(name)
    outcomes, different = compared(program, [written(made), *islice(changes(made, rng), 60)])
    assert different == []
    assert outcomes["accepted"] > 0
    assert outcomes["refused"] > 20
    assert outcomes["not covered"] == 0


def _confined(sizes: tuple[int, ...], rng: random.Random) -> Document:
    """A random model of two states, an action that is never played at one, joint actions that are not at the other."""
    model = random_model(rng.randrange(10**6), 2, sizes, "stochastic", "1/10")
    document: Document = json.loads(json.dumps(decide(model, factorization=igm).certificate))
    played = differential._distribution((sizes[0] - 1, *sizes[1:]), rng)
    tables = [[*played, np.full(sizes[1:], "0").tolist()], differential._distribution(sizes, rng, 0)]
    data = {"kind": "joint", "joint": tables, "unsupported": "choose"}
    return document | {"factorization": "linear", "data": data}


def _claim(k: int) -> dict[str, Any]:
    return {"fate": "bounded", "reference": 0, "lower": ["0", f"-{k}/10"], "upper": ["0", f"{k}/10"]}


def _mixtures(sizes: tuple[int, ...], rng: random.Random) -> dict[str, Any]:
    def mixture() -> list[Any]:
        return [differential._distribution([size], rng, 0) for size in sizes]

    each = [[mixture() for _ in product(*map(range, sizes))] for _ in range(2)]
    return {"kind": "differences", "prefix": 0, "mixtures": [[], each]}


def _grid(k: int) -> dict[str, Any]:
    rooms = [{"greedy": None, "cells": [[cell] for cell in range(-k, k)]}]
    return {"kind": "grid", "prefix": 0, "units": ["1/10"], "rooms": rooms}


@pytest.mark.parametrize("kind", ["differences", "grid"])
@pytest.mark.parametrize("sizes", [(2, 3), (2, 2, 2), (3, 2, 2)], ids=str)
def test_bounds_of_differences_have_the_same_verdicts(program: Path, sizes: tuple[int, ...], kind: str):
    """Wide bounds hold, narrow ones are refused by both: random mixtures of the factors, or all cells within them."""
    rng = random.Random(str((sizes, kind)))
    texts = []
    for _ in range(3):
        document = _confined(sizes, rng)
        for k in (*range(1, 60), 100, 200, 300):
            proof = _mixtures(sizes, rng) if kind == "differences" else _grid(k)
            texts.append(written(document | {"claim": _claim(k), "proof": proof}))
    outcomes, different = compared(program, texts)
    assert different == []
    assert outcomes["not covered"] == outcomes["too much work"] == 0
    assert outcomes["accepted"] > 20
    assert outcomes["refused"] > 5
