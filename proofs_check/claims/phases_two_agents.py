"""Two agents: fit weights are electric currents (theory notes, section 12; ours)."""

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

import fqi_theory as ft
from proofs_check.claim import Budget, Claim, Finding, settle
from proofs_check.evidence import exact
from proofs_check.evidence.diagram import certificate_fails, engine, source
from proofs_check.evidence.exact import JointAction, Shape, Table
from proofs_check.evidence.instances import Game, distributions
from proofs_check.evidence.sampling import sampled
from proofs_check.evidence.weights import fit_weights, negative_mass

OURS = "ours"


@st.composite
def _two_agent_data(draw: Any) -> Game:
    shape = draw(st.sampled_from(((2, 2), (2, 3), (3, 3), (3, 4))))
    count = shape[0] * shape[1]
    weights = draw(distributions(count, positive=draw(st.booleans())))
    return Game(shape, (Fraction(0),) * count, weights=weights)


def _connected(data: Table, shape: Shape) -> bool:
    reached, edges = {0}, [(a[0], shape[0] + a[1]) for a, p in data.items() if p]
    for _ in range(sum(shape)):
        reached |= {v for edge in edges for v in edge if reached & set(edge)}
    return len(reached) == sum(shape)


def unit_current(data: Table, shape: Shape, a: JointAction) -> Table:
    """Return the current on each edge b = (row, column) while 1 flows in at row a_1 and out at column a_2.

    Conductances p(b); Kirchhoff's equations with the last column grounded, for a connected graph.
    """
    size = sum(shape)
    laplacian = [[Fraction(0)] * size for _ in range(size)]
    for (row, column), p in data.items():
        u, v = row, shape[0] + column
        for x, y in ((u, v), (v, u)):
            laplacian[x][x] += p
            laplacian[x][y] -= p
    sources = [Fraction((x == a[0]) - (x == shape[0] + a[1])) for x in range(size)]
    potential = [*exact.solve([row[:-1] for row in laplacian[:-1]], sources[:-1]), Fraction(0)]
    return {b: p * (potential[b[0]] - potential[shape[0] + b[1]]) for b, p in data.items()}


def _no_current(game: Game) -> str | None:
    data = game.data_table()
    try:
        weights = fit_weights(data, 1)
    except ZeroDivisionError:
        return "the graph is connected and the fit is open" if _connected(data, game.shape) else None
    if not _connected(data, game.shape):
        return "the graph is not connected and the fit is unique"
    for a, row in weights.items():
        if row != unit_current(data, game.shape, a):
            return f"W({a}, .) is not the unit current"
    found, bound = exact.fraction(engine(game, 1).negative_mass), min(game.shape) - 1
    if found != negative_mass(weights) or found > bound:
        return f"ν = {found} by the engine, {negative_mass(weights)} by currents, min(A_1, A_2) - 1 = {bound}"
    return None


def check_currents(budget: Budget) -> Finding:
    """Compare fit weights with unit currents by Kirchhoff's equations, data with and without full support."""
    return sampled(_no_current, _two_agent_data(), budget)


def path_tree(shape: Shape) -> Game:
    """Return equal data on (0,0), (1,0), (1,1), (2,1), ..., and one joint action for each action that is left."""
    least = min(shape)
    edges = [(i, i) for i in range(least)] + [(i + 1, i) for i in range(least - 1)]
    edges += [(i, 0) for i in range(least, shape[0])] + [(0, j) for j in range(least, shape[1])]
    weights = tuple(Fraction(a in edges, len(edges)) for a in exact.joint_actions(shape))
    return Game(shape, (Fraction(0),) * len(weights), weights=weights)


TREES: tuple[Shape, ...] = ((2, 2), (2, 3), (3, 2), (3, 3), (3, 4), (4, 4))


def _tree_fails(shape: Shape) -> str | None:
    game, least = path_tree(shape), min(shape)
    if negative_mass(fit_weights(game.data_table(), 1)) != least - 1:
        return "ν is not min(A_1, A_2) - 1"
    found = ft.witness(actions=shape, data=source(game), discount=Fraction(1, least))
    below = ft.witness(actions=shape, data=source(game), discount=Fraction(10**6 - 1, least * 10**6))
    if below.exists or not found.exists:
        return "the threshold is not 1/min(A_1, A_2)"
    return certificate_fails(found, "diverges")


def check_attained(_: Budget) -> Finding:
    """Certify divergence at γ = 1/min(A_1, A_2) under data on a spanning tree, and none one part in 10^6 below."""
    failed = next(({"shape": s, "fails": r} for s in TREES if (r := _tree_fails(s)) is not None), None)
    return settle(failed, "certified", {"shapes": TREES}, len(TREES))


CLAIMS = (
    Claim(
        "phases.currents",
        "Two agents: fit weights are unit electric currents from row a_1 to column a_2 with conductances p; the fit is "
        "unique iff the graph is connected; ν is at most min(A_1, A_2) - 1",
        r"W(a,b)=I_{a_1\to a_2}(b),\;\nu\le\min(A_1,A_2)-1",
        "two agents, any data, also without full support; additive factors",
        OURS,
        "random instances",
        "tested",
        check_currents,
        80,
    ),
    Claim(
        "phases.two-agents-attained",
        "Two agents: data on a spanning tree attain ν = min(A_1, A_2) - 1, and diverge from γ = 1/min(A_1, A_2) on",
        r"\nu=\min(A_1,A_2)-1",
        "2x2, 2x3, 3x2, 3x3, 3x4, 4x4; equal data on a path and the rest hung on it",
        OURS,
        "exact instance",
        "certified",
        check_attained,
    ),
)
