"""What is trained: the witness models of the theory, data and discounts, and what exact iteration does there."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

import fqi_theory as ft
from benchmarks.wild.training import Runs, Settings, Training

MIXERS = ("VDN", "QMIX", "QPLEX")
CLASSES = {"VDN": ft.linear, "QMIX": ft.monotonic, "QPLEX": ft.joint}
#: Periods at the end over which a swing is measured.
LATE = 10


@dataclass(frozen=True)
class Case:
    """One model with data. epsilon: None for uniform data; kept, held: as in `Settings`."""

    name: str
    discount: str
    epsilon: str | None = None
    kept: int = 5
    double: bool = False
    held: bool = False
    mixers: tuple[str, ...] = MIXERS

    def model(self) -> Any:
        """Return the model of the theory."""
        if self.name == "grows (A.3)":
            return ft.witness(agents=2, actions=2, discount="9/10").model.with_discount(self.discount)
        if self.name == "swaps (A.4)":
            return ft.witness(agents=2, actions=2, discount=self.discount, kind="does not converge").model
        if self.name == "falls (B)":
            data = ft.epsilon_greedy(self.epsilon)
            return ft.witness(agents=2, actions=2, discount=self.discount, data=data).model
        return ft.load("qmix-cycle-2", discount=self.discount)

    def settings(self, periods: int, seeds: int) -> Settings:
        epsilon = None if self.epsilon is None else float(ft.to_fraction(ft.exact(self.epsilon)))
        return Settings(
            seeds=seeds, epsilon=epsilon, kept=self.kept, periods=periods, double=self.double, held=self.held
        )


CASES = (
    Case("grows (A.3)", "9/10"),
    Case("grows (A.3)", "9/10", double=True, mixers=("VDN",)),
    Case("grows (A.3)", "3/4"),
    Case("swaps (A.4)", "3/4"),
    Case("jumps (C.2)", "9/10"),
    Case("falls (B)", "51/100", "1/100", kept=1),
    Case("falls (B)", "51/100", "1/100", kept=10),
    Case("falls (B)", "3/4", "1/10", kept=1, mixers=("VDN",)),
    Case("falls (B)", "3/4", "1/10", kept=1, held=True),
    Case("falls (B)", "3/4", "1/10", kept=10, held=True, mixers=("VDN",)),
)


@dataclass(frozen=True)
class Spread:
    """Least, median and largest over seeds."""

    least: float
    median: float
    largest: float

    @classmethod
    def of(cls, values: Any) -> "Spread":
        return cls(*(float(f(values)) for f in (np.min, np.median, np.max)))


@dataclass(frozen=True)
class Result:
    """value: V(s1) at the end; swing: max - min of V(s1) - V(s0) over the last ten periods; mass: ν of the replay in s1
    for additive factors, None where it leaves them open; error: mean squared error of the last period.
    """

    case: Case
    mixer: str
    exact_value: float
    exact_swing: float
    value: Spread
    swing: Spread
    mass: Spread | None
    error: Spread
    settings: Settings = field(repr=False)


def measure(case: Case, mixer: str, periods: int, seeds: int) -> Result:
    """Train one mixer on one case, and run exact iteration as many times as there are target networks."""
    model, settings = case.model(), case.settings(periods, seeds)
    data = ft.uniform() if case.epsilon is None else ft.epsilon_greedy(case.epsilon)
    run = ft.fitted_q_iteration(model, data=data, factorization=CLASSES[mixer], iterations=periods)
    exact = np.array([[float(ft.to_fraction(x)) for x in v] for v in list(run.values)[1:]])
    runs = Training(mixer, model, settings).run()
    gaps = runs.values[-LATE:, :, 1] - runs.values[-LATE:, :, 0]
    exact_gap = exact[-LATE:, 1] - exact[-LATE:, 0]
    return Result(
        case,
        mixer,
        float(exact[-1, 1]),
        float(exact_gap.max() - exact_gap.min()),
        Spread.of(runs.values[-1, :, 1]),
        Spread.of(gaps.max(axis=0) - gaps.min(axis=0)),
        masses(runs),
        Spread.of(runs.error),
        settings,
    )


def masses(runs: Runs) -> Spread | None:
    """Return ν of each seed's replay in s1, additive factors."""
    found = []
    for counts in runs.counts[:, 1:2]:
        total = int(counts.sum())
        table = [[[f"{int(x)}/{total}" for x in row] for row in state] for state in counts]
        try:
            mass = ft.phases(actions=counts.shape[1:], data=ft.correlated(table)).negative_mass
        except ft.FqiTheoryError:
            return None
        found.append(float(ft.to_fraction(mass)))
    return Spread.of(found)
