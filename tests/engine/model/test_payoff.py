"""Payoff tables in .csv files: what spreadsheets write, and what is refused with its place."""

import pytest

import fqi_theory as ft


def read(tmp_path, content):
    path = tmp_path / "game.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return ft.load(path)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_on_any_system(tmp_path, end):
    model = read(tmp_path, end.join([",x,y", "a,1/2,0.5", "", "b,-1,1e2", ""]))
    assert model.reward[0].tolist() == ft.from_payoff([["1/2", "1/2"], [-1, 100]]).reward[0].tolist()
    assert model.actions == (("a", "b"), ("x", "y"))


def test_names_that_are_given_stand_before_those_of_the_file(tmp_path):
    path = tmp_path / "game.csv"
    path.write_text("x,y\n1,2\n3,4\n")
    own = [["stag", "hare"], ["left", "right"]]
    given = ft.from_payoff(path, actions=own, name="hunt", source="here", discount="1/2")
    assert given.actions == (("stag", "hare"), ("left", "right"))
    assert (given.name, given.source, given.discount) == ("hunt", "here", ft.exact("1/2"))
    assert given.reward.tolist() == ft.load(path).reward.tolist()
    plain = ft.from_payoff(path)
    assert (plain.actions[1], plain.name, plain.source) == (("x", "y"), "game", str(path))
    with pytest.raises(ft.FqiTheoryError, match=r"actions: expected \(2, 2\) names, found \(2, 1\)"):
        ft.from_payoff(path, actions=[["stag", "hare"], ["left"]])


REFUSED = {
    "a quote that is not closed": (
        '"a,1\nb,2\n',
        "line 2: expected cells of a .csv file, found unexpected end of data",
    ),
    "text after a closing quote": ('"a"b,1\n', "line 1: expected cells of a .csv file, found ',' expected after '\"'"),
    "a field beyond every number": ("1," + "9" * 140_000, "line 1: expected cells of a .csv file, found field larger"),
    "a row without its name": ("x;y\n1;2\n;3\nz;4", "actions of agent 1: expected printable names, found ''"),
    "a name with a tab": ("a\tb,1\nc,2\n", r"actions of agent 1: expected printable names, found 'a\tb'"),
    "a torn row": ("x,y\n1,2\n\n\n3\n", "line 5: expected 2 cells, found 1"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_name_the_place(tmp_path, case):
    content, message = REFUSED[case]
    with pytest.raises(ft.FqiTheoryError) as caught:
        read(tmp_path, content)
    assert str(caught.value).startswith(f"{tmp_path / 'game.csv'}: {message}")
