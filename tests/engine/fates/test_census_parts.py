"""Parts are as large as the time that they are to take, and what they say does not depend on where they are cut."""

import os
import signal
import socket
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fqi_theory.base.errors import FormatError, FqiTheoryError
from fqi_theory.fates.census.parts import Decided, decide_part
from fqi_theory.fates.census.plan import Plan, rewards_of
from fqi_theory.fates.census.report import report
from fqi_theory.fates.census.running import run_census
from fqi_theory.fates.census.shape import Shape
from fqi_theory.fates.census.spans import Span, missing, part_file, spans_there
from fqi_theory.fates.census.work import GROWTH, LARGEST, Pace, Work

parquet = pytest.importorskip("pyarrow.parquet")
pytest.importorskip("duckdb")
#: 256, 1,296, 1,679,616 and 65,536 models.
TINY = Plan(Shape(2, (1, 2), rewards_of("0,1")), Fraction(9, 10), block=16, certificates=True)
SMALL = Plan(Shape(2, (1, 2), rewards_of("-1,0,1")), Fraction(9, 10), "epsilon-greedy:1/10", block=100)
TERNARY = Plan(Shape(2, (2, 2), rewards_of("-1,0,1")), Fraction(9, 10), block=64)
LARGE = Plan(Shape(2, (2, 2), rewards_of("0,1")), Fraction(9, 10), block=64)


def rows(plan, folder):
    return parquet.read_table([part_file(plan, folder, span) for span in spans_there(plan, folder)])


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    run_census(TINY, folder, workers=0)
    return folder


@pytest.mark.parametrize("cuts", [[48], [16, 32, 240], list(range(16, 256, 16))])
def test_rows_are_the_same_wherever_parts_are_cut(cuts, whole, tmp_path):
    ends = [0, *cuts, 256]
    for first, end in pairwise(ends):
        span = Span(first, end)
        part_file(TINY, tmp_path, span).write_bytes(decide_part(TINY, span).content)
    assert len(spans_there(TINY, tmp_path)) == len(cuts) + 1
    assert rows(TINY, tmp_path).equals(rows(TINY, whole))


def test_a_census_goes_on_with_parts_of_another_size(whole, tmp_path):
    run_census(TINY, tmp_path, workers=0, seconds=0)
    for first in (32, 48, 64, 160):
        part_file(TINY, tmp_path, Span(first, first + 16)).unlink()
    assert missing(TINY, spans_there(TINY, tmp_path)) == (Span(32, 80), Span(160, 176))
    spent = run_census(TINY, tmp_path, workers=0, seconds=100)
    assert spent.parts < 4
    assert spent.processor > 0
    assert rows(TINY, tmp_path).equals(rows(TINY, whole))
    assert report(tmp_path).complete
    assert run_census(TINY, tmp_path, workers=0).parts == 0


@given(st.lists(st.floats(1e-3, 50), min_size=1, max_size=30), st.integers(1, 9), st.floats(0, 60))
def test_parts_cover_what_is_missing_once_whatever_the_pace(times, workers, seconds):
    gaps = (Span(0, 640), Span(1024, 1088), Span(2048, 65536))
    work, found = Work(LARGE, gaps, seconds, workers), []
    while work.missing:
        span, work = work.cut()
        found.append(span)
        work = work.told(Decided(span, b"", times[len(found) % len(times)], 0.0))
    ends = [
        Span(a, b)
        for span in found
        for a, b in zip(range(span.first, span.end, 64), range(span.first + 64, span.end + 1, 64), strict=True)
    ]
    assert ends == [Span(first, first + 64) for gap in gaps for first in range(gap.first, gap.end, 64)]


def test_parts_take_the_wanted_time_though_the_pace_changes():
    """A block takes 1/32 s in the first half and 1/4 s after; parts of 4 s, 128 and 16 blocks, and less at the end."""
    work, half, found = Work(TERNARY, (Span(0, TERNARY.shape.count),), 4.0, 2), TERNARY.shape.count // 2, []
    while work.missing:
        span, work = work.cut()
        blocks = -(-len(span) // 64)
        found.append((blocks, blocks / (32 if span.first < half else 4)))
        work = work.told(Decided(span, b"", found[-1][1], 0.0))
    sizes, times = zip(*found, strict=True)
    assert sizes[:4] == (1, 8, 64, 128)
    assert sizes[-4:] == (1, 1, 1, 1)
    assert [seconds for seconds in times if seconds > 4] == [32]
    assert sum(seconds < 3.2 for seconds in times) < 20
    assert max(sizes[4:90]) == min(sizes[4:90]) == 128
    assert len(times) > 600


def test_a_few_empty_parts_do_not_make_the_next_one_long():
    pace = Pace().after(10, 10.0)
    for _ in range(2):
        pace = pace.after(10, 0.0)
    assert 10 < pace.within(10.0) < 20
    assert pace.after(20, 40.0).within(10.0) == 5


def test_a_part_is_a_block_at_least_and_what_fits_in_memory_at_most():
    assert Pace().within(100) == 1
    assert Pace(50.0, 1).within(10) == 1
    assert Pace(0.0, 3).within(10) == 3 * GROWTH
    fast = replace(Work(LARGE, (Span(0, 2**40),), 1e6), pace=Pace(1e-6, 10**6))
    assert len(fast.cut()[0]) == LARGEST


@pytest.mark.parametrize(
    "name", ["part-000-010", "part-016-016", "part-000-272", "part-0-16", "part-0000000", "part-016-000"]
)
def test_parts_without_a_place_are_refused(name, tmp_path):
    (tmp_path / f"{name}.parquet").touch()
    with pytest.raises(FormatError, match=r"expected part-FIRST-END\.parquet, blocks of 16 of 256"):
        spans_there(TINY, tmp_path)


def test_parts_that_share_numbers_are_refused(tmp_path):
    for name in ("part-016-064", "part-048-080"):
        (tmp_path / f"{name}.parquet").touch()
    with pytest.raises(
        FormatError, match=r"part-048-080\.parquet: expected numbers from 64 on, found 48 as in part-016-064"
    ):
        spans_there(TINY, tmp_path)


def test_two_runs_at_once_are_refused(tmp_path):
    pytest.importorskip("fcntl")

    def watch(*_):
        with pytest.raises(FormatError, match="expected no other run, found one that goes on"):
            run_census(TINY, tmp_path, workers=0)

    run_census(TINY, tmp_path, workers=0, seconds=0, watch=watch)
    assert report(tmp_path).complete


@pytest.mark.slow
def test_workers_that_are_lost_lose_no_model_and_count_none_twice(tmp_path):
    distributed = pytest.importorskip("distributed")
    killed = []
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster:

        def watch(done, _):
            pids = {nanny.pid for nanny in cluster.workers.values()} - {None, *killed}
            if done and pids and len(killed) < 3:
                killed.append(min(pids))
                os.kill(killed[-1], signal.SIGKILL)

        run_census(SMALL, tmp_path / "lost", scheduler=cluster.scheduler_address, seconds=0, watch=watch)
    assert len(killed) >= 2
    run_census(SMALL, tmp_path / "whole", workers=0)
    assert report(tmp_path / "lost").complete
    assert rows(SMALL, tmp_path / "lost").equals(rows(SMALL, tmp_path / "whole"))


@pytest.mark.slow
def test_two_censuses_of_one_machine_take_no_port_from_each_other(whole, tmp_path):
    pytest.importorskip("distributed")
    with socket.socket() as taken:
        with suppress(OSError):
            taken.bind(("", 8787))
            taken.listen()
        run_census(TINY, tmp_path, workers=1)
    assert rows(TINY, tmp_path).equals(rows(TINY, whole))


@pytest.mark.slow
def test_a_part_that_loses_every_worker_is_named_and_the_rest_is_kept(tmp_path, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr("fqi_theory.fates.census.running.decide_part", lost)
    with pytest.raises(FqiTheoryError, match="a part lost all its workers"):
        run_census(SMALL, tmp_path, workers=1, seconds=0)
    kept = spans_there(SMALL, tmp_path)
    assert Span(0, 100) in kept
    assert Span(200, 300) not in kept


def lost(plan, span):
    if span.first == 200:
        os.kill(os.getpid(), signal.SIGKILL)
    return decide_part(plan, span)
