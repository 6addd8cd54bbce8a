"""JSON with nothing forgiven: values know their place, numbers stay exact, unknown and repeated keys are refused."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import fmpq

from fqi_theory.base.errors import FormatError, NumberError
from fqi_theory.base.limits import EXACT_BYTES, require_memory
from fqi_theory.base.scalars import Array, exact
from fqi_theory.model.formats.files import PathLike, fail, quoted, read_text


@dataclass(frozen=True)
class FloatLiteral:
    """A number written with a point or an exponent, or NaN or Infinity: kept as text, to be refused by name."""

    text: str


class Members(dict[str, Any]):
    """A JSON object that remembers a key given twice."""

    repeated: str | None = None


@dataclass(frozen=True)
class Node:
    """One JSON value with its file and its path inside it, such as ``transitions[3].reward``."""

    file: str
    path: str
    value: Any

    def refuse(self, expected: str, found: str | None = None) -> FormatError:
        """Return the error ``FILE: place: expected ..., found ...`` for this value."""
        place = self.path or "document"
        return FormatError(f"{self.file}: {place}: expected {expected}, found {found or describe(self.value)}")

    def members(self, required: Sequence[str] = (), optional: Sequence[str] | None = ()) -> dict[str, "Node"]:
        """Return an object's members; `optional` None allows any key. Anything else is refused."""
        if not isinstance(self.value, Members):
            raise self.refuse("an object")
        if self.value.repeated is not None:
            raise self.refuse("every key once", f"{quoted(self.value.repeated)} twice")
        missing = [key for key in required if key not in self.value]
        if missing:
            wanted = f"the key{'s' if len(missing) > 1 else ''} {', '.join(map(repr, missing))}"
            raise self.refuse(wanted, f"{', '.join(map(quoted, self.value)) or 'no keys'}"[:120])
        for key in self.value:
            if optional is not None and key not in required and key not in optional:
                known = ", ".join([*required, *optional])
                raise self.refuse(f"only the keys {known}", f"the unknown key {quoted(key)}")
        return {key: self._child(f".{key}" if self.path else key, value) for key, value in self.value.items()}

    def items(self, length: int | None = None, each: str = "entries") -> list["Node"]:
        """Return a list's entries; `length` is how many there must be."""
        if not isinstance(self.value, list):
            raise self.refuse("a list" if length is None else f"a list of {length} {each}")
        if length is not None and len(self.value) != length:
            raise self.refuse(f"{length} {each}", f"{len(self.value)}")
        return [self._child(f"[{k}]", value) for k, value in enumerate(self.value)]

    def text(self) -> str:
        """Return a string."""
        if not isinstance(self.value, str):
            raise self.refuse("a string")
        if any("\ud800" <= c <= "\udfff" for c in self.value):
            raise self.refuse("a string of whole characters", "half of a surrogate pair")
        return self.value

    def number(self) -> fmpq:
        """Return an exact rational, written as an integer or as a string such as "3/4" or "0.85"."""
        if isinstance(self.value, FloatLiteral):
            raise self.refuse(
                'an integer or a string such as "3/4" or "0.85"', f"the float {quoted(self.value.text)[1:-1]}"
            )
        if isinstance(self.value, bool) or not isinstance(self.value, int | str | fmpq):
            raise self.refuse('an integer or a string such as "3/4" or "0.85"')
        try:
            return exact(self.value)
        except NumberError as error:
            raise FormatError(f"{self.file}: {self.path}: {error}") from None

    def index(self, count: int) -> int:
        """Return an integer in 0..count-1."""
        if isinstance(self.value, bool) or not isinstance(self.value, int) or not 0 <= self.value < count:
            raise self.refuse(f"an integer in 0..{count - 1}")
        return self.value

    def names(self, what: str) -> tuple[str, ...]:
        """Return a non-empty list of different, non-empty strings."""
        found = tuple(node.text() for node in self.items())
        if not found:
            raise self.refuse(f"at least one {what}", "none")
        for k, name in enumerate(found):
            if not name or not name.isprintable():
                raise self._child(f"[{k}]", name).refuse(f"a printable name for this {what}")
        if len(set(found)) < len(found):
            twice = next(name for k, name in enumerate(found) if name in found[:k])
            raise self.refuse(f"every {what} once", f"{quoted(twice)} twice")
        return found

    def table(self, shape: tuple[int, ...], axes: Sequence[str]) -> Array:
        """Return nested lists of numbers as an exact array of `shape`; axes name what each level counts."""
        require_memory(f"{self.file}: {self.path or 'document'}: table", shape, EXACT_BYTES)
        result = np.empty(shape, dtype=object)
        result.reshape(-1)[:] = list(self._numbers(shape, axes))
        return result

    def _numbers(self, shape: tuple[int, ...], axes: Sequence[str]) -> Iterator[fmpq]:
        if not shape:
            yield self.number()
            return
        for node in self.items(shape[0], axes[0]):
            yield from node._numbers(shape[1:], axes[1:])

    def _child(self, step: str, value: Any) -> "Node":
        return Node(self.file, self.path + step, value)


def read_json(path: PathLike) -> Node:
    """Return the document of a JSON file, plain or gzipped; raises FormatError for everything that is not JSON."""
    return parse_json(read_text(path), str(path))


def parse_json(text: str, file: str) -> Node:
    """Return the document of a JSON text; `file` is the name used in messages."""
    try:
        value = json.loads(
            text, object_pairs_hook=_members, parse_float=FloatLiteral, parse_constant=FloatLiteral, parse_int=_integer
        )
    except json.JSONDecodeError as error:
        if not text.strip():
            fail(file, "document", "JSON", "an empty file")
        raise FormatError(f"{file}: line {error.lineno} column {error.colno}: not JSON: {error.msg.lower()}") from None
    except RecursionError:
        fail(file, "document", "JSON of ordinary depth", "lists or objects nested too deeply")
    except NumberError as error:
        raise FormatError(f"{file}: {error}") from None
    return Node(file, "", value)


def require_format(root: Node, name: str) -> None:
    """Raise FormatError unless the document says ``"format": name``."""
    if not isinstance(root.value, Members):
        raise root.refuse(f"an object with the format {name!r}")
    if root.value.get("format") != name:
        found = describe(root.value["format"]) if "format" in root.value else "none"
        raise FormatError(f"{root.file}: format: expected {name!r}, found {found}")


def describe(value: Any) -> str:
    """Return what a JSON value is, for messages."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, FloatLiteral):
        return f"the float {quoted(value.text)[1:-1]}"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return "a number"


def _members(pairs: list[tuple[str, Any]]) -> Members:
    result = Members(pairs)
    if len(result) < len(pairs):
        result.repeated = Counter(key for key, _ in pairs).most_common(1)[0][0]
    return result


def _integer(text: str) -> Any:
    return int(text) if len(text) < 1000 else exact(text)
