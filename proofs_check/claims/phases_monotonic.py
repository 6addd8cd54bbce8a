"""Theorem C, the monotonic class: never divergent, not always convergent, certified (theory notes, sections 10,
13 and 14; ours).

The engine's fits, runs and certificates against plain sums over joint actions and over upper sets.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise, permutations, product
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st

import fqi_theory as ft
from fqi_theory.factorization import monotonic
from proofs_check.checker import check
from proofs_check.claim import Budget, Claim, Finding, settle
from proofs_check.evidence import exact, isotonic
from proofs_check.evidence.exact import Shape, Table
from proofs_check.evidence.instances import Game, Model, Run, games, models, rewards, runs, tensor
from proofs_check.evidence.sampling import sampled

OURS = "ours"
SHAPES: tuple[Shape, ...] = ((2, 2), (2, 3), (2, 2, 2), (3,))
STEPS = 5
DISCOUNTS = tuple(map(Fraction, ("1/1000000", "1/2", "9/10", "99/100", "999999/1000000")))

#: A game, another table of its shape, and the index of a tuple of orders.
Pair = tuple[Game, tuple[Fraction, ...], int]


def _pairs() -> st.SearchStrategy[Pair]:
    return st.tuples(games(SHAPES, data="joint"), rewards(8, 4), st.integers(0, 71))


def _orders(shape: Shape, k: int) -> tuple[tuple[int, ...], ...]:
    """Return the k-th tuple of orders, best action first, counted round and round."""
    every = list(product(*(permutations(range(count)) for count in shape)))
    return every[k % len(every)]


def _under(game: Game, values: Table, orders: Any) -> Any:
    y, p = (tensor(list(t.values()), game.shape) for t in (values, game.data_table()))
    return monotonic.under_orders(y, p, orders)


def _top(found: Any) -> Fraction:
    return exact.fraction(found.table[found.greedy])


def _moved(game: Game, steps: Sequence[Fraction]) -> Table:
    return {a: y + d for (a, y), d in zip(game.table().items(), steps[: len(game.values)], strict=True)}


def _outside(game: Game) -> str | None:
    y, p = game.table(), game.data_table()
    found = exact.fraction(monotonic.fit(game.array(), game.data()).values[0])
    low, high = exact.mean(y, p), max(y.values())
    return None if low <= found <= high else f"V' = {found} is not between E_p y = {low} and max y = {high}"


def check_between(budget: Budget) -> Finding:
    """Check E_p y <= V' <= max y for fits with orders of least error, product and correlated data."""
    kinds = st.sampled_from(("product", "joint")).flatmap(lambda kind: games(SHAPES, data=kind))
    return sampled(_outside, kinds, budget)


def _leaves_sandwich(run: Run) -> str | None:
    low, high = list(run.start), list(run.start)
    model, tables = run.model.mmdp(), run.data_tables()
    start = ft.start_from_values(model, tensor(run.start, (run.model.states,)))
    source = _source(run)
    found = ft.fitted_q_iteration(model, data=source, factorization=ft.monotonic, initial=start, iterations=STEPS)
    for t in range(1, STEPS + 1):
        low = [exact.mean(y, p) for y, p in zip(run.model.backup(low), tables, strict=True)]
        high = [max(y.values()) for y in run.model.backup(high)]
        values = exact.fractions(found.values[t])
        if any(not a <= v <= b for a, v, b in zip(low, values, high, strict=True)):
            return f"V^({t}) = {values} is not between {low} and {high}"
    return None


def _source(run: Run) -> Any:
    if run.weights:
        return ft.correlated(run.data().joint())
    return ft.product([[[str(x) for x in row] for row in agent] for agent in run.marginals])


def check_sandwich(budget: Budget) -> Finding:
    """Follow QMIX runs between policy evaluation of the data's behaviour and value iteration, from one start."""
    return sampled(_leaves_sandwich, runs(models(((2, 2), (2, 3)))), budget)


def _frozen_differs(instance: Pair) -> str | None:
    game, steps, k = instance
    y, p, orders = game.table(), game.data_table(), _orders(game.shape, k)
    rising = [tuple(reversed(order)) for order in orders]
    lower = isotonic.lower_sets(y, isotonic.steps_up(game.shape, tuple(rising)))
    uppers = [set(y) - s for s in lower if len(s) < len(y)]
    expected = max(sum(p[a] * y[a] for a in u) / sum(p[a] for a in u) for u in uppers)
    found, other = _under(game, y, orders), _moved(game, steps)
    if _top(found) != expected:
        return f"orders {orders}: the top of the fit is {_top(found)}, the best upper set has the mean {expected}"
    gaps = [other[a] - y[a] for a in y]
    change = _top(_under(game, other, orders)) - expected
    if not min(gaps) <= change <= max(gaps):
        return f"orders {orders}: targets move by {min(gaps)} to {max(gaps)}, the top by {change}"
    return None


def check_frozen(budget: Budget) -> Finding:
    """Compare the top of the fit under given orders with upper sets by enumeration, and follow it as targets move."""
    return sampled(_frozen_differs, _pairs(), budget)


def _error_jumps(instance: Pair) -> str | None:
    game, steps, k = instance
    y, orders = game.table(), _orders(game.shape, k)
    other = _moved(game, steps)
    gaps = [other[a] - y[a] for a in y]
    bound = (max(gaps) - min(gaps)) / 2
    low, high = sorted(exact.fraction(_under(game, t, orders).error) for t in (y, other))
    rest = high - low - bound**2  # sqrt(high) <= sqrt(low) + bound, squared twice
    return (
        f"errors {low} and {high} under {orders}: spread {2 * bound}"
        if rest > 0 and rest**2 > 4 * low * bound**2
        else None
    )


def check_radius(budget: Budget) -> Finding:
    """Check that the root of the error of given orders moves by at most half the spread of the targets' change."""
    return sampled(_error_jumps, _pairs(), budget)


def cycle_model(discount: Fraction) -> Model:
    """Return the model of C.2: s0 absorbs and pays 0; s1 pays [[4,2],[0,2-7γ/2]] and only (1,1) stays."""
    last = 2 - discount * Fraction(7, 2)
    reward = ((Fraction(0),) * 4, (Fraction(4), Fraction(2), Fraction(0), last))
    leave, stay = (Fraction(1), Fraction(0)), (Fraction(0), Fraction(1))
    return Model((2, 2), reward, ((leave,) * 4, (leave, leave, leave, stay)), discount)


def _judged(model: Model) -> list[Fraction]:
    """Return V(s1) of five steps from Q = 0 by the judge's own regressions; raises ArithmeticError at a tie."""
    unit = dict.fromkeys(exact.joint_actions(model.shape), Fraction(1, 4))
    values = [Fraction(0)]
    for _ in range(STEPS):
        fits = isotonic.monotone_fits(model.backup([Fraction(0), values[-1]])[1], unit, model.shape)
        tops = {max(fit.table.values()) for fit in fits if fit.error == fits[0].error}
        if len(tops) > 1:
            raise ArithmeticError(f"orders of least error with different values {tops}")
        values.append(tops.pop())
    return values


def _cycle_fails(discount: Fraction) -> str | None:
    model = cycle_model(discount)
    expected = [0, 4, 3, 4, 3, 4]
    if _judged(model) != expected:
        return f"V(s1) = {_judged(model)} by the judge's regressions"
    run = ft.fitted_q_iteration(model.mmdp(), factorization=ft.monotonic, iterations=STEPS)
    if [exact.fraction(v[1]) for v in run.values] != expected:
        return f"V(s1) = {[str(v[1]) for v in run.values]} by the engine"
    fate = ft.decide(model.mmdp(), factorization=ft.monotonic)
    if (fate.kind, fate.period) != ("cycles", 2):
        return f"decide says {fate.kind}"
    report = check(fate.certificate)
    return None if report.accepted else f"the checker refuses: {report.reason}"


def check_cycle(_: Budget) -> Finding:
    """Follow C.2's model at five discounts by the judge's own regressions and by the engine, and certify its cycle."""
    failure = next(({"γ": g, "fails": r} for g in DISCOUNTS if (r := _cycle_fails(g)) is not None), None)
    return settle(failure, "certified", {"γ": DISCOUNTS, "V(s1)": [0, 4, 3, 4, 3, 4]}, len(DISCOUNTS))


def _uncertified(model: Model) -> str | None:
    fate = ft.decide(model.mmdp(), factorization=ft.monotonic)
    if fate.kind in ("unknown", "bounded"):
        reject()
    if fate.kind not in ("converges", "cycles"):
        return f"decide says {fate.kind}"
    report = check(fate.certificate)
    if not report.accepted:
        return f"the checker refuses: {report.reason}"
    points = [exact.fractions(values) for values in fate.values]
    unit = dict.fromkeys(exact.joint_actions(model.shape), Fraction(1))
    for before, after in pairwise([*points, points[0]]):
        fits = [isotonic.monotone_fits(y, unit, model.shape) for y in model.backup(before)]
        tops = [{max(f.table.values()) for f in found if f.error == found[0].error} for found in fits]
        if any(v not in top for v, top in zip(after, tops, strict=True)):
            return f"{before} is claimed to step to {after}, the regressions of least error give {tops}"
    return None


def check_certificates(budget: Budget) -> Finding:
    """Decide QMIX runs of random models: every fate has an accepted certificate and is an orbit of the regressions."""
    drawn = models(((2, 2), (2, 3)), max_states=2, bound=4, discounts=(Fraction(1, 2), Fraction(9, 10)))
    return sampled(_uncertified, drawn, budget)


def _claim(name: str, statement: str, latex: str, hypotheses: str, check_: Any, examples: int) -> Claim:
    return Claim(
        f"phases.qmix-{name}", statement, latex, hypotheses, OURS, "random instances", "tested", check_, examples
    )


ANY_DATA = "monotonic class, orders of least error; data with full support, product or correlated"
CLAIMS = (
    _claim(
        "between",
        "Theorem C.1: best monotone fits stay between the data's mean target and the largest target",
        r"\mathbb{E}_py\le V'\le\max y",
        ANY_DATA,
        check_between,
        60,
    ),
    _claim(
        "sandwich",
        "Runs of best monotone fits stay between those of the data's own behaviour and of value iteration: "
        "V^β <= liminf, limsup <= V*",
        r"V^\beta\le\liminf V^{(t)},\;\limsup V^{(t)}\le V^*",
        ANY_DATA + ", fixed; five steps from one start",
        check_sandwich,
        40,
    ),
    Claim(
        "phases.qmix-cycle",
        "Theorem C.2: best monotone fits alternate, V(s1) = 4, 3, 4, 3, ..., at discounts from one in a million to all "
        "but that",
        r"V^{(t)}(s_1)=0,4,3,4,3,\ldots",
        "s1 pays [[4,2],[0,2-7γ/2]], (1,1) stays, s0 absorbs; uniform data; γ = 10^-6, 1/2, 9/10, 99/100, 1-10^-6",
        OURS,
        "exact instance",
        "certified",
        check_cycle,
    ),
    _claim(
        "frozen",
        "With frozen orders the top of the fit is the best mean over upper sets, and moves no more than the targets: "
        "a γ-contraction",
        r"\max Q=\max_U\mathbb{E}_p[y|U],\;\min(y'-y)\le\max Q'-\max Q\le\max(y'-y)",
        "monotonic class, any orders; correlated data with full support",
        check_frozen,
        80,
    ),
    _claim(
        "radius",
        "Theorem C.3: the root of the error of given orders moves by at most half the spread of the targets' change",
        r"|\sqrt{E_\tau(y')}-\sqrt{E_\tau(y)}|\le\tfrac12\mathrm{sp}(y'-y)",
        "monotonic class, any orders; correlated data with full support",
        check_radius,
        80,
    ),
    _claim(
        "certified",
        "Theorem C.3: monotonic runs that are decided converge or cycle, with accepted certificates, and never diverge",
        r"\text{fate}\in\{\text{converges},\text{cycles}\}",
        "uniform data, models with one or two states, γ = 1/2, 9/10; runs left undecided are not counted",
        check_certificates,
        40,
    ),
)
