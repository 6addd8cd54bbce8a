"""Arguments of `assert_mixer_matches`, checked before anything is asked."""

from collections.abc import Sequence
from typing import Any, get_args

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.counts import whole
from fqi_theory.base.errors import DataError, NumberError
from fqi_theory.base.scalars import Array
from fqi_theory.testing.mixers.games import Input, Mixer
from fqi_theory.testing.mixers.readings import CLASSES, READINGS, Reading


def reading_of(name: str) -> Reading:
    """Return a reading by its own name or that of a class; raises DataError for any other."""
    known: dict[str, Reading] = {**{reading: reading for reading in READINGS}, **CLASSES}
    if name not in known:
        raise DataError(f"reading: expected one of {', '.join(known)}, found {name!r}")
    return known[name]


def payoff_table(payoff: Any) -> Array:
    """Return an exact payoff table (A_1, ..., A_n)."""
    try:
        table = scalars.exact_array(payoff)
    except NumberError as error:
        raise NumberError(f"payoff: {error}") from None
    if table.ndim < 1 or table.size == 0:
        raise DataError(f"payoff: expected shape (A_1, ..., A_n), none of them 0, found {table.shape}")
    return table


def counts_of(agents: int | None, actions: int | Sequence[int] | None, payoff: Array | None) -> tuple[int, ...]:
    """Return |A_i| of every agent."""
    own = None if payoff is None else payoff.shape
    if (agents is None or actions is None) and own is None:
        raise DataError("agents, actions: expected both, or a payoff, found neither")
    given: Any = own if actions is None else actions
    n = len(own) if agents is None and own is not None else whole(agents, "agents", 1)
    listed = isinstance(given, Sequence | np.ndarray) and not isinstance(given, str)
    counts = tuple(whole(count, "actions", 1) for count in (given if listed else [given] * n))
    if len(counts) != n:
        raise DataError(f"actions: expected {n} counts, found {counts}")
    if own is not None and counts != own:
        raise DataError(f"payoff: expected the shape {counts} of the actions, found {own}")
    return counts


def inputs_of(mixer: Mixer, inputs: Sequence[Input] | None, states: Any, reading: Reading) -> tuple[Input, ...]:
    """Return what the mixer is given."""
    asked: tuple[Input, ...] = tuple(inputs or (("utilities",) if states is None else ("utilities", "states")))
    if hasattr(mixer, "state_dict"):
        raise DataError("mixer: expected a function of NumPy arrays, found a module on tensors; see array_mixer")
    if not callable(mixer):
        raise DataError(f"mixer: expected a function of NumPy arrays, found {type(mixer).__name__}")
    if states is not None and np.ndim(states) == 0:
        raise DataError(f"states: expected an array of rows, found {states!r}")
    if isinstance(inputs, str) or not set(asked) <= set(get_args(Input)):
        raise DataError(f"inputs: expected a sequence of some of {', '.join(get_args(Input))}, found {inputs!r}")
    if "states" in asked and (states is None or len(states) == 0):
        raise DataError('states: the mixer asks for "states", none were given')
    if reading in ("monotonic", "additive") and set(asked) & {"joint_actions", "maxima"}:
        raise DataError(f"reading: {reading!r} is about functions of utilities and states, this mixer takes {asked}")
    return asked
