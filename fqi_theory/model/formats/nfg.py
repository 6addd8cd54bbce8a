"""Gambit's normal-form games (.nfg) with a payoff common to all players, as a one-state MMDP.

Both versions of the format are read: payoffs profile by profile, and outcomes with an index for each profile; the
first player's strategy varies fastest, outcome 0 pays nothing. The state is absorbing.
Format: https://gambitproject.readthedocs.io/en/stable/formats.nfg.html
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import NamedTuple, NoReturn

import numpy as np
from flint import fmpq

from fqi_theory.base.errors import FormatError, FqiTheoryError, ModelError, NumberError
from fqi_theory.base.scalars import Array, exact, parse_rational
from fqi_theory.model.formats.files import PathLike, in_file, quoted, read_text
from fqi_theory.model.formats.kernels import require_rows
from fqi_theory.model.mmdp import MMDP

_TOKEN = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([{}])|([^\s{}",]+)|(,)|(\S))', re.DOTALL)
_COUNT = re.compile(r"\d{1,9}", re.ASCII)


class Token(NamedTuple):
    """A brace, a word (number, keyword) or, with `text` True, a quoted text."""

    value: str
    line: int
    text: bool


@dataclass
class Tokens:
    """The tokens of one file, taken from the front."""

    file: str
    items: list[Token]
    position: int = 0

    def peek(self) -> str:
        """Return "text", "word", "{", "}" or "" at the end."""
        if self.position >= len(self.items):
            return ""
        token = self.items[self.position]
        return "text" if token.text else token.value if token.value in "{}" else "word"

    def take(self, kind: str, expected: str) -> str:
        """Take the next token, which must be of a kind of `peek`."""
        if self.peek() != kind:
            self.refuse(expected)
        self.position += 1
        return self.items[self.position - 1].value

    def braced(self, kind: str, expected: str) -> list[str]:
        """Take ``{ ... }`` around tokens of one kind."""
        self.take("{", f"{{ before {expected}")
        found = []
        while self.peek() != "}":
            found.append(self.take(kind, expected))
        self.position += 1
        return found

    def number(self) -> fmpq:
        """Take an exact number: decimal, exponent or p/q."""
        word = self.take("word", "a number")
        try:
            return parse_rational(word)
        except NumberError:
            self.position -= 1
            self.refuse("a number")

    def refuse(self, expected: str) -> NoReturn:
        """Raise FormatError at the next token."""
        if self.position < len(self.items):
            token = self.items[self.position]
            place, found = f"line {token.line}", quoted(token.value)
        else:
            place, found = "end of file", "nothing"
        raise FormatError(f"{self.file}: {place}: expected {expected}, found {found}")


def read_nfg(path: PathLike, *, discount: object = 0) -> MMDP:
    """Return the one-state model of a common-payoff .nfg file, plain or gzipped; by default it is played once (γ = 0).

    Raises FormatError with file and line, ModelError naming the first joint action whose payoffs differ between
    players, TooLarge.
    """
    name = Path(path).name
    stem = name.removesuffix(".gz").removesuffix(".nfg")
    return parse_nfg(read_text(path), str(path), name=stem, source=name, discount=discount)


def parse_nfg(text: str, file: str, *, name: str = "", source: str = "", discount: object = 0) -> MMDP:
    """Return the one-state model of an .nfg text; `file` is the name used in messages."""
    tokens = Tokens(file, _tokens(text, file))
    try:
        title, players, strategies = _prologue(tokens)
        shape = tuple(map(len, strategies))
        require_rows(1, shape)
        payoffs = (
            _outcomes(tokens, len(players), prod(shape))
            if tokens.peek() == "{"
            else _payoffs(tokens, len(players), prod(shape))
        )
        if tokens.peek():
            tokens.refuse("the end of the file")
        reward = _common(payoffs, strategies, file)
        successors = np.zeros((1, *shape), dtype=int)
        return MMDP(
            reward, successors, exact(discount), states=["s"], actions=strategies, name=name or title, source=source
        )
    except FqiTheoryError as error:
        if str(error).startswith(file):
            raise
        raise in_file(file, error) from None


def _prologue(tokens: Tokens) -> tuple[str, list[str], list[tuple[str, ...]]]:
    if tokens.take("word", "NFG") != "NFG":
        tokens.position -= 1
        tokens.refuse("NFG")
    for meaning, known in (("version 1", ("1",)), ("the number type R or D", ("R", "D"))):
        if tokens.take("word", meaning) not in known:
            tokens.position -= 1
            tokens.refuse(meaning)
    title = tokens.take("text", "a quoted title")
    players = tokens.braced("text", "quoted names of players")
    if not players:
        tokens.refuse("at least one player")
    strategies = _strategies(tokens, len(players))
    if tokens.peek() == "text":
        tokens.position += 1
    return title, players, strategies


def _strategies(tokens: Tokens, players: int) -> list[tuple[str, ...]]:
    tokens.take("{", "{ before the strategies")
    result: list[tuple[str, ...]] = []
    while tokens.peek() != "}":
        if tokens.peek() == "{":
            names = tokens.braced("text", "quoted names of strategies")
            _require_different(tokens, names, len(result) + 1)
            count = len(names)
        else:
            word = tokens.take("word", "a number of strategies or { before their names")
            names, count = [], int(word) if _COUNT.fullmatch(word) else 0
        if count == 0:
            tokens.refuse(f"at least one strategy for player {len(result) + 1} before this")
        require_rows(1, [*map(len, result), count])
        result.append(tuple(names) if names and "" not in names else tuple(str(k + 1) for k in range(count)))
    if len(result) != players:
        tokens.refuse(f"strategies of {players} players, found those of {len(result)}, before this")
    tokens.position += 1
    return result


def _require_different(tokens: Tokens, names: Sequence[str], player: int) -> None:
    """Refuse, at its line, the first name among those just taken that is there already (unnamed ones are numbered)."""
    for k, name in enumerate(names):
        if name and name in names[:k]:
            tokens.position -= 1 + len(names) - k
            tokens.refuse(f"every strategy of player {player} once")


def _payoffs(tokens: Tokens, players: int, profiles: int) -> list[list[fmpq]]:
    return [[tokens.number() for _ in range(players)] for _ in range(profiles)]


def _outcomes(tokens: Tokens, players: int, profiles: int) -> list[list[fmpq]]:
    tokens.take("{", "{ before the outcomes")
    outcomes = [[fmpq(0)] * players]
    while tokens.peek() != "}":
        tokens.take("{", "{ before an outcome")
        tokens.take("text", "a quoted name of an outcome")
        outcomes.append([tokens.number() for _ in range(players)])
        tokens.take("}", f"}} after {players} payoffs")
    tokens.position += 1
    result = []
    for _ in range(profiles):
        word = tokens.take("word", f"the number of an outcome, 0..{len(outcomes) - 1}, for each of {profiles} profiles")
        if not _COUNT.fullmatch(word) or int(word) >= len(outcomes):
            tokens.position -= 1
            tokens.refuse(f"the number of an outcome, 0..{len(outcomes) - 1}")
        result.append(outcomes[int(word)])
    return result


def _common(payoffs: Sequence[Sequence[fmpq]], strategies: Sequence[Sequence[str]], file: str) -> Array:
    """Return the common payoffs as (1, A_1, ..., A_n); profiles come with the first player fastest."""
    shape = tuple(map(len, strategies))
    profiles: Array = np.arange(len(payoffs)).reshape(shape[::-1]).transpose()
    reward = np.empty((1, *shape), dtype=object)
    for index in np.ndindex(*shape):
        values = payoffs[int(profiles[index])]
        if any(v != values[0] for v in values):
            names = ", ".join(strategies[i][a] for i, a in enumerate(index))
            found = ", ".join(map(str, values))
            raise ModelError(
                f"{file}: joint action ({names}): expected one payoff common to all players, found {found}"
            )
        reward[(0, *index)] = values[0]
    return reward


def _tokens(text: str, file: str) -> list[Token]:
    result, line, position = [], 1, 0
    for match in _TOKEN.finditer(text):
        line += text.count("\n", position, match.start(match.lastindex or 0))
        position = match.start(match.lastindex or 0)
        if match[5]:
            raise FormatError(f"{file}: line {line}: expected a closing quote, found the end of the file")
        if match[4] is None:
            quoted_text = match[1] is not None
            result.append(Token(match[1] if quoted_text else match[2] or match[3], line, quoted_text))
    return result
