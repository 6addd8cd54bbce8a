"""The R entries of .dpomdp files: r(s,a) as an expectation over T and, where it is needed, O."""

from collections.abc import Iterable, Iterator
from functools import partial

import numpy as np
from flint import fmpq

from fqi_theory.base.scalars import Array
from fqi_theory.model.formats.dpomdp.lexer import Entry, Token
from fqi_theory.model.formats.dpomdp.preamble import Preamble
from fqi_theory.model.formats.dpomdp.tables import Distributions, Table, place, require_columns, select


class Places:
    """All (s, joint action) of some states and joint actions, as flat indices s·|A| + a."""

    def __init__(self, states: Iterable[int], actions: Iterable[int], stride: int) -> None:
        self.states, self.actions, self.stride = frozenset(states), frozenset(actions), stride

    def __len__(self) -> int:
        """Return how many places are meant."""
        return len(self.states) * len(self.actions)

    def __contains__(self, place: int) -> bool:
        """Tell whether a flat index is meant."""
        state, action = divmod(place, self.stride)
        return state in self.states and action in self.actions

    def __iter__(self) -> Iterator[int]:
        """Iterate over the flat indices."""
        return (s * self.stride + a for s in self.states for a in self.actions)


class Rewards:
    """r(s,a), flat in (s, joint action), built up entry by entry; O is read when the first entry needs it."""

    def __init__(
        self, head: Preamble, rows: list[dict[int, fmpq]], sensing: list[Entry], distributions: Distributions
    ) -> None:
        self.head, self.rows, self.distributions = head, rows, distributions
        self.values: Array = np.empty(len(rows), dtype=object)
        self.values[:] = fmpq(0)
        self._sensing = sensing
        self._sensors: Table | None = None
        self._seen: dict[tuple[int, int], dict[int, fmpq]] = {}
        self._sources: list[list[int]] | None = None

    def apply(self, entry: Entry) -> None:
        """Enter one R entry."""
        fields = entry.fields()
        if not 3 <= len(fields) <= 5 or not all(fields):
            raise entry.refuse("3 to 5 fields separated by colons, none empty", f"{len(fields)} fields")
        actions = self.head.actions.flat(self.head.actions.choices(fields[0], entry))
        states = self.head.states.select(fields[1], entry)
        places = Places(states, actions, self.head.actions.size)
        if len(fields) == 3 and len(fields[2]) == 1:
            self._overwrite(places, entry.number(fields[2][0]))
        elif len(fields) == 5:
            self._entry(entry, places, fields[2], fields[3], fields[4])
        else:
            self._body(entry, places, fields[2:-1], fields[-1])

    def _overwrite(self, places: Places, value: fmpq) -> None:
        for k in places:
            self.values[k] = value

    def _entry(
        self, entry: Entry, places: Places, successors: list[Token], seen: list[Token], number: list[Token]
    ) -> None:
        if len(number) != 1:
            raise entry.refuse("one reward after the last colon", f"{len(number)} tokens")
        value = entry.number(number[0])
        targets, every_state = select(self.head.states, successors, entry)
        choices = self.head.observations.choices(seen, entry)
        every_observation = all(token.text == "*" for token in seen)
        if every_state and every_observation:
            self._overwrite(places, value)
            return
        observations = None if every_observation else self.head.observations.flat(choices)
        for t in targets:
            for k in self._reaching(places, t):
                if t in self.rows[k]:
                    mass = self.rows[k][t]
                    if observations is not None:
                        sensed = self._distribution(t, k % places.stride)
                        mass = mass * sum((sensed.get(o, fmpq(0)) for o in observations), fmpq(0))
                    self.values[k] += mass * value

    def _body(self, entry: Entry, places: Places, successors: list[list[Token]], body: list[Token]) -> None:
        """Add a row over joint observations (for the successors meant), or a matrix of successors by observations."""
        count, size = len(self.head.states.names), self.head.observations.size
        targets = self.head.states.select(successors[0], entry) if successors else range(count)
        lines = 1 if successors else count
        if len(body) != lines * size:
            sdm = "" if successors else "one number or "
            raise entry.refuse(f"{sdm}{lines} x {size} numbers (joint observations)", f"{len(body)} tokens")
        numbers = [entry.number(token) for token in body]
        for t in targets:
            row = numbers[:size] if lines == 1 else numbers[t * size : (t + 1) * size]
            for k in self._reaching(places, t):
                if t in self.rows[k]:
                    sensed = self._distribution(t, k % places.stride)
                    self.values[k] += self.rows[k][t] * sum((p * row[o] for o, p in sensed.items()), fmpq(0))

    def _reaching(self, places: Places, successor: int) -> "list[int] | Places":
        """Return the places meant that can lead to `successor`, or all of them where that is no shorter to say."""
        if len(places) < 64:
            return places
        if self._sources is None:
            self._sources = [[] for _ in self.head.states.names]
            for k, row in enumerate(self.rows):
                for t in row:
                    self._sources[t].append(k)
        return [k for k in self._sources[successor] if k in places]

    def _distribution(self, state: int, action: int) -> dict[int, fmpq]:
        """Return P(o|s',a), checked."""
        key = (state, action)
        if key not in self._seen:
            if self._sensors is None:
                self._sensors = Table(self.head.states, self.head.actions, self.head.observations)
                require_columns(self._sensors)
                for entry in self._sensing:
                    self._sensors.apply(entry)
            row = self._sensors.rows.get(key)
            self._seen[key] = self.distributions.check(row, partial(place, self._sensors, "O", state, action))
        return self._seen[key]
