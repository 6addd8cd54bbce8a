"""What moves a run back below its threshold, with exact constants (theory notes, sections 10 D and 15; ours).

h-step returns on the data     bounded iff γ^h (1+ν) < 1
backing up η·max + (1-η)·mean  the same operator as shrinking advantages by θ = η: its weights are θ W + (1-θ) p, so
                               it is bounded below the θ at which their negative mass reaches 1/γ - 1
θ <= safe share                weights >= 0: value iteration of an averaged model, a γ-contraction at every γ; 1/n for
                               additive factors under product data of any kind
P = (1-δ) representable + δ    bounded for all rewards iff γ(1+δν) < 1
damping by α                   leaves 1/(1+ν) where it is; removes the swap cycles for α < 2/(1+γ(1+2ν))
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flint import fmpq

from fqi_theory.base.errors import NumberError
from fqi_theory.fates.phases.rows import Row


def least_steps(mass: fmpq, discount: fmpq) -> int:
    """Return the least h with γ^h (1+ν) < 1, for 0 <= γ < 1."""
    power, steps = discount, 1
    while power * (1 + mass) >= 1:
        power, steps = power * discount, steps + 1
    return steps


def largest_share(rows: Iterable[Row], discount: fmpq) -> fmpq:
    """Return η*(γ) = θ*(γ): below it every run is bounded, from it on (where it is below 1) some run is not."""
    excess = 1 / discount - 1
    return min(row.largest_share(excess) for row in rows)


def safe_share(rows: Iterable[Row]) -> fmpq:
    """Return the largest θ whose weights θ W + (1-θ) p are all >= 0: a γ-contraction at every γ < 1."""
    return min(row.largest_share(fmpq(0)) for row in rows)


def coupling(mass: fmpq, discount: fmpq) -> fmpq:
    """Return δ below which P = (1-δ)·representable + δ·anything is bounded for all rewards; at most 1."""
    return fmpq(1) if mass == 0 else min(fmpq(1), (1 / discount - 1) / mass)


def damping(mass: fmpq, discount: fmpq) -> fmpq:
    """Return α below which V <- (1-α) V + α F(V) has no swap cycle: 2/(1 + γ(1+2ν)); at most 1."""
    return min(fmpq(1), 2 / (1 + discount * (1 + 2 * mass)))


@dataclass(frozen=True)
class Remedies:
    """What would help at one discount.

    steps: least h. share: η* = θ*, exclusive where it is below 1. safe_share: θ that contracts at every γ. coupling: δ,
    exclusive. damping: α against swap cycles only, exclusive. uniform_mass: ν under uniform data, which no data of any
    kind can lower.
    """

    discount: fmpq
    steps: int
    share: fmpq
    safe_share: fmpq
    coupling: fmpq
    damping: fmpq
    uniform_mass: fmpq

    def to_json(self) -> dict[str, Any]:
        """Return the remedies as JSON, exact numbers as strings."""
        return {key: value if isinstance(value, int) else str(value) for key, value in self.__dict__.items()}


def remedies(rows: list[Row], uniform_mass: fmpq, discount: fmpq) -> Remedies:
    """Return what helps at a discount 0 < γ < 1 where the worst row attains ν; NumberError for other discounts."""
    if not 0 < discount < 1:
        raise NumberError(f"remedies: expected a discount in (0, 1), found {discount}")
    mass = max(row.mass for row in rows)
    return Remedies(
        discount,
        least_steps(mass, discount),
        largest_share(rows, discount),
        safe_share(rows),
        coupling(mass, discount),
        damping(mass, discount),
        uniform_mass,
    )
