"""The payoff tables of the theory notes, section 7: exact uniform fits, and the best monotone fit of game 2."""

from fractions import Fraction
from typing import Any

from fqi_theory.factorization import linear
from proofs_check.claim import Budget, Claim, Finding, settle
from proofs_check.evidence import exact
from proofs_check.evidence.exact import Shape, Table
from proofs_check.evidence.instances import Game
from proofs_check.evidence.isotonic import monotone_fits, optimality_gap, project

QPLEX = "arXiv:2008.01062"
_CLIMBING_3: exact.Table = {
    (0, 0, 0): 11,
    (0, 0, 1): -30,
    (0, 1, 0): -30,
    (1, 0, 0): -30,
    (1, 1, 1): 7,
    (2, 2, 1): 6,
    (2, 2, 2): 5,
}
GAMES: dict[str, tuple[Shape, tuple[Any, ...]]] = {
    "game 1": ((3, 3), (Fraction("10.4"), 0, 10, 0, 10, 10, 10, 10, 10)),
    "game 2": ((3, 3), (8, -12, -12, -12, 0, 0, -12, 0, 0)),
    "game 3": ((3, 3), (8, -12, -12, -12, 6, 0, -12, 0, 6)),
    "climbing": ((3, 3), (11, -30, 0, -30, 7, 0, 0, 6, 5)),
    "penalty 100": ((3, 3), (-100, 0, 10, 0, 2, 0, 10, 0, -100)),
    "three-player climbing": ((3, 3, 3), tuple(_CLIMBING_3.get(a, 0) for a in exact.joint_actions((3, 3, 3)))),
}


def uniform_game(name: str) -> Game:
    """Return a payoff table of the theory with uniform data."""
    shape, payoffs = GAMES[name]
    return Game(shape, tuple(map(Fraction, payoffs)), tuple((Fraction(1, k),) * k for k in shape))


def uniform_fit(game: Game) -> tuple[list[list[Fraction]], Table]:
    """Return factors and Q_tot of the engine's fit; raises ArithmeticError unless they satisfy the normal equations."""
    factors = [exact.fractions(f[0]) for f in linear.fit(game.array(), game.data()).factors]
    if any(exact.normal_residuals(game.table(), game.data_table(), factors).values()):
        raise ArithmeticError("the engine's fit violates the normal equations")
    return factors, exact.additive(factors)


GAME_2_FIT = {0: Fraction(-56, 9), 1: Fraction(-44, 9), 2: Fraction(-32, 9)}


def check_game_2(_: Budget) -> Finding:
    """-56/9 at (0,0), -44/9 where one agent plays 0, -32/9 elsewhere; the greedy action earns 0 instead of 8."""
    game = uniform_game("game 2")
    factors, q = uniform_fit(game)
    wrong = {
        str(a): {"found": v, "expected": GAME_2_FIT[sum(x > 0 for x in a)]}
        for a, v in q.items()
        if v != GAME_2_FIT[sum(x > 0 for x in a)]
    }
    greedy = tuple(map(exact.first_maximiser, factors))
    best = exact.maximisers(q)
    if not wrong and {game.table()[a] for a in best} != {Fraction(0)}:
        wrong = {"greedy": {"found": sorted(best)}}
    evidence = {"Q_tot": list(q.values()), "greedy": greedy, "greedy payoff": game.table()[greedy], "optimum": 8}
    return settle(wrong or None, "certified", evidence, 1)


GREEDY_PAYOFF = {
    "game 1": ("10", "52/5"),
    "game 2": ("0", "8"),
    "game 3": ("6", "8"),
    "climbing": ("5", "11"),
    "penalty 100": ("2", "10"),
    "three-player climbing": ("5", "11"),
}


def check_greedy_loss(_: Budget) -> Finding:
    """Compare the payoff of the uniform fit's greedy joint action with the optimum, for every table."""
    evidence, wrong = {}, {}
    for name in GAMES:
        game = uniform_game(name)
        factors, q = uniform_fit(game)
        greedy = tuple(map(exact.first_maximiser, factors))
        payoff, optimum = game.table()[greedy], max(game.values)
        evidence[name] = {"greedy": greedy, "payoff": payoff, "optimum": optimum, "factors": factors}
        if (str(payoff), str(optimum)) != GREEDY_PAYOFF[name] or q[greedy] != max(q.values()):
            wrong[name] = {"found": (payoff, optimum), "expected": GREEDY_PAYOFF[name]}
    return settle(wrong or None, "certified", evidence, len(GAMES), "ties to the first action")


REPORTED_QMIX = (-8, -8, -8, -8, 0, 0, -8, 0, 0)


def check_monotonic(_: Budget) -> Finding:
    """Project game 2 on the monotone tables of all 36 order pairs; verify every optimality certificate."""
    game = uniform_game("game 2")
    y, unit = game.table(), dict.fromkeys(game.table(), Fraction(1))
    fits = monotone_fits(y, unit, game.shape)
    gaps = [gap for fit in fits if (gap := optimality_gap(y, unit, fit, game.shape)) is not None]
    best = fits[0]
    expected = {a: Fraction(8 if a == (0, 0) else -6) for a in y}
    if gaps or best.error != 288 or not any(f.table == expected for f in fits if f.error == 288):
        return settle(
            {"best error": best.error, "table": list(best.table.values()), "gaps": gaps}, "certified", {}, len(fits)
        )
    reported = exact.table(game.shape, map(Fraction, REPORTED_QMIX))
    local = project(y, unit, game.shape, ((0, 1, 2), (0, 1, 2)))
    evidence = {
        "best error": best.error,
        "best table": list(expected.values()),
        "errors by order pair": sorted({str(f.error): sum(g.error == f.error for g in fits) for f in fits}.items()),
        "error of the reported pattern": exact.loss(y, unit, reported),
        "reported pattern is the best of its own order pair": local.table == reported,
        "certificates verified": len(fits),
    }
    wrong = None if exact.loss(y, unit, reported) == 320 and local.table == reported else evidence
    return settle(wrong, "certified", evidence, len(fits), "squared errors are sums over the nine joint actions")


def check_reported_qmix(_: Budget) -> Finding:
    """Compare the pattern usually reported for learnt QMIX (320) with a monotone table of error 288."""
    game = uniform_game("game 2")
    y, unit = game.table(), dict.fromkeys(game.table(), Fraction(1))
    better = {a: Fraction(8 if a == (0, 0) else -6) for a in y}
    errors = exact.loss(y, unit, exact.table(game.shape, map(Fraction, REPORTED_QMIX))), exact.loss(y, unit, better)
    witness = {"reported": REPORTED_QMIX, "error": errors[0], "better": list(better.values()), "its error": errors[1]}
    return settle(
        witness if errors[1] < errors[0] else None, "tested", {}, 1, "the better table also keeps the optimal action"
    )


CLAIMS = (
    Claim(
        id="tables.game2-uniform",
        statement="Game 2, uniform data: the linear fit is -56/9, -44/9, -32/9 and its greedy action earns 0 "
        "instead of 8",
        latex=r"Q_{tot}(0,0)=-\tfrac{56}9,\;Q_{tot}(0,\cdot)=-\tfrac{44}9,\;Q_{tot}(\cdot,\cdot)=-\tfrac{32}9",
        hypotheses="game 2 = [[8,-12,-12],[-12,0,0],[-12,0,0]]",
        source=QPLEX,
        method="exact instance",
        expected="certified",
        check=check_game_2,
    ),
    Claim(
        id="tables.greedy-loss",
        statement="In all six tables the greedy action of the uniform linear fit is suboptimal",
        latex=r"y(\arg\max Q_{tot})<\max y",
        hypotheses="uniform data, ties to the first action",
        source=QPLEX + "; authors' code",
        method="exact instance",
        expected="certified",
        check=check_greedy_loss,
    ),
    Claim(
        id="tables.monotonic-best",
        statement="Game 2: the best monotone (QMIX) fit is 8 at (0,0) and -6 elsewhere, squared error 288, over "
        "all order pairs",
        latex=r"\min_{Q\text{ monotone}}\sum_a(y-Q)^2=288",
        hypotheses="uniform data, weakly monotone mixing",
        source="ours",
        method="enumeration",
        expected="certified",
        check=check_monotonic,
    ),
    Claim(
        id="tables.monotonic-usual",
        statement="Game 2: the pattern usually reported for learnt QMIX (-8 in row and column 0, 0 elsewhere) "
        "is the best monotone fit",
        latex=r"[-8;0]\in\arg\min_{Q\text{ monotone}}\sum_a(y-Q)^2",
        hypotheses="uniform data",
        source="ours, on " + QPLEX,
        method="exact instance",
        expected="refuted",
        check=check_reported_qmix,
    ),
)
