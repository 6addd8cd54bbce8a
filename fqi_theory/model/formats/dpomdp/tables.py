"""The tables T and O of .dpomdp files as sparse rows, and what a row must satisfy to be a distribution."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from flint import fmpq

from fqi_theory.base.errors import ModelError
from fqi_theory.base.limits import require_memory
from fqi_theory.model.formats.dpomdp.lexer import Entry, Token
from fqi_theory.model.formats.dpomdp.preamble import Joint, Names

#: Rows that miss 1 by at most this much may be renormalised on request.
ROUNDING = fmpq(1, 10**9)
#: Bytes of an entry of a row: its place in the row's own table of at least 8.
ENTRY_BYTES = 100


@dataclass
class Table:
    """Rows over `columns` for every (state, joint action); a later entry overwrites an earlier one.

    Rows may be shared between places until an entry changes one of them. size: entries of the rows in `own`, at most.
    """

    states: Names
    actions: Joint
    columns: Names | Joint
    rows: dict[tuple[int, int], dict[int, fmpq]] = field(default_factory=dict)
    own: set[tuple[int, int]] = field(default_factory=set)
    size: int = 0

    def apply(self, entry: Entry) -> None:
        """Enter `ja : s : column : p`, `ja : s :` with a row, or `ja :` with a matrix, 'uniform' or 'identity'."""
        fields = entry.fields()
        if not 2 <= len(fields) <= 4 or not all(fields):
            raise entry.refuse("2 to 4 fields separated by colons, none empty", _shape(fields))
        actions = self.actions.flat(self.actions.choices(fields[0], entry))
        states = self.states.select(fields[1], entry) if len(fields) > 2 else range(len(self.states.names))
        if len(fields) == 4:
            self._set_entries(entry, states, actions, fields[2], fields[3])
            return
        body = _rows(entry, fields[-1], len(states) if len(fields) == 2 else 1, width(self.columns))
        for k, s in enumerate(states):
            for a in actions:
                self.rows[s, a] = body[k % len(body)]
                self.own.discard((s, a))

    def _set_entries(
        self, entry: Entry, states: Sequence[int], actions: list[int], columns: list[Token], value: list[Token]
    ) -> None:
        if len(value) != 1:
            raise entry.refuse("one probability after the last colon", f"{len(value)} tokens")
        p = entry.number(value[0])
        chosen, everything = select(self.columns, columns, entry)
        shared = {c: p for c in chosen if p != 0} if everything else {}
        if not everything:
            most = self.size + len(states) * len(actions) * len(chosen)
            require_memory(f"entries of the rows up to line {entry.line}", (most,), ENTRY_BYTES)
        for s in states:
            for a in actions:
                if everything:
                    self.rows[s, a] = shared
                    self.own.discard((s, a))
                    continue
                row = self._writable((s, a))
                before = len(row)
                for c in chosen:
                    if p == 0:
                        row.pop(c, None)
                    else:
                        row[c] = p
                self.size += len(row) - before

    def _writable(self, key: tuple[int, int]) -> dict[int, fmpq]:
        if key not in self.own:
            self.rows[key] = dict(self.rows.get(key, ()))
            self.own.add(key)
            self.size += len(self.rows[key])
        return self.rows[key]


def width(columns: Names | Joint) -> int:
    """Return how many columns a table has."""
    return len(columns.names) if isinstance(columns, Names) else columns.size


def select(columns: Names | Joint, tokens: Sequence[Token], entry: Entry) -> tuple[Sequence[int], bool]:
    """Return the columns that tokens mean, and whether they were given by wildcards only."""
    everything = bool(tokens) and all(token.text == "*" for token in tokens)
    if isinstance(columns, Names):
        return columns.select(tokens, entry), everything
    return columns.flat(columns.choices(tokens, entry)), everything


def place(table: Table, kind: str, state: int, action: int) -> str:
    """Return the names of a row's place, for messages: ``T at state s, joint action (a, b)``."""
    shape = tuple(len(names.names) for names in table.actions.agents)
    parts = np.unravel_index(action, shape)
    names = ", ".join(agent.names[k] for agent, k in zip(table.actions.agents, parts, strict=True))
    return f"{kind} at state {table.states.names[state]}, joint action ({names})"


def _rows(entry: Entry, tokens: list[Token], count: int, size: int) -> list[dict[int, fmpq]]:
    """Return `count` rows of a body, or one row that stands for all of them."""
    word = tokens[0].text if len(tokens) == 1 else ""
    if word == "uniform":
        return [dict.fromkeys(range(size), fmpq(1, size))]
    if word == "identity" and count == size:
        return [{k: fmpq(1)} for k in range(size)]
    if len(tokens) != count * size:
        words = "'uniform', 'identity'" if count == size else "'uniform'"
        raise entry.refuse(f"{words} or {count} x {size} numbers", f"{len(tokens)} tokens")
    values = [entry.number(token) for token in tokens]
    return [{c: p for c, p in enumerate(values[k * size : (k + 1) * size]) if p != 0} for k in range(count)]


def _shape(fields: list[list[Token]]) -> str:
    return f"{len(fields)} fields of {', '.join(str(len(f)) for f in fields)} tokens"


def require_columns(table: Table) -> None:
    """Raise TooLarge when full rows of this table would not fit in memory."""
    require_memory("list of joint observations", (width(table.columns),), 200)


@dataclass
class Distributions:
    """Checks rows, and repairs rounding-size defects where that was asked for; `repairs` says what was changed."""

    file: str
    renormalise: bool
    repairs: list[str] = field(default_factory=list)
    _sound: dict[int, dict[int, fmpq]] = field(default_factory=dict, repr=False)

    def check(self, row: dict[int, fmpq] | None, where: Callable[[], str]) -> dict[int, fmpq]:
        """Return the row as a distribution; raises ModelError, naming the place, where it is none."""
        if row is not None and id(row) in self._sound:
            return row
        if not row:
            raise ModelError(f"{self.file}: {where()}: expected probabilities that sum to 1, found no entry")
        for p in row.values():
            if p < 0:
                raise ModelError(f"{self.file}: {where()}: expected probabilities >= 0, found {p}")
        total = sum(row.values(), fmpq(0))
        if total == 1:
            self._sound[id(row)] = row
            return row
        defect, place = total - 1, where()
        if abs(defect) > ROUNDING:
            raise ModelError(f"{self.file}: {place}: expected probabilities that sum to 1, found {total}")
        size = f"{'+' if defect > 0 else '-'} {abs(int(defect.p)) / int(defect.q):.3g}"
        if self.renormalise:
            self.repairs.append(f"{place}: probabilities summed to 1 {size}; each was divided by the sum {total}")
            return {c: p / total for c, p in row.items()}
        raise ModelError(
            f"{self.file}: {place}: expected probabilities that sum to 1, found 1 {size}, exactly {total}; this is of "
            "rounding size: --renormalise (renormalise=True) repairs it"
        )
