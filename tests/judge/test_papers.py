"""From paper to claim: nothing that a claim takes from the papers is left out, and nothing is named that is none."""

import re

import pytest

from proofs_check.papers import ITEMS, Q21, W21
from proofs_check.registry import claims, select
from proofs_check.report.papers import papers, row

LISTED = {claim.id for item in ITEMS for claim in item.decided()}


@pytest.mark.parametrize("paper", [W21, Q21])
def test_every_claim_of_a_paper_is_in_the_table(paper):
    own = {c.id for c in claims() if re.search(rf"\b{paper}", c.source) and not c.source.startswith("ours")}
    assert own - LISTED == set()
    assert own


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.text[:40])
def test_an_item_has_claims_or_a_reason(item):
    assert item.claims or item.missing
    for name in item.claims:
        assert select(name)
    assert not item.kind.startswith("Theorem") or item.decided()


@pytest.mark.parametrize("number", range(1, 5))
def test_a_numbered_theorem_has_claims_that_cite_it(number):
    (item,) = [item for item in ITEMS if item.kind == f"Theorem {number}"]
    assert any(f"Theorem {number}" in claim.source for claim in item.decided())


def test_verdicts_of_a_run_are_shown():
    rows = list(map(row, papers([{"id": "thm1.counterfactual", "verdict": "refuted"}])))
    assert len(rows) == len(ITEMS)
    assert any('<a href="#thm1.counterfactual">thm1.counterfactual</a> refuted' in text for text in rows)
    assert any("thm3.divergence (not in this run)" in text for text in rows)
    assert any("not covered, because: a measurement" in text for text in rows)
