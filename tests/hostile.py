"""Certificates made to cost the checker time; `python tests/hostile.py` measures each against what it is charged."""

import json
import random
import sys
import time
from fractions import Fraction as F
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from documents import UNIFORM, document, egreedy, mmdp
from handmade import certificate, edit

from proofs_check.checker import budget, check, verdict

#: The budget of a hostile certificate here: half a second.
BUDGET = 50_000_000
#: Seconds that one unit of work stands for.
UNIT = 1e-8


class Spent(budget.Work):
    """A budget that can be read after a check."""

    last = None

    def __init__(self):
        super().__init__()
        Spent.last = self


def digits(count, rng):
    return "".join(rng.choices("123456789", k=count))


def chances(states, length, rng):
    weights = [int(digits(length, rng)) for _ in range(states)]
    return {s: F(w, sum(weights)) for s, w in enumerate(weights)}


def still(states, sizes=(2, 2), reward=0, discount="1/2"):
    return mmdp("still", discount, sizes, states, lambda s, _: (reward, {s: 1}))


def stated(model, data=UNIFORM, **proof):
    """The limit 0 claimed, with a proof by contraction unless another one is given."""
    states, agents = len(model["states"]), len(model["actions"])
    zero, none = ["0"] * states, [[0] * agents] * states
    claim = {"fate": "converges", "values": zero, "greedy": none, "optimal_values": zero, "policy_values": zero}
    contraction = {"kind": "contraction", "weights": ["1"] * states, "factor": "1/2"}
    return document(model, data, claim, proof or contraction)


def around(states, agents=2, **changes):
    none = [[0] * agents] * states
    return {
        "kind": "region", "prefix": 0, "origin": ["0"] * states, "modes": [none], "entry": none, "directions": None,
        "reference": 0, "widths": ["1"] * (states - 1), "growth": None, **changes,
    }  # fmt: skip


def choosing(states, sizes, phases, widths, data="1/10", directions=None):
    """Every joint action is a choice everywhere; data are those of a number ε."""
    every = [list(a) for a in product(*map(range, sizes))]
    units = directions or [[str(int(s == t)) for t in range(states)] for s in range(1, states)]
    actions = [[every] * states] * phases
    proof = {"kind": "choices", "prefix": 0, "classes": list(range(states)), "widths": widths, "actions": actions}
    return {**stated(mixing(states, sizes), egreedy(data)), "proof": {**proof, "directions": units}}


def mixing(states, sizes):
    """Each state leads to one of two others, by the joint action; nothing is earned."""
    return mmdp("mixing", "9/10", sizes, states, lambda s, a: (0, {(s + 1 + sum(a) % 2) % states: 1}))


def correlated(size, length, rng):
    weights = [int(digits(length, rng)) for _ in range(size * size)]
    rows = [[f"{w}/{sum(weights)}" for w in weights[k * size : (k + 1) * size]] for k in range(size)]
    return {"kind": "joint", "joint": [rows]}


def discounted(length):
    """Found by review: each entry of the model is reduced by a gcd as long as the discount."""
    rng = random.Random(length)
    discount = f"{digits(length, rng)}/1{digits(length, rng)}"
    return stated(mmdp("discounted", discount, (4, 4), 2, lambda *_: (0, chances(2, 2, rng))))


def fractions(count, length, rng):
    return [f"{digits(length, rng)}/1{digits(length, rng)}" for _ in range(count)]


def rounded(states, widths, steps):
    """Found by an audit: the widths were added up in every phase, for nothing."""
    none = [[0]] * states
    return around(states, 1, widths=[f"9{w}" for w in widths], modes=[none] * steps, precision=1)


def chain(states, length, rng):
    """Each state leads to the next and one more, with chances of so many digits: rows are nearly all 0."""

    def entry(s, a):
        return s - a[0], {(s + k) % states: p for k, p in chances(2, length, rng).items()}

    return mmdp("chain", "9/10", (2, 2), states, entry)


def hostile():
    rng = random.Random(0)
    modes = certificate("off-policy cycle")["proof"]["modes"]
    moving = mmdp("moving", "9/10", (3, 3), 8, lambda s, a: (s - a[0], chances(8, 1, rng)))
    long = mmdp("long", "9/10", (3, 3), 6, lambda *_: (0, chances(6, 2_000, rng)))
    return {
        "discount": discounted(18_999),
        "probabilities": stated(long),
        "rewards": stated(still(3, (3, 3), f"1/{digits(2_000, rng)}")),
        "exponents": stated(still(2, (8, 8), "1e-9999")),
        "prefix": edit("on-policy limit", ["proof", "prefix"], 3_000),
        "prefix of growth": edit("geometric growth", ["proof", "prefix"], 3_999_999),
        "prefix of a random model": stated(moving, **around(8, prefix=1_000)),
        "modes": edit("off-policy cycle", ["proof", "modes"], modes * 5_000),
        "many directions": stated(still(40), **around(40, directions=[fractions(40, 5, rng) for _ in range(39)])),
        "long directions": stated(still(6), **around(6, directions=[fractions(6, 500, rng) for _ in range(5)])),
        "many states": stated(still(60), **around(60)),
        "origin": stated(still(20), **around(20, origin=fractions(20, 1_000, rng))),
        "widths": stated(still(8), **around(8, widths=fractions(7, 1_000, rng))),
        "widths, rounded": stated(still(6, (1,)), **rounded(6, fractions(5, 4_000, rng), 300)),
        "prefix, rounded": stated(still(1, (1,)), **around(1, 1, prefix=20_000, precision=1)),
        "modes, rounded": stated(still(1, (1,)), **around(1, 1, precision=1, modes=[[[0]]] * 5_000)),
        "precision": stated(still(20), **around(20, prefix=5, precision=10_000)),
        "prefix of a chain": stated(still(60), egreedy("1/10"), **around(60, prefix=3_000, directions=[], widths=[])),
        "prefix of an uneven chain": stated(chain(60, 3, rng), egreedy("1/10"), **around(60, prefix=3_000)),
        "prefix of a long chain": stated(chain(400, 1, rng), **around(400, prefix=1_000, directions=[], widths=[])),
        "weights of a chain": stated(
            chain(200, 1, rng), kind="contraction", weights=fractions(200, 40, rng), factor="1/2"
        ),
        "choices": choosing(12, (3, 3), 40, ["1"] * 11),
        "choices of many states": choosing(60, (2, 2), 6, ["1"] * 59),
        "choices of many actions": choosing(3, (8, 8), 6, ["1"] * 2),
        "choices, long numbers": choosing(
            6, (2, 2), 20, fractions(5, 500, rng), fractions(1, 300, rng)[0], [fractions(6, 200, rng) for _ in range(5)]
        ),
        "weights": stated(still(9), kind="contraction", weights=fractions(9, 9_000, rng), factor="1/2"),
        "correlated data": stated(still(1, (4, 4)), correlated(4, 300, rng)),
        "wide correlated data": stated(still(1, (12, 12)), correlated(12, 3, rng)),
        "ten agents": stated(still(1, (2,) * 10)),
        "epsilon": stated(still(2, (3, 3)), egreedy(fractions(1, 5_000, rng)[0]), **around(2, prefix=9)),
    }


HOSTILE = hostile()


def main():
    """Print the processor time of every hostile certificate, the least of three, over what its charge stands for."""
    budget.MAX_WORK, verdict.Work = BUDGET, Spent
    with TemporaryDirectory() as folder:
        path = Path(folder) / "hostile.json"
        for name, subject in HOSTILE.items():
            path.write_text(json.dumps(subject))
            spent = []
            for _ in range(3):
                start = time.process_time()
                check(path)
                spent.append(time.process_time() - start)
            units = BUDGET - Spent.last.left
            print(f"{name:28}{units:>12,} units{min(spent):8.3f} s{min(spent) / (units * UNIT):7.2f} of the charge")


if __name__ == "__main__":
    sys.exit(main())
