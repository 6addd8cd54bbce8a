"""Theorem 4 of arXiv:2006.00587: FQI over the IGM class is value iteration
(theory notes, section 6), in its two readings."""

from fractions import Fraction
from math import prod
from typing import Any

from hypothesis import strategies as st

from fqi_theory.base.errors import NotRealisable
from fqi_theory.factorization import igm
from fqi_theory.planning.optimal import solve
from fqi_theory.runs.iteration import fitted_q_iteration
from fqi_theory.runs.trajectory import start_from_table, start_from_values
from proofs_check.claim import Budget, Claim, Finding, Formal, settle
from proofs_check.evidence import exact
from proofs_check.evidence.instances import (
    SMALL_SHAPES,
    TWO_BY_TWO,
    Game,
    Model,
    Numbers,
    Run,
    games,
    models,
    rewards,
    runs,
    tensor,
)
from proofs_check.evidence.sampling import sampled, search

PAPER = "arXiv:2006.00587 Theorem 4"
OURS = "ours, on " + PAPER
STEPS = 4
Tabled = tuple[Model, Numbers]
SUPPORT = "full-support data, IGM class in the selection reading"


def _igm_run(run: Run, steps: int = STEPS) -> list[list[Fraction]]:
    model = run.model.mmdp()
    start = start_from_values(model, tensor(run.start, (run.model.states,)))
    found = fitted_q_iteration(model, factorization=igm, initial=start, iterations=steps)
    return [exact.fractions(v) for v in found.values]


def _not_value_iteration(run: Run) -> str | None:
    values, expected = _igm_run(run), list(run.start)
    for t in range(1, STEPS + 1):
        targets = run.model.backup(expected)
        fit = igm.fit(run.model.mmdp().backup(tensor(expected, (len(expected),))), run.data())
        for s, y in enumerate(targets):
            if exact.fractions(fit.q_tot()[s].flat) != list(y.values()):
                return f"t = {t}, state {s}: Q_tot is not y, the fit has an error"
        expected = [max(y.values()) for y in targets]
        if values[t] != expected:
            return f"t = {t}: values {values[t]} instead of {expected}"
    return None


def check_value_iteration(budget: Budget) -> Finding:
    """Compare FQI-IGM with value iteration written as plain sums; the fit must be y itself."""
    return sampled(_not_value_iteration, runs(models()), budget)


def _too_slow(case: Tabled) -> str | None:
    model, table = case
    optimal = exact.fractions(solve(model.mmdp()).values)
    best = model.backup(optimal)
    if [max(y.values()) for y in best] != optimal:
        return "the engine's V* does not satisfy the optimality equation"
    start = start_from_table(tensor(table, (model.states, *model.shape)))
    run = fitted_q_iteration(model.mmdp(), factorization=igm, initial=start, iterations=STEPS)
    first = [table[k : k + len(table) // model.states] for k in range(0, len(table), len(table) // model.states)]
    iterates = [[exact.table(model.shape, row) for row in first]]
    iterates += [model.backup(exact.fractions(v)) for v in run.values[:-1]]
    distances = [max(abs(q[a] - b[a]) for q, b in zip(qs, best, strict=True) for a in q) for qs in iterates]
    for t, found in enumerate(distances):
        if found > model.discount**t * distances[0]:
            return f"t = {t}: distance {found} exceeds γ^t times {distances[0]}"
    return None


@st.composite
def _tabled(draw: Any) -> Tabled:
    model = draw(models())
    return model, draw(rewards(model.states * prod(model.shape), 30))


def check_rate(budget: Budget) -> Finding:
    """Check ||Q^(t) - Q*|| <= γ^t ||Q^(0) - Q*|| from random tables Q^(0), with a re-verified Q*."""
    return sampled(_too_slow, _tabled(), budget)


def _not_selected(game: Game) -> str | None:
    fit = igm.fit(game.array(), game.data())
    if exact.fractions(fit.q_tot().flat) != list(game.values):
        return "Q_tot is not y"
    choice = tuple(exact.first_maximiser(exact.fractions(f[0])) for f in fit.factors)
    return None if choice in exact.maximisers(game.table()) else f"per-agent choice {choice} is not a joint maximiser"


def check_selection(budget: Budget) -> Finding:
    """Check that every random table is realised with factors whose maximisers are a joint maximiser."""
    return sampled(_not_selected, games(SMALL_SHAPES, bound=2), budget)


def not_set_igm(game: Game) -> str | None:
    """Say why a table is outside the set reading: no product of non-empty sets is its argmax set (all are tried)."""
    best = exact.maximisers(game.table())
    if any(best == candidate for candidate in exact.product_sets(game.shape)):
        return None
    return f"argmax set {sorted(best)} is none of the {sum(1 for _ in exact.product_sets(game.shape))} product sets"


#: The maximisers of [[0,0],[0,-1]] are no product set.
NO_PRODUCT = Game((2, 2), tuple(map(Fraction, (0, 0, 0, -1))), ((Fraction(1, 2),) * 2,) * 2)


def check_set_reading(budget: Budget) -> Finding:
    """Find a smallest table that the set reading cannot represent; the engine must refuse it too."""
    sample = search(not_set_igm, games(TWO_BY_TWO, bound=1), budget, NO_PRODUCT)
    game = sample.counterexample
    if game is None:
        return Finding("tested", sample.checked)
    try:
        igm.fit(game.array(), game.data(), reading="set")
    except NotRealisable as refusal:
        witness = {"y": game.values, "fails": sample.reason, "engine": str(refusal)}
        return settle(witness, "tested", {}, sample.checked)
    return Finding("unknown", sample.checked, {"y": game.values, "engine": "accepts the table"})


def check_infimum(_: Budget) -> Finding:
    """[[1,0],[0,1]]: tables at distance δ are representable for every δ > 0 tried, so the infimum of the error is 0."""
    uniform = ((Fraction(1, 2),) * 2,) * 2
    game = Game((2, 2), tuple(map(Fraction, (1, 0, 0, 1))), uniform)
    if not_set_igm(game) is None:
        return Finding("unknown", 1)
    errors = {}
    for delta in (Fraction(1, 10**k) for k in range(7)):
        near = Game((2, 2), (1 + delta, *game.values[1:]), uniform)
        table = exact.table((2, 2), exact.fractions(igm.fit(near.array(), near.data(), reading="set").q_tot().flat))
        if table != near.table() or not_set_igm(near) is not None:
            return settle({"delta": delta, "table": list(table.values())}, "certified", {}, 7)
        errors[str(delta)] = exact.loss(game.table(), game.data_table(), table)
    note = "1 + δ at (0,0) makes the maximiser unique for every δ > 0; the error is δ²/4"
    return Finding("certified", 7, {"y": game.values, "error by delta": errors}, note)


def check_missing_support(_: Budget) -> Finding:
    """Exhibit two zero-error fits of one game without data at (1,1): opposite greedy actions, different limits."""
    game = Game((2, 2), tuple(map(Fraction, (0, 0, 0, 1))))
    weights = tensor(["1/3", "1/3", "1/3", "0"], (1, 2, 2))
    data = Game((2, 2), game.values, weights=tuple(exact.fractions(weights.flat))).data()
    found = []
    for guess in (-1, 1, 100):
        filler = tensor([0, 0, 0, guess], (1, 2, 2))
        fit = igm.fit(game.array(), data, off_support=filler)
        q = exact.table((2, 2), exact.fractions(fit.q_tot().flat))
        error = exact.loss(game.table(), exact.table((2, 2), exact.fractions(weights.flat)), q)
        if error != 0:
            return Finding("unknown", 1, {"guess": guess, "error": error})
        found.append({"Q_tot(1,1)": guess, "value": max(q.values()), "greedy": sorted(exact.maximisers(q))[0]})
    wrong = found[0]["greedy"] != (1, 1) and found[2]["value"] != 1
    witness = {"y": game.values, "p": exact.fractions(weights.flat), "optimum": 1, "zero-error fits": found}
    note = "with discount 0 each fit is already the limit; the data say nothing about (1,1)"
    return settle(witness if wrong else None, "tested", {}, 1, note)


CLAIMS = (
    Claim(
        id="thm4.value-iteration",
        statement="FQI over the IGM class has zero error and is value iteration, for every full-support data",
        latex=r"Q_{tot}^{(t+1)}=r+\gamma PV^{(t)},\quad V^{(t+1)}=\max_a y^{(t)}",
        hypotheses=SUPPORT,
        source=PAPER,
        method="random instances",
        expected="tested",
        check=check_value_iteration,
        examples=120,
        theorems=(
            Formal("thm4-fit"),
            Formal("thm4-value-iteration"),
            Formal("run-igm-exists", "runs exist"),
        ),
    ),
    Claim(
        id="thm4.rate",
        statement="FQI over the IGM class converges to Q* from every start at rate γ",
        latex=r"\|Q^{(t)}-Q^*\|_\infty\le\gamma^t\|Q^{(0)}-Q^*\|_\infty",
        hypotheses=SUPPORT,
        source=PAPER,
        method="random instances",
        expected="tested",
        check=check_rate,
        examples=120,
        theorems=(
            Formal("thm4"),
            Formal("bellman-contraction", "T is a γ-contraction"),
            Formal("value-iteration", "value iteration of any finite MDP"),
            Formal("bellman-unique", "Q* is unique"),
            Formal("bellman-exists", "Q* exists"),
        ),
    ),
    Claim(
        id="thm4.selection",
        statement="Selection reading: every table y is realised with zero error",
        latex=r"\forall y\ \exists(Q_i):\;(\arg\max Q_i)_i\ni a^*\in\arg\max y",
        hypotheses="full-support data",
        source=OURS,
        method="random instances",
        expected="tested",
        check=check_selection,
        examples=150,
        theorems=(Formal("igm-class-complete"),),
    ),
    Claim(
        id="thm4.set-reading",
        statement="Set reading: every table y is realised with zero error",
        latex=r"\forall y\ \exists(Q_i):\;\arg\max y=\textstyle\prod_i\arg\max Q_i",
        hypotheses="full-support data",
        source=OURS,
        method="random instances",
        expected="refuted",
        check=check_set_reading,
        examples=60,
        theorems=(Formal("set-igm-excludes"),),
    ),
    Claim(
        id="thm4.infimum",
        statement="For [[1,0],[0,1]] the infimum of the set-IGM fit's error is 0 and is not attained",
        latex=r"\inf_{\text{set IGM}}\mathbb E(y-Q_{tot})^2=0\ \text{not attained}",
        hypotheses="uniform data, y = [[1,0],[0,1]]",
        source=OURS,
        method="exact instance",
        expected="certified",
        check=check_infimum,
        theorems=(
            Formal("set-igm-infimum"),
            Formal("set-igm-no-fit"),
        ),
    ),
    Claim(
        id="thm4.missing-support",
        statement="FQI over the IGM class converges to Q* for every data distribution",
        latex=r"\forall p_D:\;Q^{(t)}\to Q^*",
        hypotheses="data without full support",
        source=OURS,
        method="exact instance",
        expected="refuted",
        check=check_missing_support,
    ),
)
