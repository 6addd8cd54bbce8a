"""The checker that Coq extracts: what its reader finds of fits is right, whichever the class and the data."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import differential
import numpy as np
import pytest
from differential import Verdict, compared, extracted, written

from fqi_theory.factorization import igm
from fqi_theory.fates import decide
from fqi_theory.model.catalog import random_model
from proofs_check import checker
from proofs_check.certificates.kept import named

pytestmark = pytest.mark.slow


def wide_box(sizes: tuple[int, ...], factorization: str, independent: bool, rng: random.Random) -> dict[str, Any]:
    """A random model of discount 1/10, so that a step of any fit maps the box of values up to 100 into itself."""
    model = random_model(rng.randrange(10**6), 2, sizes, "stochastic", "1/10")
    marginals = [[differential._distribution([size], rng) for _ in range(2)] for size in sizes]
    tables = [differential._distribution(sizes, rng) for _ in range(2)]
    document: dict[str, Any] = json.loads(json.dumps(decide(model, factorization=igm).certificate))
    document["data"] = (
        {"kind": "product", "marginals": marginals} if independent else {"kind": "joint", "joint": tables}
    )
    bounds = {"lower": ["-100", "-100"], "upper": ["100", "100"]}
    return document | {
        "factorization": factorization,
        "claim": {"fate": "bounded", "reference": None, **bounds},
        "proof": {"kind": "box", "prefix": 0},
    }


@pytest.mark.parametrize("data", ["epsilon-greedy", "exploring", "open"])
@pytest.mark.parametrize("sizes", [(2, 3), (2, 2, 2)], ids=str)
@pytest.mark.parametrize("factorization", ["linear", "additive:1", "additive:2", "graph:0-1", "joint"])
def test_averages_of_fits_are_right(program: Path, factorization: str, sizes: tuple[int, ...], data: str):
    """Around all joint actions, and for product data that leave the fit open; tight bounds are refused by both."""
    rng = random.Random(str((factorization, sizes, data)))
    document = wide_box(sizes, factorization, True, rng)
    tables = [[differential._distribution([size], rng, int(data != "open")) for _ in range(2)] for size in sizes]
    document["data"] = {
        "epsilon-greedy": {"kind": "epsilon-greedy", "epsilon": "1/3"},
        "exploring": {"kind": "epsilon-greedy", "epsilon": "1/3", "exploring": tables},
        "open": {"kind": "product", "marginals": tables, "unsupported": "choose"},
    }[data]
    bounds = [f"{k}/10" for k in (5, 10, 15, 20, 30, 40, 60, 100, 10_000)]
    claims = [document["claim"] | {"lower": [f"-{b}"] * 2, "upper": [b] * 2} for b in bounds]
    outcomes, different = compared(program, [written(document | {"claim": claim}) for claim in claims])
    assert different == []
    assert outcomes["not covered"] == outcomes["too much work"] == 0
    if (factorization, data) != ("joint", "open"):
        assert outcomes["accepted"] > 0
    assert outcomes["refused"] > 0


@pytest.mark.parametrize("sizes", [(2, 3), (2, 2, 2), (3, 2, 2)], ids=str)
@pytest.mark.parametrize("factorization", ["linear", "additive:1", "additive:2", "graph:0-1"])
def test_choices_of_least_norm_are_right(program: Path, factorization: str, sizes: tuple[int, ...]):
    """An action is never played at one state, some joint actions not at the other; tight bounds are refused by both."""
    rng = random.Random(str((factorization, sizes, "least norm")))
    document = wide_box(sizes, factorization, True, rng)
    played = differential._distribution((sizes[0] - 1, *sizes[1:]), rng)
    tables = [[*played, np.full(sizes[1:], "0").tolist()], differential._distribution(sizes, rng, 0)]
    document["data"] = {"kind": "joint", "joint": tables, "unsupported": "choose"}
    bounds = [f"{k}/10" for k in (*range(5, 40), 60, 100, 10_000)]
    claims = [document["claim"] | {"lower": [f"-{b}"] * 2, "upper": [b] * 2} for b in bounds]
    outcomes, different = compared(program, [written(document | {"claim": claim}) for claim in claims])
    assert different == []
    assert outcomes["not covered"] == outcomes["too much work"] == 0
    assert outcomes["accepted"] > 0
    assert outcomes["refused"] > 0


def test_what_is_chosen_decides_the_limit(program: Path):
    """Linear and as sums: the limit of the choice of least norm is accepted, other values are refused by both."""
    chosen = named("two-state-chosen").document()
    documents = [chosen | {"factorization": name} for name in ("linear", "additive:1", "graph:0-1")]
    others = [
        one | {"claim": one["claim"] | {"values": ["0", value]}} for one in documents for value in ("2", "3", "5")
    ]
    outcomes, different = compared(program, [written(document) for document in (*documents, *others)])
    assert different == []
    assert (outcomes["accepted"], outcomes["refused"]) == (3, 9)


@pytest.mark.parametrize("independent", [True, False], ids=["product", "joint"])
@pytest.mark.parametrize("sizes", [(2, 3, 2), (3, 2, 2, 2)], ids=str)
@pytest.mark.parametrize(
    "factorization", ["additive:1", "additive:2", "additive:3", "graph:0-1,1-2", "graph:0-1-2", "joint"]
)
def test_hints_of_fits_are_right(program: Path, factorization: str, sizes: tuple[int, ...], independent: bool):
    """A wrong hint is refused: sums of conditional means for independent actions, solved equations otherwise."""
    document = wide_box(sizes, factorization, independent, random.Random(str((factorization, sizes, independent))))
    expected = checker.check(document)
    assert expected.accepted
    assert extracted(program, [written(document)]) == [Verdict("accepted", expected.statement)]
