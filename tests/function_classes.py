"""Draw additive classes of any order, and data for them."""

from fractions import Fraction
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


def fractions(n, low=1, high=5):
    """A distribution on n actions, positive unless low is 0."""
    odds = st.lists(st.integers(low, high), min_size=n, max_size=n)
    return odds.map(lambda row: tuple(Fraction(x, sum(row)) for x in row))


@st.composite
def product_data(draw, shapes=((2, 2), (2, 3), (3, 3), (2, 2, 2), (3, 2, 2), (2, 2, 2, 2), (3, 1, 2))):
    """Marginals of product data, one distribution an agent."""
    return [draw(fractions(count)) for count in draw(st.sampled_from(shapes))]


def as_source(marginals):
    """The engine's data of one state."""
    return ft.product([[[str(p) for p in own]] for own in marginals])
