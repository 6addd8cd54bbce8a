"""One row of a census: its class, its certificate, and what both say."""

import json
from fractions import Fraction
from functools import lru_cache
from itertools import product
from typing import Any

from proofs_check.census.plan import Cells, Plan, orbit
from proofs_check.checker import check

exact = lru_cache(1 << 12)(Fraction)


def fault(plan: Plan, row: dict[str, Any]) -> str:
    """Return what is wrong with a row, "" if nothing: its class, its certificate, or what they say."""
    cells = plan.cells(row["number"])
    images = orbit(plan, cells)
    if min(images) != row["number"] or len(images) != row["size"]:
        return f"expected the least of a class of {row['size']}, found the class of {min(images)}, {len(images)} models"
    if row["certificate"] is None:
        return "no certificate"
    document = json.loads(row["certificate"])
    verdict = check(document)
    if not verdict.accepted:
        return f"refused: {verdict.reason}"
    if not _is_model(plan, cells, document["model"]):
        return "the certificate is about another model"
    if not _is_run(plan, document):
        return "the certificate is about another run"
    claim = document["claim"]
    word = claim["fate"]
    if word == "converges":
        best = all(exact(a) == exact(b) for a, b in zip(claim["optimal_values"], claim["policy_values"], strict=True))
        word = "optimal" if best else "suboptimal"
    said = word, claim.get("period"), document["proof"]["kind"]
    counted = row["fate"], row["period"], row["proof"]
    return "" if said == counted else f"counted as {counted}, the certificate says {said}"


def _is_model(plan: Plan, cells: Cells, model: dict[str, Any]) -> bool:
    """Tell whether an accepted certificate is about the model of these cells."""
    states, actions = model["states"], model["actions"]
    if (len(states), *map(len, actions)) != (plan.states, *plan.actions) or exact(model["discount"]) != plan.discount:
        return False
    entries = {(entry["state"], *entry["action"]): entry for entry in model["transitions"]}
    for cell, (reward, successor) in zip(product(states, *actions), cells, strict=True):
        entry = entries[cell]
        following = {state for state, chance in entry["next"].items() if exact(chance) != 0}
        if exact(entry["reward"]) != plan.rewards[reward] or following != {states[successor]}:
            return False
    return True


def _is_run(plan: Plan, document: dict[str, Any]) -> bool:
    """Tell whether a certificate is about the plan's data, class and tie rule, from Q = 0."""
    kind, _, epsilon = plan.data.partition(":")
    data, initial = document["data"], document["initial"]
    start = [[0 if plan.ties == "first" else count - 1 for count in plan.actions]] * plan.states
    return (
        (document["factorization"], document["ties"], data["kind"]) == (plan.factorization, plan.ties, kind)
        and exact(data.get("epsilon", "0")) == exact(epsilon or "0")
        and all(exact(value) == 0 for value in initial["values"])
        and initial["greedy"] == start
    )
