"""ν of every linear fit, and of shared parameters (theory notes, section 12; ours).

Minimax, the whole argument. W is the fit under uniform data, S(a,b) the sign of W(a,b), L the class, and W' any linear
map onto L that keeps its members. N = W' - W vanishes on L and has its range in L. If Sᵀ maps L into L, then SᵀN has
its range in L too and vanishes there: its square is 0, and so is its trace. Hence Σ_ab S W' = Σ_ab S W = Σ_a |W(a,·)|,
which under uniform data is |A| times any one row's norm, so that some row of W' has at least that norm. Rows of W' sum
to 1, as those of W do: its negative mass is at least ν. (That S maps L into L for all shapes: it commutes with all
permutations of the agents' actions, and L is a sum of their inequivalent representations.)
"""

from collections.abc import Mapping
from fractions import Fraction

from hypothesis import strategies as st

from proofs_check.claim import Budget, Claim, Finding, settle
from proofs_check.evidence import exact
from proofs_check.evidence.diagram import engine
from proofs_check.evidence.exact import JointAction, Shape
from proofs_check.evidence.instances import Game, distributions
from proofs_check.evidence.sampling import sampled
from proofs_check.evidence.weights import (
    Weights,
    fitted,
    indicators,
    mass,
    negative_mass,
    projection_weights,
    uniform_weights,
)

OURS = "ours"
SIGNS: tuple[tuple[Shape, int], ...] = (
    *(((2, 2), 1), ((2, 3), 1), ((3, 3), 1), ((3, 4), 1), ((2, 2, 2), 1), ((2, 2, 2), 2), ((4, 3, 2), 1)),
    *(((4, 3, 2), 2), ((3, 3, 3), 1), ((3, 3, 3), 2), ((2, 2, 2, 2), 1), ((2, 2, 2, 2), 2), ((2, 2, 2, 2), 3)),
)


def _sign(value: Fraction) -> Fraction:
    return Fraction((value > 0) - (value < 0))


def _signs_leave(shape: Shape, order: int) -> str | None:
    """Return which premise of the argument fails for the class of an order, None where all hold."""
    weights, columns = uniform_weights(shape, order), indicators(shape, order)
    signs = {a: {b: _sign(w) for b, w in row.items()} for a, row in weights.items()}
    for column in columns:
        moved = {b: sum((signs[a][b] * x for a, x in column.items()), Fraction(0)) for b in column}
        if fitted(weights, moved) != moved:
            return "the transposed signs do not map the class into itself"
        if fitted(weights, column) != column:
            return "the fit does not keep the class"
    if len({mass(row) for row in weights.values()}) > 1:
        return "rows of uniform data have different norms"
    return None


def check_every_fit(_: Budget) -> Finding:
    """Check the premises of the argument above at 13 shapes and orders, by the judge's own weights."""
    failed = next(({"shape": s, "k": k, "fails": r} for s, k in SIGNS if (r := _signs_leave(s, k))), None)
    masses = {f"{shape}, k = {k}": negative_mass(uniform_weights(shape, k)) for shape, k in SIGNS}
    return settle(failed, "proved", {"ν": masses}, len(SIGNS), "for every linear map onto the class that keeps it")


Shared = tuple[int, tuple[Fraction, ...]]


def _sharing_differs(instance: Shared) -> str | None:
    agents, own = instance
    marginals = (own,) * agents
    data = exact.product_weights(marginals)
    ones = dict.fromkeys(data, Fraction(1))
    counts: list[Mapping[JointAction, Fraction]] = [{a: Fraction(a.count(x)) for a in data} for x in range(1, len(own))]
    shared: Weights = projection_weights(data, [ones, *counts])
    game = Game((len(own),) * agents, (Fraction(0),) * len(data), marginals)
    found, expected = exact.fraction(engine(game, 1).negative_mass), negative_mass(shared)
    return None if found == expected else f"ν = {expected} with shared parameters, {found} without"


def check_sharing(budget: Budget) -> Finding:
    """Compare ν of Σ_i q(a_i) with ν of Σ_i q_i(a_i) where all agents explore alike."""
    alike = st.sampled_from((2, 3)).flatmap(distributions)
    return sampled(_sharing_differs, st.tuples(st.sampled_from((2, 3)), alike), budget)


CLAIMS = (
    Claim(
        "phases.minimax-every-fit",
        "No linear fit of the class, under whatever data, weights or samples, has a smaller negative mass than least "
        "squares under uniform data",
        r"\nu(W')\ge\nu(\text{uniform})\text{ for every linear }W'\text{ onto }L\text{ with }W'|_L=\mathrm{id}",
        "additive classes of order k; (2,2), (2,3), (3,3), (3,4), k = 1; (2,2,2), (4,3,2), (3,3,3), k = 1, 2; "
        "(2,2,2,2), k = 1, 2, 3",
        OURS,
        "symbolic",
        "proved",
        check_every_fit,
    ),
    Claim(
        "phases.sharing",
        "Sharing parameters among the agents does not change the negative mass",
        r"\nu(\textstyle\sum_iq(a_i))=\nu(\textstyle\sum_iq_i(a_i))",
        "product data, all agents with the same marginal of full support",
        OURS,
        "random instances",
        "tested",
        check_sharing,
        40,
    ),
)
