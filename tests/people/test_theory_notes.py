"""The theory notes: the claims they name exist, so do the sections that are cited, and their thresholds are right."""

import re
from fractions import Fraction
from itertools import combinations
from math import comb

import pytest
from places import ROOT

from proofs_check.registry import MODULES, claims

NOTES = (ROOT / "docs" / "theory-notes.md").read_text(encoding="utf-8")
SECTIONS = [int(number) for number in re.findall(r"^## (\d+)\. ", NOTES, re.MULTILINE)]
CITED = re.compile(r"theory\s+(?:#\s*)?notes,\s+(?:#\s*)?sections?\s+(?:#\s*)?(\d+(?:(?:, | and )\d+)*)")
ROWS = re.findall(r"^\| \((\d+),(\d+)\) \|(.*)\|$", NOTES, re.MULTILINE)


def negative_mass(agents, actions, order):
    """Return ν of the additive class of an order under uniform data, from the weights at each Hamming distance."""
    total = Fraction(0)
    for distance in range(agents + 1):
        same = agents - distance
        weight = sum(
            (-1) ** (size - kept) * (actions - 1) ** kept * comb(same, kept) * comb(distance, size - kept)
            for size in range(order + 1)
            for kept in range(size + 1)
        )
        others = comb(agents, distance) * (actions - 1) ** distance
        total += others * max(Fraction(0), Fraction(-weight, actions**agents))
    return total


def test_sections_are_numbered_in_order_and_labelled():
    assert list(range(1, 21)) == SECTIONS
    assert re.findall(r"^\(theory-(\d+)\)=\n## (\d+)\.", NOTES, re.MULTILINE) == [(str(n), str(n)) for n in SECTIONS]


def test_every_claim_that_is_named_exists():
    prefixes = {claim.id.split(".")[0] for claim in claims()}
    named = {name for name in re.findall(r"`([\w-]+\.[\w-]+)`", NOTES) if name.split(".")[0] in prefixes}
    assert named - {claim.id for claim in claims()} == set()
    assert len(named) >= 60


def test_every_cited_section_exists():
    cited = []
    for package in ("fqi_theory", "proofs_check", "tests"):
        for path in sorted((ROOT / package).rglob("*.py")):
            cited += [
                int(n) for found in CITED.findall(path.read_text(encoding="utf-8")) for n in re.findall(r"\d+", found)
            ]
    assert set(cited) <= set(SECTIONS)
    assert len(cited) >= len(MODULES)


def test_two_ways_to_the_negative_mass_agree():
    """The weights by Hamming distance against the projection on sums of terms, joint action by joint action."""
    agents, actions, order = 3, 2, 2
    total = Fraction(0)
    for index in range(actions**agents):
        match = [(index >> agent) & 1 == 0 for agent in range(agents)]
        weight = Fraction(0)
        for size in range(order + 1):
            for chosen in combinations(range(agents), size):
                term = Fraction(1)
                for agent in chosen:
                    term *= (actions if match[agent] else 0) - 1
                weight += term
        total += max(Fraction(0), -weight / actions**agents)
    assert total == negative_mass(agents, actions, order) == Fraction(3, 8)


@pytest.mark.parametrize(("agents", "actions", "cells"), ROWS, ids=lambda value: value.strip()[:12])
def test_the_table_of_thresholds(agents, actions, cells):
    for order, cell in enumerate((c.strip() for c in cells.split("|")), start=1):
        nu = negative_mass(int(agents), int(actions), min(order, int(agents)))
        exact = [1 / (1 + 2 * nu), 1 / (1 + nu)]
        if cell == "1":
            assert nu == 0
        elif "/" in cell:
            assert [Fraction(part) for part in cell.split(", ")] == exact
        elif cell:
            assert cell.split(", ") == [f"{float(value):.3f}" for value in exact]


def test_the_table_has_all_its_rows():
    assert len(ROWS) == 6
