"""Where data come from: what every source says of itself."""

from typing import Any, Protocol

from fqi_theory.base.scalars import Array
from fqi_theory.data.sources.distributions import Data
from fqi_theory.model.mmdp import MMDP


class DataSource(Protocol):
    """Where the data of each iteration come from.

    The data in a state may depend on the greedy action of that state only, not on those of other states.
    """

    @property
    def on_policy(self) -> bool:
        """Tell whether the distribution follows the current greedy actions."""

    def at(self, model: MMDP, greedy: Array) -> Data:
        """Return the data for a model while the greedy joint actions are `greedy` (S, n)."""

    def describe(self) -> Any:
        """Return a JSON value that records this source in results."""
