"""The judge of a census makes classes by itself, and refuses every row that says more than its certificate."""

import json
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from fqi_theory.fates.census import plan as engine
from fqi_theory.fates.census.running import run_census
from fqi_theory.fates.census.shape import Shape
from fqi_theory.fates.census.symmetries import classes
from proofs_check.census.__main__ import main
from proofs_check.census.judging import judged, parts_of
from proofs_check.census.plan import Plan, orbit, read_plan
from proofs_check.census.rows import fault
from proofs_check.claims import census_discounts
from proofs_check.claims.census import rows_of

parquet = pytest.importorskip("pyarrow.parquet")
#: 256 models.
TINY = engine.Plan(Shape(2, (1, 2), engine.rewards_of("0,1")), Fraction(9, 10), "epsilon-greedy:1/10", "linear")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    found = tmp_path_factory.mktemp("census")
    whole = engine.Plan(TINY.shape, TINY.discount, TINY.data, block=64, certificates=True)
    run_census(whole, found, workers=0, seconds=0)
    return found


@pytest.fixture
def rows(folder):
    return parquet.read_table(folder / "part-064-128.parquet").to_pylist()


@pytest.mark.parametrize("factorization", ["linear", "joint"])
@pytest.mark.parametrize(
    ("states", "actions", "rewards"), [(2, (2, 2), "-1,0,1"), (2, (1, 2), "0,1,3"), (3, (2, 1), "0,1")]
)
def test_engine_and_judge_make_the_same_classes(states, actions, rewards, factorization):
    shape = Shape(states, actions, engine.rewards_of(rewards))
    plan = Plan(states, actions, shape.rewards, Fraction(9, 10), "uniform", factorization, "first")
    numbers = np.random.default_rng(3).integers(0, shape.count, 60)
    least, sizes = classes(shape, numbers, agents=factorization == "linear")
    images = [orbit(plan, plan.cells(int(number))) for number in numbers]
    assert [min(own) for own in images] == least.tolist()
    assert [len(own) for own in images] == sizes.tolist()
    assert all(plan.number(plan.cells(int(number))) == number for number in numbers)


def test_a_census_is_judged_and_what_is_judged_is_kept(folder, capsys):
    assert main([str(folder)]) == 0
    said = capsys.readouterr().out
    assert "256 of 256 models" in said
    assert "rows refused: 0" in said
    kept = folder / "judged-128-192.json"
    kept.write_text(json.dumps({**json.loads(kept.read_text()), "faults": ["as kept"]}))
    assert main([str(folder)]) == 1
    assert "as kept" in capsys.readouterr().out
    kept.unlink()


def test_a_part_that_is_missing_or_changed_is_noticed(folder, tmp_path, capsys):
    for name in ("census.json", "part-000-064.parquet", "part-064-128.parquet", "part-128-192.parquet"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    assert main([str(tmp_path)]) == 1
    assert "rows refused: 0" in capsys.readouterr().out
    last = tmp_path / "part-192-256.parquet"
    last.write_bytes((folder / "part-000-064.parquet").read_bytes())
    assert main([str(tmp_path)]) == 1
    assert "expected numbers of this part" in capsys.readouterr().out
    assert judged(tmp_path, read_plan(tmp_path), parts_of(tmp_path)[3])["faults"]
    last.write_bytes((folder / last.name).read_bytes())
    assert main([str(tmp_path)]) == 0
    (tmp_path / "part-000-128.parquet").write_bytes((folder / "part-064-128.parquet").read_bytes())
    assert main([str(tmp_path)]) == 1
    assert "part-064-128.parquet: shares numbers with part-000-128.parquet" in capsys.readouterr().out
    last.rename(tmp_path / "part-4.parquet")
    with pytest.raises(ValueError, match="expected part-FIRST-END"):
        parts_of(tmp_path)


def test_what_was_judged_for_another_plan_is_judged_again(folder, tmp_path, capsys):
    for file in folder.glob("*[nt]"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    assert main([str(tmp_path)]) == 0
    plan = json.loads((tmp_path / "census.json").read_text())
    (tmp_path / "census.json").write_text(json.dumps({**plan, "discount": "8/10"}))
    assert main([str(tmp_path)]) == 1
    assert "the certificate is about another" in capsys.readouterr().out


@pytest.mark.parametrize(("alias", "name"), [("qmix", "monotonic"), ("vdn", "linear"), ("additive:1", "linear")])
def test_a_plan_has_the_name_that_certificates_have(alias, name):
    assert replace(TINY, factorization=alias).factorization == name


def changed(row, **changes):
    document = json.loads(row["certificate"])
    for path, value in changes.items():
        place = document
        *keys, last = path.split("__")
        for key in keys:
            place = place[key]
        place[last] = value
    return {**row, "certificate": json.dumps(document)}


def test_rows_that_say_something_else_are_refused(folder, rows):
    plan = read_plan(folder)
    row, other = rows[:2]
    assert fault(plan, row) == fault(plan, other) == ""
    assert "expected the least" in fault(plan, {**row, "size": row["size"] + 1})
    assert "expected the least" in fault(plan, {**row, "number": max(orbit(plan, plan.cells(row["number"])))})
    assert fault(plan, {**row, "certificate": None}) == "no certificate"
    assert "another model" in fault(plan, {**row, "certificate": other["certificate"]})
    assert "counted as" in fault(plan, {**row, "fate": "suboptimal"})
    assert "counted as" in fault(plan, {**row, "proof": "contraction"})
    assert "counted as" in fault(plan, {**row, "period": 2})
    assert "refused" in fault(plan, changed(row, proof__origin=["1", "2"]))
    assert fault(plan, changed(row, model__discount="9/11"))


@pytest.mark.parametrize(
    "other", [{"data": "uniform"}, {"data": "epsilon-greedy:1/9"}, {"ties": "last"}, {"discount": Fraction(4, 5)}]
)
def test_a_certificate_of_another_run_is_refused(rows, folder, other):

    plan = replace(read_plan(folder), **other)
    assert "another" in fault(plan, rows[0])


def test_rows_of_the_monotonic_class_are_judged():
    plan = replace(census_discounts.QMIX, discount=Fraction(2, 3))
    rows = rows_of(plan, [25, 281, 877, 2941])
    assert [fault(plan, row) for row in rows] == [""] * 4
    assert {row["fate"] for row in rows} > {"cycles"}
    assert all(len(orbit(plan, plan.cells(row["number"]))) == row["size"] == 2 for row in rows)
    assert "another run" in fault(replace(plan, factorization="joint"), rows[0])
    assert "expected the least of a class" in fault(replace(plan, factorization="linear"), rows[0])
