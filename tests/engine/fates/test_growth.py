"""Growth in one constant or periodic mode: small models under product data, grid worlds of two agents, shuffles."""

import random
from itertools import product as pairs

import numpy as np
import pytest
from fates import accepted
from test_regions import Region

from fqi_theory.data.sources import epsilon_greedy, product, uniform
from fqi_theory.fates import decide
from fqi_theory.model.mmdp import MMDP

TENTH = epsilon_greedy("1/10")
MOVES = [(0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)]


def skewed(seed, discount="9/10"):
    """Two states, 3x3 actions, deterministic; every agent plays one action with 8/10."""
    rng = np.random.default_rng(seed)
    reward = rng.integers(-3, 4, size=(2, 3, 3)).tolist()
    successor = rng.integers(0, 2, size=(2, 3, 3))

    def marginal():
        return [f"{k}/10" for k in rng.permutation([1, 1, 8])]

    data = product([[marginal(), marginal()], [marginal(), marginal()]])
    return MMDP(reward, successor, discount, name=f"skewed-{seed}"), data


@pytest.mark.parametrize(
    ("seed", "discount", "factor"),
    [
        (166, "9/10", "243/200"),
        (166, "99/100", None),
        (219, "9/10", "1197/1000"),
        (219, "19/20", None),
        (270, "9/10", "144/125"),
    ],
)
def test_growth_in_one_constant_mode_is_found_whatever_the_sign_of_the_eigenvector(seed, discount, factor):
    model, data = skewed(seed, discount)
    fate = accepted(decide(model, data=data))
    assert fate.kind == "diverges"
    assert fate.growth["kind"] == "geometric"
    assert factor in (None, fate.growth["factor"])
    assert fate.growth["steps"] == 1
    Region(model, data, fate).check(seed)


def grid(width, height, goals, *, bump, step=0, swap, shuffle=None):
    """Two agents on a grid, five moves; 10 once both are at their goals (then the game is over), `bump` for collisions.

    swap: whether the agents may change places in one step. shuffle: a seed for the order of states.
    """
    cells = list(pairs(range(width), range(height)))
    names = [*((p, q) for p in cells for q in cells if p != q), "over"]
    if shuffle is not None:
        random.Random(shuffle).shuffle(names)
    index = {name: k for k, name in enumerate(names)}
    reward = [[[0] * 5 for _ in range(5)] for _ in names]
    successor = np.full((len(names), 5, 5), index["over"])

    def moved(cell, move):
        target = (cell[0] + move[0], cell[1] + move[1])
        return target if target in cells else cell

    for (state, k), (a, left), (b, right) in pairs(index.items(), enumerate(MOVES), enumerate(MOVES)):
        if state == "over":
            continue
        after = moved(state[0], left), moved(state[1], right)
        collides = after[0] == after[1] or (after == state[::-1] and not swap)
        after = state if collides else after
        reward[k][a][b] = step + bump * collides + 10 * (after == goals)
        successor[k, a, b] = index["over" if after == goals else after]
    return MMDP(reward, successor, "9/10", name=f"grid-{width}x{height}")


@pytest.mark.slow
def test_a_grid_world_that_grows_has_one_fate_under_every_order_of_its_states():
    """31 states; the modes repeat every fourth step and the differences grow by 3.37 in them."""
    found = set()
    for shuffle in (None, 1, 3):
        fate = accepted(decide(grid(2, 3, ((0, 0), (0, 1)), bump=-10, swap=True, shuffle=shuffle), data=TENTH))
        found.add((fate.kind, fate.growth["steps"]))
    assert found == {("diverges", 4)}


def test_tied_alternatives_that_do_not_feel_the_growth_stay_near_where_they_rest():
    """The two-state example beside two absorbing states: in s1 the choice between them waits for their limits."""
    reward = [[[0, 0], [0, 0]], [[1, 0], [0, 0]], [[1, 1], [1, 1]], [[0, 0], [0, 0]]]
    successor = np.array([[[0, 0], [0, 0]], [[1, 1], [1, 0]], [[2, 2], [2, 2]], [[2, 0], [0, 0]]])
    model = MMDP(reward, successor, "9/10")
    fate = accepted(decide(model))
    assert fate.kind == "diverges"
    assert any(fate.certificate["proof"]["growth"]["fixed"])
    Region(model, uniform(), fate).check(1)
