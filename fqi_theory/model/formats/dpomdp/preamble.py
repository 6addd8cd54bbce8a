"""The preamble of .dpomdp files: who acts, where the process starts, how states and joint actions are referred to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod

import numpy as np
from flint import fmpq

from fqi_theory.base.limits import require_memory
from fqi_theory.model.formats.dpomdp.lexer import COUNT, IDENTIFIER, Entry, Token
from fqi_theory.model.formats.files import fail, quoted
from fqi_theory.model.formats.kernels import ROW_BYTES, require_rows

ORDER = ("agents", "discount", "values", "states", "start", "actions", "observations")


@dataclass(frozen=True)
class Names:
    """Names of states, or of one agent's actions or observations, and where each stands."""

    what: str
    names: tuple[str, ...]
    index: dict[str, int] = field(compare=False)

    def find(self, token: Token, entry: Entry) -> int:
        """Return the position of a name or of an index (from 0)."""
        if not COUNT.fullmatch(token.text) or (token.name and token.text in self.index):
            if token.text in self.index:
                return self.index[token.text]
            raise entry.refuse(article(self.what), quoted(token.text), token.line)
        if int(token.text) < len(self.names):
            return int(token.text)
        raise entry.refuse(f"the index of {article(self.what)}, 0..{len(self.names) - 1}", token.text, token.line)

    def select(self, tokens: Sequence[Token], entry: Entry) -> Sequence[int]:
        """Return the positions one token means: one, or all for ``*``."""
        if len(tokens) != 1:
            raise entry.refuse(f"one {self.what} or *", f"{len(tokens)} tokens")
        return range(len(self.names)) if tokens[0].text == "*" else (self.find(tokens[0], entry),)


@dataclass(frozen=True)
class Joint:
    """Joint actions or joint observations: the names of each agent, flat index with the last agent fastest."""

    what: str
    agents: tuple[Names, ...]

    @property
    def size(self) -> int:
        """Return how many there are."""
        return prod(len(names.names) for names in self.agents)

    def choices(self, tokens: Sequence[Token], entry: Entry) -> tuple[Sequence[int], ...]:
        """Return per agent the positions meant: one token an agent (name, index or *), a single joint index, or *."""
        n = len(self.agents)
        if len(tokens) == 1 and tokens[0].text == "*":
            return tuple(range(len(names.names)) for names in self.agents)
        if len(tokens) == 1 and n > 1 and COUNT.fullmatch(tokens[0].text):
            flat = int(tokens[0].text)
            if flat >= self.size:
                raise entry.refuse(f"the index of a {self.what}, 0..{self.size - 1}", tokens[0].text, tokens[0].line)
            shape = tuple(len(names.names) for names in self.agents)
            return tuple((int(k),) for k in np.unravel_index(flat, shape))
        if len(tokens) != n:
            raise entry.refuse(f"a {self.what}: {n} tokens, an index, or *", f"{len(tokens)} tokens")
        return tuple(names.select([token], entry) for names, token in zip(self.agents, tokens, strict=True))

    def flat(self, choices: Sequence[Sequence[int]]) -> list[int]:
        """Return the flat indices of all combinations."""
        steps = [prod(len(names.names) for names in self.agents[i + 1 :]) for i in range(len(self.agents))]
        return [sum(k * step for k, step in zip(combination, steps, strict=True)) for combination in product(*choices)]


@dataclass(frozen=True)
class Preamble:
    """Everything before the tables. sign: 1 for rewards, -1 for costs. start: weights still to be checked, (S,)."""

    discount: fmpq
    sign: int
    states: Names
    start: list[fmpq]
    actions: Joint
    observations: Joint


def read_preamble(stream: Iterator[Entry], file: str) -> Preamble:
    """Read the seven entries of the preamble, each once and in order; leaves the stream at the first table."""
    found: dict[str, Entry] = {}
    for keyword in ORDER:
        entry = next(stream, None)
        if entry is None or entry.keyword.split()[0] != keyword:
            place = f"line {entry.line}" if entry else "end of file"
            fail(file, place, f"the entry {keyword!r}", repr(entry.keyword) if entry else "nothing")
        found[keyword] = entry
    agents = _agents(found["agents"])
    states = _names(found["states"], found["states"].tokens(), "state")
    actions = _per_agent(found["actions"], agents, "action", len(states.names))
    sign = _one_of(found["values"], {"reward": 1, "cost": -1})
    discount = _one_number(found["discount"])
    start = _start(found["start"], states)
    return Preamble(discount, sign, states, start, actions, _per_agent(found["observations"], agents, "observation", 0))


def article(noun: str) -> str:
    """Return a noun with its indefinite article."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _agents(entry: Entry) -> int:
    words = [word for token in entry.tokens() for word in token.text.split(",") if word]
    if len(words) == 1 and COUNT.fullmatch(words[0]):
        count = int(words[0])
        if not 1 <= count <= 1000:
            raise entry.refuse("between 1 and 1000 agents", str(count))
        return count
    for word, token in zip(words, entry.tokens(), strict=False):
        if not token.name and not IDENTIFIER.fullmatch(word):
            raise entry.refuse("a number or names of agents", quoted(word))
    if not words or len(set(words)) < len(words):
        raise entry.refuse("a number or different names of agents", quoted(" ".join(words)))
    return len(words)


def _names(entry: Entry, tokens: Sequence[Token], what: str) -> Names:
    if not tokens:
        raise entry.refuse(f"a number or names of {what}s", "nothing")
    if len(tokens) == 1 and COUNT.fullmatch(tokens[0].text) and not tokens[0].name:
        count = int(tokens[0].text)
        if count == 0:
            raise entry.refuse(f"at least one {what}", "0", tokens[0].line)
        require_memory(f"list of {what}s", (count,), ROW_BYTES)
        names = tuple(map(str, range(count)))
    else:
        for token in tokens:
            if not (token.name and token.text) and not IDENTIFIER.fullmatch(token.text):
                raise entry.refuse(f"a name of {article(what)}", quoted(token.text), token.line)
        names = tuple(token.text for token in tokens)
    index = {name: k for k, name in enumerate(names)}
    if len(index) < len(names):
        twice = next(name for k, name in enumerate(names) if index[name] != k)
        raise entry.refuse(f"every {what} once", f"{quoted(twice)} twice")
    return Names(what, names, index)


def _per_agent(entry: Entry, agents: int, what: str, states: int) -> Joint:
    """Read one line an agent; the joint space so far, times `states`, must fit in memory before its names are made."""
    lines = [line for line in entry.lines if line]
    if len(lines) != agents:
        raise entry.refuse(f"{agents} lines, one an agent", f"{len(lines)}")
    parts: list[Names] = []
    for i, line in enumerate(lines):
        parts.append(_names(entry, line, f"{what} of agent {i + 1}"))
        require_rows(states, [len(names.names) for names in parts])
    return Joint(f"joint {what}", tuple(parts))


def _one_of(entry: Entry, meaning: dict[str, int]) -> int:
    words = [token.text for token in entry.tokens()]
    if len(words) != 1 or words[0] not in meaning:
        raise entry.refuse(" or ".join(meaning), quoted(" ".join(words)) if words else "nothing")
    return meaning[words[0]]


def _one_number(entry: Entry) -> fmpq:
    tokens = entry.tokens()
    if len(tokens) != 1:
        raise entry.refuse("one number", f"{len(tokens)} tokens")
    value = entry.number(tokens[0])
    if not 0 <= value <= 1:
        raise entry.refuse("a number in [0, 1]", tokens[0].text)
    return value


def _start(entry: Entry, states: Names) -> list[fmpq]:
    tokens, count = entry.tokens(), len(states.names)
    if entry.keyword != "start":
        chosen = {states.find(token, entry) for token in tokens}
        members = chosen if entry.keyword == "start include" else set(range(count)) - chosen
        return _uniform(members, count, entry)
    if len(tokens) == 1:
        token = tokens[0]
        if token.text == "uniform":
            return _uniform(set(range(count)), count, entry)
        index = bool(entry.lines[0]) and COUNT.fullmatch(token.text) and int(token.text) < count
        if index or token.name or IDENTIFIER.fullmatch(token.text):
            return _uniform({states.find(token, entry)}, count, entry)
    if len(tokens) != count:
        raise entry.refuse(f"a state, 'uniform' or {count} probabilities", f"{len(tokens)} tokens")
    return [entry.number(token) for token in tokens]


def _uniform(members: set[int], count: int, entry: Entry) -> list[fmpq]:
    if not members:
        raise entry.refuse("at least one start state", "none")
    return [fmpq(1, len(members)) if s in members else fmpq(0) for s in range(count)]
