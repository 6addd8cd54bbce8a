"""Refusals before allocation: how large a table may become, and how much a model keeps itself."""

import math
import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import flint

from fqi_theory.base.errors import TooLarge

MEMORY_SHARE = 0.5
#: Bytes of an exact number in a table: its place and the object.
EXACT_BYTES = 48
#: Where Linux tells the most memory that this container may use (versions 2 and 1 of control groups).
CONTROL_GROUPS = "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"


def available_bytes() -> int:
    """Return the memory in bytes of the machine, or what its container or process may use, whichever is least.

    8 GiB where the system does not tell.
    """
    return min([_machine_bytes(CONTROL_GROUPS), *_process_limits()])


@cache
def _machine_bytes(groups: tuple[str, ...]) -> int:
    """Return the memory of the machine, or what one of the files of control groups says, whichever is least."""
    try:
        least = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        least = 8 << 30
    for name in groups:
        with suppress(OSError, ValueError):
            least = min(least, int(Path(name).read_text(encoding="ascii")))
    return least


def _process_limits() -> list[int]:
    try:
        import resource
    except ImportError:
        return []
    limits = [resource.getrlimit(kind)[0] for kind in (resource.RLIMIT_AS, resource.RLIMIT_DATA)]
    return [limit for limit in limits if limit != resource.RLIM_INFINITY]


def require_memory(what: str, shape: tuple[int, ...], bytes_each: int = 8) -> None:
    """Raise TooLarge when numbers in this shape would need more than half of the memory (see `available_bytes`)."""
    need, have = math.prod(shape) * bytes_each, int(available_bytes() * MEMORY_SHARE)
    if need > have:
        raise TooLarge(
            f"{what} of shape {' x '.join(map(str, shape))} needs {need / 2**30:.3g} GiB, "
            f"at most {have / 2**30:.3g} GiB are used here"
        )


def free_digits() -> None:
    """Give back the memory of exact numbers that are gone.

    FLINT keeps the digits' space of numbers up to 4096 bits for the next numbers, however small those are: where many
    small numbers follow large ones, they would hold several times what they need.
    """
    flint.ctx.cleanup()


def bytes_of(array: Any) -> int:
    """Return the bytes of an array, with EXACT_BYTES for each object in it."""
    return int(array.size) * EXACT_BYTES if array.dtype == object else int(array.nbytes)


def bytes_each(field: str) -> int:
    """Return the bytes of one number: 8 for "float"."""
    return 8 if field == "float" else EXACT_BYTES
