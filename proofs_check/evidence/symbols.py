"""Symbolic tables, marginals and identities for proofs at a given shape."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import sympy

from fqi_theory.data.sources import ProductData
from proofs_check.evidence.exact import Shape, joint_actions

#: Shapes at which symbolic identities are proved: one agent, two agents of equal and different sizes, three agents.
SHAPES: tuple[Shape, ...] = ((3,), (2, 2), (2, 3), (3, 3), (2, 2, 2))


def symbolic_table(shape: Shape, letter: str = "y") -> Any:
    """Return independent symbols, one for each joint action, as a tensor (1, A_1, ..., A_n)."""
    names = [letter + "".join(map(str, a)) for a in joint_actions(shape)]
    return np.array(sympy.symbols(names), dtype=object).reshape(1, *shape)


def symbolic_marginals(shape: Shape) -> list[Any]:
    """Return marginals p_i, per agent (1, A_i): free symbols but for the last action, which takes the rest of 1."""
    result = []
    for i, count in enumerate(shape):
        free = list(sympy.symbols([f"p{i + 1}_{x}" for x in range(count - 1)]))
        result.append(np.array([[*free, 1 - sum(free, sympy.Integer(0))]], dtype=object))
    return result


def symbolic_data(shape: Shape) -> ProductData:
    """Return product data with symbolic marginals."""
    return ProductData(tuple(symbolic_marginals(shape)))


def is_zero(expression: Any) -> bool:
    """Tell whether a polynomial expression is identically zero."""
    return bool(sympy.expand(expression) == 0)


def first_nonzero(named: Iterable[tuple[Any, Any]]) -> tuple[int, dict[str, Any] | None]:
    """Return how many (name, expression) pairs were looked at, and the first that is not identically zero."""
    count = 0
    for name, expression in named:
        count += 1
        if not is_zero(expression):
            return count, {"identity": str(name), "difference": str(sympy.factor(expression)), **_numbers(expression)}
    return count, None


def is_positive(expression: Any, below_one: Any = None) -> bool:
    """Tell whether a rational function of positive symbols has only positive coefficients, hence is positive.

    below_one: a symbol known to lie in (0, 1); it is written 1/(1 + h) with h > 0 first.
    Sufficient, not necessary; False where a symbol is not known to be positive.
    """
    if below_one is not None:
        expression = sympy.sympify(expression).subs(below_one, 1 / (1 + sympy.Symbol("h", positive=True)))
    if not all(symbol.is_positive for symbol in sympy.sympify(expression).free_symbols):
        return False
    upper, lower = sympy.fraction(sympy.cancel(sympy.together(expression)))
    return _positive(upper, lower) or _positive(-upper, -lower)


def _positive(upper: Any, lower: Any) -> bool:
    return all(c > 0 for part in (upper, lower) for c in sympy.Poly(part, *_variables(part)).coeffs())


def _variables(part: Any) -> list[Any]:
    found = sorted(part.free_symbols, key=str)
    return found or [sympy.Symbol("h", positive=True)]


def _numbers(expression: Any) -> dict[str, Any]:
    """Find a substitution of small numbers at which the expression is not zero."""
    symbols = sorted(expression.free_symbols, key=str)
    for shift in range(len(symbols) + 1):
        values = {s: sympy.Rational(1, 3 + k) if k != shift else sympy.Integer(1) for k, s in enumerate(symbols)}
        found = expression.subs(values)
        if found != 0:
            return {"at": {str(s): str(v) for s, v in values.items()}, "value": str(found)}
    return {}
