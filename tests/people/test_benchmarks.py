"""The benchmarks compare equal answers, and say plainly what holds; nothing is timed here."""

from dataclasses import replace

import numpy as np
import pytest

import fqi_theory as ft
from benchmarks import classes, timing
from benchmarks.comparison import Comparison, Pair, Row, Single
from benchmarks.groups import all_groups, comparisons
from fqi_theory.fates import bounds

pytestmark = pytest.mark.slow

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


def test_fates_of_classes_are_kept_and_gone_on_with(tmp_path, capsys):
    """Three runs of one model; the second call finds them in the file, and prints the same table."""
    keep, command = tmp_path / "outcomes.jsonl", ["linear (VDN)", "--models", "1", "--steps", "64"]
    assert classes.main([*command, "--keep", str(keep)]) == 0
    first, lines = capsys.readouterr().out, keep.read_text(encoding="utf-8")
    assert lines.count("\n") == 3
    assert classes.main([*command, "--keep", str(keep)]) == 0
    assert (capsys.readouterr().out, keep.read_text(encoding="utf-8")) == (first, lines)
    assert "runs: 3, unknown: 0, certificates refused or contradicted: 0" in first


def test_a_contradicted_fate_is_named():
    """The run of Theorem 3's example at 3/4 tends to 12; it is not nearer to 11 after 600 steps."""
    model, source = ft.load("two-state", discount="3/4"), ft.uniform()
    fate = ft.decide(model)
    assert classes.contradiction(model, source, ft.linear, fate) == ""
    wrong = replace(fate, values=(fate.values[0] - np.array([0, 1]),), certificate={"proof": {"prefix": 40}})
    assert "not nearer" in classes.contradiction(model, source, ft.linear, wrong)
    still = replace(fate, kind="diverges", certificate={"proof": {"prefix": 40}})
    assert "not nearer" in classes.contradiction(ft.load("coordination"), source, ft.linear, still)


def test_a_bounded_fate_is_held_against_a_longer_run():
    model = ft.load("qmix-jump")
    fate = bounds(model, factorization=ft.monotonic)
    assert classes.contradiction(model, ft.uniform(), ft.monotonic, fate) == ""
    narrow = replace(fate, bounds=replace(fate.bounds, upper=fate.bounds.upper / 10))
    found = classes.contradiction(model, ft.uniform(), ft.monotonic, narrow)
    assert found == "after 1 more steps the run is outside its bounds"
