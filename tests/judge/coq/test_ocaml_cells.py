"""The checker that Coq extracts: cells and grids of values, of one class and another, have the verdicts of Python."""

from __future__ import annotations

import copy
import json
import math
import random
from fractions import Fraction
from functools import reduce
from pathlib import Path
from typing import Any, cast

import differential
import numpy as np
import pytest
from cell_changes import cell_change, grid_change
from differential import compared, covered, written

from fqi_theory.data.sources import correlated, epsilon_greedy, product
from fqi_theory.factorization import linear
from fqi_theory.factorization.additive import additive, graph
from fqi_theory.factorization.fit import Factorization
from fqi_theory.fates import Effort, decide
from fqi_theory.fates.census.shape import Shape
from fqi_theory.model.catalog import load, random_model
from proofs_check.certificates.kept import named

pytestmark = pytest.mark.slow


def census(number: int) -> dict[str, Any]:
    """The certificate of a model of two states with rewards 0 and 1 under ε-greedy data."""
    model = Shape(2, (2, 2), (Fraction(0), Fraction(1))).model(number, "9/10")
    effort = Effort(steps=128) if number == 126 else Effort()
    fate = decide(model, data=epsilon_greedy("1/10"), effort=effort)
    return cast("dict[str, Any]", json.loads(json.dumps(fate.certificate)))


def test_cells_have_the_same_verdicts(program: Path):
    """On policy and off, of both rules at ties, and of sums of functions; and where ends and weights decide."""
    documents = [census(number) for number in (126, 573, 731, 15807)]
    made = [*documents, *({**document, "ties": "last"} for document in documents)]
    known = covered(program, made, ("cells", "repelling"))
    assert {(one["proof"]["kind"], one["factorization"], one["data"]["kind"]) for one in known} >= {
        (kind, factorization, data)
        for kind in ("cells", "repelling")
        for factorization in ("linear", "additive:1")
        for data in ("epsilon-greedy", "product")
    }
    rng = random.Random(0)
    texts = [written(document) for document in known]
    texts += [written(cell_change(rng.choice(known), rng)) for _ in range(600)]
    outcomes, different = compared(program, texts)
    assert different == []
    assert outcomes["accepted"] > 100
    assert outcomes["refused"] > 100
    assert outcomes["not covered"] == 0


def test_grids_have_the_same_verdicts(program: Path):
    """On policy, of three states, and an interval as a grid under fixed data, of sums of functions too."""
    wanders = random_model(52, 3, (2, 2), "deterministic", "9/10")
    short = [(load("cycle-3"), 9), (wanders, 64)]
    fates = [decide(model, data=epsilon_greedy("1/10"), effort=Effort(steps=steps)) for model, steps in short]
    known = [json.loads(json.dumps(fate.certificate)) for fate in fates]
    fixed = named("aperiodic").document()
    # The interval of its differences, in cells of a hundredth.
    other = 1 - fixed["claim"]["reference"]
    low, high = (Fraction(fixed["claim"][key][other]) for key in ("lower", "upper"))
    ends = math.floor(100 * low) - 10, math.ceil(100 * high) + 10
    claim = copy.deepcopy(fixed["claim"]) | {"fate": "bounded"}
    claim["lower"][other], claim["upper"][other] = (f"{end}/100" for end in ends)
    rooms = [{"greedy": None, "cells": [[k] for k in range(*ends)]}]
    proof = {"kind": "grid", "prefix": 1, "units": ["1/100"], "rooms": rooms}
    known += [{**one, "factorization": "additive:1"} for one in known]
    known += [{**fixed, "claim": claim, "proof": proof, "factorization": name} for name in ("linear", "additive:1")]
    rng = random.Random(0)
    texts = [written(document) for document in known]
    texts += [written(grid_change(rng.choice(known), rng)) for _ in range(150)]
    outcomes, different = compared(program, texts)
    assert {one["proof"]["kind"] for one in known} == {"grid"}
    assert different == []
    assert outcomes["accepted"] > 20
    assert outcomes["refused"] > 20
    assert outcomes["not covered"] == 0


def joined(document: dict[str, Any], path: Path) -> Path:
    """Write the model of a certificate with one more agent, whose action 1 costs 1/20, twice beside another action."""
    model = copy.deepcopy(document["model"])
    plain = model["actions"][1][0]
    model["actions"].append(["c0", "c1"])
    model["transitions"] = [
        {**row, "action": [*row["action"], f"c{k}"], "reward": str(Fraction(row["reward"]) - k * cost)}
        for row in model["transitions"]
        for cost in (Fraction(1 if row["action"][1] == plain else 2, 20),)
        for k in (0, 1)
    ]
    path.write_text(json.dumps(model), encoding="utf-8")
    return path


@pytest.mark.parametrize("factorization", [linear, additive(1), graph([(1, 3)])], ids=["linear", "additive", "graph"])
@pytest.mark.parametrize("independent", [True, False], ids=["product", "joint"])
def test_cells_of_choices_have_the_same_verdicts(
    program: Path, tmp_path: Path, factorization: Factorization, independent: bool
):
    """A run that approaches no cycle, of one more agent whose action 1 is never played; as cells too."""
    document = named("aperiodic").document()
    marginals = [*document["data"]["marginals"], [["1", "0"]] * 2]
    joint = [reduce(np.multiply.outer, [[Fraction(p) for p in own[s]] for own in marginals]) for s in (0, 1)]
    data = product(marginals) if independent else correlated([np.vectorize(str)(own).tolist() for own in joint])
    path = joined(document, tmp_path / "model.json")
    fate = decide(path, data=data, factorization=factorization, unsupported="choose")
    made = json.loads(json.dumps(fate.certificate))
    known = [made, *differential.as_cells(made)]
    assert [one["proof"]["kind"] for one in known] == ["expanding", "cells", "repelling"]
    assert compared(program, [written(one) for one in known]) == ({"accepted": 3}, [])
    rng = random.Random(0)
    outcomes, different = compared(program, [written(cell_change(rng.choice(known[1:]), rng)) for _ in range(60)])
    assert different == []
    assert outcomes["accepted"] > 5
    assert outcomes["refused"] > 5
    assert outcomes["not covered"] == 0


def test_cells_of_graphs_on_policy_have_the_same_verdicts(program: Path, tmp_path: Path):
    """With one more agent, whose function has agent 1 as well: a run that approaches no cycle, and its cells."""
    path = joined(census(573), tmp_path / "model.json")
    fate = decide(path, data=epsilon_greedy("1/10"), factorization=graph([(1, 2)]))
    made, rng = json.loads(json.dumps(fate.certificate)), random.Random(0)
    known = [made, *differential.as_cells(made)]
    assert [one["proof"]["kind"] for one in known] == ["repelling", "cells"]
    texts = [written(made), *(written(cell_change(rng.choice(known), rng)) for _ in range(150))]
    outcomes, different = compared(program, texts)
    assert different == []
    assert outcomes["accepted"] > 5
    assert outcomes["refused"] > 5
    assert outcomes["not covered"] == 0
