"""Draws that depend on the seed and on Hypothesis alone.

Hypothesis also draws constants that it finds in the source of local modules. Which modules are local depends on how
this package is installed (a working copy is, a wheel is not) and on what else has been imported: the same seed then
gives other instances. No setting turns that off, so the method of its provider that chooses constants is replaced for a
while; a test notices if a version of Hypothesis comes to choose them elsewhere. Older versions have no such constants.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

CHOOSES = "_maybe_draw_constant"


@contextmanager
def seeded_draws() -> Iterator[None]:
    """Let Hypothesis draw random numbers only, no constants, for a while."""
    provider = provider_of_draws()
    kept = getattr(provider, CHOOSES, None)
    if kept is None:
        yield
        return
    setattr(provider, CHOOSES, _no_constant)
    try:
        yield
    finally:
        setattr(provider, CHOOSES, kept)


def provider_of_draws() -> Any:
    """Return Hypothesis' class that makes random choices, or None in versions that have no such class."""
    try:
        from hypothesis.internal.conjecture.providers import HypothesisProvider
    except ImportError:
        return None
    return HypothesisProvider


def _no_constant(*_: Any, **__: Any) -> None:
    return None
