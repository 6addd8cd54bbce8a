"""The options that commands of `fqi-theory` share; only click is imported here."""

from collections.abc import Callable, Sequence
from typing import Any

import click

from fqi_theory.cli import completion

Command = Callable[..., Any]


def together(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Return one decorator that applies several options, the first one listed first in the help."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


model = click.argument("model", metavar="MODEL", shell_complete=completion.models)
discount = click.option("--discount", metavar="G", help="Replace the model's discount, such as 9/10 or 0.85.")
renormalise = click.option(
    "--renormalise", is_flag=True, help="Repair rows of a .dpomdp file that miss 1 by at most 1e-9, and say which."
)
field = click.option(
    "--exact/--float", "exact", default=True, help="Exact rationals (default), or float64: faster, labelled as float."
)
json_file = click.option(
    "--json",
    "json_file",
    metavar="FILE",
    shell_complete=completion.files,
    help="Write the answer as JSON ('-': to standard output).",
)
quiet = click.option("--quiet", "-q", is_flag=True, help="No tables, no progress: errors only.")
source = together(model, discount, renormalise)


def _data(weighted: str) -> Callable[[Command], Command]:
    return click.option(
        "--data",
        default="uniform",
        metavar="DATA",
        shell_complete=completion.data,
        help=f"uniform (default), epsilon-greedy:EPS, {weighted}or a data/1 FILE.json.",
    )


#: Data of a run, and data that do not depend on the Q_tot of a run.
data, plain_data = _data("ow:ALPHA or cw:ALPHA (weighted QMIX), "), _data("")
#: What each command takes as a class; `fqi_theory.factorization.classes` reads the names.
RUN_CLASSES = (
    *("linear", "vdn", "additive:K", "graph:0-1,1-2", "monotonic", "qmix"),
    *("igm", "qplex", "qplex:selection", "joint"),
)
FATE_CLASSES = "linear", "vdn", "additive:K", "graph:0-1,1-2", "monotonic", "qmix", "igm", "joint"


def classes(offered: Sequence[str]) -> Callable[[Command], Command]:
    """Return the option --factorization of a command that accepts some classes.

    Other names are refused here; parameters, such as agents, are read when the model is known.
    """
    families = tuple(word.partition(":")[0] for word in offered if ":" in word)

    def check(context: click.Context, parameter: click.Parameter, value: str) -> str:
        family, colon, _ = value.partition(":")
        if value not in offered and not (colon and family in families):
            raise click.BadParameter(
                f"expected one of {', '.join(offered)}, found {value[:40]!r}", ctx=context, param=parameter
            )
        return value

    return click.option(
        "--factorization",
        callback=check,
        default="linear",
        metavar="CLASS",
        shell_complete=completion.words(offered),
        help=f"The class of Q_tot: {', '.join(offered)} (default: linear).",
    )


def plot(what: str) -> Callable[[Command], Command]:
    """Return the option --plot of a command that draws something."""
    return click.option(
        "--plot",
        metavar="FILE",
        shell_complete=completion.files,
        help=f"Draw {what}: a .png, .pdf or .svg file (needs matplotlib).",
    )


remedy = together(
    click.option(
        "--backup", default="max", metavar="B", help="max (default), mix:ETA with the data's mean, or steps:H."
    ),
    click.option("--shrink", metavar="THETA", help="Multiply the fit's deviations from its mean by THETA."),
    click.option("--damping", metavar="ALPHA", help="Move values by ALPHA of the way only."),
)
initial = click.option(
    "--initial",
    metavar="FILE",
    shell_complete=completion.files,
    help="Start from an initial/1 file instead of Q = 0.",
)
ties = click.option(
    "--ties",
    type=click.Choice(["first", "last"]),
    default="first",
    help="Which greedy action wins (default: first).",
)
learning = together(data, initial, ties)
