"""The coarsest stable partition: as defined, and as found by refining everything in rounds."""

from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

from fqi_theory.base.partitions import coarsest


@st.composite
def graphs(draw):
    size = draw(st.integers(1, 9))
    first = draw(st.lists(st.integers(0, 1), min_size=size, max_size=size))
    place = st.integers(0, size - 1)
    arrow = st.tuples(place, place, st.sampled_from("ab"), st.integers(-1, 2))
    return first, draw(st.lists(arrow, max_size=3 * size))


def numbered(keys):
    numbers = {}
    return [numbers.setdefault(key, len(numbers)) for key in keys]


def sums(size, listed, classes, member):
    """The sums of weights from a member to every class, by label."""
    return tuple(
        sum(w for s, t, own, w in listed if s == member and classes[t] == c and own == label)
        for c in range(size)
        for label in "ab"
    )


def in_rounds(first, listed):
    classes = numbered(first)
    while True:
        refined = numbered([(c, sums(len(first), listed, classes, s)) for s, c in enumerate(classes)])
        if refined == classes:
            return classes
        classes = refined


def arrows_of(size, listed):
    arrows = [[] for _ in range(size)]
    for s, t, label, w in listed:
        arrows[t].append((s, label, fmpq(w)))
    return arrows


@given(graphs())
def test_it_is_what_rounds_of_refinement_find(graph):
    first, listed = graph
    assert coarsest(first, arrows_of(len(first), listed)) == in_rounds(first, listed)


def test_a_chain_takes_as_many_rounds_as_it_has_members_but_little_work():
    """Each member is told from the others by its distance from the end: 3,000 rounds of 3,000 members otherwise."""
    size = 3000
    arrows = [[] if t == 0 else [(t - 1, None, fmpq(1))] for t in range(size)]
    arrows[-1].append((size - 1, None, fmpq(1)))
    assert coarsest([0] * (size - 1) + [1], arrows) == list(range(size))
