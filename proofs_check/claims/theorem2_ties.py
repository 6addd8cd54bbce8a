"""Theorem 2 of arXiv:2006.00587 when the optimum is tied (theory notes, section 5 ✦, ours)."""

from fractions import Fraction
from itertools import product

from hypothesis import assume
from hypothesis import strategies as st

from proofs_check.claim import Budget, Claim, Finding, settle
from proofs_check.claims.theorem2_attractors import OURS
from proofs_check.claims.theorem2_on_policy_convergence import optimal_actions
from proofs_check.evidence import exact
from proofs_check.evidence.exact import Shape
from proofs_check.evidence.instances import TWO_BY_TWO, Game, Model, games, models
from proofs_check.evidence.local import Policy, epsilon_marginals, fixed_point, mode
from proofs_check.evidence.sampling import sampled, search


def next_greedy(game: Game, action: exact.JointAction, epsilon: Fraction) -> exact.JointAction:
    """Return the greedy joint action after one fit under ε-greedy data around `action` (ties to the first)."""
    factors = exact.closed_form(game.table(), epsilon_marginals(game.shape, action, epsilon))
    return tuple(exact.first_maximiser(own) for own in factors)


SMALL_EPSILONS = tuple(Fraction(1, 2**k) for k in (8, 12, 16))


def _strictly_left(game: Game, action: exact.JointAction, epsilon: Fraction) -> bool:
    factors = exact.closed_form(game.table(), epsilon_marginals(game.shape, action, epsilon))
    return any(max(own) > own[x] for own, x in zip(factors, action, strict=True))


def _an_optimum_repels(game: Game) -> str | None:
    for action in sorted(exact.maximisers(game.table())):
        if all(_strictly_left(game, action, e) for e in SMALL_EPSILONS):
            move = next_greedy(game, action, SMALL_EPSILONS[0])
            return f"optimal {action} moves to {move} at epsilon = {', '.join(map(str, SMALL_EPSILONS))}"
    return None


def _flat_games(shapes: tuple[Shape, ...]) -> st.SearchStrategy[Game]:
    return games(shapes, bound=1).map(lambda g: Game(g.shape, g.values))


TIED = Game((2, 2), tuple(map(Fraction, (0, 0, 0, -1))))


def check_every_optimum(budget: Budget) -> Finding:
    """Find a smallest tied game in which an optimal joint action is left at every small ε."""
    sample = search(_an_optimum_repels, _flat_games(TWO_BY_TWO), budget, TIED)
    if sample.counterexample is None:
        return Finding("tested", sample.checked)
    witness = {"game": sample.counterexample.values, "fails": sample.reason}
    return settle(
        witness,
        "tested",
        {},
        sample.checked,
        "left strictly, not by the tie rule; another optimal action of this game does attract",
    )


def _no_optimum_attracts(game: Game) -> str | None:
    best = exact.maximisers(game.table())
    for epsilon in SMALL_EPSILONS:
        if all(next_greedy(game, action, epsilon) != action for action in best):
            return f"no optimal action is kept at epsilon = {epsilon}"
    return None


def check_tied_games(budget: Budget) -> Finding:
    """Check on random tied one-state games that some optimal joint action is kept at small ε."""
    note = (
        "why: U(a) = E[y] under ε-greedy data around a ranks each agent's actions as its factor does, so the first "
        "maximiser of U, optimal for small ε, is kept"
    )
    return sampled(_no_optimum_attracts, _flat_games(((2, 2), (3, 3), (2, 2, 2), (2, 3))), budget, note=note)


def _keeps(model: Model, policy: Policy, epsilon: Fraction) -> bool:
    """Tell whether the mode of `policy` has a fixed point at which it is the first greedy policy, and contracts."""
    step = mode(model, policy, epsilon)
    values = fixed_point(step)
    if values is None or max(sum(map(abs, row)) for row in step.matrix) >= 1:
        return False
    greedy = [tuple(map(exact.first_maximiser, own)) for own in step.factors(values)]
    return tuple(greedy) == policy


def _no_optimal_policy_kept(model: Model) -> str | None:
    best = optimal_actions(model)
    assume(any(len(actions) > 1 for actions in best))
    for epsilon in SMALL_EPSILONS[1:]:
        if not any(_keeps(model, policy, epsilon) for policy in product(*map(sorted, best))):
            return f"no optimal policy is kept at epsilon = {epsilon}; optimal actions {[sorted(b) for b in best]}"
    return None


def check_tied_models(budget: Budget) -> Finding:
    """Check on random tied models with up to two states that some optimal policy is kept at small ε."""
    instances = models([(2, 2), (2, 3)], max_states=2, bound=1)
    return sampled(_no_optimal_policy_kept, instances, budget, note="whether it can fail with several states is open")


CLAIMS = (
    Claim(
        id="thm2.every-optimum",
        statement="With ties at the optimum every optimal joint action still attracts for small ε",
        latex=r"a\in\arg\max y\;\Rightarrow\;a\text{ attracting as }\varepsilon\to0",
        hypotheses="one state, ties at the optimum",
        source=OURS,
        method="random instances",
        expected="refuted",
        check=check_every_optimum,
        examples=100,
    ),
    Claim(
        id="thm2.some-optimum",
        statement="In one-state games with ties some optimal joint action is still kept for small ε (ties to "
        "the first action)",
        latex=r"\exists a\in\arg\max y:\;a\text{ kept as }\varepsilon\to0",
        hypotheses="one state, ties to the first action",
        source=OURS,
        method="random instances",
        expected="tested",
        check=check_tied_games,
        examples=150,
    ),
    Claim(
        id="thm2.tied-models",
        statement="With ties and up to two states some optimal policy is still kept for small ε (ties to the "
        "first action)",
        latex=r"\exists\pi\in\Pi^*:\;\pi\text{ kept as }\varepsilon\to0",
        hypotheses="one or two states, ties to the first action",
        source=OURS,
        method="random instances",
        expected="tested",
        check=check_tied_models,
        examples=60,
    ),
)
