"""The examples of the README run as written."""

import pytest
from examples import matches, run_console, run_document, run_python, split_command
from places import ROOT

README = ROOT / "README.md"


def test_every_example_of_the_readme_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_document(README, tmp_path)


def test_a_wrong_output_is_noticed(tmp_path):
    run_python(">>> 1 + 1\n2\n", {}, "here")
    with pytest.raises(AssertionError, match="Expected"):
        run_python(">>> 1 + 1\n3\n", {}, "here")
    run_console("$ echo one\none\n", tmp_path, "here")
    with pytest.raises(AssertionError, match="here: echo one"):
        run_console("$ echo one\ntwo\n", tmp_path, "here")
    with pytest.raises(AssertionError, match="exit 2"):
        run_console("$ exit 2\n", tmp_path, "here")


def test_plain_code_keeps_its_names():
    names: dict[str, object] = {}
    run_python("x = 3\n", names, "here")
    run_python(">>> x\n3\n", names, "here")


def test_times_and_left_out_lines_match():
    assert matches("a  1.5 s\n...\nend", "a 0.2 s\nmore\nmore\nend\n")
    assert matches("a\n...", "a\nb\nc")
    assert not matches("a 1 b", "a 2 b")
    assert not matches("a", "a\nb")


def test_commands_continue_over_lines():
    assert split_command("echo a \\\n  b\na b\n") == ("echo a   b", "a b")
    assert split_command("echo a  # says a\na\n") == ("echo a", "a")
