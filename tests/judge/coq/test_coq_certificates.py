"""Certificates checked inside Coq: the verdicts are those of the Python checker; accepted ones become theorems."""

from __future__ import annotations

import copy
import itertools
import json
import random
from pathlib import Path

import pytest
from handmade import CERTIFICATES, certificate
from mutants import mutants

from proofs_check.certificates.kept import kept, named
from proofs_check.checker import check
from proofs_check.coq import certify, prove
from proofs_check.coq.translate import export as exporting
from proofs_check.coq.translate.export import export
from proofs_check.coq.translate.hints import dual, fitted, spanning
from proofs_check.coq.translate.reader import Malformed, Model, number
from proofs_check.coq.translate.terms import HEADER, Unsupported

pytestmark = pytest.mark.slow

#: One certificate of each kind of proof, and what its theorem must speak of.
KINDS = {
    "two-state-3-4": "fixed_run F m d V Q -> forall s : state m, tends_to",
    "two-state-igm": "igm_run",
    "two-state-4-5": "exists (t : nat) (s : state m), M < `|V t s|",
    "cycle-2": "run_from d v0 g0 V pi",
    "two-state-epsilon-1-10": "run_from d v0 g0 V pi",
    "two-state-exploring": "run_from d v0 g0 V pi",
}
COVERED = ("converges", "cycles", "diverges")
#: Changes of kept certificates: path to an entry and its new value.
CHANGES = [
    ("two-state-3-4", "ties", "last"),
    ("two-state-igm", "ties", "last"),
    ("coordination-cycle", "ties", "last"),
    ("two-state-last", "ties", "first"),
    ("two-state-3-4", "claim values 1", "11"),
    ("two-state-3-4", "claim optimal_values 1", "5"),
    ("two-state-3-4", "claim policy_values 1", "5"),
    ("two-state-3-4", "claim greedy 1", [0, 1]),
    ("two-state-3-4", "proof weights 1", "4"),
    ("two-state-3-4", "proof weights 1", "0"),
    ("two-state-3-4", "proof weights 1", "1000000"),
    ("two-state-3-4", "proof factor", "1"),
    ("two-state-3-4", "proof factor", "26/28"),
    ("two-state-3-4", "proof factor", "55/56"),
    ("two-state-3-4", "initial values 1", "-7/3"),
    ("two-state-3-4", "model discount", "76/100"),
    ("two-state-3-4", "model discount", "-1/4"),
    ("two-state-3-4", "model transitions 7 next", {"s0": "3/2", "s1": "-1/2"}),
    ("two-state-3-4", "model transitions 7 next", {"s0": "1/2"}),
    ("two-state-3-4", "data", {"kind": "epsilon-greedy", "epsilon": "1"}),
    ("two-state-3-4", "data", {"kind": "product", "marginals": [[["1/2", "1/2"], ["0.5", "5e-1"]]] * 2}),
    ("two-state-3-4", "data", {"kind": "product", "marginals": [[["1/2", "1/2"], ["1", "0"]]] * 2}),
    ("two-state-3-4", "data", {"kind": "product", "marginals": [[["1/2", "1/2"], ["1/3", "1/3"]]] * 2}),
    ("two-state-3-4", "data", {"kind": "joint", "joint": [[["1/8", "1/8"], ["1/4", "1/2"]]] * 2}),
    ("two-state-4-5", "data", {"kind": "joint", "joint": [[["1/4", "1/4"], ["1/4", "1/4"]]] * 2}),
    ("two-state-correlated", "claim values 1", "12"),
    ("two-state-correlated", "claim greedy 1", [0, 1]),
    ("two-state-correlated", "proof weights 1", "1"),
    ("two-state-correlated", "proof factor", "1/2"),
    ("two-state-correlated", "data joint 1 0 0", "1/4"),
    ("two-state-correlated", "data joint 1", [["1/4", "1/4"], ["1/4", "1/4"]]),
    ("two-state-correlated", "data joint 1", [["2/3", "-1/6"], ["1/6", "1/3"]]),
    ("two-state-igm", "claim values 1", "11"),
    ("two-state-igm", "claim greedy 1", [0, 1]),
    ("two-state-igm", "claim greedy 0", [0, 1]),
    ("two-state-igm", "data", {"kind": "joint", "joint": [[["1/8", "1/8"], ["1/4", "1/2"]]] * 2}),
    ("two-state-igm", "data", {"kind": "joint", "joint": [[["1/4", "1/4"], ["1/2", "0"]]] * 2}),
    ("two-state-igm", "data", {"kind": "epsilon-greedy", "epsilon": "1/2"}),
    ("two-state-igm", "data", {"kind": "epsilon-greedy", "epsilon": "0"}),
    ("two-state-igm", "data", {"kind": "epsilon-greedy", "epsilon": "3/2"}),
    ("cycle-5-rounded", "proof precision", 8),
    ("cycle-5-rounded", "proof widths 0", "0"),
    ("cycle-5-rounded", "claim orbit 1 0", "0"),
    ("two-state-exploring", "data epsilon", "1/3"),
    ("two-state-exploring", "data epsilon", "0"),
    ("two-state-exploring", "data exploring 0 1", ["3/4", "1/4"]),
    ("two-state-exploring", "data exploring 0 1", ["0", "1"]),
    ("two-state-exploring", "data exploring 1 1", ["1/2", "1/3"]),
    ("two-state-exploring", "claim greedy 1", [0, 1]),
    ("two-state-4-5", "claim growth increment", "1"),
    ("two-state-4-5", "proof growth increment", "1"),
    ("two-state-4-5", "proof growth minimum", "4"),
    ("two-state-4-5", "claim growth steps", 2),
    ("two-state-4-5", "proof prefix", 0),
    ("two-state-4-5", "proof prefix", 3),
    ("two-state-4-5", "proof modes 0 1", [0, 1]),
    ("two-state-9-10", "proof growth factor", "10/9"),
    ("two-state-9-10", "proof directions 0", ["1", "1"]),
    ("two-state-9-10", "proof widths 0", "1"),
    ("cycle-2", "proof prefix", 11),
    ("cycle-2", "proof widths 0", "0"),
    ("cycle-2", "proof modes 0 1", [1, 0]),
    ("cycle-2", "proof origin 0", "5"),
    ("cycle-2", "claim greedy 0 0", [0, 0]),
    ("cycle-2", "claim orbit 1 0", "5"),
    ("coordination-cycle", "data epsilon", "1/5"),
    ("coordination-cycle", "data epsilon", "0"),
    ("coordination-cycle", "data epsilon", "1"),
    ("coordination-cycle", "proof entry 0", [0, 0]),
    ("coordination-cycle", "initial greedy 0", [1, 1]),
    ("two-state-epsilon-1-2", "proof widths 0", "1000"),
    ("two-state-epsilon-1-2", "data epsilon", "9/10"),
    ("game-3-suboptimal", "initial values 0", "1000"),
]


def changed(name: str, path: str, value: object) -> dict:
    document = copy.deepcopy(named(name).document())
    *steps, last = (int(key) if key.isdigit() else key for key in path.split())
    node = document
    for key in steps:
        node = node[key]
    assert node[last] != value
    node[last] = value
    return document


def compare(documents: list[dict], folder: Path) -> tuple[int, int]:
    """Assert that Coq and the Python checker agree on all documents; how many are accepted and refused."""
    statements = [export(document) for document in documents]
    verdicts = certify.accepted(statements, folder)
    for document, verdict in zip(documents, verdicts, strict=True):
        report = check(document)
        assert verdict == report.accepted, (report.reason, json.dumps(document))
    return verdicts.count(True), verdicts.count(False)


def test_all_kept_certificates_hold_in_coq(coq_library: Path):
    documents = [one.document() for one in kept()]
    linear = [d for d in documents if d["factorization"] in ("linear", "igm")]
    exact = [d for d in linear if "precision" not in d["proof"] or d["claim"]["fate"] != "diverges"]
    plain = [d for d in exact if "unsupported" not in d["data"]]
    covered = [d for d in plain if d["claim"]["fate"] in COVERED and d["proof"]["kind"] != "choices"]
    assert len(covered) == 27
    assert compare(covered, coq_library) == (len(covered), 0)
    for document in documents:
        if document not in covered:
            with pytest.raises(Unsupported):
                export(document)


def test_changed_certificates_have_the_same_verdicts(coq_library: Path):
    accepted, refused = compare([changed(*change) for change in CHANGES], coq_library)
    assert accepted >= 5
    assert refused >= 30


def test_random_changes_have_the_same_verdicts(coq_library: Path):
    """What the translation calls malformed, the Python checker refuses too."""
    chosen, rng = [], random.Random(0)
    for name in CERTIFICATES:
        for mutant in rng.sample(list(mutants(certificate(name))), 25):
            try:
                export(mutant)
                chosen.append(mutant)
            except Unsupported:
                pass
            except Malformed:
                assert not check(mutant).accepted
    accepted, refused = compare(chosen, coq_library)
    assert accepted > 20
    assert refused > 60


def test_accepted_certificates_become_theorems_without_axioms(coq_library: Path):
    """All in one run of Coq, a module each; `certify.theorem` states one."""
    verdicts = [export(named(name).document()).verdict() for name in KINDS]
    parts = [f"Module M{k}.\n{verdict}\nEnd M{k}.\n" for k, verdict in enumerate(verdicts)]
    printed = certify._run("".join((HEADER, certify.PRINTING, *parts)), coq_library, certify.SECONDS)
    *texts, rest = printed.split(prove.CLOSED)
    assert rest.strip() == ""
    for text, spoken_of in zip(texts, KINDS.values(), strict=True):
        assert spoken_of in " ".join(text.split())
        assert "Axioms" not in text


def test_a_refused_certificate_has_no_theorem(coq_library: Path):
    with pytest.raises(prove.ProofError):
        certify.theorem(export(changed("two-state-3-4", "claim values 1", "11")), coq_library)


def test_a_wrong_hint_of_a_fit_is_refused(coq_library: Path, monkeypatch: pytest.MonkeyPatch):
    document = named("two-state-correlated").document()

    def shifted(*arguments: object) -> list:
        (first, *others), *agents = fitted(*arguments)
        return [[[first[0] + 1, *first[1:]], *others], *agents]

    right = export(document)
    monkeypatch.setattr(exporting, "fitted", shifted)
    assert certify.accepted([right, export(document)], coq_library) == [True, False]


def test_kinds_without_a_checker_in_coq_are_unsupported():
    joint = {"kind": "joint", "joint": [[["1/4", "1/4"], ["0", "1/2"]]] * 2, "unsupported": "choose"}
    cases = [
        changed("two-state-3-4", "data", joint),
        changed("two-state-4-5", "data", joint),
        changed("two-state-4-5", "proof prefix", 10**6),
        named("two-state-9-10-rounded").document(),
        changed("two-state-3-4", "factorization", "additive:2"),
    ]
    for document in cases:
        with pytest.raises(Unsupported):
            export(document)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("format", "certificate/2"),
        ("ties", "random"),
        ("model discount", 0.75),
        ("model discount", True),
        ("model discount", "3/0"),
        ("model discount", " 3/4"),
        ("model states", ["s0", "s0"]),
        ("model transitions 0 state", "s7"),
        ("model transitions 0 next", {"s7": "1"}),
        ("claim values", ["0"]),
        ("claim greedy 0", [0, 2]),
        ("claim fate", "cycles"),
        ("proof", {"kind": "magic"}),
        ("initial", {}),
        ("data", {"kind": "product", "marginals": []}),
    ],
)
def test_malformed_documents_are_told_apart(path: str, value: object):
    document = changed("two-state-3-4", path, value)
    with pytest.raises(Malformed):
        export(document)
    assert not check(document).accepted


def test_the_hint_is_a_left_inverse():
    one, zero = number(1, ""), number(0, "")
    directions = [[zero, one, zero], [one, one, number("1/2", "")]]
    found = dual(directions, 3)
    product = [[sum(map(lambda a, b: a * b, row, w)) for w in (*directions, [one] * 3)] for row in found]
    assert product == [[1, 0, 0], [0, 1, 0]]
    assert not any(map(any, dual([[one, one, one]], 3)))


def test_the_hint_of_a_fit_solves_the_normal_equations():
    """An additive table is its own fit, under whatever weights of full support."""
    weights = [number(text, "") for text in ("1/10", "1/5", "3/10", "2/5")]
    table = [[number(x, ""), number("1", "")] for x in (3, 5, -1, 1)]
    parts = fitted(weights, table, Model("", number("1/2", ""), [2, 2], []))
    for k, scale in enumerate((1, number("1/2", ""))):
        sums = [one[k] + other[k] for one in parts[0] for other in parts[1]]
        assert sums == [scale * row[k] for row in table]


@pytest.mark.parametrize("sizes", [(2, 2), (3, 2), (2, 2, 2)])
def test_joint_actions_without_weight_are_combinations_of_those_with_some(sizes):
    """z of a joint action l writes every additive table at l by its values where there is weight."""
    actions = list(itertools.product(*map(range, sizes)))
    weights = [number("0" if k == len(actions) - 1 else "1", "") for k in range(len(actions))]
    rows = spanning(weights, sizes)
    assert not any(rows[:-1])
    assert rows[-1][-1] == 0
    factors = [[number(f"{7 * i + x * x + 1}/3", "") for x in range(size)] for i, size in enumerate(sizes)]
    table = [sum(own[x] for own, x in zip(factors, action, strict=True)) for action in actions]
    assert sum(z * q for z, q in zip(rows[-1], table, strict=True)) == table[-1]
    assert spanning([number("1", "")] * len(actions), sizes) == []
