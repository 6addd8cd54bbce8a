"""QPLEX (arXiv:2008.01062) against its published code: the class it realises, its offsets, and its gradients.

The code writes Q_tot = Σ_i Q_i(a_i) + Σ_i (λ_i(a) - 1) A_i(a_i), A_i = Q_i - max Q_i, with A_i detached: gradients
reach factors through Σ_i Q_i only. λ_i = Σ_k (|key_k| + δ) σ(agent_ki) σ(action_ki), δ = 1e-10; agent_ki depends on
the state, action_ki on state and joint action. Networks are taken as free functions of what they see.
"""

from dataclasses import dataclass
from fractions import Fraction

from proofs_check.claim import Budget, Finding, settle
from proofs_check.claims.literature import decided_claim, sampled_claim
from proofs_check.evidence import exact
from proofs_check.evidence.exact import Table
from proofs_check.evidence.instances import SMALL_SHAPES
from proofs_check.evidence.mixings import Mixing, mixings
from proofs_check.evidence.sampling import sampled

CODE = "arXiv:2008.01062, authors' code"
OFFSET = Fraction(1, 10**10)


def code_table(mixing: Mixing) -> Table:
    """Return Σ Q_i(a_i) + Σ (λ_i(a) - 1)(Q_i(a_i) - max Q_i)."""
    weights = [exact.table(mixing.shape, w) for w in mixing.weights]
    return {
        a: q + sum((w[a] - 1) * (f[x] - max(f)) for w, f, x in zip(weights, mixing.factors, a, strict=True))
        for a, q in exact.additive(mixing.factors).items()
    }


def _value_differs(mixing: Mixing) -> str | None:
    found = mixing.engine_table()
    return None if code_table(mixing) == found else f"the code's {list(code_table(mixing).values())}, not {found}"


def check_value(budget: Budget) -> Finding:
    """Compare the code's formula with the engine's Q_tot on random factors and λ > 0."""
    return sampled(_value_differs, mixings(SMALL_SHAPES, 1), budget)


@dataclass(frozen=True)
class Head:
    """One head: |key|, σ(agent_i) per agent, σ(action_i) per agent and joint action, all sigmoids in (0, 1)."""

    key: Fraction
    agent: tuple[Fraction, ...]
    action: tuple[dict[exact.JointAction, Fraction], ...]

    def weights(self) -> list[Table]:
        """Return λ_i(a)."""
        return [
            {a: (self.key + OFFSET) * own * s for a, s in table.items()}
            for own, table in zip(self.agent, self.action, strict=True)
        ]


def head_for(weights: list[Table]) -> Head:
    """Return a head with these λ > 0: σ(agent) = 1/2, |key| + δ = 4 max λ."""
    scale = 4 * max(w for table in weights for w in table.values())
    halves = (Fraction(1, 2),) * len(weights)
    return Head(scale - OFFSET, halves, tuple({a: 2 * w / scale for a, w in table.items()} for table in weights))


def _head_fails(mixing: Mixing) -> str | None:
    weights = [exact.table(mixing.shape, w) for w in mixing.weights]
    head = head_for(weights)
    inside = all(0 < s < 1 for table in head.action for s in table.values()) and head.key >= 0
    return None if inside and head.weights() == weights else "one head does not give these λ"


def check_heads(budget: Budget) -> Finding:
    """Write random λ > 0 as one head with its offset, exactly."""
    return sampled(_head_fails, mixings(SMALL_SHAPES, 1), budget)


def check_offset(_: Budget) -> Finding:
    """With key = 0 and σ = 1/10 the head's λ is δ/100: the offset keeps λ positive, not away from 0."""
    small = Fraction(1, 10)
    (found,) = Head(Fraction(0), (small,), ({(0,): small},)).weights()
    least = found[0,]
    return settle({"lambda": least, "offset": OFFSET} if 0 < least < OFFSET else None, "tested", {}, 1)


def gradients(mixing: Mixing, errors: Table, *, detached: bool) -> list[list[Fraction]]:
    """Return the derivatives of Σ_a (Q_tot - y)²/2 by Q_i(x) for errors Q_tot - y, one maximiser in each factor.

    Of the formula: Σ_a e(a) [1{x = u_i} + λ_i(a)(1{x = a_i} - 1{x = u_i})]; detached: Σ_a e(a) 1{x = a_i}.
    """
    weights = [exact.table(mixing.shape, w) for w in mixing.weights]
    found: list[list[Fraction]] = []
    for i, own in enumerate(mixing.factors):
        u = exact.first_maximiser(own)
        slopes = [
            {
                a: Fraction(x == a[i]) if detached else (x == u) + weights[i][a] * ((x == a[i]) - (x == u))
                for a in errors
            }
            for x in range(len(own))
        ]
        found.append([sum((e * slope[a] for a, e in errors.items()), Fraction(0)) for slope in slopes])
    return found


SKEWED = Mixing((2, 2), ((Fraction(1), Fraction(0)),) * 2, ((Fraction(1), Fraction(1), Fraction(1), Fraction(3)),) * 2)
CHECKERED = exact.table((2, 2), map(Fraction, (1, -1, -1, 1)))


def check_stationary(_: Budget) -> Finding:
    """Errors [[1,-1],[-1,1]] with λ = [[1,1],[1,3]]: detached gradients of all factors are 0, the loss's are not."""
    code, formula = (gradients(SKEWED, CHECKERED, detached=detached) for detached in (True, False))
    stuck = not any(g for own in code for g in own) and any(g for own in formula for g in own)
    y = {a: q - CHECKERED[a] for a, q in code_table(SKEWED).items()}
    witness = {"y": list(y.values()), "Q_i": SKEWED.factors, "lambda": SKEWED.weights, "gradients of the loss": formula}
    note = "gradients of λ are left out: they are the same in both"
    return settle(witness if stuck else None, "tested", {}, 1, note)


CLAIMS = (
    sampled_claim(
        "qplex-code.value",
        "The code's Q_tot is the paper's",
        r"\sum_iQ_i+\sum_i(\lambda_i-1)A_i=\sum_i\max Q_i+\sum_i\lambda_iA_i",
        "λ > 0",
        CODE,
        check_value,
        60,
    ),
    sampled_claim(
        "qplex-code.heads",
        "One head of the code realises every λ > 0, its offset included: the code's class is the paper's",
        r"\forall\lambda>0\ \exists k,\sigma,\sigma'\in(0,1):\;\lambda_i=(|k|+\delta)\,\sigma_i\sigma'_i",
        "networks are free functions of state and joint action, δ = 1e-10",
        "ours, on " + CODE,
        check_heads,
        60,
    ),
    decided_claim(
        "qplex-code.offset",
        "The code's offset keeps every λ at least δ",
        r"\lambda_i\ge\delta=10^{-10}",
        "sigmoids in (0, 1)",
        "ours, on " + CODE,
        check_offset,
    ),
    decided_claim(
        "qplex-code.stationary",
        "Where the code's detached gradients of all factors vanish the loss is stationary in them",
        r"\sum_{a:\,a_i=x}e(a)=0\ \forall i,x\Rightarrow\nabla_QL=0",
        "uniform data, two agents with two actions, λ held",
        "ours, on " + CODE,
        check_stationary,
    ),
)
