"""Files: one JSON document, read within limits."""

from __future__ import annotations

import json
import os
import stat
from collections import Counter
from functools import partial
from typing import Any

from .budget import MAX_DIGITS, MAX_FILE_BYTES, MAX_JSON_VALUES, Refused, Unreadable, Work, gcd_cost, need
from .numerals import integer, show


def _integer(work: Work, literal: str) -> int:
    need(len(literal) <= MAX_DIGITS, f"an integer of more than {MAX_DIGITS} digits")
    work.spend(gcd_cost(4 * len(literal), 4 * len(literal)))
    return integer(literal)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise Refused(f"the key {show(twice)} occurs twice in one object")
    return found


def load(path: Any, work: Work) -> Any:
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
        work.spend(len(raw) + 40 * values)
        return json.loads(raw.decode(), object_pairs_hook=_unique, parse_int=partial(_integer, work))
    except RecursionError:
        raise Unreadable("cannot read: nested too deeply") from None
    except OSError as error:
        raise Unreadable(f"cannot read: {error.strerror}") from None
    except ValueError as error:
        raise Unreadable(f"cannot read as JSON in UTF-8: {show(str(error))}") from None
