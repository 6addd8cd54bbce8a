"""Claims about single runs that rest on kept certificates: the checker re-verifies each from the model inside it.

A certificate must speak of the very run that the claim names, say what the claim says, and be accepted. Where one is
missing, about another run or refused, the verdict is 'unknown'; where it is accepted but says something else,
'refuted'.
"""

from typing import Any

from proofs_check.certificates.kept import THRESHOLDS, kept, named
from proofs_check.checker import check
from proofs_check.claim import Budget, Claim, Finding, settle

OURS = "ours"
ZERO = "from Q = 0, ties to the first action"
NOTE = "this instance only: re-verified by proofs_check.checker from the model inside the certificate"


def certified(*names: str) -> Finding:
    """Return 'certified' if every named certificate is about its run, says what it must and is accepted."""
    evidence: list[dict[str, Any]] = []
    for name in names:
        one = named(name)
        file = {"certificate": one.path.name}
        try:
            document = one.document()
        except (OSError, ValueError) as error:
            return Finding("unknown", 0, {**file, "reason": f"{type(error).__name__}: {error}"})
        another = one.differs(document)
        report = check(document)
        if another is not None or not report.accepted:
            reason = report.reason or f"{another}: not the run of this claim"
            return Finding("unknown", 0, {**file, "reason": reason})
        wrong = one.contradicts(document)
        if wrong is not None:
            found = {**file, "statement": report.statement, "not as claimed": wrong}
            return settle(found, "certified", {}, 1)
        evidence.append({**file, "statement": report.statement})
    return Finding("certified", len(names), {"certificates": evidence}, NOTE)


def _claim(
    name: str, statement: str, latex: str, hypotheses: str, certificates: tuple[str, ...], source: str = OURS
) -> Claim:
    def decide(_: Budget) -> Finding:
        return certified(*certificates)

    return Claim(name, statement, latex, hypotheses, source, "exact instance", "certified", decide)


def _cycle(period: int, discount: str) -> Claim:
    return _claim(
        f"cycles.period-{period}",
        f"Off-policy linear FQI can tend to a cycle of least period {period}",
        rf"V^{{({period}t+j)}}\to V_j,\;j=0,\dots,{period - 1}",
        f"catalogue model cycle-{period}, discount {discount}, uniform data, {ZERO}",
        (f"cycle-{period}",),
    )


TWO_STATE = f"two-state example, uniform data, {ZERO}"
ON_POLICY = "two-state example, discount 9/10, ε-greedy data, " + ZERO
THEOREM_3 = "ours, on arXiv:2006.00587 Theorem 3"
THEOREM_2 = "ours, on arXiv:2006.00587 Theorem 2"
CLAIMS = (
    _claim(
        "thm3.certified-convergence",
        "At γ = 3/4 and γ = 4/5 - 1/10⁶ the limit of V(s1) is 12 and 600000",
        r"V^{(t)}(s_1)\to\tfrac3{4-5\gamma}",
        TWO_STATE,
        ("two-state-3-4", "two-state-799999-1000000"),
        THEOREM_3,
    ),
    _claim(
        "thm3.certified-boundary",
        "At γ = 4/5 V grows linearly, by 3/4 per step",
        r"\gamma=\tfrac45\Rightarrow V^{(t)}(s_1)\to\infty",
        TWO_STATE,
        ("two-state-4-5",),
        THEOREM_3,
    ),
    _claim(
        "thm3.certified-divergence",
        "At γ = 4/5 + 1/10⁶, 81/100 and 9/10 V grows geometrically by the factor 5γ/4",
        r"V^{(t)}(s_1)\sim(5\gamma/4)^t\to\infty",
        TWO_STATE,
        ("two-state-800001-1000000", "two-state-81-100", "two-state-9-10"),
        THEOREM_3,
    ),
    _claim(
        "thm2.certified-attraction",
        "At ε = 1/2 and 1/10 the run converges to 150/7 and 3990/391 at s1, where the greedy policy is optimal",
        r"V^{(t)}(s_1)\to\tfrac{150}7,\;\tfrac{3990}{391}",
        ON_POLICY,
        ("two-state-epsilon-1-2", "two-state-epsilon-1-10"),
        THEOREM_2,
    ),
    _claim(
        "thm2.certified-cycle",
        "On-policy iteration of [[1,0],[0,1]] can alternate between the greedy actions (0,1) and (1,0) for ever",
        r"g^{(2t)}=(0,1),\;g^{(2t+1)}=(1,0)",
        "coordination game, discount 1/2, ε = 1/10, from V = 0 with greedy action (0,1)",
        ("coordination-cycle",),
        THEOREM_2,
    ),
    _claim(
        "thm2.certified-suboptimal",
        "On-policy iteration of game 3 can converge to a policy worth 12 where 16 is possible",
        r"V^{\pi}=12<16=V^*",
        "game 3 repeated, discount 1/2, ε = 1/10, from V = 0 with greedy action (1,1)",
        ("game-3-suboptimal",),
        THEOREM_2,
    ),
    _claim(
        "thm4.certified-igm",
        "FQI-IGM converges to V* = (0, 10) where linear FQI diverges",
        r"Q_{tot}^{(t)}\to Q^*",
        f"two-state example, discount 9/10, uniform data, {ZERO}",
        ("two-state-igm",),
        "arXiv:2006.00587 Theorem 4",
    ),
    _claim(
        "tables.certified-game-2",
        "The uniform linear fit of game 2 has the maximum -32/9, and its greedy joint action pays 0 instead of 8",
        r"\max Q_{tot}=-\tfrac{32}9,\;r(\operatorname{argmax}Q_{tot})=0<8",
        f"matrix game 2 of arXiv:2008.01062, uniform data, {ZERO}",
        ("game-2-uniform",),
        "arXiv:2008.01062 game 2",
    ),
    _claim(
        "phases.certified-edge",
        "One part in 10⁶ below 1/(1+ν) the witness stays within 10⁶, at it V grows by 1 per step, one part above "
        "geometrically",
        r"\gamma(1+\nu)=1\mp10^{-6}\Rightarrow\sup_tV^{(t)}(s_1)\le10^6,\ \text{resp.}\ \to\infty",
        f"six witnesses (n, A, k), {' '.join(str(shape).replace(' ', '') for shape in THRESHOLDS)}: n agents with A "
        f"actions, additive factors of order k, uniform data, {ZERO}",
        tuple(one.name for one in kept() if one.witness is not None),
    ),
    _claim(
        "dynamics.certified-aperiodic",
        "A run of linear FQI under fixed product data stays bounded and approaches no limit and no cycle",
        r"x_t=V^{(t)}(s_0)-V^{(t)}(s_1)\in[-3,\tfrac{30063}{50000}],\ \text{no cycle}",
        f"catalogue model aperiodic, discount 19/20, every agent plays (9/10, 1/10), {ZERO}",
        ("aperiodic",),
    ),
    _claim(
        "dynamics.uniform-aperiodic",
        "Under uniform data too a run can stay bounded and approach no limit and no cycle: seven agents with two "
        "actions, three with five",
        r"x'=-1+\tfrac{\gamma R}2|x|,\quad\tfrac{\gamma R}2=\tfrac{693}{640},\;\tfrac{5049}{5000}",
        f"catalogue models voting(7,2) and voting(3,5), discount 99/100, {ZERO}",
        ("voting-7-2", "voting-3-5"),
    ),
    _claim(
        "dynamics.on-policy-aperiodic",
        "A run of linear FQI under ε-greedy data stays bounded and approaches no limit and no cycle: two states, two "
        "agents with two actions each, rewards 0 and 1",
        r"V^{(t)}(s_1)-V^{(t)}(s_0)\in[\tfrac{23453429}{1600000},\tfrac{48009029}{1600000}],\ \text{no cycle}",
        f"catalogue model on-policy-aperiodic, discount 9/10, ε = 1/10, {ZERO}",
        ("on-policy-aperiodic",),
    ),
    _claim(
        "dynamics.unsettled",
        "A run of linear FQI under ε-greedy data converges, whichever of two joint actions that tie at its limit is "
        "greedy in one state",
        r"V^{(t)}\to(9,10,10,10,10),\quad g^{(t)}(s_0)\in\{(0,0),(1,1)\}",
        f"catalogue model unsettled, discount 9/10, ε = 1/10, {ZERO}; that the choices never become periodic is shown "
        "on paper (theory notes, 18)",
        ("unsettled",),
    ),
    _claim(
        "dynamics.wandering-bounded",
        "A run of three states and two agents under uniform data in which no cycle is seen stays bounded",
        r"-16\le V^{(t)}(s)-V^{(t)}(s_2)\le7",
        f"catalogue model wandering, discount 99/100, {ZERO}; whether the run approaches a cycle is open",
        ("wandering",),
    ),
    _claim(
        "dynamics.certified-monotonic",
        "A QMIX run whose limit is no fixed point has certified bounds: V(s1) stays in [-4/7, 1]",
        r"-\tfrac47\le V^{(t)}(s_1)\le1",
        "catalogue model qmix-jump, discount 1/2, uniform data, from Q = 0, the first of equally good orders",
        ("qmix-jump",),
    ),
    _claim(
        "dynamics.qmix-ray",
        "A QMIX run leaves the values at which it starts and converges to them, with a suboptimal policy: they are no "
        "fixed point of its step",
        r"V^{(0)}=0\ne V^{(1)},\quad V^{(t)}\to0",
        "catalogue model qmix-jump, discount 1/2, uniform data, from Q = 0, the first of equally good orders",
        ("qmix-ray",),
    ),
    _cycle(2, "9/10"),
    _cycle(3, "99/100"),
    _cycle(5, "99/100"),
)
