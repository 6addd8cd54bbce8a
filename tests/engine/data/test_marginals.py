from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fqi_theory.base.scalars import exact_array
from fqi_theory.model import expectations as mg
from fqi_theory.testing import strategies as fst


@given(st.data())
def test_agent_means_by_definition(draw):
    shape = (draw.draw(st.integers(1, 2)), *draw.draw(fst.action_counts(max_agents=4)))
    tensor, marginals = draw.draw(fst.q_tables(shape)), draw.draw(fst.marginals(shape, full_support=False))
    means = mg.agent_means(tensor, marginals)
    for i, mean in enumerate(means):
        assert mean.shape == (shape[0], shape[i + 1])
        for s, x in np.ndindex(*mean.shape):
            expected = 0
            for a in np.ndindex(*shape[1:]):
                if a[i] == x:
                    others = prod((marginals[j][s, a[j]] for j in range(len(a)) if j != i), start=tensor[(s, *a)])
                    expected += others
            assert mean[s, x] == expected


@given(st.data())
def test_totals_and_pair_totals_are_sums_over_the_others(draw):
    shape = (2, *draw.draw(fst.action_counts(max_agents=5, max_joint=32)))
    table = draw.draw(fst.q_tables(shape))
    agents = range(len(shape) - 1)
    for i, total in enumerate(mg.totals(table)):
        assert (total == table.sum(axis=tuple(k + 1 for k in agents if k != i))).all()
    pairs = mg.pair_totals(table)
    assert set(pairs) == {(i, j) for i in agents for j in agents if i < j}
    for (i, j), total in pairs.items():
        assert (total == table.sum(axis=tuple(k + 1 for k in agents if k not in (i, j)))).all()


@given(st.data())
def test_outer_has_the_marginals_it_was_made_of(draw):
    shape = (2, *draw.draw(fst.action_counts()))
    marginals = draw.draw(fst.marginals(shape, full_support=False))
    joint = mg.outer(marginals)
    for i, marginal in enumerate(marginals):
        assert (joint.sum(axis=tuple(j for j in range(1, joint.ndim) if j != i + 1)) == marginal).all()


@pytest.mark.parametrize("counts", [(3,), (2, 3), (2, 3, 4), (2, 1, 3, 2), (2, 2, 2, 2, 2)])
def test_trailing_axes_are_carried_along(counts):
    shape, rest = (2, *counts), (3, 2)
    tensor = exact_array(np.arange(prod(shape) * 6)).reshape(*shape, *rest)
    marginals = tuple(exact_array(np.ones((2, c), dtype=int)) / c for c in counts)
    means = mg.agent_means(tensor, marginals)
    for index in np.ndindex(*rest):
        single = mg.agent_means(tensor[(..., *index)], marginals)
        for mean, part in zip(means, single, strict=True):
            assert (mean[(..., *index)] == part).all()
