"""Each Coq source begins with its contents: what it defines (`name == meaning`), and its main results in words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from proofs_check.coq.prove import HERE, strip_comments

SOURCES = sorted([*HERE.glob("theories/**/*.v"), *HERE.glob("negative/*.v")])
#: What a reader meets in statements: all of these are listed. Lemmas and notations may be.
LISTED = r"Definition|Fixpoint|Record|Inductive|Ltac|Theorem|Corollary|Proposition"
DEFINED = re.compile(r"^ *(\w+)\b.* == ", re.MULTILINE)
RESULT = re.compile(r"^ {3}(\w+) {2,}\S", re.MULTILINE)


def names(code: str, keywords: str) -> set[str]:
    """What the keywords declare in Coq code without comments."""
    return set(re.findall(rf"\b(?:{keywords})\s+(\w+)", code))


def complaints(text: str) -> list[str]:
    """What is wrong with the header of a Coq source."""
    head, code = text.partition("*)")[0], strip_comments(text)
    listed = set(DEFINED.findall(head)) | set(RESULT.findall(head))
    columns = {line.index(" == ") for line in head.splitlines() if " == " in line}
    missing = names(code, LISTED) - listed
    unknown = listed - names(code, f"{LISTED}|Lemma|Notation")
    found = [f"{name} is not listed" for name in sorted(missing)]
    found += [f"{name} is listed but not there" for name in sorted(unknown)]
    return found + ["== is not aligned"] * (len(columns) > 1)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(HERE).as_posix())
def test_the_header_lists_what_the_file_has(path: Path):
    text = path.read_text(encoding="utf-8")
    assert text.startswith("(* ")
    assert complaints(text) == []


GOOD = """(* Doubling.

     twice n == n + n
   pair n ms == n, ms

   twice_even  twice n is even  *)
Definition twice n := n + n. (* Definition hidden := 1. *)
Fixpoint pair n ms := n.
Lemma tool : True. Proof. by []. Qed.
Theorem twice_even n : ~~ odd (twice n). Proof. by []. Qed.
"""


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("twice n == ", "double n == ", "double is listed but not there"),
        ("   twice_even  twice", "   twice twice", "twice_even is not listed"),
        ("Definition twice", "Definition thrice := 3. Definition twice", "thrice is not listed"),
        ("Theorem twice_even", "Theorem twice_odd", "twice_odd is not listed"),
        ("   pair n", "  pair n", "== is not aligned"),
    ],
)
def test_a_header_that_differs_from_its_file_is_noticed(old: str, new: str, complaint: str):
    assert complaints(GOOD) == []
    assert old in GOOD
    assert complaint in complaints(GOOD.replace(old, new))
