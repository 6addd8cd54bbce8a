"""The answer of `decide`."""

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from fqi_theory.base import scalars
from fqi_theory.base.scalars import Array, Scalar

Kind: TypeAlias = Literal["converges", "cycles", "diverges", "unknown"]


@dataclass(frozen=True, eq=False)
class Fate:
    """What becomes of a run, and the certificate that proves it.

    kind: "converges", "cycles", "diverges" or "unknown". period: 1 for a limit, k for a cycle, else None. values: the
    limit (S,) as a tuple of one array, or the k points of the cycle; empty otherwise. greedy: the greedy joint
    actions (S, n) at them. growth: for divergence the certified rate ("geometric", factor per steps; or "linear",
    increment per steps). loss: (S,), V* minus the value of playing the greedy policy of the limit for ever; None
    unless converged. certificate: the JSON document, None for "unknown". tried: what was tried, in words.
    """

    kind: Kind
    period: int | None = None
    values: tuple[Array, ...] = ()
    greedy: tuple[Array, ...] = ()
    growth: dict[str, Any] | None = None
    loss: Array | None = None
    certificate: dict[str, Any] | None = field(default=None, repr=False)
    tried: tuple[str, ...] = ()

    @property
    def optimal(self) -> bool:
        """Tell whether the run converges and the greedy policy of the limit is optimal."""
        return self.loss is not None and bool((self.loss == 0).all())

    @property
    def largest_loss(self) -> Scalar | None:
        """Return max_s of the loss, None unless converged."""
        return None if self.loss is None else max(self.loss)

    @property
    def proof(self) -> str | None:
        """Return the kind of proof: "optimality", "contraction" or "region"."""
        return None if self.certificate is None else str(self.certificate["proof"]["kind"])

    def to_json(self, certificate_path: str | None = None) -> dict[str, Any]:
        """Return the `fate/1` document; exact numbers are strings."""
        points = [scalars.nested_text(point) for point in self.values]
        actions = [greedy.tolist() for greedy in self.greedy]
        single = self.kind == "converges"
        return {
            "format": "fate/1",
            "fate": self.kind,
            "period": self.period,
            "values": points[0] if single else points,
            "greedy": actions[0] if single else actions,
            "growth": self.growth,
            "loss": None if self.loss is None else scalars.nested_text(self.loss),
            "proof": self.proof,
            "certificate": certificate_path,
            "tried": list(self.tried),
        }

    def summary(self) -> tuple[str, ...]:
        """Return the answer in a few lines of plain words."""
        if self.kind == "converges":
            verdict = "optimal" if self.optimal else f"suboptimal, largest loss {_short(self.largest_loss)}"
            return (f"converges; the greedy policy of the limit is {verdict}", f"proof: {self.proof}")
        if self.kind == "cycles":
            return (f"cycles with period {self.period}", f"proof: {self.proof}")
        if self.kind == "diverges" and self.growth:
            rate = self.growth.get("factor") or self.growth.get("increment")
            word = "a factor" if "factor" in self.growth else "an increment"
            count = self.growth["steps"]
            every = "every step" if count == 1 else f"every {count} steps"
            return (
                f"diverges: {self.growth['kind']} growth, by at least {word} of {_short(rate)} {every}",
                f"proof: {self.proof}",
            )
        return ("unknown", *self.tried)


def _short(number: Scalar) -> str:
    """Return a rational as it is while it is short, else with its rounded value."""
    text = str(number)
    return text if len(text) <= 24 else f"{scalars.to_float(scalars.exact(number)):.6g} (rounded)"
