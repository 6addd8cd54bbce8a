"""Function classes by name, as on the command line: one line of NAMED or FAMILIES adds a class.

linear (vdn, additive:1), additive:K, graph:0-1,1-2, monotonic (qmix), igm, qplex, qplex:selection, joint.
"""

import re
from collections.abc import Callable, Mapping

from fqi_theory.base.errors import DataError
from fqi_theory.factorization import igm, joint, linear, monotonic, qplex, qplex_selection
from fqi_theory.factorization.additive import Additive, additive, graph
from fqi_theory.factorization.fit import Factorization

_ORDER = re.compile(r"0*([1-9][0-9]{0,5})", re.ASCII)
_SET = re.compile(r"[0-9]{1,6}(-[0-9]{1,6})*", re.ASCII)


def _additive(text: str, n_agents: int) -> Factorization:
    match = _ORDER.fullmatch(text)
    if match is None:
        raise DataError(f"expected additive:K with an order K of at least 1, such as additive:2, found {text!r} as K")
    return linear if int(match[1]) == 1 else _within(additive(int(match[1])), n_agents)


def _graph(text: str, n_agents: int) -> Factorization:
    parts = text.split(",")
    for part in parts:
        if _SET.fullmatch(part) is None:
            raise DataError(f"expected graph:SETS, sets of agents such as graph:0-1,1-2, found {part!r} as a set")
    return _within(graph([[int(agent) for agent in part.split("-")] for part in parts]), n_agents)


def _within(factorization: Additive, n_agents: int) -> Additive:
    factorization.scopes(n_agents)
    return factorization


#: Classes without parameters.
NAMED: Mapping[str, Factorization] = {
    "linear": linear,
    "vdn": linear,
    "monotonic": monotonic,
    "qmix": monotonic,
    "igm": igm,
    "qplex": qplex,
    "qplex:selection": qplex_selection,
    "joint": joint,
}
#: Classes with parameters, NAME:TEXT for a number of agents: how they are read.
FAMILIES: Mapping[str, Callable[[str, int], Factorization]] = {"additive": _additive, "graph": _graph}


def by_name(text: str, n_agents: int) -> Factorization:
    """Return the class of a name for a model of n agents.

    Raises DataError for other names, malformed parameters, and agents that the model does not have.
    """
    if text in NAMED:
        return NAMED[text]
    family, colon, rest = text.partition(":")
    if colon and family in FAMILIES:
        return FAMILIES[family](rest, n_agents)
    names = ", ".join([*NAMED, *(f"{name}:..." for name in FAMILIES)])
    raise DataError(f"expected one of {names}, found {text[:40]!r}")
