"""False limits: all that is said of the orbit is true, but the run leaves it for ever, so no region shrinks.

Each would pass if one term of the errors were left out, so each shows that this term is needed.
"""

from fractions import Fraction as F

import pytest
from certificate_oracle import Oracle
from documents import UNIFORM, document, mmdp

from proofs_check.checker import check, region, rounding

PRECISIONS = [None, 1, 2, 3, 8, 200]


def false_limit(name, discount, entry, widths, values, modes, reference=0):
    """The limit 0 of a model in which s0 stays and is worth 0."""
    states = len(values)

    def whole(s, a):
        return entry(s, sum(a)) if s else (0, {0: 1})

    model = mmdp(name, discount, (2, 2), states, whole)
    zero, none = ["0"] * states, [[0, 0]] * states
    claim = {"fate": "converges", "values": zero, "greedy": none, "optimal_values": zero, "policy_values": zero}
    proof = {
        "kind": "region", "prefix": 0, "origin": zero, "modes": modes, "entry": none, "directions": None,
        "reference": reference, "widths": widths, "growth": None,
    }  # fmt: skip
    return document(model, UNIFORM, claim, proof, initial={"values": values, "greedy": none})


def scattered():
    """V' = 9/8 V where all but s0 have the same V > 0, in parts of 9/40: with one binary digit they round to 0.

    (0,0), (0,1), (1,0) lead to the five others alike, (1,1) to s0. The fit at (0,0) is 3/4, 1/4, 1/4, -1/4 of the
    targets, so V'(s) = 9/10 · 5/4 · the mean of V over the five; each 1 costs 200.
    """
    others = {s: F(1, 5) for s in range(1, 6)}

    def entry(_, ones):
        return -200 * ones, {0: 1} if ones == 2 else others

    return false_limit("scattered", "9/10", entry, ["2"] * 5, ["0", *["1/4"] * 5], [[[0, 0]] * 6])


def at_the_reference():
    """V'(s1) = 9/8 V(s1) where it is positive: the tie that the mode loses moves the reference s1 alone."""

    def entry(_, ones):
        return 0, {0: 1} if ones == 2 else {1: 1}

    return false_limit("at the reference", "9/10", entry, ["1"], ["0", "1/4"], [[[0, 0], [1, 1]]], reference=1)


def around_three():
    """V(s1) -> V(s2) -> V(s3) -> V(s1), the last by 5/4 · 99/100 where positive: what s1 loses is carried to s2."""

    def entry(s, ones):
        return 0, {0: 1} if s == 1 and ones == 2 else {3 if s == 1 else s - 1: 1}

    modes = [[[0, 0], [1, 1], [0, 0], [0, 0]]] * 2
    return false_limit("around three", "99/100", entry, ["13/10", "1", "13/10"], ["0", *["1/4"] * 3], modes)


CASES = {"scattered": (scattered, 1, F(9, 8)), "at the reference": (at_the_reference, 1, F(9, 8)),
         "around three": (around_three, 3, F(5, 4) * F(99, 100) ** 3)}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_run_leaves_the_limit_for_ever(case):
    build, steps, factor = CASES[case]
    oracle = Oracle(build())
    zero = (F(0),) * oracle.states
    assert oracle.step((zero, oracle.start[1])) == (zero, ((0, 0),) * oracle.states)
    for turn, (values, _) in enumerate(oracle.run(3 * steps)[::steps]):
        assert values == (0, *[factor**turn / 4] * (oracle.states - 1))


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("repeats", [1, 2, 5])
@pytest.mark.parametrize("case", CASES)
def test_it_is_refused_at_every_precision(case, repeats, precision):
    doc = CASES[case][0]()
    doc["proof"]["modes"] *= repeats
    if precision is not None:
        doc["proof"]["precision"] = precision
    reason = check(doc).reason
    assert "the region does not shrink" in reason or (precision == 1 and "V at t = 0 is outside" in reason)


@pytest.mark.parametrize("share", [0, F(1, 4)])
def test_a_part_of_what_rounding_moves_would_not_do(share, monkeypatch):
    own, doc = rounding.rounding_error, scattered()
    doc["proof"]["precision"] = 1
    monkeypatch.setattr(region, "rounding_error", lambda *of: int(share * own(*of)))
    assert check(doc).accepted


def test_errors_at_the_other_states_alone_would_not_do(monkeypatch):
    def forgetful(around, frame, doc, work):
        errors = list(frame.errors)
        errors[1 + doc["reference"]] = 0
        return own(around, frame._replace(errors=errors), doc, work)

    own = region.slack
    monkeypatch.setattr(region, "slack", forgetful)
    assert check(at_the_reference()).accepted


def test_errors_of_the_last_phase_alone_would_not_do(monkeypatch):
    def forgetful(run, around, frame, *modes):
        return own(run, around, frame._replace(errors=(1, *[0] * run.states)), *modes)

    own = region.advance
    monkeypatch.setattr(region, "advance", forgetful)
    assert check(around_three()).accepted
