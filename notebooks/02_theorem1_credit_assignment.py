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
# # Theorem 1: a linear fit is counterfactual credit assignment
#
# The linear class (VDN) has Q_tot(s,a) = Σ_i Q_i(s,a_i). For product data with full support the least squares fit of
# targets y is, agent by agent (arXiv:2006.00587, Theorem 1),
#
# Q_i(s,a_i) = E[y(s, a_i ⊕ a'_{-i})] - (n-1)/n · E[y(s,a')] + w_i(s),   Σ_i w_i(s) = 0.
#
# The first term asks *what happens on average when I play a_i*; the second is a baseline; w, the *residue*, is free.
#
# **How things are known here.** Theorem 1 is proved in the paper, and for every fixed shape it is a finite identity
# that `proofs-check verify` proves symbolically. In this notebook the tables are single instances, computed exactly;
# the two boundaries at the end (correlated data, missing data) are shown by exact witnesses.

# %%
import numpy as np

import fqi_theory as ft
from fqi_theory import plots
from fqi_theory.factorization import linear
from fqi_theory.factorization.fit import additive_table

# %% [markdown]
# ## Credit on a payoff table
#
# Game 2 of arXiv:2008.01062: joint action (a0, a0) pays 8, one agent alone at a0 costs 12.

# %%
game = ft.load("qplex-game-2")
payoff = game.reward
uniform = ft.uniform().at(game, np.zeros((1, 2), dtype=int))
plots.plot_fit(game)

# %% [markdown]
# The factor of agent 1 at a0 is the mean of row a0, less half of the mean of the whole table. By hand:

# %%
row_mean = payoff[0, 0].sum() / 3
table_mean = payoff.sum() / 9
row_mean, table_mean, row_mean - table_mean / 2

# %%
factors = linear.credit(payoff, uniform)
factors[0][0, 0]

# %% [markdown]
# The rightmost table above is what no sum of two factors can say: the *interaction*. Each of its rows and columns has
# mean zero, which is exactly the condition for the fit to be the best one.

# %%
left_over = (payoff - additive_table(factors))[0]
left_over.sum(axis=0), left_over.sum(axis=1)

# %% [markdown]
# ## The residue: factors are not unique, Q_tot is
#
# Move any amount from one agent's factor to the other's: every sum stays the same, and so do both greedy actions.

# %%
moved = linear.with_residue(factors, [["5", "-5"]])
(additive_table(moved) == additive_table(factors)).all()

# %%
plots.plot_tables(
    {
        "agent 1, w = 0": factors[0][0],
        "agent 1, w = +5": moved[0][0],
        "agent 2, w = 0": factors[1][0],
        "agent 2, w = −5": moved[1][0],
    },
    heading="Two gauges of one fit: factors of game 2",
    actions=game.actions[:1],
    how="exact; ★ marks every greedy action",
)

# %% [markdown]
# ## The data decide the credit
#
# What counts as "on average" is the data's choice. Let both agents play a0 with probability p. When p is large enough,
# an agent that plays a0 usually meets a partner who does too, and the fit ranks the optimum first.

# %%
marginal = [["2/3", "1/6", "1/6"]]
plots.plot_fit(game, data=ft.product([marginal, marginal]))

# %% [markdown]
# The lecture game [[8, -12], [-12, 0]] has two actions an agent, so the greedy action depends on one number
# p, the probability of the first action: Q(1,1) - Q(2,2) = 64p - 24. The fit is greedy off the optimum exactly if
# p < 3/8: the rarer the partners who join in, the more the first action is charged for their absence.

# %%
lecture = ft.load("lecture-2x2")
for p in ["1/3", "37/100", "3/8", "38/100", "1/2"]:
    rows = [[ft.exact(p), 1 - ft.exact(p)]]
    fit = ft.fitted_q_iteration(lecture, data=ft.product([rows, rows]), iterations=1)
    table = additive_table(fit.factors[1])[0]
    print(f"p = {p:7s} Q(1,1) - Q(2,2) = {table[0, 0] - table[1, 1]!s:9s} greedy: {fit.greedy[1][0]}")

# %% [markdown]
# ## Boundary 1: correlated data
#
# The closed form needs agents that act independently in the data. Let them play the same action with probability 9/10,
# on a table that pays for (a0, a0) only. There are two ways to misapply the closed form: average over the partner's
# own marginal, or over the partner as correlated with oneself. Both differ from the true minimiser.

# %%
table = ft.MMDP([[[1, 0], [0, 0]]], np.zeros((1, 2, 2), dtype=int), 0, name="(a0, a0) pays")
together = ft.correlated([[["9/20", "1/20"], ["1/20", "9/20"]]])
y, weights = table.reward[0], together.weights[0]
best = linear.fit(table.reward, together.at(table, None)).q_tot()[0]
by_marginals = linear.fit(table.reward, ft.uniform().at(table, None)).q_tot()[0]

# %%
mean = (y * weights).sum()
rows = (y * weights).sum(axis=1) / weights.sum(axis=1) - mean / 2
columns = (y * weights).sum(axis=0) / weights.sum(axis=0) - mean / 2
by_conditionals = rows[:, None] + columns[None, :]

# %%
fits = {"minimiser": best, "closed form, marginals": by_marginals, "closed form, conditionals": by_conditionals}
plots.plot_tables(
    {"target y": y, **fits},
    heading="Correlated data: the closed form of Theorem 1 is not the minimiser",
    how="exact; P(both play the same action) = 9/10",
    starred=[],
)

# %% [markdown]
# The weighted squared errors settle it: only the minimiser solves the *normal equations* of these data.

# %%
{name: (weights * (y - q) ** 2).sum() for name, q in fits.items()}

# %% [markdown]
# ## Boundary 2: actions without data
#
# If an action is never played, nothing determines its factor. Then Q_tot is unique on the played actions only. The
# class-wide fit still returns one minimiser; classes that would copy the target refuse, and say where data are missing:

# %%
one_sided = ft.product([[["1", "0", "0"]], marginal])
try:
    ft.fitted_q_iteration(game, data=one_sided, factorization=ft.igm, iterations=1)
except ft.FqiTheoryError as error:
    print(error)
