"""What the checker does in a faster way for the most common documents is what its general way finds."""

import json
import math
import random
from fractions import Fraction as F
from itertools import product

import pytest
from documents import mmdp
from handmade import CERTIFICATES, certificate
from hypothesis import given
from hypothesis import strategies as st
from mutants import carried, mutants

from proofs_check.checker import check, model, phases
from proofs_check.checker.apart import even_factors, product_projection
from proofs_check.checker.budget import LONG, Refused, Work
from proofs_check.checker.factorization import Factorization, Fit, columns, projection
from proofs_check.checker.model import Model, read_model
from proofs_check.checker.numerals import written
from proofs_check.checker.reading import read
from proofs_check.checker.transitions import short_targets

NUMBERS = ["0", "1", "-1", "3/4", "-7/2", "4/6", "+2", "1.5", "1e2", 2, "1/999999999989"]
CHANCES = [["1"], ["1/2", "2/4"], ["0", "1"], ["1/3", "1/6", "1/2"], ["2/5", "3/5"], ["1.0"], [1]]
LINEAR = Factorization("linear", 1, (), True)
SHARE = 0.1


def one_by_one(document, patch):
    """The model read entry by entry, or why it is refused."""
    with patch.context() as inside:
        inside.setattr(model, "short_targets", lambda *_: None)
        return verdict(document)


def verdict(document):
    try:
        return read_model(document, Work())
    except Refused as refusal:
        return str(refusal)


@st.composite
def models(draw):
    states, sizes = draw(st.integers(1, 3)), draw(st.sampled_from([(2,), (2, 2), (1, 3), (2, 1, 2)]))
    plain = draw(st.booleans())
    rewards, kinds = (NUMBERS[:6], CHANCES[:5]) if plain else (NUMBERS, CHANCES)

    def entry(*_):
        chances = draw(st.sampled_from([row for row in kinds if len(row) <= states]))
        return 0, dict(zip(draw(st.permutations(range(states))), chances, strict=False))

    found = mmdp("drawn", draw(st.sampled_from(["0", "1/2", "9/10"])), sizes, states, entry)
    for own in found["transitions"]:
        own["reward"] = draw(st.sampled_from(rewards))
    if not plain:
        own["next"] = dict(zip(own["next"], draw(st.sampled_from(kinds)), strict=False))
    found["transitions"] = draw(st.permutations(found["transitions"]))
    return found


@given(models())
def test_transitions_by_columns_are_those_entry_by_entry(document):
    with pytest.MonkeyPatch.context() as patch:
        assert verdict(document) == one_by_one(document, patch)


def test_changed_transitions_are_read_alike(monkeypatch):
    rng, taken = random.Random(0), 0
    first = certificate("off-policy cycle")["model"]
    for document in [*mutants(first), *carried(first, rng)]:
        taken += short_targets(document, Work()) is not None
        assert verdict(document) == one_by_one(document, monkeypatch)
    assert taken > 10


def test_small_models_are_read_by_columns():
    document = mmdp("stochastic", "9/10", (2, 2), 2, lambda s, a: (F(s - a[0], 3), {0: F(1, 3), 1: F(2, 3)}))
    assert short_targets(document, Work()) == read_model(document, Work()).targets
    assert short_targets({**document, "discount": "0"}, Work()) is None
    assert short_targets({**document, "transitions": document["transitions"][1:]}, Work()) is None


def drawn_weights(draw, sizes, least=1):
    return tuple(tuple(draw(st.lists(st.integers(least, 9), min_size=k, max_size=k))) for k in sizes)


def as_rationals(scale, rows):
    return [[F(x, scale) for x in row] for row in rows]


SIZES = st.sampled_from([(2,), (3, 2), (1, 4), (2, 1, 3), (2, 2, 2), (1,), (3, 1)])


@given(SIZES, st.data())
def test_independent_agents_need_no_normal_equations(sizes, data):
    marginals = drawn_weights(data.draw, sizes)
    weights = tuple(map(math.prod, product(*marginals)))
    own = Model("", F(0), sizes, tuple(product(*map(range, sizes))), [])
    expected = projection(LINEAR, own, columns(LINEAR, own, Work()), weights, "data", Work())
    assert as_rationals(*product_projection(marginals, weights, Work())) == as_rationals(*expected)


@given(SIZES, st.data())
def test_factors_under_uniform_data(sizes, data):
    count, numbers = math.prod(sizes), st.integers(-99, 99)
    targets = [tuple(data.draw(st.lists(numbers, min_size=3, max_size=3))) for _ in range(count)]
    ones = tuple((1,) * size for size in sizes)
    scale, maps = product_projection(ones, (1,) * count, Work())
    expected = [[sum(m * y for m, y in zip(row, column, strict=True)) for column in zip(*targets, strict=True)]
                for row in maps]  # fmt: skip
    den, rows, bits = even_factors(sizes, targets, 7, Work())
    assert as_rationals(den, rows) == as_rationals(scale, expected)
    assert all(abs(x) < 1 << bits for row in rows for x in row)


@given(st.integers(1, LONG + 2), st.integers(0, 5), st.data())
def test_images_are_products(width, count, data):
    row = st.lists(st.integers(-(10**30), 10**30), min_size=width, max_size=width)
    rows, column = [data.draw(row) for _ in range(count)], data.draw(row)
    assert Work().images(rows, column, 100) == [sum(x * y for x, y in zip(own, column, strict=True)) for own in rows]


@given(SIZES, st.data())
def test_q_tot_everywhere(sizes, data):
    row = st.tuples(st.integers(-9, 9), st.integers(-9, 9))
    factors = [[data.draw(row) for _ in range(size)] for size in sizes]
    fit = Fit(1, factors, [own for rows in factors for own in rows], 4)
    assert fit.everywhere() == [fit.at(a) for a in product(*map(range, sizes))]


@given(st.lists(st.integers(1, 10**90), min_size=1, max_size=5), st.data())
def test_one_denominator_is_the_least(below, data):
    above = [data.draw(st.integers(-(10**90), 10**90)) for _ in below]
    numbers = [F(p, q) for p, q in zip(above, below, strict=True)]
    den = math.lcm(*[x.denominator for x in numbers])
    expected = den, *[int(x * den) for x in numbers]
    assert Work().ratios(above, below) == Work().common(numbers) == expected


@given(st.text("0123456789/+-.e _²٣", max_size=8) | st.fractions().map(str))
def test_plain_numbers(text):
    try:
        found = F(*written(text))
    except ValueError:
        return
    assert found == F(text)
    assert set(text) <= set("0123456789/-")


PLACES = st.integers(-1, 3) | st.sampled_from([True, False, "0", None, 1.0])


@given(st.lists(st.lists(PLACES, max_size=3) | PLACES, max_size=3) | PLACES)
def test_a_joint_action_a_state(value):
    """Read at once or place by place: lists of the right lengths with integers, not booleans, in their ranges."""
    shape = ((range(2), range(3)),) * 2
    right = isinstance(value, list) and len(value) == 2 and all(
        isinstance(row, list) and len(row) == 2 and all(type(x) is int for x in row)
        and 0 <= row[0] < 2 and 0 <= row[1] < 3 for row in value
    )  # fmt: skip
    try:
        assert read(value, shape, "greedy", Work()) == tuple(map(tuple, value))
        assert right
    except Refused:
        assert not right


@pytest.mark.parametrize("name", [name for name in CERTIFICATES if certificate(name)["proof"]["kind"] == "region"])
def test_a_region_without_the_short_ways(name, monkeypatch):
    """The same report where every alternative is bounded by its line and every first step multiplied out."""
    rng, first = random.Random(name), certificate(name)
    documents = [first, *(one for one in mutants(first) if rng.random() < SHARE)]
    reports = [check(document) for document in documents]
    used = []
    monkeypatch.setattr(phases, "_leads", lambda *_: used.append(True))
    monkeypatch.setattr(phases, "_forms", lambda _, __, fit, positions, work: work.dots(fit.rows, positions, fit.bits))
    assert [check(document) for document in documents] == reports
    assert used or first["proof"]["growth"]


def test_numbers_written_otherwise_are_the_same_certificate():
    """A document whose numbers are JSON integers or decimals is not read by columns; the verdict is the same."""
    document = certificate("contraction")
    changed = json.loads(json.dumps(document))
    for entry in changed["model"]["transitions"]:
        entry["reward"] = f"{entry['reward']}.0" if "/" not in entry["reward"] else entry["reward"]
        entry["next"] = {name: int(p) if p == "1" else p for name, p in entry["next"].items()}
    assert changed != document
    assert short_targets(changed["model"], Work()) is None
    assert check(changed) == check(document)
    assert check(document).accepted
