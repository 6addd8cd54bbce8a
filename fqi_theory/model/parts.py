"""What an MMDP is made of, from what callers give: arrays of one number type, a kernel, the reading that was taken."""

import warnings
from typing import Any

from fqi_theory.base import scalars
from fqi_theory.base.arguments import named
from fqi_theory.base.counts import whole
from fqi_theory.base.errors import ModelError, NumberError, ReadingWarning
from fqi_theory.base.scalars import Array, Field
from fqi_theory.model.transitions import DenseTransition, DeterministicTransition, Transition


def require_reading(shape: tuple[int, ...], agents: int | None, clear: bool) -> None:
    """Raise ModelError where rewards have another number of agents; warn where they might be a payoff table."""
    states, *counts = shape
    if agents is not None and whole(agents, "agents", 1) != len(counts):
        hint = "; from_payoff(table) reads a payoff table" if agents == len(shape) else ""
        raise ModelError(
            f"reward: expected shape (S, {', '.join(f'A_{i + 1}' for i in range(agents))}) for {agents} agents, found "
            f"{shape}, which is {states} states and {len(counts)} agents{hint}"
        )
    if agents is None and not clear and len(counts) == 1 and min(shape) > 1:
        warnings.warn(
            f"reward of shape {shape} was read as {states} states and one agent with {counts[0]} actions (agents=1 "
            "says that this is meant); for a payoff table of two agents use from_payoff(table)",
            ReadingWarning,
            stacklevel=3,
        )


def as_transition(transition: Any, shape: tuple[int, ...]) -> Transition:
    """Return the kernel of a `Transition`, a tensor of probabilities or successors; raises ModelError for others."""
    if isinstance(transition, Transition):
        kernel = transition
    else:
        with named("transition"):
            array = scalars.nested_array(transition)
        if array.shape == shape and array.dtype.kind in "iu":
            kernel = DeterministicTransition(frozen(array), shape[0])
        elif array.shape == (*shape, shape[0]):
            tensor = frozen(scalars.as_array(array))
            kernel = DenseTransition(tensor, scalars.field_of(tensor))
        else:
            raise ModelError(
                f"transition: expected probabilities of shape {(*shape, shape[0])} or integer successors of shape "
                f"{shape}, found {array.dtype} of shape {array.shape}"
            )
    if kernel.shape != shape or kernel.states != shape[0]:
        raise ModelError(
            f"transition: expected (S, A_1, ..., A_n) = {shape}, found {kernel.shape} to {kernel.states} states"
        )
    kernel.check()
    return kernel


def common_field(reward: Array, kernel: Transition, discount: Any) -> Field:
    """Return the one type of all numbers, symbolic where one is; raises NumberError where exact and float are mixed."""
    found = {"reward": scalars.field_of(reward), "discount": scalars.field_of(discount)}
    if not isinstance(kernel, DeterministicTransition) or kernel.field == "float":
        found["transition"] = kernel.field
    if "symbolic" in found.values():
        return "symbolic"
    if len(set(found.values())) > 1:
        kinds = ", ".join(f"{key} is {field}" for key, field in found.items())
        alone = [key for key, field in found.items() if field == "float"] == ["discount"]
        hint = f': discount="{discount}" is exact' if alone else ""
        raise NumberError(f"number types are mixed ({kinds}); give all as exact numbers, or all as floats{hint}")
    return found["reward"]


def as_start(start: Any, field: Field) -> Array:
    """Return a start distribution as numbers of a field."""
    with named("start"):
        return frozen(scalars.as_field(scalars.as_array(start), field))


def frozen(array: Array) -> Array:
    """Return a copy that cannot be changed."""
    copy = array.copy()
    copy.setflags(write=False)
    return copy
