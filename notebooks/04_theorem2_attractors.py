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
# # Theorem 2: attractors, basins, and how much exploration is too much
#
# When the data follow the agents (ε-greedy), theorem 2 of arXiv:2006.00587 says: if the optimal policy is unique and
# ε is small enough, linear FQI has a fixed point whose greedy policy is optimal, and it attracts every start nearby.
# The three words to look at are *small enough*, *nearby*, and *a* fixed point: others may attract too.
#
# **How things are known here.** The theorem is proved in the paper. The lists of fixed points and short cycles are
# complete and exact (every sequence of greedy policies is solved), their stability is an exact test, thresholds are
# algebraic numbers, and each cycle is certified. Shares of basins and the colours of the basin picture are *sampled*.

# %%
import json
import tempfile
from pathlib import Path

import fqi_theory as ft
from fqi_theory import plots
from fqi_theory.fates import attractors, critical, decide
from proofs_check import check

# %% [markdown]
# ## Not the only attractor
#
# Game 2 pays 8 at (a0, a0), 0 where nobody plays a0, and -12 where one agent is alone there. With ε = 1/10 it has three
# attractors. Nobody can improve on (a1, a1) alone, so it attracts as well: an agent that tries a0 meets a partner who
# does not follow.

# %%
game = ft.load("qplex-game-2")
portrait = attractors(game, ft.epsilon_greedy("1/10"), samples=100)
for a in portrait.attractors:
    policies = " -> ".join(str(tuple(map(int, g[0]))) for g in a.greedy)
    loss = "-" if a.loss is None else a.loss[0]
    print(f"period {a.period}  greedy {policies:17s}  loss {loss!s:2s}  sampled share of starts {a.share:.0%}")

# %% [markdown]
# The fit depends on where the data are. Around the optimum, the table is fitted well there and the optimum stays
# greedy; around (a1, a1) the same class with the same payoffs prefers to stay.


# %%
def around(action, epsilon):
    """Return ε-greedy data held fixed around one action of both agents."""
    e = ft.exact(epsilon)
    row = [1 - e + e / 3 if k == action else e / 3 for k in range(3)]
    return ft.product([[row], [row]])


def fitted(action):
    run = ft.fitted_q_iteration(game, data=around(action, "1/10"), iterations=1)
    first, second = (factor[0] for factor in run.factors[1])
    return first[:, None] + second[None, :]


plots.plot_tables(
    {"payoff": game.reward[0], "fit, data around (a0, a0)": fitted(0), "fit, data around (a1, a1)": fitted(1)},
    actions=game.actions,
    heading="Game 2: one payoff table, two self-confirming fits (ε = 1/10)",
)

# %% [markdown]
# ## How small is small enough?
#
# As ε grows the optimum's attractor is lost at one exact value: where another action catches up in the fit around it.

# %%
for name in ["qplex-game-2", "qplex-game-3", "climbing", "penalty"]:
    threshold = critical(ft.load(name), None, "epsilon").thresholds[0]
    print(f"{name:13s} the optimum attracts for ε < {threshold.interval[0]}")

# %% [markdown]
# On the two-state example the reason is another one: the fixed point stays where it is but stops attracting, because
# the multiplier γ(1 + ε²/4) reaches 1. The threshold is then a root of a polynomial, here for γ = 19/20:

# %%
two_state = ft.load("two-state").with_discount("19/20")
critical(two_state, None, "epsilon").thresholds[0].to_json()

# %% [markdown]
# ## Not a fixed point at all: two agents that keep missing each other
#
# The game [[1, 0], [0, 1]] pays for playing the same action. Start with greedy actions (a0, a1). Each agent sees a
# partner who mostly plays the other action, so each switches, both at once, and they miss again.

# %%
meeting = ft.load("coordination")
start = ft.start_from_factors([[["1", "0"]], [["0", "1"]]])
data = ft.epsilon_greedy("1/10")
plots.plot_greedy(ft.fitted_q_iteration(meeting, data=data, initial=start, iterations=16))

# %%
fate = decide(meeting, data=data, initial=start)
fate.kind, fate.period

# %%
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "cycle.json"
    path.write_text(json.dumps(fate.certificate))
    print(check(path).statement)

# %% [markdown]
# ## Basins
#
# With three states V modulo constants is a point of a plane, and fixed data suffice for two attractors. In this random
# model (seed 225, uniform data) one start in five is drawn to a fixed point whose policy loses 65. On the border
# between the two sits a third fixed point, which does not attract: a saddle, with the border as its stable set.

# %%
model = ft.random_model(225)
for a in attractors(model, ft.uniform(), samples=0).attractors:
    print(
        "attracting    " if a.attracting else "not attracting",
        "V =",
        [str(v) for v in a.points[0]],
        "largest loss",
        max(a.loss),
    )

# %%
plots.plot_basins(model, ft.uniform(), resolution=120)

# %% [markdown]
# The two-state example has one attractor only. Seen as a map of z = V(s1) - V(s0), data around any other policy are
# steeper, but the run passes through them quickly.

# %%
far = ft.start_from_values(two_state, ["0", "-20"], [[1, 1], [1, 1]])
plots.plot_value_map(two_state, ft.epsilon_greedy("1/5"), initial=far, steps=60)
