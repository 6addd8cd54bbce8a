"""What a run was seen to do while it was followed: no proof, and labelled so."""

import math

import numpy as np

from fqi_theory.fates.orbits import History
from fqi_theory.operators.integers import IntegerValues

LONGEST = 64


def seen(history: History) -> str:
    """Return in words how large the values are, how they grow, and with what period the greedy actions repeat."""
    end = len(history.values) - 1
    half = end // 2
    digits, before = _log_spread(history.values[end]), _log_spread(history.values[half])
    size = f"differences of V of about 1e{digits:.0f}" if abs(digits) > 4 else f"differences of V of {10**digits:.4g}"
    growth = 10 ** ((digits - before) / (end - half)) if math.isfinite(digits - before) else 1.0
    period = _period(history)
    repeats = f"greedy actions with period {period}" if period else f"greedy actions with no period up to {LONGEST}"
    return f"seen at step {end}, not proved: {size}, a factor of {growth:.4g} a step over the last half, {repeats}"


def _log_spread(values: IntegerValues) -> float:
    """Return log10(max V - min V), -inf for constants, from the numbers' digits."""
    spread = int(max(values.numerators) - min(values.numerators))
    return -math.inf if spread == 0 else math.log10(spread) - math.log10(int(values.denominator))


def _period(history: History) -> int | None:
    """Return the shortest period of the greedy actions over the last half, at most LONGEST."""
    recent = np.stack(history.greedy[len(history.greedy) // 2 :])
    for k in range(1, min(LONGEST, len(recent) // 2) + 1):
        if (recent[k:] == recent[:-k]).all():
            return k
    return None
