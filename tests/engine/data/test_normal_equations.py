import numpy as np
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

from fqi_theory.base.scalars import exact_array, to_float
from fqi_theory.data import normal_equations
from fqi_theory.data.sources import ProductData
from fqi_theory.factorization.fit import additive_table
from fqi_theory.testing import strategies as fst

shapes = fst.action_counts(max_agents=4, max_joint=16).map(lambda counts: (1, *counts))


def agent_sums(table):
    agents = range(1, table.ndim)
    return [table.sum(axis=tuple(j for j in agents if j != i)) for i in agents]


@given(st.data())
def test_residuals_are_orthogonal_to_every_additive_function(draw):
    shape = draw.draw(shapes)
    targets, weights = draw.draw(fst.q_tables(shape)), draw.draw(fst.joint_data(shape))
    factors = normal_equations.solve(normal_equations.equations(weights), agent_sums(weights * targets))
    residual = weights * (targets - additive_table(factors))
    assert all((part == 0).all() for part in agent_sums(residual))


@given(st.data())
def test_gram_is_made_of_pairwise_marginals(draw):
    shape = draw.draw(shapes)
    weights = draw.draw(fst.joint_data(shape))
    gram = normal_equations.equations(weights).gram[0]
    assert (gram == gram.T).all()
    columns = [(i, x) for i, count in enumerate(shape[1:]) for x in range(count)]
    for u, (i, x) in enumerate(columns):
        for v, (j, y) in enumerate(columns):
            joint = [weights[(0, *a)] for a in np.ndindex(*shape[1:]) if a[i] == x and a[j] == y]
            assert gram[u, v] == sum(joint, fmpq(0))


@given(st.data())
def test_full_support_makes_q_tot_unique(draw):
    shape = draw.draw(shapes)
    weights = draw.draw(fst.joint_data(shape, full_support=True))
    n = len(shape) - 1
    assert normal_equations.additive_rank(weights).tolist() == [sum(shape[1:]) - (n - 1)]


def test_rank_falls_with_the_support():
    diagonal = exact_array([[["1/2", 0], [0, "1/2"]]])
    assert normal_equations.additive_rank(diagonal).tolist() == [2]
    assert normal_equations.additive_rank(ProductData((exact_array([[1, 0]]),) * 2).joint()).tolist() == [1]


def test_undetermined_directions_take_the_least_norm():
    # On the diagonal only Q_1(x) + Q_2(x) is determined; the deviation is shared equally.
    diagonal, targets = exact_array([[["1/2", 0], [0, "1/2"]]]), exact_array([[[3, 0], [0, 1]]])
    first, second = normal_equations.solve(normal_equations.equations(diagonal), agent_sums(diagonal * targets))
    assert first.tolist() == second.tolist() == [[fmpq(3, 2), fmpq(1, 2)]]


@given(st.data())
def test_the_deviation_has_the_least_norm(draw):
    shape = draw.draw(shapes)
    targets, weights = draw.draw(fst.q_tables(shape)), draw.draw(fst.joint_data(shape))
    factors = normal_equations.solve(normal_equations.equations(weights), agent_sums(weights * targets))
    own = agent_sums(weights)
    mean = (weights * targets).sum()
    deviation = np.concatenate([(f - mean / len(factors)).reshape(-1) for f in factors])
    gram = normal_equations.equations(weights).gram[0]
    right = np.concatenate([h.reshape(-1) for h in agent_sums(weights * (targets - mean))])
    expected = np.linalg.pinv(to_float(gram), rcond=1e-9) @ to_float(right)
    # In the canonical gauge the least norm solution is moved by a constant for each agent.
    start = 0
    for p in own:
        part = slice(start, start + p.size)
        gap = to_float(deviation[part]) - expected[part]
        np.testing.assert_allclose(gap, gap[0], rtol=0, atol=1e-9)
        start += p.size


@given(st.data())
def test_trailing_axes_are_solved_column_by_column(draw):
    shape = (2, *draw.draw(fst.action_counts()))
    weights = draw.draw(fst.joint_data(shape))
    tables = [draw.draw(fst.q_tables(shape)) for _ in range(2)]
    moments = [agent_sums(weights * table) for table in tables]
    together = normal_equations.solve(
        normal_equations.equations(weights), [np.stack(pair, axis=-1) for pair in zip(*moments, strict=True)]
    )
    for k, single in enumerate(moments):
        for whole, part in zip(
            together, normal_equations.solve(normal_equations.equations(weights), single), strict=True
        ):
            assert (whole[..., k] == part).all()


def test_float_solutions_satisfy_the_normal_equations_at_larger_shapes():
    rng = np.random.default_rng(7)
    for counts in [(5, 4, 5, 3), (9, 9), (3, 3, 3, 3, 3)]:
        weights = rng.random((1, *counts)) ** 4
        weights /= weights.sum()
        targets = rng.normal(size=(1, *counts))
        factors = normal_equations.solve(normal_equations.equations(weights), agent_sums(weights * targets))
        residual = weights * (targets - additive_table(factors))
        assert max(np.abs(part).max() for part in agent_sums(residual)) < 1e-14
        assert max(np.abs(f).max() for f in factors) < 10


def test_rare_actions_are_fitted_in_floats_too():
    # Action 1 of agent 1 is played once in a million: its factor still follows its target.
    rare = fmpq(1, 10**6)
    weights = exact_array([[[(1 - rare) / 2, (1 - rare) / 2], [rare, 0]]])
    targets = exact_array([[[1, 2], [30, 0]]])
    exact = additive_table(normal_equations.solve(normal_equations.equations(weights), agent_sums(weights * targets)))
    floats = to_float(weights)
    found = additive_table(
        normal_equations.solve(normal_equations.equations(floats), agent_sums(floats * to_float(targets)))
    )
    assert exact[0, 1, 0] == 30
    np.testing.assert_allclose(found, to_float(exact), rtol=1e-8, atol=0)


def test_actions_of_tiny_probability_keep_their_digits():
    tiny = 1e-14
    weights = np.array([[[1 - 3 * tiny, tiny], [tiny, tiny]]])
    targets = np.array([[[0.0, 3.0], [5.0, -4.0]]])
    found = additive_table(normal_equations.solve(normal_equations.equations(weights), agent_sums(weights * targets)))
    exact = exact_array([[[1 - 3 * fmpq(1, 10**14), fmpq(1, 10**14)], [fmpq(1, 10**14), fmpq(1, 10**14)]]])
    wanted = normal_equations.solve(
        normal_equations.equations(exact), agent_sums(exact * exact_array(targets.astype(int)))
    )
    np.testing.assert_allclose(found, to_float(additive_table(wanted)), rtol=1e-3, atol=1e-12)


def test_one_agent_takes_its_own_moments_where_it_has_data():
    weights, targets = np.array([[1 - 1e-16, 1e-16, 0.0]]), np.array([[1.0, 5.0, 9.0]])
    (found,) = normal_equations.solve(normal_equations.equations(weights), [weights * targets])
    assert found[0, :2].tolist() == [1.0, 5.0]
    exact = exact_array([["1/3", "2/3", 0]])
    (wanted,) = normal_equations.solve(normal_equations.equations(exact), [exact * exact_array([[3, 6, 7]])])
    assert wanted[0].tolist() == [3, 6, 5]
