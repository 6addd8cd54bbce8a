"""Which certificates are kept, and what each must say: the model, the run and the part of its claim that matters."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fqi_theory.model.catalog import load
from fqi_theory.model.formats.mmdp_json import mmdp_to_json
from fqi_theory.model.mmdp import MMDP

FOLDER = Path(__file__).parent
UNIFORM: Mapping[str, Any] = {"kind": "uniform"}
CYCLE: Mapping[str, Any] = {"fate": "cycles"}


@dataclass(frozen=True)
class Kept:
    """One certificate: `name`.json.

    model, discount: a model of the catalogue (None: its own discount). data: as in the certificate. greedy: the joint
    actions (S, n) of the start, V = 0; None is the start Q = 0. claim: entries that its claim must have.
    """

    name: str
    model: str
    discount: str | None
    data: Mapping[str, Any]
    claim: Mapping[str, Any]
    greedy: tuple[tuple[int, ...], ...] | None = None
    factorization: str = "linear"

    @property
    def path(self) -> Path:
        """Return where the file is."""
        return FOLDER / f"{self.name}.json"

    def mmdp(self) -> MMDP:
        """Return the model."""
        return load(self.model, discount=self.discount)

    def document(self) -> dict[str, Any]:
        """Return the kept certificate; raises OSError or ValueError where the file is missing or no JSON."""
        return dict(json.loads(self.path.read_text(encoding="utf-8")))

    def differs(self, document: Mapping[str, Any]) -> str | None:
        """Return what makes a certificate speak of another run than this one, None where it is this run."""
        model = self.mmdp()
        start = [list(row) for row in self.greedy] if self.greedy else [[0] * model.n_agents] * model.n_states
        wanted = {
            "model": mmdp_to_json(model),
            "data": dict(self.data),
            "factorization": self.factorization,
            "ties": "first",
            "initial": {"values": ["0"] * model.n_states, "greedy": start},
        }
        return next((key for key, value in wanted.items() if document.get(key) != value), None)

    def contradicts(self, document: Mapping[str, Any]) -> str | None:
        """Return the entry of the certificate's claim that is not as it must be, None where all are."""
        claim = document.get("claim", {})
        return next((key for key, value in self.claim.items() if claim.get(key) != value), None)


def _epsilon(value: str) -> dict[str, str]:
    return {"kind": "epsilon-greedy", "epsilon": value}


def _limit(*values: str, policy: tuple[str, ...] | None = None, best: tuple[str, ...] | None = None) -> dict[str, Any]:
    claim: dict[str, Any] = {"fate": "converges", "values": list(values)}
    if policy is not None and best is not None:
        claim |= {"policy_values": list(policy), "optimal_values": list(best)}
    return claim


def _growth(kind: str, key: str, rate: str) -> dict[str, Any]:
    return {"fate": "diverges", "growth": {"kind": kind, key: rate, "steps": 1}}


def _two_state(discount: str, claim: Mapping[str, Any]) -> Kept:
    return Kept(f"two-state-{discount.replace('/', '-')}", "two-state", discount, UNIFORM, claim)


def _epsilon_two_state(epsilon: str, limit: str) -> Kept:
    name = f"two-state-epsilon-{epsilon.replace('/', '-')}"
    claim = _limit("0", limit, policy=("0", "10"), best=("0", "10"))
    return Kept(name, "two-state", "9/10", _epsilon(epsilon), claim)


def _cycle(period: int) -> Kept:
    return Kept(f"cycle-{period}", f"cycle-{period}", None, UNIFORM, {**CYCLE, "period": period})


@cache
def kept() -> tuple[Kept, ...]:
    """Return all kept certificates; their names are unique."""
    game_3 = _limit("2669/225", policy=("12",), best=("16",))
    return (
        _two_state("3/4", _limit("0", "12")),
        _two_state("799999/1000000", _limit("0", "600000")),
        _two_state("4/5", _growth("linear", "increment", "3/4")),
        _two_state("800001/1000000", _growth("geometric", "factor", "800001/800000")),
        _two_state("81/100", _growth("geometric", "factor", "81/80")),
        _two_state("9/10", _growth("geometric", "factor", "9/8")),
        _epsilon_two_state("1/2", "150/7"),
        _epsilon_two_state("1/10", "3990/391"),
        Kept("game-2-uniform", "qplex-game-2", "0", UNIFORM, _limit("-32/9", policy=("0",), best=("8",))),
        Kept("coordination-cycle", "coordination", "1/2", _epsilon("1/10"), {**CYCLE, "period": 2}, ((0, 1),)),
        Kept("game-3-suboptimal", "qplex-game-3", "1/2", _epsilon("1/10"), game_3, ((1, 1),)),
        _cycle(2),
        _cycle(3),
        _cycle(5),
        Kept("two-state-igm", "two-state", "9/10", UNIFORM, _limit("0", "10"), factorization="igm"),
    )


def named(name: str) -> Kept:
    """Return one kept certificate; raises KeyError."""
    found = next((one for one in kept() if one.name == name), None)
    if found is None:
        raise KeyError(f"no kept certificate {name!r}")
    return found
