"""Every single change of a kept certificate: the checker refuses it, or its statement is still true.

Truth is decided without the checker: the `Oracle` of test_checker replays the mutated run in fractions by orthogonal
projection and repeats the claimed steps, and the engine decides the fate of the mutated model anew. Over 10,000
changes: numbers, indices, words, deletions, duplications, neighbours swapped, and leaves carried from place to place.
"""

import copy
import json
import random
import time
from collections import Counter
from fractions import Fraction as F
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from test_checker import Oracle, mutants

from fqi_theory.base.scalars import exact_array
from fqi_theory.data.sources import correlated, epsilon_greedy, product, uniform
from fqi_theory.factorization import igm, linear
from fqi_theory.fates import decide
from fqi_theory.model.mmdp import MMDP
from fqi_theory.runs.trajectory import start_from_values
from proofs_check.certificates.kept import kept
from proofs_check.checker import check

pytestmark = pytest.mark.slow

LEAST = 10_000
CARRIED = 40
REPLAYED = 25
SLOWEST = 5.0
TRIED: Counter[str] = Counter()


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


class Run:
    """The run of a mutated certificate for the engine, read by the Oracle; equal runs share one decision."""

    def __init__(self, document):
        self.oracle = Oracle(document)
        names = document["model"]["states"]
        rows = [[[row.get(t, 0) for t in range(len(names))] for row in own] for own in self.oracle.chances]
        parts = [self.oracle.discount, self.oracle.reward, rows, self.oracle.start, self.oracle.sizes]
        self.text = json.dumps([*parts, document["data"], self.oracle.igm], default=str, sort_keys=True)

    def engine(self):
        """Return (model, source, start, factorization)."""
        discount, reward, rows, start, sizes, data, is_igm = json.loads(self.text)
        shape = len(reward), *sizes
        flat = exact_array([x for own in reward for x in own]).reshape(shape)
        kernel = exact_array([x for own in rows for row in own for x in row]).reshape(*shape, len(reward))
        model = MMDP(flat, kernel, discount, name="mutant")
        sources = {
            "uniform": lambda: uniform(),
            "epsilon-greedy": lambda: epsilon_greedy(data["epsilon"]),
            "product": lambda: product(data["marginals"]),
            "joint": lambda: correlated(data["joint"]),
        }
        start = start_from_values(model, start[0], np.array(start[1]))
        return model, sources[data["kind"]](), start, igm if is_igm else linear


@cache
def decided(text):
    """Return the engine's fate of a run."""
    run = object.__new__(Run)
    run.text = text
    model, source, start, factorization = run.engine()
    fate = decide(model, data=source, initial=start, factorization=factorization)
    assert fate.kind != "unknown", fate.tried
    return fate


REPLAYS = {}


def replayed(run):
    """Return the Oracle's positions of a run."""
    if run.text not in REPLAYS:
        REPLAYS[run.text] = run.oracle.run(REPLAYED)
    return REPLAYS[run.text]


def numbers(texts):
    return tuple(map(F, texts))


def assert_true(document):
    """Decide that the claim of a certificate is true."""
    run, claim = Run(document), document["claim"]
    fate = decided(run.text)
    assert claim["fate"] == fate.kind
    if fate.kind == "diverges":
        assert_growth(document, run)
        return
    points = [claim["values"]] if fate.kind == "converges" else claim["orbit"]
    greedy = [claim["greedy"]] if fate.kind == "converges" else claim["greedy"]
    stated = [(numbers(v), tuple(map(tuple, g))) for v, g in zip(points, greedy, strict=True)]
    if fate.kind == "converges":
        assert numbers(claim["optimal_values"]) == tuple(run.oracle.optimal_values())
        assert numbers(claim["policy_values"]) == tuple(run.oracle.policy_values(claim["greedy"]))
    else:
        assert claim["period"] == fate.period == len(stated)
    for j, point in enumerate(stated):
        assert run.oracle.step(point) == stated[(j + 1) % len(stated)]
    assert_approached(document, fate, stated)


def assert_approached(document, fate, stated):
    """The claimed points are those of the engine's fate, in the phase that the claim's prefix says."""
    ours, theirs = (d["proof"].get("prefix", 0) for d in (document, fate.certificate))
    for j, (values, _) in enumerate(stated):
        assert values == numbers(map(str, fate.values[(j + ours - theirs) % len(stated)]))


def assert_growth(document, run):
    """The stated functional of two states grows as stated along the Oracle's replay."""
    proof, growth = document["proof"], document["claim"]["growth"]
    line = proof["directions"] or [["0", "1"] if proof["reference"] == 0 else ["1", "0"]]
    scale, shift = (F(x[1]) - F(x[0]) for x in (line[0], proof["origin"]))
    positions = replayed(run)[proof["prefix"] :: growth["steps"]]
    heights = [(values[1] - values[0] - shift) / scale for values, _ in positions]
    assert len(heights) > 3
    assert heights[0] > 0
    for now, later in pairwise(heights):
        if growth["kind"] == "geometric":
            assert later >= F(growth["factor"]) * now
            assert F(growth["factor"]) > 1
        else:
            assert later >= now + F(growth["increment"])
            assert F(growth["increment"]) > 0


@pytest.mark.parametrize("one", kept(), ids=lambda one: one.name)
def test_single_changes(one):
    document, outcomes, rng = one.document(), Counter(), random.Random(one.name)
    for mutant in [*mutants(document), *carried(document, rng)]:
        begin = time.process_time()
        report = check(mutant)
        assert time.process_time() - begin < SLOWEST
        outcomes[report.accepted] += 1
        if report.accepted:
            assert_true(mutant)
        else:
            assert report.reason
    TRIED[one.name] = sum(outcomes.values())
    assert outcomes[False] > 4 * outcomes[True] > 0


def test_more_than_ten_thousand_changes():
    total = sum(TRIED.values()) if len(TRIED) == len(kept()) else counted()
    assert total >= LEAST


def counted():
    return sum(sum(1 for _ in mutants(one.document())) for one in kept())


FALSE = [
    ("cycle-2", ["claim", "orbit"], lambda orbit: orbit[::-1]),
    ("cycle-3", ["proof", "prefix"], lambda prefix: prefix + 1),
    ("two-state-9-10", ["claim", "growth", "factor"], lambda _: "10/8"),
    ("two-state-4-5", ["claim", "growth", "increment"], lambda _: "4/5"),
    ("two-state-3-4", ["claim", "values"], lambda _: ["0", "13"]),
    ("two-state-3-4", ["claim", "optimal_values"], lambda _: ["0", "5"]),
    ("game-3-suboptimal", ["claim", "greedy"], lambda _: [[0, 0]]),
    ("coordination-cycle", ["initial", "greedy"], lambda _: [[0, 0]]),
]


@pytest.mark.parametrize(("name", "path", "change"), FALSE)
def test_the_oracle_knows_falsehoods(name, path, change):
    """Otherwise an oracle that nods at everything would pass."""
    (one,) = (k for k in kept() if k.name == name)
    document = one.document()
    assert_true(document)
    place = parent(document, path)
    place[path[-1]] = change(place[path[-1]])
    with pytest.raises(AssertionError):
        assert_true(document)
