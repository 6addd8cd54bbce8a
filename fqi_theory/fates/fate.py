"""The answer of `decide`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from fqi_theory.base import scalars
from fqi_theory.base.drawing import draw, face
from fqi_theory.base.scalars import Array, Scalar
from fqi_theory.data.support import Undetermined
from fqi_theory.fates.incomplete import choice_of
from fqi_theory.fates.problem import Problem

Kind: TypeAlias = Literal["converges", "cycles", "diverges", "aperiodic", "bounded", "unknown"]


@dataclass(frozen=True, eq=False)
class Bounds:
    """lower(s) <= V^(t)(s) <= upper(s), (S,) each, for all t >= prefix.

    reference: a state r; then V^(t)(s) - V^(t)(r) is meant, and both bounds are 0 at r. None: V^(t)(s) itself.
    """

    lower: Array
    upper: Array
    prefix: int
    reference: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return bounds and reference; exact numbers are strings."""
        both = {"lower": scalars.nested_text(self.lower), "upper": scalars.nested_text(self.upper)}
        return {"reference": self.reference, **both}


@dataclass(frozen=True, eq=False, repr=False)
class Fate:
    """What becomes of a run, and the certificate that proves it.

    kind: "converges", "cycles", "diverges", "aperiodic" (bounded, and no cycle or limit is approached), "bounded"
    (no more than that is known) or "unknown". period: 1 for a limit, k for a cycle, else None. values: the limit (S,)
    as a tuple of one array, or the k points of the cycle; empty otherwise. greedy: the greedy joint actions (S, n) at
    them; with the proof "ray" those of late iterates, for a step from the limit itself may lead elsewhere; with the
    proof "choices" late iterates may play others that tie there. growth: for divergence the certified rate
    ("geometric", factor per steps; or "linear", increment per steps).
    bounds: those that an aperiodic or bounded run keeps to. loss: (S,), V* minus the value of playing the greedy policy
    of the limit for ever; None unless converged. certificate: the JSON document, None for "unknown". tried: what was
    tried, in words; what no run is determined without comes first. undetermined: what the data leave open. problem: the
    run that was decided.
    """

    kind: Kind
    period: int | None = None
    values: tuple[Array, ...] = ()
    greedy: tuple[Array, ...] = ()
    growth: dict[str, Any] | None = None
    bounds: Bounds | None = None
    loss: Array | None = None
    certificate: dict[str, Any] | None = None
    tried: tuple[str, ...] = ()
    problem: Problem | None = None
    undetermined: tuple[Undetermined, ...] = ()

    def __repr__(self) -> str:
        proof = "" if self.proof is None else f"; proof: {self.proof}"
        why = f": {self.tried[0]}" if self.kind == "unknown" and self.tried else ""
        choice = f"; {self.choice}" if self.choice else ""
        return f"Fate({self._verdict()}{why}{proof}{choice})"

    def _repr_html_(self) -> str:
        return face("fate", self)

    @property
    def optimal(self) -> bool:
        """Tell whether the run converges and the greedy policy of the limit is optimal."""
        return self.loss is not None and bool((self.loss == 0).all())

    @property
    def word(self) -> str:
        """Return the kind in the words of tables, where a limit is "optimal" or "suboptimal"."""
        return self.kind if self.kind != "converges" else "optimal" if self.optimal else "suboptimal"

    @property
    def largest_loss(self) -> Scalar | None:
        """Return max_s of the loss, None unless converged."""
        return None if self.loss is None else max(self.loss)

    @property
    def optimal_values(self) -> Array | None:
        """Return V*, (S,), None unless converged."""
        values = None if self.certificate is None else self.certificate["claim"].get("optimal_values")
        return None if values is None else scalars.exact_array(values)

    @property
    def proof(self) -> str | None:
        """Return the kind of proof, as in docs/certificates.md; None for "unknown"."""
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
            "bounds": None if self.bounds is None else {**self.bounds.to_json(), "from": self.bounds.prefix},
            "loss": None if self.loss is None else scalars.nested_text(self.loss),
            "proof": self.proof,
            "certificate": certificate_path,
            "tried": list(self.tried),
            "undetermined": [one.to_json(self.problem.model) for one in self.undetermined] if self.problem else [],
        }

    def plot(self, path: str | Path | None = None, *, iterations: int = 40) -> Any:
        """Draw the run, and the certified limit or cycle dashed (needs the optional extra `plots`)."""
        return draw("plot_fate", self, path, iterations=iterations)

    def summary(self) -> tuple[str, ...]:
        """Return the answer in a few lines of plain words."""
        proof = () if self.proof is None else (f"proof: {self.proof}",)
        rests = (self.choice,) if self.choice else ()
        return (self._verdict(), *proof, *rests, *(self.tried if self.kind in ("bounded", "unknown") else ()))

    @property
    def choice(self) -> str:
        """Return on what choice the run rests, in words; empty where the data determine it, and for "unknown"."""
        if not self.undetermined or self.kind == "unknown":
            return ""
        count = len({one.state for one in self.undetermined})
        taken = "a choice" if self.problem is None else choice_of(self.problem.source)
        return f"by choice: in {count} states the data leave Q_tot open, and {taken} is taken"

    def _verdict(self) -> str:
        if self.kind == "converges":
            verdict = "optimal" if self.optimal else f"suboptimal, largest loss {_short(self.largest_loss)}"
            if self.proof == "ray":
                return f"converges along a ray; the greedy policy that the run keeps to is {verdict}"
            return f"converges; the greedy policy of the limit is {verdict}"
        if self.kind == "cycles":
            still = all((point == self.values[0]).all() for point in self.values)
            return (
                f"cycles with period {self.period}{': the greedy joint actions cycle while V stays' if still else ''}"
            )
        if self.kind == "diverges" and self.growth:
            rate = self.growth.get("factor") or self.growth.get("increment")
            word = "a factor" if "factor" in self.growth else "an increment"
            count = self.growth["steps"]
            every = "every step" if count == 1 else f"every {count} steps"
            return f"diverges: {self.growth['kind']} growth, by at least {word} of {_short(rate)} {every}"
        words = {
            "aperiodic": "aperiodic: V stays bounded and approaches no limit and no cycle",
            "bounded": "bounded: V keeps to stated bounds; no more is known",
        }
        return words.get(self.kind, "unknown")


def _short(number: Scalar) -> str:
    """Return a rational as it is while it is short, else with its rounded value."""
    text = str(number)
    return text if len(text) <= 24 else f"{scalars.to_float(scalars.exact(number)):.6g} (rounded)"
