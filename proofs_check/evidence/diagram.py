"""What claims about the phase diagram are decided with: games with any data, and the engine's answers as plain data."""

from fractions import Fraction
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st

import fqi_theory as ft
from proofs_check import checker
from proofs_check.evidence import exact
from proofs_check.evidence.instances import Game, Model, games, tensor
from proofs_check.evidence.weights import Weights, fit_weights, fitted

SHAPES = ((2, 2), (2, 3), (2, 2, 2), (3, 2, 2))

Instance = tuple[Game, int]


def instances(shapes: Any = SHAPES) -> st.SearchStrategy[Instance]:
    """Return games with product or correlated data, and the order of a class."""
    data = st.sampled_from(("product", "joint"))
    return st.tuples(data.flatmap(lambda kind: games(shapes, data=kind, bound=3)), st.integers(1, 2))


def weights_of(game: Game, order: int) -> Weights:
    """Return the judge's W; rejects instances whose data leave the fit open."""
    try:
        return fit_weights(game.data_table(), order)
    except ZeroDivisionError:
        reject()
        raise


def source(game: Game) -> Any:
    """Return the engine's data source of a game."""
    if game.marginals:
        return ft.product([[[str(x) for x in own]] for own in game.marginals])
    return ft.correlated(tensor(game.weights, (1, *game.shape)))


def engine(game: Game, order: int) -> Any:
    """Return the engine's phases of a game's data."""
    return ft.phases(actions=game.shape, factorization=f"additive:{order}", data=source(game))


def refit(model: Model, weights: Weights, steps: int) -> list[list[Fraction]]:
    """Return the values of FQI from 0 by the judge's own weights, the same at every state."""
    values = [[Fraction(0)] * model.states]
    for _ in range(steps):
        values.append([max(fitted(weights, y).values()) for y in model.backup(values[-1])])
    return values


def plain_model(found: Any) -> Model:
    """Return the engine's model as the judge's plain data."""
    states, shape = found.n_states, found.action_counts
    reward = tuple(tuple(exact.fractions(row.reshape(-1))) for row in found.reward)
    rows = [tuple(exact.fractions(row)) for row in found.transition.dense().reshape(-1, states)]
    size = len(rows) // states
    kernel = tuple(tuple(rows[s * size : (s + 1) * size]) for s in range(states))
    return Model(shape, reward, kernel, exact.fraction(found.discount))


def certificate_fails(witness: Any, expected: str, order: int = 1) -> str | None:
    """Return why `decide` with the checker does not confirm a fate of the class of an order, None where it does."""
    kind = ft.linear if order == 1 else ft.additive(order)
    fate = ft.decide(witness.model, data=witness.data, factorization=kind)
    if fate.kind != expected:
        return f"decide says {fate.kind}"
    document = checker.check(fate.certificate)
    return None if document.accepted else f"the checker refuses: {document.reason}"
