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
# # Quick start: four theorems on two small models
#
# Several agents learn one team value Q_tot(s, a) together. *Fitted Q-iteration* (FQI) repeats one step: back up the
# current values through the reward and the transitions, then fit the result within some *function class*. The class
# decides everything. This notebook shows the four theorems of arXiv:2006.00587 about it, on a model with two states
# and on a 3 × 3 payoff table.
#
# **How things are known here.** Every number printed below is an exact rational, computed without rounding. A fate
# ("this run converges", "this run diverges") is *certified*: it comes with a certificate that an independent checker
# re-verifies. The theorems themselves are proved in the paper; a notebook shows instances, which prove nothing beyond
# themselves. Floating point is used for drawing only; where a later notebook simulates or learns in it, its pictures
# say so.

# %%
import json
import tempfile
from pathlib import Path

import fqi_theory as ft
from fqi_theory import plots
from fqi_theory.fates import critical, decide
from proofs_check import check

# %% [markdown]
# ## The two models
#
# `two-state`: in s1 the joint action (A,A) pays 1, (B,B) leads to s0 for ever, and everything else stays in s1. The
# best plan is plain: play (A,A) for ever, worth 1/(1-γ).

# %%
two_state = ft.load("two-state")
two_state, ft.solve(two_state).values

# %% [markdown]
# `qplex-game-2`: one state, one shot. Both agents must choose action a0 together to earn 8; one agent alone there
# costs 12.

# %%
game = ft.load("qplex-game-2")
plots.plot_tables({"payoff": game.reward[0]}, actions=game.actions, heading="Game 2 of arXiv:2008.01062")

# %% [markdown]
# ## Theorem 1: the linear class assigns credit by averaging
#
# The linear class (VDN) writes Q_tot(s,a) = Q_1(s,a_1) + Q_2(s,a_2). When the data are a product distribution, the best
# fit has a closed form: Q_i(a_i) is the *expected* target when agent i plays a_i and the others play as in the data,
# less a baseline. On game 2 with uniform data:

# %%
fit = ft.fitted_q_iteration(game, data=ft.uniform(), factorization=ft.linear, iterations=1)
fit.factors[1]

# %% [markdown]
# An agent that plays a0 is charged for the partners who do not follow: its average is (8 - 12 - 12)/3. So the
# fitted table ranks a0 *last*, although (a0, a0) is the optimum. The greedy joint action of the fit is worth 0, not 8.

# %%
plots.plot_fit(game)

# %% [markdown]
# ## Theorem 3: with fixed data, the linear class can diverge
#
# On `two-state` with uniform data the averaging bites its own tail: each iteration multiplies V(s1) by 5γ/4. Below
# γ = 4/5 this contracts (to the wrong value 3/(4-5γ) instead of 1/(1-γ)); from 4/5 on it grows without bound, although
# every reward is 0 or 1.

# %%
calm = decide(two_state.with_discount("3/4"))
calm.kind, calm.values[0], calm.loss

# %%
plots.plot_trajectory(ft.fitted_q_iteration(two_state.with_discount("3/4"), iterations=40))

# %%
wild = decide(two_state)
wild.kind, wild.growth

# %%
plots.plot_trajectory(ft.fitted_q_iteration(two_state, iterations=120))

# %% [markdown]
# A growing curve proves nothing: it might turn later. The certificate does. It holds the whole model, and the checker,
# which shares no code with the engine, derives the claim again from it.

# %%
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "two-state.json"
    path.write_text(json.dumps(wild.certificate))
    verdict = check(path)
verdict

# %% [markdown]
# ## Theorem 2: data that follow the policy cure it, locally
#
# Now let the data follow the agents: each plays its greedy action with probability 1-ε+ε/2 and the other with ε/2.
# Near the optimal policy the multiplier is γ(1 + ε²/4), so the optimal fixed point attracts exactly when
# ε < 2·sqrt(1/γ - 1). At γ = 9/10 that is ε < 2/3: the program finds this threshold as an algebraic number.

# %%
threshold = critical(two_state, None, "epsilon").thresholds[0]
threshold.polynomial, threshold.interval

# %%
for epsilon in ["1/2", "66/100", "2/3", "67/100"]:
    fate = decide(two_state, data=ft.epsilon_greedy(epsilon))
    print(f"ε = {epsilon:7s} {fate.kind:10s} optimal: {fate.optimal}")

# %% [markdown]
# One picture explains it. Only the difference z = V(s1) - V(s0) matters, so an iteration is a map of one number. Where
# its graph is flatter than the diagonal, the run is drawn to the crossing.

# %%
start = ft.start_from_values(two_state, ["0", "-10"], [[1, 1], [1, 1]])
plots.plot_value_map(two_state, ft.epsilon_greedy("1/2"), initial=start)

# %% [markdown]
# ## Theorem 4: a class that can express every consistent Q_tot converges to Q*
#
# *IGM* asks only that each agent's greedy action be part of a joint greedy action. The class of all such Q_tot can fit
# every target exactly, so FQI is value iteration, which converges to Q* from every start at rate γ, with the very same
# uniform data that made the linear class diverge.

# %%
rich = decide(two_state, factorization=ft.igm)
rich.kind, rich.values[0], rich.optimal

# %%
plots.plot_trajectory(ft.fitted_q_iteration(two_state, factorization=ft.igm, iterations=60))

# %% [markdown]
# And on game 2 the IGM fit is the payoff table itself, so the agents find the 8:

# %%
plots.plot_fit(game, factorization=ft.igm)

# %% [markdown]
# ## Where to go on
#
# Notebook 02 looks closer at Theorem 1, 03 at Theorem 3, 04 at Theorem 2, 05 at Theorem 4 and QPLEX. Notebook 06 takes
# a model from a file to a verdict, and 07 hunts for counterexamples.
