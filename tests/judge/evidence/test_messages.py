"""Message passing: exact on trees after as many rounds as the diameter; repeats on a frustrated triangle."""

from fractions import Fraction

import pytest

from proofs_check.evidence import exact, messages


def pay(*flat):
    return exact.table((2, 2), map(Fraction, flat))


def test_one_edge_is_maximised():
    found = messages.rounds({(0, 1): pay(0, 1, 3, 2)}, (2, 2), levels=True)
    beliefs, action = found[-1]
    assert (beliefs, action) == ([[1, 3], [3, 2]], (1, 0))
    assert messages.value({(0, 1): pay(0, 1, 3, 2)}, (1, 0)) == 3


def test_levels_on_a_cycle_grow_for_ever():
    payoffs = {(0, 1): pay(1, 0, 0, 1), (1, 2): pay(1, 0, 0, 1), (0, 2): pay(1, 0, 0, 1)}
    assert messages.rounds(payoffs, (2, 2, 2), levels=False)[-1][1] == (0, 0, 0)
    with pytest.raises(ArithmeticError, match="within 400 rounds"):
        messages.rounds(payoffs, (2, 2, 2), levels=True)
