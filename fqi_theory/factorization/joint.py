"""The joint table itself as function class: Q_tot is any function of (s, a). The reference for the other classes."""

from fqi_theory.base import scalars
from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import Data
from fqi_theory.factorization.fit import Fit, Ties
from fqi_theory.factorization.igm import joint_greedy, require_full_support

name = "joint"


def fit(targets: Array, data: Data, ties: Ties = "first") -> Fit:
    """Return Q_tot = y, which has zero error; without full support it is not determined and DataError is raised."""
    require_full_support(targets, data)
    values = scalars.maximum(targets, axis=tuple(range(1, targets.ndim)))
    return Fit((), values, joint_greedy(targets, ties), targets)
