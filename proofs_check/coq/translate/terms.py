"""Coq text for the numbers of a certificate, and what is asked of Coq about one."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from proofs_check.coq.translate.reader import Policy

HEADER = """From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From FqiTheory Require Import Model Rationals Tables Fits Claims Positions Phases Regions.
From FqiTheory Require Import CheckedOptimality CheckedContraction CheckedDivergence CheckedOrbit.
From FqiTheory Require Import CheckedShrinking Certificates.
"""
#: Integers of more bits are written in base 16: Python limits how many decimal digits it prints.
LONG = 4096


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
            # Computed once, by the kernel at Qed.
            f"Lemma accepted : {self.check}. Proof. vm_cast_no_check (@erefl bool true). Qed.",
            f"Lemma agrees : {self.also}. Proof. vm_cast_no_check (@erefl bool true). Qed.",
            f"Definition verdict (F : archiFieldType) := {self.theorem} accepted.",
        )
        return "\n".join((*self.definitions, *lemmas, "Check verdict.", "Print Assumptions verdict."))


def _quotient(x: Fraction) -> str:
    return "#".join(hex(k) if k.bit_length() > LONG else str(k) for k in (x.numerator, x.denominator))


def rational(x: Fraction) -> str:
    """Return a number of Coq's Q."""
    return f"({_quotient(x)})%Q"


def sequence(parts: Iterable[str]) -> str:
    """Return a list."""
    return f"[:: {'; '.join(parts)}]"


def rationals(numbers: Iterable[Fraction]) -> str:
    """Return a list of numbers of Q."""
    return sequence(map(_quotient, numbers)) + "%Q"


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
