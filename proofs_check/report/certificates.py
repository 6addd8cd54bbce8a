"""Certificates that a report offers for download, each accepted by the checker when the report is written.

Some are kept with the package, and named in the evidence of a claim; the others the engine proposes anew.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import Any

from proofs_check.checker import check


@dataclass(frozen=True)
class Instance:
    """One run whose fate goes with a claim; discount and start (greedy actions a state) are the model's by default."""

    model: str
    discount: str | None = None
    epsilon: str | None = None
    factorization: str = "linear"
    greedy: tuple[tuple[int, ...], ...] | None = None

    def words(self) -> str:
        """Return the run in words, without its fate."""
        data = "uniform data" if self.epsilon is None else f"ε-greedy data, ε = {self.epsilon}"
        discount = "" if self.discount is None else f", γ = {self.discount}"
        start = "" if self.greedy is None else f", first greedy {', '.join(map(str, self.greedy))}"
        return f"{self.model}{discount}, {data}, {self.factorization}{start}"


@dataclass(frozen=True)
class Certified:
    """A run with its fate in words, and what the checker said of its certificate (None: there is none)."""

    words: str
    document: dict[str, Any] | None
    accepted: bool
    says: str


TWO = "two-state"
INSTANCES: Mapping[str, tuple[Instance, ...]] = {
    "thm2.multiplier": (Instance(TWO, "9/10", "1/10"),),
    "thm2.critical-epsilon": tuple(Instance(TWO, "9/10", epsilon) for epsilon in ("1/2", "2/3", "3/4")),
    "thm2.local-attraction": (Instance(TWO, "9/10", "1/10"), Instance("climbing", epsilon="1/10")),
    "thm2.global": (Instance("coordination", epsilon="1/10", greedy=((0, 1),)),),
    "thm2.only-optima": (Instance("qplex-game-3", epsilon="1/10", greedy=((1, 1),)),),
    "thm3.divergence": (Instance(TWO, "81/100"), Instance(TWO, "9/10")),
    "thm3.boundary": (Instance(TWO, "4/5"),),
    "thm3.convergence": (Instance(TWO, "3/4"), Instance(TWO, "1/2")),
    "thm3.reward-scale": (Instance("two-state-1000", "9/10"),),
    "thm4.value-iteration": (Instance("qtran-two-step", factorization="igm"),),
    "thm4.rate": (Instance(TWO, "9/10", factorization="igm"),),
    "tables.game2-uniform": (Instance("qplex-game-2"),),
    "tables.greedy-loss": (Instance("climbing"), Instance("climbing-3p"), Instance("penalty")),
    "tables.lecture-uniform": (Instance("lecture-2x2"),),
    "value-space.weighted": (Instance(TWO, "3/4"),),
}


def certified(claim_id: str) -> tuple[Certified, ...]:
    """Return the instances of a claim, each decided by the engine and its certificate checked."""
    return tuple(_decide(instance) for instance in INSTANCES.get(claim_id, ()))


def _decide(instance: Instance) -> Certified:
    import fqi_theory as ft
    from fqi_theory.fates import decide

    model = ft.load(instance.model)
    if instance.discount is not None:
        model = model.with_discount(instance.discount)
    data = ft.uniform() if instance.epsilon is None else ft.epsilon_greedy(instance.epsilon)
    start = ft.start_at_zero(model)
    if instance.greedy is not None:
        start = ft.start_from_values(model, start.values, instance.greedy)
    rule = ft.igm if instance.factorization == "igm" else ft.linear
    fate = decide(model, data=data, factorization=rule, initial=start)
    words = f"{instance.words()}: {fate.kind}"
    if fate.certificate is None:
        return Certified(words, None, False, "; ".join(fate.tried))
    return _checked(words, json.loads(json.dumps(fate.certificate)))


def _checked(words: str, document: dict[str, Any]) -> Certified:
    answer = check(document)
    return Certified(words, document, answer.accepted, answer.statement or answer.reason)


def kept(evidence: Mapping[str, Any]) -> tuple[Certified, ...]:
    """Return the kept certificates that the evidence of a claim names, each checked again."""
    names = [str(record["certificate"]) for record in evidence.get("certificates", ())]
    texts = ((name, (files("proofs_check") / "certificates" / name).read_text(encoding="utf-8")) for name in names)
    return tuple(_checked(f"{name}, kept with the package", json.loads(text)) for name, text in texts)


def items(claim_id: str, evidence: Mapping[str, Any]) -> str:
    """Return the list of a claim's certificates, each a download; empty where the claim has none."""
    found = (*kept(evidence), *certified(claim_id))
    if not found:
        return ""
    rows = "".join(f"<li>{_item(f'{claim_id}-{k}.json', one)}</li>" for k, one in enumerate(found, 1))
    return f"<h4>Certificates of instances</h4><ul>{rows}</ul>"


def _item(name: str, one: Certified) -> str:
    words = escape(one.words)
    if one.document is None:
        return f"{words}; no certificate ({escape(one.says)})"
    text = base64.b64encode(json.dumps(one.document, indent=1, ensure_ascii=False).encode()).decode()
    link = f'<a download="{name}" href="data:application/json;base64,{text}">download {name}</a>'
    verdict = "accepted by the checker" if one.accepted else "REFUSED by the checker"
    return f"{words}; {link}<small>{verdict}: {escape(one.says)}</small>"
