"""Text files in and out: size-limited reading, plain or gzipped; writing that is complete or does not happen."""

import gzip
import json
import os
import stat
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, NoReturn, TypeAlias

from fqi_theory.base.errors import FormatError, FqiTheoryError, NumberError

PathLike: TypeAlias = str | os.PathLike[str]

MAX_BYTES = 1 << 28
_CHUNK = 1 << 20


def fail(file: str, place: str, expected: str, found: str) -> NoReturn:
    """Raise FormatError with the message ``FILE: place: expected ..., found ...``."""
    raise FormatError(f"{file}: {place}: expected {expected}, found {found}")


def in_file(file: str, error: FqiTheoryError) -> FqiTheoryError:
    """Return the same kind of error with the file put before its message."""
    return type(error)(f"{file}: {error}")


def quoted(text: str, limit: int = 40) -> str:
    """Return foreign text for a message: quoted, on one line, shortened."""
    return repr(text if len(text) <= limit else text[:limit] + "...")


def read_text(path: PathLike, limit: int = MAX_BYTES) -> str:
    """Return the UTF-8 text of a file, unpacked when it is gzip (by content, whatever the name).

    Raises FormatError when the file is absent, a directory, unreadable, larger than `limit` bytes once unpacked, not
    valid gzip, or not text.
    """
    file = os.fspath(path)
    content = _read_bytes(file, limit)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        fail(file, f"line {line}", "UTF-8 text", f"the byte 0x{content[error.start]:02x} at offset {error.start}")
    if "\0" in text:
        fail(file, f"line {text.count(chr(10), 0, text.index(chr(0))) + 1}", "text", "a NUL character (a binary file?)")
    return text


def _read_bytes(file: str, limit: int) -> bytes:
    try:
        if os.path.isdir(file):
            fail(file, "path", "a file", "a directory")
        with open(file, "rb") as raw:
            head = raw.read(2)
            if head == b"\x1f\x8b":
                with open(file, "rb") as packed, gzip.GzipFile(fileobj=packed) as stream:
                    return _limited(file, stream.read, limit, b"")
            return _limited(file, raw.read, limit, head)
    except FileNotFoundError:
        fail(file, "path", "an existing file", "none of this name")
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FormatError(f"{file}: gzip: expected a complete gzip stream, found a broken one ({error})") from None
    except (OSError, ValueError) as error:
        if isinstance(error, FqiTheoryError):
            raise
        raise FormatError(f"{file}: cannot be read: {_reason(error)}") from None


def _limited(file: str, read: Callable[[int], bytes], limit: int, head: bytes) -> bytes:
    parts, size = [head], len(head)
    while chunk := read(_CHUNK):
        parts.append(chunk)
        size += len(chunk)
        if size > limit:
            fail(file, "size", f"at most {limit} bytes of text", "more")
    return b"".join(parts)


def require_writable(path: PathLike) -> None:
    """Raise FormatError now when `write_text` would certainly fail later: no such folder, or a folder of that name."""
    target = os.path.realpath(path)
    parent = os.path.dirname(target)
    if os.path.isdir(target):
        fail(os.fspath(path), "path", "a file to write", "a directory")
    if not os.path.isdir(parent):
        fail(os.fspath(path), "path", "an existing folder to write into", f"no folder {quoted(parent, 200)}")
    if not os.access(target if os.path.exists(target) else parent, os.W_OK):
        raise FormatError(f"{os.fspath(path)}: cannot be written: permission denied")


def write_text(path: PathLike, text: str) -> None:
    """Write UTF-8 text; gzipped when the name ends in .gz. Nothing is ever left half-written.

    The text goes to a temporary file in the same folder, which then takes the name. Raises FormatError.
    """
    content = text.encode()
    if os.fspath(path).lower().endswith(".gz"):
        content = gzip.compress(content, mtime=0)
    write_with(path, lambda stream: stream.write(content))


def write_with(path: PathLike, fill: Callable[[IO[bytes]], object]) -> None:
    """Let `fill` write a binary stream that becomes the file only when it is complete; raises FormatError."""
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name[:100]}.{os.getpid()}.part")
    try:
        if target.exists() and not stat.S_ISREG(target.stat().st_mode):
            with open(target, "wb") as stream:
                fill(stream)
            return
        try:
            with open(temporary, "xb") as stream:
                fill(stream)
            os.replace(temporary, target)
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
    except OSError as error:
        raise FormatError(f"{os.fspath(path)}: cannot be written: {_reason(error)}") from None


def write_json(path: PathLike, document: Any) -> None:
    """Write one JSON document (strict JSON: NaN and infinities raise NumberError)."""
    write_text(path, json_text(document, os.fspath(path)))


def json_text(document: Any, file: str = "JSON") -> str:
    """Return a document as one line of strict JSON, or raise NumberError for NaN and infinities."""
    try:
        return json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n"
    except ValueError:
        raise NumberError(
            f"{file}: a float result is infinite or not a number; use --exact or fewer iterations"
        ) from None


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()
