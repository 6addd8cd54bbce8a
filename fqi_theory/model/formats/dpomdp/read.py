"""MADP's .dpomdp files (and the SDM Studio dialect), read as the fully observed model underneath: an MMDP.

Observations matter only where rewards depend on them. Rewards are read in file order:
    R: ja : s : * : * : v     (SDM: R: ja : s : v)     r(s,a) = v, overwriting what came before;
    a specific s' or o                                 r(s,a) += Σ_s' P(s'|s,a) Σ_o P(o|s',a) v   over the s', o meant;
with T and O as the whole file leaves them, also where an R entry comes before a T or O entry. `values: cost` negates.
Format: MADP toolbox, .dpomdp, https://github.com/MADPToolbox/MADP; SDM Studio, https://github.com/SDMStudio/sdms.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from flint import fmpq

from fqi_theory.base.errors import FqiTheoryError
from fqi_theory.model.formats.dpomdp.lexer import Entry, entries
from fqi_theory.model.formats.dpomdp.preamble import read_preamble
from fqi_theory.model.formats.dpomdp.rewards import Rewards
from fqi_theory.model.formats.dpomdp.tables import Distributions, Table, place
from fqi_theory.model.formats.files import PathLike, fail, in_file, read_text
from fqi_theory.model.formats.kernels import kernel_from_rows
from fqi_theory.model.mmdp import MMDP


@dataclass(frozen=True)
class Reading:
    """A model and the changes that were asked for by `renormalise`, one line each."""

    model: MMDP
    repairs: tuple[str, ...]


def read_dpomdp(path: PathLike, *, renormalise: bool = False) -> Reading:
    """Return the exact model of a .dpomdp file, plain or gzipped.

    renormalise: divide rows of T, O and the start that miss 1 by at most 1e-9 by their sum, and report each.
    Raises FormatError, ModelError or TooLarge; the message starts with the file and the line, or the table, state and
    joint action.
    """
    name = Path(path).name
    stem = name.removesuffix(".gz").removesuffix(".dpomdp")
    return parse_dpomdp(read_text(path), str(path), name=stem, source=name, renormalise=renormalise)


def parse_dpomdp(
    text: str, file: str, *, name: str = "unnamed", source: str = "", renormalise: bool = False
) -> Reading:
    """Return the exact model of a .dpomdp text; `file` is the name used in messages."""
    try:
        return _read(text, file, name, source, renormalise)
    except FqiTheoryError as error:
        if str(error).startswith(file):
            raise
        raise in_file(file, error) from None


def _read(text: str, file: str, name: str, source: str, renormalise: bool) -> Reading:
    stream = entries(text, file)
    head = read_preamble(stream, file)
    groups: dict[str, list[Entry]] = {"T": [], "O": [], "R": []}
    for entry in stream:
        if entry.keyword not in groups:
            fail(file, f"line {entry.line}", "T, O or R (the preamble has each entry once)", repr(entry.keyword))
        groups[entry.keyword].append(entry)
    distributions = Distributions(file, renormalise)
    moves = Table(head.states, head.actions, head.states)
    for entry in groups["T"]:
        moves.apply(entry)
    rows = _checked_rows(moves, distributions)
    rewards = Rewards(head, rows, groups["O"], distributions)
    for entry in groups["R"]:
        rewards.apply(entry)
    start = distributions.check({s: p for s, p in enumerate(head.start) if p != 0}, lambda: "start")
    shape = (len(head.states.names), *(len(names.names) for names in head.actions.agents))
    model = MMDP(
        head.sign * rewards.values.reshape(shape),
        kernel_from_rows(rows, shape),
        head.discount,
        states=head.states.names,
        actions=[names.names for names in head.actions.agents],
        start=[start.get(s, fmpq(0)) for s in range(shape[0])],
        name=name,
        source=source + _note(distributions.repairs),
    )
    return Reading(model, tuple(distributions.repairs))


def _note(repairs: list[str]) -> str:
    return f" ({len(repairs)} distributions renormalised)" if repairs else ""


def _checked_rows(table: Table, distributions: Distributions) -> list[dict[int, fmpq]]:
    """Return the rows in the order of the tensor; the first bad place is the one named."""
    count = table.actions.size
    keys = ((s, a) for s in range(len(table.states.names)) for a in range(count))
    return [distributions.check(table.rows.get(key), partial(place, table, "T", *key)) for key in keys]
