"""Tokens and entries of .dpomdp files: MADP's lexical rules, and the quoted names of the SDM Studio dialect.

An entry starts on a line ``keyword :`` (or ``start include :``, ``start exclude :``) and reaches to the next such line.
Identifiers are [A-Za-z][A-Za-z0-9_-]*; numbers are decimal, optionally with an exponent; ``#`` comments to the end of
the line; blank lines, CRLF and spaces around colons are free.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from flint import fmpq

from fqi_theory.base.errors import FormatError, NumberError
from fqi_theory.base.scalars import parse_rational
from fqi_theory.model.formats.files import quoted

KEYWORDS = ("agents", "discount", "values", "states", "start", "actions", "observations", "T", "O", "R")
IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_-]*", re.ASCII)
COUNT = re.compile(r"\d{1,9}", re.ASCII)
_TOKEN = re.compile(r'\s*(?:"([^"]*)"|(#.*)|([:*])|([^\s:*"#]+)|(.))', re.ASCII | re.DOTALL)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


class Token(NamedTuple):
    """A word, number, colon or wildcard; `name` tells that it was written in quotes."""

    text: str
    line: int
    name: bool = False


@dataclass(frozen=True)
class Entry:
    """One entry: its keyword ("start include" and "start exclude" are keywords too), line, and tokens line by line.

    The first line holds what follows the keyword's colon and may be empty.
    """

    file: str
    keyword: str
    line: int
    lines: tuple[tuple[Token, ...], ...]

    def refuse(self, expected: str, found: str, line: int | None = None) -> FormatError:
        """Return the error ``FILE: line N: KEYWORD: expected ..., found ...``."""
        return FormatError(f"{self.file}: line {line or self.line}: {self.keyword}: expected {expected}, found {found}")

    def tokens(self) -> tuple[Token, ...]:
        """Return all tokens after the keyword's colon."""
        return tuple(token for line in self.lines for token in line)

    def fields(self) -> list[list[Token]]:
        """Return the tokens split at colons; a line break after a head without its last colon counts as one."""
        head, *rest = self.lines
        result: list[list[Token]] = [[]]
        for token in head:
            _push(result, token)
        body = [token for line in rest for token in line]
        if body and head and head[-1].text != ":" and body[0].text != ":":
            result.append([])
        for token in body:
            _push(result, token)
        return result

    def number(self, token: Token) -> fmpq:
        """Return the exact value of a number token."""
        try:
            return _value(token.text)
        except NumberError:
            raise self.refuse("a number", quoted(token.text), token.line) from None


def entries(text: str, file: str) -> Iterator[Entry]:
    """Yield the entries of a file in order; raises FormatError, naming the line, for text outside every entry."""
    keyword, start, lines = "", 0, []  # type: tuple[str, int, list[tuple[Token, ...]]]
    for number, raw in enumerate(text.splitlines(), start=1):
        tokens = _tokens(raw, number, file)
        if not tokens:
            continue
        size = _head(tokens)
        if size:
            if keyword:
                yield Entry(file, keyword, start, tuple(lines))
            keyword, start, lines = " ".join(t.text for t in tokens[: size - 1]), number, [tokens[size:]]
        elif keyword:
            lines.append(tokens)
        else:
            raise FormatError(
                f"{file}: line {number}: expected an entry such as 'agents: 2', found {quoted(tokens[0].text)}"
            )
    if keyword:
        yield Entry(file, keyword, start, tuple(lines))


def _tokens(raw: str, number: int, file: str) -> tuple[Token, ...]:
    result = []
    for name, comment, mark, word, stray in _TOKEN.findall(raw.rstrip()):
        if stray == '"':
            raise FormatError(f"{file}: line {number}: expected a closing quote, found the end of the line")
        if comment:
            break
        result.append(Token(mark or word or name, number, not (mark or word)))
    return tuple(result)


def _head(tokens: tuple[Token, ...]) -> int:
    """Return how many tokens the head of an entry takes, its colon included; 0 when the line starts no entry."""
    if tokens[0].name or tokens[0].text not in KEYWORDS:
        return 0
    if len(tokens) > 1 and tokens[1].text == ":":
        return 2
    qualified = tokens[0].text == "start" and len(tokens) > 2 and tokens[1].text in ("include", "exclude")
    return 3 if qualified and tokens[2].text == ":" else 0


def _push(fields: list[list[Token]], token: Token) -> None:
    if token.text == ":" and not token.name:
        fields.append([])
    else:
        fields[-1].append(token)


@lru_cache(maxsize=65536)
def _value(text: str) -> fmpq:
    if not _NUMBER.fullmatch(text):
        raise NumberError(f"{text!r} is not a decimal number")
    return parse_rational(text)
