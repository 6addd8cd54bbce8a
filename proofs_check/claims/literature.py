"""How claims about other papers are written: short, with the method and the verdict that their evidence earns.

Each family is a module: `weighted_qmix`, `qtran`, `maven`, `qfix`, `beyond_monotonicity`, `dcg`, `qplex_code`,
`classics`. A claim puts a statement in our notation, with the paper's number where we could check it. 'ours, on X'
marks readings and consequences that X does not state; a paper's statement that is refuted needs a hypothesis that it
does not name.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from proofs_check.claim import Budget, Claim, Finding, Method, Verdict
from proofs_check.evidence import exact
from proofs_check.evidence.exact import Shape, Table

Check = Callable[[Budget], Finding]


def table(shape: Shape, flat: Any) -> Table:
    """Return a table of numbers or texts as fractions."""
    return exact.table(shape, map(Fraction, flat))


def sampled_claim(
    name: str, statement: str, latex: str, hypotheses: str, source: str, check: Check, examples: int = 60
) -> Claim:
    """Return a claim that random instances test."""
    return Claim(name, statement, latex, hypotheses, source, "random instances", "tested", check, examples)


def decided_claim(
    name: str,
    statement: str,
    latex: str,
    hypotheses: str,
    source: str,
    check: Check,
    expected: Verdict = "refuted",
    method: Method = "exact instance",
) -> Claim:
    """Return a claim that one exact instance or symbols decide; refuted unless said otherwise."""
    return Claim(name, statement, latex, hypotheses, source, method, expected, check)
