"""The statement of an accepted certificate in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from .budget import bits_of
from .numerals import show
from .run import Run


def statement(run: Run, claim: dict[str, Any], proof: dict[str, Any]) -> str:
    """Return what was verified of which run."""

    def shown(vector: Sequence[Fraction]) -> str:
        brief = run.states <= 8 and bits_of([vector]) <= 256
        return f"({', '.join(map(str, vector))})" if brief else "the values stated"

    start = f"the stated start, from t = {proof['prefix']}," if "prefix" in proof else "every start"
    text = f"model {show(run.model.name)}, discount {show(run.model.discount)}, {run.label}, "
    name, apart = run.factorization.name, run.factorization.apart
    ties = f"{run.ties} {'' if apart else 'joint '}action at ties"
    ties = f"{run.ties} orders of actions at ties" if name == "monotonic" else ties
    several = _of_several_choices(proof)
    text += f"{name if len(name) <= 60 else name[:60] + '...'} factorization, {ties}: V from {start} "
    if claim["fate"] == "diverges":
        growth = claim["growth"]
        rate = f"by the factor {show(growth['factor'])}" if "factor" in growth else f"by {show(growth['increment'])}"
        return f"{text}diverges: an affine functional of V grows at least {rate} every {growth['steps']} step(s)"
    if claim["fate"] == "cycles":
        first, *others = claim["orbit"]
        if all(point == first for point in others):
            cycle = f"the greedy joint actions cycle with least period {claim['period']}"
            return f"{text}tends to {shown(first)} while {cycle}{several}"
        return f"{text}tends to a cycle of least period {claim['period']} through {shown(first)}{several}"
    if claim["fate"] in ("bounded", "aperiodic"):
        vector = "V" if claim["reference"] is None else f"V - V(state {claim['reference']})"
        last = ", and it approaches no cycle" * (claim["fate"] == "aperiodic")
        return f"{text}stays bounded: {vector} between {shown(claim['lower'])} and {shown(claim['upper'])}{last}"
    best, own = shown(claim["optimal_values"]), shown(claim["policy_values"])
    policy = "the greedy policy there" if several else "the greedy policy"
    return f"{text}converges to {shown(claim['values'])}{several}; {policy} is worth {own}, the optimum is {best}"


def _of_several_choices(proof: dict[str, Any]) -> str:
    """Say in how many states no single greedy joint action is known of late iterates."""
    if proof["kind"] != "choices":
        return ""
    open_to = {c for phase in proof["actions"] for c, own in enumerate(phase) if len(own) > 1}
    count = sum(name in open_to for name in proof["classes"])
    return f", the greedy joint actions of {count} state(s) among several that are not told apart" if count else ""
