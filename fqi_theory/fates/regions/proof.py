"""The proof by a region, as it stands in a certificate (docs/certificates.md)."""

from collections.abc import Sequence
from typing import Any

from fqi_theory.base import scalars
from fqi_theory.base.matrices import array
from fqi_theory.base.scalars import Array, Scalar
from fqi_theory.fates.regions.coordinates import Coordinates


def region(
    prefix: int,
    origin: Array,
    modes: Sequence[Array],
    entry: Array,
    coordinates: Coordinates,
    widths: Sequence[Scalar],
    growth: dict[str, Any] | None,
) -> dict[str, Any]:
    """Return the proof by a region: origin (S,); modes: m joint policies (S, n); entry (S, n); widths (d,)."""
    directions = [scalars.nested_text(w) for w in array(coordinates.directions).T]
    return {
        "kind": "region",
        "prefix": prefix,
        "origin": scalars.nested_text(origin),
        "modes": [mode.tolist() for mode in modes],
        "entry": entry.tolist(),
        "directions": None if coordinates.unit else directions,
        "reference": coordinates.reference,
        "widths": [str(b) for b in widths],
        "growth": growth,
    }
