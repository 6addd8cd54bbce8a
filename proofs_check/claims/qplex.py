"""Completeness of QPLEX and its limits (theory notes, section 8; arXiv:2008.01062)."""

from fractions import Fraction

import numpy as np
import sympy
from hypothesis import assume, reject

from fqi_theory.base.errors import NotRealisable
from fqi_theory.factorization import qplex
from proofs_check.claim import Budget, Claim, Finding, Formal, settle
from proofs_check.claims.igm import QPLEX
from proofs_check.claims.theorem4_igm_convergence import NO_PRODUCT, not_set_igm
from proofs_check.evidence import exact
from proofs_check.evidence.exact import Shape
from proofs_check.evidence.instances import SMALL_SHAPES, TWO_BY_TWO, Game, games, tensor
from proofs_check.evidence.mixings import PATTERN_SHAPES, Mixing, Sets, best_sets, patterns
from proofs_check.evidence.sampling import sampled, search

OURS = "ours, on " + QPLEX


def _pattern_not_realised(shape: Shape, sets: Sets) -> str | None:
    """Realise V on Π B_i and V - g(a), g > 0, elsewhere, symbolically; recompute the mixing from its definition."""
    level = sympy.Symbol("V", real=True)
    flat = [
        level
        if all(x in b for x, b in zip(a, sets, strict=True))
        else level - sympy.Symbol("g" + "".join(map(str, a)), positive=True)
        for a in exact.joint_actions(shape)
    ]
    member = qplex.realise(np.array(flat, dtype=object).reshape(1, *shape))
    weights = [exact.table(shape, w[0].flat) for w in member.weights]
    tops = [next(f[0][x] for x in sets[i]) for i, f in enumerate(member.factors)]
    where = f"shape {shape}, maximisers {[sorted(m) for m in sets]}"
    for a, wanted in exact.table(shape, flat).items():
        q = sum(tops[i] + weights[i][a] * (f[0][a[i]] - tops[i]) for i, f in enumerate(member.factors))
        if sympy.expand(q - wanted) != 0:
            return f"{where}, joint action {a}: {q} instead of {wanted}"
        if not all(bool(w[a] > 0) for w in weights):
            return f"{where}, joint action {a}: some λ is not positive"
    if any(
        not bool(tops[i] - f[0][x] > 0)
        for i, f in enumerate(member.factors)
        for x in range(shape[i])
        if x not in sets[i]
    ):
        return f"{where}: the factors' maximisers are not the sets"
    return None


def check_complete(_: Budget) -> Finding:
    """Realise every pattern of product argmax sets with symbolic values."""
    cases = [(shape, sets) for shape in PATTERN_SHAPES for sets in patterns(shape)]
    reasons = (_pattern_not_realised(shape, sets) for shape, sets in cases)
    failure = next((r for r in reasons if r is not None), None)
    return settle(failure, "proved", {"shapes": PATTERN_SHAPES, "patterns": len(cases)})


def not_realised(game: Game) -> str | None:
    """Say how the engine fails to realise a table with a product argmax set; other tables are rejected."""
    if not_set_igm(game) is not None:
        reject()
    member = qplex.realise(game.array())
    if not all(bool((w > 0).all()) for w in member.weights):
        return "some λ is not positive"
    factors = tuple(tuple(exact.fractions(f[0])) for f in member.factors)
    mixing = Mixing(game.shape, factors, tuple(tuple(exact.fractions(w.flat)) for w in member.weights))
    if not exact.fractions(member.table().flat) == list(mixing.table().values()) == list(game.values):
        return "the round trip changes the table"
    same = best_sets(factors) == exact.maximisers(game.table())
    return None if same else "Π argmax Q_i is not argmax Q_tot"


def check_round_trip(budget: Budget) -> Finding:
    """Realise random tables with product argmax sets and multiply them out again."""
    return sampled(not_realised, games((*SMALL_SHAPES, (3, 3), (2, 2, 2, 2)), bound=2), budget)


def check_non_product(budget: Budget) -> Finding:
    """Find a smallest table whose argmax set is no product set; by IGM as sets no λ > 0 realises it."""
    sample = search(not_set_igm, games(TWO_BY_TWO, bound=1), budget, NO_PRODUCT)
    game = sample.counterexample
    if game is None:
        return Finding("tested", sample.checked)
    try:
        qplex.realise(game.array())
    except NotRealisable as refusal:
        witness = {"table": game.values, "fails": sample.reason, "engine": str(refusal)}
        return settle(
            witness, "tested", {}, sample.checked, "needs igm.sets: members of the class have product argmax sets"
        )
    return Finding("unknown", sample.checked, {"table": game.values, "engine": "realises it"})


DELTAS = tuple(Fraction(1, 10**k) for k in (0, 3, 9))


def _not_a_limit(game: Game) -> str | None:
    assume(not_set_igm(game) is not None)
    best = sorted(exact.maximisers(game.table()))[0]
    for delta in DELTAS:
        near = {a: y + (delta if a == best else 0) for a, y in game.table().items()}
        member = qplex.realise(tensor(list(near.values()), (1, *game.shape)))
        if exact.fractions(member.table().flat) != list(near.values()):
            return f"delta = {delta}: not realised"
    return None


def check_limit(budget: Budget) -> Finding:
    """Raise one maximiser by δ: realised exactly at sup-distance δ, for tables that are not realised themselves."""
    return sampled(_not_a_limit, games(((2, 2), (2, 3), (2, 2, 2)), bound=1), budget)


CLAIMS = (
    Claim(
        id="qplex.complete",
        statement="Every table whose argmax set is a product set is realised by explicit factors and λ > 0 (3, "
        "2x2, 2x3, 2x2x2)",
        latex=r"\arg\max Q=\textstyle\prod_iB_i\Rightarrow\exists(Q_i),\lambda>0:\;Q_{tot}=Q",
        hypotheses="argmax set is a product set",
        source=QPLEX + " Proposition 2",
        method="symbolic",
        expected="proved",
        check=check_complete,
        theorems=(Formal("qplex-complete"),),
    ),
    Claim(
        id="qplex.round-trip",
        statement="The same for random tables of up to four agents: realise and multiply out again, exactly",
        latex=r"\mathrm{mix}(\mathrm{realise}(Q))=Q",
        hypotheses="argmax set is a product set",
        source=QPLEX,
        method="random instances",
        expected="tested",
        check=check_round_trip,
        examples=200,
        theorems=(Formal("qplex-complete"),),
    ),
    Claim(
        id="qplex.every-table",
        statement="QPLEX with λ > 0 realises every table",
        latex=r"\forall Q\ \exists(Q_i),\lambda>0:\;Q_{tot}=Q",
        hypotheses="none",
        source=OURS,
        method="random instances",
        expected="refuted",
        check=check_non_product,
        examples=60,
        theorems=(Formal("qplex-only"),),
    ),
    Claim(
        id="qplex.limit",
        statement="Tables with non-product argmax sets are limits of realised tables",
        latex=r"\forall Q\ \forall\delta>0\ \exists Q_{tot}:\;\|Q_{tot}-Q\|_\infty\le\delta",
        hypotheses="argmax set is not a product set",
        source=OURS,
        method="random instances",
        expected="tested",
        check=check_limit,
        examples=100,
    ),
)
