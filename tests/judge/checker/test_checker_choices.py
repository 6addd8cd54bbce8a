"""Proofs by choices that must not pass: each condition of docs/certificates.md is broken by itself."""

import copy

import pytest

from proofs_check.certificates.kept import named
from proofs_check.checker import check

FIRST, BOTH = [[0, 0]], [[0, 0], [1, 1]]
EVERY = [[0, 0], [0, 1], [1, 0], [1, 1]]


def kept():
    return named("unsettled").document()


def edited(*changes):
    document = kept()
    for path, value in changes:
        node = document
        for key in path[:-1]:
            node = node[key]
        node[path[-1]] = copy.deepcopy(value)
    return document


def entry(document, state, action):
    """Return the transition of a state, by its place, under a joint action."""
    model = document["model"]
    names = [own[k] for own, k in zip(model["actions"], action, strict=True)]
    return next(e for e in model["transitions"] if e["state"] == model["states"][state] and e["action"] == names)


def moved(action, chances):
    """Return the certificate of a model in which a joint action leads elsewhere from `tied`."""
    document = kept()
    entry(document, 0, action)["next"] = chances
    return document


def test_it_is_accepted_as_it_is():
    report = check(kept())
    assert report.accepted
    assert "the greedy joint actions of 1 state(s) among several that are not told apart" in report.statement


ACTIONS = ["proof", "actions"]
REFUSED = {
    "one choice where there are two": (
        [([*ACTIONS, 0, 0], FIRST), (["proof", "prefix"], 9)],
        "phase 0, class 0 (state 0): [1, 1] may be greedy under the data of [0, 0]",
    ),
    "the other choice alone": ([([*ACTIONS, 0, 0], [[1, 1]])], "not one of its choices"),
    "choices that lead elsewhere": ([([*ACTIONS, 0, 3], [[0, 0], [1, 0]])], "does not lead to the claimed value"),
    "a choice twice": ([([*ACTIONS, 0, 0], [[0, 0], [0, 0]])], "each named once"),
    "no choice": ([([*ACTIONS, 0, 0], [])], "each named once"),
    "no phase": ([(ACTIONS, [])], "expected phases"),
    "too wide": ([(["proof", "widths", 1], "1")], "may be greedy"),
    "wider than it shrinks to": ([(["proof", "widths", 0], "1/4"), (["proof", "prefix"], 12)], "does not shrink"),
    "not yet inside": ([(["proof", "prefix"], 4)], "outside the region"),
    "a negative width": ([(["proof", "widths", 0], "-1")], "numbers >= 0"),
    "directions that depend on 1": ([(["proof", "directions", 0], ["1"] * 5)], "singular"),
    "directions that leave V out": (
        [(["proof", "directions"], [["0", "1", "1", "0", "0"]]), (["proof", "widths"], ["1/16"])],
        "not a combination",
    ),
    "too many directions": (
        [(["proof", "directions"], [["0"] * 5] * 5), (["proof", "widths"], ["1"] * 5)],
        "at most 4 vectors",
    ),
    "fixed data": ([(["data"], {"kind": "uniform"})], "follow the greedy actions"),
    "classes of states with other values": (
        [(["proof", "classes"], [0, 0, 1, 2, 3]), ([*ACTIONS, 0], [BOTH, FIRST, FIRST, FIRST])],
        "V differs in states 0 and 1",
    ),
    "classes of states with other fits": (
        [
            (["proof", "classes"], [0, 1, 1, 2, 3]),
            (["proof", "directions"], []),
            (["proof", "widths"], []),
            ([*ACTIONS, 0], [BOTH, FIRST, FIRST, FIRST]),
        ],
        "states 1 and 2 of one class",
    ),
    "classes that skip a number": ([(["proof", "classes"], [0, 1, 2, 4, 3])], "expected at most 3, found 4"),
    "another limit": ([(["claim", "values", 4], "11"), (["claim", "policy_values", 4], "11")], "does not hold"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_broken_proofs_are_refused(case):
    changes, reason = REFUSED[case]
    report = check(edited(*changes))
    assert not report.accepted
    assert reason in report.reason


def test_agents_that_do_not_compare_alike_may_choose_one_each():
    """Where agent 2's choice is by other states the two may be mixed, and the mixture must be among the choices."""
    apart = moved((0, 1), {"far left": "1/2", "right": "1/2"})
    assert "[0, 1] may be greedy" in check(apart).reason
    apart["proof"]["actions"][0][0] = EVERY
    apart["proof"] |= {"widths": ["1/4", "1/32", "1/16", "1/16"], "prefix": 30}
    assert check(apart).reason == ""


def test_that_agents_compare_alike_does_not_depend_on_the_chances():
    """Their comparisons differ by a positive factor only; by a negative one they would choose one each."""
    assert check(moved((0, 1), {"left": "3/4", "right": "1/4"})).accepted
    unlike = moved((0, 1), {"far left": "1", "left": "0"})
    assert not check(unlike).accepted
