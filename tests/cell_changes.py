"""Changes of certificates by cells that often keep them true: cells are cut, taken twice, moved, or lose an end.

`mutants` changes numbers blindly, which most often breaks a chain of intervals. These move the ends to where they were
or a 64th beside it, and take actions and weights from other cells, so that checkers are compared where they decide.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

Cells = list[dict[str, Any]]


def _cut(cells: Cells, k: int, rng: random.Random) -> None:
    low, high = Fraction(cells[k]["lower"]), Fraction(cells[k]["upper"])
    at = str(low + (high - low) * Fraction(rng.randrange(1, 64), 64))
    cells[k : k + 1] = [{**cells[k], "upper": at}, {**cells[k], "lower": at}]


def _move(cells: Cells, k: int, rng: random.Random) -> None:
    low, high = Fraction(cells[k]["lower"]), Fraction(cells[k]["upper"])
    at = Fraction(rng.choice((-1, 0, 1, 63, 64, 65)), 64)
    cells[k][rng.choice(("lower", "upper"))] = str(low + (high - low) * at)


def _again(cells: Cells, k: int, _: random.Random) -> None:
    cells.append(dict(cells[k]))


def _shuffle(cells: Cells, _: int, rng: random.Random) -> None:
    rng.shuffle(cells)


def _remove(cells: Cells, k: int, _: random.Random) -> None:
    cells.pop(k)


def _exchange(cells: Cells, k: int, rng: random.Random) -> None:
    key = rng.choice(sorted(cells[k]))
    cells[k][key] = copy.deepcopy(rng.choice(cells)[key])


def _weigh(cells: Cells, k: int, rng: random.Random) -> None:
    if "weight" in cells[k]:
        factor = Fraction(rng.choice((1, 2, 99, 101)), rng.choice((1, 3, 100)))
        cells[k]["weight"] = str(Fraction(cells[k]["weight"]) * factor)


_CHANGES: tuple[Callable[[Cells, int, random.Random], None], ...] = (
    *(_cut, _move, _again, _shuffle, _remove, _exchange, _weigh),
)


def grid_change(document: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """Return a copy of a certificate of kind grid with a cell left out, added or moved, or with other actions."""
    changed = copy.deepcopy(document)
    rooms = changed["proof"]["rooms"]
    for _ in range(rng.choice((1, 1, 2))):
        room, kind = rng.choice(rooms), rng.randrange(5)
        if kind == 0 and room["cells"]:
            room["cells"].pop(rng.randrange(len(room["cells"])))
        elif kind in (1, 2) and room["cells"]:
            cell = list(rng.choice(room["cells"]))
            cell[rng.randrange(len(cell))] += rng.choice((-1, 0, 1))
            room["cells"].append(cell)
        elif kind == 3:
            room["greedy"] = copy.deepcopy(rng.choice(rooms)["greedy"])
        elif kind == 4:
            rng.shuffle(room["cells"])
    if rng.random() < 0.1:
        changed["proof"]["prefix"] += rng.choice((1, 2))
    if rng.random() < 0.1:
        changed["ties"] = {"first": "last", "last": "first"}[changed["ties"]]
    return changed


def cell_change(document: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """Return a copy of a certificate of kind cells or repelling with one to three changes of its cells."""
    changed = copy.deepcopy(document)
    proof, claim = changed["proof"], changed["claim"]
    for _ in range(rng.choice((1, 1, 2, 3))):
        if proof["cells"]:
            rng.choice(_CHANGES)(proof["cells"], rng.randrange(len(proof["cells"])), rng)
    if rng.random() < 0.1:
        proof["prefix"] += rng.choice((1, 2, -proof["prefix"]))
    if rng.random() < 0.1:
        changed["ties"] = {"first": "last", "last": "first"}[changed["ties"]]
    if rng.random() < 0.1 and proof["cells"]:
        key = rng.choice(("lower", "upper"))
        claim[key][1 - claim["reference"]] = rng.choice(proof["cells"])[key]
    return changed
