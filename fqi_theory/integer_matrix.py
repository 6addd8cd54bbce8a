"""Integer matrices (K, S+1) that multiply (v, d), for V = v/d: dense, or stored entries only."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from flint import fmpz, fmpz_mat

from fqi_theory.scalars import Array


class IntegerMatrix(ABC):
    """Rows of S integers that multiply values and a last one that multiplies their denominator."""

    @abstractmethod
    def times(self, column: Sequence[fmpz]) -> list[fmpz]:
        """Return the product with a column (S+1,): (K,)."""

    @abstractmethod
    def sums(self, groups: Sequence[Sequence[int]]) -> "IntegerMatrix":
        """Return the matrix whose row g is the sum of the rows groups[g]."""

    @property
    @abstractmethod
    def stored(self) -> int:
        """Return how many entries are kept."""

    @property
    @abstractmethod
    def largest_row(self) -> fmpz:
        """Return the largest sum of magnitudes of the first S entries of a row."""


@dataclass(frozen=True, eq=False)
class DenseMatrix(IntegerMatrix):
    """entries: (K, S+1)."""

    entries: fmpz_mat

    @property
    def stored(self) -> int:
        """Return how many entries are kept."""
        return int(self.entries.nrows() * self.entries.ncols())

    def times(self, column: Sequence[fmpz]) -> list[fmpz]:
        """Return the product with a column (S+1,): (K,)."""
        return list((self.entries * fmpz_mat(len(column), 1, list(column))).entries())

    def sums(self, groups: Sequence[Sequence[int]]) -> IntegerMatrix:
        """Return the matrix whose row g is the sum of the rows groups[g]."""
        width = self.entries.ncols()
        flat = [sum((self.entries[k, j] for k in rows), fmpz(0)) for rows in groups for j in range(width)]
        return DenseMatrix(fmpz_mat(len(groups), width, flat))

    @cached_property
    def largest_row(self) -> fmpz:
        """Return the largest sum of magnitudes of the first S entries of a row."""
        width, flat = self.entries.ncols(), self.entries.entries()
        return max(sum(map(abs, flat[k : k + width - 1]), fmpz(0)) for k in range(0, len(flat), width))


@dataclass(frozen=True, eq=False)
class SparseMatrix(IntegerMatrix):
    """Row k holds numbers[starts[k]:starts[k+1]], fmpz, at increasing places 0..width-1; no row is empty."""

    starts: Array
    places: Array
    numbers: Array
    width: int

    @property
    def stored(self) -> int:
        """Return how many entries are kept."""
        return int(self.numbers.size)

    def times(self, column: Sequence[fmpz]) -> list[fmpz]:
        """Return the product with a column (S+1,): (K,)."""
        values = np.empty(len(column), dtype=object)
        values[:] = column
        return list(np.add.reduceat(self.numbers * values[self.places], self.starts))

    def sums(self, groups: Sequence[Sequence[int]]) -> IntegerMatrix:
        """Return the matrix whose row g is the sum of the rows groups[g]."""
        ends = np.append(self.starts[1:], self.numbers.size)
        sizes, places, numbers = [], [], []
        for rows in groups:
            parts = [slice(self.starts[k], ends[k]) for k in rows]
            own, column = np.unique(np.concatenate([self.places[part] for part in parts]), return_inverse=True)
            total = np.full(own.size, fmpz(0), dtype=object)
            np.add.at(total, column, np.concatenate([self.numbers[part] for part in parts]))
            sizes.append(own.size)
            places.append(own)
            numbers.append(total)
        starts = np.cumsum([0, *sizes[:-1]])
        return SparseMatrix(starts, np.concatenate(places), np.concatenate(numbers), self.width)

    @cached_property
    def largest_row(self) -> fmpz:
        """Return the largest sum of magnitudes of the first S entries of a row."""
        counted = np.where(self.places < self.width - 1, np.abs(self.numbers), np.full(1, fmpz(0), dtype=object))
        return fmpz(max(np.add.reduceat(counted, self.starts)))
