"""The documents that are broken: written here, from the catalogue, and real ones of a folder where there is one."""

import gzip
import json
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import fqi_theory as ft
from fqi_theory.model.formats.mmdp_json import mmdp_text
from fqi_theory.model.formats.nfg_text import nfg_text
from proofs_check.certificates.kept import FOLDER as KEPT

#: Larger documents than this take too long to read for a hundred thousand of them.
LARGEST = 9000

TIGER = """# two doors
agents: 2
discount: 0.9
values: reward
states: left right
start:
uniform
actions:
listen open
listen open
observations:
hear none
hear none
T: * :
uniform
T: listen listen :
identity
T: open * : left : right : 0.5
T: open * : left : left : 1/2
O: * :
uniform
O: listen listen : left :
0.7 0.1 0.1 0.1
R: * : * : * : * : -2
R: open open : left : * : * : 20
R: listen open : * : right : hear * : -1e1
R: open listen : left :
1 2 3 4
5 6 7 8
""".replace("1/2", "0.5")
SDM = """agents: 2
discount: 1.0
values: cost
states: "a b" "c"
start: "uniform"
actions:
2
"x" "y"
observations:
1
1
T: * : * : "c" : 1
O: * :
uniform
R: 0 "x" : * : 3
"""
OUTCOMES = """NFG 1 R "game" { "one" "two" }
{ { "a" "b" } { "c" "d" } }
"a comment"
{ { "" 1, 1 } { "" 1/2, 0.5 } }
1 2 0 1
"""
PROFILES = 'NFG 1 D "game" { "1" "2" "3" } { 2 2 1 }\n1 1 1 2 2 2 3 3 3 -4 -4 -4\n'
EXTENSIVE = 'EFG 2 R "game" { "1" "2" }\np "" 1 1 "" { "a" "b" } 0\nt "" 1 "" { 1, 1 }\nt "" 2 "" { 0, 0 }\n'
TABLES = "8,-12,-12\n-12,0,0\n-12,0,0\n", ",x,y\na,1/2,0.5\nb,-1,1e2\n", "x;y\n1;2\n3;4\n", '"a\nb"\t1\n"c"\t2\n'
TRANSITIONS = (
    "state,action_1,action_2,reward,next_state,terminated,truncated\n0,0,0,1,1,0,0\n1,1,0,1/2,0,true,0\n0,1,1,-0.5,1,,1\n",
    "state,action,reward,next_state\nup,left,0,down\ndown,right,1e2,up\nup,right,0,up\ndown,left,3,up\n",
    "state,action_1,action_2,reward,next_state,available_1,available_2\n0,0,0,1,1,1|0,1|1\n1,1,0,1/2,0,1|1,1|1\n",
    "state,action,reward,next_state,available\nup,left,0,down,left\ndown,right,1,up,left|right\ndown,left,3,up,left|right\n",
)
#: Masks of `two-state`, by name and as tables; and a table P of an environment in which not all has entries.
MASKS = (
    {"s1": [["B"], ["A", "B"]]},
    {"s0": [["A", "B"], ["B"]], "s1": [["A"], ["A"]]},
    [[[1, 0], [1, 1]], [[1, 1], [0, 1]]],
    [[[True, True], [False, True]], [[1, 1], [1, 1]]],
)
ENVIRONMENT = {
    "0": {
        "0": [[1, "1", 0, False]],
        "1": [[1, "0", "1/2", False]],
        "2": [[1, "0", 0, True]],
        "3": [[1, "0", 1, False]],
    },
    "1": {"0": [["1/2", "0", 0, False], [0.5, "1", 3, True]], "2": [[1, "1", -1, False]]},
}
LOGS = (
    "0,1\n1,0\n1,1\n",
    "state,agent a,agent b\ns,left,up\nt,right,up\ns,left,down\n",
    "cluster,x,y\n3,0,0\n3,1,1\n1,0,2\n",
)
NAMES = (
    *("two-state", "two-state(discount=9/10)", "voting(agents=3,actions=3)", "qtran-two-step", "climbing"),
    *("random(seed=3,states=3,actions=2x2,kind=deterministic)", "qmix-cycle-2(1/2)", "cycle-5", "x.efg", "a/b.json"),
)
CENSUS = {
    "format": "census/2", "states": 2, "actions": [2, 2], "rewards": ["0", "1"], "discount": "9/10", "data": "uniform",
    "factorization": "linear", "ties": "first", "block": 1024, "certificates": False, "version": "0.1.0",
}  # fmt: skip


#: Commands with what makes them short, and options of theirs with texts that they take. Options that say how much is
#: to be computed (--iterations, --agents) are left out: to compute it is no fault.
COMMANDS = {
    "run": ("--iterations", "2", "--quiet"),
    "decide": ("--iterations", "3", "--seconds", "1", "--quiet"),
    "phases": ("--agents", "3", "--actions", "2", "--quiet"),
    "critical": ("--parameter", "epsilon", "--quiet"),
}
OPTIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "run": {
        "--data": ("uniform", "epsilon-greedy:1/10", "ow:1/10", "cw:0.5", "file.json"),
        "--factorization": ("linear", "vdn", "additive:2", "graph:0-1", "igm", "qplex:selection", "joint"),
        "--backup": ("max", "mix:1/2", "steps:3"),
        "--shrink": ("1/2", "0.25"),
        "--damping": ("1/2", "1"),
        "--discount": ("9/10", "0.85", "1"),
        "--plot": ("a.xyz",),
    },
    "decide": {
        "--factorization": ("linear", "additive:2", "qmix"),
        "--discount": ("3/4",),
        "--seconds": ("0.5", "1e-3"),
    },
    "phases": {"--data": ("uniform", "epsilon-greedy:1/10"), "--factorization": ("vdn", "additive:2", "graph:0-1,1-2")},
    "critical": {"--policy": ("0,0;0,0", "1,1;0,1")},
}


def options() -> list[bytes]:
    """Return commands, options and texts, a line each."""
    named = ((command, option, own) for command in OPTIONS for option, own in OPTIONS[command].items())
    return texts(*(f"{command}\n{option}\n{text}" for command, option, own in named for text in own))


def texts(*documents: str) -> list[bytes]:
    """Return documents as bytes."""
    return [document.encode() for document in documents]


def jsons(*documents: Any) -> list[bytes]:
    """Return documents as bytes."""
    return texts(*(json.dumps(document) for document in documents))


@cache
def real(folder: Path | None, ending: str) -> tuple[bytes, ...]:
    """Return the smaller documents of a folder whose names end so, unpacked."""
    paths = sorted(folder.glob(f"*{ending}*")) if folder else []
    found = [gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes() for path in paths]
    return tuple(content for content in found if len(content) <= LARGEST)


@cache
def models() -> list[bytes]:
    """Return mmdp/1 documents."""
    small = ft.load("random(seed=1,states=2,actions=2x1)")
    started = ft.MMDP([[1, 0], ["1/3", 2]], [[0, 1], [1, 1]], "1/2", start=["1/4", "3/4"], agents=1, source="here")
    masked = ft.load("two-state").with_available({"s1": [["B"], ["A", "B"]]})
    return texts(*map(mmdp_text, (ft.load("two-state"), small, started, masked)))


@cache
def games() -> list[bytes]:
    """Return .nfg documents."""
    return texts(OUTCOMES, PROFILES, nfg_text(ft.from_payoff([[8, -12], ["1/2", 0]], name="written")))


@cache
def certificates() -> list[bytes]:
    """Return the smaller kept certificates."""
    return [content for path in sorted(KEPT.glob("*.json")) if len(content := path.read_bytes()) < 2000]


@cache
def data() -> list[bytes]:
    """Return data/1 documents for `two-state`."""
    marginals = {"format": "data/1", "marginals": [[["1/2", "1/2"]] * 2, [[1, 0], ["0.25", "3/4"]]]}
    joint = {"format": "data/1", "joint": [[["1/6", "1/3"], ["1/3", "1/6"]], [[1, 0], [0, 0]]]}
    return jsons(marginals, joint)


@cache
def starts() -> list[bytes]:
    """Return initial/1 documents for `two-state`."""
    values = {"format": "initial/1", "values": ["1", "-1/2"], "greedy": [[0, 1], [1, 1]]}
    factors = {"format": "initial/1", "factors": [[[0, 1], ["1/2", 0]], [[0, 0], [3, "0.5"]]]}
    table = {"format": "initial/1", "table": [[[0, 1], [2, 3]], [["1/2", 0], [0, 0]]]}
    return jsons(values, factors, table)


@cache
def results() -> list[bytes]:
    """Return documents that no reader reads: trajectories, solutions and fates."""
    model = ft.load("two-state")
    run = ft.fitted_q_iteration(model, iterations=2)
    return jsons(run.to_json(), ft.solve(model).to_json(), ft.decide(model).to_json())


def tuples() -> list[tuple[Any, ...]]:
    """Return recorded transitions as tuples: every joint action once."""
    return [(s, (a, b), s, 1 - s, False) for s, a, b in product(range(2), repeat=3)]
