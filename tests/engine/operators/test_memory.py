"""What paths take: within three times a model's own tensors, refused before it is allocated, forgotten in time."""

from math import prod

import numpy as np
import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

import fqi_theory as ft
from benchmarks import models
from benchmarks.timing import peak_bytes
from fqi_theory.base import limits
from fqi_theory.base.caches import SizedCache
from fqi_theory.base.errors import TooLarge
from fqi_theory.base.scalars import to_float
from fqi_theory.data import normal_equations
from fqi_theory.data.sources import JointData, ProductData
from fqi_theory.model.formats import kernels
from fqi_theory.model.transitions import DenseTransition, sparse
from fqi_theory.operators import exact, thresholds
from fqi_theory.operators.following import FollowingOperator
from fqi_theory.operators.integers import IntegerOperator
from fqi_theory.operators.matrix import matrix_operator
from fqi_theory.operators.moments import moments_operator
from fqi_theory.operators.value_space import collapse
from fqi_theory.testing import strategies as fst

pytestmark = pytest.mark.slow

DATA = {
    "uniform": lambda _: ft.uniform(),
    "on-policy": lambda _: ft.epsilon_greedy(0.1),
    "correlated": lambda model: ft.correlated(np.full(model.reward.shape, 1 / prod(model.action_counts))),
}


@pytest.mark.parametrize("kind", DATA)
@pytest.mark.parametrize(
    ("make", "states", "counts"),
    [
        (models.dense_float, 800, (2, 2)),
        (models.dense_float, 20, (6,) * 4),
        (models.dense_float, 1000, (1,) * 8),
        (models.deterministic_float, 400, (40, 40)),
        (models.deterministic_float, 600, (6,) * 4),
    ],
)
def test_a_run_stays_below_three_times_the_model(make, states, counts, kind):
    model = make(states, counts)
    data = DATA[kind](model)
    found = peak_bytes(lambda: ft.fitted_q_iteration(model, data=data, iterations=4))
    assert model.nbytes + found <= 3 * max(model.nbytes, thresholds.FLOAT_BYTES / 2)


@given(st.data())
def test_exact_means_in_pieces_are_the_means(draw):
    model, values = (m := draw.draw(fst.mmdps())), draw.draw(fst.state_values(m))
    kernel = fst.sparse(model.transition.dense())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sparse, "OBJECT_ROWS", draw.draw(st.sampled_from([1, 3, 1 << 11])))
        assert (kernel.expect(values) == model.transition.expect(values)).all()


def test_one_agent_with_many_actions_needs_no_square_of_them():
    model = models.deterministic_float(300, (1000,))
    weights = np.full(model.reward.shape, 1 / 1000)
    for data in (ft.uniform(), ft.correlated(weights)):
        found = peak_bytes(lambda d=data: ft.fitted_q_iteration(model, data=d, iterations=3))
        assert found < 10 * model.nbytes  # 46 MB; a square of the actions would take 2.4 GB


def test_operators_of_an_exact_on_policy_run_are_forgotten(monkeypatch):
    monkeypatch.setattr(thresholds, "REMEMBERED_SHARE", 0)
    monkeypatch.setattr(thresholds, "REMEMBERED_BYTES", 1)
    made, alive = [], []

    class Counted(IntegerOperator):
        def __init__(self, *given):
            super().__init__(*given)
            made.append(1)
            alive.append(1)

        def __del__(self):
            alive.pop()

    monkeypatch.setattr(exact, "IntegerOperator", Counted)
    model = ft.random_model(3, 6, (3, 3), "stochastic", "99/100")
    run = ft.fitted_q_iteration(model, data=ft.epsilon_greedy("1/10"), iterations=40)
    assert len(made) >= 4
    assert len(alive) <= 1
    wanted = ft.fitted_q_iteration(model, data=ft.epsilon_greedy("1/10"), iterations=40, method="generic")
    for t in (1, 7, 40):
        assert all((a == b).all() for a, b in zip(run.factors[t], wanted.factors[t], strict=True))


@given(st.data())
def test_the_newest_is_kept_and_the_oldest_goes_first(draw):
    most = draw.draw(st.integers(0, 10))
    cache, order = SizedCache(most), []
    for key, size in draw.draw(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6)))):
        cache.put(key, (key, size), size)
        order = [old for old in order if old[0] != key] + [(key, size)]
        while len(order) > 1 and sum(s for _, s in order) > most:
            order.pop(0)
        assert [cache.get(k) for k in range(5)] == [next((old for old in order if old[0] == k), None) for k in range(5)]


@given(st.data())
def test_pieces_of_states_give_the_whole(draw):
    model = draw.draw(fst.mmdps(states=st.integers(2, 4)))
    joint = draw.draw(fst.joint_data(model, full_support=True))
    shares = draw.draw(fst.marginals(model))
    rounded, column = model.to_float(), np.append(to_float(draw.draw(fst.state_values(model))), 1.0)
    for data in (ProductData(tuple(map(to_float, shares))), JointData(to_float(joint))):
        wanted = np.concatenate([f.T.reshape(-1) for f in collapse(rounded, data).factors(column[:-1])])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(thresholds, "PIECE_BYTES", 1)
            patch.setattr(normal_equations, "PIECE_BYTES", 1)
            patch.setattr(normal_equations, "SMALL_BYTES", draw.draw(st.sampled_from([0, 1 << 24])))
            whole = matrix_operator(rounded, data)
            np.testing.assert_allclose(whole.matrix @ column, wanted, rtol=1e-9, atol=1e-9)
            thin, out = moments_operator(rounded, data), np.empty(wanted.size)
            thin.apply(column, out)
            np.testing.assert_allclose(out, wanted, rtol=1e-9, atol=1e-9)


def test_following_in_pieces_gives_the_rows_of_the_new_data(monkeypatch):
    model, source = models.dense_float(7, (2, 3)), ft.epsilon_greedy(0.2)
    monkeypatch.setattr(thresholds, "PIECE_BYTES", 1)
    old, new = np.zeros((7, 2), dtype=int), np.array([[s % 2, s % 3] for s in range(7)])
    operator = FollowingOperator(model, source, old)
    column, out = np.append(np.arange(7.0), 1.0), np.empty(5 * 7)
    for greedy in (new, old, new):
        operator.follow(greedy)
        operator.apply(column, out)
        wanted = np.concatenate(
            [f.T.reshape(-1) for f in collapse(model, source.at(model, greedy)).factors(column[:-1])]
        )
        np.testing.assert_allclose(out, wanted, rtol=1e-12)


def test_the_collapsed_form_is_taken_where_it_is_not_larger_than_the_model(monkeypatch):
    monkeypatch.setattr(thresholds, "EXACT_BYTES", 0)
    for model in (models.sparse_exact(40, (6, 6)), models.deterministic_exact(40, (3, 3))):
        assert exact.outgrows(model)
    for model in (models.dense_exact(4, (2, 2)), models.chain(20, 3), models.sparse_exact(12, (6,) * 3)):
        assert not exact.outgrows(model)
    monkeypatch.setattr(thresholds, "EXACT_BYTES", 1 << 20)
    assert not exact.outgrows(models.sparse_exact(40, (6, 6)))


@given(st.data())
def test_pairs_of_states_and_successors_are_counted_in_pieces(draw):
    model = draw.draw(fst.mmdps())
    kernel = draw.draw(st.sampled_from([fst.sparse(model.transition.dense()), model.transition]))
    model = ft.MMDP(model.reward, kernel, model.discount)
    wanted = {(index[0], u) for index, row in kernel.rows() for u in row}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exact, "LISTED", draw.draw(st.sampled_from([1, 7, 1 << 14])))
        found = exact._successor_pairs(model)
    listed = isinstance(kernel, DenseTransition)
    assert found == (model.n_states**2 if listed else len(wanted))


@pytest.fixture
def small_machine(monkeypatch):
    monkeypatch.setattr(limits, "available_bytes", lambda: 1 << 24)


@pytest.mark.usefixtures("small_machine")
def test_tables_of_all_agents_are_counted_together():
    # 9 tables of 2 MiB each, of which every single one would fit.
    model = ft.MMDP(np.zeros((512, *(1,) * 9)), np.zeros((512, *(1,) * 9), dtype=int), 0.5)
    with pytest.raises(TooLarge, match="tables of marginal transitions of shape 512 x 9 x 512 needs"):
        collapse(model, ft.uniform().at(model, np.zeros(0)))


@pytest.mark.usefixtures("small_machine")
def test_normal_equations_are_refused_by_size():
    weights = np.full((1, 800, 800), 1 / 640_000)
    with pytest.raises(TooLarge, match="normal equations of shape 1 x 1600 x 1600 needs"):
        _ = normal_equations.equations(weights).inverse


def test_too_many_agents_are_refused_by_name():
    with pytest.raises(TooLarge, match=r"agents: expected at most \d+, one axis of a NumPy array each, found 70"):
        kernels.require_rows(1, (1,) * 70)
    most = kernels.MOST_AGENTS
    model = ft.MMDP(np.ones((1, *(1,) * most), dtype=int).astype(object), np.zeros((1, *(1,) * most), dtype=int), "1/2")
    assert ft.solve(model).values[0] == fmpq(2)


def test_limits_of_a_container_and_of_the_process_count(monkeypatch, tmp_path):
    (tmp_path / "limit").write_text("1000000\n")
    (tmp_path / "none").write_text("max\n")
    monkeypatch.setattr(limits, "CONTROL_GROUPS", (str(tmp_path / "none"), str(tmp_path / "missing")))
    whole = limits.available_bytes()
    monkeypatch.setattr(limits, "CONTROL_GROUPS", (str(tmp_path / "none"), str(tmp_path / "limit")))
    assert limits.available_bytes() == 1_000_000 < whole
    monkeypatch.setattr(limits, "_process_limits", lambda: [5000])
    assert limits.available_bytes() == 5000
