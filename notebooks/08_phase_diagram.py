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
# # The phase diagram: what a class and its data can do to any run
#
# One number decides. Write the fit at joint action a as a weighted sum of the targets, Q(a) = Σ_b W(a,b) y(b). The
# weights of a row sum to 1, some may be negative, and the *negative mass* ν is the largest sum of their magnitudes over
# all rows. With fixed data every run of every model converges for γ < 1/(1+2ν), every run is bounded for γ < 1/(1+ν),
# and from there on some model with two states diverges.
#
# **How things are known here.** ν and the thresholds are exact numbers. The theorem has a proof on paper, in
# `docs/when-does-factored-q-learning-diverge.md`; what a machine has *proved* of it is in the list of claims. Single
# runs are *certified* here: decided exactly, with a certificate that an independent checker accepts. Nothing is
# simulated.

# %%
import numpy as np

import fqi_theory as ft
from fqi_theory import plots
from fqi_theory.factorization import linear
from fqi_theory.factorization.best_fits import best_fit
from fqi_theory.fates import decide
from proofs_check import check

# %% [markdown]
# ## Where the negative weights are
#
# Two agents, two actions, uniform data, a sum of factors. The fit at (0,0) counts the target there with 3/4, those
# where one agent deviates with 1/4, and the one where both do with -1/4.

# %%
small = ft.phases(agents=2, actions=2)
print("ν =", small.negative_mass, "at", small.action, "where the weights of", small.negative_set, "are negative")
print("always converges below", small.converges_below, "- always bounded below", small.bounded_below)

# %%
joint_actions = [(a, b) for a in (0, 1) for b in (0, 1)]
units = ft.MMDP(np.zeros((1, 2, 2), dtype=int), np.zeros((1, 2, 2), dtype=int), 0)
uniform = ft.uniform().at(units, np.zeros((1, 2), dtype=int))
weights = np.empty((2, 2), dtype=object)
for b in joint_actions:
    target = np.array([[[ft.exact(int((i, j) == b)) for j in (0, 1)] for i in (0, 1)]])
    weights[b] = linear.fit(target, uniform).q_tot()[0, 0, 0]
plots.plot_tables(
    {"W((0,0), b)": weights},
    heading="The weights of the fit at (0,0)",
    how="exact; they sum to 1, the negative ones to -ν = -1/4",
    scale="weight of the target at b",
    starred=[],
)

# %% [markdown]
# ## The diagram
#
# More agents are worse for a sum of factors, and a *richer* class is not safer: pairwise factors (coordination graphs)
# have the lower threshold. Only a class that represents every table has no threshold.

# %%
plots.plot_regions()

# %%
for agents, actions in [(2, 2), (2, 3), (3, 2), (3, 3), (4, 2), (4, 10), (200, 10)]:
    found = ft.phases(agents=agents, actions=actions)
    converges, bounded = float(found.converges_below), float(found.bounded_below)
    print(f"{agents:3d} agents, {actions:2d} actions: converges below {converges:.4f}, bounded below {bounded:.4f}")

# %% [markdown]
# ## The thresholds are exact
#
# `witness` returns the smallest model that diverges at a discount, or says which theorem forbids it. At 4/5 two agents
# with two actions diverge, one part in a million below they cannot:

# %%
for discount in ["799999/1000000", "4/5", "800001/1000000"]:
    found = ft.witness(agents=2, actions=2, discount=discount)
    if found.model is None:
        print(discount, "none:", found.reason)
    else:
        fate = decide(found.model, data=found.data)
        print(discount, fate.kind, fate.growth, "- certificate accepted:", check(fate.certificate).accepted)

# %% [markdown]
# At γ = 3/4 three agents with additive factors cannot diverge on any model; with pairwise factors they do on this one.

# %%
for kind in ["linear", "additive:2"]:
    found = ft.witness(agents=3, actions=2, factorization=kind, discount="3/4")
    print(f"{kind:10s} {'no model' if found.model is None else found.model.name}: {found.reason}")

# %% [markdown]
# ## In between: oscillation
#
# Between the two thresholds everything is bounded, but not everything converges. This model has one fixed point, which
# repels, and the run goes back and forth around it.

# %%
swap = ft.witness(agents=2, actions=2, discount="7/10", kind="does not converge")
plots.plot_value_map(swap.model, swap.data, steps=20)

# %%
fate = decide(swap.model, data=swap.data)
print(fate.kind, fate.period, [str(point[1] - point[0]) for point in fate.values], check(fate.certificate).accepted)

# %% [markdown]
# ## On-policy data: locally better, globally worse
#
# The weights are the larger the rarer an action is. Under ε-greedy data the joint action that nobody plays is the most
# overestimated one; for small ε only γ <= 1/n is safe for every model. Below the line every run is bounded; in red some
# model diverges, from the line on. In grey (four agents, much exploration) that is not derived.

# %%
plots.plot_epsilon()

# %% [markdown]
# At γ = 51/100 two agents with uniform data converge on every model. With ε = 1/100 this one diverges: the team is paid
# while its members choose differently, and believes at every step that choosing alike is best.

# %%
rare = ft.witness(agents=2, actions=2, discount="51/100", data=ft.epsilon_greedy("1/100"))
for data in [ft.uniform(), rare.data]:
    fate = decide(rare.model, data=data)
    print(data.describe(), fate.kind, fate.growth, check(fate.certificate).accepted)

# %%
plots.plot_greedy(ft.fitted_q_iteration(rare.model, data=rare.data, iterations=20))

# %% [markdown]
# ## Best monotone fits never diverge, and need not converge
#
# The best monotone fit takes averages, so values stay between those of value iteration and of the data's behaviour.
# (QMIX's network is convex and represents fewer tables: on Theorem 3's example it is no better than VDN.)
# But its orders jump. In s1 the rewards are [[4,2],[0,2-7γ/2]]; (1,1) stays, all else leads to a state worth 0. One
# best fit after the other, at four discounts:

# %%
for discount in map(ft.exact, ["1/100", "1/2", "9/10", "99/100"]):
    value, seen = ft.exact(0), []
    for _ in range(8):
        last = 2 - ft.exact("7/2") * discount + discount * value
        target = np.array([[ft.exact(4), ft.exact(2)], [ft.exact(0), last]])
        value = best_fit(target, "monotonic").table.max()
        seen.append(str(value))
    print(discount, *seen)

# %% [markdown]
# ## What to change
#
# For two agents with two actions, uniform data, at γ = 99/100: returns of at least 23 steps; or a backup of less than
# 103/198 of the maximum, the rest the mean over the data; or advantages shrunk to 1/n, which is safe at every discount.
# No other data help, since uniform data have the least ν. Damping below 400/497 removes cycles, not divergence.

# %%
small.remedies("99/100").to_json()

# %%
plots.plot_threshold_map()
