"""A census is complete, counts every model once, and may be killed at any moment."""

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from fractions import Fraction

import pytest

import fqi_theory as ft
from fqi_theory.base.errors import DataError, FormatError, ModelError
from fqi_theory.cli.app import main
from fqi_theory.data.sources import epsilon_greedy
from fqi_theory.fates import decide
from fqi_theory.fates.census.parts import decide_part
from fqi_theory.fates.census.plan import Plan, read_plan, rewards_of
from fqi_theory.fates.census.report import report
from fqi_theory.fates.census.running import run_census
from fqi_theory.fates.census.shape import Shape
from fqi_theory.fates.census.spans import Span, part_file
from proofs_check.checker import check

pytest.importorskip("pyarrow")
pytest.importorskip("duckdb")
#: 256 models.
TINY = Plan(Shape(2, (1, 2), rewards_of("0,1")), Fraction(9, 10), "epsilon-greedy:1/10", block=32)


def part(folder, block):
    return part_file(TINY, folder, Span(32 * block, 32 * block + 32))


@pytest.mark.slow
def test_every_model_is_counted_once_with_the_fate_that_it_has(tmp_path):
    run_census(TINY, tmp_path, workers=0)
    found = report(tmp_path)
    fates = [decide(TINY.shape.model(k, "9/10"), data=epsilon_greedy("1/10")) for k in range(TINY.shape.count)]
    expected = Counter((fate.word, fate.period if fate.kind == "cycles" else None) for fate in fates)
    assert found.complete
    assert found.counts == expected
    assert read_plan(tmp_path) == TINY


def test_what_is_there_is_not_done_again_and_what_is_missing_is(tmp_path):
    run_census(TINY, tmp_path, workers=0, seconds=0)
    content = {file: file.read_bytes() for file in tmp_path.glob("part-*.parquet")}
    times = {file: file.stat().st_mtime_ns for file in content}
    assert len(content) == 8
    part(tmp_path, 3).unlink()
    (tmp_path / "part-torn.tmp").write_bytes(content[part(tmp_path, 3)][:100])
    assert not report(tmp_path).complete
    told = []
    run_census(TINY, tmp_path, workers=0, watch=lambda done, most: told.append((done, most)))
    assert told == [(224, 256), (256, 256)]
    assert {file: file.read_bytes() for file in tmp_path.glob("part-*.parquet")} == content
    assert [file for file in times if times[file] != file.stat().st_mtime_ns] == [part(tmp_path, 3)]


def test_certificates_that_are_kept_are_accepted(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    plan = Plan(TINY.shape, TINY.discount, block=256, certificates=True)
    (tmp_path / "one.parquet").write_bytes(decide_part(plan, Span(0, 256)).content)
    rows = parquet.read_table(tmp_path / "one.parquet").to_pylist()
    assert sum(row["size"] for row in rows) == 256
    for row in rows[::5]:
        document = json.loads(row["certificate"])
        assert check(document).accepted
        assert document["model"]["name"] == f"model {row['number']} of 4^4"


def test_a_part_counted_twice_or_of_another_census_is_refused(tmp_path):
    run_census(TINY, tmp_path, workers=0, seconds=0)
    first, second = part(tmp_path, 0), part(tmp_path, 1)
    own = second.read_bytes()
    second.write_bytes(first.read_bytes())
    with pytest.raises(FormatError, match="expected 256 models in all, found"):
        report(tmp_path)
    second.write_bytes(decide_part(Plan(TINY.shape, TINY.discount, block=32), Span(32, 64)).content)
    with pytest.raises(FormatError, match="expected the plan of"):
        report(tmp_path)
    second.write_bytes(own[:-9])
    with pytest.raises(FormatError, match="expected parts of a census, found"):
        report(tmp_path)
    with pytest.raises(FormatError, match="discount: expected 1/2, as asked for, found 9/10"):
        run_census(Plan(TINY.shape, Fraction(1, 2), TINY.data, block=32), tmp_path, workers=0)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"discount": Fraction(1)}, ModelError, "found 1"),
        ({"data": "counts.json"}, DataError, "found 'counts.json'"),
        ({"ties": "middle"}, DataError, "'middle'"),
        ({"block": 0}, FormatError, "found 0"),
    ],
)
def test_plans_that_mean_nothing_are_refused(changes, error, message):
    with pytest.raises(error, match=message):
        Plan(**{"shape": TINY.shape, "discount": TINY.discount, **changes})


def test_the_commands_run_and_report(tmp_path, capsys):
    folder = str(tmp_path / "census")
    assert main(["census", "run", folder, "--actions", "1,2", "--workers", "0", "--block", "100"]) == 0
    assert main(["census", "report", folder]) == 0
    assert "256 of 256 models settled (complete)" in capsys.readouterr().out
    assert main(["census", "report", folder, "--json", "-"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert sum(row["models"] for row in document["fates"]) == document["of"] == 256
    assert main(["census", "run", folder, "--actions", "1,x", "--workers", "0"]) == 2
    assert "--actions: expected the number of actions" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize(("workers", "kills"), [("0", 3), ("2", 1)])
def test_a_census_killed_at_random_moments_ends_with_the_same_counts(tmp_path, workers, kills):
    pytest.importorskip("distributed")
    folder, drawn, killed = tmp_path / "killed", random.Random(7), 0
    command = [sys.executable, "-m", "fqi_theory", "census", "run", str(folder)]
    command += ["--actions", "1,2", "--block", "4", "--seconds", "0", "--workers", workers]
    while killed < kills:
        process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
        had, end = _parts(folder), time.monotonic() + 60
        while _parts(folder) < had + 3 and process.poll() is None and time.monotonic() < end:
            time.sleep(0.02 * drawn.random())
        if process.poll() is not None:
            break
        os.killpg(process.pid, 9)
        process.wait()
        killed += 1
    assert killed == kills
    assert not report(folder).complete
    subprocess.run(command, check=True)
    run_census(read_plan(folder), tmp_path / "whole", workers=0)
    assert report(folder).complete
    assert report(folder).to_json() == report(tmp_path / "whole").to_json()


def _parts(folder):
    return len(list(folder.glob("part-*.parquet")))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rewards": ["1", "0"]}, "rewards: expected different numbers, increasing, found 1, 0"),
        ({"rewards": ["9" * 5000, "0"]}, "rewards: expected different numbers, increasing, found 999"),
        ({"discount": "9" * 5000}, "discount: expected a number in [0, 1), found 999"),
        ({"data": "all"}, "data: expected uniform or epsilon-greedy:EPS, found 'all'"),
        ({"block": 0}, "block: expected a number from 1 to 65536, found 0"),
        ({"format": "census/1"}, "format: expected 'census/2'"),
    ],
)
def test_a_plan_that_was_changed_is_refused_by_its_file(tmp_path, change, message):
    path = tmp_path / "census.json"
    path.write_text(json.dumps({**TINY.to_json(), **change}))
    with pytest.raises(ft.FqiTheoryError) as caught:
        read_plan(tmp_path)
    assert str(caught.value).startswith(f"{path}: {message}")
