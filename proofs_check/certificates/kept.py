"""Which certificates are kept, and what each must say: the model, the run and the part of its claim that matters."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from fqi_theory.base.scalars import exact, nested_text, zeros
from fqi_theory.fates.phases.witnesses import witness
from fqi_theory.model.catalog import load
from fqi_theory.model.formats.mmdp_json import mmdp_to_json
from fqi_theory.model.mmdp import MMDP

FOLDER = Path(__file__).parent
UNIFORM: Mapping[str, Any] = {"kind": "uniform"}
RARE: Mapping[str, Any] = {"kind": "product", "marginals": [[["9/10", "1/10"]] * 2] * 3}
CYCLE: Mapping[str, Any] = {"fate": "cycles"}
#: Not independent: in s1 the agents agree with probability 2/3, in s0 with 1/3.
CORRELATED: Mapping[str, Any] = {
    "kind": "joint",
    "joint": [[["1/6", "1/3"], ["1/3", "1/6"]], [["1/3", "1/6"], ["1/6", "1/3"]]],
}
#: In s1 the agents always play alike, so Q_tot(A,B) is open there; of least norm it is the mean of the other two.
ALIKE: Mapping[str, Any] = {
    "kind": "joint",
    "joint": [[["1/4", "1/4"], ["1/4", "1/4"]], [["1/2", "0"], ["0", "1/2"]]],
    "unsupported": "choose",
}
#: What agent 1 explores with is mostly its second action.
EXPLORING: Mapping[str, Any] = {
    "kind": "epsilon-greedy",
    "epsilon": "1/2",
    "exploring": [[["1/4", "3/4"]] * 2, [["1/2", "1/2"]] * 2],
}
#: 9/8 less 2^-20: the growth of two-state at 9/10 as far as rounded numbers show it.
NINE_EIGHTHS = "1179647/1048576"
#: Two tuples of orders with different maxima tie all along its QMIX run.
TIED = "random(seed=50108,states=3,actions=2x2,kind=deterministic)"


@dataclass(frozen=True)
class Kept:
    """One certificate: `name`.json.

    model, discount: a model of the catalogue (None: its own discount). data: as in the certificate. greedy: the joint
    actions (S, n) of the start, V = 0; None is the start Q = 0. claim: entries that its claim must have. witness:
    (n, A, k) for the diverging witness of the phase diagram at its threshold, named `model`, and no catalogue model.
    ties: the rule between equal factors, joint actions or orders. rounded: whether the run is followed in rounded
    numbers.
    """

    name: str
    model: str
    discount: str | None
    data: Mapping[str, Any]
    claim: Mapping[str, Any]
    greedy: tuple[tuple[int, ...], ...] | None = None
    factorization: str = "linear"
    witness: tuple[int, int, int] | None = None
    ties: str = "first"
    rounded: bool = False

    @property
    def path(self) -> Path:
        """Return where the file is."""
        return FOLDER / f"{self.name}.json"

    def mmdp(self) -> MMDP:
        """Return the model."""
        if self.witness is None:
            return load(self.model, discount=self.discount)
        agents, actions, _ = self.witness
        kind, threshold = self.factorization, THRESHOLDS[self.witness]
        found = witness(discount=threshold, agents=agents, actions=actions, factorization=kind).model
        if found is None or found.name != self.model:
            raise ValueError(f"{self.name}: the witness at {threshold} is {found}, expected {self.model!r}")
        return found.with_discount(exact(self.discount))

    def document(self) -> dict[str, Any]:
        """Return the kept certificate; raises OSError or ValueError where the file is missing or no JSON."""
        return dict(json.loads(self.path.read_text(encoding="utf-8")))

    def differs(self, document: Mapping[str, Any]) -> str | None:
        """Return what makes a certificate speak of another run than this one, None where it is this run."""
        model = self.mmdp()
        tied = [0 if self.ties == "first" else count - 1 for count in model.action_counts]
        start = [list(row) for row in self.greedy] if self.greedy else [tied] * model.n_states
        initial: dict[str, Any] = {"values": ["0"] * model.n_states, "greedy": start}
        if self.data["kind"] == "optimistic":
            initial["tables"] = nested_text(zeros(model.reward.shape, "exact"))
        wanted = {
            "model": mmdp_to_json(model),
            "data": dict(self.data),
            "factorization": self.factorization,
            "ties": self.ties,
            "initial": initial,
        }
        return next((key for key, value in wanted.items() if document.get(key) != value), None)

    def contradicts(self, document: Mapping[str, Any]) -> str | None:
        """Return the entry of the certificate's claim that is not as it must be, None where all are."""
        claim = document.get("claim", {})
        if self.rounded != ("precision" in document.get("proof", {})):
            return "precision"
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


#: 1/(1+ν) of additive factors of order k under uniform data, (n, A, k) (theory notes, section 10).
THRESHOLDS: Mapping[tuple[int, int, int], str] = {
    (2, 2, 1): "4/5",
    (3, 2, 1): "4/5",
    (3, 2, 2): "8/11",
    (2, 3, 1): "9/13",
    (3, 3, 1): "27/43",
    (4, 2, 2): "8/13",
}


def _edge(shape: tuple[int, int, int]) -> Iterator[Kept]:
    """Yield V(s1) <- 1 + γ(1+ν) V(s1) with γ(1+ν) = 1 - 10⁻⁶, 1 and 1 + 10⁻⁶: its bound is the limit, 10⁶."""
    agents, actions, order = shape
    rule = "linear" if order == 1 else f"additive:{order}"
    model = f"diverges ({'x'.join([str(actions)] * agents)}, {rule})"
    threshold = Fraction(THRESHOLDS[shape])
    million = Fraction(1, 10**6)
    claims = {
        "below": (1 - million, _bounds(["0", "0"], ["0", "1000000"])),
        "at": (Fraction(1), _growth("linear", "increment", "1")),
        "above": (1 + million, _growth("geometric", "factor", "1000001/1000000")),
    }
    for where, (part, claim) in claims.items():
        name = f"edge-{agents}-{actions}-{order}-{where}"
        yield Kept(name, model, str(threshold * part), UNIFORM, claim, None, rule, shape)


def _voting(agents: int, actions: int, low: str) -> Kept:
    claim = _bounds([low, "0"], ["1", "0"], 1, "aperiodic")
    return Kept(f"voting-{agents}-{actions}", f"voting(agents={agents},actions={actions})", None, UNIFORM, claim)


def _on_policy_aperiodic() -> Kept:
    claim = _bounds(["-48009029/1600000", "0"], ["-23453429/1600000", "0"], 1, "aperiodic")
    return Kept("on-policy-aperiodic", "on-policy-aperiodic", None, _epsilon("1/10"), claim)


def _bounds(lower: list[str], upper: list[str], reference: int | None = None, fate: str = "bounded") -> dict[str, Any]:
    return {"fate": fate, "reference": reference, "lower": lower, "upper": upper}


@cache
def kept() -> tuple[Kept, ...]:
    """Return all kept certificates; their names are unique."""
    game_3 = _limit("2669/225", policy=("12",), best=("16",))
    nearing = _limit("0", "0", policy=("0", "-1"), best=("0", "1"))
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
        replace(_cycle(5), name="cycle-5-rounded", rounded=True),
        Kept(
            "two-state-9-10-rounded",
            "two-state",
            "9/10",
            UNIFORM,
            _growth("geometric", "factor", NINE_EIGHTHS),
            rounded=True,
        ),
        Kept("two-state-igm", "two-state", "9/10", UNIFORM, _limit("0", "10"), factorization="igm"),
        *(one for shape in THRESHOLDS for one in _edge(shape)),
        Kept("qmix-jump", "qmix-jump", None, UNIFORM, _bounds(["0", "-4/7"], ["0", "1"]), factorization="monotonic"),
        Kept("qmix-ray", "qmix-jump", None, UNIFORM, nearing, factorization="monotonic"),
        Kept("aperiodic", "aperiodic", None, RARE, _bounds(["-3", "0"], ["30063/50000", "0"], 1, "aperiodic")),
        _on_policy_aperiodic(),
        Kept("unsettled", "unsettled", None, _epsilon("1/10"), _limit("9", "10", "10", "10", "10")),
        Kept("wandering", "wandering", None, UNIFORM, {"fate": "bounded", "reference": 2}),
        _voting(7, 2, "-53/640"),
        _voting(3, 5, "-49/5000"),
        *_other_classes(),
    )


def _other_classes() -> tuple[Kept, ...]:
    """Return certificates of other data, choices and tie rules, of pairwise factors and of QMIX."""
    third = _limit("30000/199", "29700/199", "29700/199")
    optimum = _limit("0", "4", policy=("0", "4"), best=("0", "4"))
    tied = _limit("-62/27", "-3", "20/81")
    last = {**CYCLE, "period": 3}
    return (
        Kept("two-state-correlated", "two-state", "4/5", CORRELATED, _limit("0", "25/2")),
        Kept("two-state-chosen", "two-state", "3/4", ALIKE, optimum),
        Kept("two-state-exploring", "two-state", "9/10", EXPLORING, _limit("0", "58")),
        Kept("two-state-last", "two-state", "81/100", UNIFORM, _growth("geometric", "factor", "81/80"), ties="last"),
        Kept("pairwise", "pairwise", "3/4", UNIFORM, _growth("geometric", "factor", "33/32"), None, "additive:2"),
        Kept("qmix-cycle-2", "qmix-cycle-2", None, UNIFORM, {**CYCLE, "period": 2}, None, "monotonic"),
        Kept("qmix-cycle-3", "qmix-cycle-3", None, UNIFORM, {**CYCLE, "period": 3}, None, "monotonic"),
        *(
            Kept(f"qmix-cycle-{k}", f"qmix-cycle-{k}", None, UNIFORM, {**CYCLE, "period": k}, None, "monotonic")
            for k in (4, 5, 7)
        ),
        Kept("qmix-ties-stay", "cycle-5", None, UNIFORM, third, None, "monotonic"),
        Kept("qmix-tied-first", TIED, "3/4", UNIFORM, tied, None, "monotonic"),
        Kept("qmix-tied-last", TIED, "3/4", UNIFORM, last, None, "monotonic", ties="last"),
        Kept("qmix-central", "qmix-cycle-2", None, _weighted("central"), optimum, None, "monotonic"),
        Kept("qmix-optimistic", "cycle-2", None, _weighted("optimistic"), {**CYCLE, "period": 2}, None, "monotonic"),
    )


def _weighted(scheme: str) -> dict[str, Any]:
    return {"kind": scheme, "alpha": "1/10", "base": UNIFORM}


def named(name: str) -> Kept:
    """Return one kept certificate; raises KeyError."""
    found = next((one for one in kept() if one.name == name), None)
    if found is None:
        raise KeyError(f"no kept certificate {name!r}")
    return found
