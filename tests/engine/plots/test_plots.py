import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import fqi_theory as ft
from fqi_theory.base import scalars
from fqi_theory.base.errors import DataError, FqiTheoryError

matplotlib = pytest.importorskip("matplotlib")

from matplotlib.figure import Figure  # noqa: E402

from fqi_theory import plots  # noqa: E402
from fqi_theory.fates import Effort  # noqa: E402
from fqi_theory.plots import batch, canvas  # noqa: E402
from proofs_check import check  # noqa: E402

pytestmark = pytest.mark.slow

TWO_STATE = ft.load("two-state")
RUN = ft.fitted_q_iteration(TWO_STATE, iterations=8)
ON_POLICY = ft.epsilon_greedy("1/2")
GAMMAS = ["1/2", "7/10", "4/5", "9/10"]
RATES = ["1/2", "2/3", "1"]


def texts(figure):
    figure.canvas.draw()
    found = [t.get_text() for axes in figure.axes for t in axes.texts]
    titles = [axes.get_title() for axes in figure.axes]
    legends = [t.get_text() for legend in figure.legends for t in legend.get_texts()]
    inside = [t.get_text() for axes in figure.axes if axes.get_legend() for t in axes.get_legend().get_texts()]
    return [figure.get_suptitle(), *titles, *found, *legends, *inside]


PICTURES = {
    "trajectory": lambda path: plots.plot_trajectory(RUN, path),
    "method": lambda path: RUN.plot(path),
    "greedy": lambda path: plots.plot_greedy(RUN, path),
    "tables": lambda path: plots.plot_tables({"y": [["1/3", 2], [3, 4]]}, path),
    "fit": lambda path: plots.plot_fit(ft.load("qplex-game-2"), 0, path),
    "map": lambda path: plots.plot_value_map(TWO_STATE, ON_POLICY, path, steps=5),
    "basins": lambda path: plots.plot_basins(
        ft.random_model(319), ft.uniform(), path, resolution=8, steps=50, longest=1
    ),
    "regions": lambda path: plots.plot_regions(("linear", "additive:2", "joint"), most_agents=4, path=path),
    "on-policy regions": lambda path: plots.plot_regions(("linear",), data=ON_POLICY, most_agents=3, path=path),
    "epsilon": lambda path: plots.plot_epsilon((2, 4), points=10, path=path),
    "thresholds": lambda path: plots.plot_threshold_map((1, 2), most_agents=4, most_actions=3, path=path),
    "phase": lambda path: plots.plot_phase_diagram(plots.simulated_grid(TWO_STATE, GAMMAS, RATES, 20), path),
}


STARTS = {".png": b"PNG", ".svg": b"<svg", ".PDF": b"%PDF"}


@pytest.mark.parametrize("name", PICTURES)
def test_every_picture_is_written_by_its_ending_labelled_and_says_how_it_is_known(name, tmp_path):
    figure = PICTURES[name](tmp_path / "picture.png")
    assert isinstance(figure, Figure)
    for ending in (".svg", ".PDF"):
        assert canvas.finish(figure, tmp_path / f"picture{ending}") is figure
    for ending, start in STARTS.items():
        content = (tmp_path / f"picture{ending}").read_bytes()
        assert start in content[:2000], content[:200]
    assert all(axes.get_xlabel() or axes.get_ylabel() for axes in figure.axes)
    words = " ".join(texts(figure))
    assert any(word in words for word in ("exact", "certified", "simulated"))


def test_another_ending_is_refused_by_name():
    with pytest.raises(ft.FqiTheoryError, match=r"run\.gif: name: expected an ending .png, .svg or .pdf, found '.gif'"):
        plots.plot_trajectory(RUN, "run.gif")


def test_a_missing_folder_is_refused_by_name(tmp_path):
    with pytest.raises(ft.FqiTheoryError, match="existing folder"):
        plots.plot_trajectory(RUN, tmp_path / "missing" / "run.png")


def test_without_matplotlib_the_error_names_the_extra(monkeypatch):
    monkeypatch.delitem(sys.modules, "fqi_theory.plots.picture", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ft.FqiTheoryError, match=r"fqi-theory\[plots\]") as caught:
        RUN.plot()
    assert isinstance(caught.value, ImportError)


def test_pyplot_is_never_imported():
    code = (
        "import sys, fqi_theory as ft; m = ft.load('two-state'); ft.fitted_q_iteration(m, iterations=2).plot(); "
        "from fqi_theory import plots; plots.plot_fit(m, 1); print('matplotlib.pyplot' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"


def test_the_package_itself_needs_no_matplotlib():
    code = "import sys, fqi_theory.plots; print(any(name.startswith('matplotlib') for name in sys.modules))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"


def test_the_same_picture_is_the_same_file(tmp_path):
    for name in ("a.png", "b.png"):
        RUN.plot(tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_pictures_are_drawn_in_threads():
    with ThreadPoolExecutor(4) as pool:
        sizes = list(pool.map(lambda _: len(plots.plot_fit(TWO_STATE, 1)._repr_png_()[0]), range(8)))
    assert len(set(sizes)) == 1
    assert sizes[0] > 1000


def test_a_state_has_a_name_or_an_index():
    assert "state s1" in plots.plot_fit(TWO_STATE, "s1").words()
    assert "state s1" in plots.plot_fit(TWO_STATE, 1).words()
    for absent in ("s2", 2, -1, None):
        with pytest.raises(ft.FqiTheoryError, match="state: expected a name or an index below 2 of 'two-state'"):
            plots.plot_fit(TWO_STATE, absent)


def test_a_long_heading_stays_inside_the_picture():
    run = ft.fitted_q_iteration(ft.load("random(seed=1,states=12,actions=3x3,kind=stochastic)"), iterations=2)
    figure = plots.plot_trajectory(run)
    figure.canvas.draw()
    heading = figure._suptitle.get_window_extent()
    assert heading.x0 >= 0
    assert heading.x1 <= figure.bbox.x1
    assert "8 of 12 states" in figure.words()


def test_a_notebook_gets_the_headings_as_words():
    _, metadata = plots.plot_fit(TWO_STATE, 1)._repr_png_()
    assert "two-state" in metadata["alt"]
    assert "\n" not in metadata["alt"]


def test_cells_hold_the_exact_fractions_and_stars_the_maximisers():
    found = texts(plots.plot_fit(ft.load("qplex-game-2")))
    minus = "\N{MINUS SIGN}"
    assert f"{minus}56/9" in found
    assert found.count(f"{minus}44/9") == 4
    assert found.count(f"{minus}32/9 ★") == 4
    assert "8 ★" in found


def test_tables_of_three_agents_and_of_one():
    three = plots.plot_tables({"y": np.arange(8).reshape(2, 2, 2)})
    assert [t.get_text() for t in three.axes[0].get_xticklabels()] == ["0, 0", "0, 1", "1, 0", "1, 1"]
    one = plots.plot_tables({"Q_1": ["1/2", "1"]})
    assert one.axes[0].get_xlabel() == "own action"


def test_tables_of_different_shapes_are_refused():
    with pytest.raises(ft.FqiTheoryError, match="one shape"):
        plots.plot_tables({"a": [[1]], "b": [[1, 2]]})


@pytest.mark.parametrize(
    ("value", "text"),
    [("3/4", "3/4"), ("-56/9", "\N{MINUS SIGN}56/9"), ("123456789/1000", "≈1.235e+05"), ("12", "12")],
)
def test_numbers_are_exact_or_say_that_they_are_rounded(value, text):
    assert canvas.number(ft.exact(value)) == text


def test_a_run_beyond_float64_range_is_drawn_as_far_as_it_goes():
    model = TWO_STATE.with_discount("999/1000")
    figure = plots.plot_trajectory(ft.fitted_q_iteration(model, iterations=3400))
    assert "iterations beyond 10²⁵⁰ are left out" in figure.get_suptitle()
    assert figure.axes[0].get_yscale() == "asinh"


def test_curves_that_coincide_share_a_label_and_large_models_are_cut():
    model = ft.load("maven(10)")
    figure = plots.plot_trajectory(ft.fitted_q_iteration(model, iterations=5))
    assert "8 of 20 states" in figure.get_suptitle()
    figure = plots.plot_greedy(ft.fitted_q_iteration(model, iterations=5))
    assert len(figure.axes[0].get_yticklabels()) == 24
    same = plots.plot_trajectory(ft.fitted_q_iteration(ft.load("qtran-random-state"), iterations=2))
    assert "V(game-1) = V(game-2)" in texts(same)


@pytest.mark.parametrize(("build", "word"), [(plots.plot_value_map, "2 states"), (plots.plot_basins, "3 states")])
def test_pictures_of_values_name_the_number_of_states_they_need(build, word):
    with pytest.raises(ft.FqiTheoryError, match=f"{word}, 'random.* has 4"):
        build(ft.random_model(1, states=4), ft.uniform())


def test_the_regions_stand_on_the_exact_thresholds():
    figure = plots.plot_regions(("linear", "additive:2"), actions=2, most_agents=4)
    tops = [sorted({round(p.get_y() + p.get_height(), 9) for p in axes.patches}) for axes in figure.axes]
    assert tops[0] == [round(x, 9) for x in (8 / 15, 2 / 3, 16 / 23, 4 / 5, 1)]
    assert tops[1] == [round(x, 9) for x in (4 / 9, 4 / 7, 8 / 13, 8 / 11, 1)]
    with pytest.raises(FqiTheoryError, match="uniform or ε-greedy"):
        plots.plot_regions(data=ft.product([[["1/2", "1/2"]]]))


def test_the_map_of_thresholds_holds_the_theorys_table():
    figure = plots.plot_threshold_map((1, 2), most_agents=4, most_actions=3)
    assert [t.get_text() for t in figure.axes[0].texts] == [".80", ".80", ".70", ".69", ".63", ".63"]
    assert [t.get_text() for t in figure.axes[1].texts] == ["1.00", ".73", ".62", "1.00", ".53", ".46"]


def test_the_on_policy_line_runs_from_one_over_n_to_the_uniform_threshold():
    axes = plots.plot_epsilon((3,), points=20).axes[0]
    line, uniform = (line.get_ydata() for line in axes.lines[:2])
    assert line[0] == 1 / 3
    assert (np.diff(line) > 0).all()
    assert abs(line[-1] - 4 / 5) < 1e-12
    assert np.allclose(uniform, 4 / 5)


def test_above_the_on_policy_line_red_ends_where_the_derivation_does():
    two, four = plots.plot_epsilon((2, 4), points=20).axes
    ends = [[max(c.get_paths()[0].vertices[:, 0]) for c in axes.collections] for axes in (two, four)]
    assert ends == [[1, 1], [1, 0.65, 1]]


def test_the_certified_grid_agrees_with_the_exact_boundary():
    grid = plots.certified_grid(TWO_STATE, GAMMAS, RATES, Effort(steps=256))
    assert len(grid.certificates) == (grid.labels != "unknown").sum()
    assert all(check(document).accepted for document in grid.certificates)
    below = [[e * e < 4 * (1 / g - 1) for g in grid.discounts] for e in grid.epsilons]
    assert (grid.labels == np.where(below, "converges", "diverges")).all()
    assert grid.share("unknown") == 0


def test_the_simulated_grid_is_silent_near_the_boundary_and_never_wrong():
    simulated = plots.simulated_grid(TWO_STATE, GAMMAS, RATES)
    certified = plots.certified_grid(TWO_STATE, GAMMAS, RATES, Effort(steps=256))
    known = simulated.labels != "unknown"
    assert (simulated.labels[known] == certified.labels[known]).all()
    assert simulated.labels[2, 2] == "unknown"


def test_the_boundary_is_drawn_inside_the_picture_only():
    grids = [plots.simulated_grid(TWO_STATE, GAMMAS, RATES, 20)] * 2
    figure = plots.plot_phase_diagram(grids, boundary=lambda g: 2 * np.sqrt(1 / g - 1), boundary_label="curve")
    for axes in figure.axes:
        (line,) = axes.get_lines()
        assert np.isnan(line.get_xdata()).any()
        assert axes.get_ylim()[1] < 1.5
    assert "curve" in texts(figure)


def test_a_phase_diagram_needs_two_points_a_side():
    with pytest.raises(ft.FqiTheoryError, match="two or more"):
        plots.plot_phase_diagram(plots.simulated_grid(TWO_STATE, ["1/2"], RATES, 5))


def test_a_batch_equals_single_runs():
    model = ft.random_model(11, states=3)
    starts = np.array([[0.0, 0.0, 0.0], [1.0, -2.0, 3.0]])
    found = batch.simulate(model, ON_POLICY, starts, steps=30)
    for start, end in zip(starts, found.values, strict=True):
        single = ft.fitted_q_iteration(
            model.to_float(), data=ON_POLICY, initial=ft.start_from_values(model.to_float(), start), iterations=30
        )
        np.testing.assert_allclose(end, single.values[-1], rtol=1e-12)


def test_batch_labels_know_the_coordination_cycle():
    game = ft.load("coordination")
    restless = ft.MMDP([[[0, 1], [1, 0]]], np.zeros((1, 2, 2), dtype=int), 0)
    assert batch.simulate(game, ft.epsilon_greedy("1/10"), np.zeros((1, 1))).labels.tolist() == ["converges"]
    run = ft.fitted_q_iteration(restless, data=ft.epsilon_greedy("1/10"), iterations=9)
    assert run.greedy[-1].tolist() != run.greedy[-2].tolist()


def test_the_basin_legend_counts_every_start():
    figure = plots.plot_basins(ft.random_model(319), ft.uniform(), resolution=12, longest=1)
    shares = [int(t.split("(")[1].split("%")[0]) for t in texts(figure) if "% of starts" in t]
    assert 99 <= sum(shares) <= 101


def test_the_map_shows_the_fixed_points_with_their_stability():
    found = texts(plots.plot_value_map(TWO_STATE, ON_POLICY, steps=5))
    assert "attracting fixed point" in found
    growing = texts(plots.plot_value_map(TWO_STATE, ft.uniform(), steps=5))
    assert "attracting fixed point" not in growing


def test_many_iterations_keep_their_colours():
    run = ft.fitted_q_iteration(TWO_STATE, iterations=400)
    figure = plots.plot_greedy(run)
    figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba())
    blue = (np.abs(pixels[..., :3].astype(int) - (0x00, 0x72, 0xB2)).max(axis=2) < 8).mean()
    assert blue > 0.3


def test_a_dollar_in_a_name_is_a_dollar(tmp_path):
    model = TWO_STATE
    named = ft.MMDP(
        model.reward,
        model.transition,
        model.discount,
        states=["$x_1$", "s$"],
        actions=[["$\\frac$", "b"]] * 2,
        name="pays $\\frac$",
    )
    run = ft.fitted_q_iteration(named, iterations=3)
    plots.plot_trajectory(run, tmp_path / "trajectory.png")
    plots.plot_greedy(run, tmp_path / "greedy.png")
    plots.plot_fit(named, 1, tmp_path / "fit.png")
    plots.plot_value_map(named, ft.uniform(), tmp_path / "map.png")


def test_floats_are_called_floats_and_numbers_are_finite():
    assert "float64" in plots.plot_tables({"a": [[0.5, 1.0]]}).get_suptitle()
    assert "exact" in plots.plot_tables({"a": [["1/2", 1]]}).get_suptitle()
    with pytest.raises(DataError, match="finite numbers in 'a'"):
        plots.plot_tables({"a": [[0.5, float("nan")]]})


@pytest.mark.parametrize(
    ("discounts", "epsilons", "message"),
    [
        (["9/10", "1/2"], ["1/10", "1/5"], "discounts: expected rising numbers"),
        (["1/2", "9/10"], ["1/2", "3/2"], r"epsilons: expected rising numbers in \[0, 1\]"),
    ],
)
def test_grids_that_would_be_drawn_wrong_are_refused(discounts, epsilons, message):
    labels = np.array([["converges"] * 2] * 2)
    grid = plots.FateGrid(
        TWO_STATE, scalars.exact_array(discounts), scalars.exact_array(epsilons), labels, "certified", 8
    )
    with pytest.raises(DataError, match=message):
        plots.plot_phase_diagram(grid)


def test_pictures_take_names_of_models_and_refuse_what_is_none():
    assert "qplex-game-2" in plots.plot_fit("qplex-game-2").get_suptitle()
    for draw in (plots.plot_trajectory, plots.plot_greedy):
        with pytest.raises(DataError, match=r"run: expected a Trajectory, .* found str"):
            draw("two-state")
    with pytest.raises(DataError, match="tables: expected tables by their captions, found list"):
        plots.plot_tables([[1]])
    for draw in (plots.plot_value_map, plots.plot_basins):
        with pytest.raises(FqiTheoryError, match=r"model: expected an MMDP, .* found list; from_payoff"):
            draw([[1]], ft.uniform())


def test_a_fit_is_drawn_over_available_actions():
    game = ft.from_payoff([[8, -12, 77], [0, 1, 77]], actions=[["x", "y"], ["l", "m", "never"]])
    for model, columns in ((game, ["l", "m", "never"]), (game.with_available([[[1, 1]], [[1, 1, 0]]]), ["l", "m"])):
        axes = plots.plot_fit(model).axes[0]
        assert [label.get_text() for label in axes.get_xticklabels()] == columns
        assert len(axes.texts) == 2 * len(columns)
