"""What the judge states and what it finds: claims, budgets, findings and the five verdicts.

    proved      for all parameters of the stated class, by formal or symbolic argument
    certified   for the stated instance, by an exact check
    tested      on N random instances without counterexample; never called a proof
    refuted     by an exact counterexample
    unknown     none of these
A claim that reads 'X for all ...' and is false has the expected verdict 'refuted'.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np

Verdict: TypeAlias = Literal["proved", "certified", "tested", "refuted", "unknown"]
Method: TypeAlias = Literal["symbolic", "exact instance", "enumeration", "random instances", "Coq"]
Evidence: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Budget:
    """How much a check may sample: `examples` random instances, drawn from `seed`."""

    examples: int
    seed: int = 0


@dataclass(frozen=True)
class Finding:
    """The outcome of a check.

    instances: concrete models or tables that were checked exactly (0 for a symbolic proof). evidence: JSON-able,
    numbers as strings; a refutation holds its counterexample. note: one sentence on how far the evidence reaches.
    """

    verdict: Verdict
    instances: int = 0
    evidence: Evidence = field(default_factory=dict)
    note: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "evidence", plain(self.evidence))


@dataclass(frozen=True)
class Formal:
    """A theorem of the Coq development, by its id, and what of a claim it states: '' for all of it."""

    theorem: str
    part: str = ""


@dataclass(frozen=True)
class Claim:
    """One statement of the theory with the function that decides it.

    statement: plain words; latex: the same as a formula. hypotheses: what the statement assumes. source: a paper's
    theorem, the lecture, or 'ours'. method: how the check decides. expected: the verdict that the theory predicts.
    examples: random instances by default (0: the check does not sample). theorems: those of the Coq development that
    state the claim, together all of it, or a part; they change no verdict (a claim that Coq and runs of the
    program both decide is split in two by the registry). otherwise: where a claim rests on Coq, the verdict without it.
    """

    id: str
    statement: str
    latex: str
    hypotheses: str
    source: str
    method: Method
    expected: Verdict
    check: Callable[[Budget], Finding]
    examples: int = 0
    theorems: tuple[Formal, ...] = ()
    otherwise: Verdict = "unknown"


def settle(counterexample: Any, otherwise: Verdict, evidence: Evidence, instances: int = 0, note: str = "") -> Finding:
    """Return 'refuted' when there is a counterexample, else the verdict `otherwise`."""
    if counterexample is not None:
        return Finding("refuted", instances, {**evidence, "counterexample": counterexample}, note)
    return Finding(otherwise, instances, evidence, note)


def plain(value: Any) -> Any:
    """Return `value` in JSON types: numbers that are not Python's own become exact text."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return [plain(item) for item in sorted(value)]
    return str(value)
