"""The scaling picture: time of an iteration against |A|^n, |S|, iterations and the bits of exact values."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

import fqi_theory as ft
from benchmarks import models, peers
from benchmarks.timing import seconds
from fqi_theory.operators.exact import integer_operator
from fqi_theory.operators.integers import integer_values

JOINT = [(16, (3,) * n) for n in range(1, 9)]
STATES = [(s, (3, 3)) for s in (4, 8, 16, 32, 64, 128, 256)]
ITERATIONS = (1, 3, 10, 30, 100, 300, 1000)
EXACT_STEPS = 60
COLOURS = {
    "set-up once": "C0",
    "collapsed iteration": "C1",
    "collapsed run, set-up included": "C1",
    "lstsq per state": "C2",
}


def draw(path: str | Path) -> None:
    """Measure and write the picture; every panel is relative to its first point of the collapsed iteration."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(2, 2, figsize=(10, 7.5), layout="constrained")
    _panel(
        axes[0, 0],
        [int(np.prod(c)) for _, c in JOINT],
        _sizes(JOINT),
        "joint actions |A|^n (16 states, 3 actions each)",
    )
    _panel(axes[0, 1], [s for s, _ in STATES], _sizes(STATES), "states |S| (3 x 3 joint actions)")
    _panel(axes[1, 0], list(ITERATIONS), _lengths(), "iterations in one run (16 states, 3 x 3 x 3)")
    _bits(axes[1, 1])
    figure.suptitle("Linear fitted Q-iteration: how the time grows (each panel relative to its smallest time)")
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def _sizes(sizes: Sequence[tuple[int, tuple[int, ...]]]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {"set-up once": [], "collapsed iteration": [], "lstsq per state": []}
    for states, counts in sizes:
        model, matrix = models.dense_float(states, counts), peers.design(counts)
        whole = _best(lambda m=model: ft.fitted_q_iteration(m, iterations=100))
        setup = _best(lambda m=model: ft.fitted_q_iteration(m, iterations=0))
        found["set-up once"].append(setup)
        found["collapsed iteration"].append(max(whole - setup, 1e-9) / 100)
        zero, tensor = np.zeros(states), model.transition.dense()
        slow = _best(lambda m=model, t=tensor, x=matrix, v=zero: peers.lstsq_step(m.reward, t, 0.9, x, v), 2)
        found["lstsq per state"].append(slow)
    return found


def _lengths() -> dict[str, list[float]]:
    model = models.dense_float(16, (3,) * 3)
    matrix, tensor = peers.design((3,) * 3), model.transition.dense()
    once = _best(lambda: peers.lstsq_step(model.reward, tensor, 0.9, matrix, np.zeros(16)), 3)
    return {
        "collapsed run, set-up included": [
            _best(lambda t=t: ft.fitted_q_iteration(model, iterations=t)) for t in ITERATIONS
        ],
        "lstsq per state": [once * t for t in ITERATIONS],
    }


def _bits(axis) -> None:  # type: ignore[no-untyped-def]
    model = models.dense_exact(8, (4,) * 3)
    operator = integer_operator(model, ft.uniform().at(model, np.zeros(0)))
    values, bits, times = integer_values(model.reward[:, 0, 0, 0] * 0), [], []
    for _ in range(EXACT_STEPS):
        bits.append(int(values.denominator.bit_length()))
        times.append(_best(lambda v=values: operator.step(v), 15))
        values = operator.step(values).values
    axis.plot(bits, np.array(times) / min(times), ".", label="exact iteration in integers")
    axis.set_xlabel("bits of the common denominator (8 states, 4 x 4 x 4)")
    _finish(axis)


def _panel(axis, places: list[int], curves: dict[str, list[float]], label: str) -> None:  # type: ignore[no-untyped-def]
    least = min(min(times) for times in curves.values())
    for name, times in curves.items():
        axis.loglog(places, np.array(times) / least, "o-", label=name, markersize=4, color=COLOURS[name])
    axis.set_xlabel(label)
    _finish(axis)


def _finish(axis) -> None:  # type: ignore[no-untyped-def]
    axis.set_ylabel("time, relative")
    axis.grid(True, which="major", alpha=0.3)
    axis.legend(frameon=False)


def _best(call, rounds: int = 5) -> float:  # type: ignore[no-untyped-def]
    return min(seconds(call) for _ in range(rounds))
