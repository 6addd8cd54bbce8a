"""What the schema of certificates admits is well-formed for the checker, but for what no such schema can say."""

import copy
import random
import re

import pytest
from documents import VALIDATOR
from mutants import mutants

from proofs_check.certificates.kept import named
from proofs_check.checker import check

pytestmark = pytest.mark.slow

#: One kept certificate of each kind of proof, class and data.
KINDS = [
    "two-state-igm", "two-state-3-4", "two-state-correlated", "two-state-chosen", "two-state-9-10", "cycle-2",
    "cycle-5-rounded", "two-state-epsilon-1-10", "qmix-jump", "wandering", "aperiodic", "pairwise", "qmix-cycle-2",
    "qmix-central", "qmix-optimistic", "voting-3-5",
]  # fmt: skip
DATA = [
    {"kind": "uniform"},
    {"kind": "epsilon-greedy", "epsilon": "1/10"},
    {"kind": "central", "alpha": "1/10", "base": {"kind": "uniform"}},
    {"kind": "optimistic", "alpha": "1/10", "base": {"kind": "uniform"}},
]
CLASSES = ["linear", "igm", "joint", "monotonic", "additive:2", "graph:0-1"]
VALUES = [
    None, True, 0, 1, -1, 1.5, 2.0, 4_000_000, "0", "1/2", "x", "", "1e10001", "1e-10000", "1/0", "00/01", " 1", "+1",
    "1.", [], {}, ["0"], [["0"]], [[0]], {"x": 1},
]  # fmt: skip
OPTIONAL = ["tables", "precision", "level", "directions", "growth", "unsupported", "name", "start", "reference"]

#: How the checker refuses what a schema admits: what the shape depends on is elsewhere in the document.
BEYOND = {
    "a length that the model, or another entry, gives": r"expected \d+ entries|expected at most \d+ vectors",
    "an index that the model gives": r"expected an integer from \d+ to \d+, found \d+$",
    "a name that the model gives": r"unknown name|occur twice|the model's agents are|an agent occurs twice",
    "how deep tables are nested, by the number of agents": r"(joint|tables)(\[\d+\])+: expected .*, found",
    "the value of a rational": r"sum to 1|is negative|expected 0 <|a positive|more than|numbers >= 0",
    "JSON Schema takes 2.0 for an integer": r", found -?\d+\.0$",
    "that both are null or of one length": r"proof\.growth: expected fixed",
}


@pytest.fixture(scope="module")
def documents():
    return {name: named(name).document() for name in KINDS}


def zeros(document):
    """Q_tot = 0 as tables nested over the agents' actions."""
    table = "0"
    for names in reversed(document["model"]["actions"]):
        table = [table] * len(names)
    return [table] * len(document["model"]["states"])


def mixed(document, others, rng):
    """Parts of other certificates, other data and classes, tables where there were none."""
    for data in DATA:
        rule = rng.choice(CLASSES)
        for changed in ({"data": data}, {"factorization": rule}, {"data": data, "factorization": rule}):
            yield {**document, **changed}
            yield {**document, **changed, "initial": {**document["initial"], "tables": zeros(document)}}
    other = rng.choice(others)
    for keys in (["proof"], ["claim"], ["claim", "proof"], ["claim", "proof", "factorization", "data", "initial"]):
        yield {**document, **{key: other[key] for key in keys}}


def broken(document, rng):
    """A copy with one value gone, repeated, replaced or added."""
    changed = copy.deepcopy(document)
    node, trail = changed, []
    while isinstance(node, dict | list) and node and (not trail or rng.random() < 0.85):
        trail.append((node, rng.choice(list(node) if isinstance(node, dict) else range(len(node)))))
        node = trail[-1][0][trail[-1][1]]
    parent, key = trail[-1]
    how = rng.random()
    if how < 0.2:
        del parent[key]
    elif how < 0.3 and isinstance(parent[key], list):
        parent[key] += parent[key][-1:]
    elif how < 0.5 and isinstance(parent, dict):
        parent[rng.choice(OPTIONAL)] = rng.choice(VALUES)
    else:
        parent[key] = rng.choice(VALUES)
    return changed


def disagreement(document):
    """Return why the checker calls malformed what the schema admits, or that it accepts what the schema does not."""
    report = check(document)
    if report.accepted:
        return None if VALIDATOR.is_valid(document) else "accepted, but not of the schema"
    shaped = re.search(r"unknown key|is missing|expected a list|expected an object|, found", report.reason)
    if (report.steps and not shaped) or any(re.search(p, report.reason) for p in BEYOND.values()):
        return None
    return report.reason if VALIDATOR.is_valid(document) else None


@pytest.mark.parametrize("name", KINDS)
def test_what_the_schema_admits_is_well_formed(name, documents):
    rng, document = random.Random(name), documents[name]
    changes = [*mixed(document, list(documents.values()), rng), *(broken(document, rng) for _ in range(150))]
    changes += rng.sample(list(mutants(document)), 30)
    found = {reason for change in changes if (reason := disagreement(change))}
    assert not found


def test_the_box_of_optimistic_weights_has_tables(documents):
    document = documents["qmix-jump"]
    weighted = {**document, "data": DATA[3]}
    assert not VALIDATOR.is_valid(weighted)
    assert check(weighted).reason == "initial: key 'tables' is missing"
    whole = {**weighted, "initial": {**document["initial"], "tables": zeros(document)}}
    assert VALIDATOR.is_valid(whole)
    assert check(whole).steps
    for name in ("qmix-jump", "wandering", "voting-3-5", "aperiodic"):
        own = documents[name]
        with_tables = {**own, "initial": {**own["initial"], "tables": zeros(own)}}
        assert not VALIDATOR.is_valid(with_tables)
        assert check(with_tables).reason == 'initial: unknown key "tables"'
