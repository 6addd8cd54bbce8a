"""Classes of states that keep one value and one joint action each: fits as functions of one value a class.

Where V and the greedy actions are the same in all states of a class, and the fits of these states, under the data of
their action, agree once the columns of each class are added up, the next V and greedy actions are the same again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .budget import Ints, need
from .factorization import Fit
from .model import Policy
from .run import Run


class Classes(NamedTuple):
    """A partition of the states: `members` of each class, in order of their first states."""

    run: Run
    members: list[list[int]]

    @classmethod
    def of(cls, run: Run, names: Sequence[int]) -> Classes:
        """Return the classes by the name of each state's; refuse unless names count up from 0 as they first occur."""
        members = list[list[int]]()
        for s, name in enumerate(names):
            need(name <= len(members), f"proof.classes[{s}]: expected at most {len(members)}, found {name}")
            if name == len(members):
                members.append([])
            members[name].append(s)
        run.work.spend(100 * len(names))
        return cls(run, members)

    def values(self, values: Ints, what: str) -> Ints:
        """Return V of the classes, its denominator first; refuse unless it is the same in all states of each."""
        den, *own = values
        for states in self.members:
            for s in states:
                need(own[s] == own[states[0]], f"{what}: V differs in states {states[0]} and {s} of one class")
        return den, *[own[states[0]] for states in self.members]

    def actions(self, greedy: Policy, what: str) -> Policy:
        """Return the joint actions of the classes; refuse unless they are the same in all states of each."""
        for states in self.members:
            for s in states:
                same = greedy[s] == greedy[states[0]]
                need(same, f"{what}: joint actions differ in states {states[0]} and {s} of one class")
        return tuple([greedy[states[0]] for states in self.members])

    def fit(self, c: int, g: Ints) -> Fit:
        """Return the fit of a class under the data around g; refuse unless it is that of all its states."""
        first, *others = self.members[c]
        found = self._lumped(self.run.fit(first, g))
        for s in others:
            other = self._lumped(self.run.fit(s, g))
            same = (found.scale, found.rows) == (other.scale, other.rows)
            need(same, f"proof.classes: states {first} and {s} have different fits under the data of {list(g)}")
        return found

    def _lumped(self, fit: Fit) -> Fit:
        work, width = self.run.work, 1 + len(self.members)
        work.pay(len(fit.rows) * self.run.states, kept=len(fit.rows) * width)
        numbers = [
            x
            for level, *row in fit.rows
            for x in (level, *[sum([row[s] for s in states]) for states in self.members])
        ]  # fmt: skip
        scale, found, bits = work.over(fit.scale, numbers)
        return self.run.split(scale, [tuple(found[k : k + width]) for k in range(0, len(found), width)], bits)
