"""Weights in which F contracts, for many models under fixed data (theory notes, section 3 ✦)."""

import numpy as np
from flint import fmpq

from fqi_theory.base.matrices import round_up
from fqi_theory.base.scalars import Array
from fqi_theory.fates.contraction import LARGEST_WEIGHT, Contraction, least_weights
from fqi_theory.fates.together.tables import Tables


def contractions_of(tables: Tables) -> list[Contraction | None]:
    """Return for each model what `weighted_contraction` says of it."""
    if tables.on_policy:
        return [None] * len(tables)
    rows = np.abs(_kernels(tables))
    found: list[Contraction | None] = [None] * len(tables)
    largest = rows.sum(axis=3).max(axis=(1, 2))
    for m in np.flatnonzero(largest < tables.scale):
        found[m] = Contraction((fmpq(1),) * tables.states, fmpq(int(largest[m]), int(tables.scale[m])))
    left = np.flatnonzero(largest >= tables.scale)
    proposed = least_weights((rows[left] / tables.scale[left, None, None, None]).astype(float))
    for m, weights in zip(left, proposed, strict=True):
        if weights.max() < LARGEST_WEIGHT:
            found[m] = _confirmed(rows[m], int(tables.scale[m]), round_up(weights, bits=30))
    return found


def _kernels(tables: Tables) -> Array:
    """Return γ K(s'|s,a) over the scale, (M, S, N, S)."""
    rows = tables.forms[:, :, 0, :, :-1]
    found = rows[:, :, : tables.counts[0]]
    for first, count in zip(tables.offsets[1:], tables.counts[1:], strict=True):
        found = found[:, :, :, None] + rows[:, :, None, first : first + count]
        found = found.reshape(*found.shape[:2], -1, tables.states)
    return np.asarray(found)


def _confirmed(rows: Array, scale: int, weights: list[fmpq]) -> Contraction | None:
    factor: fmpq = max(max(row @ np.array(weights, dtype=object)) / w for row, w in zip(rows, weights, strict=True))
    factor /= scale
    return Contraction(tuple(weights), factor) if factor < 1 else None
