"""The checker on claims of bounds: what it accepts is true after any single change, and what is false it refuses."""

import copy
import json
import random
from itertools import pairwise

import pytest
from certificate_oracle import assert_true
from documents import UNIFORM, VALIDATOR, document, egreedy, game, mmdp, table_model, two_state
from mutants import assert_accepted_are_true, carried, mutants

from proofs_check import checker
from proofs_check.checker import check
from proofs_check.coq.translate.export import export
from proofs_check.coq.translate.reader import Malformed
from proofs_check.coq.translate.terms import Unsupported

MARGINALS = {"kind": "product", "marginals": [[["9/10", "1/10"]] * 2] * 3}


def claim(fate, lower, upper, reference=None):
    return {"fate": fate, "reference": reference, "lower": lower, "upper": upper}


def aperiodic_model():
    def entry(s, a):
        stays = {(0, False): {1: 1}, (1, False): {0: "4/5", 1: "1/5"}}.get((s, any(a)), {0: 1})
        return s * sum(a), stays

    return mmdp("aperiodic", "19/20", (2, 2, 2), 2, entry)


def expanding(**changes):
    stated = claim("aperiodic", ["0", "-30063/50000"], ["0", "3"], 0)
    return document(aperiodic_model(), MARGINALS, stated, {"kind": "expanding", "prefix": 1, "prime": 5} | changes)


def box(model, data, upper, factorization="linear", lower=("0", "0")):
    proof = {"kind": "box", "prefix": 0}
    return document(model, data, claim("bounded", list(lower), list(upper)), proof, factorization)


def wandering():
    """Three states, two agents, γ = 99/100, uniform data: differences bounded by mixtures of quarters."""
    reward = [[-2, 7, -7, -7], [-7, -8, -8, -2], [-2, 1, 7, -3]]
    model = table_model("99/100", reward, [[1, 1, 1, 0], [0, 2, 2, 2], [0, 2, 0, 1]])
    lower, upper = ["-16269725/1048576", "-8262567/524288", "0"], ["3632985/524288", "817983/131072", "0"]
    stated = claim("bounded", lower, upper, 2)
    first, last, more = ["1", "0"], ["0", "1"], ["1/4", "3/4"]
    less, even = ["3/4", "1/4"], ["1/2", "1/2"]
    mixtures = [
        [
            [[last, last], [last, more], [last, more], [more, less]],
            [[last, last], [first, last], [last, last], [first, last]],
        ],
        [
            [[less, less], [first, more], [first, more], [first, last]],
            [[first, first], [even, last], [first, first], [even, last]],
        ],
        [],
    ]
    return document(model, UNIFORM, stated, {"kind": "differences", "prefix": 0, "mixtures": mixtures})


def on_policy():
    """Two states, two agents, γ = 9/10, ε = 1/10: x = V(s0) - V(s1) falls slowly below 20, twice faster, and jumps."""
    model = table_model("9/10", [[0, 0, 0, 1], [0, 1, 1, 0]], [[0, 0, 0, 0], [0, 1, 1, 1]])
    ends = ["23453429/1600000", "6821/400", "20", "9330/401", "38911970/1447209", "48009029/1600000"]
    weights = ["17/10", "11/8", "21/17", "10/9", "1"]
    greedy = [[[1, 1], [0, 0]]] + [[[1, 1], [1, 1]]] * 4
    cells = [
        {"greedy": g, "lower": low, "upper": high, "weight": w}
        for g, (low, high), w in zip(greedy, pairwise(ends), weights, strict=True)
    ]
    stated = claim("aperiodic", ["0", ends[0]], ["0", ends[-1]], 0)
    proof = {"kind": "repelling", "prefix": 9, "prime": 2, "cells": cells}
    return document(model, egreedy("1/10"), stated, proof)


def bounded_on_policy():
    """The same run, bounded: two cells are enough."""
    doc = on_policy()
    first, *others = ({k: v for k, v in cell.items() if k != "weight"} for cell in doc["proof"]["cells"])
    doc["proof"] = {"kind": "cells", "prefix": 9, "cells": [first, {**others[0], "upper": others[-1]["upper"]}]}
    doc["claim"]["fate"] = "bounded"
    return doc


def tent(**changes):
    """The map of `expanding`, fixed data, as cells: one for each side of 0."""
    doc = expanding()
    ends = ["-30063/50000", "0", "3"]
    cells = [{"greedy": None, "lower": low, "upper": high, "weight": "1"} for low, high in pairwise(ends)]
    doc["proof"] = {"kind": "repelling", "prefix": 1, "prime": 5, "cells": cells} | changes
    return doc


def rooms(doc, reach, unit, lower, upper):
    """Return a certificate by a grid of V(s1) - V(s0); reach: of each policy, its first and its last cell."""
    listed = [{"greedy": greedy, "cells": [[k] for k in range(a, b + 1)]} for greedy, a, b in reach]
    proof = {"kind": "grid", "prefix": doc["proof"]["prefix"], "units": [unit], "rooms": listed}
    return doc | {"claim": claim("bounded", ["0", lower], ["0", upper], 0), "proof": proof}


def on_a_grid():
    """The run of `on_policy` again: a cell of width 6 does not tell that both agents choose alike in s1."""
    reach = [([[1, 1], [0, 0]], -2, 3), ([[1, 1], [0, 1]], -1, 3), ([[1, 1], [1, 0]], -1, 3), ([[1, 1], [1, 1]], -2, 6)]
    return rooms(on_policy(), reach, "6", "-12", "42")


CERTIFICATES = {
    "box": box(two_state("3/4"), UNIFORM, ("0", "12")),
    "box of pairs": box(two_state("9/10"), UNIFORM, ("0", "10"), "additive:2"),
    "monotone box": box(two_state("9/10"), UNIFORM, ("0", "10"), "monotonic"),
    "on-policy box": box(two_state("1/2"), egreedy("1/10"), ("0", "2")),
    "interval": expanding(kind="interval") | {"claim": claim("bounded", ["0", "-30063/50000"], ["0", "3"], 0)},
    "expanding": expanding(),
    "differences": wandering(),
    "cells": bounded_on_policy(),
    "repelling": on_policy(),
    "repelling, fixed data": tent(),
    "grid": on_a_grid(),
    "grid, fixed data": rooms(tent(), [(None, -5, 13)], "1/4", "-5/4", "7/2"),
}
del CERTIFICATES["interval"]["proof"]["prime"]


@pytest.mark.parametrize("name", CERTIFICATES)
def test_accepts(name):
    report = check(CERTIFICATES[name])
    assert report.accepted, report.reason
    VALIDATOR.validate(CERTIFICATES[name])
    if name != "monotone box":
        assert_true(CERTIFICATES[name])
    assert "stays bounded" in report.statement
    assert ("approaches no cycle" in report.statement) == (name.split(",")[0] in ("expanding", "repelling"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["box", "on-policy box", "interval", "expanding", "differences", "cells", "repelling", "grid"]
)
def test_accepted_mutants_are_true(name):
    doc, rng = CERTIFICATES[name], random.Random(name)
    assert_accepted_are_true([*mutants(doc), *carried(doc, rng)], assert_true)


def edited(name, path, value):
    doc = copy.deepcopy(CERTIFICATES[name])
    place = doc
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return doc


FROM_FOUR = claim("bounded", ["0", "4"], ["0", "12"])
#: At γ = 2/3 the data around (0, 0) alone would leave V below 3; those around (1, 1) make the rare (0, 0) count double.
RARELY = {"model": two_state("2/3"), "claim": claim("bounded", ["0", "0"], ["0", "3001/1000"])}
REFUSED = {
    "upper too low": (edited("box", ["claim", "upper", 1], "1199/100"), "upper[1]: a step may exceed it"),
    "lower too high": (edited("box", ["claim", "lower", 1], "1/100"), "not between"),
    "lower not kept": (edited("box", ["initial", "values"], ["0", "5"]) | {"claim": FROM_FOUR}, "may fall below it"),
    "beyond the threshold": (edited("box", ["model", "discount"], "4/5"), "a step may exceed it"),
    "monotone mean": (edited("monotone box", ["claim", "upper", 1], "999/100"), "a step may exceed it"),
    "data of one action": (edited("on-policy box", ["data", "epsilon"], "1/1000") | RARELY, "a step may exceed it"),
    "a box of differences": (edited("box", ["claim", "reference"], 0), "expected null"),
    "an interval of values": (edited("interval", ["claim", "reference"], None), "reference"),
    "no such reference": (edited("interval", ["claim", "reference"], 2), "reference"),
    "bounds at the reference": (edited("interval", ["claim", "upper", 0], "1"), "bounds of 0 at the reference"),
    "a point": (edited("expanding", ["claim"], claim("aperiodic", ["0", "3"], ["0", "3"], 0)), "lower < upper"),
    "too short": (edited("interval", ["claim", "upper", 1], "299/100"), "not between"),
    "not mapped into itself": (edited("interval", ["claim", "lower", 1], "-6/10"), "not mapped into itself"),
    "not a prime": (edited("expanding", ["proof", "prime"], 25), "expected a prime"),
    "another prime": (edited("expanding", ["proof", "prime"], 7), "valuation need not fall"),
    "the start is 0": (edited("expanding", ["proof", "prefix"], 0), "not 0"),
    "beyond the tent": (edited("expanding", ["claim"], claim("aperiodic", ["0", "-9"], ["0", "10"], 0)), "not expand"),
    "differences too small": (edited("differences", ["claim", "upper", 1], "6"), "upper[1]: a step may exceed it"),
    "differences too high": (edited("differences", ["claim", "lower", 0], "-15"), "lower[0]: a step may fall below it"),
    "differences of V": (edited("differences", ["claim", "reference"], None), "reference"),
    "another mixture": (edited("differences", ["proof", "mixtures", 0, 0, 1, 0], ["1", "0"]), "a step may exceed it"),
    "a mixture below": (edited("differences", ["proof", "mixtures", 1, 1, 2, 0], ["0", "1"]), "a step may fall below"),
    "more than a mixture": (edited("differences", ["proof", "mixtures", 0, 0, 0, 0], ["1", "1"]), "do not sum to 1"),
    "less than a mixture": (edited("differences", ["proof", "mixtures", 0, 0, 0, 0], ["-1", "2"]), "is negative"),
    "no mixture": (edited("differences", ["proof", "mixtures", 0, 0, 0], []), "expected 2 entries"),
    "on-policy differences": (edited("differences", ["data"], egreedy("1/10")), "fixed data"),
    "on-policy interval": (edited("interval", ["data"], egreedy("1/10")), "fixed data"),
    "an interval is not aperiodic": (edited("interval", ["claim", "fate"], "aperiodic"), "interval shows bounded"),
    "expansion claims less": (edited("expanding", ["claim", "fate"], "bounded"), "expanding shows aperiodic"),
    "cells of three states": (edited("differences", ["proof"], bounded_on_policy()["proof"]), "two states"),
    "cells of fixed data": (edited("cells", ["data"], UNIFORM), "greedy: expected null"),
    "greedy for fixed data": (edited("repelling, fixed data", ["proof", "cells", 0, "greedy"], [[0] * 3] * 2), "null"),
    "on-policy null": (edited("cells", ["proof", "cells", 0, "greedy"], None), "greedy"),
    "cells without a reference": (edited("cells", ["claim", "reference"], None), "reference"),
    "cells with a level": (edited("cells", ["claim", "lower", 0], "-1"), "bounds of 0 at the reference"),
    "a cell out of bounds": (edited("cells", ["claim", "upper", 1], "30"), "the claim's bounds"),
    "a cell without inside": (edited("cells", ["proof", "cells", 0, "lower"], "6821/400"), "expected lower < upper"),
    "not in a cell": (edited("cells", ["proof", "prefix"], 1), "none holds the run"),
    "in the cell of others": (edited("cells", ["proof", "cells", 0, "greedy"], [[1, 1], [0, 1]]), "image"),
    "cells too low": (edited("cells", ["proof", "cells", 1, "upper"], "30"), "is not in cells"),
    "cells too high": (edited("cells", ["proof", "cells", 0, "lower"], "147/10"), "is not in cells"),
    "a gap": (edited("repelling", ["proof", "cells", 2, "lower"], "2001/100"), "is not in cells"),
    "a light cell": (edited("repelling", ["proof", "cells", 0, "weight"], "3/2"), "does not expand"),
    "a heavy cell": (edited("repelling", ["proof", "cells", 4, "weight"], "5/4"), "does not expand"),
    "no weight": (edited("repelling", ["proof", "cells", 4, "weight"], "0"), "above 0"),
    "cells at no prime": (edited("repelling", ["proof", "prime"], 25), "expected a prime"),
    "cells at 3": (edited("repelling", ["proof", "prime"], 3), "valuation need not fall"),
    "a grid with a hole": (edited("grid", ["proof", "rooms", 3, "cells", 4], [1]), "not in the cells listed"),
    "a grid with another policy": (edited("grid", ["proof", "rooms", 1, "greedy"], [[0, 1], [0, 1]]), "cells listed"),
    "a policy twice": (edited("grid", ["proof", "rooms", 1, "greedy"], [[1, 1], [0, 0]]), "occurs twice"),
    "a policy of fixed data": (edited("grid, fixed data", ["proof", "rooms", 0, "greedy"], [[0] * 3] * 2), "null"),
    "no units": (edited("grid", ["proof", "units"], []), "expected 1 entries"),
    "a unit of 0": (edited("grid", ["proof", "units", 0], "0"), "above 0"),
    "finer units": (edited("grid", ["proof", "units", 0], "1"), "no cell holds the run"),
    "a cell of two numbers": (edited("grid", ["proof", "rooms", 0, "cells", 0], [0, 0]), "expected 1 entries"),
    "a run elsewhere": (edited("grid", ["initial", "values"], ["0", "100000"]), "no cell holds the run"),
    "bounds above cells": (edited("grid", ["claim", "lower", 1], "-11"), "above a cell"),
    "bounds below cells": (edited("grid", ["claim", "upper", 1], "41"), "below a cell"),
    "no bounds of 0": (edited("grid", ["claim", "upper", 0], "1"), "bounds of 0"),
    "no cells": (edited("grid", ["proof", "rooms"], []), "no cell holds the run"),
    "cells from 0": (edited("repelling, fixed data", ["proof", "prefix"], 0), "not 0"),
    "cells are not aperiodic": (edited("cells", ["claim", "fate"], "aperiodic"), "cells shows bounded"),
    "igm has no box": (edited("box", ["factorization"], "igm"), "proof.kind"),
    "monotonic has no interval": (edited("interval", ["factorization"], "monotonic"), "proof.kind"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refuses(case):
    doc, reason = REFUSED[case]
    report = check(doc)
    assert not report.accepted
    assert reason in report.reason


def test_weights_that_depend_on_q_tot_have_no_mean_of_their_own():
    """Central weights, V = 10 above all y: (0, 0) weighs 50 times as much as others, V falls to 67/13 < E[y] = 6."""
    data, initial = {"kind": "central", "alpha": "1/50", "base": UNIFORM}, {"values": ["10"], "greedy": [[0, 0]]}
    proof, model = {"kind": "box", "prefix": 0}, game([[5, 9], [9, 1]], 0)
    for low, accepted in (("6", False), ("1", True)):
        doc = document(model, data, claim("bounded", [low], ["10"]), proof, "monotonic", initial)
        assert check(doc).accepted == accepted


def test_a_contracting_piece_is_no_expansion():
    """At γ = 4/5 the same map has slopes of modulus below 1 and a limit; every other premise holds."""
    doc = expanding()
    doc["model"]["discount"] = "4/5"
    doc["claim"] = claim("aperiodic", ["0", "-1"], ["0", "3"], 0)
    assert "does not expand" in check(doc).reason
    doc["claim"], doc["proof"] = claim("bounded", ["0", "-1"], ["0", "3"], 0), {"kind": "interval", "prefix": 0}
    assert check(doc).accepted
    assert_true(doc)


KINDS = ["region", "contraction", "monotonic", "optimality", "box", "differences", "interval", "expanding", "cells"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fate", ["diverges", "bounded", "aperiodic", "converges", "cycles"])
@pytest.mark.parametrize("factorization", ["linear", "monotonic", "igm", "joint"])
def test_proofs_and_claims_that_do_not_belong_together(kind, fate, factorization):
    growth = {"growth": {"kind": "geometric", "factor": "2", "steps": 1}}
    values = {"values": ["0", "0"], "greedy": [[0, 0]] * 2, "optimal_values": ["0", "0"], "policy_values": ["0", "0"]}
    cycle = {"period": 2, "orbit": [["0", "0"]] * 2, "greedy": [[[0, 0]] * 2] * 2}
    bounded = {"reference": None, "lower": ["-1", "-1"], "upper": ["1", "1"]}
    claims = {"diverges": growth, "converges": values, "cycles": cycle}
    proofs = {
        "contraction": {"weights": ["1", "1"], "factor": "1/2"},
        "monotonic": {"prefix": 0, "radius": "1"},
        "optimality": {},
        "expanding": {"prefix": 0, "prime": 5},
        "cells": {"prefix": 0, "cells": [{"greedy": None, "lower": "-1", "upper": "1"}]},
        "differences": {"prefix": 0, "mixtures": [[], [[[["1", "0"]] * 2] * 4] * 2]},
        "region": {"prefix": 0, "origin": ["0", "0"], "modes": [[[0, 0]] * 2], "entry": [[0, 0]] * 2}
        | {"directions": None, "reference": 0, "widths": ["1"], "growth": None},
    }
    proof = {"kind": kind, **proofs.get(kind, {"prefix": 0})}
    doc = document(two_state("9/10"), UNIFORM, {"fate": fate, **claims.get(fate, bounded)}, proof, factorization)
    report = check(doc)
    assert not report.accepted
    assert report.reason


EXPENSIVE = {
    "long prefix": edited("expanding", ["proof", "prefix"], 3_999_999),
    "long bounds": edited("box", ["claim", "upper"], ["1/" + "9" * 19_999, "1/" + "7" * 19_999]),
    "long units": edited("grid", ["proof", "units"], ["1/" + "9" * 19_999]),
    "a wide cell": edited("grid", ["proof", "units"], ["9" * 19_999]),
    "large prime": edited("expanding", ["proof", "prime"], 1_000_003),
}


@pytest.mark.parametrize("case", EXPENSIVE)
def test_work_is_bounded(case, monkeypatch):
    monkeypatch.setattr(checker.budget, "MAX_WORK", 20_000)
    assert "too much work" in check(EXPENSIVE[case]).reason


@pytest.mark.parametrize("name", CERTIFICATES)
def test_coq_has_no_checker_for_them(name):
    with pytest.raises(Unsupported):
        export(json.loads(json.dumps(CERTIFICATES[name])))


def test_coq_knows_classes_and_ties_that_it_does_not_cover():
    for path, value in ((["factorization"], "additive:2"), (["factorization"], "graph:0-1"), (["ties"], "last")):
        with pytest.raises(Unsupported):
            export(edited("box", path, value))
    for path, value in ((["factorization"], "igm"), (["factorization"], ""), (["proof", "kind"], ""), (["ties"], "x")):
        with pytest.raises(Malformed):
            export(edited("box", path, value))
        assert not check(edited("box", path, value)).accepted
