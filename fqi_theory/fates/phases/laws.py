"""What each state's data are, as far as ν depends on them: marginals of product data, or a joint table.

ε-greedy data are one product distribution up to the names of actions, which ν does not depend on: the greedy joint
action with every first action stands for all of them. Those that explore by tables, and other on-policy sources, are
asked for every greedy joint action.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import Any, TypeAlias

import numpy as np
from flint import fmpq

from fqi_theory.base import scalars
from fqi_theory.base.counts import whole
from fqi_theory.base.errors import DataError, NumberError, TooLarge
from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import (
    Correlated,
    Data,
    DataSource,
    EpsilonGreedy,
    JointData,
    Product,
    ProductData,
    Uniform,
)
from fqi_theory.model import expectations as mg
from fqi_theory.model.mmdp import MMDP
from fqi_theory.model.validity import check_distributions

#: Greedy joint actions that an on-policy source is asked for.
GREEDY_TRIED = 4096

#: The data at one state: per agent its probabilities, or the joint table (A_1, ..., A_n).
Law: TypeAlias = tuple[tuple[fmpq, ...], ...] | Array
Shape: TypeAlias = tuple[int, ...]


def shape_of(agents: int | None, actions: int | Sequence[int] | None) -> Shape:
    """Return (|A_1|, ..., |A_n|) from a number of agents and one number of actions, or one for each agent."""
    if actions is None or (isinstance(actions, int | np.integer) and agents is None):
        raise DataError("agents, actions: expected a model, or both numbers, or actions=(2, 3, ...) for each agent")
    n = None if agents is None else whole(agents, "agents", 1)
    if isinstance(actions, Sequence | np.ndarray) and not isinstance(actions, str):
        counts = tuple(whole(own, "actions", 1) for own in actions)
    else:
        counts = (whole(actions, "actions", 1),) * (n or 0)
    if not counts:
        raise DataError("actions: expected at least one agent, found none")
    if n is not None and len(counts) != n:
        raise DataError(f"actions: expected one number for each of {agents} agents, found {len(counts)}")
    return counts


def laws(source: DataSource, counts: Shape) -> list[Law]:
    """Return the data of every state of a source without a model; one state for uniform and ε-greedy data.

    Raises DataError where a table does not fit the shape or is no distribution, or for a source that needs a model.
    """
    if isinstance(source, Uniform):
        return [tuple((fmpq(1, count),) * count for count in counts)]
    if isinstance(source, EpsilonGreedy) and source.exploring is None:
        return [_epsilon_greedy(scalars.exact(source.epsilon), counts)]
    if isinstance(source, Product):
        return _states(ProductData(tuple(_checked(t, (c,), i) for i, (t, c) in enumerate(_pairs(source, counts)))))
    if isinstance(source, Correlated):
        return _states(JointData(_checked(source.weights, counts, None)))
    raise DataError(f"data: {source!r} can be asked only with a model")


def laws_of(model: MMDP, source: DataSource) -> list[list[Law]]:
    """Return for each state the data that its fits can have."""
    if isinstance(source, Uniform) or (isinstance(source, EpsilonGreedy) and source.exploring is None):
        return [laws(source, model.action_counts)] * model.n_states
    found: list[list[Law]] = [[] for _ in range(model.n_states)]
    for _, data in all_data(model, source):
        for s, law in enumerate(_states(data)):
            found[s].append(law)
    return found


def all_data(model: MMDP, source: DataSource) -> Iterator[tuple[Shape, Data]]:
    """Yield (greedy joint action, the data while it is greedy everywhere): one pair for fixed data.

    As the data of a state depend on its own greedy action only, that covers every fit. Raises NumberError for a model
    that is not exact and TooLarge beyond 4,096 greedy joint actions.
    """
    if model.field != "exact":
        raise NumberError("phases needs an exact model: thresholds are exact numbers")
    size = int(np.prod(model.action_counts)) if source.on_policy else 1
    if size > GREEDY_TRIED:
        raise TooLarge(f"on-policy data of {size} greedy joint actions, at most {GREEDY_TRIED} are tried")
    greedy: Iterable[Shape] = product(*map(range, model.action_counts)) if source.on_policy else [(0,) * model.n_agents]
    for action in greedy:
        yield action, source.at(model, np.tile(np.array(action), (model.n_states, 1)))


def joint_law(law: Law) -> Array:
    """Return the joint table of a law, (A_1, ..., A_n)."""
    if isinstance(law, np.ndarray):
        return law
    return np.asarray(mg.outer([scalars.exact_array([list(own)]) for own in law])[0])


def data_of(law: Law) -> Data:
    """Return the data of a law, for one state."""
    if isinstance(law, np.ndarray):
        return JointData(law[None])
    return ProductData(tuple(scalars.exact_array([list(own)]) for own in law))


def require_support(law: Law, place: str) -> None:
    """Raise DataError where an agent never plays an action: fits are not determined there."""
    if isinstance(law, np.ndarray):
        return
    for i, own in enumerate(law):
        if min(own) == 0:
            raise DataError(
                f"{place}: agent {i + 1} never plays action {own.index(fmpq(0))}: without full support Q_tot is not "
                "determined"
            )


def _states(data: Data) -> list[Law]:
    if isinstance(data, JointData):
        return list(data.weights)
    return [tuple(tuple(own[s]) for own in data.marginals) for s in range(data.marginals[0].shape[0])]


def _epsilon_greedy(epsilon: fmpq, counts: Shape) -> Law:
    return tuple((1 - epsilon + epsilon / count, *(epsilon / count,) * (count - 1)) for count in counts)


def _pairs(source: Product, counts: Shape) -> Iterator[tuple[Array, int]]:
    if len(source.marginals) != len(counts):
        raise DataError(
            f"marginals: expected one table for each of {len(counts)} agents, found {len(source.marginals)}"
        )
    yield from zip(source.marginals, counts, strict=True)


def _checked(table: Array, counts: Shape, agent: int | None) -> Array:
    what = "joint data" if agent is None else f"marginals of agent {agent + 1}"
    if table.shape[1:] != counts:
        raise DataError(f"{what}: expected shape (S, {', '.join(map(str, counts))}), found {table.shape}")
    exact: Any = scalars.exact_array(table)
    try:
        check_distributions(exact.reshape(exact.shape[0], -1), lambda s: f"{what} at state {s}")
    except ValueError as error:
        raise DataError(str(error)) from None
    return np.asarray(exact)
