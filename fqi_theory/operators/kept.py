"""What an exact run keeps of its iterates: the digits of values, and greedy actions in as few bytes as they need."""

from collections.abc import Callable, Iterator

import numpy as np

from fqi_theory.base.scalars import Array
from fqi_theory.operators.integers import IntegerValues, integer_values
from fqi_theory.operators.task import Iterates, Task


def kept_iterates(
    task: Task,
    steps: Iterator[tuple[IntegerValues, Array]],
    factors: Callable[[IntegerValues, Array], tuple[Array, ...]],
) -> Iterates:
    """Return exact positions (V', g') as iterates; factors: Q_i of the step from (V, g)."""
    small = np.min_scalar_type(max(task.model.action_counts))

    def kept() -> Iterator[tuple[object, Array]]:
        last = task.greedy.astype(small)
        for values, chosen in steps:
            last = last if (chosen == last).all() else chosen.astype(small)
            yield values.kept(), last

    return Iterates(
        (integer_values(task.values).kept(), task.greedy.astype(small)),
        kept(),
        lambda k: k[0].unpacked().to_array(),
        lambda k: k[1].astype(int),
        lambda before, _: factors(before[0].unpacked(), before[1].astype(int)),
    )
