"""Weighted QMIX (arXiv:2006.10800): the statements that need a hypothesis which the paper does not state.

y = [[1,-2],[0,0]] has one best joint action, (0,0). A table of Q^mix whose only maximiser is (0,0) has both agents'
action 0 on top, so x(1,1) <= x(0,1): under central weights its error is at least α min_t (t² + (t+2)²) = 2α, under
optimistic ones at least min_t (t² + α(t+2)²) = 4α/(1+α). The table [[t,-2],[t,0]], t = 1/(1+α), is in Q^mix with
action 1 of agent 1 on top, and its error is (1-t)² + αt² = α/(1+α) under both. So for no α in (0,1] does the fit have
the maximiser (0,0) alone. (0,0) attains the maximum (`wqmix.weak`), but agent 1 prefers action 1, strictly: the agents
play (1,0), worth 0.
"""

from fractions import Fraction
from itertools import product

import sympy

from proofs_check.claim import Budget, Finding, settle
from proofs_check.claims.literature import decided_claim, table
from proofs_check.claims.weighted_qmix import CW, PAPER, SMALLEST, engine_fit
from proofs_check.evidence import central, exact
from proofs_check.evidence.exact import JointAction, Table
from proofs_check.evidence.symbols import first_nonzero, is_positive

ALPHA, T = sympy.Symbol("alpha", positive=True), sympy.Symbol("t", real=True)
TRIED = tuple(map(Fraction, ("1", "1/2", "1/10", "1/1000")))
SHAPE = (2, 2)


def _central_error(x: Table, alpha: Fraction) -> Fraction:
    return Fraction(exact.loss(SMALLEST, central.weights(SMALLEST, alpha), x))


def _optimistic_error(x: Table, alpha: Fraction) -> Fraction:
    return sum(((1 if x[a] < y else alpha) * (y - x[a]) ** 2 for a, y in SMALLEST.items()), Fraction(0))


def _identities(kind: str) -> tuple[int, object]:
    """Return the number of identities of the proof above, and the first that fails."""
    pull = ALPHA if kind == "central" else sympy.Integer(1)
    low = sympy.Integer(2) * ALPHA if kind == "central" else 4 * ALPHA / (1 + ALPHA)
    centre = -2 * ALPHA / (pull + ALPHA)
    level = 1 / (1 + ALPHA)
    named = [
        ("lower bound", sympy.cancel(pull * T**2 + ALPHA * (T + 2) ** 2 - low - (pull + ALPHA) * (T - centre) ** 2)),
        ("error of the wrong table", sympy.cancel((1 - level) ** 2 + ALPHA * level**2 - ALPHA / (1 + ALPHA))),
    ]
    count, failing = first_nonzero(named)
    if failing is None and not is_positive(low - ALPHA / (1 + ALPHA), None):
        return count, {"not above": str(low)}
    return count, failing


def _smaller_tables() -> list[Table]:
    """Return the integer tables of two agents with two actions, spread 2 and the maximiser (0,0), up to a constant."""
    return [table(SHAPE, (2, *rest)) for rest in product((0, 1), repeat=3)]


def _never_recovered(kind: str) -> Finding:
    count, failing = _identities(kind)
    error = _central_error if kind == "central" else _optimistic_error
    for alpha in TRIED:
        level = 1 / (1 + alpha)
        wrong = table(SHAPE, (level, -2, level, 0))
        if error(wrong, alpha) != alpha / (1 + alpha):
            failing = failing or {"alpha": alpha, "error": error(wrong, alpha)}
        if kind == "central" and engine_fit(SMALLEST, central.weights(SMALLEST, alpha), SHAPE)[1:] != ((1, 0), wrong):
            failing = failing or {"alpha": alpha, "engine": "another fit"}
    trials = _smaller_tables() if kind == "central" else []
    smaller = [list(y.values()) for y in trials if central.largest(y, SHAPE) == 0]
    if failing is not None or smaller:
        return Finding("unknown", len(TRIED), {"reason": failing, "smaller tables": smaller})
    witness = {"y": [1, -2, 0, 0], "best": (0, 0), "greedy of the fit": (1, 0), "identities": count}
    note = (
        "for every α in (0,1], symbolically; (0,0) ties with (1,0) in the fit, so that 'u is among the maximisers' is "
        "true (wqmix.weak), and 'the agents find u' is not"
    )
    if kind == "central":
        note += "; no integer 2x2 table of a smaller spread does this"
    return settle(witness, "tested", {}, len(TRIED), note)


def check_central(_: Budget) -> Finding:
    """Show that no α lets the centrally weighted fit of [[1,-2],[0,0]] have its only maximiser; the engine agrees."""
    return _never_recovered("central")


def check_optimistic(_: Budget) -> Finding:
    """Show the same for optimistic weights, which depend on the fit: all tables of Q^mix are compared."""
    return _never_recovered("optimistic")


PELL = ((7, 5), (41, 29), (239, 169))


def check_one_alpha(_: Budget) -> Finding:
    """Compute α* = 2/c² - 1 of [[1,-c],[0,0]] for c = 7/5, 41/29, 239/169 (c² < 2): as small as one likes."""
    found: dict[str, Fraction] = {}
    for p, q in PELL:
        c = Fraction(p, q)
        threshold = central.largest(table(SHAPE, (1, -c, 0, 0)), SHAPE)
        if threshold != 2 / c**2 - 1:
            return Finding("unknown", len(found), {"c": c, "threshold": threshold})
        found[str(c)] = threshold
    witness = {"y": "[[1,-c],[0,0]]", "largest alpha by c": found}
    note = "c ranges over the convergents of sqrt 2 from below, for which α* = 1/p²"
    return settle(witness if max(found.values()) < 1 else None, "tested", {}, len(found), note)


GAMMA, LOOP = Fraction(1, 2), (1, 1)
REWARD = table(SHAPE, (1, -2, 0, -1))


def operator_step(values: Table, alpha: Fraction) -> tuple[Table, JointAction]:
    """Return T_w Q^ and the greedy joint action of Π_w Q^, for the model of `check_operator`.

    s1 pays [[1,-2],[0,-1]]; (1,1) stays, all else ends in an absorbing state of value 0. T_w Q^(s1,a) = r(a) + γ
    Q^(s1,û) where a stays, û the greedy joint action of the centrally weighted fit of Q^.
    """
    chosen = engine_fit(values, central.weights(values, alpha), SHAPE)[1]
    return {a: r + (GAMMA * values[chosen] if a == LOOP else 0) for a, r in REWARD.items()}, chosen


def _held(action: JointAction) -> Table:
    """Return the only Q^ with T_w Q^ = Q^ if û were this joint action."""
    value = REWARD[action] / (1 - GAMMA) if action == LOOP else REWARD[action]
    return {a: r + (GAMMA * value if a == LOOP else 0) for a, r in REWARD.items()}


def _fixed(alpha: Fraction) -> list[JointAction]:
    """Return the joint actions û that are greedy at the Q^ that they would hold."""
    return [action for action in REWARD if operator_step(_held(action), alpha)[1] == action]


def check_operator(_: Budget) -> Finding:
    """Run T_w from T_w 0 = r: û alternates between (0,0) and (1,0), and Q^ with it; no û holds a fixed point.

    For every α in (0,1): α* is 1 at the Q^ with Q^(1,1) = -1, so that û = (0,0), and 0 where Q^(1,1) = -1/2.
    """
    cycles: dict[str, object] = {}
    thresholds = [central.largest(_held(action), SHAPE) for action in ((1, 0), (0, 0))]
    for alpha in TRIED[1:]:
        values, seen = dict(REWARD), []
        for _step in range(4):
            values, chosen = operator_step(values, alpha)
            seen.append((chosen, values[LOOP]))
        if seen != [((0, 0), Fraction(-1, 2)), ((1, 0), Fraction(-1))] * 2 or _fixed(alpha) or thresholds != [1, 0]:
            return Finding("unknown", len(cycles), {"alpha": alpha, "run": seen, "largest alpha": thresholds})
        cycles[str(alpha)] = seen[:2]
    note = "no fixed point: û = (0,0) needs Q^(1,1) = -1/2, where the fit prefers (1,0); û = (1,0) needs -1, and back"
    return settle({"discount": GAMMA, "run by alpha": cycles}, "tested", {}, len(cycles), note)


CLAIMS = (
    decided_claim(
        "wqmix.central",
        "With idealised central weights some α > 0 makes the fit's maximiser that of y, for every y",
        r"\exists\alpha>0:\;\arg\max\Pi_wy=\arg\max y",
        CW + ", Q^mix with ∂f/∂Q_i >= 0",
        PAPER + " Theorem 1",
        check_central,
    ),
    decided_claim(
        "wqmix.optimistic",
        "With optimistic weights some α > 0 makes the fit's maximiser that of y, for every y",
        r"\exists\alpha>0:\;\arg\max\Pi_wy=\arg\max y",
        "w = 1 where the fit is below y, else α; one maximiser of y; Q^mix with ∂f/∂Q_i >= 0",
        PAPER + " Theorem 2",
        check_optimistic,
    ),
    decided_claim(
        "wqmix.one-alpha",
        "One α > 0 serves all tables that some α serves",
        r"\exists\alpha>0\ \forall y:\;\alpha^*(y)>0\Rightarrow\arg\max\Pi_wy=\arg\max y",
        CW + ", two agents with two actions",
        "ours, on " + PAPER + " Theorem 1",
        check_one_alpha,
    ),
    decided_claim(
        "wqmix.operator",
        "The weighted QMIX operator has a fixed point, to which it converges",
        r"\exists!\hat Q:\;\mathcal T_w\hat Q=\hat Q,\quad\mathcal T_w\hat Q=r+\gamma P\hat Q(\cdot,\hat u),\;"
        r"\hat u=\arg\max\Pi_w\hat Q",
        CW + "; α in (0,1), γ < 1",
        PAPER + " Corollary 1",
        check_operator,
    ),
)
