"""QMIX's mixing network is convex, so that its class is smaller than the monotonic one and can diverge
(theory notes, section 10; ours).

The authors' mixer of a state (arXiv:1803.11485) is f(q) = v·φ(Wq + b) + c with W, v >= 0 and φ = ELU, convex and
increasing. A convex function of a sum with weights >= 0 has increasing differences, and increasing convex functions
and sums with weights >= 0 keep that, at any depth: with utilities of two agents raised together Q_tot rises at least as
much as by both alone (supermodular). [[h,h],[h,l]], l < h, is monotone and not supermodular in the order that keeps it
monotone. Its best fit in the class:
- the orders rank both agents' actions alike: supermodular means Q00 + Q11 >= Q01 + Q10, and the distance to that
  half-space is d²/4 with d = h - l, at the additive fit, which is monotone and in the class;
- they rank them differently: Q10 <= Q11 or Q01 <= Q11 is needed, at a distance of d²/2 at least.
So on the example of Theorem 3 FQI over the class of such networks is FQI of VDN.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, product
from typing import Any

import sympy
from hypothesis import strategies as st

import fqi_theory as ft
from proofs_check.claim import Budget, Claim, Finding, settle
from proofs_check.evidence import exact
from proofs_check.evidence.diagram import plain_model
from proofs_check.evidence.sampling import sampled

OURS = "ours, on arXiv:1803.11485"
ACTIONS = 3

Layer = tuple[tuple[tuple[int, ...], ...], tuple[int, ...]]
#: Utilities (agents x actions), hidden layers (weights, shifts) and the last weights.
Instance = tuple[tuple[tuple[int, ...], ...], tuple[Layer, ...], tuple[int, ...]]


def bend(value: Fraction) -> Fraction:
    """Return max(x, x/4): a convex increasing activation with exact values (ELU has none)."""
    return max(value, value / 4)


def mixed(utilities: Sequence[int], layers: Sequence[Layer], last: Sequence[int]) -> Fraction:
    """Return f(q)."""
    inner = [Fraction(q) for q in utilities]
    for weights, shifts in layers:
        inner = [
            bend(sum((w * x for w, x in zip(row, inner, strict=True)), Fraction(shift)))
            for row, shift in zip(weights, shifts, strict=True)
        ]
    return sum((w * x for w, x in zip(last, inner, strict=True)), Fraction(0))


@st.composite
def networks(draw: Any) -> Instance:
    """Draw utilities of two or three agents and a mixer with one or two hidden layers of weights >= 0."""
    agents, depth, width = draw(st.integers(2, 3)), draw(st.integers(1, 2)), 3
    utilities = tuple(draw(st.tuples(*[st.integers(-6, 6)] * ACTIONS)) for _ in range(agents))
    layers, inputs = [], agents
    for _ in range(depth):
        weights = tuple(draw(st.tuples(*[st.integers(0, 3)] * inputs)) for _ in range(width))
        layers.append((weights, draw(st.tuples(*[st.integers(-9, 9)] * width))))
        inputs = width
    return utilities, tuple(layers), draw(st.tuples(*[st.integers(0, 3)] * width))


def _differences_fall(instance: Instance) -> str | None:
    utilities, layers, last = instance
    q = {
        a: mixed([own[x] for own, x in zip(utilities, a, strict=True)], layers, last)
        for a in product(range(ACTIONS), repeat=len(utilities))
    }
    for a, (i, j) in product(q, combinations(range(len(utilities)), 2)):
        for x, y in product(range(ACTIONS), repeat=2):
            if utilities[i][x] >= utilities[i][a[i]] and utilities[j][y] >= utilities[j][a[j]]:
                one, two, both = ((*a[:i], x, *a[i + 1 :]), (*a[:j], y, *a[j + 1 :]), list(a))
                both[i], both[j] = x, y
                if q[tuple(both)] + q[a] < q[one] + q[two]:
                    return f"{a} to {tuple(both)}: {q[tuple(both)]} + {q[a]} < {q[one]} + {q[two]}"
    return None


def check_supermodular(budget: Budget) -> Finding:
    """Check increasing differences of random mixers with weights >= 0 and a convex activation, exactly."""
    return sampled(_differences_fall, networks(), budget)


def _elu_is_convex() -> bool:
    x = sympy.Symbol("x", negative=True)
    curve = sympy.exp(x) - 1
    return bool(curve.diff(x).is_positive and curve.diff(x, 2).is_positive and curve.diff(x).subs(x, 0) == 1)


def _premises() -> dict[str, bool]:
    value, gain = sympy.symbols("V gamma", positive=True)
    half = [[sympy.Rational(1, 2)] * 2] * 2
    targets = exact.table((2, 2), (1 + gain * value,) * 3 + (1,))
    fit = exact.additive(exact.closed_form(targets, half))
    gap = gain * value
    error = sympy.expand(sum((y - fit[a]) ** 2 for a, y in targets.items()))
    alike = (targets[0, 0] + targets[1, 1] - targets[0, 1] - targets[1, 0]) ** 2 / 4
    unlike = [(targets[a] - targets[1, 1]) ** 2 / 2 for a in ((1, 0), (0, 1))]
    found = ft.witness(agents=2, actions=2, discount="4/5").model
    return {
        "ELU is convex and increasing": _elu_is_convex(),
        "the engine's witness has these targets": found is not None and _has_targets(plain_model(found)),
        "the additive fit is at the distance to 'supermodular' of orders alike": sympy.expand(alike - error) == 0,
        "it is nearer than unlike orders allow": all(sympy.expand(far - error).is_positive for far in unlike),
        "it is monotone with (0,0) on top": all(
            sympy.expand(fit[0, 0] - fit[a]).is_positive and sympy.expand(fit[a] - fit[1, 1]).is_positive
            for a in ((0, 1), (1, 0))
        ),
        "its maximum is 1 + (5/4) γV": sympy.expand(fit[0, 0] - 1 - sympy.Rational(5, 4) * gap) == 0,
    }


def _has_targets(model: Any) -> bool:
    rows = [model.backup([Fraction(0), Fraction(v)])[1] for v in (0, 1)]
    return [list(row.values()) for row in rows] == [[1] * 4, [Fraction(9, 5)] * 3 + [Fraction(1)]]


def check_network_diverges(_: Budget) -> Finding:
    """Decide every premise of the argument above with V and γ as symbols."""
    premises = _premises()
    failed = [name for name, holds in premises.items() if not holds]
    return settle({"fails": failed} if failed else None, "proved", {"checked": premises}, 1, NOTE)


NOTE = "the additive fit is in the class: one hidden unit whose argument stays positive, where ELU is the identity"
CLAIMS = (
    Claim(
        id="phases.qmix-network-convex",
        statement="A mixing network with weights >= 0 and a convex increasing activation, QMIX's among them, is "
        "supermodular: raising two agents' utilities raises Q_tot at least as much as both alone",
        latex=r"f(q+d_i+d_j)+f(q)\ge f(q+d_i)+f(q+d_j)",
        hypotheses="one or two hidden layers, any utilities; two or three agents with three actions",
        source=OURS,
        method="random instances",
        expected="tested",
        check=check_supermodular,
        examples=80,
    ),
    Claim(
        id="phases.qmix-network-diverges",
        statement="FQI over the class of QMIX's networks diverges from γ = 4/5 on, on the example on which VDN does: "
        "their best fit is the additive one",
        latex=r"V'(s_1)=1+\tfrac54\gamma V(s_1)",
        hypotheses="two-state example (A.3, two agents, two actions), uniform data, every V >= 0 and γ; exact best "
        "fits over mixing networks with one hidden layer of ELU and weights >= 0, of any width",
        source=OURS,
        method="symbolic",
        expected="proved",
        check=check_network_diverges,
    ),
)
