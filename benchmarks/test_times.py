"""The same comparisons under pytest-benchmark, for statistics of single calls and for comparing two versions.

`pytest benchmarks` shows a group a comparison, with its peer; pytest-benchmark's own options keep and compare runs
(`--benchmark-autosave`, `--benchmark-compare`). Ratios for the README come from `python -m benchmarks`, where the two
calls take turns.
"""

from functools import lru_cache
from typing import Any

import pytest

from benchmarks.comparison import Comparison, Pair
from benchmarks.groups import comparisons


@lru_cache(maxsize=1)
def _built(comparison: Comparison) -> Pair:
    return comparison.build()


@pytest.mark.parametrize("subject", Pair._fields)
@pytest.mark.parametrize("comparison", comparisons(), ids=lambda found: f"{found.row.what}, {found.row.size}")
def test_time(benchmark: Any, comparison: Comparison, subject: str) -> None:
    try:
        pair = _built(comparison)
    except ImportError as error:
        pytest.skip(f"{comparison.row.peer}: {error}")
    row, once = comparison.row, "" if comparison.scale == 1 else f" (one step, times {comparison.scale:g})"
    benchmark.group = f"{row.what}, {row.size}, against {row.peer}{once}"
    benchmark(getattr(pair, subject))
