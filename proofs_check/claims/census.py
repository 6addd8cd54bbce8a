"""All models of a small part of a census: every fate certified, counted, and the diverging ones described (ours).

Two states, two agents with two actions each, deterministic transitions, reward 1 at one joint action of one state and 0
elsewhere: 8 · 2⁸ = 2,048 models. One of each class (states or agents renamed, `proofs_check.census.plan.orbit`) is
decided by the engine; its certificate must be accepted, be about that model and that run, and say the fate that is
counted. The counts of larger censuses are in docs/census.md, with the commands that make them again.
"""

import json
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from fqi_theory.data.sources import DataSource, epsilon_greedy, uniform
from fqi_theory.factorization.classes import by_name
from fqi_theory.fates import decide_many
from fqi_theory.model.mmdp import MMDP
from proofs_check.census.plan import Cells, Plan, orbit
from proofs_check.census.rows import fault
from proofs_check.claim import Budget, Claim, Finding, settle

PLAN = Plan(2, (2, 2), (Fraction(0), Fraction(1)), Fraction(9, 10), "uniform", "linear", "first")
ON_POLICY = replace(PLAN, data="epsilon-greedy:1/10")
#: γ(1 + 2ν) = 1 with ν = 1/4: below, F contracts for every model of the shape.
BOUND = replace(PLAN, discount=Fraction(2, 3))
#: States of the cells, in their order.
OWNERS = (0, 0, 0, 0, 1, 1, 1, 1)
NOTE = "all models, each by a certificate that proofs_check.checker accepted for a model of its class"
Fates = dict[str, int]


def one_reward(plan: Plan) -> list[int]:
    """Return the numbers of the models with one reward, increasing."""
    found = []
    for place, successors in product(range(8), product(range(2), repeat=8)):
        found.append(plan.number(tuple((int(k == place), successor) for k, successor in enumerate(successors))))
    return sorted(found)


def only_one_leaves(cells: Cells) -> bool:
    """Tell whether every transition stays but one, in the state of the reward, at another joint action than its own."""
    leaving = [k for k, (_, successor) in enumerate(cells) if successor != OWNERS[k]]
    (rewarded,) = (k for k, (reward, _) in enumerate(cells) if reward)
    return len(leaving) == 1 and leaving[0] != rewarded and OWNERS[leaving[0]] == OWNERS[rewarded]


def rows_of(plan: Plan, numbers: list[int]) -> list[dict[str, Any]]:
    """Return a row of a census for each class of the models: what the engine says, not judged yet."""
    classes = {min(images): len(images) for images in (orbit(plan, plan.cells(number)) for number in numbers)}
    models = [_model(plan, number) for number in classes]
    kind = by_name(plan.factorization, len(plan.actions))
    fates = decide_many(
        models, data=_source(plan), factorization=kind, ties="first" if plan.ties == "first" else "last"
    )
    return [
        {
            "number": number,
            "size": size,
            "fate": fate.word,
            "period": fate.period if fate.kind == "cycles" else None,
            "proof": fate.proof,
            "certificate": json.dumps(fate.certificate),
        }
        for (number, size), fate in zip(classes.items(), fates, strict=True)
    ]


def counted(plan: Plan, numbers: list[int], expected: Fates, described: bool = False) -> Finding:
    """Return 'certified' where the fates of these models are as expected.

    described: a model must diverge exactly where `only_one_leaves` says so.
    """
    found, diverging, asked = Counter[str](), set[int](), set(numbers)
    for row in rows_of(plan, numbers):
        wrong = fault(plan, row)
        if wrong:
            return Finding("unknown", 0, {"model": row["number"], "reason": wrong})
        own = orbit(plan, plan.cells(row["number"])) & asked
        found[row["fate"] + (f", period {row['period']}" if row["period"] else "")] += len(own)
        if row["fate"] == "diverges":
            diverging |= own
    told = {number for number in numbers if described and only_one_leaves(plan.cells(number))}
    other = sorted(told ^ diverging)[:1] if described else []
    counts = dict(sorted(found.items()))
    wrong_counts = {"found": counts, "expected": expected} if counts != expected else None
    return settle(wrong_counts or other or None, "certified", {"models": counts}, len(numbers), NOTE)


def _model(plan: Plan, number: int) -> MMDP:
    cells = plan.cells(number)
    rewards, successors = (np.reshape([cell[k] for cell in cells], (plan.states, *plan.actions)) for k in (0, 1))
    return MMDP(rewards.tolist(), successors.tolist(), str(plan.discount), agents=2, name=f"model {number}")


def _source(plan: Plan) -> DataSource:
    kind, _, epsilon = plan.data.partition(":")
    return uniform() if kind == "uniform" else epsilon_greedy(epsilon)


def check_one_reward(_: Budget) -> Finding:
    """Decide all models under uniform data."""
    expected = {"cycles, period 2": 168, "diverges": 24, "optimal": 1712, "suboptimal": 144}
    return counted(PLAN, one_reward(PLAN), expected, described=True)


def check_one_reward_on_policy(_: Budget) -> Finding:
    """Decide all models under ε-greedy data."""
    expected = {"cycles, period 2": 76, "cycles, period 4": 64, "diverges": 24, "optimal": 1884}
    return counted(ON_POLICY, one_reward(ON_POLICY), expected)


def check_least_discount(_: Budget) -> Finding:
    """Decide all models at the discount below which F contracts."""
    return counted(BOUND, one_reward(BOUND), {"cycles, period 2": 32, "optimal": 1872, "suboptimal": 144})


MODELS = "deterministic, two states, two agents with two actions, reward 1 at one joint action of one state, else 0"
RUN = "linear class, from Q = 0, ties to the first action"
CLAIMS = (
    Claim(
        "census.one-reward",
        "Of all 2,048 models with one reward 1,712 runs end optimal, 144 suboptimal, 168 cycle with period 2 and 24 "
        "diverge: those where one transition leaves its state, in the state of the reward and beside it",
        r"N_{\text{optimal}}=1712,\ N_{\text{suboptimal}}=144,\ N_{\text{period }2}=168,\ N_{\text{diverges}}=24",
        f"{MODELS}; discount 9/10, uniform data, {RUN}",
        "ours",
        "enumeration",
        "certified",
        check_one_reward,
    ),
    Claim(
        "census.one-reward-on-policy",
        "On-policy, ε = 1/10, 1,884 of them end optimal, none suboptimal, 76 cycle with period 2, 64 with period 4 and "
        "24 diverge",
        r"N_{\text{optimal}}=1884,\ N_{\text{period }2}=76,\ N_{\text{period }4}=64,\ N_{\text{diverges}}=24",
        f"{MODELS}; ε-greedy data, ε = 1/10, discount 9/10, {RUN}",
        "ours",
        "enumeration",
        "certified",
        check_one_reward_on_policy,
    ),
    Claim(
        "census.least-discount",
        "At γ = 2/3, below which F contracts for every model of the shape, 32 of them cycle with period 2 and none "
        "diverges: no larger bound would do",
        r"\gamma=\tfrac23:\quad N_{\text{period }2}=32,\ N_{\text{optimal}}=1872,\ N_{\text{suboptimal}}=144",
        f"{MODELS}; discount 2/3, uniform data, {RUN}",
        "ours",
        "enumeration",
        "certified",
        check_least_discount,
    ),
)
