"""The exact iteration of the monotonic class, with all that its future depends on."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import Data, DataSource
from fqi_theory.data.weighted import Position, Weighted
from fqi_theory.factorization import monotonic
from fqi_theory.factorization.fit import Ties
from fqi_theory.model.mmdp import MMDP


@dataclass(frozen=True, eq=False)
class Step:
    """One iterate: V (S,), greedy (S, n), Q_tot (S, A_1, ..., A_n), and the weights that it was fitted under.

    table: None at a start that does not give it. weights: (S, A_1, ..., A_n), None at a start.
    """

    values: Array
    greedy: Array
    table: Array | None
    weights: Array | None = None

    @property
    def tops(self) -> Array:
        """Return where Q_tot is largest, booleans of its shape."""
        assert self.table is not None, "a start has no mode"
        return np.asarray(self.table == self.values.reshape(-1, *[1] * (self.table.ndim - 1)), dtype=bool)


@dataclass(frozen=True, eq=False)
class MonotoneRun:
    """A run to be decided, on an exact model."""

    model: MMDP
    source: DataSource
    ties: Ties

    @property
    def weighted(self) -> Weighted | None:
        """Return the source where its weights depend on Q_tot and its targets, else None."""
        return self.source if isinstance(self.source, Weighted) else None

    @property
    def moving(self) -> bool:
        """Tell whether the future depends on the greedy actions."""
        weighted = self.weighted
        return self.source.on_policy if weighted is None else weighted.scheme == "central" or weighted.base.on_policy

    @property
    def tabled(self) -> bool:
        """Tell whether the future depends on Q_tot itself."""
        return self.weighted is not None and self.weighted.scheme == "optimistic"

    def data(self, step: Step, targets: Array) -> Data:
        """Return what the fit to y = `targets` (S, A_1, ..., A_n) is weighted by at a position."""
        if self.weighted is None:
            return self.source.at(self.model, step.greedy)
        return self.weighted.weighed(self.model, Position(step.values, step.greedy, step.table), targets)

    def steps(self, start: Step) -> Iterator[Step]:
        """Yield the iterates after a start, without end."""
        now = start
        while True:
            targets = self.model.backup(now.values)
            data = self.data(now, targets)
            fit = monotonic.fit(targets, data, self.ties)
            now = Step(fit.values, fit.greedy, fit.q_tot(), data.joint())
            yield now

    def same(self, one: Step, other: Step) -> bool:
        """Tell whether two positions have the same future."""
        equal = np.array_equal(one.values, other.values)
        equal = equal and (not self.moving or np.array_equal(one.greedy, other.greedy))
        if not self.tabled or one.table is None or other.table is None:
            return equal
        return equal and np.array_equal(one.table, other.table)

    def mode(self, step: Step) -> tuple[object, ...]:
        """Return what decides the affine piece of a step: where Q_tot is largest, the greedy actions, the weights."""
        weights = step.weights.reshape(-1) if self.weighted is not None and step.weights is not None else ()
        return (step.tops.tobytes(), step.greedy.tobytes(), *weights)

    def key(self, step: Step) -> tuple[object, ...]:
        """Return what the future depends on; modulo constants in V unless weights depend on Q_tot."""
        values = step.values if self.weighted is not None else step.values - step.values[0]
        table = step.table.reshape(-1) if self.tabled and step.table is not None else ()
        return (*values, step.greedy.tobytes() if self.moving else b"", *table)
