"""The rows of a census in SQL: exact, of this census only, and of its models."""

import json
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest

from fqi_theory.base.errors import FormatError
from fqi_theory.cli import census as command
from fqi_theory.cli.app import main
from fqi_theory.fates.census.plan import Plan, rewards_of
from fqi_theory.fates.census.queries import answer, database
from fqi_theory.fates.census.report import report
from fqi_theory.fates.census.running import run_census
from fqi_theory.fates.census.shape import Shape
from tests.engine.fates.test_census_shapes import size

pytest.importorskip("pyarrow")
duckdb = pytest.importorskip("duckdb")
#: 1,296 models; rewards that are no machine numbers.
PLAN = Plan(Shape(2, (1, 2), rewards_of("-1/3,0,7/2")), Fraction(9, 10), block=400)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    found = tmp_path_factory.mktemp("it's [a] census?")
    run_census(PLAN, found, workers=0, seconds=0)
    return found


def asked(folder, sql):
    with database(PLAN, folder) as connection:
        return answer(connection, sql)[1].fetchall()


def test_rows_say_what_their_models_are(folder):
    rows = asked(folder, "select number, rewards, successors, others, leaving from rows order by number")
    assert len(rows) == asked(folder, "select count(*) from rows")[0][0] > 400
    for number, rewards, successors, others, leaving in rows[::17]:
        model = PLAN.shape.model(number, "9/10")
        assert rewards == [str(reward) for reward in model.reward.flat]
        assert successors == np.ravel(model.transition.successor).tolist()
        assert (others, leaving) == size(PLAN.shape, number)


def test_a_report_counts_what_plain_python_counts(folder):
    found, rows = report(folder), asked(folder, "select number, size, fate, period, proof from rows")
    assert found.models == sum(row[1] for row in rows) == 1296
    for (fate, period), models in found.counts.items():
        own = [row for row in rows if row[2:4] == (fate, period)]
        assert (models, found.classes[fate, period]) == (sum(row[1] for row in own), len(own))
        assert found.smallest[fate, period] == min((*size(PLAN.shape, row[0]), row[0]) for row in own)
    assert found.proofs.total() == 1296


def test_a_census_without_parts_has_no_rows(folder, tmp_path):
    (tmp_path / "census.json").write_bytes((folder / "census.json").read_bytes())
    assert asked(tmp_path, "select * from rows") == []
    assert report(tmp_path).models == 0


def test_the_command_answers_sql(folder, capsys, monkeypatch):
    sql = "select fate, sum(size) as models, avg(size) from rows group by fate order by models desc"
    assert main(["census", "report", str(folder), "--sql", sql]) == 0
    assert "models" in capsys.readouterr().out
    assert main(["census", "report", str(folder), "--sql", sql, "--json", "-"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["columns"][:2] == ["fate", "models"]
    assert sum(int(row[1]) for row in document["rows"]) == 1296
    monkeypatch.setattr(command, "ROWS_SHOWN", 5)
    assert main(["census", "report", str(folder), "--sql", "select successors, rewards from rows"]) == 0
    assert "the first 5 rows" in capsys.readouterr().out
    assert main(["census", "report", str(folder), "--sql", "select fates from rows"]) == 2
    assert "--sql: expected SQL over the view rows, found Binder Error" in capsys.readouterr().err


def test_sql_cannot_be_asked_of_other_files(folder, tmp_path):
    (tmp_path / "census.json").write_bytes((folder / "census.json").read_bytes())
    duckdb.sql("select 1 as number").write_parquet(str(tmp_path / "part-0400-0800.parquet"))
    with pytest.raises(FormatError, match=r"expected the plan of .*, found nothing"):
        asked(tmp_path, "select * from rows")


def test_a_census_runs_and_reports_without_pandas(tmp_path):
    code = (
        "import sys; from fqi_theory.cli.app import main\n"
        f"command = ['{tmp_path}', '--quiet']\n"
        "assert main(['census', 'run', *command, '--actions', '1,2', '--workers', '0']) == 0\n"
        "assert main(['census', 'report', *command]) == 0\n"
        "assert 'pandas' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
