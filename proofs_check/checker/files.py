"""Files: one JSON document, read within limits."""

from __future__ import annotations

import json
import os
import stat
from decimal import Decimal
from typing import Any

from .budget import MAX_DIGITS, MAX_FILE_BYTES, MAX_JSON_VALUES, Unreadable, need
from .reading import show


def _integer(literal: str) -> int:
    need(len(literal) <= MAX_DIGITS, f"an integer of more than {MAX_DIGITS} digits")
    return int(Decimal(literal))


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    need(len(found) == len(pairs), "a key occurs twice in one object")
    return found


def load(path: Any) -> Any:
    """Return the JSON document of a path; refuse what is no file, too large, or no JSON."""
    try:
        # Devices and pipes could block or never end.
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise Unreadable("cannot read: not a regular file")
        with open(path, "rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)
        need(len(raw) <= MAX_FILE_BYTES, f"too much work: more than {MAX_FILE_BYTES} bytes")
        values = sum(map(raw.count, (b",", b"[", b"{")))
        need(values <= MAX_JSON_VALUES, f"too much work: more than {MAX_JSON_VALUES} JSON values")
        return json.loads(raw.decode(), object_pairs_hook=_unique, parse_int=_integer)
    except RecursionError:
        raise Unreadable("cannot read: nested too deeply") from None
    except OSError as error:
        raise Unreadable(f"cannot read: {error.strerror}") from None
    except ValueError as error:
        raise Unreadable(f"cannot read as JSON in UTF-8: {show(str(error))}") from None
