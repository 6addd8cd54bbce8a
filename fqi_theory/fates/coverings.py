"""Solutions x >= start of levels + rows x <= x, rows not negative: what bounds of a run amount to (ours).

A linear program proposes the least one in floats. What floats leave open is closed with weights w > 0 and κ < 1, rows w
<= κ w: adding η w moves the left side by at most κ η w. Only the exact check counts.
"""

from collections.abc import Iterator
from fractions import Fraction
from operator import itemgetter

import numpy as np
from flint import fmpq
from scipy.optimize import linprog

from fqi_theory.base.matrices import round_near, times
from fqi_theory.base.progress import solver_options
from fqi_theory.base.scalars import Array, exact_array, to_float
from fqi_theory.fates.contraction import contracting_weights

#: Denominators of proposals that are tried first, and the bits of the others.
SHORT, BITS = 1000, 40
#: Bits after the point of solutions that are rounded up.
ROUNDINGS = (0, 4, 10, 20, 40)


def covering(levels: Array, rows: Array, start: Array) -> Array | None:
    """Return x >= start, (n,), with levels[i,j] + rows[i,j] · x <= x[i] for all i, j: exact, nearly the least; or None.

    levels: (n, N); rows: (n, N, n), entries >= 0. None where no weights are found in which the rows contract.
    """
    found = contracting_weights(rows)
    if found is None:
        return None
    weights, factor = np.array(found[0], dtype=object), found[1]

    def short_of(x: Array) -> fmpq:
        moved = np.stack([times(own, x) for own in rows])
        excess = ((levels + moved).max(axis=1) - x) / ((1 - factor) * weights)
        missing: fmpq = max(*excess, *((start - x) / weights), fmpq(0))
        return missing

    lack, proposal = min(((short_of(x), x) for x in _rationals(_least(levels, rows, start))), key=itemgetter(0))
    sure = proposal + weights * lack
    return next((x for x in _rounded_up(sure) if short_of(x) == 0), None) if lack else proposal


def _rounded_up(x: Array) -> Iterator[Array]:
    """Yield numbers at least x, shortest first, and x itself."""
    for bits in ROUNDINGS:
        yield exact_array([fmpq((entry * (1 << bits)).ceil(), 1 << bits) for entry in x])
    yield x


def _rationals(proposed: Array) -> Iterator[Array]:
    """Yield rationals near floats: with short denominators, and as near as floats are."""
    yield exact_array([Fraction(float(x)).limit_denominator(SHORT) for x in proposed])
    yield exact_array(round_near(proposed, BITS))


def _least(levels: Array, rows: Array, start: Array) -> Array:
    """Return in floats the least solution, (n,); the start where the solver finds none."""
    size, count = levels.shape
    own = np.repeat(np.eye(size), count, axis=0)
    program, limits = to_float(rows).reshape(-1, size) - own, -to_float(levels).reshape(-1)
    bounds = [(x, None) for x in to_float(start)]
    options = solver_options()
    solved = linprog(np.ones(size), A_ub=program, b_ub=limits, bounds=bounds, method="highs", options=options)
    return np.asarray(solved.x) if solved.success else to_float(start)
