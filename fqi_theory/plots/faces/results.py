"""The faces of models, trajectories, solutions, fates and portraits. Longer tables say how much they leave out."""

from collections.abc import Sequence
from itertools import islice

from fqi_theory.base.scalars import Array
from fqi_theory.base.texts import number
from fqi_theory.fates.attractors import Portrait
from fqi_theory.fates.fate import Fate
from fqi_theory.model.available import joint_mask
from fqi_theory.model.mmdp import MMDP
from fqi_theory.planning.solutions import HorizonSolution, Solution
from fqi_theory.plots.faces.pages import page, table
from fqi_theory.runs.trajectory import Trajectory

ROWS_SHOWN = 12
STATES_ACROSS = 8
MARK = "Numbers are exact; ≈ marks rationals shortened to 7 digits."


def model(found: MMDP) -> str:
    """Return name, sizes and discount, and rewards and successors place by place; a game of two agents as its table."""
    notes = [*_notes(found), f"source: {found.source}"] if found.source else _notes(found)
    if found.n_states == 1 and found.n_agents == 2:
        rows, columns = found.actions
        shown = [
            [name, *(number(x) if found.allows(0, (a, b)) else "" for b, x in enumerate(found.reward[0, a]))]
            for a, name in enumerate(rows)
        ]
        return page(found.name, notes, _cut(["reward", *columns], shown))
    shown, count = [], found.reward.size if found.available is None else int(joint_mask(found.available).sum())
    for index, row in islice((own for own in found.transition.rows() if _allowed(found, own[0])), ROWS_SHOWN):
        following = ", ".join(found.states[s] + ("" if p == 1 else f": {number(p)}") for s, p in row.items())
        shown.append([found.states[index[0]], found.joint_name(index[1:]), number(found.reward[index]), following])
    return page(found.name, notes, _cut(["state", "joint action", "reward", "next"], shown, count))


def _allowed(found: MMDP, index: Sequence[int]) -> bool:
    return found.allows(index[0], index[1:])


def trajectory(run: Trajectory) -> str:
    """Return V^(t) for the first and last t, and the greedy joint actions at the end."""
    found = run.model
    what = f"{run.factorization} fitted Q-iteration, {len(run) - 1} iterations"
    notes = [*_notes(found), f"{what}, {type(run.source).__name__} data, ties: {run.ties}"]
    half, states = ROWS_SHOWN // 2, range(min(found.n_states, STATES_ACROSS))
    times = range(len(run)) if len(run) <= ROWS_SHOWN else (*range(half), *range(len(run) - half, len(run)))
    rows = [[str(t), *(number(run.values[t][s]) for s in states)] for t in times]
    heads = ["t", *(f"V({found.states[s]})" for s in states)]
    more = f"{len(run)} iterates of {found.n_states} states; to_pandas() has all" if _much(run) else ""
    end = run[-1]
    return page(f"Run on {found.name}", notes, table(heads, rows, more), _policy(found, end.values, end.greedy))


def solution(found: Solution) -> str:
    """Return V* and an optimal joint action, state by state."""
    return page(f"Optimum of {found.model.name}", _notes(found.model), _policy(found.model, found.values, found.policy))


def horizon(found: HorizonSolution) -> str:
    """Return the values of a horizon and the joint actions at its first step."""
    title = f"Optimum of {found.model.name} over {found.horizon} steps"
    if not found.horizon:
        return page(title, [*_notes(found.model), "no steps: every value is 0"])
    notes = [*_notes(found.model), "joint actions at time 0; .policy has one joint policy for each time"]
    return page(title, notes, _policy(found.model, found.values, found.policy[0]))


def fate(found: Fate) -> str:
    """Return the fate in words, and the limit, or the points of the cycle, state by state."""
    title, *notes = found.summary()
    if found.problem is None or not found.values:
        return page(title, notes)
    owner = found.problem.model
    points = zip(found.values, found.greedy, strict=True)
    return page(title, notes, *(_policy(owner, values, greedy) for values, greedy in points))


def portrait(found: Portrait) -> str:
    """Return all fixed points and cycles, whether they attract, and what sampled starts became."""
    title = f"{len(found.attractors)} isolated fixed points and cycles of at most {found.complete_to} points"
    words = {True: "yes", False: "no", None: "undecided (a tie)"}
    heads = ["points", "attracts", "values", "greedy joint actions", "largest loss", "share of sampled starts"]
    rows = []
    for one in found.attractors:
        shown = [", ".join(map(number, point[:STATES_ACROSS])) for point in one.points]
        actions = [" ".join(found.model.joint_name(a) for a in greedy[:STATES_ACROSS]) for greedy in one.greedy]
        loss = "" if one.loss is None else number(max(one.loss))
        share = "" if one.share is None else f"{one.share:.1%}"
        rows.append([str(one.period), words[one.attracting], " | ".join(shown), " | ".join(actions), loss, share])
    sampled = [f"{name}: {share:.1%}" for name, share in found.other_shares.items()]
    notes = [*_notes(found.model), f"{found.samples} sampled starts, seed {found.seed}: no proof about the others"]
    others = ["none of these: " + ", ".join(sampled)] if sampled else []
    return page(title, [*notes, *others], _cut(heads, rows))


def _notes(found: MMDP) -> list[str]:
    shape = " x ".join(map(str, found.action_counts))
    sizes = f"{found.n_states} states, {found.n_agents} agents ({shape} joint actions)"
    return [f"{sizes}, discount {number(found.discount)}", MARK if found.field == "exact" else f"field: {found.field}"]


def _policy(found: MMDP, values: Array, actions: Array) -> str:
    rows = [
        [found.states[s], number(values[s]), found.joint_name(actions[s])]
        for s in range(min(found.n_states, ROWS_SHOWN))
    ]
    return _cut(["state", "value", "joint action"], rows, found.n_states)


def _cut(heads: Sequence[str], rows: Sequence[Sequence[str]], count: int | None = None) -> str:
    total = len(rows) if count is None else count
    shown = rows[:ROWS_SHOWN]
    return table(heads, shown, f"... and {total - len(shown)} more rows" if total > len(shown) else "")


def _much(run: Trajectory) -> bool:
    return len(run) > ROWS_SHOWN or run.model.n_states > STATES_ACROSS
