"""Inside the diagram (theory notes, section 11; ours): influence bounds complexity, and chaos of the voting model.

The voting model. Uniform data; n agents with A actions. In s1 the team stays if more agents play 0 than 1 and leaves
for s0 if fewer, either with probability 1/2 at a draw; it is paid -1 - 10·#{agents that play neither}. s0 pays nothing
and leads to s1 with probability 1/2. With x = γ(V(s1) - V(s0)) every factor is affine in x. In s1 everybody playing 0
is greedy for 0 <= x <= 1, everybody playing 1 for -1 <= x <= 0 (checked at the ends: a line that is highest at both
ends is highest between), so that D = V(s1) - V(s0) obeys D' = -1 + s|D| with s = γR/2 while |D| <= 1. For 1 < s <= 2
that maps [-1, s-1] into itself, and D = 0, -1, s-1 from Q = 0. All slopes have modulus s > 1: an orbit that approaches
a cycle lands on it. With a prime p of negative valuation in s, v(D') = v(D) + v(s) once v(D) <= 0, as v(-1) = 0 is
larger than v(sD): from D = -1 on valuations fall for ever, and no value comes twice.
"""

from fractions import Fraction

from hypothesis import assume
from hypothesis import strategies as st

import fqi_theory as ft
from proofs_check.claim import Budget, Claim, Finding, settle
from proofs_check.claims.bounded_aperiodic import Factors, collapsed, valuation
from proofs_check.evidence import exact
from proofs_check.evidence.exact import Shape, Table
from proofs_check.evidence.instances import Model, Run, models, runs, tensor
from proofs_check.evidence.sampling import sampled

OURS = "ours"
HALF = Fraction(1, 2)
VOTES = (((5, 5, 5), Fraction(51, 25), 5), ((2,) * 7, Fraction(35, 16), 2))
NEAR = Fraction(99, 100)


def voting(shape: Shape) -> tuple[Table, Table]:
    """Return the rewards of s1 and the probabilities to stay."""
    actions = exact.joint_actions(shape)
    lead = {a: a.count(0) - a.count(1) for a in actions}
    stay = {a: Fraction(1 + (lead[a] > 0) - (lead[a] < 0), 2) for a in actions}
    return {a: Fraction(-1 - 10 * sum(x > 1 for x in a)) for a in actions}, stay


def _lines(shape: Shape, reward: Table, stay: Table) -> Factors:
    """Return Q_i(s, a_i) at V(s0) = 0 as lines in x = γ V(s1), by Theorem 1's closed form."""
    uniform = [[Fraction(1, k)] * k for k in shape]
    nothing, half = dict.fromkeys(reward, Fraction(0)), dict.fromkeys(reward, HALF)
    fits = [[exact.closed_form(t, uniform) for t in pair] for pair in ((nothing, half), (reward, stay))]
    return [[list(zip(*rows, strict=True)) for rows in zip(*pair, strict=True)] for pair in fits]


def _run(shape: Shape, reward: Table, stay: Table, steps: int) -> list[Fraction]:
    """Return D of the engine's run from Q = 0."""
    rows = [[(HALF, HALF)] * len(stay), [(1 - p, p) for p in stay.values()]]
    kernel = tuple(tuple(state) for state in rows)
    model = Model(shape, ((Fraction(0),) * len(reward), tuple(reward.values())), kernel, NEAR)
    values = [exact.fractions(v) for v in ft.fitted_q_iteration(model.mmdp(), iterations=steps).values]
    return [v[1] - v[0] for v in values]


def _premises(shape: Shape, spread: Fraction, prime: int) -> dict[str, bool]:
    reward, stay = voting(shape)
    lines, slope = _lines(shape, reward, stay), NEAR * spread / 2
    orbit = [Fraction(0)]
    for _ in range(40):
        orbit.append(-1 + slope * abs(orbit[-1]))
    return {
        "D' = -1 + (R/2) x for 0 <= x <= 1": collapsed(lines, Fraction(1)) == (Fraction(-1), spread / 2),
        "D' = -1 - (R/2) x for -1 <= x <= 0": collapsed(lines, Fraction(-1)) == (Fraction(-1), -spread / 2),
        "1 < γR/2 <= 2 at γ = 99/100": 1 < slope <= 2,
        "a prime has a negative valuation in γR/2": valuation(slope, prime) < 0,
        "the engine's run is that of the map": _run(shape, reward, stay, 40) == orbit,
        "valuations fall": [valuation(x, prime) for x in orbit[1:]] == [valuation(slope, prime) * t for t in range(40)],
    }


def check_voting(_: Budget) -> Finding:
    """Decide every premise of the argument above for three agents with five actions and seven with two."""
    checked = {f"{len(shape)} agents, {shape[0]} actions": _premises(shape, r, p) for shape, r, p in VOTES}
    failed = next(((name, what) for name, found in checked.items() for what, holds in found.items() if not holds), None)
    evidence = {
        "γR/2": {name: NEAR * r / 2 for name, (_, r, _) in zip(checked, VOTES, strict=True)},
        "checked": checked,
    }
    return settle(None if failed is None else {"fails": failed}, "proved", evidence, len(VOTES), NOTE)


NOTE = "D = V(s1) - V(s0) follows an expanding tent map; at every γ in (2/R, 1), and from Q = 0 at 99/100 for ever"


def _steeper(instance: tuple[Run, tuple[int, int, int, int]]) -> str | None:
    """Compare secant slopes of D' = f(D) with γR, and R with n."""
    run, ends = instance
    assume(run.model.states == 2 and ends[0] != ends[1] and ends[2] != ends[3])
    operator = ft.collapse(run.model.mmdp(), run.data())
    fits = [[exact.fraction(row[1]) for row in rows.reshape(-1, 2)] for rows in operator.kernel()]
    spread, n = max(max(fit) - min(fit) for fit in fits), len(run.model.shape)
    if n > 1 and spread >= n:
        return f"R = {spread} is not below n = {n}"
    moved = [exact.fractions(operator.step(tensor([0, x], (2,))).values) for x in ends]
    f = [v[1] - v[0] for v in moved]
    slopes = [(f[k + 1] - f[k]) / (ends[k + 1] - ends[k]) for k in (0, 2)]
    if abs(slopes[0] - slopes[1]) > run.model.discount * spread:
        return f"secant slopes {slopes} differ by more than γR = {run.model.discount * spread}"
    return None


def check_influence(budget: Budget) -> Finding:
    """Check R < n and the secant slopes of the map of V(s1) - V(s0) on random models of two states."""
    ends = st.tuples(*[st.integers(-40, 40)] * 4)
    return sampled(_steeper, st.tuples(runs(models(max_states=2), correlated=False), ends), budget)


CLAIMS = (
    Claim(
        id="phases.influence",
        statement="Two states: secant slopes of V(s1) - V(s0) -> V'(s1) - V'(s0) differ by at most γR, R the range of "
        "the fitted weight of s1, and R < n for product data",
        latex=r"|f[x,x']-f[z,z']|\le\gamma R,\;R<n",
        hypotheses="two states, fixed product data with full support, linear class",
        source=OURS,
        method="random instances",
        expected="tested",
        check=check_influence,
        examples=60,
    ),
    Claim(
        id="phases.voting-chaos",
        statement="Robust chaos under uniform data: V(s1) - V(s0) of the voting model follows a tent map of slope "
        "γR/2 > 1; at γ = 99/100 the run from Q = 0 is bounded and approaches no cycle",
        latex=r"D'=-1+\tfrac{\gamma R}2|D|,\;R=\tfrac{51}{25},\tfrac{35}{16}",
        hypotheses="three agents with five actions (slope 1.0098), seven agents with two (1.083); two states; the map "
        "for every γ in (2/R, 1)",
        source=OURS,
        method="symbolic",
        expected="proved",
        check=check_voting,
    ),
)
