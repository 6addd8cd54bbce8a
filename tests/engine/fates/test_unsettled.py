"""Ties that fall either way for ever: a run whose values tend to a limit while greedy actions do not settle."""

from fractions import Fraction

import pytest

import fqi_theory as ft
from fqi_theory.fates import Effort
from fqi_theory.fates.decide import problem_of
from fqi_theory.fates.orbits import History
from fqi_theory.fates.positions import Positions
from fqi_theory.fates.regions import choices
from fqi_theory.fates.ties import tied_orbit
from fqi_theory.operators.integers import integer_values

TENTH = ft.epsilon_greedy("1/10")
NAMES = ["tied", "left", "right", "far left", "far right"]
SHORT = Effort(steps=256)


def mirrored(bonus="0", cross="1/2"):
    """Return a model whose states are mirrored, but for a bonus at the left.

    At `tied` both agents may go to the left or to the right, or one each, by chance. The antisymmetric part (x, y) of V
    at the other states follows x' = γ(x - y)/2, y' = γ(x + 3y)/4 where cross is 1/2: a spiral into 0, whose sign at
    `left` decides at `tied`, while the symmetric part is that of a single chain.
    """

    def row(**chances):
        return [chances.get(name.replace(" ", "_"), "0") for name in NAMES]

    kernel = [
        [
            [row(left="1"), row(left="1/2", right="1/2")],
            [row(left="1/2", right="1/2"), row(right="1")],
        ]
    ]
    own = str(1 - Fraction(cross))
    moves = (
        row(left=own, far_right=cross),
        row(right=own, far_left=cross),
        row(left="1/4", far_left="3/4"),
        row(right="1/4", far_right="3/4"),
    )
    kernel += [[[move] * 2] * 2 for move in moves]
    rewards = [[["0"] * 2] * 2 for _ in NAMES]
    rewards[1] = [[bonus] * 2] * 2
    return ft.MMDP(rewards, kernel, "9/10", states=NAMES)


def decided(model, values=(0, 1, 0, 0, 0), **options):
    start = ft.start_from_values(model, list(values))
    return ft.decide(model, data=TENTH, initial=start, effort=SHORT, **options)


def ties_of(fate):
    return [line for line in fate.tried if "at it actions tie" in line]


@pytest.mark.parametrize("ties", ["first", "last"])
def test_it_is_said_where_ties_keep_greedy_actions_from_settling_and_no_region_is_found(ties, monkeypatch):
    monkeypatch.setattr(choices, "MOST_PHASES", 0)
    fate = decided(mirrored(), ties=ties)
    (line,) = ties_of(fate)
    assert fate.kind == "bounded"
    assert "from an exact limit" in line
    assert "greedy actions do not repeat with it; at it actions tie in tied, where" in line
    assert line in dict(ft.explain(fate).lines).values()


def test_the_signs_of_the_spiral_are_the_choices():
    """What the text says of the run, by a recursion of two numbers that knows no agents."""
    model = mirrored()
    start = ft.start_from_values(model, [0, 1, 0, 0, 0])
    run = ft.fitted_q_iteration(model, data=TENTH, initial=start, iterations=60)
    x, y = Fraction(1), Fraction(0)
    seen = set()
    for greedy in run.greedy[1:]:
        chosen = 0 if x >= 0 else 1
        assert greedy[0].tolist() == [chosen, chosen]
        seen.add(chosen)
        x, y = Fraction(9, 10) * (x - y) / 2, Fraction(9, 10) * (x + 3 * y) / 4
    assert seen == {0, 1}


def test_choices_that_settle_are_proved_by_one_greedy_action_a_phase():
    for model in (mirrored(bonus="1"), mirrored(cross="0")):
        fate = decided(model)
        assert (fate.kind, fate.proof) == ("converges", "region")


def history_of(problem, steps):
    positions = Positions(problem.searched, problem.searched_source, problem.ties, problem.credit)
    first = integer_values(problem.values_inward(problem.start.values))
    history = History([first], [problem.inward(problem.start.greedy)])
    history.extend(positions, steps)
    return positions, history


def test_where_nothing_ties_nothing_is_found():
    model = mirrored(bonus="1")
    problem = problem_of(model, TENTH, ft.linear, ft.start_from_values(model, [0, 1, 0, 0, 0]), "first")
    assert tied_orbit(*history_of(problem, 128)) is None


def test_what_ties_and_what_does_not_settle_is_named():
    model = mirrored()
    problem = problem_of(model, TENTH, ft.linear, ft.start_from_values(model, [0, 1, 0, 0, 0]), "first")
    near = tied_orbit(*history_of(problem, 128))
    named = [[model.states[int(problem.order[s])] for s in states] for states in (near.tied, near.unsettled)]
    assert named == [["tied"], ["tied"]]
    assert sorted(near.allowed[0][near.tied[0]]) == [(0, 0), (1, 1)]


def test_a_run_that_comes_no_closer_and_actions_that_do_not_tie_are_not_named():
    """The same history with other ends: each condition alone keeps the words back."""
    model = mirrored()
    problem = problem_of(model, TENTH, ft.linear, ft.start_from_values(model, [0, 1, 0, 0, 0]), "first")
    positions, history = history_of(problem, 128)
    assert tied_orbit(positions, history) is not None
    backwards = History(history.values[::-1], history.greedy[::-1])
    assert tied_orbit(positions, backwards) is None
    untied = [policy.copy() for policy in history.greedy]
    for k in range(12):
        untied[k * k][1] = [1, 1]
    assert tied_orbit(positions, History(history.values, untied)) is None
