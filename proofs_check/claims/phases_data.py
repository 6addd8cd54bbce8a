"""What data do to ν (theory notes, sections 10 B and 12; ours): product, on-policy, correlated, two agents."""

from fractions import Fraction
from itertools import pairwise as steps
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

import fqi_theory as ft
from proofs_check.claim import Budget, Claim, Finding, Method, Verdict, settle
from proofs_check.evidence import exact
from proofs_check.evidence.diagram import Instance, certificate_fails, engine, instances, plain_model, refit, weights_of
from proofs_check.evidence.instances import Game, games
from proofs_check.evidence.sampling import sampled
from proofs_check.evidence.weights import fit_weights, negative_mass, uniform_weights

OURS = "ours"
SHAPES = ((2, 2), (2, 3), (2, 2, 2), (3, 2, 2))
PRODUCT = "product data with full support, additive factors"


def _mass(game: Game) -> Fraction:
    found: Fraction = exact.fraction(engine(game, 1).negative_mass)
    return found


def _flatter_is_worse(game: Game) -> str | None:
    least, found = negative_mass(uniform_weights(game.shape, 1)), _mass(game)
    return None if least <= found else f"ν = {found} is below {least}, that of uniform data"


def check_uniform_safest(budget: Budget) -> Finding:
    """Compare ν of random product data with the judge's for uniform data."""
    return sampled(_flatter_is_worse, games(SHAPES, bound=0), budget)


def _rarer_is_safer(instance: tuple[Game, int]) -> str | None:
    game, agent = instance
    i = agent % len(game.shape)
    own = list(game.marginals[i])
    rarest = own.index(min(own))
    own[(rarest + 1) % len(own)] += own[rarest] / 2
    own[rarest] /= 2
    rarer = Game(game.shape, game.values, (*game.marginals[:i], tuple(own), *game.marginals[i + 1 :]))
    before, after = _mass(game), _mass(rarer)
    if after < before:
        return f"ν falls from {before} to {after} as agent {i} plays its rarest action half as often"
    return None if after < len(game.shape) - 1 else f"ν = {after} is not below n - 1"


def check_rarer_worse(budget: Budget) -> Finding:
    """Halve the probability of an agent's rarest action; ν may not fall, and stays below n - 1."""
    return sampled(_rarer_is_safer, st.tuples(games(SHAPES, bound=0), st.integers(0, 2)), budget)


def _weight_too_negative(game: Game) -> str | None:
    p, n = game.data_table(), len(game.shape)
    for a, row in fit_weights(p, 1).items():
        for b, w in row.items():
            if w < -(n - 1) * p[b]:
                return f"W({a}, {b}) = {w} < -(n-1) p({b}) = {-(n - 1) * p[b]}"
    found = _mass(game)
    return None if found < max(1, n - 1) else f"ν = {found} is not below n - 1"


def check_one_over_n(budget: Budget) -> Finding:
    """Check W(a,b) >= -(n-1) p(b) by the judge's weights, and the engine's ν < n - 1."""
    return sampled(_weight_too_negative, games(SHAPES, bound=0), budget)


def _beats_uniform(instance: Instance) -> str | None:
    game, order = instance
    least, found = negative_mass(uniform_weights(game.shape, order)), negative_mass(weights_of(game, order))
    return None if least <= found else f"ν = {found} is below {least}, that of uniform data"


def check_minimax(budget: Budget) -> Finding:
    """Look for correlated or product data with a smaller ν than uniform data, by the judge's own weights."""
    return sampled(_beats_uniform, instances(SHAPES), budget)


def _two_agents(game: Game) -> str | None:
    assume(len(game.shape) == 2)
    found, bound = exact.fraction(engine(game, 1).negative_mass), min(game.shape) - 1
    return None if found <= bound else f"ν = {found} > min(A_1, A_2) - 1 = {bound}"


def check_two_agents(budget: Budget) -> Finding:
    """Check ν <= min(A_1, A_2) - 1 for correlated data of two agents."""
    return sampled(_two_agents, games(((2, 2), (2, 3), (3, 3)), data="joint", bound=0), budget)


def check_richer(_: Budget) -> Finding:
    """Three agents, two actions, γ = 3/4: a pairwise run grows without bound, additive factors cannot."""
    gamma, shape = Fraction(3, 4), (2, 2, 2)
    additive, pairwise = (negative_mass(uniform_weights(shape, k)) for k in (1, 2))
    found = ft.witness(agents=3, actions=2, factorization="additive:2", discount=gamma)
    if not found.exists or gamma * (1 + additive) >= 1:
        return Finding("unknown", 1)
    values = [v[1] for v in refit(plain_model(found.model), uniform_weights(shape, 2), 8)]
    rate = gamma * (1 + pairwise)
    if rate <= 1 or any(y != 1 + rate * x for x, y in steps(values)):
        return Finding("unknown", 1)
    witness = {"γ": gamma, "ν additive": additive, "ν pairwise": pairwise, "V(s1), pairwise": values[:4]}
    return settle(witness, "unknown", {}, 1)


ON_POLICY = ((2, "51/100"), (3, "34/100"), (4, "26/100"))


def _on_policy_fails(n: int, gamma: str) -> str | None:
    data = ft.epsilon_greedy("1/100")
    found = ft.witness(agents=n, actions=2, data=data, discount=gamma)
    if found.model is None:
        return f"no witness: {found.reason}"
    failure = certificate_fails(found, "diverges")
    if failure is not None:
        return failure
    uniform = ft.decide(found.model)
    return None if uniform.kind == "converges" else f"under uniform data the model {uniform.kind}"


def check_on_policy(_: Budget) -> Finding:
    """Certify divergence on-policy, ε = 1/100, just above 1/n, where uniform data converge."""
    failure = next(({"n": n, "γ": g, "fails": r} for n, g in ON_POLICY if (r := _on_policy_fails(n, g))), None)
    return settle(failure, "certified", {"(n, γ)": ON_POLICY, "ε": "1/100"}, len(ON_POLICY))


def check_less_exploration(_: Budget) -> Finding:
    """The same model at γ = 51/100: bounded under uniform data, divergent under ε-greedy data."""
    failure = _on_policy_fails(*ON_POLICY[0])
    if failure is not None:
        return Finding("unknown", 1, {"failed": failure})
    mass = negative_mass(uniform_weights((2, 2), 1))
    witness = {"γ": "51/100", "ε": "1/100", "1/(1+ν), uniform": 1 / (1 + mass), "on-policy": "diverges (certified)"}
    return settle(witness, "unknown", {}, 1)


def _claim(
    name: str, statement: str, latex: str, hypotheses: str, check: Any, examples: int = 0, expected: Verdict = "tested"
) -> Claim:
    method: Method = "random instances" if examples else "exact instance"
    return Claim(f"phases.{name}", statement, latex, hypotheses, OURS, method, expected, check, examples)


CLAIMS = (
    _claim(
        "uniform-safest",
        "Uniform data have the least negative mass among product data",
        r"\nu(p)\ge\nu(\text{uniform})",
        PRODUCT,
        check_uniform_safest,
        80,
    ),
    _claim(
        "rarer-worse",
        "The rarer an agent's rarest action, the larger the negative mass; it stays below n-1",
        r"q_i\downarrow\;\Rightarrow\;\nu\uparrow,\;\nu<n-1",
        PRODUCT,
        check_rarer_worse,
        80,
    ),
    _claim(
        "one-over-n",
        "Theorem B: no weight is below -(n-1)p(b), so every run is bounded for γ <= 1/n",
        r"W(a,b)\ge-(n-1)p(b)",
        PRODUCT,
        check_one_over_n,
        80,
    ),
    _claim(
        "minimax",
        "No data have a smaller negative mass than uniform data",
        r"\nu(p)\ge\nu(\text{uniform})",
        "any data that determine the fit; additive classes of order 1 and 2",
        check_minimax,
        80,
    ),
    _claim(
        "two-agents",
        "Two agents, any data that determine the fit: the negative mass is at most min(A_1, A_2) - 1",
        r"\nu\le\min(A_1,A_2)-1",
        "two agents, correlated data, additive factors",
        check_two_agents,
        60,
    ),
    _claim(
        "richer-safer",
        "A richer additive class is never less stable",
        r"k\le k'\;\Rightarrow\;\nu_{k'}\le\nu_k",
        "uniform data; witness: three agents, two actions, γ = 3/4",
        check_richer,
        expected="refuted",
    ),
    _claim(
        "on-policy-diverges",
        "Theorem B: on-policy data diverge just above γ = 1/n, on a model that converges under uniform data",
        r"\gamma>\tfrac1n\Rightarrow\exists\varepsilon:\text{diverges}",
        "n = 2, 3, 4, two actions, ε = 1/100, γ = 51/100, 34/100, 26/100",
        check_on_policy,
        expected="certified",
    ),
    _claim(
        "on-policy-safer",
        "Where every run under uniform data is bounded, so is every run under ε-greedy data",
        r"\gamma(1+\nu)<1\Rightarrow\text{on-policy runs are bounded}",
        "witness: two agents, two actions, ε = 1/100, γ = 51/100",
        check_less_exploration,
        expected="refuted",
    ),
)
