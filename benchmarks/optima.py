"""V*: against exact policy iteration by Storm and in Fractions, and against float solvers of other packages."""

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

import fqi_theory as ft
from benchmarks import models, peers, storm
from benchmarks.timing import Row, ratio, seconds
from fqi_theory.mmdp import MMDP


def exact() -> Iterator[Row]:
    for name, model in (("random", models.sparse_exact(40, (4, 4))), ("dense random", models.dense_exact(40, (4, 4)))):
        size = models.size_text(40, (4, 4))
        yield Row("V*", f"exact, {name}", size, "Storm, exact policy iteration", _storm(model), 20)
        assert [peers.fraction(v) for v in ft.solve(model).values] == peers.fraction_policy_iteration(model)
        found = ratio(lambda m=model: peers.fraction_policy_iteration(m), lambda m=model: ft.solve(m), rounds=3)
        yield Row("V*", f"exact, {name}", size, "policy iteration in Fractions", found, 20)
    for model in (models.chain(40), models.grid(6)):
        size = models.size_text(model.n_states, model.action_counts)
        yield Row("V*", f"exact, {model.name}", size, "Storm, exact policy iteration", _storm(model))


def _storm(model: MMDP) -> float | None:
    try:
        built, above = storm.build(model)
    except ImportError:
        return None
    call = storm.solver(built)
    found = call()
    wanted = ft.solve(model).values
    assert all(ft.exact(str(found.get_value(s))) - above == v for s, v in enumerate(wanted))
    return ratio(call, lambda: ft.solve(model), rounds=15)


def from_file() -> Iterator[Row]:
    """Yield the seconds of a whole run from file to exact V*: the one absolute bound that is asked for."""
    for fan, name in ((4, "4 successors"), (16, "16 successors")):
        model = models.sparse_exact(256, (6, 6), fan)
        with TemporaryDirectory() as folder:
            path = Path(folder, "model.json")
            ft.write_mmdp(model, path)
            spent = seconds(lambda p=path: ft.solve(ft.load(str(p))))
        size = models.size_text(256, (6, 6))
        yield Row("V*", f"file to exact V*, {name}, in tens of seconds", size, "10 s", spent / 10, most=1)


def floats() -> Iterator[Row]:
    for model in (models.sparse_exact(256, (6, 6)).to_float(), models.grid(16).to_float()):
        size = models.size_text(model.n_states, model.action_counts)
        for peer, make in (("pymdptoolbox policy iteration", _toolbox), ("quantecon policy iteration", _quantecon)):
            try:
                call = make(model)
            except ImportError:
                yield Row("V*", f"float, {model.name}", size, peer, None)
                continue
            assert np.allclose(call(), ft.solve(model).values, rtol=1e-8)
            yield Row("V*", f"float, {model.name}", size, peer, ratio(call, lambda m=model: ft.solve(m), rounds=3))


def _tables(model: MMDP) -> tuple[Any, Any]:
    states = model.n_states
    return model.reward.reshape(states, -1), model.transition.dense().reshape(states, -1, states)


def _toolbox(model: MMDP) -> Callable[[], Any]:
    from mdptoolbox.mdp import PolicyIteration

    reward, tensor = _tables(model)
    kernel = np.ascontiguousarray(tensor.swapaxes(0, 1))

    def call() -> Any:
        solver = PolicyIteration(kernel, reward, float(model.discount))
        solver.run()
        return np.array(solver.V)

    return call


def _quantecon(model: MMDP) -> Callable[[], Any]:
    from quantecon.markov import DiscreteDP

    reward, tensor = _tables(model)
    return lambda: DiscreteDP(reward, tensor, float(model.discount)).solve(method="policy_iteration").v
