"""Data files data/1: fixed data distributions p_D(a|s), as per-agent marginals or as a joint table.

{"format": "data/1", "marginals": [per agent [per state [per action]]]}
{"format": "data/1", "joint": [per state nested (A_1, ..., A_n)]}
"""

import numpy as np

from fqi_theory.base.errors import DataError
from fqi_theory.data.sources import Correlated, Product, correlated, product
from fqi_theory.model.formats.files import PathLike
from fqi_theory.model.formats.kernels import MOST_AGENTS
from fqi_theory.model.formats.strict_json import Node, read_json, require_format
from fqi_theory.model.mmdp import MMDP

FORMAT = "data/1"


def read_data(path: PathLike, model: MMDP) -> Product | Correlated:
    """Return the data source of a data/1 file for a model of the same shape; numbers are exact.

    Raises FormatError, with the path of the entry, or DataError, naming state and agent, where it is no distribution.
    """
    return data_from_json(read_json(path), model)


def read_data_of_any_shape(path: PathLike) -> Product | Correlated:
    """Return the data source of a data/1 file without a model: its own lists say how many states and actions there are.

    Raises FormatError where the lists are not rectangular.
    """
    root = read_json(path)
    require_format(root, FORMAT)
    top = root.members(("format",), ("marginals", "joint"))
    if ("marginals" in top) == ("joint" in top):
        raise root.refuse("one of the keys 'marginals' and 'joint'", "both" if "joint" in top else "neither")
    if "marginals" in top:
        tables = top["marginals"].items()
        if not tables:
            raise top["marginals"].refuse("a table for each of at least one agent", "none")
        axes = ("states", "actions")
        return product([table.table(_lengths(table, len(axes), "states by actions"), axes) for table in tables])
    shape = _lengths(top["joint"], MOST_AGENTS + 1, "states by actions of each agent")
    return correlated(top["joint"].table(shape, ("states", *(f"actions of agent {i}" for i in range(1, len(shape))))))


def _lengths(node: Node, most: int, axes: str) -> tuple[int, ...]:
    """Return the lengths of nested lists along their first entries, at least two of them and at most `most`."""
    lengths, inner = list[int](), node
    while isinstance(inner.value, list) and inner.value and len(lengths) < most:
        lengths.append(len(inner.value))
        inner = inner.items()[0]
    if len(lengths) < 2:
        raise node.refuse(f"nested lists of {axes}, none of them empty")
    return tuple(lengths)


def data_from_json(root: Node, model: MMDP) -> Product | Correlated:
    """Return the data source of a parsed data/1 document."""
    require_format(root, FORMAT)
    top = root.members(("format",), ("marginals", "joint"))
    if ("marginals" in top) == ("joint" in top):
        raise root.refuse("one of the keys 'marginals' and 'joint'", "both" if "joint" in top else "neither")
    source: Product | Correlated
    if "marginals" in top:
        tables = top["marginals"].items(model.n_agents, "tables, one an agent")
        shapes = [(model.n_states, count) for count in model.action_counts]
        source = product([t.table(shape, ("states", "actions")) for t, shape in zip(tables, shapes, strict=True)])
    else:
        axes = ("states", *(f"actions of agent {i + 1}" for i in range(model.n_agents)))
        source = correlated(top["joint"].table(model.reward.shape, axes))
    try:
        source.at(model, np.zeros((model.n_states, model.n_agents), dtype=int))
    except DataError as error:
        raise DataError(f"{root.file}: {error}") from None
    return source
