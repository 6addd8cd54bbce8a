"""Beyond monotonicity (arXiv:2511.09792): factors with a mixing of any kind, trained by gradient flow.

The abstract states that under approximately greedy exploration all zero-loss equilibria that violate IGM are unstable
saddle points. On a table: θ holds Q_1, Q_2 and the coefficients of f(q, q') = c_0 + c_1 q + c_2 q' + c_3 q q', and
    dθ/dt = -Σ_a w_a(θ) (f - y)(a) ∇f(a).
At zero loss the derivative of w meets the factor f - y = 0, so that for every smooth w the linear part is -JᵀWJ, J the
rows ∇f(a), W = diag w. It is negative semidefinite: no direction is unstable to first order, whether IGM holds or not,
and where the data hold still (strict greedy actions) the point is a minimum of the loss. ε-greedy data that follow the
factors are no exception. What the paper's proof assumes beyond its abstract was not checked here.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

from flint import fmpq, fmpq_poly
from hypothesis import strategies as st

from proofs_check.claim import Budget, Finding, settle
from proofs_check.claims.literature import decided_claim, sampled_claim
from proofs_check.evidence import exact
from proofs_check.evidence.exact import Table
from proofs_check.evidence.instances import Numbers, rewards
from proofs_check.evidence.mixings import best_sets
from proofs_check.evidence.sampling import sampled

PAPER = "arXiv:2511.09792"
CELLS = tuple(product((0, 1), repeat=2))


@dataclass(frozen=True)
class Point:
    """θ = (Q_1(0), Q_1(1), Q_2(0), Q_2(1), c_0, c_1, c_2, c_3) and a direction of the same length."""

    theta: Numbers
    direction: Numbers

    def factors(self) -> tuple[Numbers, Numbers]:
        """Return Q_1 and Q_2."""
        return self.theta[:2], self.theta[2:4]

    def table(self) -> Table:
        """Return f(Q_1(a_1), Q_2(a_2)), the only table with zero loss here."""
        return {a: mixed(self.theta, a) for a in CELLS}


def mixed(theta: Any, a: tuple[int, ...]) -> Any:
    """Return f at a joint action, in the ring of θ."""
    x, z = theta[a[0]], theta[2 + a[1]]
    return theta[4] + theta[5] * x + theta[6] * z + theta[7] * x * z


def gradient(theta: Any, a: tuple[int, ...]) -> list[Any]:
    """Return ∇_θ f at a joint action."""
    x, z = theta[a[0]], theta[2 + a[1]]
    found: list[Any] = [x * 0] * 4 + [1, x, z, x * z]
    found[a[0]], found[2 + a[1]] = theta[5] + theta[7] * z, theta[6] + theta[7] * x
    return found


def data_weight(theta: Any, a: tuple[int, ...]) -> Any:
    """Return w_a(θ) = 1 + (Q_1(a_1) + Q_2(a_2))² > 0: a smooth weight that follows the factors."""
    return 1 + (theta[a[0]] + theta[2 + a[1]]) ** 2


def velocity(theta: Any, values: Table) -> list[Any]:
    """Return dθ/dt at θ for targets y."""
    rows = [(data_weight(theta, a) * (mixed(theta, a) - values[a]), gradient(theta, a)) for a in CELLS]
    return [-sum((e * row[k] for e, row in rows), theta[0] * 0) for k in range(8)]


def derivative(point: Point) -> list[Fraction]:
    """Return the derivative of dθ/dt along the direction at zero loss: the coefficient of h at θ + h v."""
    moved = [fmpq_poly([_flint(t), _flint(v)]) for t, v in zip(point.theta, point.direction, strict=True)]
    values = {a: fmpq_poly([_flint(y)]) for a, y in point.table().items()}
    return [exact.fraction(part[1]) for part in velocity(moved, values)]


def _flint(value: Fraction) -> fmpq:
    return fmpq(value.numerator, value.denominator)


def energy(point: Point) -> Fraction:
    """Return Σ_a w_a (∇f(a)·v)² = vᵀJᵀWJv."""
    rows = ((data_weight(point.theta, a), gradient(point.theta, a)) for a in CELLS)
    slopes = ((w, sum(g * v for g, v in zip(row, point.direction, strict=True))) for w, row in rows)
    return sum((w * slope**2 for w, slope in slopes), Fraction(0))


def _not_semidefinite(point: Point) -> str | None:
    if any(velocity(point.theta, point.table())):
        return "a point of zero loss is no equilibrium"
    along = sum((d * v for d, v in zip(derivative(point), point.direction, strict=True)), Fraction(0))
    return None if along == -energy(point) else f"v·(derivative along v) = {along}, not -Σ w (∇f·v)² = {-energy(point)}"


def points() -> st.SearchStrategy[Point]:
    """Return strategies of points and directions with small integers."""
    return st.builds(Point, rewards(8, 3), rewards(8, 3))


def check_linear_part(budget: Budget) -> Finding:
    """Differentiate the flow exactly at random zero-loss points, along random directions, weights included."""
    return sampled(_not_semidefinite, points(), budget)


#: f = -q_1 - q_2 turns both agents' rankings round: zero loss for y = [[0,-1],[-1,-2]], while the agents play (1,1).
REVERSED = tuple(map(Fraction, (0, 1, 0, 1, 0, -1, -1, 0)))


def check_exists(_: Budget) -> Finding:
    """Exhibit a zero-loss point whose greedy joint action is the worst one, strictly."""
    point = Point(REVERSED, REVERSED)
    values, greedy = point.table(), sorted(best_sets(point.factors()))
    wrong = None if greedy == [(1, 1)] and values[1, 1] == min(values.values()) < max(values.values()) else greedy
    return settle(wrong, "certified", {"y": list(values.values()), "Q_i": point.factors(), "greedy": greedy}, 1)


def check_unstable(_: Budget) -> Finding:
    """Show that the linear part there is exactly -JᵀWJ, entry by entry: vᵀ(-JᵀWJ)v = -Σ w (∇f·v)² <= 0 for every v."""
    units = [tuple(Fraction(k == i) for k in range(8)) for i in range(8)]
    found = [derivative(Point(REVERSED, v)) for v in units]
    rows = [(data_weight(REVERSED, a), gradient(REVERSED, a)) for a in CELLS]
    gram = [[-sum(w * row[k] * row[i] for w, row in rows) for k in range(8)] for i in range(8)]
    point = Point(REVERSED, REVERSED)
    if (
        found != gram
        or min(w for w, _row in rows) <= 0
        or best_sets(point.factors()) == exact.maximisers(point.table())
    ):
        return Finding("unknown", 1, {"linear part": found})
    witness = {"y": list(point.table().values()), "Q_i": point.factors(), "greedy": [1, 1], "linear part": found}
    note = "the same holds for every smooth weight w >= 0; zero loss makes its derivative drop out"
    return settle(witness, "tested", {}, 1, note)


def _increasing(point: Point) -> bool:
    c, (first, second) = point.theta[5:], point.factors()
    return all(c[0] + c[2] * z > 0 for z in second) and all(c[1] + c[2] * x > 0 for x in first)


def _violates(point: Point) -> str | None:
    if not _increasing(point):
        first, second = point.factors()
        point = Point((*first, *second, point.theta[4], Fraction(7), Fraction(7), Fraction(2)), point.direction)
    return None if exact.maximisers(point.table()) == best_sets(point.factors()) else "the maximiser sets differ"


def check_increasing(budget: Budget) -> Finding:
    """Check IGM as sets at random points whose mixing is strictly increasing on the factors."""
    return sampled(_violates, points(), budget)


SETTING = "two agents with two actions, bilinear mixing of any sign"
CLAIMS = (
    decided_claim(
        "saddles.exist",
        "Unconstrained mixing has zero-loss equilibria whose greedy joint action is the worst",
        r"f(Q_1,Q_2)=y,\;y(\arg\max Q_1,\arg\max Q_2)=\min y",
        SETTING,
        PAPER,
        check_exists,
        "certified",
    ),
    decided_claim(
        "saddles.unstable",
        "Zero-loss equilibria that violate IGM have a direction that is unstable to first order",
        r"f=y,\;\neg\mathrm{IGM}\Rightarrow\exists v:\;v^\top D\dot\theta\,v>0",
        SETTING + "; gradient flow, weights that are fixed, near-greedy or any smooth function of the factors",
        PAPER + ", abstract, as read here",
        check_unstable,
    ),
    sampled_claim(
        "saddles.linear-part",
        "At every zero-loss point the linear part of the flow is -JᵀWJ, also where the data follow the factors",
        r"D\dot\theta=-J^\top WJ\preceq0",
        SETTING + "; w_a = 1 + (Q_1 + Q_2)², exact derivatives",
        "ours, on " + PAPER,
        check_linear_part,
        60,
    ),
    sampled_claim(
        "saddles.increasing",
        "Zero-loss points with a strictly increasing mixing satisfy IGM as sets",
        r"\partial f/\partial q_i>0\Rightarrow\arg\max y=\textstyle\prod_i\arg\max Q_i",
        SETTING + ", increasing on the factors' range",
        PAPER,
        check_increasing,
        60,
    ),
)
