"""Deep coordination graphs (arXiv:1910.00091): Q(a) = Σ_i f_i(a_i)/|V| + Σ_{ij ∈ E} f_ij(a_i,a_j)/|E| on tables.

The factors 1/|V| and 1/|E| change the parameters, not the class: it is the additive class with interactions on E. The
paper maximises Q by message passing on the graph (and makes payoffs of low rank: `dcg_low_rank`).
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

from hypothesis import strategies as st

import fqi_theory as ft
from proofs_check.claim import Budget, Finding, settle
from proofs_check.claims.literature import decided_claim, sampled_claim, table
from proofs_check.evidence import exact
from proofs_check.evidence.exact import JointAction, Table
from proofs_check.evidence.instances import Game, Numbers, games, rewards
from proofs_check.evidence.messages import Payoffs, rounds, value
from proofs_check.evidence.sampling import sampled

PAPER = "arXiv:1910.00091"
PATH = ((0, 1), (1, 2))


def _engine(game: Game, edges: tuple[tuple[int, int], ...]) -> tuple[Table, JointAction]:
    """Return Q_tot and the greedy joint action of the engine's fit over a coordination graph."""
    fit = ft.graph(list(edges)).fit(game.array(), game.data())
    return exact.table(game.shape, exact.fractions(fit.q_tot()[0].flat)), tuple(fit.greedy[0].tolist())


def _pair_differs(game: Game) -> str | None:
    found, greedy = _engine(game, ((0, 1),))
    if found != game.table():
        return f"the fit is {list(found.values())}"
    return None if game.table()[greedy] == max(game.values) else f"the greedy joint action is {greedy}"


def check_two_agents(budget: Budget) -> Finding:
    """Check that one payoff function represents every table of two agents, and that its maximum is found."""
    return sampled(_pair_differs, games(((2, 2), (2, 3), (3, 3)), bound=3), budget)


def _path_differs(game: Game) -> str | None:
    y, p = game.table(), game.data_table()
    q, greedy = _engine(game, PATH)
    for pair in PATH:
        for x in product(*(range(game.shape[i]) for i in pair)):
            cells = [a for a in y if tuple(a[i] for i in pair) == x]
            if sum(p[a] * (y[a] - q[a]) for a in cells) != 0:
                return f"normal equation of f_{pair}, actions {x}"
    for a in y:
        moved = [(b0, a[1], b2) for b0 in (0, a[0]) for b2 in (0, a[2])]
        if q[moved[0]] - q[moved[1]] - q[moved[2]] + q[moved[3]] != 0:
            return f"agents 0 and 2 interact at {a}, without an edge"
    return None if q[greedy] == max(q.values()) else f"the greedy joint action {greedy} does not maximise Q"


def check_path(budget: Budget) -> Finding:
    """Check the engine's fit on the path 0-1-2: normal equations of its edges, no further interaction, its maximum."""
    return sampled(_path_differs, games(((2, 2, 2), (2, 3, 2)), bound=3), budget)


PARITY = table((2, 2, 2), (1, -1, -1, 1, -1, 1, 1, -1))
UNIFORM = ((Fraction(1, 2),) * 2,) * 3


def check_parity(_: Budget) -> Finding:
    """Fit the parity of three actions by all three pairs: the best fit is 0 everywhere."""
    found, _greedy = _engine(Game((2, 2, 2), tuple(PARITY.values()), UNIFORM), ((0, 1), (0, 2), (1, 2)))
    missed = set(found.values()) == {Fraction(0)} and found != PARITY
    return settle({"y": list(PARITY.values()), "fit": list(found.values())} if missed else None, "tested", {}, 1)


@dataclass(frozen=True)
class Path:
    """Payoffs of the path 0-1-2, flat, three actions each."""

    first: Numbers
    second: Numbers

    def payoffs(self) -> Payoffs:
        """Return the payoffs of the two edges."""
        return {(0, 1): table((3, 3), self.first), (1, 2): table((3, 3), self.second)}


@st.composite
def paths(draw: Any) -> Path:
    """Draw payoffs between -4 and 4."""
    return Path(draw(rewards(9, 4)), draw(rewards(9, 4)))


def _path_missed(path: Path) -> str | None:
    payoffs, shape = path.payoffs(), (3, 3, 3)
    best = max(value(payoffs, a) for a in exact.joint_actions(shape))
    beliefs, _played = rounds(payoffs, shape, levels=True)[-1]
    return None if all(max(own) == best for own in beliefs) else f"beliefs {beliefs}, maximum {best}"


def check_tree(budget: Budget) -> Finding:
    """Check on random paths that messages settle and every agent's best belief is the maximum of Q."""
    return sampled(_path_missed, paths(), budget)


TRIANGLE: Payoffs = {
    (0, 1): table((2, 2), (-1, -1, 1, 0)),
    (1, 2): table((2, 2), (0, -1, 0, 1)),
    (0, 2): table((2, 2), (1, 0, -1, 0)),
}


def check_cycle(_: Budget) -> Finding:
    """Pass messages on a triangle until they repeat: no joint action played on the way is the one maximiser."""
    shape = (2, 2, 2)
    values = {a: value(TRIANGLE, a) for a in exact.joint_actions(shape)}
    best = exact.maximisers(values)
    played = {action for _beliefs, action in rounds(TRIANGLE, shape, levels=False)}
    missed = len(best) == 1 and not best & played
    witness = {"payoffs": TRIANGLE, "maximiser": sorted(best), "played, until messages repeat": sorted(played)}
    return settle(witness if missed else None, "tested", {}, prod(shape), "the best joint action is never looked at")


CLAIMS = (
    sampled_claim(
        "dcg.two-agents",
        "One payoff function represents every table of two agents",
        r"\forall y\ \exists f_{01}:\;Q=y",
        "two agents joined by an edge, any full-support product data",
        PAPER,
        check_two_agents,
        40,
    ),
    sampled_claim(
        "dcg.path",
        "The fit over a path solves the normal equations of its edges; its maximum is found without enumeration",
        r"\sum_{a:\,(a_i,a_j)=x}p(a)(y(a)-Q(a))=0\ \forall ij\in E",
        "three agents on a path, full-support product data",
        PAPER,
        check_path,
        40,
    ),
    decided_claim(
        "dcg.pairs",
        "Payoffs of all pairs represent every table",
        r"\forall y\ \exists(f_{ij}):\;Q=y",
        "three agents, uniform data",
        "ours, on " + PAPER,
        check_parity,
    ),
    sampled_claim(
        "dcg.tree",
        "On a tree message passing ends with every agent's best belief equal to the maximum of Q",
        r"\max_{a_i}\mu_i(a_i)=\max_aQ(a)",
        "three agents on a path, three actions each",
        PAPER + ", message passing",
        check_tree,
        60,
    ),
    decided_claim(
        "dcg.cycle",
        "With cycles message passing looks at a maximiser of Q in some round",
        r"\exists t:\;a^{(t)}\in\arg\max Q",
        "a triangle with two actions each, one maximiser, no damping",
        PAPER + ", message passing (no guarantee is claimed there)",
        check_cycle,
    ),
)
