from fractions import Fraction
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fqi_theory.base.errors import TooLarge
from fqi_theory.base.scalars import exact_array, to_float
from fqi_theory.factorization.elimination import elimination_order, maximise
from fqi_theory.testing import strategies as fst

ties = st.sampled_from(["first", "last"])


@st.composite
def sums(draw):
    """Tables (S, A_T) of small integers on any sets of agents, so that maximisers often tie: (counts, terms)."""
    counts = draw(fst.action_counts(max_agents=4, max_joint=24))
    n, states = len(counts), draw(st.integers(1, 2))
    every = [scope for k in range(n + 1) for scope in combinations(range(n), k)]
    scopes = draw(st.lists(st.sampled_from(every), min_size=1, unique=True))
    terms = {}
    for scope in scopes:
        shape = (states, *(counts[i] for i in scope))
        flat = draw(st.lists(st.integers(-1, 1), min_size=int(np.prod(shape)), max_size=int(np.prod(shape))))
        terms[scope] = exact_array(np.array(flat).reshape(shape))
    return counts, terms


def enumerated(counts, terms, ties):
    """Maximum and first (last) maximiser of each state by looking at every joint action."""
    found = []
    for s in range(len(next(iter(terms.values())))):
        table = {
            a: sum(table[(s, *(a[i] for i in scope))] for scope, table in terms.items())
            for a in product(*map(range, counts))
        }
        best = max(table.values())
        tied = [a for a, value in table.items() if value == best]
        found.append((best, tied[0 if ties == "first" else -1]))
    return found


@given(sums(), ties)
def test_elimination_is_enumeration(drawn, ties):
    counts, terms = drawn
    values, greedy = maximise(terms, counts, ties)
    assert [(v, tuple(a)) for v, a in zip(values, greedy.tolist(), strict=True)] == enumerated(counts, terms, ties)


@given(sums(), ties)
def test_floats_whose_sums_are_exact_choose_alike(drawn, ties):
    counts, terms = drawn
    values, greedy = maximise(terms, counts, ties)
    floats, chosen = maximise({scope: to_float(table) for scope, table in terms.items()}, counts, ties)
    assert floats.dtype == float
    assert floats.tolist() == to_float(values).tolist()
    assert (chosen == greedy).all()


@given(st.data())
def test_a_chain_too_long_to_enumerate_is_dynamic_programming(draw):
    n, ties = 45, draw.draw(st.sampled_from(["first", "last"]))
    flat = draw.draw(st.lists(st.integers(0, 2), min_size=9 * (n - 1), max_size=9 * (n - 1)))
    links = np.array(flat).reshape(n - 1, 3, 3)
    values, greedy = maximise({(i, i + 1): exact_array(links[i][None]) for i in range(n - 1)}, (3,) * n, ties)
    rest = [[Fraction(0)] * 3]
    for link in links[::-1]:
        rest.append([max(int(link[x, y]) + rest[-1][y] for y in range(3)) for x in range(3)])
    rest = rest[::-1]
    assert Fraction(int(values[0].p), int(values[0].q)) == max(rest[0])
    wanted, scores = [], rest[0]
    for i in range(n):
        best = [x for x in range(3) if scores[x] == max(scores)]
        wanted.append(best[0 if ties == "first" else -1])
        if i < n - 1:
            scores = [int(links[i][wanted[-1], y]) + rest[i + 1][y] for y in range(3)]
    assert greedy[0].tolist() == wanted


def test_leaves_go_before_the_hub():
    star = tuple((0, i) for i in range(1, 5))
    assert elimination_order(star, (3,) * 5) == (4, 3, 2, 1, 0)
    assert elimination_order(tuple((i, 4) for i in range(4)), (3,) * 5)[-2:] == (4, 0)


def test_a_graph_whose_tables_do_not_fit_is_refused():
    n = 40
    pairs = {pair: np.zeros((1, 3, 3)) for pair in combinations(range(n), 2)}
    with pytest.raises(TooLarge, match="variable elimination"):
        maximise(pairs, (3,) * n)


def test_nan_chooses_an_action_that_exists():
    values, greedy = maximise({(0, 1): np.array([[[np.nan, 1.0], [2.0, np.inf]]])}, (2, 2))
    assert np.isnan(values[0])
    assert greedy.tolist() == [[0, 0]]
