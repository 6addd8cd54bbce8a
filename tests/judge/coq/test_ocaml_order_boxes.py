"""Boxes of QMIX that a run enters after some steps: accepted and refused as by the checker in Python."""

from __future__ import annotations

import json
import random
from itertools import islice
from pathlib import Path

import differential
import pytest
from differential import Document, changes, compared, written

from fqi_theory.factorization import igm
from fqi_theory.fates import decide
from fqi_theory.model.catalog import random_model

pytestmark = pytest.mark.slow

KINDS = ("uniform", "product", "joint", "epsilon-greedy", "exploring")


def _entered(sizes: tuple[int, ...], data: str, rng: random.Random) -> Document:
    """A random model of two states whose run starts far above its rewards, and comes near them in a few steps."""
    model = random_model(rng.randrange(10**6), 2, sizes, "stochastic", "1/5")
    document: Document = json.loads(json.dumps(decide(model, factorization=igm).certificate))
    tables = [[differential._distribution([size], rng) for _ in range(2)] for size in sizes]
    document["data"] = {
        "uniform": {"kind": "uniform"},
        "product": {"kind": "product", "marginals": tables},
        "joint": {"kind": "joint", "joint": [differential._distribution(sizes, rng) for _ in range(2)]},
        "epsilon-greedy": {"kind": "epsilon-greedy", "epsilon": "1/3"},
        "exploring": {"kind": "epsilon-greedy", "epsilon": "1/3", "exploring": tables},
    }[data]
    initial = document["initial"] | {"values": ["100", "80"]}
    return document | {"factorization": "monotonic", "initial": initial, "ties": rng.choice(("first", "last"))}


def _box(document: Document, prefix: int, lower: str, upper: str) -> Document:
    claim = {"fate": "bounded", "reference": None, "lower": [lower] * 2, "upper": [upper] * 2}
    return document | {"claim": claim, "proof": {"kind": "box", "prefix": prefix}}


@pytest.mark.parametrize("sizes", [(2, 2), (2, 3)], ids=str)
@pytest.mark.parametrize("data", KINDS)
def test_boxes_have_the_same_verdicts(program: Path, sizes: tuple[int, ...], data: str):
    """Of boxes that a step maps into themselves those are accepted that hold the run after the steps stated."""
    rng = random.Random(str((sizes, data)))
    known = []
    for document in (_entered(sizes, data, rng) for _ in range(2)):
        ends = [(f"-{k}", f"{k}") for k in (1, 4, 6, 8, 10, 12, 20, 40)]
        known += [_box(document, prefix, *own) for own in ends for prefix in (0, 1, 2, 5)]
    outcomes, different = compared(program, [written(document) for document in known])
    assert different == []
    assert outcomes["accepted"] > 10
    assert outcomes["refused"] > 10
    assert outcomes["not covered"] == outcomes["too much work"] == 0


def test_a_run_may_enter_a_box_of_which_it_began_outside(program: Path):
    rng = random.Random("entered")
    document = _entered((2, 2), "uniform", rng)
    early, late = (_box(document, prefix, "-12", "12") for prefix in (1, 3))
    assert compared(program, [written(early)]) == ({"refused": 1}, [])
    assert compared(program, [written(late)]) == ({"accepted": 1}, [])


def test_changed_boxes_have_the_same_verdicts(program: Path):
    rng, texts = random.Random("changed"), list[bytes]()
    for data in KINDS:
        document = _box(_entered((2, 2), data, rng), 3, "-12", "12")
        texts += [written(document), *islice(changes(document, rng), 60)]
    outcomes, different = compared(program, texts)
    assert different == []
    assert outcomes["accepted"] > 10
    assert outcomes["refused"] > 100
    assert outcomes["not covered"] == 0
