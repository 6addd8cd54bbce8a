"""When a monotone fit that gives every joint action but the best one the weight α keeps the best one, exactly.

y has one maximiser u with value y*. A tuple of orders is right if u is on top of it. Let e(α) be the least error over
the other orders; e(α)/α = min_x (y* - x(u))²/α + Σ_{a ≠ u} (y(a) - x(a))² does not grow with α, while the least error
over right orders is C α (x(u) = y* there). So the α that recover u, C < e(α)/α, are an interval (0, α*); it is empty
iff C >= D, the limit of e(α)/α as α falls to 0, which is the least Σ_{a ≠ u} (y - x)² with x(u) = y*.
"""

from fractions import Fraction
from itertools import permutations, product

from proofs_check.evidence import exact
from proofs_check.evidence.exact import JointAction, Shape, Table
from proofs_check.evidence.isotonic import MonotoneFit, monotone_fits, project, steps_up

ONE = Fraction(1)
STEPS = 60


def best_action(values: Table) -> JointAction:
    """Return the only maximiser; raises ValueError where there are several."""
    (found,) = exact.maximisers(values)
    return found


def weights(values: Table, alpha: Fraction) -> Table:
    """Return 1 at the best joint action and α elsewhere (idealised central weighting)."""
    best = best_action(values)
    return {a: ONE if a == best else alpha for a in values}


def greedy(fit: MonotoneFit) -> JointAction:
    """Return every agent's best action in the orders of a fit, which are written from the worst up."""
    return tuple(order[-1] for order in fit.orders)


def least(fits: list[MonotoneFit]) -> list[MonotoneFit]:
    """Return the fits of least error."""
    error = min(fit.error for fit in fits)
    return [fit for fit in fits if fit.error == error]


def right_error(values: Table, shape: Shape) -> Fraction:
    """Return C."""
    best = best_action(values)
    return min(f.error for f in monotone_fits(values, dict.fromkeys(values, ONE), shape) if greedy(f) == best)


def limit_error(values: Table, shape: Shape) -> Fraction:
    """Return D: cells above u take the value y*, the others are fitted by themselves."""
    best, unit = best_action(values), dict.fromkeys(values, ONE)
    errors = []
    for orders in product(*(permutations(range(k)) for k in shape)):
        if tuple(order[-1] for order in orders) == best:
            continue
        above, edges = {best}, steps_up(shape, orders)
        for _ in values:
            above |= {b for a, b in edges if a in above}
        raised = {a: values[best] if a in above else y for a, y in values.items()}
        lifted = sum(((values[best] - values[a]) ** 2 for a in above), Fraction(0))
        errors.append(lifted + project(raised, unit, shape, orders).error)
    return min(errors)


def wrong_fit(values: Table, shape: Shape, alpha: Fraction) -> MonotoneFit:
    """Return a best fit over the orders that do not have u on top."""
    best = best_action(values)
    return min((f for f in monotone_fits(values, weights(values, alpha), shape) if greedy(f) != best), key=_error)


def largest(values: Table, shape: Shape) -> Fraction:
    """Return α*: every α < α* recovers u and no α > α* does; 1 where α = 1 still does, 0 where no α does.

    Within the pieces of a fit e(α)/α = R + k d²/(1 + kα), for the k cells that share the level of u, whose mean is d
    below y*; the root of that is tried, and taken only where it is one of the exact errors. Raises ArithmeticError
    when no root is found.
    """
    right = right_error(values, shape)
    if right >= limit_error(values, shape):
        return Fraction(0)
    alpha, best = ONE, best_action(values)
    for _ in range(STEPS):
        fit = wrong_fit(values, shape, alpha)
        excess = fit.error / alpha - right
        if excess == 0 or (alpha == 1 and excess > 0):
            return alpha
        level = [a for a, x in fit.table.items() if x == fit.table[best] and a != best]
        mean = sum((values[a] for a in level), Fraction(0)) / len(level)
        drop = len(level) * (values[best] - mean) ** 2
        rest = fit.error / alpha - drop / (1 + len(level) * alpha)
        alpha = (drop / (right - rest) - 1) / len(level)
    raise ArithmeticError(f"no exact root after {STEPS} steps")


def _error(fit: MonotoneFit) -> Fraction:
    return fit.error
