"""Rows of F in integers, a block a state: each has its own denominator and names only the state's successors."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flint import fmpz, fmpz_mat

from fqi_theory.base.scalars import Array


@dataclass(frozen=True, eq=False)
class Block:
    """D·[γ P_i(u|s,·) | R_i(s,·)] for one state s and its successors u in U.

    successors: U as increasing integers (k,), None for all states; denominator: D > 0; entries: integers, (Σ_i|A_i|,
    k+1), ordered by agent and action, the rewards last.
    """

    successors: Array | None
    denominator: fmpz
    entries: fmpz_mat

    @property
    def nbytes(self) -> int:
        """Return about how many bytes the entries take: none is much longer than the denominator."""
        digits = int(self.denominator.bit_length())
        return int(self.entries.nrows() * self.entries.ncols()) * (8 if digits <= 60 else 40 + digits // 8)


def products(blocks: Sequence[Block], values: Sequence[fmpz], denominator: fmpz) -> Iterator[list[fmpz]]:
    """Yield for every block its entries times (v, d): the numerators of its rows at V = v/d over D d."""
    listed = [*values, denominator]
    whole = fmpz_mat(len(listed), 1, listed)
    for block in blocks:
        column = whole
        if block.successors is not None:
            own = [listed[u] for u in block.successors.tolist()]
            column = fmpz_mat(len(own) + 1, 1, [*own, denominator])
        yield list((block.entries * column).entries())
