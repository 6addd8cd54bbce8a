"""What Theorem 2 of arXiv:2006.00587 leaves open (theory notes, section 5 ✦, ours): what attracts, and from where."""

from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
from hypothesis import assume

from fqi_theory.data.sources import epsilon_greedy
from fqi_theory.runs.iteration import fitted_q_iteration
from fqi_theory.runs.trajectory import start_from_values
from proofs_check.claim import Budget, Claim, Finding, Formal, settle
from proofs_check.claims.theorem2_on_policy_convergence import leaves_neighbourhood, small_epsilon
from proofs_check.evidence import exact
from proofs_check.evidence.exact import Shape, Table
from proofs_check.evidence.instances import Game, Model, models, tensor
from proofs_check.evidence.local import Policy, attractor, epsilon_marginals
from proofs_check.evidence.sampling import sampled
from proofs_check.evidence.small_epsilon import kept_below

OURS = "ours, on arXiv:2006.00587 Theorem 2"
TENTH = Fraction(1, 10)
GAME_3 = (8, -12, -12, -12, 6, 0, -12, 0, 6)
CLIMBING = (11, -30, 0, -30, 7, 0, 0, 6, 5)


def one_state(shape: Shape, payoffs: Any, discount: Fraction = Fraction(1, 2)) -> Model:
    """Return the model with one state that repeats a game."""
    values = tuple(map(Fraction, payoffs))
    return Model(shape, (values,), (tuple((Fraction(1),) for _ in values),), discount)


def _alternates(discount: Fraction) -> dict[str, Any] | None:
    """Return the exact 2-cycle of the coordination game from greedy (0,1), or None where the run does not alternate."""
    model = one_state((2, 2), (1, 0, 0, 1), discount)
    p = epsilon_marginals(model.shape, (0, 1), TENTH)
    factors = exact.closed_form(exact.table(model.shape, model.reward[0]), p)
    level = sum(map(max, factors)) / (1 - discount)
    start = start_from_values(model.mmdp(), tensor([level], (1,)), np.array([[0, 1]]))
    run = fitted_q_iteration(model.mmdp(), data=epsilon_greedy(TENTH), initial=start, iterations=4)
    greedy = [tuple(g[0].tolist()) for g in run.greedy]
    values = [exact.fraction(v[0]) for v in run.values]
    expected = [(0, 1), (1, 0)]
    if greedy != [expected[t % 2] for t in range(5)] or values != [level] * 5:
        return None
    return {"discount": discount, "greedy": expected, "value": level}


def check_not_global(_: Budget) -> Finding:
    """Run [[1,0],[0,1]] on-policy at ε = 1/10 from greedy (0,1): position and greedy action repeat with period 2."""
    cycles = [_alternates(Fraction(g)) for g in ("0", "1/2", "9/10")]
    if any(cycle is None for cycle in cycles):
        return Finding("unknown", len(cycles), {"cycles": cycles})
    witness = {"game": [[1, 0], [0, 1]], "epsilon": TENTH, "cycles": cycles}
    note = "both agents switch at once; (value, greedy action) is periodic exactly, whatever the discount"
    return settle(witness, "tested", {}, len(cycles), note)


def _attracting_below(name: str, payoffs: Any, optimum: int) -> dict[str, Any] | str:
    """Return why (1,1) attracts at every small ε in a 3x3 game played for ever, or a sentence that says why not.

    With one state the step is V' = c + γV, so (1,1) attracts at rate γ wherever it is strictly greedy.
    """
    model, game = one_state((3, 3), payoffs), Game((3, 3), tuple(map(Fraction, payoffs)))
    value, bound = game.table()[1, 1], kept_below(game, (1, 1), strictly=True)
    if bound is None or value >= optimum:
        return "(1,1) is optimal or is left"
    for epsilon in (bound / 2, bound / 1000):
        around = attractor(model, ((1, 1),), epsilon)
        if around is None or around.contraction != model.discount:
            return f"no attracting fixed point at epsilon = {epsilon}"
        if reason := leaves_neighbourhood(model.mmdp(), ((1, 1),), epsilon, around):
            return reason
    return {"game": name, "policy": [1, 1], "reward": value, "optimum": optimum, "every epsilon below": bound}


def check_only_optimal(_: Budget) -> Finding:
    """Show (1,1) attracting at every small ε in game 3 and in climbing; the engine's runs agree at two of them."""
    found = []
    for name, payoffs, optimum in (("game 3", GAME_3, 8), ("climbing", CLIMBING, 11)):
        attracting = _attracting_below(name, payoffs, optimum)
        if isinstance(attracting, str):
            return Finding("unknown", 2, {"game": name, "reason": attracting})
        found.append(attracting)
    return settle({"attractors": found}, "tested", {}, 2, "one state: where (1,1) is strictly greedy it attracts at γ")


def single_deviations(target: Table, shape: Shape, action: exact.JointAction) -> list[Fraction]:
    """Return y(a) - y(x ⊕ a_{-i}) for every deviation of a single agent."""
    return [
        target[action] - target[(*action[:i], x, *action[i + 1 :])]
        for i, k in enumerate(shape)
        for x in range(k)
        if x != action[i]
    ]


def policy_value(model: Model, policy: Policy) -> list[Fraction]:
    """Return V^π by one exact solve."""
    index = {a: k for k, a in enumerate(exact.joint_actions(model.shape))}
    rows = [model.kernel[s][index[a]] for s, a in enumerate(policy)]
    matrix = [[Fraction(s == t) - model.discount * p for t, p in enumerate(row)] for s, row in enumerate(rows)]
    return exact.solve(matrix, [model.reward[s][index[a]] for s, a in enumerate(policy)])


def _attractors_differ(model: Model) -> str | None:
    decided = 0
    for policy in product(exact.joint_actions(model.shape), repeat=model.states):
        targets = model.backup(policy_value(model, policy))
        gains = [d for s, a in enumerate(policy) for d in single_deviations(targets[s], model.shape, a)]
        if 0 in gains:
            continue
        decided += 1
        predicted = all(d > 0 for d in gains)
        found = small_epsilon(model, policy, predicted)
        if found is None:
            kind = "strictly person-by-person optimal but not attracting" if predicted else "improvable but attracting"
            return f"policy {policy} is {kind} for small epsilon"
        if found[1] is not None and (reason := moves(model, policy, found[0], found[1].values)):
            return reason
    assume(decided > 0)
    return None


def moves(model: Model, policy: Policy, epsilon: Fraction, values: list[Fraction]) -> str | None:
    """Say how one step of the engine's run leaves a fixed point under ε-greedy data around its policy."""
    start = start_from_values(model.mmdp(), tensor(values, (model.states,)), np.array(policy))
    run = fitted_q_iteration(model.mmdp(), data=epsilon_greedy(epsilon), initial=start, iterations=1)
    found = exact.fractions(run.values[1]), tuple(map(tuple, run.greedy[1].tolist()))
    return None if found == (values, policy) else f"epsilon = {epsilon}: the run leaves {values}, {policy} for {found}"


def check_person_by_person(budget: Budget) -> Finding:
    """Compare, for every untied policy of random models, single-agent optimality with attraction at small ε."""
    instances = models([(2, 2), (2, 3), (3,)], max_states=2)
    return sampled(_attractors_differ, instances, budget, note="policies with a tied deviation are left out")


CLAIMS = (
    Claim(
        id="thm2.global",
        statement="On-policy iteration converges from every start",
        latex=r"\forall Q^{(0)}:\;Q^{(t)}\ \text{converges}",
        hypotheses="ε-greedy data, linear class",
        source=OURS,
        method="exact instance",
        expected="refuted",
        check=check_not_global,
        theorems=(Formal("two-cycle"),),
    ),
    Claim(
        id="thm2.only-optima",
        statement="Every policy that attracts at every small ε is optimal",
        latex=r"(\exists\varepsilon_0>0\ \forall\varepsilon<\varepsilon_0:\;\pi\text{ attracts})\;\Rightarrow\;"
        r"V^\pi=V^*",
        hypotheses="ε-greedy data, linear class",
        source=OURS,
        method="exact instance",
        expected="refuted",
        check=check_only_optimal,
    ),
    Claim(
        id="thm2.person-by-person",
        statement="For small ε the attracting policies are exactly those that no single agent can improve alone "
        "(untied; small: at ε found by halving and at its next three halves)",
        latex=r"\pi\text{ attracts}\iff y^\pi(s,\pi(s))>y^\pi(s,x\oplus\pi_{-i}(s))\ \forall s,i,x\neq\pi_i(s)",
        hypotheses="no tied deviation, y built from V^π",
        source=OURS,
        method="random instances",
        expected="tested",
        check=check_person_by_person,
        examples=50,
    ),
)
