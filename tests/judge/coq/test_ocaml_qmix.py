"""The checker that Coq extracts on certificates of QMIX, weighted or not: its verdicts are those in Python."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import differential
import pytest
from differential import compared, extracted, written
from documents import UNIFORM, document, mmdp
from ray_runs import earlier, other_level, other_tables, ray_change, rays, weighted_rays
from test_coq_certificates import changed
from test_ocaml_checker import run
from weighted_runs import boxed, decided_near, decided_weighted, widened

from fqi_theory.data.weighted import optimistic
from fqi_theory.factorization import monotonic
from fqi_theory.fates import decide
from fqi_theory.model.catalog import random_model
from proofs_check import checker

pytestmark = pytest.mark.slow


def test_weights_that_depend_on_q_tot_have_the_same_verdicts(program: Path):
    """Runs that repeat positions exactly, limits and cycles of both schemes; and changes of their certificates."""
    rng = random.Random(1)
    known = decided_weighted(150, rng)
    assert {(one["data"]["kind"], one["data"]["base"]["kind"], one["claim"]["fate"]) for one in known} == {
        (scheme, base, fate)
        for scheme in ("central", "optimistic")
        for base in ("uniform", "epsilon-greedy")
        for fate in ("converges", "cycles")
    }
    assert compared(program, [written(document) for document in known]) == ({"accepted": len(known)}, [])
    sources = [differential.changes(document, rng) for document in known]
    outcomes, different = compared(program, [next(rng.choice(sources)) for _ in range(600)])
    assert different == []
    assert outcomes["accepted"] > 10
    assert outcomes["refused"] > 200


def test_weighted_runs_that_only_come_near_have_the_same_verdicts(program: Path):
    """Limits and cycles of both schemes, wherever targets move, with any radius and level; and changes of them."""
    rng = random.Random(2)
    known = decided_near(80, rng)
    assert {(one["data"]["kind"], one["claim"]["fate"]) for one in known} == {
        (scheme, fate) for scheme in ("central", "optimistic") for fate in ("converges", "cycles")
    }
    assert {len(one["model"]["states"]) for one in known} == {1, 2, 3}
    assert compared(program, [written(document) for document in known]) == ({"accepted": len(known)}, [])
    outcomes, different = compared(program, [written(widened(rng.choice(known), rng)) for _ in range(300)])
    assert different == []
    assert outcomes["accepted"] > 50
    assert outcomes["refused"] > 100
    sources = [differential.changes(document, rng) for document in known]
    outcomes, different = compared(program, [next(rng.choice(sources)) for _ in range(300)])
    assert different == []
    assert outcomes["refused"] > 100


def test_boxes_under_weights_that_depend_on_q_tot_have_the_same_verdicts(program: Path):
    """Some that hold V from T on, some that a step may leave, some without the run; and changes of them."""
    rng = random.Random(0)
    known = decided_near(40, rng)
    outcomes, different = compared(program, [written(boxed(rng.choice(known), rng)) for _ in range(800)])
    assert different == []
    assert outcomes["accepted"] > 50
    assert outcomes["refused"] > 50
    sources = [differential.changes(boxed(document, rng), rng) for document in known]
    outcomes, different = compared(program, [next(rng.choice(sources)) for _ in range(400)])
    assert different == []
    assert outcomes["refused"] > 100


@pytest.mark.parametrize(("agents", "verdict"), [((2, 4), "accepted"), ((3, 3), "refused")], ids=str)
def test_both_checkers_refuse_more_than_eight_joint_actions_in_doubt(
    program: Path, agents: tuple[int, int], verdict: str
):
    """With alpha 1 no weight matters, but at a high level all are in doubt."""
    model = random_model(0, 1, agents, "deterministic", "1/2")
    fate = decide(model, data=optimistic("1"), factorization=monotonic)
    document = json.loads(json.dumps(fate.certificate))
    document["proof"]["level"] = "1000"
    assert checker.check(document).accepted == (verdict == "accepted")
    assert [one.word for one in extracted(program, [written(document)])] == [verdict]


def test_rays_have_the_same_verdicts(program: Path):
    """Limits that are no fixed points, and greedy actions that take turns there; and changes of their certificates."""
    rng = random.Random(1)
    known = rays(40, rng)
    assert {(one["data"]["kind"], one["claim"]["fate"]) for one in known} >= {
        (data, fate) for data in ("uniform", "epsilon-greedy") for fate in ("converges", "cycles")
    }
    assert compared(program, [written(document) for document in known]) == ({"accepted": len(known)}, [])
    sources = [differential.changes(document, rng) for document in known]
    texts = [next(rng.choice(sources)) for _ in range(200)]
    texts += [written(ray_change(rng.choice(known), rng)) for _ in range(200)]
    texts += [written(other) for document in known for other in earlier(document)]
    outcomes, different = compared(program, texts)
    assert different == []
    assert outcomes["accepted"] > 40
    assert outcomes["refused"] > 200
    assert outcomes["not covered"] == 0


def test_weighted_rays_have_the_same_verdicts(program: Path):
    """The same under weights that depend on Q_tot, with constants on the way and without."""
    rng = random.Random(2)
    known = weighted_rays(40, rng)
    assert {(one["data"]["kind"], one["claim"]["fate"]) for one in known} == {
        (scheme, fate) for scheme in ("central", "optimistic") for fate in ("converges", "cycles")
    }
    assert len({one["proof"]["level"] == "0" for one in known}) == 2
    assert compared(program, [written(document) for document in known]) == ({"accepted": len(known)}, [])
    texts = [written(ray_change(rng.choice(known), rng)) for _ in range(100)]
    texts += [written(other) for document in known[::3] for other in earlier(document)]
    texts += [written(other) for document in known for other in other_tables(document)]
    texts += [written(other_level(known[0], Fraction(change))) for change in ("1", "-1/100")]
    outcomes, different = compared(program, texts)
    assert different == []
    assert outcomes["accepted"] > 20
    assert outcomes["refused"] > 50
    assert outcomes["not covered"] == 0


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("qmix-cycle-2", "proof prefix", 0),
        ("qmix-cycle-3", "proof radius", "8"),
        ("qmix-tied-last", "ties", "first"),
        ("qmix-tied-first", "proof directions", [["0", "1", "0"]]),
        ("qmix-tied-first", "proof directions", [["0", "1", "0"], ["0", "2", "0"]]),
        ("qmix-ties-stay", "proof radius", "1000"),
        ("qmix-optimistic", "proof level", "1000"),
        ("qmix-optimistic", "proof level", "-1"),
        ("qmix-optimistic", "proof radius", "1/2"),
        ("qmix-optimistic", "proof prefix", 4),
        ("qmix-central", "proof prefix", 0),
        ("qmix-central", "data alpha", "1"),
        ("qmix-ray", "proof prefix", 0),
        ("qmix-ray", "ties", "last"),
        ("qmix-ray", "claim values", ["1", "1"]),
        ("two-state-3-4", "data", {"kind": "central", "alpha": "1/2", "base": {"kind": "uniform"}}),
    ],
)
def test_orders_that_may_become_the_best_are_refused_by_both(program: Path, name: str, path: str, value: object):
    document = changed(name, path, value)
    (verdict,) = extracted(program, [written(document)])
    assert verdict.word == "refused"
    assert not checker.check(document).accepted


def test_what_is_too_large_for_it_has_its_own_status(program: Path, tmp_path: Path):
    """Nine actions have 362,880 orders; it compares 50,000."""
    zero: dict[str, Any] = {"values": ["0"], "greedy": [[0]], "optimal_values": ["0"], "policy_values": ["0"]}
    model = mmdp("wide", "1/2", (9,), 1, lambda *_: (0, {0: 1}))
    proof = {"kind": "monotonic", "prefix": 0, "radius": "0"}
    file = tmp_path / "document.json"
    stated = document(model, UNIFORM, {"fate": "converges", **zero}, proof, "monotonic")
    file.write_text(json.dumps(stated), encoding="utf-8")
    status, lines = run(program, file)
    assert status == 3
    assert lines[0].startswith(f"not covered: {file}: ")
    assert lines[0].endswith("nothing is said about its truth")
