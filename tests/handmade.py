"""Certificates built from the oracle alone: one of every kind that the linear class needs, by name."""

import json
from functools import cache

from certificate_oracle import Oracle
from documents import UNIFORM, document, egreedy, game, mmdp, table_model, texts, two_state


def converges(oracle, values, greedy):
    return {
        "fate": "converges",
        "values": texts(values),
        "greedy": [list(a) for a in greedy],
        "optimal_values": texts(oracle.optimal_values()),
        "policy_values": texts(oracle.policy_values(greedy)),
    }


def region(model, data, prefix, steps, period, widths, initial=None, reference=0, factorization="linear", **changes):
    """A bounded region around the orbit of the modes that the run uses after `prefix` steps."""
    doc = document(model, data, {}, {}, factorization, initial)
    oracle = Oracle(doc)
    positions = oracle.run(prefix + steps)
    entry, modes = positions[prefix][1], [g for _, g in positions[prefix + 1 :]]
    origin = oracle.orbit(entry, modes)
    orbit = [(tuple(origin), entry)]
    for mode in modes[:period]:
        values, greedy = oracle.step(orbit[-1])
        orbit.append((values, mode if oracle.moving else greedy))
    orbit = [orbit[-1], *orbit[1:period]]
    if period == 1:
        doc["claim"] = converges(oracle, *orbit[0])
    else:
        doc["claim"] = {
            "fate": "cycles",
            "period": period,
            "orbit": [texts(values) for values, _ in orbit],
            "greedy": [[list(a) for a in g] for _, g in orbit],
        }
    doc["proof"] = {
        "kind": "region",
        "prefix": prefix,
        "origin": texts(origin),
        "modes": [[list(a) for a in g] for g in modes],
        "entry": [list(a) for a in entry],
        "directions": None,
        "reference": reference,
        "widths": widths,
        "growth": None,
        **changes,
    }
    return doc


def growing(discount, claim, growth, prefix=2, data=UNIFORM):
    zero = [[0, 0], [0, 0]]
    kind = "geometric" if "factor" in growth else "linear"
    proof = {
        "kind": "region", "prefix": prefix, "origin": ["0", "0"], "modes": [zero], "entry": zero, "directions": None,
        "reference": 0, "widths": ["0"], "growth": {"minimum": "1", "fixed": [False], **growth},
    }  # fmt: skip
    stated = {"fate": "diverges", "growth": {"kind": kind, "steps": 1, **claim}}
    return document(two_state(discount), data, stated, proof)


def limit_certificate(model, data, proof, factorization="linear", initial=None):
    """A certificate of the limit found by following the run until its greedy actions reproduce themselves exactly."""
    doc = document(model, data, {}, proof, factorization, initial)
    oracle = Oracle(doc)
    greedy = oracle.run(40)[-1][1]
    values = oracle.optimal_values() if factorization == "igm" else oracle.orbit(greedy, [greedy])
    values, greedy = oracle.step((tuple(values), greedy))
    assert oracle.step((values, greedy)) == (values, greedy)
    doc["claim"] = converges(oracle, values, greedy)
    return doc


CYCLE = table_model("9/10", [[0, -1, 0, -1], [2, 1, 1, -2]], [[1, 0, 1, 1], [0, 0, 0, 0]])
GAME2 = [[8, -12, -12], [-12, 0, 0], [-12, 0, 0]]
SWITCH = {"values": ["0"], "greedy": [[0, 1]]}


def duplicated():
    """Two-state model whose second agent has its first action twice: a tie at every position."""

    def entry(s, a):
        if s == 0:
            return 0, {0: 1}
        return int(a in ((0, 0), (0, 1))), {0: 1} if a == (1, 2) else {1: 1}

    return mmdp("duplicated", "1/2", (2, 3), 2, entry)


def tied():
    """One agent, both actions of s1 are worth 0 at the limit but lead to different states."""
    return mmdp("tied", "1/2", (2,), 2, lambda s, a: (0, {0: 1} if s == 0 or a == (0,) else {1: 1}))


def stochastic():
    rows = {0: {0: "1/3", 1: "2/3"}, 1: {1: "1/2", 2: "1/2"}, 2: {0: "1"}}
    return mmdp("stochastic", "3/5", (2, 2), 3, lambda s, a: (s - a[0] * a[1] + a[1], rows[(s + a[0]) % 3]))


def tie_certificate(**changes):
    doc = region(tied(), UNIFORM, 0, 1, 1, ["1"], {"values": ["0", "1"], "greedy": [[0], [0]]})
    doc["proof"] |= {"modes": [[[0], [0]]], **changes}
    return doc


def one_sided(third):
    """V(s1) is multiplied by 1.25 γ above 0 and by γ/4 below (uniform data), all actions tie at 0; s2 is `third`."""

    def entry(s, a):
        return third(a) if s == 2 else (0, {0: 1} if s == 0 or a == (1, 1) else {1: 1})

    return mmdp("one-sided", "9/10", (2, 2), 3, entry)


def shrinking(model, data, steps, values, s2, width, fixed):
    """The run comes from below: s = -V(s1); the other coordinate is V(s2)."""
    start = {"values": values, "greedy": [[0, 0], [1, 1], s2]}
    sides, growth = [["0", "-1", "0"], ["0", "0", "1"]], {"maximum": "2", "fixed": [False, fixed]}
    return region(model, data, 0, steps, steps, ["0", width], start, directions=sides, growth=growth)


FOLLOWER = one_sided(lambda _: (0, {0: "7/8", 1: "1/8"}))
SWITCHER = one_sided(lambda a: (int(a[0] == a[1]), {0: "1/2", 2: "1/2"}))


PRODUCT = {"kind": "product", "marginals": [[["1/3", "2/3"], ["1/2", "1/2"]], [["1/4", "3/4"], ["1/5", "4/5"]]]}
JOINT = {"kind": "joint", "joint": [[["1/4", "1/4"], ["1/2", "0"]]] * 3}

CERTIFICATES = {
    "contraction": lambda: limit_certificate(
        two_state("3/4"), UNIFORM, {"kind": "contraction", "weights": ["1", "6"], "factor": "31/32"}
    ),
    "product data": lambda: limit_certificate(
        two_state("1/2"), PRODUCT, {"kind": "contraction", "weights": ["1", "1"], "factor": "9/10"}
    ),
    "joint data": lambda: limit_certificate(
        stochastic(), JOINT, {"kind": "contraction", "weights": ["1", "1", "1"], "factor": "3/5"}
    ),
    "linear growth": lambda: growing("4/5", {"increment": "3/4"}, {"increment": "3/4"}),
    "geometric growth": lambda: growing("9/10", {"factor": "9/8"}, {"factor": "9/8"}),
    "on-policy growth": lambda: growing("9/10", {"factor": "9/8"}, {"factor": "9/8"}, data=egreedy("1")),
    "on-policy limit": lambda: region(two_state("9/10"), egreedy("1/2"), 3, 1, 1, ["20"]),
    "on-policy cycle": lambda: region(game([[1, 0], [0, 1]], "1/2"), egreedy("1/10"), 0, 2, 2, [], SWITCH),
    "off-policy cycle": lambda: region(CYCLE, UNIFORM, 20, 2, 2, ["1/5"]),
    "off-policy cycle, twice around": lambda: region(CYCLE, UNIFORM, 23, 4, 2, ["1/5"], reference=1),
    "directions": lambda: region(
        stochastic(), egreedy("1/10"), 12, 1, 1, ["1/20", "1/5"], directions=[["1", "0", "-1"], ["0", "1/2", "0"]]
    ),
    "game 2": lambda: limit_certificate(
        game(GAME2, "1/2"), UNIFORM, {"kind": "contraction", "weights": ["1"], "factor": "1/2"}
    ),
    "igm": lambda: limit_certificate(two_state("9/10"), UNIFORM, {"kind": "optimality"}, "igm"),
    "duplicate actions": lambda: region(duplicated(), egreedy("1/4"), 3, 1, 1, ["10"]),
    "tie at the limit": tie_certificate,
    "one-sided limit": lambda: shrinking(FOLLOWER, UNIFORM, 1, ["0", "-1", "1/4"], [0, 0], "1/2", False),
    "one-sided limit, on-policy": lambda: shrinking(
        FOLLOWER, egreedy("1/2"), 1, ["0", "-2", "0"], [0, 0], "4", False
    ),
    "one-sided cycle": lambda: shrinking(SWITCHER, egreedy("1/10"), 2, ["0", "-1", "0"], [0, 1], "5", True),
    "off-policy cycle, rounded": lambda: region(CYCLE, UNIFORM, 20, 2, 2, ["1/5"], precision=18),
    "tie at the limit, rounded": lambda: tie_certificate(widths=["4/3"], precision=4),
}  # fmt: skip


@cache
def _built(name):
    return json.dumps(CERTIFICATES[name]())


def certificate(name):
    return json.loads(_built(name))


def edit(name, path, value):
    doc = certificate(name)
    *parents, last = path
    place = doc
    for key in parents:
        place = place[key]
    place[last] = value
    return doc
