"""All measurements, by group."""

from collections.abc import Mapping, Sequence

from benchmarks import checkers, fits, forms, iteration, memory, optima
from benchmarks.comparison import Comparison, Single


def all_groups() -> Mapping[str, Sequence[Comparison | Single]]:
    """Return the measurements of every group, in the order of the table; models are built when measured."""
    return {
        "iteration": [*iteration.fixed_data(), *iteration.sparse()],
        "on-policy": iteration.on_policy(),
        "fit": fits.comparisons(),
        "exact": iteration.exact(),
        "forms": forms.comparisons(),
        "optimum": [*optima.exact(), *optima.from_file(), *optima.floats()],
        "memory": memory.paths(),
        "checkers": checkers.rows(),
    }


def comparisons() -> list[Comparison]:
    """Return what compares two calls."""
    return [found for group in all_groups().values() for found in group if isinstance(found, Comparison)]
