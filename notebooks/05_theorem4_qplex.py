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
# # Theorem 4 and QPLEX: what a richer class buys
#
# *IGM* (individual-global-max) asks that greedy agents be jointly greedy. If a class has every IGM-consistent Q_tot
# and the data cover every joint action, each fit has zero error, FQI is value iteration, and it converges to Q* from
# every start (arXiv:2006.00587, Theorem 4). QPLEX (arXiv:2008.01062) is such a class, except at ties.
#
# **How things are known here.** The theorem is proved in the paper. Constructions, refusals and witnesses below are
# exact. The comparison of the additive and the monotone class is certified by exact isotonic regression over all orders
# of the actions. One picture is *learnt* in float64 by gradient descent and labelled so: it shows what training may do,
# and proves nothing.

# %%
from fractions import Fraction
from itertools import product

import numpy as np

import fqi_theory as ft
from fqi_theory import plots
from fqi_theory.factorization import igm, qplex
from fqi_theory.fates import decide
from proofs_check.evidence import isotonic

game = ft.load("qplex-game-2")
payoff = game.reward[0]

# %% [markdown]
# ## Zero error, whatever the fixed data
#
# Uniform data made the linear class diverge on the two-state example. FQI-IGM converges to the optimum there.

# %%
fate = decide(ft.load("two-state"), factorization=ft.igm)
fate.kind, fate.values[0], fate.optimal

# %% [markdown]
# ## Two readings of IGM, apart at ties only
#
# *Selection*: some choice of per-agent maximisers is a joint maximiser. Every table has such factors. *Set*: the joint
# maximisers are exactly the combinations of per-agent maximisers. The game [[1,0],[0,1]] has no such factors: if both
# actions of both agents were greedy, (a0, a1) would have to be optimal too.

# %%
meeting = ft.load("coordination")
uniform = ft.uniform().at(meeting, np.zeros((1, 2), dtype=int))
igm.fit(meeting.reward, uniform, reading="selection").factors

# %%
try:
    igm.fit(meeting.reward, uniform, reading="set")
except ft.FqiTheoryError as error:
    print(error)

# %% [markdown]
# ## QPLEX realises game 2 exactly
#
# QPLEX: Q_tot = Σ_i V_i + Σ_i λ_i(s,a)·A_i(s,a_i), with V_i the maximum of Q_i, A_i = Q_i - V_i <= 0 and every λ_i > 0.
# Where a is not the optimum, some advantage is -1, and λ stretches it to whatever gap the table has.

# %%
duplex = qplex.realise(game.reward)
duplex.factors

# %%
plots.plot_tables(
    {"payoff = Q_tot": duplex.table()[0], "λ of both agents": duplex.weights[0][0]},
    actions=game.actions,
    heading="Game 2 as a member of the QPLEX class",
    starred=["payoff = Q_tot"],
    how="exact; ★ marks the maximiser",
    scale="number in the cell",
)

# %%
bool((duplex.table() == game.reward).all())

# %% [markdown]
# ## λ must see the joint action
#
# Let λ depend on the state only. Then Q_tot is a sum of functions of one agent each, so the interaction
# Q(0,0) - Q(0,1) - Q(1,0) + Q(1,1) is 0 in every 2 × 2 corner, whatever the factors. In game 2 it is 32.

# %%
payoff[0, 0] - payoff[0, 1] - payoff[1, 0] + payoff[1, 1]

# %% [markdown]
# ## The same class, learnt
#
# Completeness says that the table is *in* the class, not that training finds it. Plain gradient descent on the squared
# error, from random factors and λ = 1:


# %%
def learn(seed, steps=3000, rate=0.02):
    """Return the table and the final squared error of a tabular QPLEX fit to game 2 (float64, gradient descent)."""
    rng = np.random.default_rng(seed)
    target = payoff.astype(float)
    q, log_weight = rng.normal(size=(2, 3)), np.zeros((2, 3, 3))
    for _ in range(steps):
        advantage = q - q.max(axis=1, keepdims=True)
        spread = np.stack([np.repeat(advantage[0][:, None], 3, axis=1), np.repeat(advantage[1][None, :], 3, axis=0)])
        weight = np.exp(log_weight)
        table = q.max(axis=1).sum() + (weight * spread).sum(axis=0)
        slope = 2 * (table - target) / 9
        for i in range(2):
            top = q[i].argmax()
            change = (slope * weight[i]).sum(axis=1 - i)
            change[top] += (slope * (1 - weight[i])).sum()
            q[i] -= rate * change
        log_weight -= rate * slope * spread * weight
    return table, ((table - target) ** 2).sum()


learnt = {seed: learn(seed) for seed in range(8)}
{seed: round(float(error), 3) for seed, (_, error) in learnt.items()}

# %%
best, worst = (pick(learnt, key=lambda seed: learnt[seed][1]) for pick in (min, max))
plots.plot_tables(
    {
        "payoff (exact)": payoff.astype(float),
        f"learnt, seed {best}": learnt[best][0].round(3),
        f"learnt, seed {worst}": learnt[worst][0].round(3),
    },
    actions=game.actions,
    heading="Tabular QPLEX on game 2, learnt by gradient descent",
    how="float64, 3000 steps from a random start; ★ marks the greedy joint action",
)

# %% [markdown]
# Few seeds find the table. The others make a zero cell greedy early on, and then the optimum's cell can only rise to
# meet it: both end near 4, with squared error 4² + 4² = 32. The class is complete, its loss surface is not convex.

# %% [markdown]
# ## The monotone class (QMIX), exactly
#
# A monotone mixing keeps, for each agent, one order of its actions along which Q_tot never falls. Given the orders the
# best fit is an isotonic regression, a convex problem with a certificate. All 36 pairs of orders, exactly:

# %%
cells = list(product(range(3), repeat=2))
target = {a: Fraction(str(payoff[a])) for a in cells}
fits = isotonic.monotone_fits(target, dict.fromkeys(cells, Fraction(1)), (3, 3))
defect = isotonic.optimality_gap(target, dict.fromkeys(cells, Fraction(1)), fits[0], (3, 3))
print("least squared error:", fits[0].error, "- certificate:", defect or "every condition of optimality holds exactly")

# %% [markdown]
# The best monotone fit has squared error 288 and keeps the optimum greedy. The pattern usually reported for trained
# QMIX has 320: a local optimum of training, not the best that the class can do.

# %%
reported = np.array([[-8, -8, -8], [-8, 0, 0], [-8, 0, 0]])
((payoff - reported) ** 2).sum()

# %%
monotone = np.array([[ft.exact(fits[0].table[i, j]) for j in range(3)] for i in range(3)])
linear = ft.fitted_q_iteration(game, iterations=1).factors[1]
plots.plot_tables(
    {
        "payoff (QPLEX: error 0)": payoff,
        "best monotone: error 288": monotone,
        "usually learnt: error 320": reported,
        "best additive": linear[0][0][:, None] + linear[1][0][None, :],
    },
    actions=game.actions,
    heading="Game 2 in four classes, uniform data",
)
