"""ν, the negative mass of a function class under data: max over s, a of Σ_b max(0, -W_s(a,b))
(theory notes, section 10 ✦).

W_s(a,b) = (Π_s e_b)(a), Π_s the projection on the class in the norm of the data at s. Product data have closed forms
(`uniform`, `product_rows`); any other data need the projection itself (`projection`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from flint import fmpq

from fqi_theory.base import scalars
from fqi_theory.base.scalars import Array
from fqi_theory.fates.phases.laws import Law, Shape, joint_law, require_support
from fqi_theory.fates.phases.product_rows import product_rows
from fqi_theory.fates.phases.projection import projection, projection_rows
from fqi_theory.fates.phases.rows import Row
from fqi_theory.fates.phases.structure import Structure


def rows_of(kind: Structure, law: Law, place: str = "the data") -> list[Row]:
    """Return rows of W under the data of one state, the largest negative mass among them.

    Raises DataError, naming the place, where the data do not determine the fits.
    """
    if isinstance(law, np.ndarray):
        return projection_rows(kind, law, place)
    require_support(law, place)
    return product_rows(kind, law)


def negative_mass(kind: Structure, law: Law) -> fmpq:
    """Return ν under the data of one state."""
    return max(row.mass for row in rows_of(kind, law))


def weights_at(kind: Structure, law: Law, action: Sequence[int]) -> Array:
    """Return W(a,·), (A_1, ..., A_n), for one joint action a; by its formula for product data, else by projection."""
    if isinstance(law, np.ndarray):
        index = int(np.ravel_multi_index(tuple(action), law.shape))
        row = scalars.exact_array(projection(kind, law, "the data").tolist()[index])
        return np.asarray(row.reshape(law.shape))
    p = joint_law(law)
    if kind.whole:
        unit = scalars.zeros(p.shape, "exact")
        unit[tuple(action)] = fmpq(1)
        return unit
    n = len(law)
    x = [
        scalars.exact_array([fmpq(b == a) / own[b] - 1 for b in range(len(own))])
        for own, a in zip(law, action, strict=True)
    ]
    density = scalars.zeros(p.shape, "exact")
    for members in kind.sets:
        term = scalars.full((1,) * n, 1, "exact")
        for j in members:
            term = term * x[j].reshape(*(1,) * j, -1, *(1,) * (n - 1 - j))
        density = density + term
    return np.asarray(p * density)


@dataclass(frozen=True, eq=False)
class Attained:
    """Where ν is attained: the state (an index), the joint action, its row and the data there."""

    state: int
    row: Row
    law: Law

    @property
    def mass(self) -> fmpq:
        """Return ν."""
        return self.row.mass

    def negative_set(self, kind: Structure) -> list[Shape]:
        """Return every joint action b with W(a,b) < 0, in row-major order."""
        weights = weights_at(kind, self.law, self.row.action)
        return [b for b in product(*map(range, weights.shape)) if weights[b] < 0]


def worst(kind: Structure, states: Sequence[Sequence[Law]], places: Sequence[str]) -> tuple[Attained, list[Row]]:
    """Return where ν is attained first, over the data that each state can have, and all rows (for remedies)."""
    known: dict[object, list[Row]] = {}
    best, every = None, []
    for s, choices in enumerate(states):
        for law in choices:
            key = tuple(map(str, law.reshape(-1))) if isinstance(law, np.ndarray) else law
            if key not in known:
                known[key] = rows_of(kind, law, places[s])
                every += known[key]
            top = max(known[key], key=lambda row: row.mass)
            if best is None or top.mass > best.mass:
                best = Attained(s, top, law)
    assert best is not None
    return best, every
