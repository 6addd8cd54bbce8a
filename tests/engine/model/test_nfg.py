"""Gambit .nfg games with common payoffs: both versions of the format, and refusals with line or joint action."""

import gzip
from contextlib import suppress

import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st
from places import REAL

from fqi_theory.base.errors import FqiTheoryError
from fqi_theory.model.catalog import load
from fqi_theory.model.formats.nfg import parse_nfg

PAYOFFS = 'NFG 1 R "A game" { "Row" "Column" } { 2 3 }\n1 1  2 2  3 3  4 4  5 5  6 6\n'
OUTCOMES = """NFG 1 R "A \\"quoted\\" title" { "Row" "Column" }
{ { "up" "down" } { "left" "right" } }
"A comment"
{ { "" 1/2, 1/2 } { "x" 0.25 0.25 } { "y" -1e1, -1e1 } }
1 2 3 0
"""


def refused(text: str) -> str:
    with pytest.raises(FqiTheoryError) as caught:
        parse_nfg(text, "g.nfg")
    assert str(caught.value).startswith("g.nfg: ")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_payoffs_with_the_first_player_fastest():
    game = parse_nfg(PAYOFFS, "g.nfg")
    assert game.reward.tolist() == [[[1, 3, 5], [2, 4, 6]]]
    assert game.actions == (("1", "2"), ("1", "2", "3"))
    assert (game.name, game.states, game.discount) == ("A game", ("s",), 0)
    assert game.transition.expect(game.reward[:, 0, 0]).tolist() == [[[1, 1, 1], [1, 1, 1]]]


def test_outcomes_with_names_and_the_empty_outcome():
    game = parse_nfg(OUTCOMES, "g.nfg", discount="1/2")
    assert game.reward.tolist() == [[[fmpq(1, 2), -10], [fmpq(1, 4), 0]]]
    assert game.actions == (("up", "down"), ("left", "right"))
    assert game.discount == fmpq(1, 2)
    assert game.name == 'A \\"quoted\\" title'


def test_payoffs_with_names_of_strategies():
    text = 'NFG 1 D "" { "a" } { { "x" "y" } } 3 4'
    assert parse_nfg(text, "g.nfg").reward.tolist() == [[3, 4]]


def test_unnamed_strategies_are_numbered():
    text = 'NFG 1 R "" { "a" "b" } { { "" "" } { "l" "r" } } 1 1 2 2 3 3 4 4'
    assert parse_nfg(text, "g.nfg").actions == (("1", "2"), ("l", "r"))


@given(st.lists(st.integers(1, 3), min_size=1, max_size=3), st.randoms(use_true_random=False))
def test_any_common_payoffs_are_read(counts, random):
    sizes = 1
    for count in counts:
        sizes *= count
    values = [random.randint(-9, 9) for _ in range(sizes)]
    players = " ".join('"p"' for _ in counts)
    body = " ".join(f"{v} " * len(counts) for v in values)
    game = parse_nfg(f'NFG 1 R "g" {{ {players} }} {{ {" ".join(map(str, counts))} }} {body}', "g")
    assert game.reward[0].transpose().reshape(-1).tolist() == values


def test_the_first_joint_action_without_a_common_payoff_is_named():
    message = refused(PAYOFFS.replace("3 3", "3 7").replace("4 4", "4 8"))
    assert message.endswith("joint action (1, 2): expected one payoff common to all players, found 3, 7")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "end of file: expected NFG, found nothing"),
        ("EFG 2 R", "line 1: expected NFG, found 'EFG'"),
        (PAYOFFS.replace("NFG 1", "NFG 2"), "line 1: expected version 1, found '2'"),
        (PAYOFFS.replace(" R ", " X "), "expected the number type R or D, found 'X'"),
        (PAYOFFS.replace(' "A game"', ""), "expected a quoted title, found '{'"),
        (PAYOFFS.replace('"Row" "Column"', ""), "expected at least one player"),
        (PAYOFFS.replace("2 3 }", "2 }"), "expected strategies of 2 players, found those of 1"),
        (PAYOFFS.replace("2 3 }", "2 0 }"), "expected at least one strategy for player 2"),
        (PAYOFFS.replace("6 6", "6"), "end of file: expected a number, found nothing"),
        (PAYOFFS.replace("6 6", "6 6 7"), "line 2: expected the end of the file, found '7'"),
        (PAYOFFS.replace("5 5", "x 5"), "line 2: expected a number, found 'x'"),
        (PAYOFFS.replace('game"', "game"), "expected"),
        (OUTCOMES.replace("1 2 3 0", "1 2 9 0"), "line 5: expected the number of an outcome, 0..3, found '9'"),
        (OUTCOMES.replace("1 2 3 0", "1 2 3"), "end of file: expected the number of an outcome, 0..3, for each of 4"),
        (OUTCOMES.replace("0.25 0.25", "0.25"), "line 4: expected a number, found '}'"),
        (
            OUTCOMES.replace('{ "left" "right" }', '{ "left" "left" }'),
            "line 2: expected every strategy of player 2 once",
        ),
        ('NFG 1 R "" { "a" "b" } { 100000000 100000000 } 1', "GiB"),
        ('NFG 1 R "x', "line 1: expected a closing quote"),
    ],
)
def test_refusals(text, message):
    assert message in refused(text)


@given(st.data())
def test_any_damage_is_refused_or_leaves_a_game(data):
    at = data.draw(st.integers(0, len(OUTCOMES) - 1))
    damaged = OUTCOMES[:at] + data.draw(st.text(alphabet='019{}",./ \nN', max_size=4)) + OUTCOMES[at + 2 :]
    with suppress(FqiTheoryError):
        parse_nfg(damaged, "g")


def test_files_plain_and_gzipped(tmp_path):
    (tmp_path / "game.nfg.gz").write_bytes(gzip.compress(PAYOFFS.encode()))
    game = load(tmp_path / "game.nfg.gz", discount="1/3")
    assert (game.name, game.source, game.discount) == ("game", "game.nfg.gz", fmpq(1, 3))


@pytest.mark.skipif(not REAL.is_dir(), reason="the model files are not beside this repository")
def test_real_files():
    three = load(REAL / "coord333.nfg").reward[0]
    assert [tuple(int(k) for k in x) for x in zip(*three.nonzero(), strict=True)] == [(0, 0, 0), (1, 1, 1), (2, 2, 2)]
    assert load(REAL / "matrix_coordination.nfg").reward[0].tolist() == [[1, 0], [0, 1]]
