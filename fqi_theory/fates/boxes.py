"""Boxes lower <= V <= upper that one step maps into themselves: Theorem A.2 for a model (theory notes, section 10 ✦).

A fit in a class with the constants keeps the mean of the data, so V'(s) = max_a Q_tot(s,a) >= E_p[y(s,·)]: a lower
bound l is one where l <= r_p + γ P_p l. Above, V'(s) <= max_a [ρ(s,a) + γ Σ_s' (K⁺ upper - K⁻ lower)(s')], K⁺ and K⁻
the positive and the negative part of the kernel. An upper bound exists where γ K⁺ contracts in a weighted sup-norm, in
particular where γ(1+ν_P) < 1, whatever the lower one is. For the monotonic class K is P itself: min y <= V' <= max y
(Theorem C.1). Under ε-greedy data this is asked for the data around every joint action, in each state by itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from math import prod

import numpy as np

from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import DataSource, uniform
from fqi_theory.data.weighted import Weighted
from fqi_theory.fates.coverings import covering
from fqi_theory.fates.positions import Positions
from fqi_theory.model.mmdp import MMDP

#: At most this many coefficients, those of all data that can occur together.
LARGEST = 400_000


@dataclass(frozen=True, eq=False)
class Forms:
    """What bounds a step, γ included, over all data that can occur.

    drift (S, N), kernel (S, N, S): V'(s) <= max_j [drift + kernel V]; means (S, D), mean_kernel (S, D, S): V'(s) is at
    least one of means + mean_kernel V, whose coefficients are not negative and sum to γ.
    """

    drift: Array
    kernel: Array
    means: Array
    mean_kernel: Array

    @cached_property
    def rising(self) -> Array:
        """Return γ K⁺, (S, N, S)."""
        return np.asarray((self.kernel + np.abs(self.kernel)) / 2)


def fitted_forms(positions: Positions) -> Forms | None:
    """Return the forms of a class that is linear in y; None where they are too many."""
    model = positions.model
    choices = _data_choices(model, positions.source)
    if choices is None:
        return None
    drift, kernel, means, mean_kernel = [], [], [], []
    for greedy in choices:
        operator = positions.operator(greedy)
        own, rows = _flat(model, operator.drift(), model.discount * operator.kernel())
        weights = positions.source.at(model, greedy).joint().reshape(model.n_states, -1)
        drift.append(own)
        kernel.append(rows)
        means.append((weights * own).sum(axis=1))
        mean_kernel.append((weights[:, :, None] * rows).sum(axis=1))
    return _together(drift, kernel, means, mean_kernel)


def monotone_forms(model: MMDP, source: DataSource) -> Forms | None:
    """Return the forms of the monotonic class, for data of full support; None where they are too many.

    Of weights that depend on Q_tot no mean is known before the run: the least y(s,a) takes its place.
    """
    choices = _data_choices(model, uniform() if isinstance(source, Weighted) else source)
    if choices is None:
        return None
    own, rows = _flat(model, model.reward, model.discount * model.transition.dense())
    if isinstance(source, Weighted):
        return Forms(own, rows, own, rows)
    means, mean_kernel = [], []
    for greedy in choices:
        weights = source.at(model, greedy).joint().reshape(model.n_states, -1)
        means.append((weights * own).sum(axis=1))
        mean_kernel.append((weights[:, :, None] * rows).sum(axis=1))
    return _together([own], [rows], means, mean_kernel)


def invariant_box(forms: Forms, start: Array) -> tuple[Array, Array] | None:
    """Return (lower, upper), (S,) each, exact: a box that holds `start` and that a step maps into itself, or None."""
    negative = covering(-forms.means, forms.mean_kernel, -start)
    if negative is None:
        return None
    lower = -negative
    levels = forms.drift + (forms.kernel - forms.rising) @ lower
    upper = covering(levels, forms.rising, np.maximum(start, lower))
    return None if upper is None else (lower, upper)


def _data_choices(model: MMDP, source: DataSource) -> Iterable[Array] | None:
    """Return greedy choices (S, n), the same in every state, around which the data are all that can occur."""
    counts = model.action_counts
    choices = list(np.ndindex(*counts)) if source.on_policy and prod(counts) ** 2 <= LARGEST else [(0,) * len(counts)]
    if source.on_policy and len(choices) < prod(counts):
        return None
    if model.n_states**2 * prod(counts) * len(choices) > LARGEST:
        return None
    return [np.tile(np.array(choice), (model.n_states, 1)) for choice in choices]


def _flat(model: MMDP, drift: Array, kernel: Array) -> tuple[Array, Array]:
    return drift.reshape(model.n_states, -1), kernel.reshape(model.n_states, -1, model.n_states)


def _together(drift: list[Array], kernel: list[Array], means: list[Array], rows: list[Array]) -> Forms:
    lines = np.concatenate(drift, axis=1), np.concatenate(kernel, axis=1)
    return Forms(*lines, np.stack(means, axis=1), np.stack(rows, axis=1))
