"""Two states: cells of a grid that a step maps into each other, and the weights that are found by cutting them."""

from fractions import Fraction

import pytest
from fates import accepted
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

import fqi_theory as ft
from fqi_theory.fates import Effort, decide
from fqi_theory.fates.cells import Cell, Step, Steps, hulls
from fqi_theory.fates.census.shape import Shape
from fqi_theory.fates.decide import problem_of
from fqi_theory.fates.grids import cells_of, grid
from fqi_theory.fates.orbits import History, candidate_periods
from fqi_theory.fates.positions import Positions
from fqi_theory.fates.reaching import Entries, reached
from fqi_theory.fates.regions import growing
from fqi_theory.fates.weights import cut, graph_of, refined, weights_of
from fqi_theory.model.catalog import random_model
from fqi_theory.operators.integers import integer_values

TENTH = ft.epsilon_greedy("1/10")
ZERO_ONE = Shape(2, (2, 2), (Fraction(0), Fraction(1)))
SIGNS = Shape(2, (2, 2), (Fraction(-1), Fraction(0), Fraction(1)))


def wanderer():
    """Return a random model whose run keeps to several intervals of each of 11 policies: no hulls hold it."""
    return random_model(509177057, 2, (3, 2, 2), "deterministic", "9/10")


def followed(model, length, factorization=ft.linear):
    """Return positions and history of a run as the search of a whole joint action, or of agents, sees them."""
    problem = problem_of(model, TENTH, factorization, None, "first")
    positions = Positions(problem.searched, problem.searched_source, "first", problem.credit)
    history = History([integer_values(problem.start.values)], [problem.inward(problem.start.greedy)])
    history.extend(positions, length)
    return positions, history


def is_covered(low, high, cells):
    """Tell whether intervals cover [low, high]; sorted by their lower ends, those of one key share no interior."""
    for cell in sorted(cells, key=lambda cell: cell.low):
        if cell.low <= low <= cell.high:
            low = cell.high
            if low >= high:
                return True
    return False


def test_a_run_in_several_intervals_of_each_policy():
    model = wanderer()
    fate = accepted(decide(model, data=TENTH, factorization=ft.additive(2)))
    assert (fate.kind, fate.proof) == ("aperiodic", "repelling")
    run = ft.fitted_q_iteration(model, data=TENTH, factorization=ft.additive(2), iterations=200, method="generic")
    r = fate.bounds.reference
    late = [v[1 - r] - v[r] for v in run.values][fate.bounds.prefix :]
    assert all(fate.bounds.lower[1 - r] <= x <= fate.bounds.upper[1 - r] for x in late)
    assert len(set(late)) == len(late)


def test_cells_of_a_grid_hold_the_images_of_all_their_pieces():
    positions, history = followed(wanderer(), 128, ft.additive(2))
    steps, times = Steps(positions, history), range(64, 129)
    assert not hulls(steps, times)
    cells = grid(steps, times)
    assert all(any(cell.holds(steps.place(t)) for cell in cells) for t in times)
    by_key = {cell.key: [other for other in cells if other.key == cell.key] for cell in cells}
    assert max(map(len, by_key.values())) > 1
    for cell in cells:
        for step in steps.of(cell.key, cell.low, cell.high):
            assert is_covered(*step.image, by_key[step.key])
    found = cells_of(positions, history)
    assert found is not None
    assert set(found.cells) <= set(cells)


def test_no_grid_holds_a_run_that_grows():
    positions, history = followed(ZERO_ONE.model(27647, "9/10"), 128)
    assert grid(Steps(positions, history), range(64, 129)) == ()


def test_few_times_are_no_grid():
    """Model 1120 of the benchmark of fates converges after 48 steps, through places that lead to hundreds of keys."""
    positions, history = followed(wanderer(), 100, ft.additive(2))
    assert grid(Steps(positions, history), range(50, 100)) == ()


def test_weights_grow_along_every_edge():
    positions, history = followed(wanderer(), 128, ft.additive(2))
    steps = Steps(positions, history)
    whole = grid(steps, range(64, 129))
    places = [(step.low, cell.key) for cell in whole for step in steps.of(cell.key, cell.low, cell.high)]
    start = steps.place(64)
    found = refined(steps, reached(steps, cut(whole, places), start), start)
    assert found is not None
    cells, weights = found
    assert min(weights) > 0
    for cell, weight in zip(cells, weights, strict=True):
        (piece,) = [step for step in steps.of(cell.key, cell.low, cell.high) if step.low < step.high]
        for other, above in zip(cells, weights, strict=True):
            if piece.enters(other):
                assert abs(piece.slope) * above > weight


def test_no_weights_around_a_cycle_that_attracts():
    """Model 126 cycles with period 105: around that cycle the pieces contract, however cells are cut."""
    positions, history = followed(ZERO_ONE.model(126, "9/10"), 1024)
    steps, start = Steps(positions, history), len(history.values) - 200
    whole = grid(steps, range(start, start + 200))
    places = [(step.low, cell.key) for cell in whole for step in steps.of(cell.key, cell.low, cell.high)]
    cells = cut(whole, places)
    assert cells
    assert refined(steps, cells, steps.place(start)) is None
    assert weights_of(graph_of(steps, cells)) is None


ENDS = st.lists(st.integers(-6, 6), min_size=2, max_size=8, unique=True).map(sorted)


@settings(deadline=None)
@given(st.lists(ENDS, min_size=1, max_size=3), st.integers(0, 2), st.integers(-7, 7), st.integers(0, 5))
def test_entries_are_the_cells_that_a_step_enters(ends, key, low, width):
    cells = [
        Cell((k,), fmpq(a), fmpq(b)) for k, own in enumerate(ends) for a, b in zip(own[::2], own[1::2], strict=False)
    ]
    step = Step(fmpq(low), fmpq(low + width), fmpq(0), fmpq(1), (key,))
    assert sorted(Entries(cells).of(step)) == [k for k, cell in enumerate(cells) if step.enters(cell)]


def test_what_does_not_grow_costs_no_exact_passage(monkeypatch):
    """A cycle of 105 steps: floats see that nothing grows, for any number of repeats."""
    positions, history = followed(ZERO_ONE.model(126, "9/10"), 1024)

    def refused(*_):
        pytest.fail("an exact passage of what does not grow")

    monkeypatch.setattr(growing, "passage", refused)
    assert not list(growing.growing_regions(positions, history, 105))


def test_what_grows_is_still_confirmed():
    positions, history = followed(ZERO_ONE.model(27647, "9/10"), 64)
    periods = candidate_periods(history)
    regions = [region for period in periods for region in growing.growing_regions(positions, history, period)]
    assert regions
    assert all(region.factor > 1 for region in regions)


def test_a_run_that_wanders_before_it_grows_is_followed_to_its_end():
    """V(s1) - V(s0) stays within 5 for over 600 steps with no period found, then grows: nothing bounds it."""
    model = SIGNS.model(273903, "9/10")
    fate = accepted(decide(model, data=TENTH, effort=Effort(steps=128)))
    assert fate.growth == {"kind": "geometric", "factor": "160121791/64000000", "steps": 2}
    assert fate.certificate["proof"]["prefix"] == 690
    assert decide(model, data=TENTH, effort=Effort(steps=64)).kind == "unknown"


@pytest.mark.slow
def test_a_cycle_of_886_steps_is_found_where_cells_are_cut_for_ever():
    """Found by a census: cuts followed longer and longer cycles of cells, each with twice the digits."""
    fate = accepted(decide(SIGNS.model(560947, "9/10"), data=TENTH))
    assert (fate.kind, fate.period) == ("cycles", 886)
