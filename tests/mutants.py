"""Every document that differs from a given one by a single change, and some in which leaves change places."""

import copy
from collections import Counter
from fractions import Fraction as F
from itertools import count
from unittest.mock import patch

from documents import VALIDATOR, texts

from proofs_check.checker import budget, check

CARRIED = 40
#: One accepted change in so many is held against the schema, which takes longer than the check.
HELD = 5
#: Units of work that one check may take: five seconds, so that no change makes the checker hang.
MOST = 500_000_000


def leaf_changes(value):
    if isinstance(value, bool):
        return [not value, 0]
    if isinstance(value, int):
        return [value + 1, value - 1, str(value)]
    if value is None:
        return [[], [["0", "1"]], 0]
    try:
        number = F(value)
    except ValueError:
        others = "a0 a1 s0 s1 linear igm uniform geometric converges cycles diverges x"
        return [x for x in others.split() if x != value]
    return texts([number + 1, number - F(1, 7), -number, 2 * number, number / 2, number + F(1, 10**6), F(0)])


def mutants(node):
    """Every document that differs from this one by a single change."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield {k: v for k, v in node.items() if k != key}
            for other in mutants(value):
                yield {**node, key: other}
    elif isinstance(node, list):
        for k, value in enumerate(node):
            yield node[:k] + node[k + 1 :]
            yield node[: k + 1] + node[k:]
            if k and value != node[k - 1]:
                yield [*node[: k - 1], value, node[k - 1], *node[k + 1 :]]
            for other in mutants(value):
                yield [*node[:k], other, *node[k + 1 :]]
    else:
        yield from leaf_changes(node)


def places(node, path=()):
    """Yield the path of every leaf."""
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else None
    if items is None:
        yield path
        return
    for key, value in items:
        yield from places(value, (*path, key))


def carried(document, rng):
    """Yield copies of a document in which one leaf is replaced by another one, or two leaves are exchanged."""
    paths = list(places(document))
    for k in range(CARRIED):
        changed = copy.deepcopy(document)
        first, second = rng.sample(paths, 2)
        (one, a), (other, b) = ((parent(changed, path), path[-1]) for path in (first, second))
        one[a], other[b] = other[b], (one[a] if k % 2 else other[b])
        if changed != document:
            yield changed


def parent(document, path):
    for key in path[:-1]:
        document = document[key]
    return document


def judged(changes, assert_true):
    """How many changes the checker accepts and refuses: soon, the accepted ones are true, the others have a reason."""
    outcomes = Counter()
    for change in changes:
        with patch.object(budget, "MAX_WORK", MOST):
            report = check(change)
        outcomes[report.accepted] += 1
        if report.accepted:
            assert_true(change)
        else:
            assert report.reason
    return outcomes


def assert_accepted_are_true(changes, assert_true):
    """Whatever the checker accepts of some changes is of the schema and true; some are accepted, most refused."""

    number = count()

    def assert_both(change):
        if next(number) % HELD == 0:
            VALIDATOR.validate(change)
        assert_true(change)

    outcomes = judged(changes, assert_both)
    assert outcomes[False] > 4 * outcomes[True] > 0
