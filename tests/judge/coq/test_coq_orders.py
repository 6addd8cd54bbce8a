"""Steps of the monotonic class in integers, computed in Coq: wrong hints are refused, most by one condition alone."""

import re
import subprocess
from pathlib import Path

import pytest

#: One state, one agent: rewards 0 and 1, or twice 0; discount 1/2, V = 2, greedy action 1.
STEP = """From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect.
From FqiTheory Require Import Rationals Tables Orders OrderFits OrderRuns.
Definition asked (high : Z) (last : bool) (epsilon : Q) (h : Z * seq whole_fit * nat) :=
  next_order (Model [:: 2%N] (1#2)%Q [:: [:: [:: 0#1; 1#1]%Q; [:: Qmake high 1; 1#1]%Q]] last) (EpsilonGreedy epsilon)
    [:: 2#1]%Q [:: [:: 1%N]] [:: h].
Definition leads v a (x : option (seq Q * seq (seq nat))) :=
  if x is Some (v', g) then qeq (at_ v' 0) v && (g == [:: [:: a]]) else false.
Definition refused (x : option (seq Q * seq (seq nat))) := if x is None then true else false.
Open Scope Z_scope.
"""
POOLED, APART = ([7, 7], [(1, 0, 3)]), ([4, 8], [])
#: Weights 1 and 3, targets 4 and 8: the orders 0, 1 and 1, 0. Twice 0: both orders tie.
RIGHT = (2, [POOLED, APART], 1)
TIED = (1, [([2, 2], []), ([2, 2], [])], 0)

Fits = list[tuple[list[int], list[tuple[int, int, int]]]]
Hint = tuple[int, Fits, int]


def numbers(values: list[int]) -> str:
    return f"[:: {'; '.join(f'({x})%Z' for x in values)}]" if values else "[::]"


def asked(hint: Hint, high: int = 1, last: bool = False, epsilon: str = "1#2") -> str:
    """The question in Coq."""
    scale, fits, chosen = hint
    own = []
    for levels, flows in fits:
        steps = "; ".join(f"({low}%N, {up}%N, ({amount})%Z)" for low, up, amount in flows)
        own.append(f"({numbers(levels)}, {f'[:: {steps}]' if steps else '[::]'})")
    given = f"(({scale})%Z, [:: {'; '.join(own)}], {chosen}%N)"
    return f"asked ({high})%Z {str(last).lower()} ({epsilon})%Q {given}"


WRONG = {
    "a scale of 0": asked((0, [([0, 0], []), ([0, 0], [])], 0)),
    "a scale below 0": asked((-2, [([-4, -8], []), ([-7, -7], [(0, 1, 3)])], 0)),
    "levels that fall": asked((2, [APART, APART], 1), last=True),
    "a multiplier below 0": asked((2, [POOLED, ([7, 7], [(0, 1, -3)])], 0)),
    "a multiplier between levels": asked((2, [([10, 6], [(1, 0, 6)]), APART], 1)),
    "a multiplier downwards": asked((2, [POOLED, ([7, 7], [(1, 0, 3)])], 0)),
    "a multiplier too small": asked((2, [([7, 7], [(1, 0, 2)]), APART], 1)),
    "other targets": asked((2, [([8, 8], [(1, 0, 3)]), ([5, 9], [])], 1)),
    "a larger error": asked((2, [POOLED, APART], 0)),
    "no such orders": asked((2, [POOLED, APART], 2)),
    "orders left out": asked((2, [POOLED], 0)),
    "the tie that loses": asked((1, TIED[1], 1), high=0),
    "the tie that loses, last": asked(TIED, high=0, last=True),
    "an action without weight": asked((1, [([4, 4], []), ([2, 4], [])], 0), epsilon="0#1"),
}


# y = (1, 2): the second order fits, its maximum is 2. Twice y = 1: the first order wins, or the last one.
LEADS = {
    "right": f"leads (2#1)%Q 1%N ({asked(RIGHT)})",
    "tied": f"leads (1#1)%Q 0%N ({asked(TIED, high=0)})",
    "tied, last": f"leads (1#1)%Q 1%N ({asked((1, TIED[1], 1), high=0, last=True)})",
}


@pytest.fixture(scope="module")
def holds(coq_library: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bool]:
    """What Coq computes, all in one run."""
    questions = LEADS | {name: f"refused ({one})" for name, one in WRONG.items()}
    folder = tmp_path_factory.mktemp("steps")
    text = STEP + "".join(f"Eval vm_compute in {one}.\n" for one in questions.values())
    (folder / "Steps.v").write_text(text, encoding="utf-8")
    command = ["coqc", "-q", "-w", "none", "-Q", str(coq_library), "FqiTheory", "Steps.v"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    found = re.findall(r"= (true|false)\s+: bool", done.stdout)
    return {name: word == "true" for name, word in zip(questions, found, strict=True)}


@pytest.mark.parametrize("name", LEADS)
def test_a_right_hint_leads_on(holds: dict[str, bool], name: str):
    assert holds[name]


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_hint_leads_nowhere(holds: dict[str, bool], name: str):
    assert holds[name]
