"""Least discounts at which models with rewards 0 and 1 do not converge, or diverge (ours).

Two states, two agents with two actions each, deterministic transitions, from Q = 0. Under VDN and uniform data the
bounds of the theory are met inside this small shape: cycles from 2/3 on (`census.least-discount`), divergence from 4/5
on. On-policy, and for QMIX, no positive discount is safe from cycles.

QMIX at every discount, by hand: model 877 has in s0 the table [[0,0],[0,1]], its last action leading to s1, and in s1
[[0,1],[1,0]], its second action leading to s0; all other transitions stay. Let V = 1/(1-γ) + D, so that targets are
γ/(1-γ) + r + γ D and D' = max Q - 1 with Q the best fit of r + γ D. In s0 that table is monotone. In s1 it is

    from D = (0, 0)       [[0, 1], [1, 0]]              every pair of orders errs by 2/3; the first has maximum 2/3
    from D = (0, -1/3)    [[-h, 1], [1-h, -h]]          h = γ/3: the pair with (0,1) on top errs by 2/3, others by more
    from D = (-γ/3, 0)    [[0, 1-h], [1, 0]]            h = γ²/3: the pair with (1,0) on top errs by 2(1-h)²/3

so D runs through (0, 0), (0, -1/3), (-γ/3, 0). Tables are affine in h, 0 < h < 1/3. Regressions at both ends that keep
one set of tight constraints are joined by the regressions between, multipliers included; then errors are quadratic.
"""

from dataclasses import replace
from fractions import Fraction
from itertools import product

from proofs_check.census.plan import Cells, Plan
from proofs_check.census.rows import fault
from proofs_check.claim import Budget, Claim, Finding, settle
from proofs_check.claims.census import MODELS, ON_POLICY, PLAN, RUN, counted, one_reward, rows_of
from proofs_check.evidence.exact import Table, joint_actions
from proofs_check.evidence.isotonic import MonotoneFit, project

THIRD = Fraction(1, 3)
#: γ(1 + ν) = 1 with ν = 1/4: below, every run is bounded.
BOUND = replace(PLAN, discount=Fraction(4, 5))
QMIX = replace(PLAN, factorization="monotonic")
CYCLING = 877
#: 2(1-ε/2)² γ = 1 at ε = 1/10, and a discount just below.
RELAY = replace(ON_POLICY, discount=Fraction(200, 361))
BELOW = replace(ON_POLICY, discount=Fraction(277, 500))
CLASSES = "linear", "monotonic"
#: Games of one state, at discount 0.
GAMES = replace(ON_POLICY, states=1, discount=Fraction(0))
#: γ D in (s0, s1) over h, and the maxima of the best fits in (s0, s1), as (at h = 0, change with h).
POSITIONS = (
    ((0, 0), ((Fraction(1), 0), (Fraction(2, 3), 0))),
    ((0, -1), ((Fraction(1), -1), (Fraction(1), 0))),
    ((-1, 0), ((Fraction(1), 0), (Fraction(1), 0))),
)
DISCOUNTS = tuple(Fraction(n, 1000) for n in (1, 500, 999))


def absorbing(plan: Plan) -> list[int]:
    """Return the numbers of the 256 models in which s0 absorbs and pays 0."""
    zero: Cells = ((0, 0),) * 4
    rest = product(product(range(2), repeat=2), repeat=4)
    return sorted(plan.number((*zero, *((reward, successor) for reward, successor in cells))) for cells in rest)


def table_at(cells: Cells, state: int, shift: tuple[int, int], h: Fraction) -> Table:
    """Return r + γ D in a state, γ D = h · shift."""
    own = cells[4 * state : 4 * state + 4]
    return {a: reward + h * shift[successor] for a, (reward, successor) in zip(joint_actions((2, 2)), own, strict=True)}


def _joined(low: MonotoneFit, high: MonotoneFit) -> bool:
    """Tell whether regressions at two ends are joined: a constraint with a multiplier at one is tight at both."""
    used = [edge for fit in (low, high) for edge, amount in fit.multipliers.items() if amount]
    return all(fit.table[a] == fit.table[b] for fit in (low, high) for a, b in used)


def _fits(cells: Cells, state: int, shift: tuple[int, int]) -> list[tuple[MonotoneFit, MonotoneFit, Fraction]]:
    """Return for each pair of orders, best actions first, the fits at both ends and the error in the middle.

    Raises ArithmeticError where these are not joined.
    """
    low, high = (table_at(cells, state, shift, h) for h in (Fraction(0), THIRD))
    unit, found = dict.fromkeys(low, Fraction(1)), []
    for best in product(((0, 1), (1, 0)), repeat=2):
        ends = [project(y, unit, (2, 2), tuple(order[::-1] for order in best)) for y in (low, high)]
        if not _joined(*ends):
            raise ArithmeticError(f"state {state}, orders {best}: other constraints are tight at the two ends")
        middle = [(low[a] + high[a] - ends[0].table[a] - ends[1].table[a]) / 2 for a in low]
        found.append((ends[0], ends[1], sum((x * x for x in middle), Fraction(0))))
    return found


def _wrong_top(cells: Cells, state: int, shift: tuple[int, int], top: tuple[Fraction, int]) -> str | None:
    """Return why the maximum of the best fit is not as said for all h in (0, 1/3)."""
    fits = _fits(cells, state, shift)
    best = min(fits, key=lambda fit: fit[2])
    tied = []
    for fit in fits:
        low, high, middle = (x - y for x, y in zip(_errors(fit), _errors(best), strict=True))
        bent = 2 * middle - (low + high) / 2
        if min(low, bent, high) < 0:
            return f"state {state}: errors of orders {best[0].orders} and {fit[0].orders} may cross"
        tied += [fit] if low == bent == high == 0 else []
    found = tuple(max(end.table.values()) for end in tied[0][:2])
    said = top[0], top[0] + top[1] * THIRD
    return None if found == said else f"state {state}: maxima {found} at the ends, expected {said}"


def _errors(fit: tuple[MonotoneFit, MonotoneFit, Fraction]) -> tuple[Fraction, Fraction, Fraction]:
    return fit[0].error, fit[1].error, fit[2]


def _follows(tops: tuple[tuple[Fraction, int], ...], shift: tuple[int, int]) -> bool:
    """Tell whether D = tops - 1 gives the next shift: D is constant and h = γ/3, or D = h · bent and γ h comes next."""
    fixed, bent = [3 * (top - 1) for top, _ in tops], [change for _, change in tops]
    return (not any(bent) and fixed == list(shift)) or (not any(fixed) and bent == list(shift))


def check_qmix_every_discount(_: Budget) -> Finding:
    """Follow the cycle for all h, and have the engine's certificates of three discounts accepted."""
    cells = QMIX.cells(CYCLING)
    wrong = [
        reason
        for shift, tops in POSITIONS
        for state, top in enumerate(tops)
        if (reason := _wrong_top(cells, state, shift, top)) is not None
    ]
    turned = (*POSITIONS[1:], POSITIONS[0])
    wrong += [
        f"{tops} lead to another place than {shift}"
        for (_, tops), (shift, _) in zip(POSITIONS, turned, strict=True)
        if not _follows(tops, shift)
    ]
    for discount in DISCOUNTS:
        plan = replace(QMIX, discount=discount)
        (row,) = rows_of(plan, [CYCLING])
        refused = fault(plan, row)
        if refused or (row["fate"], row["period"]) != ("cycles", 3):
            wrong.append(refused or f"at {discount}: {row['fate']}, period {row['period']}")
    return settle(wrong[:1] or None, "proved", {"model": CYCLING, "certified at": DISCOUNTS}, len(DISCOUNTS))


def check_least_divergence(_: Budget) -> Finding:
    """Decide all models with one reward at the discount below which every run is bounded."""
    expected = {"cycles, period 2": 168, "diverges": 24, "optimal": 1712, "suboptimal": 144}
    return counted(BOUND, one_reward(BOUND), expected, described=True)


def check_on_policy_least_divergence(_: Budget) -> Finding:
    """Decide 256 models at the discount from which the relay of Theorem B diverges, and just below."""
    below = {"cycles, period 2": 17, "cycles, period 3": 2, "optimal": 233, "suboptimal": 4}
    found = counted(BELOW, absorbing(BELOW), below)
    at = {"cycles, period 2": 11, "cycles, period 3": 2, "diverges": 6, "optimal": 233, "suboptimal": 4}
    return counted(RELAY, absorbing(RELAY), at) if found.verdict == "certified" else found


def check_on_policy_discount_0(_: Budget) -> Finding:
    """Decide all games of one state at discount 0, under VDN and QMIX."""
    expected = {"cycles, period 2": 1, "optimal": 15}
    found = [counted(replace(GAMES, factorization=kind), list(range(GAMES.count)), expected) for kind in CLASSES]
    return next((finding for finding in found if finding.verdict != "certified"), found[0])


CLAIMS = (
    Claim(
        "census.least-divergence",
        "At γ = 4/5, below which every run of the shape is bounded, 24 of the 2,048 models with one reward diverge: no "
        "larger bound would do",
        r"\gamma=\tfrac45:\quad N_{\text{diverges}}=24,\ N_{\text{period }2}=168",
        f"{MODELS}; discount 4/5, uniform data, {RUN}",
        "ours",
        "enumeration",
        "certified",
        check_least_divergence,
    ),
    Claim(
        "census.on-policy-least-divergence",
        "On-policy, ε = 1/10, of the 256 models in which s0 absorbs and pays 0 six diverge at γ = 200/361, where "
        "2(1-ε/2)²γ = 1, and none at 277/500, 0.003 % below",
        r"N_{\text{diverges}}(\tfrac{200}{361})=6,\ N_{\text{diverges}}(\tfrac{277}{500})=0",
        f"deterministic, two states, two agents with two actions, rewards 0 and 1; ε-greedy data, {RUN}",
        "ours",
        "enumeration",
        "certified",
        check_on_policy_least_divergence,
    ),
    Claim(
        "census.on-policy-discount-0",
        "On-policy, ε = 1/10, one of the 16 games with rewards 0 and 1 cycles at discount 0 already, with period 2, "
        "under VDN and under QMIX",
        r"\gamma=0:\quad N_{\text{period }2}=1,\ N_{\text{optimal}}=15",
        "one state, two agents with two actions, rewards 0 and 1; ε-greedy data, linear or monotonic class, from Q = 0",
        "ours",
        "enumeration",
        "certified",
        check_on_policy_discount_0,
    ),
    Claim(
        "census.qmix-every-discount",
        "QMIX cycles with period 3 at every discount in (0,1) on a model with rewards 0 and 1: no discount is safe",
        r"V^{(t)}-\tfrac{1}{1-\gamma}\to(0,0),\,(0,-\tfrac13),\,(-\tfrac\gamma3,0),\,(0,0),\ldots",
        "model 877 of the census (theory notes, section 3); 0 < γ < 1, uniform data, monotonic class with orders of "
        "least error, from Q = 0, ties to the first orders",
        "ours",
        "symbolic",
        "proved",
        check_qmix_every_discount,
    ),
)
