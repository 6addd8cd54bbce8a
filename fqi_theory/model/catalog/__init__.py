"""The catalogue: the models of the literature by name, seeded random families, and files by path.

    load("two-state"), load("penalty(100)"), load("random(seed=1,states=3,kind=stochastic)"), load("my.dpomdp")

One-state games are played once: their default discount is 0; their state "s" is absorbing, so that any other discount
repeats them. Sequential models take the discount their source used.
"""

import os
from pathlib import Path
from typing import Any

from fqi_theory.base.errors import FormatError
from fqi_theory.model.catalog.entry import Entry
from fqi_theory.model.catalog.lookup import resolve
from fqi_theory.model.catalog.random_models import random_model
from fqi_theory.model.catalog.registry import ENTRIES
from fqi_theory.model.formats.load import Report, ending, load_file, warn_repairs
from fqi_theory.model.hints import hint
from fqi_theory.model.mmdp import MMDP

__all__ = ["Entry", "entries", "load", "names", "random_model"]


def load(
    name_or_path: str | os.PathLike[str],
    *,
    discount: Any = None,
    renormalise: bool = False,
    report: Report = warn_repairs,
) -> MMDP:
    """Return the exact model of a catalogue name (with parameters, such as "penalty(100)") or of a file.

    A catalogue name goes first; write "./name" for a file of that name. Files: .json (mmdp/1), .dpomdp, .nfg, each also
    .gz. discount: replaces the model's own. renormalise: repair rows of a .dpomdp file that miss 1 by at most 1e-9;
    `report` is called with the file and one line a repair (by default it warns with RenormalisedWarning).
    Raises FormatError for what is neither, and every error of the file's format.
    """
    if not isinstance(name_or_path, str | os.PathLike):
        found = type(name_or_path).__name__
        raise FormatError(f"load: expected a name of the catalogue or a path, found {found}{hint(name_or_path)}")
    entry = None if isinstance(name_or_path, Path) else resolve(os.fspath(name_or_path), ENTRIES)
    if renormalise and (entry is not None or ending(name_or_path) != ".dpomdp"):
        raise FormatError(f"{os.fspath(name_or_path)}: renormalise: expected a .dpomdp file, whose rows it repairs")
    model = entry if entry is not None else load_file(name_or_path, renormalise=renormalise, report=report)
    return model if discount is None else model.with_discount(discount)


def entries() -> tuple[Entry, ...]:
    """Return the catalogue: name, syntax, description and source of every entry."""
    return ENTRIES


def names() -> tuple[str, ...]:
    """Return the names of the catalogue; each loads as it is, parametrised entries with their default parameters."""
    return tuple(entry.name for entry in ENTRIES)
