"""ν_P: the negative mass of a model's own kernel, K(s'|s,a) = (Π_s P(s'|s,·))(a)
(theory notes, sections 3 and 10 ✦; ours).

Joint actions with the same successor add up before their sign counts, so ν_P <= ν. Both arguments of Theorem A use the
rows of K only: γ(1+2ν_P) < 1 makes every run of this model converge under fixed data, γ(1+ν_P) < 1 bounds every run
under any of the data that the source can give.
"""

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from flint import fmpq

from fqi_theory.base import scalars
from fqi_theory.base.errors import TooLarge
from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import Data, DataSource, EpsilonGreedy
from fqi_theory.factorization import linear
from fqi_theory.factorization.fit import additive_table
from fqi_theory.fates.phases.greedy_kernel import worst_greedy
from fqi_theory.fates.phases.laws import GREEDY_TRIED, Shape, all_data
from fqi_theory.fates.phases.structure import Structure, additive_class
from fqi_theory.model.mmdp import MMDP
from fqi_theory.operators.value_space import restrict

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

    The data must determine the fits. Raises TooLarge beyond 4,096 greedy joint actions of on-policy data, and where
    these, the joint actions and successors are too many together (`greedy_kernel`).
    """
    if isinstance(source, EpsilonGreedy) and source.exploring is None and not kind.whole:
        return _epsilon_greedy(model, scalars.exact(source.epsilon), kind)
    best = None
    for greedy, data in all_data(model, source):
        for s in range(model.n_states):
            kernel = fitted(successor_rows(model, s)[1], restrict(data, slice(s, s + 1)), kind)
            mass = -np.minimum(kernel, scalars.zeros(kernel.shape, "exact")).sum(axis=-1)
            place = np.unravel_index(int(mass.argmax()), mass.shape)
            if best is None or mass[place] > best[0]:
                best = mass[place], s, tuple(map(int, place)), greedy
    assert best is not None
    largest, state, *joint = best
    action, greedy = (_played(model, state, one) for one in joint)
    shown = greedy if source.on_policy else None
    return KernelPhases(largest, model.states[state], action, shown, model.discount)


def _played(model: MMDP, state: int, joint: Shape) -> Shape:
    """Return the available joint action of a state that one stands for."""
    return tuple(model.played(np.tile(np.array(joint), (model.n_states, 1)))[state].tolist())


def _epsilon_greedy(model: MMDP, epsilon: fmpq, kind: Structure) -> KernelPhases:
    size = prod(model.action_counts)
    if size > GREEDY_TRIED:
        raise TooLarge(f"on-policy data of {size} greedy joint actions, at most {GREEDY_TRIED} are tried")
    states = range(model.n_states)
    entries = size * sum(successor_rows(model, s)[1].size for s in states)
    found = [worst_greedy(successor_rows(model, s)[1], epsilon, kind, entries) for s in states]
    best = max(found, key=lambda worst: worst.mass)
    state = min((s for s, worst in enumerate(found) if worst.mass == best.mass), key=lambda s: (found[s].greedy, s))
    top = found[state]
    return KernelPhases(top.mass, model.states[state], top.action, top.greedy, model.discount)


def successor_rows(model: MMDP, s: int) -> tuple[Array, Array]:
    """Return the successors of one state in order, and P(s'|s,a) of these, (A_1, ..., A_n, successors)."""
    indptr, successors, probabilities = model.transition.at(np.array([s])).compressed()
    possible = np.unique(successors[probabilities != 0])
    table = scalars.zeros((indptr.size - 1, possible.size), "exact")
    kept = probabilities != 0
    row = np.repeat(np.arange(indptr.size - 1), np.diff(indptr))[kept]
    table[row, np.searchsorted(possible, successors[kept])] = probabilities[kept]
    return possible, np.asarray(table.reshape(*model.action_counts, possible.size))


def fitted(rows: Array, data: Data, kind: Structure) -> Array:
    """Return K(s'|a) = (Π P(s'|s,·))(a) at one state of a class that is linear in y.

    rows: P(s'|s,a), (A_1, ..., A_n, successors), the shape of the result; data: of that state.
    """
    if kind.order == 1 and not kind.whole:
        factors = linear.credit(rows[None], data)
        return np.stack([additive_table([f[..., k] for f in factors])[0] for k in range(rows.shape[-1])], axis=-1)
    if kind.whole and data.full_support():
        return rows
    return np.asarray(additive_class(kind).project(rows[None], data)[0])
