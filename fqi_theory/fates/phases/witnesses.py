"""Small models at and beyond the thresholds, deterministic; under fixed data of two states
(theory notes, section 10, A.3, A.4 and B ✦; ours).

Let a* attain ν, N the joint actions b with W(a*,b) < 0, and z = V(s1) - V(s0).
- diverges, fixed data: s0 absorbs and pays 0; s1 pays 1, N leads to s0, all else stays. From Q = 0 exactly
  V(s1) <- 1 + γ(1+ν) V(s1).
- diverges, ε-greedy data: two or five states (`relay`).
- does not converge: the swap. In both states N stays and all else goes to the other state, and b earns as many as
  agents agree with a*. Then z' = f(z), f odd with slope -γ(1+2ν) at its only fixed point 0, f(D) = -D for some D > 0.
  Shaping by the potential (0, D) moves the start: from Q = 0 exactly z = 0, -2D, 0, ...
"""

from dataclasses import dataclass, replace
from itertools import product as product_of
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from flint import fmpq

from fqi_theory.base import scalars
from fqi_theory.base.errors import DataError, NumberError
from fqi_theory.base.limits import EXACT_BYTES, require_memory
from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import DataSource, EpsilonGreedy, Uniform, as_source, correlated, product
from fqi_theory.factorization import linear
from fqi_theory.fates.phases.diagram import Phases, phases
from fqi_theory.fates.phases.laws import Law, Shape, data_of
from fqi_theory.fates.phases.negative_mass import weights_at
from fqi_theory.fates.phases.relay import alike, alternating_gain, relay
from fqi_theory.fates.phases.structure import additive_class
from fqi_theory.model.mmdp import MMDP

WitnessKind: TypeAlias = Literal["diverges", "does not converge"]
SOURCE = "ours: the phase diagram of FMA-FQI"


@dataclass(frozen=True, eq=False)
class Witness:
    """A model whose run from Q = 0 under `data` does what `kind` says, or None, and why.

    rate: the slope of z = V(s1) - V(s0) that decides, with its formula in `reason`.
    """

    kind: WitnessKind
    discount: fmpq
    model: MMDP | None
    data: DataSource | None
    rate: fmpq
    reason: str

    @property
    def exists(self) -> bool:
        """Tell whether there is a model."""
        return self.model is not None


def witness(
    *,
    discount: Any,
    agents: int | None = None,
    actions: Any = None,
    factorization: Any = linear,
    data: DataSource | None = None,
    kind: WitnessKind = "diverges",
    steps: int = 1,
) -> Witness:
    """Return the smallest model that diverges, or does not converge, from Q = 0 at a discount; or why there is none.

    agents, actions, factorization, data: as for `phases`. Under ε-greedy data "diverges" only, and for additive
    factors; for other classes and on-policy data the answer is open where γ(1+ν) >= 1.
    steps: h, for a model that diverges under h-step returns too (h - 1 idle states after each decision).
    Raises NumberError unless 0 < γ < 1, DataError for another kind, TooLarge where |A|^n does not fit in memory.
    """
    rate = scalars.exact(discount)
    if not 0 < rate < 1:
        raise NumberError(f"discount: expected a number in (0, 1), found {discount}")
    if kind not in get_args(WitnessKind):
        raise DataError(f"kind: expected 'diverges' or 'does not converge', found {kind!r}")
    source = as_source(data)
    found = phases(agents=agents, actions=actions, factorization=factorization, data=source)
    if steps != 1 and (source.on_policy or kind != "diverges"):
        raise DataError("steps: witnesses against h-step returns are known for fixed data and 'diverges' only")
    if source.on_policy:
        return _on_policy(found, source, rate, kind)
    return _divergent(found, source, rate, steps) if kind == "diverges" else _swap(found, source, rate)


def _divergent(found: Phases, source: DataSource, discount: fmpq, steps: int) -> Witness:
    rate, power = discount**steps * (1 + found.negative_mass), "γ" if steps == 1 else f"γ^{steps}"
    if rate < 1:
        reason = f"{power}(1+ν) = {rate} < 1: every run of every model is bounded (Theorem A.2)"
        return Witness("diverges", discount, None, None, rate, reason)
    stays, idle = _stays(found), steps - 1
    decides = np.where(stays, 2 if idle else 1, 0)
    waits = [np.full(found.shape, 1 if k == idle else k + 2) for k in range(1, idle + 1)]
    successor = np.stack([np.zeros(found.shape, dtype=int), decides, *waits])
    reward = scalars.exact_array(np.stack([np.full(found.shape, int(s == 1)) for s in range(steps + 1)]))
    model = _built(found, reward, successor, discount, "diverges")
    reason = f"V(s1) <- 1 + {power}(1+ν) V(s1) with {power}(1+ν) = {rate} (Theorem A.3)"
    return Witness("diverges", discount, model, _data(source, found.attained.law, steps + 1), rate, reason)


def _swap(found: Phases, source: DataSource, discount: fmpq) -> Witness:
    rate = discount * (1 + 2 * found.negative_mass)
    if rate < 1:
        reason = f"γ(1+2ν) = {rate} < 1: every run of every model converges (Theorem A.1)"
        return Witness("does not converge", discount, None, None, rate, reason)
    stays = _stays(found)
    agree = _agreements(found.shape, found.action)
    gap, turns = _turning_point(found, discount, stays, agree)
    leaves = scalars.exact_array(stays.astype(int))
    rewards = np.stack([agree + leaves * (discount * gap), agree - gap + (1 - leaves) * (discount * gap)])
    successor = np.stack([np.where(stays, 1, 0), np.where(stays, 0, 1)])
    model = _built(found, rewards, successor, discount, "does not converge")
    what = f"is 0, {-2 * gap}, 0, ..." if turns else "alternates and never comes nearer to it"
    reason = f"the only fixed point has slope -γ(1+2ν) = {-rate}, and V(s1) - V(s0) {what} (Theorem A.4)"
    return Witness("does not converge", discount, model, _data(source, found.attained.law), rate, reason)


def _turning_point(found: Phases, discount: fmpq, stays: Array, agree: Array) -> tuple[fmpq, bool]:
    """Return D > 0 and whether f(D) = -D; where that holds for none, -f(D) >= D for all, and |z| never falls.

    -f(D) - D is the least of the lines n - g(a) + (γ(1+ν-K(a)) - 1) D, g(a) the agreements of a and K the fit of 1_N.
    """
    negative = scalars.exact_array((~stays).astype(int))[None]
    fits = additive_class(found.kind).project(negative, data_of(found.attained.law)).reshape(-1)
    slopes = [discount * (1 + found.negative_mass - k) - 1 for k in fits]
    zeros = [(len(found.shape) - g) / -slope for g, slope in zip(agree.reshape(-1), slopes, strict=True) if slope < 0]
    if not zeros:
        return fmpq(1), False
    neutral = discount * (1 + 2 * found.negative_mass) == 1
    return (min(zeros) / 2 if neutral else min(zeros)), True


def _on_policy(found: Phases, source: DataSource, discount: fmpq, kind: WitnessKind) -> Witness:
    if kind != "diverges":
        raise DataError(
            "kind: on-policy data fail to converge at every discount (coordination game); ask for 'diverges'"
        )
    rate = discount * (1 + found.negative_mass)
    if rate < 1:
        reason = f"γ(1+ν) = {rate} < 1: every run of every model is bounded (Theorem A.2)"
        return Witness(kind, discount, None, None, rate, reason)
    if not (isinstance(source, EpsilonGreedy) and found.kind.order == 1):
        reason = f"open: γ(1+ν) = {rate} >= 1, and a witness is known for ε-greedy data and additive factors"
        return Witness(kind, discount, None, None, rate, reason)
    epsilon = scalars.exact(source.epsilon)
    if epsilon == 1:
        return replace(_divergent(found, Uniform(), discount, 1), data=source)
    gain = discount * alternating_gain(len(found.shape), epsilon) if set(found.shape) == {2} else fmpq(0)
    if gain > 1:
        rate, (reward, successor) = gain, alike(found.shape)
        reason = f"V(s1) grows at the rate γK = {gain} while (0..0) and (1..1) take turns (Theorem B)"
    else:
        reward, successor = relay(~_stays(found), epsilon, discount)
        known = "Theorem B" if found.attained_from_there else "derived for ε/A <= 1/(n-1) only: let `decide` certify it"
        reason = f"V(s1) and V(s2) take turns, V' = γ((1+ν)V + a positive constant) with γ(1+ν) = {rate} ({known})"
    model = _built(found, reward, successor, discount, "diverges on-policy")
    return Witness(kind, discount, model, source, rate, reason)


def _stays(found: Phases) -> Array:
    require_memory("weights of a witness", (5, *found.shape), EXACT_BYTES)
    return np.asarray(weights_at(found.kind, found.attained.law, found.action) >= 0).astype(bool)


def _agreements(shape: Shape, action: Shape) -> Array:
    counts = [sum(x == y for x, y in zip(b, action, strict=True)) for b in product_of(*map(range, shape))]
    return scalars.exact_array(np.array(counts).reshape(shape))


def _built(found: Phases, reward: Array, successor: Array, discount: fmpq, what: str) -> MMDP:
    shape = "x".join(map(str, found.shape))
    name = f"{what} ({shape}, {found.kind.name})"
    start = [str(int(s == 1)) for s in range(len(reward))]
    return MMDP(reward, successor, discount, start=start, name=name, source=SOURCE)


def _data(source: DataSource, law: Law, states: int = 2) -> DataSource:
    """Return the data of the state that attains ν, in every state of the witness."""
    if isinstance(source, Uniform):
        return source
    if isinstance(law, np.ndarray):
        return correlated(np.stack([law] * states))
    return product([[list(own)] * states for own in law])
