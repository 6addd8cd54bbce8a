"""Payoff tables of the value-factorisation literature as one-state games: "s" is absorbing, γ = 0 by default."""

from typing import Any

import numpy as np

from fqi_theory.base.scalars import exact_array
from fqi_theory.model.mmdp import MMDP

QPLEX = "arXiv:2008.01062; github.com/wjh720/QPLEX"
QTRAN = "arXiv:1905.05408; github.com/Sonkyunghwan/QTRAN"
MATRIX_GAMES = "Claus and Boutilier, AAAI 1998; github.com/semitable/matrix-games"
LECTURE = "CSE510, lecture 25; Deep Reinforcement Learning, the game as printed"
OURS = "ours"


def one_state(payoffs: Any, name: str, source: str) -> MMDP:
    """Return the game with the given joint payoffs (A_1, ..., A_n) as a model with one absorbing state and γ = 0."""
    reward = exact_array(payoffs)[None]
    return MMDP(reward, np.zeros(reward.shape, dtype=int), 0, states=["s"], start=["1"], name=name, source=source)


def qplex_game_1() -> MMDP:
    """Return matrix game 1 of QPLEX: two optima nearly tied, 10.4 at (0,0) against a plateau of 10."""
    return one_state([["10.4", 0, 10], [0, 10, 10], [10, 10, 10]], "qplex-game-1", QPLEX)


def qplex_game_2() -> MMDP:
    """Return matrix game 2 of QPLEX, also used by QTRAN and WQMIX: the uniform linear fit is greedy off the optimum."""
    return one_state([[8, -12, -12], [-12, 0, 0], [-12, 0, 0]], "qplex-game-2", QPLEX)


def qplex_game_3() -> MMDP:
    """Return matrix game 3 of QPLEX: three equilibria, of values 8, 6 and 6."""
    return one_state([[8, -12, -12], [-12, 6, 0], [-12, 0, 6]], "qplex-game-3", QPLEX)


def lecture() -> MMDP:
    """Return the 2x2 game of the lecture notes (theory notes, section 7)."""
    return one_state([[8, -12], [-12, 0]], "lecture-2x2", LECTURE)


def climbing() -> MMDP:
    """Return the climbing game: the optimum 11 is surrounded by losses of 30."""
    return one_state([[11, -30, 0], [-30, 7, 0], [0, 6, 5]], "climbing", MATRIX_GAMES)


def penalty(k: Any) -> MMDP:
    """Return the penalty game: two optima of 10, miscoordinating between them costs k."""
    return one_state([[-k, 0, 10], [0, 2, 0], [10, 0, -k]], f"penalty({k})", MATRIX_GAMES)


def climbing_three_players() -> MMDP:
    """Return the three-player climbing game: 11 at (0,0,0), -30 where exactly one player leaves it for 1."""
    payoffs = np.zeros((3, 3, 3), dtype=int)
    payoffs[0, 0, 0], payoffs[1, 1, 1], payoffs[2, 2, 1], payoffs[2, 2, 2] = 11, 7, 6, 5
    payoffs[1, 0, 0] = payoffs[0, 1, 0] = payoffs[0, 0, 1] = -30
    return one_state(payoffs, "climbing-3p", MATRIX_GAMES)


def coordination() -> MMDP:
    """Return [[1,0],[0,1]]: two optima; the argmax set is not a product set, and on-policy data cycle
    (theory notes, sections 5 and 6)."""
    return one_state([[1, 0], [0, 1]], "coordination", OURS)


def qtran_random_state() -> MMDP:
    """Return QTRAN's pair of 3x3 games; the game is drawn evenly at the start, and again after every play (γ = 0)."""
    payoffs = [[[10, 8, 5], [8, 6, 3], [5, 3, 0]], [[0, 3, 5], [3, 6, 8], [5, 8, 10]]]
    redraw = exact_array(np.full((2, 3, 3, 2), "1/2", dtype=object))
    return MMDP(
        payoffs, redraw, 0, states=["game-1", "game-2"], start=["1/2", "1/2"], name="qtran-random-state", source=QTRAN
    )
