"""A census that was killed is compared with what is decided again; throughput has a row for each family."""

import random
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace

import pytest

from benchmarks import census_kills, census_workers, throughput
from benchmarks.census_kills import decided_again
from fqi_theory.fates.census.plan import Plan, rewards_of
from fqi_theory.fates.census.running import Spent, run_census
from fqi_theory.fates.census.shape import Shape


def test_parts_that_differ_or_lack_are_noticed(tmp_path, capsys, monkeypatch):
    pytest.importorskip("pyarrow")
    pytest.importorskip("duckdb")
    run_census(Plan(Shape(2, (1, 2), rewards_of("0,1")), Fraction(9, 10), block=64), tmp_path, workers=0, seconds=0)
    assert decided_again(tmp_path, random.Random(0), 4) == 0
    assert "4 of 4 parts" in capsys.readouterr().out
    file = tmp_path / "part-128-192.parquet"
    content = file.read_bytes()
    file.unlink()
    assert decided_again(tmp_path, random.Random(0), 4) == 1
    assert "not complete" in capsys.readouterr().out
    file.write_bytes(content + b"PAR1")
    monkeypatch.setattr(census_kills, "report", lambda _: SimpleNamespace(complete=True))
    assert decided_again(tmp_path, random.Random(0), 4) == 1
    assert "3 of 4 parts" in capsys.readouterr().out


def test_throughput_has_a_row_for_each_family_and_a_profile():
    head, *rows = throughput.lines(10)
    assert "fates/s" in head
    table = rows[: 1 + len(throughput.SHAPES)]
    assert all(row.split()[-1] == "0" for row in table)
    assert rows[len(table)].startswith("where the time of 10 fates goes")


def test_shares_and_efficiency_of_workers():
    """Two workers decide 30 s each in 40 s of wall, with 48 of 60 s of processor time; one worker takes 60 s."""
    two = census_workers.Run(2, 40.0, 60.0, Spent(7, 60.0, 48.0))
    assert two.line().split() == ["2", "40.0", "60.0", "48.0", "7", "75.0%", "80.0%"]
    slower, one = replace(two, wall=50.0), census_workers.Run(1, 60.0, 50.0, Spent(7, 50.0, 48.0))
    assert census_workers.efficiency([slower, one, two], 2) == 0.75
    assert census_workers.efficiency([slower, one, two], 1) == 1


@pytest.mark.slow
def test_workers_are_measured_on_a_census(tmp_path, capsys):
    pytest.importorskip("pyarrow")
    pytest.importorskip("distributed")
    arguments = [str(tmp_path), "--rounds", "1", "--actions", "1,2", "--workers", "1", "--seconds", "0"]
    assert census_workers.main(arguments) == 0
    head, columns, row, last = capsys.readouterr().out.splitlines()
    assert head == "256 models, linear, uniform, parts of 0 s"
    assert columns.split()[0] == "workers"
    workers, wall, processor, decided, parts, *_ = row.split()
    assert (workers, parts) == ("1", "1")
    assert 0 < float(decided) < float(processor)
    assert float(decided) < float(wall)
    assert last == "efficiency of 1 workers: 100.0%"
