"""How numbers, names and tables look on a terminal: 80 to 100 columns, long exact numbers shortened and marked so."""

import os
from collections.abc import Iterable, Sequence
from decimal import Context, Decimal

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from fqi_theory.base.scalars import Scalar
from fqi_theory.model.mmdp import MMDP

EXACT_WIDTH = 12
WIDTH = 100
NARROWEST = 20
_SEVEN = Context(prec=7, Emax=10**12, Emin=-(10**12))


def number(value: Scalar) -> str:
    """Return one number for a table: floats to 7 digits, short rationals as they are, long ones as ``≈5.947212``."""
    if isinstance(value, float):
        return f"{value:.7g}"
    text = str(value)
    if len(text) <= EXACT_WIDTH or not hasattr(value, "p"):
        return text
    return f"≈{_SEVEN.divide(Decimal(int(value.p)), Decimal(int(value.q))).normalize(_SEVEN)}"


class _Pipe(Console):
    """A console that leaves a broken pipe to the program."""

    def on_broken_pipe(self) -> None:
        """Raise BrokenPipeError, where rich would exit with status 1."""
        raise BrokenPipeError


def console() -> Console:
    """Return a console of at most 100 columns; COLUMNS holds for pipes, too."""
    result = _Pipe(highlight=False)
    told = os.environ.get("COLUMNS", "")
    wanted = int(told) if told.isdecimal() and int(told) >= NARROWEST else WIDTH
    result.width = min(result.width if result.is_terminal else wanted, WIDTH)
    return result


def table(*heads: str, right: Iterable[int] = ()) -> Table:
    """Return an empty table with these column heads; `right` says which columns hold numbers."""
    result = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for k, head in enumerate(heads):
        result.add_column(Text(head), justify="right" if k in set(right) else "left", overflow="fold")
    return result


def cells(*texts: str) -> list[Text]:
    """Return texts as table cells, with nothing in them read as markup."""
    return [Text(text) for text in texts]


def labelled(console: Console, label: str, text: str) -> None:
    """Print ``label: text``."""
    console.print(Text.assemble((f"{label}: ", "dim"), text))


def headline(console: Console, found: MMDP) -> None:
    """Print what a model is in two lines, its number type included."""
    agents = f"{found.n_agents} agent" + ("s" if found.n_agents > 1 else "")
    shape = " x ".join(map(str, found.action_counts))
    states = f"{found.n_states} state" + ("s" if found.n_states > 1 else "")
    console.print(
        Text.assemble(
            (found.name, "bold"), f"    {states}, {agents} ({shape} joint actions), discount {number(found.discount)}"
        )
    )
    labelled(console, "field", found.field)


def legend(console: Console, found: MMDP) -> None:
    """Print how numbers are shown."""
    if found.field == "exact":
        text = (
            f"Numbers are exact; ≈ marks a rational of more than {EXACT_WIDTH} characters, shortened to 7 digits here."
        )
        console.print(Text(text, style="dim"))
    else:
        console.print(Text("Numbers are float64, shown to 7 digits.", style="dim"))


def listed(names: Sequence[str], limit: int = 12) -> str:
    """Return names separated by commas, the first `limit` of them."""
    more = f", ... ({len(names)} in all)" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more


def joint_action(found: MMDP, action: Sequence[int]) -> str:
    """Return the names of a joint action."""
    return "(" + ", ".join(found.actions[i][a] for i, a in enumerate(action)) + ")"
