"""Sparse systems solved along strongly connected components: the same as elimination, and as definitions say."""

from flint import fmpq, fmpq_mat
from hypothesis import given
from hypothesis import strategies as st

from fqi_theory.base.condensation import components, depth, fixed_point

SIZES = st.integers(1, 7)


@st.composite
def systems(draw):
    size = draw(SIZES)
    entry = st.one_of(st.just(0), st.just(0), st.integers(-3, 3))
    table = [[fmpq(draw(entry), draw(st.integers(1, 4))) for _ in range(size)] for _ in range(size)]
    return table, [fmpq(draw(st.integers(-5, 5))) for _ in range(size)]


def entries(table):
    return [{t: x for t, x in enumerate(row) if x != 0} for row in table]


@given(systems())
def test_the_solution_is_that_of_elimination(system):
    table, right = system
    size = len(table)
    whole = fmpq_mat([[fmpq(int(s == t)) - x for t, x in enumerate(row)] for s, row in enumerate(table)])
    expected = None if whole.det() == 0 else whole.solve(fmpq_mat(size, 1, right)).entries()
    assert fixed_point(entries(table), right) == expected


def reachable(followers, first):
    found, waiting = {first}, [first]
    while waiting:
        waiting += [t for t in followers[waiting.pop()] if t not in found and not found.add(t)]
    return found


@given(systems())
def test_components_are_mutually_reachable_and_come_after_what_they_lead_to(system):
    followers = [list(row) for row in entries(system[0])]
    ways, seen = [reachable(followers, s) for s in range(len(followers))], set()
    for own in components(followers):
        assert all(t in ways[s] for s in own for t in own)
        assert set().union(*(ways[s] for s in own)) <= seen | set(own)
        seen |= set(own)
    assert sorted(seen) == list(range(len(followers)))


@st.composite
def endings(draw):
    """Rows with one sum of states that lead to later ones, in the end to the last; and one entry anywhere, maybe."""
    size, gamma = draw(st.integers(2, 6)), fmpq(draw(st.integers(1, 9)), 10)
    table = [[fmpq(0)] * size for _ in range(size)]
    table[-1][-1] = gamma
    for s in range(size - 1):
        t, u = draw(st.integers(s + 1, size - 1)), draw(st.integers(s + 1, size - 1))
        share = fmpq(draw(st.integers(-3, 3)), 2)
        table[s][t] += gamma * share
        table[s][u] += gamma * (1 - share)
    if draw(st.booleans()):
        s, t, u = (draw(st.integers(0, size - 1)) for _ in range(3))
        table[s][t] += gamma / 3
        table[s][u] -= gamma / 3
    order = draw(st.permutations(range(size)))
    return [[table[s][t] for t in order] for s in order]


def is_constant_on_all(power):
    """Whether the matrix makes every vector constant: all rows are equal."""
    return all(row == power.tolist()[0] for row in power.tolist())


@given(endings())
def test_after_the_depth_every_vector_is_constant(table):
    matrix, steps = fmpq_mat(table), depth(entries(table))
    if steps is not None:
        power = fmpq_mat([[fmpq(int(s == t)) for t in range(len(table))] for s in range(len(table))])
        for _ in range(steps):
            power = power * matrix
        assert is_constant_on_all(power)
        assert is_constant_on_all(power * matrix)


def test_a_chain_ends_after_its_length():
    """1/2 at every step: three states, then the last for ever; a second end, or a way back, and nothing is sure."""
    half = fmpq(1, 2)
    chain = [{1: half}, {2: half}, {3: half}, {3: half}]
    assert depth(chain) == 3
    assert depth([{1: half}, {1: half}, {2: half}]) is None
    assert depth([{1: half}, {0: half}]) is None
    assert depth([{0: half / 2, 1: half / 2}, {1: half}]) is None


def test_a_long_chain_needs_no_recursion():
    size = 5000
    rows = [{s + 1: fmpq(1)} for s in range(size - 1)] + [{size - 1: fmpq(1, 2)}]
    assert depth(rows) == size - 1
    assert fixed_point(rows, [fmpq(0)] * (size - 1) + [fmpq(1)]) == [fmpq(2)] * size
