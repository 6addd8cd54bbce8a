"""What a form of F is asked to do, and what it answers: positions one after another, kept in few bytes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import DataSource
from fqi_theory.data.weighted import Weighted
from fqi_theory.factorization.fit import Factorization, Terms, Ties
from fqi_theory.model.mmdp import MMDP


@dataclass(frozen=True, eq=False)
class Task:
    """A run to do: `iterations` steps from V^(0) = values, (S,), with greedy joint actions `greedy`, (S, n).

    table: Q_tot^(0), (S, A_1, ..., A_n), where it is known; only data that depend on Q_tot use it.
    """

    model: MMDP
    source: DataSource
    factorization: Factorization
    values: Array
    greedy: Array
    iterations: int
    ties: Ties
    table: Array | None = None

    @property
    def weighted(self) -> bool:
        """Tell whether the data depend on Q_tot itself: then F is no function of V, and only refits apply."""
        return isinstance(self.source, Weighted)


@dataclass(frozen=True, eq=False)
class Iterates:
    """The iterates of a run in one form.

    start: what is kept of Q^(0). steps: what is kept of Q^(1), Q^(2), ... values, greedy: make (S,) and (S, n) of what
    is kept. factors: make Q_i, per agent (S, A_i), of what is kept of the iterate before and of the iterate itself;
    interactions: likewise the tables (S, A_T) of sets T of several agents, None for classes that have none.
    """

    start: Any
    steps: Iterator[Any]
    values: Callable[[Any], Array]
    greedy: Callable[[Any], Array]
    factors: Callable[[Any, Any], tuple[Array, ...]]
    interactions: Callable[[Any, Any], Terms] | None = None
