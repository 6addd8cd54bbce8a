"""Little exploration, one state (theory notes, section 16; ours): simultaneous best response as ε tends to 0."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from typing import Any

import sympy
from hypothesis import assume

import fqi_theory as ft
from proofs_check.claim import Budget, Claim, Finding, settle
from proofs_check.evidence import exact
from proofs_check.evidence.exact import JointAction, Shape, Table
from proofs_check.evidence.instances import Game, Model, games, tensor
from proofs_check.evidence.sampling import sampled

OURS = "ours"
HALF = Fraction(1, 2)


def _best_response(table: Table, shape: Shape, action: JointAction) -> JointAction | None:
    """Return every agent's best response to the others' actions, None where one has a tie."""
    found = []
    for i, count in enumerate(shape):
        row = [table[(*action[:i], x, *action[i + 1 :])] for x in range(count)]
        if row.count(max(row)) > 1:
            return None
        found.append(row.index(max(row)))
    return tuple(found)


def _next_greedy(game: Game, action: JointAction) -> JointAction:
    model = Model(game.shape, (game.values,), (tuple((Fraction(1),) for _ in game.values),), HALF)
    start = ft.start_from_values(model.mmdp(), tensor([0], (1,)), [list(action)])
    run = ft.fitted_q_iteration(model.mmdp(), data=ft.epsilon_greedy("1/1000"), initial=start, iterations=1)
    return tuple(map(int, run.greedy[1][0]))


def _responds_otherwise(game: Game) -> str | None:
    table, decided = game.table(), 0
    for action in table:
        expected = _best_response(table, game.shape, action)
        if expected is not None:
            decided += 1
            if _next_greedy(game, action) != expected:
                return f"from {action}: greedy {_next_greedy(game, action)}, best response {expected}"
    assume(decided)
    return None


def check_best_response(budget: Budget) -> Finding:
    """Compare greedy actions after one step at ε = 1/1000 with simultaneous best responses, from every joint action."""
    return sampled(_responds_otherwise, games(((2, 2), (2, 3), (3, 3), (2, 2, 2))), budget)


def period(step: Any, start: JointAction) -> int:
    """Return the period that the orbit of a start ends in."""
    seen: dict[JointAction, int] = {}
    while start not in seen:
        seen[start] = len(seen)
        start = step(start)
    return len(seen) - seen[start]


def _longer_than_two(game: Game) -> str | None:
    table = game.table()
    responses = {a: _best_response(table, game.shape, a) for a in table}
    assume(None not in responses.values())
    long = next((a for a in table if period(responses.__getitem__, a) > 2), None)
    return None if long is None else f"from {long} the period is {period(responses.__getitem__, long)}"


def check_two_agents(budget: Budget) -> Finding:
    """Follow simultaneous best responses of random games of two agents from every joint action."""
    return sampled(_longer_than_two, games(((2, 2), (2, 3), (3, 3), (3, 4)), bound=40), budget)


def rankings_of_the_cube() -> Iterator[dict[JointAction, set[int]]]:
    """Yield for every ranking of {0,1}^3 what responses depend on: per corner the agents that gain by switching."""
    corners = exact.joint_actions((2, 2, 2))
    edges = [(a, i) for a in corners for i in range(3) if a[i] == 0]
    for up in product((False, True), repeat=len(edges)):
        gains: dict[JointAction, set[int]] = {a: set() for a in corners}
        for (a, i), rises in zip(edges, up, strict=True):
            gains[a if rises else _flipped(a, {i})].add(i)
        if _acyclic(gains):
            yield gains


def _flipped(action: JointAction, agents: set[int]) -> JointAction:
    return tuple(1 - x if i in agents else x for i, x in enumerate(action))


def _acyclic(gains: dict[JointAction, set[int]]) -> bool:
    left = set(gains)
    while left:
        tops = {a for a in left if all(_flipped(a, {i}) not in left for i in gains[a])}
        if not tops:
            return False
        left -= tops
    return True


def check_three_agents(_: Budget) -> Finding:
    """Follow simultaneous best responses of all games of three agents with two actions without ties."""
    counts: dict[int, int] = {}
    games_, witness = 0, None
    for gains in rankings_of_the_cube():
        games_ += 1
        longest = max(period(lambda a, g=gains: _flipped(a, g[a]), start) for start in gains)
        counts[longest] = counts.get(longest, 0) + 1
        witness = witness or ({str(a): sorted(g) for a, g in gains.items()} if longest > 3 else None)
    failure = witness if witness is not None or set(counts) != {1, 2, 3} else None
    return settle(failure, "certified", {"orders of the cube": games_, "by longest period": counts}, games_)


def check_greedy_loss(_: Budget) -> Finding:
    """Show with δ > 0 as a symbol that (0,0) is greedy on [[0,1],[1,-δ]] under uniform data: by δ/2 for each agent."""
    delta = sympy.Symbol("delta", positive=True)
    table = exact.table((2, 2), (0, 1, 1, -delta))
    factors = exact.closed_form(table, [[sympy.Rational(1, 2)] * 2] * 2)
    gaps = [sympy.simplify(own[0] - own[1]) for own in factors]
    failure = None if all(gap.is_positive for gap in gaps) else {"gaps": [str(gap) for gap in gaps]}
    return settle(failure, "proved", {"gaps": [str(gap) for gap in gaps], "greedy": 0, "best": 1, "least": "-δ"}, 1)


CLAIMS = (
    Claim(
        id="phases.best-response",
        statement="With little exploration the greedy actions of one state move by simultaneous best response",
        latex=r"g_i'=\arg\max_xy(x\oplus g_{-i})",
        hypotheses="one state, integer rewards up to 9, untied responses, ε = 1/1000, linear class",
        source=OURS,
        method="random instances",
        expected="tested",
        check=check_best_response,
        examples=50,
    ),
    Claim(
        id="phases.best-response-two",
        statement="Simultaneous best response of two agents with one payoff has period at most 2",
        latex=r"n=2\Rightarrow\text{period}\le2",
        hypotheses="common payoff, untied responses",
        source=OURS,
        method="random instances",
        expected="tested",
        check=check_two_agents,
        examples=80,
    ),
    Claim(
        id="phases.best-response-three",
        statement="Simultaneous best response of three agents with two actions has period at most 3, and 3 occurs",
        latex=r"n=3,\,A=2\Rightarrow\text{period}\le3",
        hypotheses="common payoff without ties between neighbours: all acyclic orientations of the cube",
        source=OURS,
        method="enumeration",
        expected="certified",
        check=check_three_agents,
    ),
    Claim(
        id="phases.greedy-loss",
        statement="In one state the greedy action can lose all but an arbitrarily small share of the range of rewards: "
        "[[0,1],[1,-δ]]",
        latex=r"y(\arg\max Q)=0,\;\max y=1,\;\mathrm{sp}(y)=1+\delta",
        hypotheses="uniform data, linear class, every δ > 0",
        source=OURS,
        method="symbolic",
        expected="proved",
        check=check_greedy_loss,
    ),
)
