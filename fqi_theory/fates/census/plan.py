"""What a census decides; kept as `census.json` in its folder."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import numpy as np

from fqi_theory.base.errors import DataError, FormatError, FqiTheoryError, ModelError
from fqi_theory.base.scalars import exact, to_fraction
from fqi_theory.data.sources import DataSource, epsilon_greedy, uniform
from fqi_theory.factorization import linear
from fqi_theory.factorization.classes import by_name
from fqi_theory.factorization.fit import Factorization, Ties
from fqi_theory.fates.census.shape import Integers, Shape
from fqi_theory.fates.census.symmetries import classes
from fqi_theory.model.formats.files import in_file, quoted
from fqi_theory.model.formats.strict_json import Node, read_json, require_format

FORMAT, FILE = "census/2", "census.json"
KEYS = ("states", "actions", "rewards", "discount", "data", "factorization", "ties", "block", "certificates", "version")
#: Models that are decided together are in memory together.
LARGEST_BLOCK = 2**16


@dataclass(frozen=True)
class Plan:
    """A census: the shape, and the runs from Q = 0 of its models.

    data: "uniform" or "epsilon-greedy:EPS". factorization: a name of the command line, kept without aliases. block: so
    many numbers of models are decided together, wherever parts begin and end; so rows do not depend on the parts.
    certificates: whether rows keep them. version: of the package that decides. Raises ModelError, DataError or
    FormatError.
    """

    shape: Shape
    discount: Fraction
    data: str = "uniform"
    factorization: str = "linear"
    ties: Ties = "first"
    block: int = 1024
    certificates: bool = False
    version: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.discount < 1:
            raise ModelError(f"discount: expected a number in [0, 1), found {exact(self.discount)}")
        if self.ties not in ("first", "last"):
            raise DataError(f"ties: expected 'first' or 'last', found {self.ties!r}")
        if not 1 <= self.block <= LARGEST_BLOCK:
            raise FormatError(f"block: expected a number from 1 to {LARGEST_BLOCK}, found {self.block}")
        self.source()
        # Aliases ("vdn", "qmix") are kept by the name that certificates have, which the judge compares.
        object.__setattr__(self, "factorization", self.function_class().name)

    def source(self) -> DataSource:
        """Return the data; those of no other kind are the same for all renamed states and agents."""
        if self.data == "uniform":
            return uniform()
        kind, colon, epsilon = self.data.partition(":")
        if kind != "epsilon-greedy" or not colon:
            raise DataError(f"data: expected uniform or epsilon-greedy:EPS, found {quoted(self.data)}")
        return epsilon_greedy(epsilon)

    def function_class(self) -> Factorization:
        """Return the class."""
        return by_name(self.factorization, len(self.shape.actions))

    def representatives(self, first: int, end: int) -> tuple[Integers, Integers]:
        """Return the numbers among first, ..., end - 1 that are least in their class, and the sizes of these."""
        numbers = np.arange(first, end, dtype=np.int64)
        least, sizes = classes(self.shape, numbers, agents=self.function_class() is linear)
        return numbers[least == numbers], sizes[least == numbers]

    def to_json(self) -> dict[str, Any]:
        """Return the census/1 document."""
        return {
            "format": FORMAT,
            "states": self.shape.states,
            "actions": list(self.shape.actions),
            "rewards": [str(r) for r in self.shape.rewards],
            "discount": str(self.discount),
            **{key: getattr(self, key) for key in KEYS[4:]},
        }


def read_plan(folder: Path) -> Plan:
    """Return the plan of a census that was begun in a folder; raises FormatError, or as `Plan`, naming the file."""
    root = read_json(folder / FILE)
    try:
        return _plan(root)
    except FqiTheoryError as error:
        raise error if str(error).startswith(root.file) else in_file(root.file, error) from None


def _plan(root: Node) -> Plan:
    require_format(root, FORMAT)
    found = root.members(("format", *KEYS))
    if not isinstance(found["certificates"].value, bool):
        raise found["certificates"].refuse("true or false")
    rewards = tuple(to_fraction(node.number()) for node in found["rewards"].items())
    shape = Shape(_whole(found["states"]), tuple(map(_whole, found["actions"].items())), rewards)
    texts = {key: found[key].text() for key in ("data", "factorization", "ties", "version")}
    return Plan(
        shape,
        to_fraction(found["discount"].number()),
        texts["data"],
        texts["factorization"],
        cast(Ties, texts["ties"]),
        _whole(found["block"]),
        found["certificates"].value,
        texts["version"],
    )


def rewards_of(text: str) -> tuple[Fraction, ...]:
    """Return the rewards of a list such as "-1,0,1", increasing; raises NumberError."""
    return tuple(sorted(to_fraction(exact(word)) for word in text.split(",")))


def _whole(node: Node) -> int:
    return node.index(2**62)
