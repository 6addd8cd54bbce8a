"""How options that are numbers are refused, and how lines end."""

import pytest

from fqi_theory.cli.app import main

TABLES = [
    ["show", "two-state"],
    ["show", "lecture-2x2"],
    ["models"],
    ["run", "two-state", "--iterations", "3"],
    ["solve", "two-state"],
    ["decide", "two-state"],
    ["decide", "cycle-3"],
    ["attractors", "two-state", "--samples", "0"],
    ["phases", "--agents", "2", "--actions", "2"],
]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["solve", "two-state", "--horizon", "x"], "'--horizon': expected a whole number from 1 up, found 'x'"),
        (["solve", "two-state", "--horizon", "0"], "'--horizon': expected a whole number from 1 up, found '0'"),
        (["solve", "two-state", "--horizon", "2.5"], "'--horizon': expected a whole number from 1 up, found '2.5'"),
        (["attractors", "two-state", "--longest", "65"], "expected a whole number from 1 to 64, found '65'"),
        (["decide", "two-state", "--iterations", "-1"], "expected a whole number from 0 up, found '-1'"),
        (["decide", "two-state", "--seconds", "soon"], "'--seconds': expected a number above 0, found 'soon'"),
        (["decide", "two-state", "--seconds", "0"], "expected a number above 0, found '0'"),
        (["decide", "two-state", "--seconds", "nan"], "expected a number above 0, found 'nan'"),
        (["decide", "two-state", "--seconds", "inf"], "expected a number above 0, found 'inf'"),
    ],
)
def test_numbers_say_what_was_expected(arguments, expected, capsys):
    assert main(arguments) == 2
    assert expected in capsys.readouterr().err


@pytest.mark.parametrize("arguments", TABLES, ids=" ".join)
def test_no_line_ends_with_spaces(arguments, capsys):
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    assert "\n" in printed
    assert [line for line in printed.splitlines() if line != line.rstrip()] == []
