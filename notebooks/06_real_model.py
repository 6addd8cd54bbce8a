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
# # A model from the literature: from a file to a verdict
#
# Two senders share one radio channel. Each has a buffer for one message; if both send at once, the messages collide and
# stay. This *multi-access broadcast channel* goes back to Ooi and Wornell (CDC 1996) and Hansen, Bernstein and
# Zilberstein (AAAI 2004); the refill probabilities 0.9 and 0.1 are those of the latter. The discount is ours.
#
# **How things are known here.** Decimals in the file are read as exact rationals, so everything computed from them is
# exact, and every fate is certified. The senders are taken to see both buffers: the program is about fully observed
# models, so observations matter only where rewards depend on them.

# %%
import json
import tempfile
from pathlib import Path

import fqi_theory as ft
from fqi_theory import plots
from fqi_theory.fates import critical, decide
from proofs_check import check

# %% [markdown]
# ## The file
#
# The `.dpomdp` format of the MADP toolbox. States name the buffers of sender 1 and 2: `e` empty, `f` full. A later
# entry overrides an earlier one.

# %%
CHANNEL = """
agents: 2
discount: 0.9
values: reward
states: ee ef fe ff
start: 0 0 0 1
actions:
send wait
send wait
observations:
clear collision
clear collision
# Both buffers are free to refill: nobody holds a message back.
T: * : ee : 0.09 0.01 0.81 0.09
T: * send : ef : 0.09 0.01 0.81 0.09
T: send * : fe : 0.09 0.01 0.81 0.09
# Sender 2 keeps its message, sender 1 may refill.
T: * wait : ef : 0 0.1 0 0.9
T: send wait : ff : 0 0.1 0 0.9
# Sender 1 keeps its message, sender 2 may refill.
T: wait * : fe : 0 0 0.9 0.1
T: wait send : ff : 0 0 0.9 0.1
# A collision, or nobody sends: both messages stay.
T: send send : ff : 0 0 0 1
T: wait wait : ff : 0 0 0 1
O: * : * : 1 0 0 0
O: send send : ff : 0 0 0 1
# One message through pays 1.
R: * send : ef : * : * : 1
R: send * : fe : * : * : 1
R: send wait : ff : * : * : 1
R: wait send : ff : * : * : 1
"""

# %%
folder = tempfile.TemporaryDirectory()
path = Path(folder.name) / "channel.dpomdp"
path.write_text(CHANNEL)
model = ft.load(path)
model

# %% [markdown]
# A mistake in a file is named with its place:

# %%
broken = Path(folder.name) / "broken.dpomdp"
broken.write_text(CHANNEL.replace("0 0 0.9 0.1", "0 0 0.9 0.2", 1))
try:
    ft.load(broken)
except ft.FqiTheoryError as error:
    print(str(error).removeprefix(folder.name))

# %% [markdown]
# ## The optimum
#
# With both buffers full, sender 1 sends: its buffer refills with probability 9/10, so it is the one to keep empty.

# %%
best = ft.solve(model)
for state, value, (first, second) in zip(model.states, best.values, best.policy, strict=True):
    print(f"{state}: V* = {value}, {model.actions[0][first]} / {model.actions[1][second]}")

# %% [markdown]
# ## Linear FQI, uniform data: converges, to the wrong policy

# %%
off_policy = decide(model)
off_policy.kind, off_policy.proof, off_policy.optimal, off_policy.largest_loss

# %%
learned = off_policy.greedy[0][model.states.index("ff")]
[model.actions[i][a] for i, a in enumerate(learned)]

# %% [markdown]
# Both buffers full: the wrong sender waits. A sum of two factors cannot say "exactly one of us": the fit is nearly flat
# and rates this state 0.62 below its own target. So `ff` looks worse than `fe`, though it is better, and the senders
# choose what leads away from it: sender 2 sends, because its buffer seldom refills.

# %%
plots.plot_fit(model, model.states.index("ff"), values=off_policy.values[0])

# %%
plots.plot_trajectory(ft.fitted_q_iteration(model, iterations=60))

# %% [markdown]
# The fit undervalues every state: the dotted optimum stays out of reach.
#
# ## Linear FQI, ε-greedy data: a cycle
#
# From Q = 0 the senders collide, learn that a partner who sends makes sending useless, both wait, learn that a partner
# who waits makes sending good, and collide again.

# %%
on_policy = decide(model, data=ft.epsilon_greedy("1/10"))
on_policy.kind, on_policy.period

# %%
plots.plot_greedy(ft.fitted_q_iteration(model, data=ft.epsilon_greedy("1/10"), iterations=16))

# %% [markdown]
# Yet the optimum attracts too, from nearby and for little enough exploration. The exact bound is a quadratic number:

# %%
threshold = critical(model, None, "epsilon").thresholds[0]
threshold.polynomial, threshold.interval

# %%
near = decide(model, data=ft.epsilon_greedy("1/10"), initial=ft.start_from_values(model, best.values, best.policy))
near.kind, near.optimal

# %% [markdown]
# ## The verdict, checked
#
# Each certificate contains the whole model. The checker re-derives the claim with the standard library alone.

# %%
for name, fate in {"uniform": off_policy, "ε-greedy": on_policy, "ε-greedy, near the optimum": near}.items():
    file = Path(folder.name) / "certificate.json"
    file.write_text(json.dumps(fate.certificate))
    print(f"{name}: {fate.kind}, certificate accepted: {check(file).accepted}")

# %%
folder.cleanup()
