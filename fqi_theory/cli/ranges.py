"""Numbers as options: what was expected stands in the message; only click is imported here."""

from typing import Any

import click


class Whole(click.IntRange):
    """A whole number within bounds, both included."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number; raises BadParameter that says what was expected and what was found."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            upto = "up" if self.max is None else f"to {self.max}"
            self.fail(f"expected a whole number from {self.min} {upto}, found {str(value)[:40]!r}", param, ctx)


class Positive(click.FloatRange):
    """A number above 0, not infinite."""

    def __init__(self) -> None:
        super().__init__(min=0, min_open=True)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number; raises BadParameter that says what was expected and what was found."""
        try:
            found = super().convert(value, param, ctx)
        except click.BadParameter:
            found = float("nan")
        if not found < float("inf"):
            self.fail(f"expected a number above 0, found {str(value)[:40]!r}", param, ctx)
        return found
