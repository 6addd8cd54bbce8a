"""The checker accepts right certificates and refuses wrong ones, each for its reason.

Certificates are built from a second, slower implementation of the run (`certificate_oracle`).
"""

import math
import random
from fractions import Fraction as F

import pytest
from certificate_oracle import Oracle
from documents import UNIFORM, VALIDATOR, document, egreedy, mmdp
from handmade import CERTIFICATES, certificate, edit, limit_certificate

from proofs_check.checker import check


@pytest.mark.parametrize("name", CERTIFICATES)
def test_accepts(name):
    report = check(certificate(name))
    assert report.accepted, report.reason
    assert report.statement
    assert not report.reason
    assert report.steps
    VALIDATOR.validate(certificate(name))


@pytest.mark.parametrize("text", ["0.75", ".75", "+3/4", "6/8", "75e-2", "0.0075E+2", "00.750"])
def test_forms_of_numbers(text):
    doc = edit("contraction", ["model", "discount"], text)
    assert check(doc).accepted, check(doc).reason
    VALIDATOR.validate(doc)


LIMITS = {
    "contraction": ["0", "12"],
    "game 2": ["-64/9"],
    "igm": ["0", "10"],
    "tie at the limit": ["0", "0"],
    "on-policy limit": None,
}


@pytest.mark.parametrize(("name", "values"), [(k, v) for k, v in LIMITS.items() if v])
def test_known_limits(name, values):
    assert certificate(name)["claim"]["values"] == values


def test_known_multipliers():
    oracle = Oracle(certificate("on-policy limit"))
    zero = ((0, 0), (0, 0))
    assert oracle.piece(zero, zero)[1][1][1] == F(153, 160)
    assert Oracle(certificate("on-policy growth")).piece(zero, zero)[1][1][1] == F(9, 8)


def test_statement_names_the_run():
    statement = check(certificate("off-policy cycle")).statement
    for part in ('"table"', "9/10", "uniform data", "linear", "cycle of least period 2", "t = 20"):
        assert part in statement


# Refusals, each for one reason.


def joint_data(table):
    return {"kind": "joint", "joint": [table, table]}


def exploring(*rows):
    """Data of two states in which agent 1 explores by these rows, agent 2 uniformly."""
    return {**egreedy("1/2"), "exploring": [list(rows), [["1/2", "1/2"]] * 2]}


EVEN = ["1/2", "1/2"]
MODEL_ENTRY = ["model", "transitions", 0]
REFUSALS = {
    "false weights": (edit, "contraction", ["proof", "weights"], ["1", "1"], "proof.factor: exceeded at state 1"),
    "factor one": (edit, "contraction", ["proof", "factor"], 1, "0 <= factor < 1"),
    "zero weight": (edit, "contraction", ["proof", "weights"], ["0", "6"], "positive"),
    "false limit": (edit, "contraction", ["claim", "values"], ["0", "11"], "gives other values"),
    "false greedy": (edit, "contraction", ["claim", "greedy"], [[0, 0], [0, 1]], "claim.policy_values"),
    "false optimum": (edit, "contraction", ["claim", "optimal_values"], ["0", "5"], "claim.optimal_values"),
    "contraction under moving data": (edit, "contraction", ["data"], egreedy("1"), "needs fixed data"),
    "epsilon zero": (edit, "on-policy limit", ["data", "epsilon"], 0, "0 < epsilon <= 1"),
    "epsilon above one": (edit, "on-policy limit", ["data", "epsilon"], "3/2", "0 < epsilon <= 1"),
    "exploring nothing": (edit, "on-policy limit", ["data"], exploring(EVEN, [0, 1]), "every action to have weight"),
    "exploring sum": (edit, "on-policy limit", ["data"], exploring(EVEN, ["1/2", "1/3"]), "do not sum to 1"),
    "exploring negative": (edit, "on-policy limit", ["data"], exploring(EVEN, ["3/2", "-1/2"]), "negative"),
    "exploring shape": (edit, "on-policy limit", ["data"], exploring(EVEN), "expected 2 entries"),
    "exploring elsewhere": (edit, "on-policy limit", ["data"], exploring(EVEN, ["1/9", "8/9"]), "gives other values"),
    "exploring off-policy": (edit, "contraction", ["data", "exploring"], [[EVEN] * 2] * 2, "unknown key"),
    "entry is not the run's": (edit, "on-policy cycle", ["proof", "prefix"], 1, "proof.entry"),
    "wrong phase": (edit, "off-policy cycle", ["proof", "prefix"], 21, "outside the region"),
    "growth rate one": (edit, "geometric growth", ["proof", "growth", "factor"], 1, "expected more than 1"),
    "claimed growth differs": (edit, "geometric growth", ["claim", "growth", "factor"], "17/16", "not the growth"),
    "claimed steps differ": (edit, "geometric growth", ["claim", "growth", "steps"], 2, "not the growth"),
    "no increment": (edit, "linear growth", ["proof", "growth", "increment"], 0, "expected more than 0"),
    "nothing positive": (edit, "linear growth", ["proof", "growth", "minimum"], 0, "positive"),
    "growing but fixed": (edit, "linear growth", ["proof", "growth", "fixed"], [True], "fixed[0] = false"),
    "minimum not reached": (edit, "linear growth", ["proof", "growth", "minimum"], 9, "outside the region"),
    "region too small": (edit, "on-policy limit", ["proof", "widths"], [0], "outside the region"),
    "region too large": (edit, "off-policy cycle", ["proof", "widths"], [9], "may be chosen"),
    "negative width": (edit, "on-policy limit", ["proof", "widths"], [-20], "numbers >= 0"),
    "dependent directions": (edit, "directions", ["proof", "directions"], [["1", "0", "-1"]] * 2, "singular"),
    "constant direction": (edit, "directions", ["proof", "directions"], [["1", "0", "-1"], [1, 1, 1]], "singular"),
    "no proof": (edit, "directions", ["proof"], None, "expected an object"),
    "full support": (edit, "igm", ["data"], joint_data([["1/3", "1/3"], ["1/3", "0"]]), "positive"),
    "undetermined fit": (edit, "contraction", ["data"], joint_data([["1/2", 0], [0, "1/2"]]), "not determined"),
    "unsupported action": (edit, "contraction", ["data"], joint_data([["1/2", 0], ["1/2", 0]]), "not determined"),
    "data sum": (edit, "product data", ["data", "marginals", 0, 0], ["1/3", "1/3"], "do not sum to 1"),
    "negative data": (edit, "product data", ["data", "marginals", 0, 0], ["4/3", "-1/3"], "negative"),
    "bool as integer": (edit, "contraction", ["claim", "greedy"], [[0, 0], [0, False]], "expected an integer"),
    "bool as number": (edit, "contraction", ["proof", "factor"], True, "expected an integer or a rational"),
    "float": (edit, "contraction", ["proof", "factor"], 0.5, "expected an integer or a rational"),
    "infinite": (edit, "contraction", ["proof", "factor"], float("inf"), "expected an integer or a rational"),
    "exponent": (edit, "contraction", ["proof", "factor"], "1e-10001", "an exponent beyond 10000"),
    "other digits": (edit, "contraction", ["proof", "factor"], "٣/٤", "expected an integer or a rational"),
    "space": (edit, "contraction", ["proof", "factor"], " 1/2", "expected an integer or a rational"),
    "newline": (edit, "contraction", ["proof", "factor"], "1/2\n", "expected an integer or a rational"),
    "zero denominator": (edit, "contraction", ["proof", "factor"], "1/0", "denominator 0"),
    "unknown key": (edit, "contraction", ["proof", "note"], "", "unknown key"),
    "unknown model key": (edit, "contraction", ["model", "colour"], "red", "unknown key"),
    "discount one": (edit, "contraction", ["model", "discount"], 1, "0 <= discount < 1"),
    "row sum": (edit, "contraction", [*MODEL_ENTRY, "next"], {"s0": "1/2"}, "do not sum to 1"),
    "negative chance": (edit, "contraction", [*MODEL_ENTRY, "next"], {"s0": "3/2", "s1": "-1/2"}, "negative"),
    "unknown state": (edit, "contraction", [*MODEL_ENTRY, "next"], {"zz": 1}, "unknown name"),
    "twice the same": (edit, "contraction", [*MODEL_ENTRY, "state"], "s1", "occur twice"),
    "no states": (edit, "contraction", ["model", "states"], [], "not empty"),
    "two states of a name": (edit, "contraction", ["model", "states"], ["s0", "s0"], "occurs twice"),
    "start sum": (edit, "contraction", ["model", "start"], {"s0": "1/2"}, "do not sum to 1"),
    "another format": (edit, "contraction", ["format"], "certificate/2", "expected certificate/1"),
    "igm region": (edit, "on-policy limit", ["factorization"], "igm", "expected optimality"),
    "linear optimality": (edit, "igm", ["factorization"], "linear", "expected contraction or region"),
    "other ties": (edit, "igm", ["ties"], "middle", "expected first or last"),
    "from the other side": (edit, "one-sided limit", ["initial", "values"], ["0", "1", "1/4"], "outside the region"),
    "not from the limit": (edit, "one-sided limit, on-policy", ["initial", "values"], [0, 0, 0], "outside the region"),
    "too far away": (edit, "one-sided limit", ["proof", "growth", "maximum"], "1/2", "outside the region"),
    "no maximum": (edit, "one-sided limit", ["proof", "growth", "maximum"], 0, "expected a positive number"),
    "narrow cone": (edit, "one-sided limit", ["proof", "widths"], ["0", "1/4"], "proof.widths[1]: the region does not"),
    "mode of the other side": (edit, "one-sided limit", ["proof", "modes"], [[[0, 0]] * 3], "may be chosen"),
    "first maximiser": (
        edit, "one-sided limit, on-policy", ["claim", "greedy"], [[0, 0]] * 3, "not the orbit of proof.origin"
    ),
    "scaled, not fixed": (edit, "one-sided cycle", ["proof", "growth", "fixed"], [False, False], "proof.widths[1]"),
    "one phase of two": (edit, "one-sided cycle", ["proof", "modes"], [[[0, 0], [1, 1], [0, 1]]], "no multiple"),
    "shape of initial": (edit, "igm", ["initial", "values"], ["0"], "expected 2 entries"),
    "action out of range": (edit, "igm", ["claim", "greedy"], [[0, 0], [0, 2]], "expected an integer from 0 to 1"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSALS)
def test_refuses(case):
    make, name, path, value, reason = REFUSALS[case]
    report = check(make(name, path, value))
    assert not report.accepted
    assert reason in report.reason
    assert not report.statement


@pytest.mark.parametrize(("kind", "key", "rate"), [("geometric", "factor", "5/4"), ("linear", "increment", "1")])
def test_growth_too_fast(kind, key, rate):
    doc = certificate(f"{kind} growth")
    doc["proof"]["growth"][key] = doc["claim"]["growth"][key] = rate
    assert "does not grow that much" in check(doc).reason


def test_period_is_least():
    doc = certificate("off-policy cycle, twice around")
    claim = doc["claim"]
    claim.update(period=4, orbit=claim["orbit"] * 2, greedy=claim["greedy"] * 2)
    assert "the period is smaller" in check(doc).reason


def test_steps_are_a_multiple_of_the_period():
    doc = certificate("off-policy cycle, twice around")
    doc["proof"]["modes"].pop()
    assert "no multiple of the period" in check(doc).reason


def test_first_action_rule_is_strict_on_policy():
    """With the tied copy first, the later action is never greedy."""
    doc = certificate("duplicate actions")
    for place in (doc["proof"]["modes"][0], doc["proof"]["entry"], doc["claim"]["greedy"]):
        place[1] = [0, 1]
    assert not check(doc).accepted


def test_ties_at_the_orbit_need_default_coordinates():
    doc = certificate("tie at the limit")
    doc["proof"]["directions"] = [["0", "1"]]
    assert "with ties at the orbit expected null" in check(doc).reason


def test_expansion_on_the_side_of_the_run():
    """Above the limit V(s1) is multiplied by 9/8."""
    doc = edit("one-sided limit", ["initial", "values"], ["0", "1", "1/4"])
    doc["proof"].update(directions=[["0", "1", "0"], ["0", "0", "1"]], modes=[[[0, 0]] * 3])
    assert "proof.widths[0]: the region does not shrink" in check(doc).reason


def test_near_tie_on_one_side_is_refused():
    doc = certificate("one-sided limit")
    doc["model"]["transitions"][4]["reward"] = "1/1000"
    assert not check(doc).accepted


def test_near_tie_is_refused():
    """An alternative that is nearly greedy at the limit must not be treated as a tie."""
    doc = edit("tie at the limit", ["proof", "widths"], ["1"])
    doc["model"]["transitions"][3]["reward"] = "-1/100"
    assert "may be chosen" in check(doc).reason


@pytest.mark.parametrize("seed", range(30))
def test_fit_agrees_with_projection(seed):
    """Random models, sizes and correlated data, γ small enough to contract: only the oracle's limit is accepted."""
    rng = random.Random(seed)
    states = rng.randint(1, 3)
    sizes = tuple(rng.randint(1, 3) for _ in range(rng.randint(1, 3)))

    def distribution(count):
        weights = [rng.randint(0, 4) for _ in range(count)]
        weights[rng.randrange(count)] += 1
        return [F(w, sum(weights)) for w in weights]

    def nested(weights, rest):
        if not rest:
            return str(weights[0])
        size = len(weights) // rest[0]
        return [nested(weights[k * size : (k + 1) * size], rest[1:]) for k in range(rest[0])]

    def entry(_s, _a):
        return F(rng.randint(-9, 9), rng.randint(1, 5)), dict(enumerate(distribution(states)))

    model = mmdp("random", "1/1000", sizes, states, entry)
    weights = [distribution(math.prod(sizes)) for _ in range(states)]
    full = [[(w + F(1, 50)) / (1 + F(len(own), 50)) for w in own] for own in weights]
    data = {"kind": "joint", "joint": [nested(own, sizes) for own in full]}
    doc = limit_certificate(model, data, {"kind": "contraction", "weights": [1] * states, "factor": "1/2"})
    assert check(doc).accepted, check(doc).reason
    doc["claim"]["values"][0] = str(F(doc["claim"]["values"][0]) + F(1, 10**9))
    assert not check(doc).accepted


def test_a_limit_is_no_cycle_of_period_one():
    """Found by review: V = 2 (1 - 2^-t) tends to 2, which must not be called a cycle."""
    claim = {"fate": "cycles", "period": 1, "orbit": [["2"]], "greedy": [[[0]]]}
    proof = {"kind": "region", "prefix": 0, "origin": ["2"], "modes": [[[0]]], "entry": [[0]]}
    proof |= {"directions": None, "reference": 0, "widths": [], "growth": None}
    model = mmdp("limit", "1/2", (1,), 1, lambda *_: (1, {0: 1}))
    assert "period" in check(document(model, UNIFORM, claim, proof)).reason
