"""How numbers, names and tables look on a terminal: 80 to 100 columns, long exact numbers shortened and marked so."""

import os
from collections.abc import Iterable

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from fqi_theory.base.pipes import Pipe
from fqi_theory.base.texts import EXACT_WIDTH as EXACT_WIDTH
from fqi_theory.base.texts import number as number
from fqi_theory.model.mmdp import MMDP

WIDTH = 100
NARROWEST = 20


def console() -> Console:
    """Return a console of at most 100 columns; COLUMNS holds for pipes, too."""
    result = Pipe(highlight=False)
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
