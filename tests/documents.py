"""Models and certificates as documents, written by hand."""

import copy
import json
from itertools import product
from pathlib import Path

import jsonschema

import proofs_check

SCHEMA = json.loads((Path(proofs_check.__file__).parent / "schema" / "certificate-1.schema.json").read_text())
jsonschema.Draft202012Validator.check_schema(SCHEMA)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def mmdp(name, discount, sizes, states, entry):
    """entry(s, a) = (reward, {next state: probability})."""
    transitions = []
    for s in range(states):
        for a in product(*map(range, sizes)):
            reward, chances = entry(s, a)
            transitions.append(
                {
                    "state": f"s{s}",
                    "action": [f"a{x}" for x in a],
                    "reward": str(reward),
                    "next": {f"s{t}": str(p) for t, p in chances.items()},
                }
            )
    return {
        "format": "mmdp/1",
        "name": name,
        "discount": discount,
        "states": [f"s{s}" for s in range(states)],
        "actions": [[f"a{x}" for x in range(size)] for size in sizes],
        "transitions": transitions,
    }


def two_state(discount, first=0):
    def entry(s, a):
        if s == 0:
            return 0, {0: 1}
        return int(a == (first, 0)), {0: 1} if a == (1 - first, 1) else {1: 1}

    return mmdp("two-state", discount, (2, 2), 2, entry)


def game(rows, discount):
    return mmdp("game", discount, (len(rows), len(rows[0])), 1, lambda _, a: (rows[a[0]][a[1]], {0: 1}))


def table_model(discount, rewards, successors):
    joint = list(product(range(2), repeat=2))
    return mmdp(
        "table", discount, (2, 2), len(rewards),
        lambda s, a: (rewards[s][joint.index(a)], {successors[s][joint.index(a)]: 1}),
    )  # fmt: skip


UNIFORM = {"kind": "uniform"}


def egreedy(epsilon):
    return {"kind": "epsilon-greedy", "epsilon": epsilon}


def document(model, data, claim, proof, factorization="linear", initial=None):
    states, agents = len(model["states"]), len(model["actions"])
    zero = {"values": ["0"] * states, "greedy": [[0] * agents] * states}
    parts = {
        "format": "certificate/1",
        "model": model,
        "data": data,
        "factorization": factorization,
        "ties": "first",
        "initial": initial or zero,
        "claim": claim,
        "proof": proof,
    }
    return copy.deepcopy(parts)


def texts(numbers):
    return [str(x) for x in numbers]
