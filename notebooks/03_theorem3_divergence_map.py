# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Theorem 3: where linear FQI diverges, exactly
#
# On the two-state example an iteration multiplies the value of s1 by γ(1 + ε²/4) when the data are ε-greedy around the
# optimal policy; ε = 1 is uniform data and gives 5γ/4. So the run from Q = 0 diverges exactly if
#
# ε ≥ 2·sqrt(1/γ - 1).
#
# **How things are known here.** The boundary is a formula, derived from the model for all γ and ε. The left picture is
# *simulated* in float64, and a simulation of any length must leave a band undecided. Each point of the right picture
# is *certified*: a decision in exact arithmetic with a certificate that an independent checker accepts.

# %%
import json
import tempfile
from pathlib import Path

import numpy as np

import fqi_theory as ft
from fqi_theory import plots
from fqi_theory.fates import Effort, critical, decide
from proofs_check import check

model = ft.load("two-state")

# %% [markdown]
# ## Three discounts, three fates
#
# Uniform data. Below 4/5 the run converges, at 4/5 it grows by exactly 3/4 in each step, above it grows geometrically.

# %%
for discount in ["79/100", "4/5", "81/100"]:
    fate = decide(model.with_discount(discount))
    print(f"γ = {discount:7s} {fate.kind:10s} {fate.growth or fate.values[0]}")

# %%
run = ft.fitted_q_iteration(model.with_discount("4/5"), iterations=12)
[str(after[1] - before[1]) for before, after in zip(run.values, run.values[1:], strict=False)]

# %% [markdown]
# Float64 cannot see this line. It does not hold 4/5, only a neighbour of it, and so decides a different question.

# %%
ft.from_float(0.8) - ft.exact("4/5")

# %% [markdown]
# ## Why: one averaged successor too many
#
# The fit is linear, so FQI is value iteration on a "signed MDP" whose transition rows still sum to 1 but may have
# negative entries. Playing (A,A) in s1 leads, after the averaging, to s1 with weight 5/4 and to s0 with weight -1/4.

# %%
operator = ft.collapse(model, ft.uniform().at(model, None))
plots.plot_tables(
    {"to s0": operator.kernel()[1, :, :, 0], "to s1": operator.kernel()[1, :, :, 1]},
    actions=model.actions,
    heading="Signed transition weights K(s' | s1, a), uniform data",
    how="exact; the two cells of a joint action sum to 1",
    scale="weight of the successor",
    starred=[],
)

# %%
plots.plot_value_map(model.with_discount("9/10"), ft.uniform(), steps=14)

# %% [markdown]
# ## The map over (γ, ε)

# %%
fine = plots.simulated_grid(
    model, [ft.exact(k) / 200 for k in range(100, 200)], [ft.exact(k) / 80 for k in range(1, 81)]
)
coarse = plots.certified_grid(
    model, [ft.exact(k) / 30 for k in range(15, 30)], [ft.exact(k) / 15 for k in range(1, 16)], Effort(steps=512)
)


# %%
def boundary(discount):
    return 2 * np.sqrt(1 / discount - 1)


plots.plot_phase_diagram([fine, coarse], boundary=boundary, boundary_label="exact boundary ε = 2·sqrt(1/γ − 1)")

# %% [markdown]
# The grey band on the left is what 300 iterations cannot tell: near the boundary a run grows or settles slowly, by at
# most six percent a step in the grey cells. No grey is left on the right.

# %%
{how.how: {label: how.share(label) for label in ("converges", "diverges", "unknown")} for how in (fine, coarse)}

# %% [markdown]
# Every point on the right has a certificate, and the checker accepts each:

# %%
print(sum(check(document).accepted for document in coarse.certificates), "accepted of", coarse.labels.size, "points")

# %% [markdown]
# Every certified point lies on its side of the curve. This is a comparison of rationals: ε² against 4(1/γ - 1).

# %%
mismatches = [
    (g, e)
    for j, e in enumerate(coarse.epsilons)
    for i, g in enumerate(coarse.discounts)
    if (coarse.labels[j, i] == "diverges") != (e * e >= 4 * (1 / g - 1))
]
mismatches

# %% [markdown]
# ## Points of the curve, as algebraic numbers
#
# For one discount at a time the program finds the critical ε itself, without the formula: a minimal polynomial over the
# integers and an interval that isolates the root.

# %%
for discount in ["17/20", "9/10", "19/20"]:
    root = critical(model.with_discount(discount), None, "epsilon").thresholds[0]
    low, high = root.interval
    where = f"in an interval of length {high - low}" if low < high else f"= {low}"
    print(f"γ = {discount}: root of the polynomial with coefficients {root.polynomial}, ε {where}")

# %% [markdown]
# ## The certificate of one point

# %%
fate = decide(model, data=ft.epsilon_greedy("67/100"))
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "point.json"
    path.write_text(json.dumps(fate.certificate))
    print(check(path).statement)
