"""What one fit is weighted by: a product of the agents' marginals, or any joint distribution."""

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from fqi_theory.base.scalars import Array
from fqi_theory.data.normal_equations import NormalEquations, equations
from fqi_theory.model import expectations as mg


@dataclass(frozen=True, eq=False)
class ProductData:
    """p_D(a|s) = Π_i p_i(a_i|s); marginals: per agent (S, A_i), not to be changed afterwards."""

    marginals: tuple[Array, ...]

    @cached_property
    def halves(self) -> mg.Halves:
        """Return the marginals as the conditional expectations need them."""
        return mg.halves(self.marginals)

    def joint(self) -> Array:
        """Return the joint weights (S, A_1, ..., A_n)."""
        return mg.outer(self.marginals)

    def full_support(self) -> bool:
        """Tell whether every action of every agent has positive probability in every state."""
        return all(bool((m > 0).all()) for m in self.marginals)


@dataclass(frozen=True, eq=False)
class JointData:
    """Any p_D(a|s), correlated or not; weights: (S, A_1, ..., A_n), not to be changed afterwards."""

    weights: Array

    @cached_property
    def equations(self) -> NormalEquations:
        """Return the normal equations of additive least squares under these weights."""
        return equations(self.weights)

    def joint(self) -> Array:
        """Return the joint weights (S, A_1, ..., A_n)."""
        return self.weights

    def full_support(self) -> bool:
        """Tell whether every joint action has positive probability in every state."""
        return bool((self.weights > 0).all())


Data: TypeAlias = ProductData | JointData
