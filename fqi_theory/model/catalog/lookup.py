"""From a text to a model of the catalogue, or to the decision that it is a file."""

import difflib
import os
import re
from collections.abc import Sequence

from fqi_theory.base.errors import FormatError
from fqi_theory.model.catalog.entry import Entry
from fqi_theory.model.formats.files import quoted
from fqi_theory.model.formats.load import EXPECTED, ending, other_ending
from fqi_theory.model.mmdp import MMDP

_CALL = re.compile(r"\s*([A-Za-z0-9-]+)\s*(?:\((.*)\))?\s*", re.DOTALL)


def resolve(text: str, entries: Sequence[Entry]) -> MMDP | None:
    """Return the model a text names, or None when it looks like a file; raises FormatError where it is neither."""
    match = _CALL.fullmatch(text)
    known = {entry.name: entry for entry in entries}
    if match and match[1] in known:
        return known[match[1]].model(match[2] or "")
    if ending(text) or os.path.exists(text) or os.sep in text:
        return None
    wanted = match[1] if match else text
    near = difflib.get_close_matches(wanted, known, n=1)
    hint = f"; did you mean {near[0]}?" if near else "; `fqi-theory models` lists the names"
    found = other_ending(text)
    raise FormatError(
        f"{quoted(text)}: model: expected a name of the catalogue or a file with {EXPECTED}, found "
        + (found if found != "none" else f"neither{hint}")
    )
