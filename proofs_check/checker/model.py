"""The model and the data of a certificate, and the targets y(s,a) as functions of V."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product
from typing import Any, NamedTuple

from .budget import MAX_AGENTS, ZERO, Ints, Work, bits_of, need
from .reading import distribution, numbered, read

Policy = tuple[Ints, ...]


class Model(NamedTuple):
    """An MMDP: y(s,a) = rows(V)/scale with (scale, rows) = targets[s], a row a joint action in order, γ included."""

    name: str
    discount: Fraction
    sizes: Ints
    joint: Policy
    targets: list[tuple[int, list[Ints]]]

    @property
    def vector(self) -> tuple[Any, ...]:
        """The shape of V in a document."""
        return (Fraction,) * len(self.targets)

    @property
    def policy(self) -> tuple[Any, ...]:
        """The shape of a joint action a state in a document."""
        return (tuple(map(range, self.sizes)),) * len(self.targets)


_MODEL = {
    "format": "mmdp/1", "name?": str, "source?": str, "discount": Fraction, "states": [str], "actions": [[str]],
    "start?": {str: Fraction},
    "transitions": [{"state": str, "action": [str], "reward": Fraction, "next": {str: Fraction}}],
}  # fmt: skip


def read_model(value: object, work: Work) -> Model:
    """Return the model of an mmdp/1 document."""
    doc = read(value, _MODEL, "model", work)
    need(0 <= doc["discount"] < 1, "model.discount: expected 0 <= discount < 1")
    states, *agents = (numbered(names, "model.states or actions") for names in (doc["states"], *doc["actions"]))
    need(0 < len(agents) <= MAX_AGENTS, f"model.actions: expected from 1 to {MAX_AGENTS} agents")
    if "start" in doc:
        distribution(doc["start"].values(), "model.start", work)
        need(set(doc["start"]) <= set(states), "model.start: unknown name")
    sizes, table = tuple(map(len, agents)), dict[Ints, list[Fraction]]()
    count = len(states) * math.prod(sizes)
    need(len(doc["transitions"]) == count, f"model.transitions: expected {count} entries")
    work.pay(count * (len(states) + 1), kept=count * (len(states) + 1) // 4)
    bits = bits_of([[doc["discount"]]])
    for k, entry in enumerate(doc["transitions"]):
        where, names = f"model.transitions[{k}]", (entry["state"], *entry["action"])
        need(len(names) == 1 + len(agents), f"{where}.action: expected {len(agents)} entries")
        known = all(name in index for name, index in zip(names, (states, *agents), strict=True))
        need(known and entry["next"].keys() <= states.keys(), f"{where}: unknown name")
        key = tuple(index[name] for name, index in zip(names, (states, *agents), strict=True))
        need(key not in table, f"{where}: this state and joint action occur twice")
        distribution(entry["next"].values(), f"{where}.next", work)
        table[key] = [entry["reward"], *[ZERO] * len(states)]
        work.pay_fractions(len(entry["next"]), bits + bits_of([entry["next"].values()]))
        for name, chance in entry["next"].items():
            table[key][1 + states[name]] = doc["discount"] * chance
    joint = tuple(product(*map(range, sizes)))
    targets = [work.scaled([table[s, *a] for a in joint]) for s in range(len(states))]
    return Model(doc.get("name", ""), doc["discount"], sizes, joint, targets)


def read_data(value: object, model: Model, work: Work) -> dict[str, Any]:
    """Return the data document; joint tables are flattened to one tuple a state."""
    states, nested = len(model.targets), Fraction  # type: int, Any
    for size in reversed(model.sizes):
        nested = (nested,) * size
    marginals = tuple(((Fraction,) * size,) * states for size in model.sizes)
    kinds = {"uniform": {}, "product": {"marginals": marginals}, "joint": {"joint": (nested,) * states},
             "epsilon-greedy": {"epsilon": Fraction}}  # fmt: skip
    doc: dict[str, Any] = read(value, {"kind:": kinds}, "data", work)
    for _ in model.sizes[1:] if "joint" in doc else ():
        doc["joint"] = [[x for part in table for x in part] for table in doc["joint"]]
    for row in doc.get("joint", [row for agent in doc.get("marginals", []) for row in agent]):
        distribution(row, "data", work)
    need(0 < doc.get("epsilon", 1) <= 1, "data.epsilon: expected 0 < epsilon <= 1")
    return doc
