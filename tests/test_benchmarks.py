"""The benchmarks compare equal answers, and say plainly what holds; nothing is timed here."""

from dataclasses import replace

import pytest

from benchmarks import timing
from benchmarks.comparison import Comparison, Pair, Row, Single
from benchmarks.groups import all_groups, comparisons

PEERS = "lstsq", "einsum", "np.sum", "Fractions", "float64", "SciPy", "dense collapsed"
LARGE = "6 x 6 x 6", "8 x 8", "5 x 5 x 5 x 5", "2000", "900", "512"


def small(found):
    return any(word in found.row.peer for word in PEERS) and not any(word in found.row.size for word in LARGE)


@pytest.mark.parametrize("found", [c for c in comparisons() if small(c)], ids=lambda c: f"{c.row.what}, {c.row.peer}")
def test_both_sides_give_the_same(found):
    assert all(callable(call) for call in found.build())


def test_a_peer_that_is_missing_is_no_failure():
    def build():
        raise ImportError("no such peer")

    row = Comparison(Row("what", "size", "peer", least=20), build).measure()
    assert (row.ratio, row.verdict()) == (None, "-")


@pytest.mark.parametrize(
    ("least", "most", "ratio", "verdict"),
    [(20, None, 20, "yes"), (20, None, 19.9, "NO"), (None, 3, 3.1, "NO"), (None, 3, 3, "yes"), (None, None, 7, "")],
)
def test_a_bound_holds_or_not(least, most, ratio, verdict):
    assert replace(Row("what", "size", "peer", least, most), ratio=ratio).verdict() == verdict


def test_ratios_are_medians_of_slow_over_fast(monkeypatch):
    clock = {"now": 0.0}
    spent = iter([2.0, 6.0, 8.0, 2.0, 2.0, 10.0])

    def call():
        clock["now"] += next(spent)

    free = iter([lambda: None])

    def ours():
        next(free, call)()

    monkeypatch.setattr(timing, "process_time", lambda: clock["now"])
    found = Comparison(Row("what", "size", "peer"), lambda: Pair(call, ours), rounds=3, scale=10).measure()
    # Rounds: ours 2, peer 6; peer 8, ours 2; ours 2, peer 10.
    assert found.ratio == 10 * 4.0


def test_a_single_number_is_reported_as_it_is():
    assert Single(Row("what", "size", "peer", most=3), lambda: 2.5).measure().verdict() == "yes"


def test_four_bounds_are_asked_of_runs_under_fixed_data():
    asked = {
        (found.row.what, found.row.size): found.row.least
        for found in all_groups()["iteration"]
        if found.row.least is not None
    }
    assert sorted(asked.values()) == [50, 200, 1500, 5000]
