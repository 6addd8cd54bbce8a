"""Documents broken at random: bytes, words and lines of text, and JSON as a tree."""

import json
import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeAlias

Mutation: TypeAlias = Callable[[Random, str], str]

#: Numbers as files have them: hostile sizes, signs, notations, other alphabets, and what is none.
NUMBERS = (
    *("0", "-0", "1", "-1", "2", "1/2", "-1/2", "1/0", "0/0", "1/3/5", "0.5", ".5", "5.", "+1", "1e3", "1e-3", "1e400"),
    *("1e9999", "1e10001", "1e999999999", "1e99999999999999999999", "9" * 30, "9" * 5000, "1" + "0" * 200_000),
    *("4294967296", "9223372036854775808", "-9223372036854775809", "1048576", "999999999", "nan", "NaN", "inf"),
    *(
        "Infinity",
        "-Infinity",
        "0x10",
        "1_000",
        "\u0663",
        "\uff11",
        "\u00bd",
        "1,5",
        "1 / 2",
        "--1",
        "1e",
        "e5",
        "True",
    ),
)
TEXTS = (
    *("", " ", "a", "s0", "s1", "a0", "*", "#", '"', "'", "\\", ":", "{", "}", "[", "]", ",", ";", "\t", "uniform"),
    *("identity", "state", "action", "reward", "terminal", "null", "\u202e", "\u0000", "\u0085", "\u2028", "\x1b[31m"),
    *(
        "\r",
        "\r\n",
        "\n\n",
        "\ufeff",
        "\u00e9",
        "e\u0301",
        "\U0001f916",
        "\ud800",
        "x" * 300,
        "\u00a0",
        "-",
        "..",
        "%s",
    ),
)
DEPTHS = (2, 40, 70, 300, 990, 100_000)
_PIECES = re.compile(r"\s+|\w+|[^\w\s]")


def mutated(rng: Random, document: bytes, kinds: Sequence[Mutation]) -> bytes:
    """Return a document after one to three mutations of these kinds, its bytes broken too one time in eight."""
    text = document.decode("utf-8", "surrogateescape")
    for _ in range(rng.choice((1, 1, 1, 1, 2, 3))):
        text = rng.choice(kinds)(rng, text)
    content = text.encode("utf-8", "surrogatepass" if rng.random() < 0.5 else "replace")
    return broken(rng, content) if rng.random() < 0.125 else content


def broken(rng: Random, content: bytes) -> bytes:
    """Return bytes with bits flipped, bytes replaced, a part cut out or doubled, or the end missing."""
    found, size = bytearray(content), len(content)
    if not size:
        return rng.randbytes(8)
    at, length = rng.randrange(size), rng.choice((1, 2, 4, 64, size))
    way = rng.randrange(5)
    if way == 0:
        for _ in range(rng.choice((1, 2, 16))):
            found[rng.randrange(size)] ^= 1 << rng.randrange(8)
    elif way == 1:
        found[at : at + length] = rng.randbytes(min(length, 64))
    elif way == 2:
        del found[at : at + length]
    elif way == 3:
        found[at:at] = found[at : at + length]
    else:
        del found[at:]
    return bytes(found)


def words(rng: Random, text: str) -> str:
    """Return a text with one word or mark deleted, doubled, swapped with another, or replaced."""
    pieces = _PIECES.findall(text) or [""]
    one, other = rng.randrange(len(pieces)), rng.randrange(len(pieces))
    way = rng.randrange(6)
    if way == 0:
        pieces[one] = ""
    elif way == 1:
        pieces[one] *= rng.choice((2, 3, 50))
    elif way == 2:
        pieces[one], pieces[other] = pieces[other], pieces[one]
    elif way == 3:
        pieces[one] = pieces[other]
    else:
        pieces[one] = rng.choice(NUMBERS if way == 4 else TEXTS)
    return "".join(pieces)


def numerals(rng: Random, text: str) -> str:
    """Return a text with one of its numbers replaced by another."""
    found = list(re.finditer(r"\d[\d./e]*", text))
    if not found:
        return words(rng, text)
    one = rng.choice(found)
    return text[: one.start()] + rng.choice(NUMBERS) + text[one.end() :]


def lines(rng: Random, text: str) -> str:
    """Return a text with a line deleted, doubled, moved, or its end cut off."""
    found = text.splitlines(keepends=True) or [""]
    one, other, way = rng.randrange(len(found)), rng.randrange(len(found)), rng.randrange(5)
    if way == 0:
        del found[one]
    elif way == 1:
        found[one:one] = [found[one]] * rng.choice((1, 2, 100))
    elif way == 2:
        found[one], found[other] = found[other], found[one]
    elif way == 3:
        found.insert(one, rng.choice(TEXTS) + rng.choice(("\n", "")))
    else:
        return text[: rng.randrange(len(text) + 1)]
    return "".join(found)


def tree(rng: Random, text: str) -> str:
    """Return a JSON text with one value replaced, deleted, doubled, nested, or a key given twice or renamed."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return words(rng, text)
    raw: dict[str, str] = {}
    holder = [document]
    places = list(_places(holder))
    parent, key = rng.choice(places)
    way = rng.randrange(8)
    if way == 0 and len(places) > 1:
        del parent[key]
    elif way == 1 and isinstance(parent, list):
        parent[key:key] = [parent[key]] * rng.choice((1, 2, 40))
    elif way == 2:
        other, at = rng.choice(places)
        parent[key] = json.loads(json.dumps(other[at]))
    elif way == 3 and isinstance(parent, dict):
        parent[rng.choice(TEXTS[:12])] = parent.pop(key)
    elif way == 4:
        depth = rng.choice(DEPTHS)
        parent[key] = _kept(raw, "[" * depth + json.dumps(parent[key]) + "]" * depth)
    elif way == 5 and isinstance(parent, dict):
        parent[_kept(raw, f"{json.dumps(key)}: 0, {json.dumps(key)}")] = parent.pop(key)
    else:
        parent[key] = _kept(raw, _literal(rng))
    if not holder:
        return ""
    result = json.dumps(holder[0], ensure_ascii=rng.random() < 0.5)
    for mark, literal in raw.items():
        result = result.replace(f'"{mark}"', literal)
    return result


def _literal(rng: Random) -> str:
    number, word = rng.choice(NUMBERS), rng.choice(TEXTS)
    return rng.choice(
        (number, json.dumps(number), json.dumps(word), "{}", "[]", "[[]]", "null", "true", '{"": 1}', "0.1")
    )


def _kept(raw: dict[str, str], literal: str) -> str:
    """Return a mark that stands for a literal which json.dumps would not write."""
    mark = f"@@{len(raw)}@@"
    raw[mark] = literal
    return mark


def _places(value: Any) -> Any:
    """Yield (container, key) of every value below a container, depth first."""
    for key in list(value) if isinstance(value, dict) else range(len(value)):
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])
