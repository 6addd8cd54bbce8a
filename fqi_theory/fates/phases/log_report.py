"""What recorded joint actions say about the phase diagram, without a model (theory notes, section 10 ✦; ours).

FQI on the log itself is fitted under the recorded distribution: ν of its marginals (as product data) and of the joint
distribution as recorded are exact numbers. For more data from the same behaviour, each action's true probability is
bounded below by Clopper & Pearson (1934), all of them at once by Bonferroni, given independent steps. As ν of the
additive class falls with the rarest probability of each agent, these bounds give an upper bound on ν; for pairwise
factors ν is not monotone, and no such bound is stated. Bounds are rounded outward, to 1/q in steps of 1/64.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, prod
from typing import Any

import numpy as np
from flint import fmpq

from fqi_theory.base import scalars
from fqi_theory.base.errors import DataError, FqiTheoryError, NumberError
from fqi_theory.base.scalars import Array
from fqi_theory.fates.phases.independence import independence_p_value, is_product
from fqi_theory.fates.phases.laws import Law
from fqi_theory.fates.phases.logs import Log
from fqi_theory.fates.phases.negative_mass import negative_mass
from fqi_theory.fates.phases.structure import structure

CLASSES = ("linear", "additive:2")
GRID = 64
#: Joint actions up to which the recorded joint distribution is projected on.
JOINT = 256
#: The float quantile of the beta distribution is lowered by this share before it is rounded: far above its error.
OUTWARD = 1e-6


@dataclass(frozen=True)
class Rarest:
    """An agent's rarest action in a group: how often it was played, and a lower bound on every action's probability.

    flattened: ν of the additive class if this agent alone played uniformly, None where ν is not known.
    """

    group: str
    agent: str
    action: str
    count: int
    steps: int
    lower: fmpq
    flattened: fmpq | None


@dataclass(frozen=True)
class Verdict:
    """ν of one class under the log, the largest over groups: of the marginals, of the joint distribution; or why not.

    upper: a bound on ν of the behaviour, with the report's confidence; None where none is stated.
    """

    name: str
    mass: fmpq | None
    joint_mass: fmpq | None
    upper: fmpq | None
    reason: str = ""


@dataclass(frozen=True, eq=False)
class LogReport:
    """The whole answer. groups: (name, steps, exactly product, p-value of independence)."""

    log: Log
    confidence: fmpq
    groups: tuple[tuple[str, int, bool, float], ...]
    rarest: tuple[Rarest, ...]
    verdicts: tuple[Verdict, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the document logs/1; exact numbers are strings."""
        return {
            "format": "logs/1",
            "steps": len(self.log.actions),
            "agents": list(self.log.agents),
            "actions": [list(labels) for labels in self.log.labels],
            "confidence": str(self.confidence),
            "groups": [
                {"name": name, "steps": steps, "product": exact, "independence_p_value": p}
                for name, steps, exact, p in self.groups
            ],
            "rarest": [{**r.__dict__, "lower": str(r.lower), "flattened": _text(r.flattened)} for r in self.rarest],
            "classes": [_verdict_json(v) for v in self.verdicts],
        }


def _verdict_json(found: Verdict) -> dict[str, Any]:
    masses = {
        "negative_mass": found.mass,
        "joint_negative_mass": found.joint_mass,
        "negative_mass_at_most": found.upper,
    }
    thresholds = {
        "converges_below": None if found.mass is None else 1 / (1 + 2 * found.mass),
        "bounded_below": None if found.mass is None else 1 / (1 + found.mass),
        "bounded_below_at_least": None if found.upper is None else 1 / (1 + found.upper),
    }
    return {"class": found.name, **{k: _text(v) for k, v in {**masses, **thresholds}.items()}, "reason": found.reason}


def _text(value: fmpq | None) -> str | None:
    return None if value is None else str(value)


def report(log: Log, confidence: Any = "19/20", seed: int = 0) -> LogReport:
    """Return what a log says about additive and pairwise factors.

    confidence: of all lower bounds together, in (0, 1). seed: of the permutation test. Raises NumberError for another
    confidence.
    """
    level = scalars.exact(confidence)
    if not 0 < level < 1:
        raise NumberError(f"confidence: expected a number in (0, 1), found {confidence}")
    share = float(scalars.to_float((1 - level) / (len(log.names) * sum(log.counts))))
    parts = [log.group(k) for k in range(len(log.names))]
    groups = tuple(
        (name, len(part), is_product(part), independence_p_value(part, seed))
        for name, part in zip(log.names, parts, strict=True)
    )
    played = [[np.bincount(part[:, i], minlength=c).tolist() for i, c in enumerate(log.counts)] for part in parts]
    rarest = tuple(found for k, counts in enumerate(played) for found in _rarest(log, k, counts, share))
    verdicts = tuple(_verdict(log, name, parts, played, rarest) for name in CLASSES)
    return LogReport(log, level, groups, rarest, verdicts)


def lower_bound(count: int, steps: int, share: float) -> fmpq:
    """Return the Clopper-Pearson lower bound at error `share` for `count` in `steps`, rounded down; 0 for no count."""
    from scipy.stats import beta

    if count == 0:
        return fmpq(0)
    quantile = float(beta.ppf(share, count, steps - count + 1)) * (1 - OUTWARD)
    return fmpq(GRID, ceil(GRID / quantile))


def _rarest(log: Log, k: int, counts: list[list[int]], share: float) -> list[Rarest]:
    steps = sum(counts[0])
    law = _law(counts, steps)
    found = []
    for i, own in enumerate(counts):
        least = min(range(len(own)), key=own.__getitem__)
        flat = (*law[:i], (fmpq(1, len(own)),) * len(own), *law[i + 1 :])
        flattened = _or_none(lambda flat=flat: negative_mass(structure("linear", len(counts)), flat))  # type: ignore[misc]
        lower = fmpq(1) if len(own) == 1 else lower_bound(own[least], steps, share)
        found.append(Rarest(log.names[k], log.agents[i], log.labels[i][least], own[least], steps, lower, flattened))
    return found


def _law(counts: list[list[int]], steps: int) -> tuple[tuple[fmpq, ...], ...]:
    return tuple(tuple(fmpq(c, steps) for c in own) for own in counts)


def _verdict(
    log: Log, name: str, parts: list[Array], played: list[list[list[int]]], rarest: tuple[Rarest, ...]
) -> Verdict:
    kind = structure(name, len(log.counts))
    reasons: list[str] = []
    mass = _or_none(lambda: max(negative_mass(kind, _law(counts, sum(counts[0]))) for counts in played), reasons)
    joint = _or_none(lambda: max(negative_mass(kind, _joint(log, part)) for part in parts), reasons)
    upper = _upper(log, rarest) if kind.order == 1 else None
    return Verdict(name, mass, joint, upper, "; ".join(dict.fromkeys(reasons)))


def _joint(log: Log, part: Array) -> Law:
    size = prod(log.counts)
    if size > JOINT:
        raise DataError(f"the joint distribution over {size} joint actions is not projected on (at most {JOINT})")
    counts = np.bincount(np.ravel_multi_index(tuple(part.T), log.counts), minlength=size)
    return np.asarray(scalars.exact_array(counts.reshape(log.counts)) / fmpq(len(part)))


def _upper(log: Log, rarest: tuple[Rarest, ...]) -> fmpq:
    """Return ν at the lower bounds, the largest over groups; n-1, which no product data reach, where one is 0."""
    bounds: dict[str, list[fmpq]] = {}
    for found in rarest:
        bounds.setdefault(found.group, []).append(found.lower)
    n, worst = len(log.counts), fmpq(0)
    for lowers in bounds.values():
        if min(lowers) == 0:
            return fmpq(n - 1)
        law = tuple((q, 1 - q) if q < 1 else (q,) for q in lowers)
        worst = max(worst, negative_mass(structure("linear", n), law))
    return worst


def _or_none(compute: Callable[[], fmpq], reasons: list[str] | None = None) -> fmpq | None:
    """Return a result, or None where the log does not determine it or it is too large; the reason is kept."""
    try:
        return compute()
    except FqiTheoryError as error:
        if reasons is not None:
            reasons.append(str(error))
        return None
