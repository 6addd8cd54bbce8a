"""V*: against exact policy iteration by Storm and in Fractions, and against float solvers of other packages."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

import fqi_theory as ft
from benchmarks import models, peers, storm
from benchmarks.comparison import Comparison, Pair, Row, Single
from benchmarks.timing import Call, seconds
from fqi_theory.base.scalars import Array
from fqi_theory.model.mmdp import MMDP

Maker = Callable[[], MMDP]

#: The models of 40 states and 16 joint actions that the bounds are about, and two that mix slowly.
ASKED: dict[str, Maker] = {
    "random": lambda: models.sparse_exact(40, (4, 4)),
    "dense random": lambda: models.dense_exact(40, (4, 4)),
}
SLOW: dict[str, Maker] = {"chain": lambda: models.chain(40), "grid": lambda: models.grid(6)}
FLOAT: dict[str, Maker] = {
    "random": lambda: models.sparse_exact(256, (6, 6)).to_float(),
    "grid": lambda: models.grid(16).to_float(),
}
#: How far apart the bounds of V* may be.
WIDTH = 1e-6


def _storm(make: Maker) -> Pair:
    model = make()
    built, above = storm.build(model)
    call = storm.solver(built)
    found, wanted = call(), ft.solve(model).values
    assert all(ft.exact(str(found.get_value(s))) - above == v for s, v in enumerate(wanted))
    return Pair(call, lambda: ft.solve(model))


def _storm_at_first(make: Maker) -> Pair:
    """The same with all that is made once for a model, in both: Storm's building, and what ours are read into."""
    model = make()

    def call() -> Any:
        return storm.solver(storm.build(model)[0])()

    return Pair(call, lambda: ft.solve(model.with_discount(model.discount)))


def _fractions(make: Maker) -> Pair:
    model = make()
    assert [peers.fraction(v) for v in ft.solve(model).values] == peers.fraction_policy_iteration(model)
    return Pair(lambda: peers.fraction_policy_iteration(model), lambda: ft.solve(model))


def _floats(peer: Callable[[Array, Array, float], Call], make: Maker) -> Pair:
    model = make()
    call = peer(*_tables(model))
    assert np.allclose(call(), ft.solve(model).values, rtol=1e-8)
    return Pair(call, lambda: ft.solve(model))


def _bounds(make: Maker) -> Pair:
    from quantecon.markov import DiscreteDP

    model = make()
    process = DiscreteDP(*_tables(model))

    def call() -> Any:
        return process.solve(method="value_iteration", epsilon=WIDTH, max_iter=1_000_000).v

    low, high = ft.value_bounds(model, WIDTH)
    assert (high - low <= 2 * WIDTH).all()
    assert (np.abs(call() - (low + high) / 2) <= 2 * WIDTH).all()
    return Pair(call, lambda: ft.value_bounds(model, WIDTH))


def _tables(model: MMDP) -> tuple[Array, Array, float]:
    states = model.n_states
    tensor = model.transition.dense().reshape(states, -1, states)
    return model.reward.reshape(states, -1), tensor, float(model.discount)


def _toolbox(reward: Array, tensor: Array, discount: float) -> Call:
    from mdptoolbox.mdp import PolicyIteration

    kernel = np.ascontiguousarray(tensor.swapaxes(0, 1))

    def call() -> Any:
        solver = PolicyIteration(kernel, reward, discount)
        solver.run()
        return np.array(solver.V)

    return call


def _quantecon(reward: Array, tensor: Array, discount: float) -> Call:
    from quantecon.markov import DiscreteDP

    return lambda: DiscreteDP(reward, tensor, discount).solve(method="policy_iteration").v


def exact() -> list[Comparison]:
    """Return exact V* of models that were solved before, Storm's built; of the slow ones at first, too."""
    found = []
    for name, make in (ASKED | SLOW).items():
        size = "36 states, 3 x 3" if name == "grid" else models.size_text(40, (3, 3) if name == "chain" else (4, 4))
        row = Row(f"exact V*, {name}", size, "Storm, exact policy iteration", 20 if name in ASKED else 10)
        found.append(Comparison(row, partial(_storm, make), rounds=15 if name in ASKED else 201))
        if name in SLOW:
            row = Row(f"exact V*, {name}, at first", size, "Storm, building its model included")
            found.append(Comparison(row, partial(_storm_at_first, make), rounds=15))
        if name in ASKED:
            row = Row(f"exact V*, {name}", size, "policy iteration in Fractions")
            found.append(Comparison(row, partial(_fractions, make), rounds=3))
    return found


def _tens_of_seconds(successors: int) -> float:
    with TemporaryDirectory() as folder:
        path = Path(folder, "model.json")
        ft.write_mmdp(models.sparse_exact(256, (6, 6), successors), path)
        return seconds(lambda: ft.solve(ft.load(str(path)))) / 10


def from_file() -> list[Single]:
    """Return a whole run from file to exact V*: the one absolute bound that is asked for."""
    size = models.size_text(256, (6, 6))
    return [
        Single(Row(f"file to exact V*, {k} successors", size, "10 s", most=1), partial(_tens_of_seconds, k))
        for k in (4, 16)
    ]


def floats() -> list[Comparison]:
    """Return float V* by policy iteration, and float bounds by value iteration."""
    found = []
    for name, make in FLOAT.items():
        size = models.size_text(256, (3, 3) if name == "grid" else (6, 6))
        for peer, solver in (("pymdptoolbox", _toolbox), ("quantecon", _quantecon)):
            row = Row(f"float V*, {name}", size, f"{peer}, policy iteration")
            found.append(Comparison(row, partial(_floats, solver, make), rounds=3))
        row = Row(f"float bounds of V*, {name}", size, "quantecon, value iteration")
        found.append(Comparison(row, partial(_bounds, make), rounds=3))
    return found
