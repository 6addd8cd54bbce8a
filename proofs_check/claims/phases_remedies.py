"""What helps and what does not (theory notes, sections 10 D and 15; ours), by the judge's own weights."""

from fractions import Fraction
from typing import Any

import sympy
from hypothesis import strategies as st

import fqi_theory as ft
from proofs_check.checker import check
from proofs_check.claim import Budget, Claim, Finding, Method, Verdict, settle
from proofs_check.evidence import exact
from proofs_check.evidence.diagram import engine, instances, plain_model, weights_of
from proofs_check.evidence.instances import Game, Run, games, models, runs, tensor
from proofs_check.evidence.sampling import sampled
from proofs_check.evidence.weights import fitted, negative_mass, uniform_weights

OURS = "ours"
SHAPES = ((2, 2), (2, 3), (2, 2, 2), (3, 2, 2))
NEAR = Fraction(99, 100)


def check_damping(_: Budget) -> Finding:
    """Show that V + α(1 + (ρ-1)V) >= V + α for V >= 0, α > 0, ρ >= 1: damped divergence still gains α a step."""
    value, above = sympy.symbols("V h", nonnegative=True)
    alpha = sympy.Symbol("alpha", positive=True)
    found = ft.witness(agents=2, actions=2, discount=Fraction(4, 5))
    if not found.exists:
        return Finding("unknown", 0, {"failed": found.reason})
    model, weights = plain_model(found.model), uniform_weights((2, 2), 1)
    lines = {v: max(fitted(weights, model.backup([Fraction(0), Fraction(v)])[1]).values()) for v in (0, 1, 7)}
    if any(after != 1 + v for v, after in lines.items()):
        return settle({"F(V)(s1) at V(s1)": lines}, "proved", {}, 1)
    gain = sympy.expand((1 - alpha) * value + alpha * (1 + (1 + above) * value) - value - alpha)
    failure = None if gain.is_nonnegative else {"expected >= 0": str(gain)}
    return settle(failure, "proved", {"gain beyond α": str(gain)}, 1, "for every model with V' = 1 + ρV, ρ >= 1")


def _shrunk(game: Game, order: int, theta: Fraction) -> Fraction:
    p, weights = game.data_table(), weights_of(game, order)
    rows = ({b: theta * w + (1 - theta) * p[b] for b, w in row.items()} for row in weights.values())
    return max(sum((-w for w in row.values() if w < 0), Fraction(0)) for row in rows)


def _share_differs(instance: tuple[tuple[Game, int], Fraction]) -> str | None:
    (game, order), gamma = instance
    share = exact.fraction(engine(game, order).remedies(gamma).share)
    rate = gamma * (1 + _shrunk(game, order, share))
    if rate == 1 or (share == 1 and rate < 1):
        return None
    return f"at η = {share} the rate γ(1+ν_η) is {rate}"


def check_share(budget: Budget) -> Finding:
    """Check that γ(1 + ν_η) = 1 exactly at the engine's η*, by the judge's weights."""
    discounts = st.sampled_from((Fraction(3, 4), Fraction(9, 10), NEAR))
    return sampled(_share_differs, st.tuples(instances(SHAPES), discounts), budget)


def _shrinking_fails(game: Game) -> str | None:
    found = _shrunk(game, 1, Fraction(1, len(game.shape)))
    return None if found == 0 else f"at θ = 1/n the negative mass is {found}"


def check_one_over_n(budget: Budget) -> Finding:
    """Check that all weights with advantages shrunk by 1/n are non-negative."""
    return sampled(_shrinking_fails, games(SHAPES, bound=0), budget)


STEPS = (((2, 2), 23), ((3, 5), 71), ((10, 10), 142))


def check_steps(_: Budget) -> Finding:
    """Check γ^h (1+ν) on both sides of 1 at γ = 99/100, and 520/1000 < η* < 521/1000 for two agents."""
    for (n, a), h in STEPS:
        found = ft.phases(agents=n, actions=a)
        mass, steps = exact.fraction(found.negative_mass), found.remedies(NEAR).steps
        if steps != h or NEAR**h * (1 + mass) >= 1 or NEAR ** (h - 1) * (1 + mass) < 1:
            return settle({"(n, A)": (n, a), "h": steps, "ν": mass}, "certified", {}, len(STEPS))
    quarter = negative_mass(uniform_weights((2, 2), 1))
    rates = [NEAR * (1 + quarter * (2 * Fraction(k, 1000) - 1)) for k in (520, 521)]
    failure = None if rates[0] < 1 < rates[1] else {"rates at η = 520/1000, 521/1000": rates}
    return settle(failure, "certified", {"(n, A), h": STEPS, "γ": NEAR}, len(STEPS) + 1)


def _fates() -> list[tuple[str, Any, str]]:
    """Return (name, the model that stands for the run with a remedy, the fate that the theory predicts)."""
    plain = ft.witness(agents=2, actions=2, discount=NEAR).model
    swap = ft.witness(agents=2, actions=2, discount=NEAR, kind="does not converge").model
    idle = ft.witness(agents=2, actions=2, discount=NEAR, steps=22).model
    shorter = ft.witness(agents=2, actions=2, discount=Fraction(999, 1000), steps=23).model
    if plain is None or swap is None or idle is None or shorter is None:
        return [("a witness", None, "exists")]
    return [
        ("η = 521/1000", ft.shrunk(plain, Fraction(521, 1000)), "diverges"),
        ("η = 520/1000", ft.shrunk(plain, Fraction(520, 1000)), "converges"),
        ("θ = 1/2", ft.shrunk(plain, Fraction(1, 2)), "converges"),
        ("α = 1/10", ft.damped(plain, Fraction(1, 10)), "diverges"),
        ("α = 81/100 on the swap", ft.damped(swap, Fraction(81, 100)), "cycles"),
        ("α = 80/100 on the swap", ft.damped(swap, Fraction(80, 100)), "converges"),
        ("h = 22", ft.multi_step(idle, 22), "diverges"),
        ("h = 23", ft.multi_step(shorter.with_discount(NEAR), 23), "converges"),
    ]


def check_decided(_: Budget) -> Finding:
    """Decide the witnesses under each remedy on both sides of its threshold; the checker accepts every certificate."""
    found = _fates()
    for name, model, expected in found:
        fate = None if model is None else ft.decide(model)
        if fate is None or fate.kind != expected or not check(fate.certificate).accepted:
            failed = {"remedy": name, "expected": expected, "found": "no model" if fate is None else fate.kind}
            return settle(failed, "certified", {}, len(found))
    return settle(None, "certified", {"fates": {name: fate for name, _, fate in found}, "γ": NEAR}, len(found))


FOLLOWED = 5


def _falls_below(run: Run) -> str | None:
    """Compare a run with that of its data's own behaviour, V' = r_p + γ P_p V, which tends to V^β, from one start."""
    operator, tables = ft.collapse(run.model.mmdp(), run.data()), run.data_tables()
    values, behaviour = list(run.start), list(run.start)
    for t in range(1, FOLLOWED + 1):
        values = exact.fractions(operator.step(tensor(values, (len(values),))).values)
        behaviour = [exact.mean(y, p) for y, p in zip(run.model.backup(behaviour), tables, strict=True)]
        if any(v < b for v, b in zip(values, behaviour, strict=True)):
            return f"V^({t}) = {values} is below {behaviour}, the run of the data's behaviour"
    return None


def check_behaviour(budget: Budget) -> Finding:
    """Follow random runs and policy evaluation of the data's behaviour."""
    return sampled(_falls_below, runs(models()), budget)


def _claim(
    name: str, statement: str, latex: str, hypotheses: str, check: Any, examples: int, expected: Verdict = "tested"
) -> Claim:
    method: Method = "random instances" if examples else "symbolic" if expected == "proved" else "exact instance"
    return Claim(f"phases.{name}", statement, latex, hypotheses, OURS, method, expected, check, examples)


CLAIMS = (
    _claim(
        "remedies-decided",
        "Two agents, two actions, γ = 99/100: remedies help on one side of their constants, and not on the other",
        r"\eta:\tfrac{520}{1000}|\tfrac{521}{1000},\;h:22|23,\;\alpha:\tfrac{80}{100}|\tfrac{81}{100}",
        "the witnesses of A.3 and A.4, uniform data, from Q = 0; runs as plain runs of the changed model",
        check_decided,
        0,
        "certified",
    ),
    _claim(
        "damping",
        "Theorem D: damping does not stop the divergence of Theorem A.3: it gains at least α a step, α in (0,1]",
        r"(1-\alpha)V+\alpha(1+\rho V)\ge V+\alpha",
        "the witness of A.3, ρ = γ(1+ν) >= 1, V >= 0",
        check_damping,
        0,
        "proved",
    ),
    _claim(
        "share",
        "Backing up η·max + (1-η)·mean (or shrinking advantages by η) is bounded exactly below the stated η*",
        r"\gamma(1+\nu_{\eta^*})=1",
        "any data that determine the fit; additive classes of order 1 and 2; γ = 3/4, 9/10, 99/100",
        check_share,
        60,
    ),
    _claim(
        "shrink-1-n",
        "Advantages shrunk by 1/n leave no negative weight: an averager, a γ-contraction under fixed data, bounded "
        "on-policy",
        r"\tfrac1nW(a,b)+(1-\tfrac1n)p(b)\ge0",
        "product data with full support, additive factors",
        check_one_over_n,
        80,
    ),
    _claim(
        "steps",
        "At γ = 99/100 h-step returns are bounded from h = 23 (2x2), 71 (3 agents, 5 actions), 142 (10, 10)",
        r"\gamma^h(1+\nu)<1",
        "uniform data, additive factors",
        check_steps,
        0,
        "certified",
    ),
    _claim(
        "behaviour",
        "Runs stay above the run of the data's own behaviour from the same start, so that liminf V >= V^β",
        r"\liminf V^{(t)}\ge V^\beta",
        "fixed data, product or correlated; linear class; five steps",
        check_behaviour,
        80,
    ),
)
