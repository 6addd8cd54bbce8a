"""What a valid answer is, said without the reader that gave it where that is possible."""

from itertools import product
from typing import Any

import numpy as np

import fqi_theory as ft
from fqi_theory.data.sources import Correlated
from fqi_theory.fates.phases.logs import Log
from fqi_theory.model.formats.mmdp_json import mmdp_from_json, mmdp_text
from fqi_theory.model.formats.strict_json import parse_json


class Refused(Exception):
    """A refusal of a reader that does not raise; the message is its reason."""


def require(condition: bool, otherwise: str) -> None:
    """Raise AssertionError unless the condition holds."""
    if not condition:
        raise AssertionError(otherwise)


def require_model(model: ft.MMDP) -> None:
    """Require distributions, names that differ, and, of exact models, that mmdp/1 keeps all of it."""
    tolerance = 0 if model.field == "exact" else 1e-9
    for place, row in model.transition.rows():
        require(abs(sum(row.values()) - 1) <= tolerance, f"the row of {place} does not sum to 1")
        require(all(p >= 0 for p in row.values()), f"the row of {place} has a negative probability")
    for names in (model.states, *model.actions):
        require(len(set(names)) == len(names) and all(names), f"names are empty or repeated: {names}")
    require(0 <= model.discount <= 1, f"discount {model.discount}")
    if model.field == "exact":
        again = mmdp_from_json(parse_json(mmdp_text(model), "again"))
        require(_parts(again) == _parts(model), "mmdp/1 does not give the model back")


def _parts(model: ft.MMDP) -> tuple[Any, ...]:
    rows = [(place, {s: p for s, p in row.items() if p != 0}) for place, row in model.transition.rows()]
    start = None if model.start is None else model.start.tolist()
    masks = None if model.available is None else [mask.tolist() for mask in model.available]
    return model.states, model.actions, model.discount, model.reward.tolist(), rows, start, masks, model.name


def require_data(source: Any) -> None:
    """Require a distribution in each state of `two-state`."""
    greedy = np.zeros((2, 2), dtype=int)
    weights = source.at(ft.load("two-state"), greedy)
    joint = weights.weights if isinstance(source, Correlated) else None
    rows = [joint.reshape(2, -1)] if joint is not None else list(source.marginals)
    for row in (row for table in rows for row in table):
        require(sum(row) == 1 and all(p >= 0 for p in row), f"no distribution: {row}")


def require_shape(source: Any) -> None:
    """Require tables of states by actions, or of states by joint actions."""
    if isinstance(source, Correlated):
        require(source.weights.ndim > 1 and 0 not in source.weights.shape, f"shape {source.weights.shape}")
        return
    require(len(source.marginals) > 0, "no agent")
    for table in source.marginals:
        require(table.ndim == 2 and 0 not in table.shape, f"shape {table.shape}")


def require_answer(found: ft.EmpiricalModel) -> None:
    """Require a model, and data that are the shares of the counts wherever something was counted."""
    require_model(found.model)
    tolerance = 0 if found.model.field == "exact" else 1e-12
    for s in range(found.model.n_states):
        total = int(found.counts[s].sum())
        for a in product(*map(range, found.model.action_counts)):
            share = found.data.weights[(s, *a)]
            require(
                total == 0 or abs(share * total - int(found.counts[(s, *a)])) <= tolerance * total, f"share of {s}, {a}"
            )


def require_masked(found: ft.EmpiricalModel) -> None:
    """Require also that nothing was counted, and no weight stands, where an action is not available."""
    require_answer(found)
    if found.model.available is not None:
        for place in product(range(found.model.n_states), *map(range, found.model.action_counts)):
            if not found.model.allows(place[0], place[1:]):
                require(found.counts[place] == 0 and found.data.weights[place] == 0, f"{place} is not available")


def require_log(log: Log) -> None:
    """Require indices within their labels, and labels that differ."""
    require(log.actions.shape == (len(log.groups), len(log.labels)), "shape")
    for column, labels in zip(log.actions.T, log.labels, strict=True):
        require(column.min() >= 0 and column.max() < len(labels), "an index beyond its labels")
        require(len(set(labels)) == len(labels), "labels are repeated")
    require(log.groups.min() >= 0 and log.groups.max() < len(log.names), "a group beyond its names")
