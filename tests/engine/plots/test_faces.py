"""How results look in notebooks, at the prompt, and as data frames."""

from fractions import Fraction
from html.parser import HTMLParser
from importlib.metadata import version

import numpy as np
import pytest

import fqi_theory as ft
from fqi_theory.base.errors import DataError, ExtraMissing
from fqi_theory.base.texts import brief, number
from fqi_theory.fates import Effort, Fate
from fqi_theory.model.catalog import random_model

MODEL = ft.load("two-state")
#: A name that would be markup.
HOSTILE = ft.MMDP(MODEL.reward, MODEL.transition, "9/10", states=["<b>", "s&"], name="<script>x</script>")


class Balanced(HTMLParser):
    """Reads HTML; fails where a tag is not closed in order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.words, self.tags = [], [], []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):  # noqa: ARG002
        self.tags.append(tag)
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def results(model):
    run = ft.fitted_q_iteration(model, iterations=20)
    portrait = ft.attractors(model.with_discount("3/4"), ft.uniform(), samples=2, longest=1)
    return [model, run, ft.solve(model), ft.decide(model.with_discount("3/4")), ft.decide(model), portrait]


@pytest.mark.parametrize("k", range(6), ids=["model", "run", "solution", "limit", "divergence", "portrait"])
def test_faces_are_well_formed_and_names_are_no_markup(k):
    page = Balanced(results(HOSTILE)[k]._repr_html_())
    assert "script" not in page.tags
    assert "b" not in page.tags


@pytest.mark.parametrize("k", range(6), ids=["model", "run", "solution", "limit", "divergence", "portrait"])
def test_what_is_printed_is_one_short_line(k):
    text = str(results(MODEL)[k])
    assert "\n" not in text
    assert len(text) < 160
    assert "object" not in text


def test_faces_show_the_numbers():
    fate = Balanced(ft.decide(MODEL.with_discount("3/4"))._repr_html_()).words
    assert "converges; the greedy policy of the limit is optimal" in fate
    assert "12" in fate  # V(s1) = 3/(4 - 5γ)
    game = Balanced(ft.load("qplex-game-2")._repr_html_()).words
    assert game.count("-12") == 4
    assert "8" in game
    run = Balanced(ft.fitted_q_iteration(MODEL, iterations=2)._repr_html_()).words
    assert "51/32" in run


def test_a_long_face_says_what_it_leaves_out():
    model = big()
    words = " ".join(Balanced(model._repr_html_()).words)
    assert "... and 108 more rows" in words
    assert "... and 18 more rows" in " ".join(Balanced(ft.solve(model)._repr_html_()).words)


def big():
    successor = (np.arange(120).reshape(30, 2, 2) * 7) % 30
    return ft.MMDP(np.ones((30, 2, 2), dtype=int), successor, "1/2")


def test_a_lazy_sequence_shows_first_and_last_and_makes_no_more():
    run = ft.fitted_q_iteration(MODEL, iterations=20)
    assert repr(run.values).startswith("[[0, 0], [0, 3/4], [0, 51/32], ")
    assert repr(run.values).endswith("(21 entries)")
    made = []
    from fqi_theory.base.sequences import Lazy

    assert repr(Lazy(1000, lambda k: made.append(k) or k)) == "[0, 1, 2, 3, 4, ..., 999] (1000 entries)"
    assert made == [0, 1, 2, 3, 4, 999]


def test_numbers_are_marked_where_they_are_shortened():
    assert number(ft.exact("1/3")) == "1/3"
    assert number(ft.exact("1234567/12345678")) == "≈0.09999994"
    assert brief(ft.exact("1/3")) == "1/3"
    assert brief({(0, 1): np.array([[1.0, 0.5]])}) == "{(0, 1): [[1, 0.5]]}"


def test_data_frames_hold_exact_numbers_and_names():
    pytest.importorskip("pandas")
    frame = ft.fitted_q_iteration(MODEL, iterations=2).to_pandas()
    assert frame.index.names == ["t", "state"]
    assert frame.loc[(2, "s1"), "value"] == Fraction(51, 32)
    assert isinstance(frame.loc[(2, "s1"), "value"], Fraction)
    assert list(frame.columns) == ["value", "agent 1", "agent 2"]
    assert frame.loc[(2, "s1"), "agent 2"] == MODEL.actions[1][0]
    assert ft.solve(MODEL).to_pandas().loc["s1", "value"] == 10
    floats = ft.fitted_q_iteration(MODEL.to_float(), iterations=1).to_pandas()
    assert floats["value"].dtype == float


def test_without_pandas_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(ExtraMissing, match=r"to_pandas needs pandas: pip install 'fqi-theory\[pandas\]'"):
        ft.solve(MODEL).to_pandas()


def test_a_fate_is_drawn_with_its_limit(tmp_path):
    figure = ft.decide(MODEL.with_discount("3/4")).plot(tmp_path / "fate.png", iterations=5)
    (axes,) = figure.axes
    dashed = [line.get_ydata()[0] for line in axes.lines if line.get_linestyle() == "--" and len(line.get_ydata())]
    assert 12.0 in dashed
    assert "certified, proof by contraction" in figure.words()
    assert (tmp_path / "fate.png").stat().st_size > 1000


def test_an_undecided_run_is_not_drawn_as_proved():
    model = random_model(0, 6, (2, 2), "deterministic", "99/100")
    fate = ft.decide(model, data=ft.epsilon_greedy("1/10"), effort=Effort(steps=8))
    assert repr(fate).startswith("Fate(unknown: followed 8 exact steps (denominators of ")
    assert "not decided: what is drawn proves nothing" in fate.plot(iterations=3).words()


def test_a_bounded_run_says_so_in_one_line():
    fate = ft.decide("cycle-5", effort=Effort(steps=8))
    assert repr(fate) == "Fate(bounded: V keeps to stated bounds; no more is known; proof: differences)"
    assert "bounded" in fate.plot(iterations=3).words()


def test_a_fate_without_a_run_is_not_drawn():
    with pytest.raises(DataError, match="found one without its run"):
        Fate("unknown", tried=("nothing",)).plot()


def test_the_version_is_that_of_the_installed_package():
    assert ft.__version__ == version("fqi-theory")
    with pytest.raises(AttributeError):
        _ = ft.no_such_name


def test_faces_leave_out_what_is_not_available():
    model = ft.load("two-state").with_available({"s1": [["B"], ["A", "B"]]})
    assert "(A, B)" in model._repr_html_()
    assert model._repr_html_().count("<tr>") == ft.load("two-state")._repr_html_().count("<tr>") - 2
    assert repr(model) == "MMDP('two-state', 2 states, 2 x 2 joint actions, some not available, discount 9/10, exact)"
    game = ft.from_payoff([[1, 77], [3, 4]]).with_available([[[1, 1]], [[1, 0]]])
    assert "77" not in game._repr_html_()
    assert "3" in game._repr_html_()
