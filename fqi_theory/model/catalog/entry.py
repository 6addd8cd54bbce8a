"""One entry of the catalogue, and how the parameters of an entry are read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from fqi_theory.base.errors import FormatError, NumberError
from fqi_theory.base.scalars import exact
from fqi_theory.model.formats.files import quoted
from fqi_theory.model.mmdp import MMDP

Read: TypeAlias = Callable[[str], Any]


@dataclass(frozen=True)
class Parameter:
    """One parameter: how its text is read (ValueError where it cannot be), what it must be, and its default text."""

    read: Read
    expected: str
    default: str


@dataclass(frozen=True)
class Entry:
    """One entry: `build(**parameters)` makes the model. source: where the numbers were published."""

    name: str
    description: str
    source: str
    build: Callable[..., MMDP]
    parameters: Mapping[str, Parameter] = field(default_factory=dict)

    @property
    def syntax(self) -> str:
        """Return how the entry is written, such as ``penalty(k)`` or ``random(seed=1,states=3,...)``."""
        if not self.parameters:
            return self.name
        if len(self.parameters) == 1:
            return f"{self.name}({next(iter(self.parameters))})"
        return f"{self.name}({','.join(f'{key}={p.default}' for key, p in self.parameters.items())})"

    def model(self, arguments: str = "") -> MMDP:
        """Return the model for arguments as they stand between the parentheses: ``100`` or ``seed=1,states=3``.

        Raises FormatError that names the parameter, what it must be and what was found.
        """
        given = self._split(arguments)
        values = {}
        for key, parameter in self.parameters.items():
            text = given.get(key, parameter.default)
            try:
                values[key] = parameter.read(text)
            except (ValueError, NumberError):
                raise FormatError(f"{self.name}: {key}: expected {parameter.expected}, found {quoted(text)}") from None
        return self.build(**values)

    def _split(self, arguments: str) -> dict[str, str]:
        given: dict[str, str] = {}
        known = ", ".join(self.parameters) or "none"
        for k, part in enumerate(arguments.split(",") if arguments.strip() else []):
            key, equals, value = part.partition("=")
            if not equals:
                key, value = (list(self.parameters)[k] if k < len(self.parameters) else ""), part
            key = key.strip()
            if key not in self.parameters or key in given:
                raise FormatError(
                    f"{self.name}: parameters: expected each of {known} at most once, found {quoted(part)}"
                )
            given[key] = value.strip()
        return given


def whole(least: int, most: int) -> Read:
    """Return a reader of integers in least..most."""

    def read(text: str) -> int:
        if len(text) > 20 or not least <= (value := int(text)) <= most:
            raise ValueError
        return value

    return read


def rational(text: str) -> Any:
    """Read an exact rational."""
    return exact(text)


def choice(*words: str) -> Read:
    """Return a reader of one of some words."""

    def read(text: str) -> str:
        if text not in words:
            raise ValueError
        return text

    return read


def sizes(text: str) -> tuple[int, ...]:
    """Read numbers of actions, one an agent, such as ``2x2x3``."""
    found = tuple(whole(1, 1000)(part) for part in text.split("x"))
    if len(found) > 64:
        raise ValueError
    return found
