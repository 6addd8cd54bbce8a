"""Certificates that `decide` makes, and changes of them: Coq and the Python checker give the same verdicts."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mutants import mutants
from test_coq_certificates import compare

from fqi_theory.data.sources import correlated, epsilon_greedy
from fqi_theory.factorization import igm
from fqi_theory.fates import decide
from fqi_theory.model.catalog import load, random_model
from proofs_check.coq.translate.export import export
from proofs_check.coq.translate.reader import Malformed
from proofs_check.coq.translate.terms import Unsupported

pytestmark = pytest.mark.slow

Document = dict[str, Any]


def igm_on_policy() -> list[Document]:
    return [decide(load("two-state"), data=epsilon_greedy(e), factorization=igm).certificate for e in ("1/10", "1")]


def linear_correlated() -> list[Document]:
    """Growth, and a limit that a region shows."""
    first = [["1/6", "1/3"], ["1/3", "1/6"]]
    models = load("two-state"), random_model(2, 2, (2, 2), discount="19/20")
    found = [decide(model, data=correlated([first, [["1/4", "1/8"], ["1/8", "1/2"]]])) for model in models]
    assert [fate.kind for fate in found] == ["diverges", "converges"]
    return [fate.certificate for fate in found]


MADE: dict[str, Callable[[], list[Document]]] = {
    "igm, on policy": igm_on_policy,
    "linear, correlated": linear_correlated,
}


def exported(documents: list[Document]) -> list[Document]:
    """Return those that the translation takes; what it calls malformed is refused by the checker too (compare)."""
    taken = []
    for document in documents:
        try:
            export(document)
            taken.append(document)
        except (Malformed, Unsupported):
            pass
    return taken


@pytest.mark.parametrize("kind", MADE)
def test_decided_certificates_hold_in_coq(coq_library: Path, kind: str):
    documents = MADE[kind]()
    assert compare(documents, coq_library) == (len(documents), 0)


@pytest.mark.parametrize("kind", MADE)
def test_changed_decided_certificates_have_the_same_verdicts(coq_library: Path, kind: str):
    rng = random.Random(kind)
    changed = [mutant for one in MADE[kind]()[:2] for mutant in rng.sample(list(mutants(one)), 60)]
    accepted, refused = compare(exported(changed), coq_library)
    assert accepted > 0
    assert refused > 10
