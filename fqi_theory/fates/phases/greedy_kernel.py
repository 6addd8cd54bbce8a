"""ν_P of one state under ε-greedy data, over all greedy joint actions g and all a at once, in integers
(theory notes, section 10 ✦; ours).

Under product data the fit of a class with the sets 𝒮 is Σ_{S in 𝒮} c_S E[y | a_S], by inclusion and exclusion with
c_S = Σ_{T in 𝒮, T ⊇ S} (-1)^(|T|-|S|). Averaging agent j out around its greedy action g_j is the matrix
(1-ε) 1 + (ε/A_j) 11ᵀ on its axis, with g_j as the row: E[y | a_S] for all a_S and all g outside S is one table of
|A|^n entries. Over the common denominator D they are integers of modulus at most D, rows of E sum to D, and nothing
exceeds D Σ|c_S|: 64 bits where that is small enough, else Python's integers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import lcm, prod

import numpy as np
from flint import fmpq

from fqi_theory.base.errors import TooLarge
from fqi_theory.base.scalars import Array
from fqi_theory.fates.phases.structure import Structure

#: Entries K_g(s'|s,a) of a model that are looked at in 64 bits, or as Python's integers (a minute or so), and at once.
MACHINE_ENTRIES, LONG_ENTRIES, AT_ONCE = 4_000_000_000, 40_000_000, 1 << 20

Coefficients = dict[tuple[int, ...], int]


@dataclass(frozen=True)
class Worst:
    """The largest negative mass and the first (greedy, action) in row-major order that attains it."""

    mass: fmpq
    greedy: tuple[int, ...]
    action: tuple[int, ...]


def coefficients(kind: Structure) -> Coefficients:
    """Return c_S of every set with c_S != 0."""
    sets = [frozenset(s) for s in kind.sets]
    found = {tuple(sorted(s)): sum((-1) ** len(t - s) for t in sets if s <= t) for s in sets}
    return {s: c for s, c in found.items() if c}


def worst_greedy(rows: Array, epsilon: fmpq, kind: Structure, entries: int) -> Worst:
    """Return max over g, a of Σ_s' max(0, -K_g(s'|a)); rows: exact P(s'|s,a) at one state, (A_1, ..., A_n, m).

    entries: how many K_g(s'|s,a) the whole model has. Raises TooLarge where these are too many.
    """
    counts, parts = rows.shape[:-1], coefficients(kind)
    tables, unit, machine = _tables(rows, epsilon, parts)
    size, width = prod(counts), rows.shape[-1]
    limit = MACHINE_ENTRIES if machine else LONG_ENTRIES
    if entries > limit:
        raise TooLarge(
            f"on-policy data of {size} greedy joint actions: {entries} fitted probabilities in this model, at most "
            f"{limit} are looked at; thresholds for all models of its shape need no model"
        )
    best, where = -1, (0, 0)
    step = max(1, AT_ONCE // (size * width))
    for low in range(0, size, step):
        mass = _masses(tables, counts, range(low, min(low + step, size)))
        top = int(mass.argmax())
        if mass.flat[top] > best:
            best, where = int(mass.flat[top]), (low + top // size, top % size)
    greedy, action = (tuple(map(int, np.unravel_index(k, counts))) for k in where)
    return Worst(fmpq(best, unit), greedy, action)


def _tables(rows: Array, epsilon: fmpq, parts: Coefficients) -> tuple[list[tuple[tuple[int, ...], Array]], int, bool]:
    """Return c_S D E[P | a_S] per set, flat over (a_S, g outside S), with D and whether 64 bits hold all sums."""
    counts = rows.shape[:-1]
    scale = lcm(*(int(p.q) for p in rows.reshape(-1)))
    whole = np.array([int(p.p) * (scale // int(p.q)) for p in rows.reshape(-1)], dtype=object).reshape(rows.shape)
    odds = [(epsilon / count, 1 - epsilon) for count in counts]
    units = [lcm(int(rare.q), int(more.q)) for rare, more in odds]
    unit = scale * prod(units)
    machine = unit * sum(map(abs, parts.values())) < 1 << 62
    if machine:
        whole = whole.astype(np.int64)
    found = []
    for members, factor in parts.items():
        table = whole * factor
        for j, (rare, more) in enumerate(odds):
            own, rest = (int(units[j] * x.p) // int(x.q) for x in (more, rare))
            table = table * units[j] if j in members else own * table + rest * table.sum(axis=j, keepdims=True)
        found.append((members, table.reshape(-1, rows.shape[-1])))
    return found, unit, machine


def _masses(tables: Sequence[tuple[tuple[int, ...], Array]], counts: tuple[int, ...], greedy: range) -> Array:
    """Return the negative masses, times D, of some greedy joint actions (flat) and all a: (len(greedy), |A|^n)."""
    digits = np.array(np.unravel_index(np.arange(prod(counts)), counts))
    strides = np.array([prod(counts[j + 1 :]) for j in range(len(counts))])
    total: Array | None = None
    for members, table in tables:
        inside = np.isin(np.arange(len(counts)), members)
        own, others = ((strides * chosen) @ digits for chosen in (inside, ~inside))
        term = table[others[list(greedy)][:, None] + own[None, :]]
        total = term if total is None else total + term
    assert total is not None
    return np.asarray(-np.minimum(total, 0).sum(axis=-1))
