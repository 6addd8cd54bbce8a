"""A function class that is linear in y, as sets of agents: Q_tot is a sum of functions of the agents of each set.

`additive:k` has all sets of at most k agents, `graph:0-1,1-2` the named sets, `linear` the single agents. With every
subset of a member counted as a member too, the set of all agents is the joint table, which IGM and QPLEX fit without
error (Theorem 4), so their negative mass is that of the joint class.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import comb
from typing import Any

from fqi_theory.base.errors import DataError, TooLarge
from fqi_theory.factorization.additive import Additive, additive, graph

LINEAR = ("linear", "vdn")
WHOLE = ("joint", "igm", "qplex")
#: Members of the family that are listed; beyond them a class is not worked with set by set.
SETS_KNOWN = 1 << 16


@dataclass(frozen=True)
class Structure:
    """A class for n agents. order: k where all sets of at most k agents are members, else None; largest: its sets."""

    name: str
    agents: int
    order: int | None
    largest: tuple[tuple[int, ...], ...] = ()

    @property
    def whole(self) -> bool:
        """Tell whether the class is the joint table, so that a fit is y itself."""
        return self.order == self.agents or any(len(s) == self.agents for s in self.largest)

    @cached_property
    def sets(self) -> tuple[tuple[int, ...], ...]:
        """Return every set of agents of the class with all its subsets, the empty one (constants) first.

        Raises TooLarge beyond 65,536 of them.
        """
        if self.order is not None:
            size = self.order
            count = sum(comb(self.agents, k) for k in range(size + 1))
            members: list[tuple[int, ...]] = [] if count > SETS_KNOWN else list(combinations(range(self.agents), size))
        else:
            count = sum(1 << len(s) for s in self.largest) + self.agents
            members = [*((i,) for i in range(self.agents)), *self.largest]
        if count > SETS_KNOWN:
            raise TooLarge(
                f"{self.name} for {self.agents} agents: {count} sets of agents, at most {SETS_KNOWN} are listed"
            )
        parts = {part for s in members for size in range(len(s) + 1) for part in combinations(s, size)}
        return tuple(sorted(parts, key=lambda s: (len(s), s)))


def structure(factorization: Any, agents: int) -> Structure:
    """Return the structure of a class, given itself or by its name on the command line, for n agents.

    Raises DataError for a class that is not linear in y, naming what is known of it, and for sets that do not fit.
    """
    name = str(getattr(factorization, "name", factorization))
    kind, _, argument = name.partition(":")
    if kind in LINEAR:
        return Structure("linear", agents, 1)
    if kind in WHOLE:
        return Structure(name, agents, agents)
    if kind == "additive":
        return Structure(name, agents, min(_order(name, argument), agents))
    if kind == "graph":
        return Structure(name, agents, None, tuple(_members(name, part, agents) for part in argument.split(",")))
    if kind in ("monotonic", "qmix"):
        raise DataError(
            "factorization: monotonic is not linear in y and has no negative mass: its runs are bounded at every "
            "discount below 1, and need not converge at any (theory notes, section 10, Theorem C)"
        )
    raise DataError(f"factorization: expected linear, additive:K, graph:0-1,1-2, igm, qplex or joint, found {name!r}")


def additive_class(kind: Structure) -> Additive:
    """Return the class itself, whose `project` applies its fit."""
    if kind.order is not None:
        return additive(kind.order)
    edges = [members for members in kind.largest if len(members) > 1]
    return graph(edges) if edges else additive(1)


def _counts(text: str) -> bool:
    """Tell whether a text is a number of ordinary length; Python reads no integer of more than 4,300 digits."""
    return text.isascii() and text.isdecimal() and len(text) < 10


def _order(name: str, text: str) -> int:
    if not (_counts(text) and int(text) > 0):
        raise DataError(f"factorization {name!r}: expected additive:K with K >= 1, found K = {text or 'nothing'}")
    return int(text)


def _members(name: str, text: str, agents: int) -> tuple[int, ...]:
    parts = text.split("-")
    if not all(_counts(part) and int(part) < agents for part in parts):
        raise DataError(f"factorization {name!r}: expected agents 0..{agents - 1} joined by '-', found {text!r}")
    members = tuple(sorted(map(int, parts)))
    if len(set(members)) != len(members):
        raise DataError(f"factorization {name!r}: the set {text!r} names an agent twice")
    return members
