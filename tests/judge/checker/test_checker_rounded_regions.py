"""Accepted regions in rounded numbers, by the oracle: they hold the exact run, and exact steps shrink them, scaled too.

The oracle's steps are exact, and it knows nothing of regions. For each model the widest region and the fewest digits
that are accepted are looked for, where the checker's inequalities are nearly sharp.
"""

from fractions import Fraction as F
from itertools import product

from certificate_oracle import Oracle
from documents import UNIFORM, mmdp, texts
from handmade import PRODUCT, region
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from proofs_check.checker import check

SCALES = [F(1, 1), F(2, 7), F(1, 10**9)]
WIDTHS = [F(1000), F(20), F(2), F(1, 100)]
PRECISIONS = [1, 2, 4, 9]
ENOUGH = 64
PREFIX = 6


@st.composite
def runs(draw):
    """A model, its data, its class and a start; without rewards all actions tie at the limit 0."""
    states, sizes = draw(st.integers(2, 3)), draw(st.sampled_from([(2,), (2, 2), (3, 2)]))
    data = draw(st.sampled_from([UNIFORM, UNIFORM, *[PRODUCT] * (states == 2 and sizes == (2, 2))]))
    rewards = draw(st.sampled_from([st.just(0), st.integers(-90, 90)]))

    def entry(*_):
        first, second, share = (draw(st.integers(0, k)) for k in (states - 1, states - 1, 7))
        chances = dict.fromkeys((first, second), F(0))
        chances[first] += F(share, 7)
        chances[second] += F(7 - share, 7)
        return draw(rewards), chances

    discount = draw(st.sampled_from(["1/5", "1/2", "3/5", "9/10"]))
    model = mmdp("random", discount, sizes, states, entry)
    values = draw(st.lists(st.fractions(-30, 30, max_denominator=97), min_size=states, max_size=states))
    start = {"values": texts(values), "greedy": [[0] * len(sizes)] * states}
    return model, data, draw(st.sampled_from(["linear", "joint"])), start


def widest(run, shape, reference, steps):
    """The first accepted region, from wide to narrow ones and from few digits to many, around the orbit of the run."""
    model, data, name, start = run
    around = {"initial": start, "factorization": name, "reference": reference}
    try:
        doc = region(model, data, PREFIX, steps, steps, texts(shape), precision=1, **around)
        if steps > 1 and doc["claim"]["orbit"][0] in doc["claim"]["orbit"][1:]:
            doc = region(model, data, PREFIX, steps, 1, texts(shape), precision=1, **around)
    except (StopIteration, AssertionError):
        return None

    def accepted(width, precision):
        doc["proof"] |= {"widths": texts([width * x for x in shape]), "precision": precision}
        return check(doc).accepted

    width = next((width for width in WIDTHS if accepted(width, ENOUGH)), None)
    found = width is not None and any(accepted(width, precision) for precision in [*PRECISIONS, ENOUGH])
    return doc if found else None


@given(runs(), st.data())
@settings(max_examples=10)
def test_accepted_regions_hold_the_run_and_shrink(run, data):
    states = len(run[0]["states"])
    shape = data.draw(st.lists(st.sampled_from([F(1), F(2, 3), F(5, 2)]), min_size=states - 1, max_size=states - 1))
    reference, steps = data.draw(st.integers(0, states - 1)), data.draw(st.integers(1, 4))
    doc = widest(run, shape, reference, steps)
    assume(doc is not None)
    oracle, proof = Oracle(doc), doc["proof"]
    widths, origin = ([F(x) for x in proof[key]] for key in ("widths", "origin"))

    def deviation(values):
        moved = [x - o for x, o in zip(values, origin, strict=True)]
        return [x - moved[reference] for s, x in enumerate(moved) if s != reference]

    reached, _ = oracle.run(PREFIX)[-1]
    assert all(abs(z) <= b for z, b in zip(deviation(reached), widths, strict=True))
    inner = tuple(data.draw(st.fractions(-1, 1, max_denominator=50)) for _ in widths)
    for scale, corner in product(SCALES, [inner, *product((-1, 1), repeat=len(widths))]):
        level = data.draw(st.integers(-3, 3))
        z = [scale * side * b for side, b in zip(corner, widths, strict=True)]
        z.insert(reference, F(0))
        position = [o + x + level for o, x in zip(origin, z, strict=True)], oracle.start[1]
        for _ in range(steps):
            position = oracle.step(position)
        assert all(abs(x) < scale * b for x, b in zip(deviation(position[0]), widths, strict=True))
