"""Pictures of runs, fits, fates and basins (Matplotlib, the optional extra `fqi-theory[plots]`).

trajectories  V^(t)(s) against t, and the greedy actions along a run
comparisons   a training run over the exact one
fates         a run, and the limit or cycle that was certified
tables        payoff tables before and after a fit, exact fractions in the cells
phase         fates over (γ, ε), certified or simulated, and exact boundary curves
phase_diagram  regions of γ by number of agents, γ against ε, a map of thresholds
maps          two states: the one-dimensional map modulo constants, with a cobweb
basins        three states: the plane modulo constants, coloured by attractor
training      the QPLEX network (extra `torch`): its error and its least λ
faces         results as HTML tables in notebooks, without Matplotlib
batch         many float runs at once, labelled by what they seem to do

Every function that draws returns a `matplotlib.figure.Figure` without touching pyplot, and writes it to `path`, a
name in .png, .svg or .pdf, when one is given. Titles say what is shown and how it is known: exact, certified, or
simulated in float64.
"""

from fqi_theory.plots.basins import plot_basins as plot_basins
from fqi_theory.plots.canvas import PlotsMissing as PlotsMissing
from fqi_theory.plots.comparisons import plot_comparison as plot_comparison
from fqi_theory.plots.fates import plot_fate as plot_fate
from fqi_theory.plots.maps import plot_value_map as plot_value_map
from fqi_theory.plots.phase import FateGrid as FateGrid
from fqi_theory.plots.phase import certified_grid as certified_grid
from fqi_theory.plots.phase import plot_phase_diagram as plot_phase_diagram
from fqi_theory.plots.phase import simulated_grid as simulated_grid
from fqi_theory.plots.phase_diagram import plot_epsilon as plot_epsilon
from fqi_theory.plots.phase_diagram import plot_regions as plot_regions
from fqi_theory.plots.phase_diagram import plot_threshold_map as plot_threshold_map
from fqi_theory.plots.tables import plot_fit as plot_fit
from fqi_theory.plots.tables import plot_tables as plot_tables
from fqi_theory.plots.training import plot_training as plot_training
from fqi_theory.plots.trajectories import plot_greedy as plot_greedy
from fqi_theory.plots.trajectories import plot_trajectory as plot_trajectory
