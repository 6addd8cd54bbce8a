"""Start files initial/1: Q^(0), or the two things the iteration takes from it, V^(0) and the greedy joint actions.

{"format": "initial/1", "values": [per state], "greedy": [per state [per agent]]}       (greedy is optional)
{"format": "initial/1", "factors": [per agent [per state [per action]]]}                Q_tot = Σ_i Q_i
{"format": "initial/1", "table": [per state nested (A_1, ..., A_n)]}                    Q_tot
"""

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.scalars import Array
from fqi_theory.factorization.fit import Ties
from fqi_theory.model.formats.files import PathLike
from fqi_theory.model.formats.strict_json import Node, read_json, require_format
from fqi_theory.model.mmdp import MMDP
from fqi_theory.runs.trajectory import Start, start_from_factors, start_from_table, start_from_values

FORMAT = "initial/1"


def read_initial(path: PathLike, model: MMDP, ties: Ties = "first") -> Start:
    """Return the start of an initial/1 file for a model of the same shape, in the model's number type.

    Raises FormatError, with the path of the entry.
    """
    return initial_from_json(read_json(path), model, ties)


def initial_from_json(root: Node, model: MMDP, ties: Ties = "first") -> Start:
    """Return the start of a parsed initial/1 document."""
    require_format(root, FORMAT)
    top = root.members(("format",), ("values", "greedy", "factors", "table"))
    given = [key for key in ("values", "factors", "table") if key in top]
    if len(given) != 1 or ("greedy" in top and given != ["values"]):
        found = ", ".join(key for key in top if key != "format") or "none of them"
        raise root.refuse("one of the keys values (with greedy, if wanted), factors and table", found)
    if "factors" in top:
        tables = top["factors"].items(model.n_agents, "tables, one an agent")
        shapes = [(model.n_states, count) for count in model.action_counts]
        factors = [t.table(shape, ("states", "actions")) for t, shape in zip(tables, shapes, strict=True)]
        return start_from_factors([scalars.as_field(factor, model.field) for factor in factors], ties)
    if "table" in top:
        axes = ("states", *(f"actions of agent {i + 1}" for i in range(model.n_agents)))
        return start_from_table(scalars.as_field(top["table"].table(model.reward.shape, axes), model.field), ties)
    values = top["values"].table((model.n_states,), ("states",))
    return start_from_values(model, values, _greedy(top["greedy"], model) if "greedy" in top else None, ties)


def _greedy(node: Node, model: MMDP) -> Array:
    rows = [state.items(model.n_agents, "actions, one an agent") for state in node.items(model.n_states, "states")]
    return np.array([[cell.index(count) for cell, count in zip(row, model.action_counts, strict=True)] for row in rows])
