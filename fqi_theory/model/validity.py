"""What numbers of a model must be: distributions, finite rewards, a discount in [0, 1]; refusals name the place."""

from collections.abc import Callable

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.errors import ModelError, NumberError
from fqi_theory.base.scalars import Array, Scalar
from fqi_theory.model.transitions import DeterministicTransition, Transition

#: How far the sum of a row of floats may be from 1; exact rows may miss it by nothing.
FLOAT_SUM_TOLERANCE = 1e-9


def check_distribution(probabilities: Array, where: str) -> None:
    """Raise ModelError unless the numbers are >= 0 and sum to 1 (exactly; floats within 1e-9)."""
    for p in probabilities:
        if not p >= 0:
            raise ModelError(f"{where}: expected probabilities >= 0, found {p}")
    total = probabilities.sum() if len(probabilities) else 0
    tolerance = FLOAT_SUM_TOLERANCE if probabilities.dtype.kind == "f" else 0
    if abs(total - 1) > tolerance:
        raise ModelError(f"{where}: expected probabilities that sum to 1, found {total}")


def check_distributions(table: Array, where: Callable[[int], str]) -> None:
    """Raise ModelError unless every row of a table (K, m) is a distribution; where(k) names row k in the message."""
    tolerance = FLOAT_SUM_TOLERANCE if table.dtype.kind == "f" else 0
    if (table >= 0).all() and (abs(table.sum(axis=1) - 1) <= tolerance).all():
        return
    for k, row in enumerate(table):
        check_distribution(row, where(k))


def require_numbers(
    reward: Array, kernel: Transition, discount: Scalar, start: Array | None, place: Callable[..., str]
) -> None:
    """Raise ModelError or NumberError, naming the place, unless these are the numbers of an MMDP, none symbolic.

    reward: finite. kernel and start: distributions. 0 <= discount <= 1. place(s, a): the names of a state and a joint
    action.
    """
    if not 0 <= discount <= 1:
        raise ModelError(f"discount: expected a number in [0, 1], found {discount}")
    if reward.dtype.kind == "f" and not np.isfinite(reward).all():
        at = tuple(map(int, np.argwhere(~np.isfinite(reward))[0]))
        found = reward[at]
        hint = scalars.INFINITE if np.isneginf(found) else ""
        raise NumberError(f"{place(at[0], at[1:])}: reward: expected a finite number, found {found}{hint}")
    if not isinstance(kernel, DeterministicTransition):
        _require_rows(kernel, place)
    if start is not None:
        if start.shape != (len(reward),):
            raise ModelError(f"start: expected shape {(len(reward),)}, found {start.shape}")
        check_distribution(start, "start")


def _require_rows(kernel: Transition, place: Callable[..., str]) -> None:
    """Check all rows at once; look for the place only when something is wrong."""
    tolerance = FLOAT_SUM_TOLERANCE if kernel.field == "float" else 0
    sums = kernel.expect(scalars.full((kernel.states,), 1, kernel.field))
    if (kernel.entries() >= 0).all() and (abs(sums - 1) <= tolerance).all():
        return
    for index, row in kernel.rows():
        check_distribution(np.array(list(row.values())), f"transition at {place(index[0], index[1:])}")
