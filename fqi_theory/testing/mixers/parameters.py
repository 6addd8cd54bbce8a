"""Does every parameter of a mixer move Q_tot? One that moves nothing is not trained, however long one trains."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from fqi_theory.base.errors import DataError
from fqi_theory.base.scalars import Array
from fqi_theory.testing.mixers.batches import mixed_rows
from fqi_theory.testing.mixers.games import Caller, Game
from fqi_theory.testing.mixers.readings import MixerViolation

#: Sizes of the noise that is added to a parameter, one after the other until Q_tot moves.
SIZES = 0.1, 1.0, 10.0


def named_parameters(parameters: Any) -> dict[str, Any]:
    """Return parameters by name, of a module with `named_parameters` or a mapping to writable arrays or tensors."""
    if hasattr(parameters, "named_parameters"):
        return dict(parameters.named_parameters())
    if isinstance(parameters, Mapping):
        return dict(parameters)
    raise DataError(
        f"parameters: expected a module with named_parameters, or a mapping of names to arrays, found "
        f"{type(parameters).__name__}"
    )


def parameter_violation(
    caller: Caller, games: Sequence[Game], parameters: Mapping[str, Any], rng: np.random.Generator
) -> MixerViolation | None:
    """Return the first parameter that moves Q_tot in no row of these games when noise is added to it."""
    rows, _ = mixed_rows(games, rng)
    before = caller.ask(rows)
    for name, parameter in parameters.items():
        if not any(_moves(caller, rows, before, parameter, size, rng) for size in SIZES):
            reason = f"{name} moves Q_tot in none of {len(rows)} rows, the first"
            return MixerViolation("parameter", games[0], (0,) * len(games[0].utilities), None, reason)
    return None


def _moves(caller: Caller, rows: Any, before: Array, parameter: Any, size: float, rng: np.random.Generator) -> bool:
    with _noise(parameter, size, rng):
        return not np.array_equal(caller.ask(rows), before, equal_nan=True)


@contextmanager
def _noise(parameter: Any, size: float, rng: np.random.Generator) -> Iterator[None]:
    """Add noise to an array or tensor for a while."""
    values = parameter if isinstance(parameter, np.ndarray) else parameter.data
    noise = size * rng.normal(size=tuple(values.shape))
    kept = values.copy() if isinstance(values, np.ndarray) else values.clone()
    values += noise if isinstance(values, np.ndarray) else values.new_tensor(noise)
    try:
        yield
    finally:
        values[...] = kept
