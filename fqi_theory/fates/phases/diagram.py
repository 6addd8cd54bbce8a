"""The phase diagram of FMA-FQI: one number decides what a function class can do to a run
(theory notes, section 10 ✦; ours).

With the negative mass ν of the class under the data:
    γ < 1/(1+2ν)   every run of every model converges (fixed data);
    γ < 1/(1+ν)    every run of every model is bounded (fixed data or data that change at every step);
    γ >= 1/(1+ν)   a two-state deterministic model diverges from Q = 0 (fixed data); additive factors and ε-greedy data:
                   a model of five states does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike
from typing import Any

from flint import fmpq

from fqi_theory.base import scalars
from fqi_theory.base.errors import DataError
from fqi_theory.base.texts import number
from fqi_theory.data.sources import DataSource, as_source, uniform
from fqi_theory.factorization import linear
from fqi_theory.fates.phases.available import Available, available_in, own_laws
from fqi_theory.fates.phases.kernel import KernelPhases, kernel_phases
from fqi_theory.fates.phases.laws import Shape, laws, laws_of, shape_of
from fqi_theory.fates.phases.negative_mass import Attained, negative_mass, worst
from fqi_theory.fates.phases.remedies import Remedies, remedies
from fqi_theory.fates.phases.rows import Row
from fqi_theory.fates.phases.structure import Structure, structure
from fqi_theory.fates.phases.uniform import order_mass
from fqi_theory.model.discounts import require_discount_below_one
from fqi_theory.model.mmdp import MMDP
from fqi_theory.model.named import as_model

#: Joint actions whose weights are listed one by one in a document.
LISTED = 256


@dataclass(frozen=True, eq=False, repr=False)
class Phases:
    """The thresholds of a class under data, and where the negative mass is attained.

    shape: (|A_1|, ..., |A_n|). state: the name of the state that attains ν, None where all have the same data. model:
    the sharper answer for one model's own kernel, None without a model. available: the actions of each state, where
    some are not available; then the thresholds are for all models with these masks.
    """

    kind: Structure
    data: Any
    on_policy: bool
    shape: Shape
    attained: Attained
    state: str | None
    model: KernelPhases | None
    rows: list[Row] = field(repr=False)
    available: Available | None = None

    def __repr__(self) -> str:
        shape = " x ".join(map(str, self.shape))
        converges = "" if self.on_policy else f", converges below {number(self.converges_below)}"
        limits = f"negative mass {number(self.negative_mass)}{converges}, bounded below {number(self.bounded_below)}"
        return f"Phases({self.kind.name}, {shape} actions, {limits})"

    @property
    def negative_mass(self) -> fmpq:
        """Return ν."""
        return self.attained.mass

    @property
    def action(self) -> Shape:
        """Return a joint action that attains ν."""
        return self._named(self.attained.row.action)

    @property
    def converges_below(self) -> fmpq | None:
        """Return 1/(1+2ν), below which every run converges; None on-policy, where no discount ensures that.

        (One state, [[1,0],[0,1]], greedy (0,1): two agents who keep missing each other at every γ.)
        """
        return None if self.on_policy else 1 / (1 + 2 * self.negative_mass)

    @property
    def bounded_below(self) -> fmpq:
        """Return 1/(1+ν), below which every run is bounded; the exact threshold where `attained_from_there`."""
        return 1 / (1 + self.negative_mass)

    @property
    def attained_from_there(self) -> bool:
        """Tell whether some model is known to diverge from `bounded_below` on.

        So it is for fixed data, and for ε-greedy data with additive factors where ε = 1, or ε/A <= 1/(n-1) for each of
        the n agents that have a choice. (Elsewhere `witness` gives a model that `decide` may certify.)
        """
        greedy = self.on_policy and self.data["kind"] == "epsilon-greedy" and "exploring" not in self.data
        derived = greedy and self.kind.order == 1 and self._is_derived(scalars.exact(self.data["epsilon"]))
        return not self.on_policy or derived or self.negative_mass == 0

    def _is_derived(self, epsilon: fmpq) -> bool:
        shapes = (self.shape,) if self.available is None else self.available.shapes
        choosing = [[count for count in shape if count > 1] for shape in shapes]
        return epsilon == 1 or all(epsilon * (len(own) - 1) <= count for own in choosing for count in own)

    @cached_property
    def negative_set(self) -> tuple[Shape, ...] | None:
        """Return the joint actions whose weight at `action` is negative; None beyond 256 joint actions."""
        size = 1
        for count in self.shape:
            size *= count
        return tuple(map(self._named, self.attained.negative_set(self.kind))) if size <= LISTED else None

    def _named(self, joint: Shape) -> Shape:
        return joint if self.available is None else self.available.named(self.attained.state, joint)

    def remedies(self, discount: Any) -> Remedies:
        """Return what would bound every run at a discount (see `fates.phases.remedies`)."""
        shapes = (self.shape,) if self.available is None else self.available.shapes
        return remedies(self.rows, max(uniform_mass(self.kind, one) for one in shapes), scalars.exact(discount))

    def to_json(self) -> dict[str, Any]:
        """Return the phases/1 document; exact numbers are strings."""
        below, negative = self.converges_below, self.negative_set
        return {
            "format": "phases/1",
            "class": self.kind.name,
            "data": self.data,
            "agents": len(self.shape),
            "actions": list(self.shape),
            "negative_mass": str(self.negative_mass),
            "converges_below": None if below is None else str(below),
            "bounded_below": str(self.bounded_below),
            "attained": {
                "state": self.state,
                "action": list(self.action),
                "negative": None if negative is None else [list(b) for b in negative],
            },
            "model": None if self.model is None else self.model.to_json(),
        }


def phases(
    model: MMDP | str | PathLike[str] | None = None,
    *,
    agents: int | None = None,
    actions: int | Sequence[int] | None = None,
    factorization: Any = linear,
    data: DataSource | None = None,
) -> Phases:
    """Return ν and both thresholds of a class under data, for all models of a shape; exact.

    model: an exact model (or its name or path), whose own kernel is judged too; or agents and actions (one number, or
    one for each agent), for any number of agents. factorization: a class that is linear in y, or its name (linear,
    additive:K, graph:0-1,1-2, igm, joint). Raises DataError for other classes and for data that leave fits
    undetermined, NumberError for floats, TooLarge where no closed form is short enough.
    """
    model = None if model is None else as_model(model)
    source = as_source(data, model)
    if model is not None and (agents, actions) != (None, None):
        raise DataError("agents, actions: a model has its own; give one or the other")
    shape = shape_of(agents, actions) if model is None else model.action_counts
    kind = structure(factorization, len(shape))
    masked: Available | None = None
    if model is not None:
        require_discount_below_one(model)
        states, places = laws_of(model, source), [model.place(s) for s in range(model.n_states)]
        names: Sequence[str] = model.states
        if model.available is not None:
            masked, states = available_in(model.available), own_laws(model.available, states)
    else:
        states = [[law] for law in laws(source, shape)]
        names = [f"s{s}" for s in range(len(states))]
        places = [f"state {name}" for name in names]
    attained, rows = worst(kind, states, places)
    several = len(states) > 1 or model is not None
    own = None if model is None else kernel_phases(model, source, kind)
    name = names[attained.state] if several else None
    return Phases(kind, source.describe(), source.on_policy, shape, attained, name, own, rows, masked)


def uniform_mass(kind: Structure, shape: Shape) -> fmpq:
    """Return ν of a class under uniform data."""
    if kind.order is not None and len(set(shape)) == 1:
        return order_mass(len(shape), shape[0], kind.order)
    return negative_mass(kind, laws(uniform(), shape)[0])
