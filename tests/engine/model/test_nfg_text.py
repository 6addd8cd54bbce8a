"""Games written as .nfg come back, and what the format does not hold is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import fqi_theory as ft
from fqi_theory.base.errors import FqiTheoryError
from fqi_theory.cli.app import main
from fqi_theory.model.formats.nfg import parse_nfg
from fqi_theory.model.formats.nfg_text import nfg_text
from fqi_theory.testing import strategies as fst

GAMES = fst.mmdps(states=st.just(1), actions=fst.action_counts(max_joint=12))


@given(GAMES)
def test_a_game_comes_back(model):
    game = model.with_discount(0)
    found = parse_nfg(nfg_text(game), "g.nfg")
    assert (found.reward == game.reward).all()
    assert found.actions == game.actions
    assert (found.name, found.discount) == (game.name, 0)


def test_the_first_player_is_fastest():
    text = nfg_text(ft.from_payoff([[1, 2], ["3/2", 4]], actions=[["u", "d"], ["l", "r"]]))
    assert text.splitlines()[4:8] == ['{ "" 1, 1 }', '{ "" 3/2, 3/2 }', '{ "" 2, 2 }', '{ "" 4, 4 }']


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (lambda: ft.load("two-state"), "games of one state, found 2 states"),
        (lambda: ft.load("coordination").with_discount("1/2"), r"has discount 1/2, and \.nfg holds none"),
        (lambda: ft.load("climbing").to_float(), "written of exact models"),
        (lambda: ft.from_payoff([[1]], actions=[['say "a"'], ["b"]]), "names without quotes"),
    ],
)
def test_what_it_does_not_hold_is_refused(model, message):
    with pytest.raises(FqiTheoryError, match=message):
        nfg_text(model())


def test_the_command_writes_games(tmp_path, capsys):
    out = tmp_path / "game.nfg"
    assert main(["convert", "climbing", str(out)]) == 0
    assert main(["convert", str(out), str(tmp_path / "back.json")]) == 0
    assert (ft.load(tmp_path / "back.json").reward == ft.load("climbing").reward).all()
    assert main(["convert", "two-state", str(out)]) == 2
    assert "one state" in capsys.readouterr().err
    assert main(["convert", "climbing", str(tmp_path / "game.nfg.gz")]) == 0
    assert ft.load(tmp_path / "game.nfg.gz").n_agents == 2
