"""ν_P: the negative mass of a model's own kernel, K(s'|s,a) = (Π_s P(s'|s,·))(a)
(theory notes, sections 3 and 10 ✦; ours).

Joint actions with the same successor add up before their sign counts, so ν_P <= ν. Both arguments of Theorem A use the
rows of K only: γ(1+2ν_P) < 1 makes every run of this model converge under fixed data, γ(1+ν_P) < 1 bounds every run
under any of the data that the source can give.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import fmpq

from fqi_theory.base import scalars
from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import Data, DataSource
from fqi_theory.fates.phases.laws import Shape, all_data
from fqi_theory.fates.phases.structure import Structure, additive_class
from fqi_theory.model.mmdp import MMDP
from fqi_theory.operators.value_space import collapse

CONVERGES, BOUNDED, OPEN = "every run converges", "every run is bounded", "not decided by the negative mass"


@dataclass(frozen=True)
class KernelPhases:
    """ν_P, where it is attained (greedy: under which greedy joint action's data), and what follows at the discount."""

    negative_mass: fmpq
    state: str
    action: Shape
    greedy: Shape | None
    discount: fmpq

    @property
    def converges_below(self) -> fmpq | None:
        """Return 1/(1+2ν_P) under fixed data; None on-policy."""
        return None if self.greedy is not None else 1 / (1 + 2 * self.negative_mass)

    @property
    def bounded_below(self) -> fmpq:
        """Return 1/(1+ν_P)."""
        return 1 / (1 + self.negative_mass)

    @property
    def conclusion(self) -> str:
        """Return what is certain for this model at its discount, from every start."""
        if self.converges_below is not None and self.discount < self.converges_below:
            return CONVERGES
        return BOUNDED if self.discount < self.bounded_below else OPEN

    def to_json(self) -> dict[str, Any]:
        """Return the document part "model" of phases/1."""
        below = self.converges_below
        return {
            "negative_mass": str(self.negative_mass),
            "converges_below": None if below is None else str(below),
            "bounded_below": str(self.bounded_below),
            "attained": {
                "state": self.state,
                "action": list(self.action),
                "greedy": None if self.greedy is None else list(self.greedy),
            },
            "discount": str(self.discount),
            "conclusion": self.conclusion,
        }


def kernel_phases(model: MMDP, source: DataSource, kind: Structure) -> KernelPhases:
    """Return ν_P of an exact model; on-policy the largest over all greedy joint actions.

    The data must determine the fits. Raises TooLarge beyond 4,096 greedy joint actions of on-policy data.
    """
    best = None
    for greedy, data in all_data(model, source):
        kernel = kernel_of(model, data, kind)
        mass = -np.minimum(kernel, scalars.zeros(kernel.shape, "exact")).sum(axis=-1)
        place = np.unravel_index(int(mass.argmax()), mass.shape)
        if best is None or mass[place] > best[0]:
            best = mass[place], tuple(map(int, place)), greedy
    assert best is not None
    largest, (state, *action), greedy = best
    shown = greedy if source.on_policy else None
    return KernelPhases(largest, model.states[state], tuple(action), shown, model.discount)


def kernel_of(model: MMDP, data: Data, kind: Structure) -> Array:
    """Return K, (S, A_1, ..., A_n, S), of a class that is linear in y."""
    if kind.order == 1 and not kind.whole:
        return collapse(model, data).kernel()
    if kind.whole and data.full_support():
        return model.transition.dense()
    return additive_class(kind).project(model.transition.dense(), data)
