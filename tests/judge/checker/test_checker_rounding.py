"""Runs and regions in rounded numbers: what is bounded holds the exact numbers, and no bound may be left out."""

import random
from fractions import Fraction as F

import handmade
import pytest
from documents import VALIDATOR

from proofs_check.certificates.kept import named
from proofs_check.checker import check, rounding
from proofs_check.checker.budget import Work
from proofs_check.checker.coordinates import Frame, Region
from proofs_check.checker.factorization import read_factorization
from proofs_check.checker.model import read_data, read_model
from proofs_check.checker.run import Position, Run


@pytest.fixture
def document():
    return named("cycle-5-rounded").document()


def run_of(document):
    work = Work()
    model = read_model(document["model"], work)
    data = read_data(document["data"], model, work)
    return Run(model, data, read_factorization(document["factorization"], model, work), "first", work)


def numbers(row):
    return [F(x, row[0]) for x in row[1:]]


@pytest.mark.parametrize("name", ["cycle-5", "cycle-3", "two-state-9-10", "pairwise", "two-state-correlated"])
@pytest.mark.parametrize("precision", [1, 7, 40])
def test_a_rounded_run_holds_the_exact_one(name, precision):
    run = run_of(named(name).document())
    draw = random.Random(precision)
    start = Position(run.work.common([F(draw.randint(-99, 99), 97) for _ in range(run.states)]), run_greedy(run))
    for steps in range(12):
        values, errors = rounding.after(run, start, steps, precision)
        assert values[0] == errors[0] == 2**precision
        exact = numbers(run.after(start, steps).values)
        missed = [abs(x - v) for x, v in zip(exact, numbers(values), strict=True)]
        assert all(m <= e for m, e in zip(missed, numbers(errors), strict=True))


def test_errors_grow_with_the_run():
    """V(s1) grows by 9/8 a step, and so does what rounding the start neglects; for other actions by 9/40."""
    run = run_of(handmade.document(handmade.FOLLOWER, handmade.UNIFORM, {}, {}))
    start = Position((3, 0, 1, 0), run_greedy(run))
    values, errors = rounding.after(run, start, 60, 1)
    missed = abs(numbers(run.after(start, 60).values)[1] - numbers(values)[1])
    assert 100 < missed <= numbers(errors)[1]


def run_greedy(run):
    return ((0,) * len(run.model.sizes),) * run.states


@pytest.mark.parametrize("precision", [1, 3, 20])
def test_a_rounded_frame_holds_the_positions_of_the_exact_one(precision):
    """V = Σ_k z_k C_k + e with |z_k| <= b_k: the rounded columns miss it by the rounded errors at most."""
    draw = random.Random(precision)
    for _ in range(50):
        widths = [F(draw.randint(0, 40), 16) for _ in range(3)]
        columns = [(0, *[draw.randint(-50, 50) for _ in range(4)]) for _ in range(3)]
        frame = Frame((1, 0, 0, 0, 0), 13, columns, (7, *[draw.randint(0, 5) for _ in range(4)]))
        most = rounding.rounding_error(Region(frame, None, widths, (), "bounded", F(0), F(0), frozenset()), Work())
        found = rounding.rounded(frame, most, precision, Work(), origin=False)
        for s in range(1, 5):
            z = [draw.choice((-1, 1)) * b for b in widths]
            one, other = (sum(x * F(c[s], f.scale) for x, c in zip(z, f.columns, strict=True)) for f in (frame, found))
            assert abs(one - other) + F(frame.errors[s], 7) <= F(found.errors[s], found.errors[0])
        assert found.origin == frame.origin


def test_errors_of_a_frame_are_rounded_up():
    frame = Frame((1, 0, 0, 0), 1, [(0, 0, 1, 1)], (128, 0, 1, 66))
    assert rounding.rounded(frame, 0, 5, Work(), origin=False).errors == (32, 0, 1, 17)
    assert rounding.rounded(frame, 2, 5, Work(), origin=False).errors == (32, 2, 3, 19)


def test_the_kept_one_is_accepted_and_valid(document):
    assert check(document).accepted
    VALIDATOR.validate(document)


@pytest.mark.parametrize("precision", [1, 4])
def test_too_few_digits_are_refused(document, precision):
    document["proof"]["precision"] = precision
    assert "outside the region" in check(document).reason


def test_more_digits_are_accepted(document):
    document["proof"]["precision"] = rounding.MAX_PRECISION
    assert check(document).accepted


def test_without_the_key_the_same_file_is_checked_exactly(document):
    del document["proof"]["precision"]
    assert check(document).accepted


@pytest.mark.parametrize("precision", [0, -1, rounding.MAX_PRECISION + 1, "128", None, True, 12.5])
def test_no_other_precision_is_read(document, precision):
    document["proof"]["precision"] = precision
    report = check(document)
    assert not report.accepted
    assert report.reason.startswith(f"proof.precision: expected an integer from 1 to {rounding.MAX_PRECISION}")
    assert not VALIDATOR.is_valid(document)


@pytest.mark.parametrize("name", ["linear growth", "one-sided limit", "on-policy cycle"])
def test_regions_with_other_growth_and_moving_data_are_not_rounded(name):
    document = handmade.certificate(name)
    if document["proof"]["growth"] is not None:
        document["proof"]["directions"] = None
    document["proof"]["precision"] = 128
    assert "proof.precision: needs fixed data, and growth and directions null, or" in check(document).reason


def test_regions_with_directions_are_not_rounded(document):
    states, r = len(document["model"]["states"]), document["proof"]["reference"]
    units = [["1" if s == t else "0" for t in range(states)] for s in range(states) if s != r]
    document["proof"]["directions"] = units
    assert "proof.precision: needs" in check(document).reason
    assert not VALIDATOR.is_valid(document)


def test_what_rounding_moves_counts_in_the_phases(document, monkeypatch):
    """Without it fewer digits would do."""
    needed = least_precision(document)
    own = rounding.rounded

    def forgetful(*arguments, **options):
        found = own(*arguments, **options)
        return found._replace(errors=(found.errors[0], *[0] * (len(found.errors) - 1)))

    monkeypatch.setattr("proofs_check.checker.region.rounded", forgetful)
    assert least_precision(document) < needed


def test_what_rounding_moves_counts_on_the_way_into_the_region(document, monkeypatch):
    own = rounding.after

    def doubtful(*arguments):
        values, errors = own(*arguments)
        return values, (errors[0], *[x + errors[0] for x in errors[1:]])

    monkeypatch.setattr("proofs_check.checker.region.after", doubtful)
    assert "outside the region" in check(document).reason


def least_precision(document):
    def passes(precision):
        document["proof"]["precision"] = precision
        return check(document).accepted

    return next(p for p in range(1, 129) if passes(p))
