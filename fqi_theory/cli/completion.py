"""What a shell completes: names of the catalogue, kinds of data, files."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import click
from click.shell_completion import CompletionItem

Complete: TypeAlias = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def _files_and(words: Callable[[], Sequence[str]]) -> Complete:
    """Return a completion by words, and by files where no word fits."""

    def complete(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
        return [
            CompletionItem(begun, type="file"),
            *(CompletionItem(word) for word in words() if word.startswith(begun)),
        ]

    return complete


def _models() -> Sequence[str]:
    from fqi_theory.model.catalog import names

    return names()


def words(offered: Sequence[str]) -> Complete:
    """Return a completion by the words that are offered, those with a parameter up to it."""

    def complete(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
        known = (word.partition(":")[0] + ":" if ":" in word else word for word in offered)
        return [CompletionItem(word) for word in known if word.startswith(begun)]

    return complete


models = _files_and(_models)
data = _files_and(lambda: ("uniform", "epsilon-greedy:"))
files = _files_and(tuple)
