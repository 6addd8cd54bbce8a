"""One-state games under ε-greedy data, for all small ε at once: what another action gains, as a polynomial in ε.

Around a joint action a the data are P(a_i) = 1 - ε + ε/|A_i|, P(x) = ε/|A_i|, so that Q_i(x) - Q_i(a_i) =
E_{-i}[y(x,·) - y(a_i,·)] is a polynomial c_0 + c_1 ε + ... of degree n - 1. Its sign for small ε is that of its first
coefficient c_k that is not 0, and on (0, 1] it keeps it at least for
    ε < |c_k| / Σ {|c_j| : j > k, c_j and c_k of opposite signs},
which is where the statements 'for every small ε' of the claims get their explicit bounds.
"""

from collections.abc import Sequence
from fractions import Fraction

from flint import fmpq, fmpq_poly

from proofs_check.evidence import exact
from proofs_check.evidence.exact import JointAction
from proofs_check.evidence.instances import Game

Gains = dict[tuple[int, int], list[Fraction]]


def gains(game: Game, action: JointAction) -> Gains:
    """Return, for every agent i and action x other than a_i, the coefficients of Q_i(x) - Q_i(a_i) in ε."""
    epsilon = fmpq_poly([0, 1])
    marginals = [
        [epsilon / k + (1 - epsilon if x == own else 0) for x in range(k)]
        for k, own in zip(game.shape, action, strict=True)
    ]
    values = {a: fmpq_poly([fmpq(y.numerator, y.denominator)]) for a, y in game.table().items()}
    factors = exact.closed_form(values, marginals)
    return {
        (i, x): exact.fractions((factors[i][x] - factors[i][own]).coeffs())
        for i, own in enumerate(action)
        for x in range(game.shape[i])
        if x != own
    }


def sign(polynomial: Sequence[Fraction]) -> int:
    """Return the sign (-1, 0, 1) that a polynomial has for every small ε > 0."""
    first = next((c for c in polynomial if c), Fraction(0))
    return (first > 0) - (first < 0)


def sign_until(polynomial: Sequence[Fraction]) -> Fraction:
    """Return a bound b <= 1 such that the polynomial has its sign for small ε at every 0 < ε < b."""
    first = next((c for c in polynomial if c), Fraction(0))
    against = sum((abs(c) for c in polynomial if c * first < 0), Fraction(0))
    return min(Fraction(1), abs(first) / against) if against else Fraction(1)


def left_below(game: Game, action: JointAction) -> Fraction | None:
    """Return a bound b: at every 0 < ε < b some agent strictly prefers another action; None where none does."""
    bounds = [sign_until(gain) for gain in gains(game, action).values() if sign(gain) > 0]
    return max(bounds, default=None)


def kept_below(game: Game, action: JointAction, *, strictly: bool) -> Fraction | None:
    """Return a bound b: at every 0 < ε < b all agents keep their actions; None where some agent does not.

    strictly: every other action must be worse; otherwise a tie with a later action is allowed (the first is chosen).
    """
    found = gains(game, action)
    for (i, x), gain in found.items():
        if sign(gain) > 0 or (sign(gain) == 0 and (strictly or x < action[i])):
            return None
    return min(map(sign_until, found.values()), default=Fraction(1))
