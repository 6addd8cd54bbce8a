"""Refusals before allocation: how large a dense tensor may become."""

import math
import os

from fqi_theory.errors import TooLarge

MEMORY_SHARE = 0.5


def available_bytes() -> int:
    """Return the machine's physical memory in bytes (8 GiB where the system does not tell)."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 8 << 30


def require_memory(what: str, shape: tuple[int, ...], bytes_each: int = 8) -> None:
    """Raise TooLarge when a tensor of `shape` would need more than half of the machine's memory."""
    need, have = math.prod(shape) * bytes_each, int(available_bytes() * MEMORY_SHARE)
    if need > have:
        raise TooLarge(
            f"{what} of shape {' x '.join(map(str, shape))} needs {need / 2**30:.3g} GiB, "
            f"at most {have / 2**30:.3g} GiB are used here"
        )
