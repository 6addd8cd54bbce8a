"""Deep coordination graphs (arXiv:1910.00091): payoffs of low rank, f(x,z) = Σ_k g_k(x) h_k(z), beside utilities."""

from fractions import Fraction

from proofs_check.claim import Budget, Finding, settle
from proofs_check.claims.dcg import PAPER
from proofs_check.claims.literature import decided_claim, sampled_claim, table
from proofs_check.evidence import exact
from proofs_check.evidence.exact import Table
from proofs_check.evidence.instances import Game, games
from proofs_check.evidence.sampling import sampled


def centred(values: Table) -> list[list[Fraction]]:
    """Return y(x,z) - mean_z y(x,.) - mean_x y(.,z) + mean y: what utilities alone cannot represent."""
    rows, columns = exact.sizes([[0] * (1 + max(a[i] for a in values)) for i in (0, 1)])
    row = [sum((values[x, z] for z in range(columns)), Fraction(0)) / columns for x in range(rows)]
    column = [sum((values[x, z] for x in range(rows)), Fraction(0)) / rows for z in range(columns)]
    mean = sum(row) / rows
    return [[values[x, z] - row[x] - column[z] + mean for z in range(columns)] for x in range(rows)]


def rank(matrix: list[list[Fraction]]) -> int:
    """Return the rank, by elimination."""
    return len(exact.echelon([list(row) for row in matrix])[1])


IDENTITY = table((3, 3), (1, 0, 0, 0, 1, 0, 0, 0, 1))


def check_rank_one(_: Budget) -> Finding:
    """The centred 3x3 identity has rank 2, that of utilities and one product g(x)h(z) at most 1."""
    found = rank(centred(IDENTITY))
    return settle({"y": list(IDENTITY.values()), "rank": found} if found > 1 else None, "tested", {}, 1)


def _rank_too_large(game: Game) -> str | None:
    matrix = centred(game.table())
    reduced, pivots = exact.echelon([list(row) for row in matrix])
    if len(pivots) > min(game.shape) - 1:
        return f"rank {len(pivots)}"
    left = [[row[p] for p in pivots] for row in matrix]
    back = [
        [sum((g * h[z] for g, h in zip(row, reduced, strict=False)), Fraction(0)) for z in range(game.shape[1])]
        for row in left
    ]
    return None if back == matrix else "g_k(x) h_k(z) do not add up to the centred table"


def check_rank_enough(budget: Budget) -> Finding:
    """Write random centred tables as sums of at most min(A_1, A_2) - 1 products, exactly."""
    return sampled(_rank_too_large, games(((2, 2), (2, 3), (3, 3), (4, 3)), bound=3), budget)


CLAIMS = (
    decided_claim(
        "dcg.rank-one",
        "Utilities and one rank-1 payoff represent every table of two agents",
        r"\forall y\ \exists u,v,g,h:\;y(x,z)=u(x)+v(z)+g(x)h(z)",
        "two agents with three actions",
        "ours, on " + PAPER + ", low-rank payoffs",
        check_rank_one,
    ),
    sampled_claim(
        "dcg.rank",
        "With utilities, payoffs of rank min(A_1, A_2) - 1 represent every table of two agents",
        r"K\ge\min(A_1,A_2)-1\Rightarrow\forall y\ \exists:\;y=u+v+\textstyle\sum_kg_kh_k",
        "two agents",
        "ours, on " + PAPER + ", low-rank payoffs",
        check_rank_enough,
        60,
    ),
)
