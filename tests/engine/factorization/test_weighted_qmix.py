"""Weighted QMIX: weights from the present Q_tot against the definition, runs against a loop in fractions."""

from fractions import Fraction
from itertools import product

import pytest
from oracle import GAME_2, backup, fraction, game

import fqi_theory as ft
from fqi_theory.base.errors import DataError
from fqi_theory.base.scalars import exact_array
from fqi_theory.data.weighted import Position
from fqi_theory.factorization import monotonic


def weights_by_definition(scheme, alpha, y, table, value, greedy):
    """Return w(a) cell by cell: y and table by joint action."""
    if scheme == "ow":
        return {a: Fraction(1) if table[a] < y[a] else alpha for a in y}
    return {a: Fraction(1) if y[a] > value or a == greedy else alpha for a in y}


SOURCES = {"ow": ft.optimistic, "cw": ft.central}


@pytest.mark.parametrize("ties", ["first", "last"])
@pytest.mark.parametrize("scheme", ["ow", "cw"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_run_is_the_definition_step_by_step(scheme, seed, ties):
    model = ft.load(f"random(seed={seed},states=2,actions=2x3)")
    run = ft.fitted_q_iteration(
        model, data=SOURCES[scheme]("1/10"), factorization=ft.monotonic, iterations=5, ties=ties
    )
    g = game(model)
    values = [Fraction(0)] * 2
    tables = [dict.fromkeys(g.joint, Fraction(0))] * 2
    greedy = [(0, 0) if ties == "first" else (1, 2)] * 2
    for t in range(1, 6):
        y = backup(g, values)
        fits = []
        for s in range(2):
            own = {a: y[s, a] for a in g.joint}
            w = weights_by_definition(scheme, Fraction(1, 10), own, tables[s], values[s], greedy[s])
            parts = (exact_array([str(part[a]) for a in g.joint]).reshape(2, 3) for part in (own, w))
            fits.append(monotonic.best(*parts, ties))
        values = [fraction(fit.table.max()) for fit in fits]
        greedy = [fit.greedy for fit in fits]
        tables = [{a: fraction(fit.table[a]) for a in g.joint} for fit in fits]
        assert [fraction(v) for v in run.values[t]] == values
        assert [tuple(a) for a in run.greedy[t]] == greedy


@pytest.mark.parametrize("scheme", ["ow", "cw"])
def test_weights_of_one_are_plain_qmix(scheme):
    model = ft.load("random(seed=5,states=3,actions=2x2)")
    plain = ft.fitted_q_iteration(model, factorization=ft.monotonic, iterations=6)
    weighted = ft.fitted_q_iteration(model, data=SOURCES[scheme](1), factorization=ft.monotonic, iterations=6)
    assert [list(v) for v in plain.values] == [list(v) for v in weighted.values]


def test_game_3_where_uniform_weights_lose_the_optimum():
    """[[8,-12,-12],[-12,6,0],[-12,0,6]]: plain QMIX is greedy at a 6. CW with α = 1/1000 finds the 8, with α = 1/10 it
    alternates between two actions beside it; OW stays where the 8 is pooled with a -12: (8 - 12α)/(1 + α)."""
    model = ft.load("qplex-game-3")

    def end(**options):
        run = ft.fitted_q_iteration(model, factorization=ft.monotonic, iterations=8, **options)
        return [str(run.values[-1][0]), *(greedy[0].tolist() for greedy in run.greedy[-2:])]

    assert end() == ["6", [1, 1], [1, 1]]
    assert end(data=ft.central("1/1000")) == ["8", [0, 0], [0, 0]]
    assert end(data=ft.central("1/10")) == ["16/3", [0, 2], [1, 0]]
    assert end(data=ft.optimistic("1/1000")) == ["3988/501", [0, 2], [0, 2]]


def test_the_weights_themselves():
    """Game 2 at Q_tot = 0: only the 8 lies above; α = 1/2 gives it 1 of 1 + 8/2."""
    model = ft.load("qplex-game-2")
    start = ft.start_at_zero(model)
    position = Position(start.values, start.greedy, start.q_tot())
    for source in (ft.optimistic("1/2"), ft.central("1/2")):
        data = source.weighed(model, position, exact_array([GAME_2])).joint()[0]
        assert [str(data[a]) for a in product(range(3), repeat=2)] == ["1/5"] + ["1/10"] * 8


def test_the_base_may_follow_the_greedy_actions():
    model = ft.load("qplex-game-2")
    source = ft.optimistic("1/2", ft.epsilon_greedy("1/2"))
    run = ft.fitted_q_iteration(model, data=source, factorization=ft.monotonic, iterations=2)
    assert run.data == {"kind": "optimistic", "alpha": "1/2", "base": {"kind": "epsilon-greedy", "epsilon": "1/2"}}


def test_other_classes_take_weighted_data_too():
    """Linear fits under them are the generic ones: game 2 from Q = 0, α = 1/2, in which (0,0) counts double."""
    model = ft.load("qplex-game-2")
    run = ft.fitted_q_iteration(model, data=ft.optimistic("1/2"), iterations=1)
    weights = exact_array([[["1/5", "1/10", "1/10"], ["1/10"] * 3, ["1/10"] * 3]])
    same = ft.fitted_q_iteration(model, data=ft.correlated(weights), iterations=1)
    assert run.values[1].tolist() == same.values[1].tolist()


def test_what_cannot_be_weighed_is_refused():
    model = ft.load("two-state")
    start = ft.start_from_values(model, [0, 1])
    with pytest.raises(DataError, match="optimistic weights: the start must give Q_tot"):
        ft.fitted_q_iteration(model, data=ft.optimistic("1/2"), factorization=ft.monotonic, initial=start)
    table = ft.start_from_table(model.reward)
    run = ft.fitted_q_iteration(model, data=ft.optimistic("1/2"), factorization=ft.monotonic, initial=table)
    assert len(run) == 51
    with pytest.raises(DataError, match="optimistic weights depend on Q_tot"):
        ft.decide(model, data=ft.optimistic("1/2"))
    for alpha in (0, "-1/2", "3/2"):
        with pytest.raises(DataError, match=r"alpha: expected a number in \(0, 1\]"):
            ft.central(alpha)
