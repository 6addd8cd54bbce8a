"""The exact threshold of a parameter at which an attractor is gained or lost (theory notes, sections 4 and 5).

The attractor is the fixed point whose greedy policy is π. As a function of the parameter τ (discount or ε) its map V'
= c(τ) + A(τ) V is polynomial, so it can change only where one of these polynomials has a root:
    det(I - A~), det(I + A~), det(I - A~ ∧ A~)    (A~: A modulo constants; an eigenvalue reaches the unit circle), and
    margin_k(τ) · det(I - A(τ))                 (an alternative action catches up with π at the fixed point).
Each is found by interpolating exact values; the attractor is tested exactly between neighbouring roots.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations, pairwise
from os import PathLike
from typing import Any, Literal, TypeAlias

from flint import fmpq, fmpq_mat, fmpq_poly
from sympy import Poly, Rational, Symbol
from sympy.polys.polytools import factor_list

from fqi_theory.base import scalars
from fqi_theory.base.arguments import require_word
from fqi_theory.base.errors import DataError, TooLarge
from fqi_theory.base.matrices import identity
from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import DataSource, EpsilonGreedy
from fqi_theory.fates.attractors import is_attracting, require_determined
from fqi_theory.fates.positions import Piece, Positions
from fqi_theory.fates.stability import modulo_constants
from fqi_theory.model.available import leaders, looked_up
from fqi_theory.model.mmdp import MMDP
from fqi_theory.model.named import as_model
from fqi_theory.planning.optimal import solve

Parameter: TypeAlias = Literal["discount", "epsilon"]
TAU = Symbol("tau")
INTERVAL_BITS = 40
MOST_STATES = 12


@dataclass(frozen=True)
class Threshold:
    """A root at which the attractor changes.

    polynomial: its minimal polynomial over the integers, coefficients from the highest power. interval: rational
    bounds that contain no other root of it (equal bounds: the root itself). below, above: whether π attracts just
    below and just above.
    """

    polynomial: tuple[int, ...]
    interval: tuple[fmpq, fmpq]
    below: bool
    above: bool

    def to_json(self) -> dict[str, Any]:
        """Return a JSON object."""
        return {
            "minimal_polynomial": [str(c) for c in self.polynomial],
            "interval": [str(x) for x in self.interval],
            "attracting_below": self.below,
            "attracting_above": self.above,
        }


@dataclass(frozen=True, eq=False)
class Critical:
    """All thresholds of one parameter in (0, 1), for the fixed point with greedy policy `policy` (S, n)."""

    parameter: Parameter
    policy: Array
    thresholds: tuple[Threshold, ...]
    attracting_throughout: bool | None

    def to_json(self) -> dict[str, Any]:
        """Return the `critical/1` document."""
        return {
            "format": "critical/1",
            "parameter": self.parameter,
            "policy": self.policy.tolist(),
            "thresholds": [t.to_json() for t in self.thresholds],
            "attracting_throughout": self.attracting_throughout,
        }


def critical(
    model: MMDP | str | PathLike[str], data: DataSource | None, parameter: Parameter, policy: Array | None = None
) -> Critical:
    """Return where in (0, 1) the fixed point of `policy` (by default an optimal policy) starts or stops to attract.

    parameter "discount": under `data`, γ varies. parameter "epsilon": under ε-greedy data at the model's discount, ε
    varies. Raises TooLarge beyond 12 states, DataError for another parameter and where data leave Q_tot undetermined.
    """
    model = as_model(model)
    require_word(parameter, "parameter", ("discount", "epsilon"))
    if parameter == "discount":
        if data is None:
            raise DataError("critical: the parameter 'discount' needs data")
        require_determined(model, data)
    found = solve(model).policy if policy is None else policy
    chosen = found if model.available is None else looked_up(leaders(model.available), found)

    def at(value: fmpq) -> Positions:
        if parameter == "epsilon":
            return Positions(model, EpsilonGreedy(value))
        assert data is not None
        return Positions(model.with_discount(value), data)

    roots = _candidate_roots(at, chosen, _degree(model, parameter))
    marks = [fmpq(0), *(bound for root in roots for bound in root[1]), fmpq(1)]
    status = [is_attracting(at((marks[2 * k] + marks[2 * k + 1]) / 2), chosen) for k in range(len(roots) + 1)]
    changes = tuple(
        Threshold(polynomial, interval, status[k], status[k + 1])
        for k, (polynomial, interval) in enumerate(roots)
        if status[k] != status[k + 1]
    )
    return Critical(parameter, model.played(chosen), changes, None if changes else status[0])


def _degree(model: MMDP, parameter: Parameter) -> int:
    """Return a bound on the degree of every polynomial; an entry of A has degree n in ε, and 1 in the discount."""
    size = model.n_states
    if size > MOST_STATES:
        raise TooLarge(f"critical: model {model.name!r} has {size} states, at most {MOST_STATES} are handled")
    return (model.n_agents if parameter == "epsilon" else 1) * max(size + 1, (size - 1) * (size - 2))


def _candidate_roots(
    at: Callable[[fmpq], Positions], policy: Array, degree: int
) -> list[tuple[tuple[int, ...], tuple[fmpq, fmpq]]]:
    """Return every root in (0, 1) of the polynomials above, in order: minimal polynomial and isolating interval."""
    points, samples = _samples(at, policy, degree + 1)
    factors: dict[tuple[int, ...], Poly] = {}
    for values in zip(*samples, strict=True):
        polynomial = _interpolate(points, list(values))
        if polynomial.degree() < 1:
            continue
        for factor, _ in factor_list(Poly([_rational(c) for c in polynomial.coeffs()[::-1]], TAU))[1]:
            primitive = Poly(factor, TAU).clear_denoms(convert=True)[1].primitive()[1]
            factors[tuple(int(c) for c in primitive.all_coeffs())] = primitive
    bits = INTERVAL_BITS
    while True:
        found = sorted(_isolated(factors, bits), key=lambda root: root[1])
        if all(left[1][1] < right[1][0] for left, right in pairwise(found)):
            return found
        bits *= 2


def _isolated(factors: dict[tuple[int, ...], Poly], bits: int) -> list[tuple[tuple[int, ...], tuple[fmpq, fmpq]]]:
    """Return the roots in (0, 1) with intervals of width at most 2^-bits."""
    found = []
    for key, factor in factors.items():
        for (low, high), _ in factor.intervals(eps=Rational(1, 2**bits), inf=0, sup=1):
            bounds = scalars.exact(low), scalars.exact(high)
            if bounds[1] > 0 and bounds[0] < 1:
                found.append((key, bounds))
    return found


def _samples(at: Callable[[fmpq], Positions], policy: Array, count: int) -> tuple[list[fmpq], list[list[fmpq]]]:
    """Return `count` rational parameters in (0, 1) where I - A is regular, and the values of all polynomials there."""
    points: list[fmpq] = []
    values: list[list[fmpq]] = []
    k = 0
    while len(points) < count:
        k += 1
        x = fmpq(k, 2 * count + k)
        found = _sample(at(x).piece(policy, policy))
        if found is not None:
            points.append(x)
            values.append(found)
    return points, values


def _sample(piece: Piece) -> list[fmpq] | None:
    """Return the values of all polynomials at one parameter, None where I - A is singular."""
    shape, size = modulo_constants(piece.jacobian), piece.jacobian.nrows()
    d = shape.nrows()
    unit = identity(d)
    system = identity(size) - piece.jacobian
    det = system.det()
    if det == 0:
        return None
    point = system.solve(piece.drift)
    margins = piece.offsets + piece.rows * point
    crossings = [(unit - shape).det(), (unit + shape).det(), _second_compound_defect(shape)] if d else []
    return [*crossings, *(m * det for m in margins.entries())]


def _second_compound_defect(matrix: fmpq_mat) -> fmpq:
    """Return det(I - A ∧ A): zero when the product of two eigenvalues is 1, as for a pair on the unit circle."""
    pairs = list(combinations(range(matrix.nrows()), 2))
    if not pairs:
        return fmpq(1)
    minors = [[matrix[i, k] * matrix[j, m] - matrix[i, m] * matrix[j, k] for k, m in pairs] for i, j in pairs]
    return (identity(len(pairs)) - fmpq_mat(minors)).det()


def _interpolate(points: list[fmpq], values: list[fmpq]) -> fmpq_poly:
    """Return the polynomial through the points (Newton); its degree is below their number."""
    table = list(values)
    for k in range(1, len(points)):
        for j in range(len(points) - 1, k - 1, -1):
            table[j] = (table[j] - table[j - 1]) / (points[j] - points[j - k])
    result = fmpq_poly([table[-1]])
    for k in range(len(points) - 2, -1, -1):
        result = result * fmpq_poly([-points[k], 1]) + table[k]
    return result


def _rational(value: fmpq) -> Rational:
    return Rational(int(value.p), int(value.q))
