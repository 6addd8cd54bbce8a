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
# # Hunting a counterexample
#
# A conjecture about small models can be attacked by drawing many of them. Hypothesis draws, and when it finds a
# violation it *shrinks* it: fewer states, rounder rewards, until nothing simpler fails. `testing.strategies` draws
# exact models, so what is found is exact too.
#
# **How things are known here.** A found counterexample refutes its conjecture, exactly; where it is about a fate it is
# certified. A hunt that finds nothing has *tested* the conjecture on so many examples: that is never a proof.

# %%
import json
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

import fqi_theory as ft
from fqi_theory import plots
from fqi_theory.fates import decide
from fqi_theory.plots.batch import simulate
from fqi_theory.testing import strategies as fst
from proofs_check import check

THOROUGH = settings(
    max_examples=1000, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)

# %% [markdown]
# ## Conjecture 1: with uniform data the linear fit is greedy at the optimum of every 2 × 2 game
#
# Ties would make this too easy, so both factors must have a clear maximum.

# %%
games = fst.mmdps(
    states=1, actions=(2, 2), kind="deterministic", discounts=st.just(ft.exact(0)), rewards=st.integers(-3, 3)
)


def clearly_wrong(game):
    run = ft.fitted_q_iteration(game, iterations=1)
    clear = all(factor[0, 0] != factor[0, 1] for factor in run.factors[1])
    return clear and game.reward[(0, *run.greedy[1][0])] < game.reward.max()


smallest = find(games, clearly_wrong, settings=THOROUGH)
smallest.reward[0]

# %% [markdown]
# Refuted. The best joint action shares its row with a bad one, so its agent avoids the row.

# %%
plots.plot_fit(smallest)

# %% [markdown]
# ## Conjecture 2: with ε-greedy data, ε = 1/10, the run from Q = 0 settles in every 2 × 2 game


# %%
def cycles(game):
    return decide(game, data=ft.epsilon_greedy("1/10")).kind == "cycles"


restless = find(games, cycles, settings=THOROUGH)
restless.reward[0]

# %% [markdown]
# Refuted: pay for playing *different* actions. Both start with the first, both see that the other one would pay, and
# both switch. The checker agrees:

# %%
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "cycle.json"
    path.write_text(json.dumps(decide(restless, data=ft.epsilon_greedy("1/10")).certificate))
    print(check(path).statement)

# %% [markdown]
# ## Conjecture 3: γ < 4/5 keeps linear FQI bounded on two states, two agents, two actions, uniform data
#
# 4/5 is the threshold of the example of Theorem 3. Is there a worse model of the same size? A quick float run proposes
# candidates, and only a certified divergence counts. First γ = 3/4, successors and rewards free:


# %%
def diverges(model):
    looks_so = simulate(model, ft.uniform(), np.zeros((1, model.n_states)), steps=250).labels[0] == "diverges"
    return looks_so and decide(model).kind == "diverges"


models = fst.mmdps(
    states=2, actions=(2, 2), kind="deterministic", discounts=st.just(ft.exact("3/4")), rewards=st.integers(-1, 1)
)
try:
    find(models, diverges, settings=settings(THOROUGH, max_examples=150))
except NoSuchExample:
    print("tested: no counterexample in 150 models, which is not a proof")

# %% [markdown]
# ## Conjecture 4: the same with three actions each
#
# Most models are harmless, so the hunt is helped: s0 is absorbing, only s1 is drawn.


# %%
@st.composite
def one_way_models(draw):
    """Two states, 3 × 3 joint actions, γ = 3/4; s0 is absorbing and pays nothing."""
    moves = draw(st.lists(st.integers(0, 1), min_size=9, max_size=9))
    pays = draw(st.lists(st.integers(0, 1), min_size=9, max_size=9))
    successors, rewards = np.zeros((2, 3, 3), dtype=int), np.zeros((2, 3, 3), dtype=int)
    successors[1], rewards[1] = np.reshape(moves, (3, 3)), np.reshape(pays, (3, 3))
    return ft.MMDP(rewards, successors, "3/4", name="found")


found = find(one_way_models(), diverges, settings=THOROUGH)
plots.plot_tables(
    {"reward in s1": found.reward[1], "leads to s1": found.transition.at(np.array([1])).dense()[0, ..., 1]},
    heading="A divergent model at γ = 3/4, found and shrunk",
    how="exact; 1 in the right table: stay in s1, 0: leave for ever",
    scale="number in the cell",
    starred=[],
)

# %% [markdown]
# Refuted. Staying in s1 is possible where at least one agent plays one particular action, a cross in the table. The fit
# gives its centre the weight 1 + 1 - 5/9 = 13/9, so the threshold falls from 4/5 to 9/13. Certified:

# %%
fate = decide(found)
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "divergence.json"
    path.write_text(json.dumps(fate.certificate))
    print(check(path).statement)

# %%
for discount in ["69/100", "9/13", "70/100"]:
    print(discount, decide(found.with_discount(discount)).kind)

# %%
plots.plot_trajectory(ft.fitted_q_iteration(found, iterations=120))
