"""Theorem 2 of arXiv:2006.00587 when the optimum is tied (theory notes, section 5 ✦, ours)."""

from fractions import Fraction
from itertools import product

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from fqi_theory.data.sources import epsilon_greedy
from fqi_theory.runs.iteration import fitted_q_iteration
from fqi_theory.runs.trajectory import start_from_values
from proofs_check.claim import Budget, Claim, Finding, settle
from proofs_check.claims.theorem2_attractors import OURS, moves, one_state
from proofs_check.claims.theorem2_on_policy_convergence import optimal_actions
from proofs_check.evidence import exact
from proofs_check.evidence.exact import Shape
from proofs_check.evidence.instances import TWO_BY_TWO, Game, Model, games, models, tensor
from proofs_check.evidence.local import Policy, epsilon_marginals, fixed_point, mode
from proofs_check.evidence.sampling import sampled, search
from proofs_check.evidence.small_epsilon import kept_below, left_below


def _moved(game: Game, action: exact.JointAction, epsilon: Fraction) -> exact.JointAction | str:
    """Return the greedy joint action after one step under ε-greedy data around `action`, or how the engine differs."""
    factors = exact.closed_form(game.table(), epsilon_marginals(game.shape, action, epsilon))
    greedy = tuple(map(exact.first_maximiser, factors))
    model = one_state(game.shape, game.values, Fraction(0)).mmdp()
    start = start_from_values(model, tensor([0], (1,)), np.array([action]))
    run = fitted_q_iteration(model, data=epsilon_greedy(epsilon), initial=start, iterations=1)
    found = tuple(run.greedy[1][0].tolist()), exact.fraction(run.values[1][0])
    wanted = greedy, sum(map(max, factors))
    return greedy if found == wanted else f"one step from {action} at epsilon = {epsilon}: {found}, expected {wanted}"


def _an_optimum_repels(game: Game) -> str | None:
    for action in sorted(exact.maximisers(game.table())):
        bound = left_below(game, action)
        if bound is not None:
            move = _moved(game, action, bound / 2)
            if isinstance(move, str):
                return move
            return f"optimal {action} is left at every 0 < epsilon < {bound}; at epsilon = {bound / 2} for {move}"
    return None


def _flat_games(shapes: tuple[Shape, ...]) -> st.SearchStrategy[Game]:
    return games(shapes, bound=1).map(lambda g: Game(g.shape, g.values))


TIED = Game((2, 2), tuple(map(Fraction, (0, 0, 0, -1))))


def check_every_optimum(budget: Budget) -> Finding:
    """Find a smallest tied game in which an optimal joint action is left at every small ε, by the engine's run too."""
    sample = search(_an_optimum_repels, _flat_games(TWO_BY_TWO), budget, TIED)
    if sample.counterexample is None:
        return Finding("tested", sample.checked)
    if not sample.reason.startswith("optimal"):
        return Finding("unknown", sample.checked, {"reason": sample.reason})
    witness = {"game": sample.counterexample.values, "fails": sample.reason}
    note = "left strictly, not by the tie rule; another optimal action of this game does attract"
    return settle(witness, "tested", {}, sample.checked, note)


def _no_optimum_attracts(game: Game) -> str | None:
    best = sorted(exact.maximisers(game.table()))
    kept = ((action, kept_below(game, action, strictly=False)) for action in best)
    action, bound = next(((a, b) for a, b in kept if b is not None), (None, None))
    if action is None or bound is None:
        return f"none of the optimal actions {best} is kept at every small epsilon"
    move = _moved(game, action, bound / 2)
    return None if move == action else f"{action} should be kept at epsilon = {bound / 2}, found {move}"


def check_tied_games(budget: Budget) -> Finding:
    """Check on random tied one-state games that some optimal joint action is kept at every small ε."""
    note = (
        "each game: a bound below which the action is kept at every epsilon, from polynomials in epsilon; why: U(a) = "
        "E[y] under ε-greedy data around a ranks each agent's actions as its factor does, so the first maximiser of U, "
        "optimal for small ε, is kept"
    )
    return sampled(_no_optimum_attracts, _flat_games(((2, 2), (3, 3), (2, 2, 2), (2, 3))), budget, note=note)


SMALL_EPSILONS = tuple(Fraction(1, 2**k) for k in (12, 16))


def _kept(model: Model, policy: Policy, epsilon: Fraction) -> list[Fraction] | None:
    """Return the contracting fixed point at which `policy` is the first greedy policy, None where there is none."""
    step = mode(model, policy, epsilon)
    values = fixed_point(step)
    if values is None or max(sum(map(abs, row)) for row in step.matrix) >= 1:
        return None
    greedy = tuple(tuple(map(exact.first_maximiser, own)) for own in step.factors(values))
    return values if greedy == policy else None


def _no_optimal_policy_kept(model: Model) -> str | None:
    best = optimal_actions(model)
    assume(any(len(actions) > 1 for actions in best))
    for epsilon in SMALL_EPSILONS:
        policies = list(product(*map(sorted, best)))
        found = ((policy, _kept(model, policy, epsilon)) for policy in policies)
        policy, values = next(((p, v) for p, v in found if v is not None), (policies[0], None))
        if values is None:
            return f"no optimal policy is kept at epsilon = {epsilon}; optimal actions {[sorted(b) for b in best]}"
        if reason := moves(model, policy, epsilon, values):
            return reason
    return None


def check_tied_models(budget: Budget) -> Finding:
    """Check on random tied models with up to two states that some optimal policy is kept at small ε."""
    instances = models([(2, 2), (2, 3)], max_states=2, bound=1)
    return sampled(_no_optimal_policy_kept, instances, budget, note="whether it can fail with several states is open")


CLAIMS = (
    Claim(
        id="thm2.every-optimum",
        statement="With ties at the optimum every optimal joint action is still kept at every small ε",
        latex=r"a\in\arg\max y\;\Rightarrow\;\exists\varepsilon_0>0\ \forall\varepsilon<\varepsilon_0:\;"
        r"a_i\in\arg\max Q_i",
        hypotheses="one state, ties at the optimum",
        source=OURS,
        method="random instances",
        expected="refuted",
        check=check_every_optimum,
        examples=100,
    ),
    Claim(
        id="thm2.some-optimum",
        statement="In one-state games with ties some optimal joint action is still kept at every small ε (ties to "
        "the first action)",
        latex=r"\exists a\in\arg\max y\ \exists\varepsilon_0>0\ \forall\varepsilon<\varepsilon_0:\;a\text{ is kept}",
        hypotheses="one state, ties to the first action",
        source=OURS,
        method="random instances",
        expected="tested",
        check=check_tied_games,
        examples=150,
    ),
    Claim(
        id="thm2.tied-models",
        statement="With ties and up to two states some optimal policy is kept at ε = 2^-12, and some at 2^-16 (ties to "
        "the first action)",
        latex=r"\varepsilon\in\{2^{-12},2^{-16}\}:\;\exists\pi\in\Pi^*:\;\pi\text{ kept}",
        hypotheses="one or two states, ties to the first action; smaller ε are not looked at",
        source=OURS,
        method="random instances",
        expected="tested",
        check=check_tied_models,
        examples=60,
    ),
)
