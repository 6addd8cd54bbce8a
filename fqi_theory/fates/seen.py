"""What a run was seen to do while it was followed: no proof, and labelled so."""

import math

import numpy as np

from fqi_theory.base.scalars import Array
from fqi_theory.base.texts import number
from fqi_theory.fates.orbits import History, longest_period
from fqi_theory.fates.problem import Problem
from fqi_theory.operators.integers import IntegerValues
from fqi_theory.planning.optimal import solve


def seen(problem: Problem, history: History) -> str:
    """Return in words how large the values are, against V*, how they grow, and how the greedy actions repeat.

    history: in the problem's order of states.
    """
    end = len(history.values) - 1
    half = end // 2
    last = problem.values_outward(history.values[end].to_array())
    digits, before = log_spread(history.values[end]), log_spread(history.values[half])
    size = f"differences of V of about 1e{digits:.0f}" if abs(digits) > 4 else f"differences of V of {10**digits:.4g}"
    growth = 10 ** ((digits - before) / (end - half)) if math.isfinite(digits - before) else 1.0
    recent = history.greedy[len(history.greedy) // 2 :]
    longest = min(longest_period(history), len(recent) // 2)
    period = _period(recent, longest)
    repeats = f"greedy actions with period {period}" if period else f"greedy actions with no period up to {longest}"
    return (
        f"seen at step {end}, not proved: {_range(problem, last)}; {size}, "
        f"a factor of {growth:.4g} a step over the last half, {repeats}"
    )


def _range(problem: Problem, values: Array) -> str:
    """Say where V is least and largest, and what V* is there."""
    names, best = problem.model.states, solve(problem.model).values
    ends = [f"{number(values[s])} in {names[s]} (V* {number(best[s])})" for s in (values.argmin(), values.argmax())]
    return f"V from {ends[0]} to {ends[1]}"


def log_spread(values: IntegerValues) -> float:
    """Return log10(max V - min V), -inf for constants, from the numbers' digits."""
    spread = int(max(values.numerators) - min(values.numerators))
    return -math.inf if spread == 0 else math.log10(spread) - math.log10(int(values.denominator))


def _period(greedy: list[Array], longest: int) -> int | None:
    """Return the shortest period of greedy actions, at most `longest`; None without one."""
    recent = np.stack(greedy)
    return next((k for k in range(1, longest + 1) if (recent[k:] == recent[:-k]).all()), None)
