"""Draw additive classes of any order, and data for them."""

from itertools import combinations

from hypothesis import strategies as st

import fqi_theory as ft
from fqi_theory.data.sources import JointData, ProductData
from fqi_theory.testing import strategies as fst


def classes(n):
    """Every order up to n, and graphs of pairs and triples."""
    orders = st.integers(1, n).map(ft.additive)
    if n == 1:
        return orders
    sets = [scope for k in (2, 3) for scope in combinations(range(n), k)]
    return st.one_of(orders, st.lists(st.sampled_from(sets), min_size=1, unique=True).map(ft.graph))


def any_data(shape):
    """Product and joint data, with and without full support."""
    apart = fst.marginals(shape, full_support=False).map(ProductData)
    return st.one_of(apart, fst.joint_data(shape).map(JointData))
