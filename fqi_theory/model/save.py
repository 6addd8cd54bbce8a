"""Models written by the ending of their name: .json (mmdp/1), .nfg (games of one state), .dpomdp, each also .gz."""

import os
from collections.abc import Callable

from fqi_theory.base.errors import FormatError
from fqi_theory.model.formats.dpomdp.write import dpomdp_text
from fqi_theory.model.formats.files import PathLike, require_writable, write_text
from fqi_theory.model.formats.load import ending, other_ending
from fqi_theory.model.formats.mmdp_json import mmdp_text
from fqi_theory.model.formats.nfg_text import nfg_text
from fqi_theory.model.mmdp import MMDP
from fqi_theory.model.named import as_model

WRITERS: dict[str, Callable[[MMDP], str]] = {".json": mmdp_text, ".nfg": nfg_text, ".dpomdp": dpomdp_text}


def writer_of(path: PathLike) -> Callable[[MMDP], str]:
    """Return the function that writes files of this name as text; raises FormatError for other endings."""
    writer = WRITERS.get(ending(path) or "")
    if writer is None:
        expected = "an ending .json, .dpomdp or, for games, .nfg (each also .gz)"
        raise FormatError(f"{os.fspath(path)}: name: expected {expected}, found {ending(path) or other_ending(path)}")
    return writer


def write_model(model: MMDP | PathLike, path: PathLike) -> None:
    """Write an exact model as mmdp/1 (.json), for MADP (.dpomdp) or, a game of one state, for Gambit (.nfg); also .gz.

    model: also by name or path. Raises FormatError for other endings and for what cannot be written, ModelError or
    NumberError for what the format does not hold: see `nfg_text` and `dpomdp_text`.
    """
    writer = writer_of(path)
    require_writable(path)
    write_text(path, writer(as_model(model)))
