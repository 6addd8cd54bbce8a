"""One row of fit weights, W(a,·), as a distribution: with b drawn from the data, the density W(a,b)/p(b).

E[density] = 1, and the negative mass of the row is E[max(0, -density)]. Everything the phase diagram asks about a row
is an expectation of this random variable, so a row is kept as its negative atoms only: for n agents a handful instead
of |A|^n weights.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from flint import fmpq

#: Atoms by density: the probability of each value below 0.
Atoms = dict[fmpq, fmpq]


@dataclass(frozen=True, eq=False)
class Row:
    """The row of a joint action; atoms: {density below 0: its probability under the data}."""

    action: tuple[int, ...]
    atoms: Atoms

    @cached_property
    def mass(self) -> fmpq:
        """Return Σ_b max(0, -W(a,b))."""
        return sum((-density * p for density, p in self.atoms.items()), fmpq(0))

    def shrunk_mass(self, share: fmpq) -> fmpq:
        """Return Σ_b max(0, -(θ W(a,b) + (1-θ) p(b))), the negative mass with advantages shrunk by θ = share."""
        parts = ((share * (1 - density) - 1, p) for density, p in self.atoms.items())
        return sum((excess * p for excess, p in parts if excess > 0), fmpq(0))

    def largest_share(self, mass: fmpq) -> fmpq:
        """Return the largest θ in [0, 1] whose shrunk mass is at most `mass`.

        The shrunk mass is convex and piecewise linear in θ, with a kink at 1/(1-density) for every atom; the atoms are
        taken in the order of their kinks until the line through the last piece reaches `mass`.
        """
        slope, level = fmpq(0), fmpq(0)
        steps = sorted((1 / (1 - density), p) for density, p in self.atoms.items())
        for k, (kink, p) in enumerate(steps):
            slope, level = slope + p / kink, level + p
            following = steps[k + 1][0] if k + 1 < len(steps) else fmpq(1)
            if slope * following - level > mass:
                return (mass + level) / slope
        return fmpq(1)


def merged(pairs: Iterable[tuple[fmpq, fmpq]]) -> Atoms:
    """Return the negative atoms of (density, probability) pairs, equal densities added up."""
    atoms: Atoms = {}
    for density, p in pairs:
        if density < 0 and p != 0:
            atoms[density] = atoms.get(density, fmpq(0)) + p
    return atoms
