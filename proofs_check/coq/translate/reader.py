"""Read a certificate strictly, for the translation to Coq; the format is docs/certificates.md.

Standard library only, and nothing of the Python checker, so that the two verdicts on a file do not rest on one reader.
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

MAX_DIGITS = 20_000
MAX_EXPONENT = 10_000
_NUMBER = re.compile(r"[+-]?(?:[0-9]+/([0-9]+)|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE]([+-]?[0-9]{1,6}))?)")
Policy = list[list[int]]


class Malformed(Exception):
    """The document is no certificate; the message names the place."""


class Model(NamedTuple):
    """rows[s][a] = (reward, probability of each state), joint actions in lexicographic order."""

    name: str
    discount: Fraction
    sizes: list[int]
    rows: list[list[list[Fraction]]]


def need(condition: bool, reason: str) -> None:
    """Raise Malformed unless the condition holds."""
    if not condition:
        raise Malformed(reason)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise Malformed(f"the key {twice[:60]!r} occurs twice in one object")
    return found


def _integer(literal: str) -> int:
    need(len(literal) <= MAX_DIGITS, f"an integer of more than {MAX_DIGITS} digits")
    return int(Decimal(literal))


def load(path: Path) -> Any:
    """Return the JSON document of a file; raises Malformed when there is none."""
    try:
        return json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_unique, parse_int=_integer)
    except (OSError, ValueError, RecursionError) as error:
        raise Malformed(f"cannot read as JSON in UTF-8: {error}") from None


def members(value: Any, keys: str, where: str, optional: str = "") -> dict[str, Any]:
    """Return an object that has exactly these keys, words of a string, and perhaps the optional ones."""
    need(isinstance(value, dict), f"{where}: expected an object")
    need(set(keys.split()) <= set(value) <= set(f"{keys} {optional}".split()), f"{where}: expected the keys {keys}")
    return dict(value)


def entries(value: Any, count: int | None, where: str) -> list[Any]:
    """Return a list, of `count` entries unless that is None."""
    need(isinstance(value, list), f"{where}: expected a list")
    need(count is None or len(value) == count, f"{where}: expected {count} entries")
    return list(value)


def number(value: Any, where: str) -> Fraction:
    """Return an integer or the rational that a string says."""
    if type(value) is int and value.bit_length() <= 4 * MAX_DIGITS:
        return Fraction(value)
    match = _NUMBER.fullmatch(value) if isinstance(value, str) and len(value) <= 2 * MAX_DIGITS else None
    if match is None or abs(int(match[2] or 0)) > MAX_EXPONENT:
        raise Malformed(f"{where}: expected a rational")
    # Through Decimal, which has no limit on digits.
    above, below = value.partition("/")[0], match[1] or "1"
    need(max(len(above), len(below)) <= MAX_DIGITS, f"{where}: more than {MAX_DIGITS} digits")
    need(Decimal(below) > 0, f"{where}: denominator 0")
    return Fraction(Decimal(above)) / int(Decimal(below))


def vector(value: Any, count: int, where: str) -> list[Fraction]:
    """Return a list of `count` rationals."""
    return [number(x, f"{where}[{k}]") for k, x in enumerate(entries(value, count, where))]


def index(value: Any, least: int, where: str, most: float = math.inf) -> int:
    """Return an integer from `least` to `most`."""
    need(type(value) is int and least <= value <= most, f"{where}: expected an integer from {least}")
    return int(value)


def policy(value: Any, model: Model, where: str) -> Policy:
    """Return one joint action a state."""
    found = []
    for s, joint in enumerate(entries(value, len(model.rows), where)):
        actions = entries(joint, len(model.sizes), f"{where}[{s}]")
        pairs = enumerate(zip(actions, model.sizes, strict=True))
        found.append([index(x, 0, f"{where}[{s}][{i}]", size - 1) for i, (x, size) in pairs])
    return found


def _names(value: Any, where: str) -> dict[str, int]:
    names = entries(value, None, where)
    need(len(names) > 0 and all(isinstance(name, str) for name in names), f"{where}: expected names")
    found = {name: k for k, name in enumerate(names)}
    need(len(found) == len(names), f"{where}: a name occurs twice")
    return found


def _chances(value: Any, states: dict[str, int], where: str) -> list[Fraction]:
    need(isinstance(value, dict) and value.keys() <= states.keys(), f"{where}: expected probabilities of states")
    row = [Fraction(0)] * len(states)
    for name, chance in value.items():
        row[states[name]] = number(chance, f"{where}.{name}")
    return row


def read_model(value: Any) -> Model:
    """Return the model of an mmdp/1 document."""
    doc = members(value, "format discount states actions transitions", "model", "name source start")
    need(doc["format"] == "mmdp/1", "model.format: expected mmdp/1")
    need(all(isinstance(doc.get(key, ""), str) for key in ("name", "source")), "model: expected a text")
    states = _names(doc["states"], "model.states")
    need(
        sum(_chances(doc.get("start", {}), states, "model.start")) == ("start" in doc),
        "model.start: not a distribution",
    )
    agents = [_names(names, "model.actions") for names in entries(doc["actions"], None, "model.actions")]
    need(len(agents) > 0, "model.actions: expected an agent")
    table: dict[tuple[int, ...], list[Fraction]] = {}
    for k, value_k in enumerate(entries(doc["transitions"], None, "model.transitions")):
        where = f"model.transitions[{k}]"
        entry = members(value_k, "state action reward next", where)
        names = [entry["state"], *entries(entry["action"], len(agents), where)]
        known = all(isinstance(name, str) and name in own for name, own in zip(names, (states, *agents), strict=True))
        need(known, f"{where}: unknown name")
        key = tuple(own[name] for name, own in zip(names, (states, *agents), strict=True))
        need(key not in table, f"{where}: this state and joint action occur twice")
        table[key] = [number(entry["reward"], where), *_chances(entry["next"], states, where)]
    sizes = [len(own) for own in agents]
    need(len(table) == len(states) * math.prod(sizes), "model.transitions: some are missing")
    joint = list(itertools.product(*map(range, sizes)))
    rows = [[table[s, *a] for a in joint] for s in range(len(states))]
    return Model(str(doc.get("name", "")), number(doc["discount"], "model.discount"), sizes, rows)
