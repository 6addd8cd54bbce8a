"""The commands on a model file that says which actions are available."""

import json

import pytest

import fqi_theory as ft
from fqi_theory.cli.app import main
from proofs_check import check


@pytest.fixture
def door(tmp_path):
    path = tmp_path / "door.json"
    ft.write_model(ft.load("two-state").with_available({"s1": [["B"], ["A", "B"]]}), path)
    return path


def test_show_and_solve_list_available_joint_actions(door, capsys):
    assert main(["show", str(door)]) == 0
    shown = capsys.readouterr().out
    assert "A of agent 1 in s1" in shown
    rows = [line.split() for line in shown.splitlines()]
    assert ["s1", "(B,", "A)", "0", "s1"] in rows
    assert not any(row[:2] == ["s1", "(A,"] for row in rows)
    assert main(["solve", str(door)]) == 0
    solved = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert any(row[:2] == ["s1", "(B,"] for row in solved)
    assert not any(row[:2] == ["s1", "(A,"] for row in solved)


def test_a_game_shows_no_number_at_an_unavailable_joint_action(tmp_path, capsys):
    path = tmp_path / "game.json"
    ft.write_model(ft.from_payoff([[1, 2], [3, 4]]).with_available([[[0, 1]], [[1, 1]]]), path)
    assert main(["show", str(path)]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["a0"] in rows
    assert ["a1", "3", "4"] in rows


@pytest.mark.parametrize("data", ["uniform", "epsilon-greedy:1/10"])
def test_a_fate_names_available_actions_and_its_certificate_is_accepted(door, tmp_path, data, capsys):
    certificate, answer = tmp_path / "certificate.json", tmp_path / "fate.json"
    command = ["decide", str(door), "--data", data, "--certificate", str(certificate), "--json", str(answer)]
    assert main(command) == 0
    assert "(B, A)" in capsys.readouterr().out
    assert json.loads(answer.read_text())["greedy"] == [[0, 0], [1, 0]]
    assert check(json.loads(certificate.read_text())).accepted


def test_a_run_says_what_its_data_are(door, tmp_path):
    out = tmp_path / "run.json"
    assert main(["run", str(door), "--iterations", "2", "--json", str(out)]) == 0
    document = json.loads(out.read_text())
    assert document["data"]["kind"] == "product"
    assert document["iterates"][-1]["greedy"] == [[0, 0], [1, 0]]


def test_conversion_keeps_it_or_refuses(door, tmp_path, capsys):
    again = tmp_path / "again.json"
    assert main(["convert", str(door), str(again)]) == 0
    assert json.loads(again.read_text()) == json.loads(door.read_text())
    assert main(["convert", str(door), str(tmp_path / "door.dpomdp")]) == 2
    assert "does not hold which actions are available" in capsys.readouterr().err
