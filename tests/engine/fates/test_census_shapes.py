"""Models by number, and the classes of models of one fate."""

from collections import Counter
from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fqi_theory.base.errors import ModelError, TooLarge
from fqi_theory.data.sources import epsilon_greedy, uniform
from fqi_theory.fates import Effort, decide
from fqi_theory.fates.census.plan import rewards_of
from fqi_theory.fates.census.shape import Shape
from fqi_theory.fates.census.symmetries import classes, reward_maps

TERNARY = Shape(2, (2, 2), rewards_of("-1,0,1"))
SMALL = [
    (Shape(2, (2, 2), rewards_of("0")), True),
    (Shape(1, (2, 2), rewards_of("0,1,3")), True),
    (Shape(2, (1, 2), rewards_of("0,1,2")), True),
    (Shape(2, (2,), rewards_of("-1,0,1/2")), False),
    (Shape(3, (1, 1), rewards_of("0,1,2")), True),
]


def images(shape, number, agents):
    """Return the class of a model, from the definition: every renaming, and every affine map of two rewards."""
    rewards, successors = shape.cells_of(np.array([number]))
    reward, successor = (table[0].reshape(shape.table) for table in (rewards, successors))
    values, found = np.array(shape.rewards, dtype=object)[reward], set()
    for order in permutations(range(len(shape.actions))) if agents else [tuple(range(len(shape.actions)))]:
        axes = (0, *(1 + i for i in order))
        if tuple(shape.actions[i] for i in order) != shape.actions:
            continue
        for names in permutations(range(shape.states)):
            old = [names.index(s) for s in range(shape.states)]
            table, targets = values[old].transpose(axes), np.array(names)[successor[old]].transpose(axes)
            low, high = min(values.flat), max(values.flat)
            for a in shape.rewards:
                for b in shape.rewards if low < high else [a + 1]:
                    if a < b:
                        scale = (b - a) / (high - low) if low < high else Fraction(1)
                        scaled = [a + scale * (value - low) for value in table.flat]
                        if set(scaled) <= set(shape.rewards):
                            digits = [
                                shape.rewards.index(v) * shape.states + s
                                for v, s in zip(scaled, targets.flat, strict=True)
                            ]
                            found.add(sum(d * shape.base**k for k, d in enumerate(reversed(digits))))
    return found


def size(shape, number):
    """Return cells with another reward than most, and transitions that leave, from the model itself."""
    model = shape.model(number, "1/2")
    often = Counter(str(reward) for reward in model.reward.flat).most_common(1)[0][1]
    places = zip(np.ndindex(shape.table), model.transition.successor.flat, strict=True)
    return shape.cells - often, sum(int(successor) != place[0] for place, successor in places)


@pytest.mark.parametrize(("shape", "agents"), SMALL)
def test_classes_are_those_of_the_definition_and_add_up_to_all_models(shape, agents):
    numbers = np.arange(shape.count)
    least, sizes = classes(shape, numbers, agents=agents)
    for number in numbers[:: max(1, shape.count // 150)]:
        expected = images(shape, number, agents)
        assert (least[number], sizes[number]) == (min(expected), len(expected))
    assert sizes[least == numbers].sum() == shape.count


@given(st.integers(0, TERNARY.count - 1), st.booleans())
def test_classes_of_two_states_and_two_agents_are_those_of_the_definition(number, agents):
    least, sizes = classes(TERNARY, np.array([number]), agents=agents)
    expected = images(TERNARY, number, agents)
    assert (least[0], sizes[0]) == (min(expected), len(expected))


@given(st.integers(0, TERNARY.count - 1), st.sampled_from([uniform(), epsilon_greedy("1/10")]), st.data())
def test_models_of_a_class_have_one_fate_and_one_size(number, data, draw):
    other = draw.draw(st.sampled_from(sorted(images(TERNARY, number, True))))
    one, two = (decide(TERNARY.model(k, "9/10"), data=data, effort=Effort(256, 20_000)) for k in (number, other))
    assert (one.word, one.period) == (two.word, two.period)
    assert size(TERNARY, number) == size(TERNARY, other)


@given(st.integers(0, TERNARY.count - 1))
def test_a_model_has_the_number_of_its_cells(number):
    model = TERNARY.model(number, "1/2")
    digits = [
        2 * (int(r) + 1) + int(s) for r, s in zip(model.reward.flat, model.transition.successor.flat, strict=True)
    ]
    assert sum(d * 6**k for k, d in enumerate(reversed(digits))) == number


def test_renamed_actions_are_another_class():
    """With rewards 1 at (0,1) and 0 elsewhere, or 1 at (0,0): a tie among two actions is broken in another way."""
    shape = Shape(1, (2, 2), rewards_of("0,1"))
    least, _ = classes(shape, np.array([0b1000, 0b0100, 0b0001]), agents=True)
    assert len(set(least.tolist())) == 3


def test_maps_of_rewards_keep_the_order_and_the_ratios_of_gaps():
    maps = sorted(tuple(images.tolist()) for images in reward_maps(rewards_of("-1,0,1")))
    assert maps == [
        (-1, -1, 0), (-1, 0, 1), (-1, 0, 2), (0, -1, 1), (0, 1, 2), (0, 2, -1), (1, -1, 2), (1, 2, -1), (2, -1, -1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((0, (2, 2), rewards_of("0,1")), ModelError, "found 0 states"),
        ((2, (), rewards_of("0,1")), ModelError, "at least one of each"),
        ((2, (2, 2), (Fraction(1), Fraction(1))), ModelError, "found 1, 1"),
        ((4, (2, 2), rewards_of("0,1,2,3")), TooLarge, "16\\^16"),
        ((10**6, (10**6,), rewards_of("0,1")), TooLarge, "2\\^62"),
    ],
)
def test_shapes_that_cannot_be_numbered_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        Shape(*arguments)
