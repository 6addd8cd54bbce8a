"""Rays at discount 0: a step ends them, so they say nothing of what the run does at the position itself."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from qmix_oracle import QmixOracle

from proofs_check.checker import check

REWARDS = [["0", "-3", "-1"], ["-1", "-1", "0"]]
TABLE = [["-1/201", "-103/101", "-1/201"], ["-1", "-103/101", "-1/201"]]
BELOW = [["-203/402", "-307/202", "-203/402"], ["-3/2", "-307/202", "-203/402"]]


def from_below(discount: str) -> dict[str, Any]:
    """One state, optimistic weights; the start is a position less 1/2, and steps to it.

    Below it the joint action (1, 0) has its full weight, at it none: its reward is what Q_tot has there.
    """
    actions = [["a0", "a1"], ["b0", "b1", "b2"]]
    transitions = [
        {"state": "s", "action": [actions[0][i], actions[1][k]], "reward": REWARDS[i][k], "next": {"s": "1"}}
        for i, k in product(range(2), range(3))
    ]
    model = {"format": "mmdp/1", "name": "below", "discount": discount, "states": ["s"], "actions": actions}
    claim = {"fate": "converges", "values": ["-1/201"], "greedy": [[0, 2]], "tables": [TABLE]}
    return {
        "format": "certificate/1",
        "model": {**model, "transitions": transitions},
        "data": {"kind": "optimistic", "alpha": "1/100", "base": {"kind": "uniform"}},
        "factorization": "monotonic",
        "ties": "last",
        "initial": {"values": ["-203/402"], "greedy": [[1, 1]], "tables": [BELOW]},
        "claim": {**claim, "optimal_values": ["0"], "policy_values": ["-1"]},
        "proof": {"kind": "ray", "prefix": 0, "level": "-1/2"},
    }


def test_a_step_leads_onto_the_position_and_the_next_one_away():
    document = from_below("0")
    oracle = QmixOracle(document)
    claimed = oracle.position(*(document["claim"][key] for key in ("values", "greedy", "tables")))
    first = oracle.step(oracle.position(*(document["initial"][key] for key in ("values", "greedy", "tables"))))
    assert first == claimed
    assert oracle.step(first) != claimed


@pytest.mark.parametrize("kind", ["optimistic", "uniform"])
def test_at_discount_0_there_is_no_ray(kind: str):
    document = from_below("0")
    if kind == "uniform":
        document["data"] = {"kind": "uniform"}
        del document["proof"]["level"], document["claim"]["tables"], document["initial"]["tables"]
    report = check(document)
    assert not report.accepted
    assert report.reason == "proof: expected a discount above 0, else a step ends the ray"
