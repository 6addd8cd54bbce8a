"""Max-sum message passing on a graph of pair payoffs, in fractions, until the messages repeat.

A message from i to j is m_ij(z) = max_x [f_ij(x,z) + Σ_{k ≠ j} m_ki(x)], a belief μ_i(x) = Σ_k m_ki(x), and every agent
plays the first action of greatest belief.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import TypeAlias

from proofs_check.evidence import exact
from proofs_check.evidence.exact import JointAction, Shape, Table

Payoffs: TypeAlias = Mapping[tuple[int, int], Table]
Messages = dict[tuple[int, int], list[Fraction]]
Round = tuple[list[list[Fraction]], JointAction]
MOST_ROUNDS = 400


def value(payoffs: Payoffs, action: JointAction) -> Fraction:
    """Return Σ_ij f_ij(a_i, a_j)."""
    return sum((f[action[i], action[j]] for (i, j), f in payoffs.items()), Fraction(0))


def rounds(payoffs: Payoffs, shape: Shape, *, levels: bool) -> list[Round]:
    """Return beliefs and joint action of each round, from messages 0 until messages repeat.

    levels: they must repeat exactly; otherwise up to a constant each, which changes no action. Raises ArithmeticError
    where they do not repeat within 400 rounds.
    """
    pairs = [*payoffs, *((j, i) for i, j in payoffs)]
    messages: Messages = {(i, j): [Fraction(0)] * shape[j] for i, j in pairs}
    seen: list[Messages] = []
    found: list[Round] = []
    while (state := messages if levels else _levelled(messages)) not in seen:
        if len(seen) == MOST_ROUNDS:
            raise ArithmeticError(f"messages do not repeat within {MOST_ROUNDS} rounds")
        seen.append(state)
        messages = {(i, j): _message(payoffs, messages, shape, i, j) for i, j in pairs}
        beliefs = [_incoming(messages, shape, i, None) for i in range(len(shape))]
        found.append((beliefs, tuple(map(exact.first_maximiser, beliefs))))
    return found


def _message(payoffs: Payoffs, messages: Messages, shape: Shape, i: int, j: int) -> list[Fraction]:
    own = _incoming(messages, shape, i, j)
    pay = payoffs.get((i, j))
    back = payoffs.get((j, i), {})
    return [
        max((pay[x, z] if pay is not None else back[z, x]) + own[x] for x in range(shape[i])) for z in range(shape[j])
    ]


def _incoming(messages: Messages, shape: Shape, i: int, without: int | None) -> list[Fraction]:
    """Return Σ_k m_ki(x) over the neighbours k other than one."""
    arriving = [m for (k, to), m in messages.items() if to == i and k != without]
    return [sum((m[x] for m in arriving), Fraction(0)) for x in range(shape[i])]


def _levelled(messages: Messages) -> dict[tuple[int, int], list[Fraction]]:
    return {pair: [x - m[0] for x in m] for pair, m in messages.items()}
