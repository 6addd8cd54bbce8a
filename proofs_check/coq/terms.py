"""Coq text for the numbers of a certificate, and what is asked of Coq about one."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from proofs_check.coq.reader import Policy

HEADER = """From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From FqiTheory Require Import Model Theorem3 Rationals Tables Claims Positions Phases Regions.
From FqiTheory Require Import CheckedOptimality CheckedContraction CheckedDivergence CheckedOrbit.
"""


class Unsupported(Exception):
    """A certificate of a kind that has no checker in Coq: nothing is said about its truth."""


class Statement(NamedTuple):
    """Definitions; `check`, a boolean that implies the theorem; `also`, what else the format asks for."""

    definitions: tuple[str, ...]
    check: str
    theorem: str
    also: str = "true"

    def question(self) -> str:
        """Return Coq text that prints whether the check holds."""
        return "\n".join((*self.definitions, f"Eval vm_compute in ({self.check} && {self.also})."))

    def verdict(self) -> str:
        """Return Coq text that compiles only if the check holds; it prints the theorem and what it assumes."""
        lemmas = (
            f"Lemma accepted : {self.check}. Proof. by vm_compute. Qed.",
            f"Lemma agrees : {self.also}. Proof. by vm_compute. Qed.",
            f"Definition verdict (F : archiFieldType) := {self.theorem} accepted.",
        )
        return "\n".join((*self.definitions, *lemmas, "Check verdict.", "Print Assumptions verdict."))


def rational(x: Fraction) -> str:
    """Return a number of Coq's Q."""
    return f"({x.numerator}#{x.denominator})%Q"


def sequence(parts: Iterable[str]) -> str:
    """Return a list."""
    return f"[:: {'; '.join(parts)}]"


def rationals(numbers: Iterable[Fraction]) -> str:
    """Return a list of numbers of Q."""
    return sequence(f"{x.numerator}#{x.denominator}" for x in numbers) + "%Q"


def rows(numbers: Iterable[Iterable[Fraction]]) -> str:
    """Return a list of lists of numbers of Q."""
    return sequence(map(rationals, numbers))


def naturals(numbers: Iterable[int]) -> str:
    """Return a list of natural numbers."""
    return sequence(f"{x}%N" for x in numbers)


def joint_policy(joint: Policy) -> str:
    """Return one list of actions a state."""
    return sequence(map(naturals, joint))


def truth(value: bool) -> str:
    """Return a boolean."""
    return "true" if value else "false"
