"""Widths of regions around an orbit: how far all that is in them may move, phase by phase (docs/certificates.md).

Through m phases the deviation is V_j - o_j = C_j z, |z_k| <= b_k, with C_j = A_{j-1} ··· A_0 W. Under fixed data
actions tied at the orbit may overtake: their possible gain is carried as an error, homogeneous in b.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fqi_theory.base.matrices import times
from fqi_theory.base.progress import look
from fqi_theory.base.scalars import Array, to_float
from fqi_theory.fates.positions import Piece
from fqi_theory.fates.regions import coordinates as co

CONTRACTION_TARGETS = (0.5, 0.9, 0.99)
LARGEST_WIDTH = 1e6
MOST_ITERATIONS = 1000
ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Phase:
    """One phase, exact or float: |D C_j| (N, d), |D| (N, S), the gaps δ (N,) <= 0 at the orbit, |A_j| (S, S).

    tied: (N,), alternatives with δ = 0 exactly whose row is not 0; strict: (N,), alternatives that would win a tie.
    """

    reach: Array
    rows: Array
    gaps: Array
    jacobian: Array
    owners: Array
    agents: Array
    tied: Array
    strict: Array

    @cached_property
    def loose(self) -> bool:
        """Tell whether any alternative is tied."""
        return bool(self.tied.any())


def phase_of(piece: Piece, gaps: Array, on_policy: bool, reach: Array, rows: Array, jacobian: Array) -> Phase:
    """Return a phase of a piece with its gaps at the orbit, of tables that are exact, or in floats."""
    tied = (gaps == 0) & (rows != 0).any(axis=1)
    values = gaps if rows.dtype == object else to_float(gaps)
    return Phase(reach, rows, values, jacobian, piece.owners, piece.agents, tied, piece.earlier & on_policy)


def _applied(rows: Array, widths: Array) -> Array:
    look()
    return times(rows, widths) if rows.dtype == object else np.asarray(rows @ widths)


def _errors(phases: list[Phase], widths: Array) -> tuple[Array, list[Array]]:
    """Return the final error e_m (S,) and, phase by phase, the reach |D C_j| b + |D| e_j of every alternative (N,)."""
    error = widths.sum() * 0 + np.zeros(phases[0].jacobian.shape[0], dtype=widths.dtype)
    reaches, any_error = [], False
    for phase in phases:
        reach = _applied(phase.reach, widths)
        if any_error:
            reach = reach + _applied(phase.rows, error)
            error = _applied(phase.jacobian, error)
        reaches.append(reach)
        if phase.loose:
            gains = np.zeros((len(error), int(phase.agents.max()) + 1), dtype=widths.dtype)
            np.maximum.at(gains, (phase.owners[phase.tied], phase.agents[phase.tied]), reach[phase.tied])
            error = error + gains.sum(axis=1)
            any_error = any_error or bool((gains > 0).any())
    return error, reaches


def after(
    phases: list[Phase], returned: Array, frame: co.Coordinates, widths: Array, on_policy: bool
) -> tuple[Array, list[Array]] | None:
    """Return |Z| b + η (d,) and the reaches, or None where errors occur that are not allowed.

    Under ε-greedy data a tie that does not vanish on the region would change the data, so no error is allowed.
    """
    error, reaches = _errors(phases, widths)
    after = _applied(returned, widths)
    if (error > (ROUNDING if error.dtype != object else 0) * (1 + widths.max(initial=0))).any():
        if not frame.unit or on_policy:
            return None
        after = after + np.delete(error, frame.reference) + error[frame.reference]
    return after, reaches


def propose_widths(
    phases: list[Phase], returned: Array, frame: co.Coordinates, on_policy: bool
) -> tuple[Array, float] | None:
    """Return widths (d,) with H(b) < b, in floats, for the homogeneous map H of one return, and their largest factor.

    Without ties H is the matrix |Z| and b = (I - |Z|/κ)^-1 1 with κ halfway between its spectral radius and 1. Ties
    make H piecewise linear; then b = 1 + H(b)/κ is iterated.
    """
    size = returned.shape[0]
    if size == 0:
        return np.zeros(0), 1.0
    with np.errstate(over="ignore", invalid="ignore"):
        image = after(phases, returned, frame, np.ones(size), on_policy)
        if image is None or not np.isfinite(image[0]).all():
            return None
        if any(phase.loose for phase in phases):
            widths = _iterated_widths(phases, returned, frame, on_policy)
        else:
            widths = resolvent_widths(returned)
        image = None if widths is None else after(phases, returned, frame, widths, on_policy)
        return None if widths is None or image is None else (widths, _scale(phases, image[1]))


def resolvent_widths(returned: Array) -> Array | None:
    """Return b = (I - N/κ)^-1 1 for a map of widths N (d, d), κ halfway between its radius and 1; None if that is 1."""
    radius = float(np.abs(np.linalg.eigvals(returned)).max(initial=0.0))
    if radius >= 1 - ROUNDING:
        return None
    size = returned.shape[0]
    return np.asarray(np.linalg.solve(np.eye(size) - returned * (2 / (1 + radius)), np.ones(size)))


def _iterated_widths(phases: list[Phase], returned: Array, frame: co.Coordinates, on_policy: bool) -> Array | None:
    for target in CONTRACTION_TARGETS:
        widths = np.ones(returned.shape[0])
        for _ in range(MOST_ITERATIONS):
            image = after(phases, returned, frame, widths, on_policy)
            if image is None:
                return None
            following = 1 + image[0] / target
            if np.allclose(following, widths, rtol=1e-6):
                return following
            if not following.max() < LARGEST_WIDTH:
                break
            widths = following
    return None


def _scale(phases: list[Phase], reaches: list[Array]) -> float:
    """Return the factor at which the first alternative without a tie would overtake."""
    scale = np.inf
    for phase, reach in zip(phases, reaches, strict=True):
        limiting = (phase.gaps < 0) & (reach > 0)
        if limiting.any():
            scale = min(scale, float((-phase.gaps[limiting] / reach[limiting]).min()))
    return scale if np.isfinite(scale) else LARGEST_WIDTH
