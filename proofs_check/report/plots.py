"""The pictures of a report, one a claim where a picture says more than numbers."""

import math
from collections.abc import Callable, Mapping, Sequence
from html import escape

from proofs_check.report.svg import Chart, Line

STEPS = 20


def figure(claim_id: str) -> str:
    """Return the figure of a claim with its caption; empty where it has none."""
    if claim_id not in CHARTS:
        return ""
    chart = CHARTS[claim_id]()
    return f"<figure>{chart.svg()}<figcaption>{escape(chart.title)}</figcaption></figure>"


def _sample(function: Callable[[float], float], low: float, high: float, count: int = 80) -> list[tuple[float, float]]:
    xs = (low + (high - low) * k / count for k in range(count + 1))
    return [(x, function(x)) for x in xs]


def _run(discount: str) -> Sequence[tuple[float, float]]:
    """Return t and V^(t)(s1) of the two-state example from 0, computed exactly."""
    import fqi_theory as ft

    model = ft.load("two-state").with_discount(discount)
    run = ft.fitted_q_iteration(model, data=ft.uniform(), iterations=STEPS)
    s1 = model.states.index("s1")
    return [(float(t), nearest(values[s1])) for t, values in enumerate(run.values)]


def nearest(value: object) -> float:
    """Return the nearest float of an exact rational."""
    from fractions import Fraction

    return float(Fraction(str(value)))


def _divergence() -> Chart:
    words = {"9/10": "grows geometrically", "4/5": "grows linearly", "3/4": "converges to 12"}
    lines = [Line(f"γ = {discount}: {word}", _run(discount)) for discount, word in words.items()]
    return Chart(
        "runs",
        "Two-state example, uniform data: V(s1) from 0, exact runs.",
        "Over 20 iterations V(s1) reaches 57 for γ = 9/10, 15 for γ = 4/5 and 8.7 for γ = 3/4.",
        "iteration t",
        "V(s1)",
        (0, STEPS),
        (0, 60),
        lines,
    )


def _critical() -> Chart:
    curve = _sample(lambda gamma: 2 * math.sqrt(1 / gamma - 1), 0.8, 1.0)
    return Chart(
        "critical",
        "Two-state example, ε-greedy data: the optimal fixed point attracts below the curve.",
        "The critical ε falls from 1 at γ = 4/5 to 0 at γ = 1; at γ = 9/10 it is 2/3.",
        "discount γ",
        "ε",
        (0.8, 1.0),
        (0.0, 1.0),
        [
            Line("critical ε = 2·sqrt(1/γ − 1)", curve),
            Line("certified: ε = 1/2 converges", [(0.9, 0.5)], dots=True),
            Line("certified: ε = 2/3 and 3/4 diverge", [(0.9, 2 / 3), (0.9, 0.75)], dots=True),
        ],
    )


def _bias() -> Chart:
    return Chart(
        "bias",
        "Two-state example, uniform data: the limit of V(s1) against the optimal value.",
        "The limit is below the optimal value until γ = 1/2 and above it from there on.",
        "discount γ",
        "V(s1)",
        (0.0, 0.78),
        (0.0, 10.0),
        [
            Line("limit 3/(4 − 5γ)", _sample(lambda g: 3 / (4 - 5 * g), 0, 0.74)),
            Line("V*(s1) = 1/(1 − γ)", _sample(lambda g: 1 / (1 - g), 0, 0.78)),
        ],
    )


def _lecture() -> Chart:
    return Chart(
        "lecture",
        "Lecture 2x2 game: the linear fit when both agents play action 0 with probability p.",
        "The wrong joint action (1,1) has the greatest value until p = 3/8; from there on (0,0) has it.",
        "p",
        "Q_tot",
        (0.0, 1.0),
        (-32.0, 8.0),
        [
            Line("(0,0): −32p² + 64p − 24", _sample(lambda p: -32 * p * p + 64 * p - 24, 0, 1)),
            Line("(0,1), (1,0): −32p² + 32p − 12", _sample(lambda p: -32 * p * p + 32 * p - 12, 0, 1)),
            Line("(1,1): −32p²", _sample(lambda p: -32 * p * p, 0, 1)),
        ],
    )


CHARTS: Mapping[str, Callable[[], Chart]] = {
    "thm2.critical-epsilon": _critical,
    "thm3.divergence": _divergence,
    "thm3.bias": _bias,
    "tables.lecture-family": _lecture,
}
