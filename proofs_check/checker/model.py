"""The model and the data of a certificate, and the targets y(s,a) as functions of V."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product
from typing import Any, NamedTuple

from .budget import MAX_AGENTS, Ints, Refused, Work, need
from .numerals import Place, name_of
from .reading import Choice, Maybe, distribution, numbered, read
from .transitions import short_targets

Policy = tuple[Ints, ...]

#: Data that depend on Q_tot and its targets.
WEIGHTED = "optimistic", "central"


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

    @property
    def tables(self) -> tuple[Any, ...]:
        """The shape of a number a state and joint action in a document, nested over the agents' actions."""
        nested: Any = Fraction
        for size in reversed(self.sizes):
            nested = (nested,) * size
        return (nested,) * len(self.targets)

    def flat(self, tables: Any) -> list[Any]:
        """Return tables with the joint actions of each state in row-major order."""
        for _ in self.sizes[1:]:
            tables = [[x for part in table for x in part] for table in tables]
        return list(tables)


#: An entry of the transitions: the reward, the successors, their probabilities with the denominator first.
_Entry = tuple[Fraction, list[int], Ints]

_MODEL = {
    "format": "mmdp/1", "name": Maybe(str), "source": Maybe(str), "discount": Fraction, "states": [str],
    "actions": [[str]], "start": Maybe({str: Fraction}),
    "transitions": [{"state": str, "action": [str], "reward": Fraction, "next": {str: Fraction}}],
}  # fmt: skip


def read_model(value: object, work: Work) -> Model:
    """Return the model of an mmdp/1 document."""
    targets = short_targets(value, work)
    shape = _MODEL if targets is None else _MODEL | {"transitions": object}
    doc = read(value, shape, "model", work)
    need(0 <= doc["discount"] < 1, "model.discount: expected 0 <= discount < 1")
    states, *agents = (numbered(names, "model.states or actions") for names in (doc["states"], *doc["actions"]))
    need(0 < len(agents) <= MAX_AGENTS, f"model.actions: expected from 1 to {MAX_AGENTS} agents")
    if "start" in doc:
        distribution(doc["start"].values(), "model.start", work)
        need(set(doc["start"]) <= set(states), "model.start: unknown name")
    sizes = tuple(map(len, agents))
    count = len(states) * math.prod(sizes)
    need(len(doc["transitions"]) == count, f"model.transitions: expected {count} entries")
    joint = tuple(product(*map(range, sizes)))
    if targets is None:
        targets = _every_target(doc, (states, *agents), joint, work)
    return Model(doc.get("name", ""), doc["discount"], sizes, joint, targets)


def _every_target(
    doc: dict[str, Any], indices: Sequence[dict[str, int]], joint: Policy, work: Work
) -> list[tuple[int, list[Ints]]]:
    """Return the targets of all states, from entries read one by one."""
    states = indices[0]
    work.pay(len(doc["transitions"]) * (len(states) + 1), kept=len(doc["transitions"]) * (len(states) + 1) // 4)
    table = dict[Ints, _Entry]()
    for k, entry in enumerate(doc["transitions"]):
        where = "model.transitions", k
        key = _place(entry, indices, where)
        if key in table:
            raise Refused(f"{name_of(where)}: this state and joint action occur twice")
        chances = distribution(entry["next"].values(), (where, "next"), work)
        table[key] = entry["reward"], [states[name] for name in entry["next"]], chances
    return [_targets([table[s, *a] for a in joint], doc["discount"], len(states), work) for s in range(len(states))]


def _place(entry: dict[str, Any], indices: Sequence[dict[str, int]], where: Place) -> Ints:
    """Return the numbers of the state and the joint action of an entry."""
    names = entry["state"], *entry["action"]
    if len(names) != len(indices):
        raise Refused(f"{name_of(where)}.action: expected {len(indices) - 1} entries")
    try:
        key = tuple([index[name] for name, index in zip(names, indices, strict=True)])
    except KeyError:
        raise Refused(f"{name_of(where)}: unknown name") from None
    if not entry["next"].keys() <= indices[0].keys():
        raise Refused(f"{name_of(where)}: unknown name")
    return key


def _targets(entries: Sequence[_Entry], discount: Fraction, states: int, work: Work) -> tuple[int, list[Ints]]:
    """Return r(s,a) + γ Σ_s' P(s'|s,a) V(s') for each joint action a, over a scale."""
    above, below, (gain, unit) = list[int](), list[int](), discount.as_integer_ratio()
    most = max(chances[0].bit_length() for _, _, chances in entries)
    work.pay(sum(len(chances) for _, _, chances in entries), unit.bit_length(), most, len(entries) * (1 + states) // 4)
    for reward, successors, (den, *chances) in entries:
        row = [0] * states
        for successor, chance in zip(successors, chances, strict=True):
            row[successor] = gain * chance
        constant, over = reward.as_integer_ratio()
        above += constant, *row
        below += over, *[unit * den] * states
    scale, *numbers = work.ratios(above, below)
    return scale, [tuple(numbers[k : k + 1 + states]) for k in range(0, len(numbers), 1 + states)]


def read_data(value: object, model: Model, work: Work, what: str = "data") -> dict[str, Any]:
    """Return the data document; joint tables are flattened to one tuple a state; data that are a base stand in it."""
    states = len(model.targets)

    def marginals() -> tuple[Any, ...]:
        return tuple(((Fraction,) * size,) * states for size in model.sizes)

    kinds: dict[str, Callable[[], dict[str, Any]]] = {
        "uniform": dict,
        "product": lambda: {"marginals": marginals(), "unsupported": Maybe("choose")},
        "joint": lambda: {"joint": model.tables, "unsupported": Maybe("choose")},
        "epsilon-greedy": lambda: {"epsilon": Fraction, "exploring": Maybe(marginals())},
    }
    if what == "data":
        kinds |= dict.fromkeys(WEIGHTED, lambda: {"alpha": Fraction, "base": object})
    doc: dict[str, Any] = read(value, Choice("kind", kinds), what, work)
    if "base" in doc:
        need(0 < doc["alpha"] <= 1, f"{what}.alpha: expected 0 < alpha <= 1")
        return {**doc, "base": read_data(doc["base"], model, work, f"{what}.base")}
    if "joint" in doc:
        doc["joint"] = model.flat(doc["joint"])
    explored = [row for agent in doc.get("exploring", []) for row in agent]
    for row in doc.get("joint", [row for agent in doc.get("marginals", []) for row in agent] + explored):
        distribution(row, what, work)
    need(all(min(row) > 0 for row in explored), f"{what}.exploring: expected every action to have weight")
    need(0 < doc.get("epsilon", 1) <= 1, f"{what}.epsilon: expected 0 < epsilon <= 1")
    return doc
