"""Model files by the ending of their name: .json (mmdp/1), .dpomdp, .nfg, .csv (a payoff table), each also .gz."""

import os
import warnings
from collections.abc import Callable, Sequence
from typing import TypeAlias

from fqi_theory.base.errors import FormatError
from fqi_theory.model.formats.files import PathLike
from fqi_theory.model.mmdp import MMDP

Report: TypeAlias = Callable[[str, Sequence[str]], None]

ENDINGS = (".json", ".dpomdp", ".nfg", ".csv")
EXPECTED = "an ending .json, .dpomdp, .nfg or .csv (each also .gz)"
#: What to do about files of other programs.
ADVICE = {
    ".efg": "save its reduced normal form as .nfg, in Gambit or with pygambit",
    ".pomdp": "a single agent's model; write it as .dpomdp with one agent, or as mmdp/1",
    ".xlsx": "save the sheet as .csv",
    ".ods": "save the sheet as .csv",
    ".npz": "transitions go through from-transitions",
    ".parquet": "transitions go through from-transitions",
}


class RenormalisedWarning(UserWarning):
    """Rows of a file were renormalised on request; the message says how many and shows the first."""


def warn_repairs(file: str, repairs: Sequence[str]) -> None:
    """Warn with RenormalisedWarning."""
    message = f"{file}: {len(repairs)} distributions were renormalised; the first: {repairs[0]}"
    warnings.warn(message, RenormalisedWarning, stacklevel=4)


def ending(path: PathLike) -> str | None:
    """Return ".json", ".dpomdp", ".nfg" or ".csv" for a name that ends so (also with .gz), else None."""
    name = os.fspath(path).lower().removesuffix(".gz")
    return next((known for known in ENDINGS if name.endswith(known)), None)


def other_ending(path: PathLike) -> str:
    """Return what an unknown ending is, and what to do about it: ``.efg; save ...``, or ``none``."""
    name = os.path.basename(os.fspath(path)).lower().removesuffix(".gz")
    found = os.path.splitext(name)[1]
    return found + (f"; {ADVICE[found]}" if found in ADVICE else "") if found else "none"


def load_file(path: PathLike, *, renormalise: bool = False, report: Report = warn_repairs) -> MMDP:
    """Return the exact model of a file; raises FormatError where the ending is unknown.

    renormalise: see `formats.dpomdp`; `report` is called with the file and one line a repair, when there are any.
    """
    kind = ending(path)
    if kind == ".json":
        from fqi_theory.model.formats.mmdp_json import read_mmdp

        return read_mmdp(path)
    if kind == ".nfg":
        from fqi_theory.model.formats.nfg import read_nfg

        return read_nfg(path)
    if kind == ".dpomdp":
        from fqi_theory.model.formats.dpomdp.read import read_dpomdp

        reading = read_dpomdp(path, renormalise=renormalise)
        if reading.repairs:
            report(os.fspath(path), reading.repairs)
        return reading.model
    if kind == ".csv":
        from fqi_theory.model.formats.payoff import read_payoff

        return read_payoff(path)
    raise FormatError(f"{os.fspath(path)}: name: expected {EXPECTED}, found {other_ending(path)}")
