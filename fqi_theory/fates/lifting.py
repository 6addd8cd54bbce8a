"""The search on classes of states that keep one value (`lumping`), and its certificates lifted to all states (ours).

A region of the classes is one of the states, with directions that are the same on each class. That holds where no
errors are carried, so under data that follow the greedy actions; weights and boxes of the classes are none of the
states, as absolute values of sums are smaller than sums of absolute values. A proof by choices names the classes.
"""

from dataclasses import replace
from typing import Any

from fqi_theory.base.progress import Deadline, Watch
from fqi_theory.base.scalars import Array, exact_array
from fqi_theory.fates import certificate as ct
from fqi_theory.fates.effort import Effort
from fqi_theory.fates.enclosures import boxed
from fqi_theory.fates.fate import Fate
from fqi_theory.fates.lumping import classes_of, firsts, lumped
from fqi_theory.fates.naming import order_of_states
from fqi_theory.fates.problem import Problem
from fqi_theory.fates.search import search

#: Fewer states, and more transitions that are not 0, are searched as they are.
LEAST_STATES, MOST_TRANSITIONS = 8, 1_000_000


def search_lumped(problem: Problem, effort: Effort, watch: Watch) -> Fate | None:
    """Return the fate of an on-policy run by that of its classes of states; None where they do not help."""
    states, listed = problem.model.n_states, problem.model.transition.stored
    if not problem.source.on_policy or states < LEAST_STATES or listed > MOST_TRANSITIONS:
        return None
    classes = classes_of(problem)
    count = int(classes.max()) + 1
    if count == states:
        return None
    own = lumped(problem, classes)
    fate = search(replace(own, order=order_of_states(own.model, own.source, own.start)), effort, watch)
    if fate.proof in ("region", "choices"):
        return _lifted(problem, classes, fate)
    if fate.kind == "aperiodic":
        return None
    tried = (f"states that keep one value are taken together, {count} classes of {states} states", *fate.tried)
    with Deadline(effort.seconds).grace().kept():
        return boxed(problem, tried)


def _lifted(problem: Problem, classes: Array, fate: Fate) -> Fate:
    """Return the fate of all states; fate: of the classes (S,), by a region or choices."""
    assert fate.certificate is not None, "a region is a certificate"
    values = tuple(point[classes] for point in fate.values)
    greedy, loss = tuple(own[classes] for own in fate.greedy), None
    if fate.kind == "converges":
        claim = ct.converges(problem.model, values[0], greedy[0])
        loss = exact_array(claim["optimal_values"]) - exact_array(claim["policy_values"])
    elif fate.kind == "cycles":
        claim = ct.cycles(values, greedy)
    else:
        claim = fate.certificate["claim"]
    proof = fate.certificate["proof"]
    of_states = lifted_region(proof, classes) if fate.proof == "region" else {**proof, "classes": classes.tolist()}
    document = ct.certificate(problem, claim, of_states)
    return replace(fate, values=values, greedy=greedy, loss=loss, certificate=document)


def lifted_region(proof: dict[str, Any], classes: Array) -> dict[str, Any]:
    """Return the proof by a region of the states from one of the classes (S,)."""
    names = classes.tolist()

    def states(row: list[Any]) -> list[Any]:
        return [row[c] for c in names]

    reference, directions = proof["reference"], proof["directions"]
    if directions is None:
        others = [c for c in range(max(names) + 1) if c != reference]
        directions = [[str(int(c == k)) for c in range(max(names) + 1)] for k in others]
    return {
        **proof,
        "origin": states(proof["origin"]),
        "modes": [states(mode) for mode in proof["modes"]],
        "entry": states(proof["entry"]),
        "reference": int(firsts(classes)[reference]),
        "directions": [states(row) for row in directions],
    }
