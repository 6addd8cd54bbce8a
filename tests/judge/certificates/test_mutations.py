"""Every single change of a kept certificate: the checker refuses it, or its statement is still true.

Truth is decided without the checker: `certificate_oracle` replays the mutated run in fractions by orthogonal projection
and repeats the claimed steps, and the engine decides the fate of the mutated model anew. Over 10,000 changes: numbers,
indices, words, deletions, duplications, neighbours swapped, and leaves carried from place to place.
"""

import json
import random
from collections import Counter
from fractions import Fraction as F
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from certificate_oracle import Oracle, assert_bounds
from mutants import carried, judged, mutants, parent

from fqi_theory.base.scalars import exact_array
from fqi_theory.data.sources import correlated, epsilon_greedy, product, uniform
from fqi_theory.factorization.classes import by_name
from fqi_theory.fates import decide
from fqi_theory.model.mmdp import MMDP
from fqi_theory.runs.iteration import fitted_q_iteration
from fqi_theory.runs.trajectory import start_from_values
from proofs_check.certificates.kept import kept as every_kept

pytestmark = pytest.mark.slow

LEAST = 10_000
REPLAYED = 25
LISTED, SAMPLED = 12, 60
TRIED: Counter[str] = Counter()


@cache
def kept():
    """Certificates that the Oracle knows; test_mutations_classes has the others."""
    known = (one for one in every_kept() if one.ties == "first")
    return tuple(one for one in known if one.factorization != "monotonic" or one.claim["fate"] == "bounded")


class Run:
    """The run of a mutated certificate for the engine, read by the Oracle; equal runs share one decision."""

    def __init__(self, document):
        self.oracle = Oracle(document)
        names = document["model"]["states"]
        rows = [[[row.get(t, 0) for t in range(len(names))] for row in own] for own in self.oracle.chances]
        parts = [self.oracle.discount, self.oracle.reward, rows, self.oracle.start, self.oracle.sizes]
        self.text = json.dumps([*parts, document["data"], document["factorization"]], default=str, sort_keys=True)

    def engine(self):
        """Return (model, source, start, factorization)."""
        discount, reward, rows, start, sizes, data, name = json.loads(self.text)
        shape = len(reward), *sizes
        flat = exact_array([x for own in reward for x in own]).reshape(shape)
        kernel = exact_array([x for own in rows for row in own for x in row]).reshape(*shape, len(reward))
        model = MMDP(flat, kernel, discount, name="mutant")
        sources = {
            "uniform": lambda: uniform(),
            "epsilon-greedy": lambda: epsilon_greedy(data["epsilon"], data.get("exploring")),
            "product": lambda: product(data["marginals"]),
            "joint": lambda: correlated(data["joint"]),
        }
        start = start_from_values(model, start[0], np.array(start[1]))
        return model, sources[data["kind"]](), start, by_name(name, len(sizes))


@cache
def decided(text):
    """Return the engine's fate of a run."""
    run = object.__new__(Run)
    run.text = text
    model, source, start, factorization = run.engine()
    reading = json.loads(text)[5].get("unsupported", "refuse")
    fate = decide(model, data=source, initial=start, factorization=factorization, unsupported=reading)
    assert fate.kind != "unknown", fate.tried
    return fate


REPLAYS = {}


def replayed(run):
    """Return the Oracle's positions of a run; the generic iteration's for QMIX, which the Oracle does not know."""
    if run.text not in REPLAYS:
        model, source, start, rule = run.engine()
        if rule.name == "monotonic":
            again = fitted_q_iteration(model, data=source, factorization=rule, initial=start, iterations=REPLAYED)
            REPLAYS[run.text] = [(numbers(map(str, v)), None) for v in again.values]
        else:
            REPLAYS[run.text] = run.oracle.run(REPLAYED)
    return REPLAYS[run.text]


def numbers(texts):
    return tuple(map(F, texts))


def assert_true(document):
    """Decide that the claim of a certificate is true."""
    run, claim = Run(document), document["claim"]
    if claim["fate"] in ("bounded", "aperiodic"):
        assert_bounds(document, replayed(run), run.oracle.step)
    if claim["fate"] == "bounded":
        return
    fate = decided(run.text)
    assert claim["fate"] == fate.kind
    if fate.kind in ("diverges", "aperiodic"):
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


def chosen(document, rng):
    """Return all mutants; of a model with more than LISTED transitions SAMPLED of them."""
    changes = list(mutants(document))
    return changes if len(document["model"]["transitions"]) <= LISTED else rng.sample(changes, SAMPLED)


@pytest.mark.parametrize("one", kept(), ids=lambda one: one.name)
def test_single_changes(one):
    document, rng = one.document(), random.Random(one.name)
    outcomes = judged([*chosen(document, rng), *carried(document, rng)], assert_true)
    TRIED[one.name] = sum(outcomes.values())
    assert outcomes[False] > outcomes[True] > 0


def test_more_than_ten_thousand_changes():
    total = sum(TRIED.values()) if len(TRIED) == len(kept()) else counted()
    assert total >= LEAST


def counted():
    return sum(len(chosen(one.document(), random.Random(one.name))) for one in kept())


FALSE = [
    ("cycle-2", ["claim", "orbit"], lambda orbit: orbit[::-1]),
    ("cycle-3", ["proof", "prefix"], lambda prefix: prefix + 1),
    ("two-state-9-10", ["claim", "growth", "factor"], lambda _: "10/8"),
    ("two-state-4-5", ["claim", "growth", "increment"], lambda _: "4/5"),
    ("two-state-3-4", ["claim", "values"], lambda _: ["0", "13"]),
    ("two-state-3-4", ["claim", "optimal_values"], lambda _: ["0", "5"]),
    ("game-3-suboptimal", ["claim", "greedy"], lambda _: [[0, 0]]),
    ("two-state-exploring", ["data", "exploring", 0, 1], lambda _: ["1/2", "1/2"]),
    ("coordination-cycle", ["initial", "greedy"], lambda _: [[0, 0]]),
    ("edge-3-2-2-below", ["claim", "upper"], lambda _: ["0", "9"]),
    ("edge-3-2-2-at", ["claim", "growth", "increment"], lambda _: "1000001/1000000"),
    ("qmix-jump", ["claim", "upper"], lambda _: ["0", "1/2"]),
    ("aperiodic", ["claim", "lower"], lambda _: ["-29/10", "0"]),
    ("aperiodic", ["model", "discount"], lambda _: "4/5"),
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
