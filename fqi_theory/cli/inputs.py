"""What the options of `fqi-theory` mean: models, discounts, data sources, starts; errors say which option or file."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from fqi_theory.base.errors import FormatError, FqiTheoryError
from fqi_theory.base.scalars import exact as exact_number
from fqi_theory.data.data_json import read_data
from fqi_theory.data.sources import DataSource, epsilon_greedy, uniform
from fqi_theory.data.weighted import central, optimistic
from fqi_theory.factorization.classes import by_name
from fqi_theory.factorization.fit import Factorization
from fqi_theory.model import catalog
from fqi_theory.model.formats.files import quoted
from fqi_theory.model.formats.load import ending
from fqi_theory.model.mmdp import MMDP
from fqi_theory.operators.remedies import damped, multi_step, shrunk
from fqi_theory.runs.initial_json import read_initial
from fqi_theory.runs.trajectory import Start

REPAIRS_SHOWN = 3
#: Weighted QMIX, arXiv:2006.10800.
WEIGHTED = {"ow": optimistic, "cw": central}


@contextmanager
def about(place: str) -> Iterator[None]:
    """Put a file or an option before the message of an error that does not name it already, or as an argument."""
    try:
        yield
    except FqiTheoryError as error:
        if str(error).startswith(place):
            raise
        message = str(error).removeprefix(f"{place.removeprefix('--')}: ")
        raise type(error)(f"{place}: {message}") from None


def discount(text: str) -> Any:
    """Return the number that --discount gives."""
    with about("--discount"):
        found = exact_number(text)
        if not 0 <= found <= 1:
            raise FormatError(f"expected a number in [0, 1], found {text}")
        return found


def load(name: str, text: str | None, renormalise: bool, exact: bool = True, repairs: list[str] | None = None) -> MMDP:
    """Return the model meant, at the discount `text`; repairs are collected, or some are shown on standard error."""

    def report(file: str, changes: Sequence[str]) -> None:
        print(f"fqi-theory: {file}: {len(changes)} distributions renormalised:", file=sys.stderr)
        for line in changes[:REPAIRS_SHOWN]:
            print(f"  {line}", file=sys.stderr)
        if len(changes) > REPAIRS_SHOWN:
            print(f"  ... {len(changes) - REPAIRS_SHOWN} more; `show --renormalise` lists all", file=sys.stderr)

    wanted = None if text is None else discount(text)
    collect = report if repairs is None else (lambda _, changes: repairs.extend(changes))
    model = catalog.load(name, discount=wanted, renormalise=renormalise, report=collect)
    return model if exact else model.to_float()


def data_source(text: str, model: MMDP) -> DataSource:
    """Return the data meant by uniform, epsilon-greedy:EPS or a file."""
    if text == "uniform":
        return uniform()
    kind, colon, epsilon = text.partition(":")
    if kind == "epsilon-greedy":
        with about("--data"):
            if not colon:
                raise FormatError("expected epsilon-greedy:EPS, such as epsilon-greedy:1/10, found no EPS")
            return epsilon_greedy(epsilon)
    if kind in WEIGHTED and colon:
        with about("--data"):
            return WEIGHTED[kind](epsilon)
    if ending(text) != ".json":
        expected = "uniform, epsilon-greedy:EPS, ow:ALPHA, cw:ALPHA or a FILE.json"
        raise FormatError(f"--data: expected {expected}, found {quoted(text)}")
    with about(text):
        return read_data(text, model)


def factorization(text: str, model: MMDP) -> Factorization:
    """Return the class meant by --factorization for a model."""
    with about("--factorization"):
        return by_name(text, model.n_agents)


def remedied(model: MMDP, data: DataSource, backup: str, shrink: str | None, damping: str | None) -> MMDP:
    """Return the model whose plain run is the run with these remedies (see `operators.remedies`)."""
    kind, colon, number = backup.partition(":")
    with about("--backup"):
        if kind == "steps" and colon:
            if not (number.isascii() and number.isdecimal() and len(number) < 7):
                raise FormatError(f"expected steps:H with a whole number H, found {quoted(number)}")
            model = multi_step(model, int(number), data)
        elif kind == "mix" and colon:
            with about("mix"):
                share = exact_number(number)
                if not 0 <= share <= 1:
                    raise FormatError(f"expected a number ETA in [0, 1], found {quoted(number)}")
            model = shrunk(model, share, data)
        elif backup != "max":
            raise FormatError(f"expected max, mix:ETA or steps:H, found {quoted(backup)}")
    with about("--shrink"):
        model = model if shrink is None else shrunk(model, exact_number(shrink), data)
    with about("--damping"):
        return model if damping is None else damped(model, exact_number(damping))


def start(path: str | None, model: MMDP, ties: Any) -> Start | None:
    """Return the start of a file, None without one."""
    if path is None:
        return None
    with about(path):
        return read_initial(path, model, ties)
