"""The registry: unique ids, selection by prefix, and what every claim must say about itself."""

import typing

import pytest
from wrong_literature import LITERATURE
from wrong_phases import PHASES, WITHDRAWN_PHASES
from wrong_programs import MUTATIONS, WITHDRAWN
from wrong_twins import TWINS

from proofs_check.claim import Budget, Claim, Finding, Verdict, plain, settle
from proofs_check.registry import MODULES, claims, select

PREFIXES = (
    "thm1.",
    "thm2.",
    "thm3.",
    "thm4.",
    "igm.",
    "qplex.",
    "tables.",
    "value-space.",
    "cycles.",
    "dynamics.",
    "census.",
    "phases.",
    "wqmix.",
    "qtran.",
    "maven.",
    "qfix.",
    "saddles.",
    "dcg.",
    "qplex-code.",
    "classics.",
)
VERDICTS = typing.get_args(Verdict)


def test_every_theorem_has_claims():
    ids = [claim.id for claim in claims()]
    assert len(set(ids)) == len(ids)
    assert all(any(i.startswith(p) for i in ids) for p in PREFIXES)
    assert all(i.startswith(PREFIXES) for i in ids)
    assert len(MODULES) == len(set(MODULES))


@pytest.mark.parametrize("claim", claims(), ids=lambda c: c.id)
def test_a_claim_says_what_it_states_and_assumes(claim: Claim):
    assert all((claim.statement, claim.latex, claim.hypotheses, claim.source))
    assert claim.expected in VERDICTS[:-1]
    assert (claim.examples > 0) == (claim.method == "random instances")
    assert claim.expected != "proved" or claim.method in ("symbolic", "Coq")
    assert claim.expected != "tested" or claim.examples > 0


def test_supporting_theorems_are_in_the_development():
    status = pytest.importorskip("proofs_check.coq.status")
    listed = {theorem.id for theorem in status.theorems()}
    assert {formal.theorem for claim in claims() for formal in claim.theorems} == listed


def test_every_claim_has_a_wrong_twin_that_moves_it():
    """Coq's theorems are changed by their sources alone; every other claim stands in a table of mutations."""
    tables = (MUTATIONS, PHASES, WITHDRAWN, WITHDRAWN_PHASES, TWINS, LITERATURE)
    rows = [row[3] for table in tables for row in table] + ["tables.game2-uniform"]
    assert {claim.id for claim in claims() if claim.method != "Coq"} == set(rows)


def test_random_instances_are_at_least_two_thousand():
    assert sum(claim.examples for claim in claims()) >= 2000


def test_select_by_prefix_and_by_id():
    assert {c.id.split(".")[0] for c in select(["thm3"])} == {"thm3"}
    assert [c.id for c in select(["thm1.closed-form"])] == ["thm1.closed-form"]
    assert select(None) == select([]) == claims()


def test_select_refuses_an_unknown_id():
    with pytest.raises(KeyError, match=r"no claim 'thm9'"):
        select(["thm1", "thm9"])


def test_a_prefix_is_a_whole_name():
    with pytest.raises(KeyError):
        select(["thm1.clo"])


def test_settle():
    assert settle(None, "tested", {}, 7) == Finding("tested", 7)
    found = settle({"x": 1}, "proved", {"shapes": [(2, 2)]})
    assert found.verdict == "refuted"
    assert found.evidence == {"shapes": [[2, 2]], "counterexample": {"x": 1}}


def test_plain_keeps_numbers_exact():
    from fractions import Fraction

    import numpy as np

    assert plain({"a": Fraction(1, 3), "b": np.array([1, 2]), "c": {(0, 1): 2}}) == {
        "a": "1/3",
        "b": [1, 2],
        "c": {"(0, 1)": 2},
    }
    assert plain([True, None, 0.5, np.int64(3), frozenset({2, 1})]) == [True, None, 0.5, 3, [1, 2]]


def test_budget_has_a_seed():
    assert Budget(5).seed == 0
