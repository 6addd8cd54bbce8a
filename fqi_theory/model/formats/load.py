"""Model files by the ending of their name: .json (mmdp/1), .dpomdp, .nfg, each also .gz."""

import os
import warnings
from collections.abc import Callable, Sequence
from typing import TypeAlias

from fqi_theory.base.errors import FormatError
from fqi_theory.model.formats.files import PathLike
from fqi_theory.model.mmdp import MMDP

Report: TypeAlias = Callable[[str, Sequence[str]], None]

ENDINGS = (".json", ".dpomdp", ".nfg")


class RenormalisedWarning(UserWarning):
    """Rows of a file were renormalised on request; the message says how many and shows the first."""


def warn_repairs(file: str, repairs: Sequence[str]) -> None:
    """Warn with RenormalisedWarning."""
    message = f"{file}: {len(repairs)} distributions were renormalised; the first: {repairs[0]}"
    warnings.warn(message, RenormalisedWarning, stacklevel=4)


def ending(path: PathLike) -> str | None:
    """Return ".json", ".dpomdp" or ".nfg" for a name that ends so (also with .gz), else None."""
    name = os.fspath(path).lower().removesuffix(".gz")
    return next((known for known in ENDINGS if name.endswith(known)), None)


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
    raise FormatError(f"{os.fspath(path)}: name: expected an ending .json, .dpomdp or .nfg (each also .gz), found none")
