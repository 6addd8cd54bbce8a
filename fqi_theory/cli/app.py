"""The command `fqi-theory`: models, show, convert, run, solve, decide, attractors, critical, phases.

Only click is imported here; each command imports what it needs, so that `--help` answers at once. Exit status: 0
answered, 1 unknown or refuted, 2 bad input or usage, 130 interrupted. An error is one line on standard error that names
the file (or option), the place and the reason.
"""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import click

from fqi_theory.base.errors import FqiTheoryError, NotRealisable
from fqi_theory.cli import completion, options

PROGRAM = "fqi-theory"
ANSWERED, REFUTED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130


def _version(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        from importlib.metadata import PackageNotFoundError, version

        try:
            click.echo(f"{PROGRAM} {version(PROGRAM)}")
        except PackageNotFoundError:
            click.echo(f"{PROGRAM} (not installed)")
        context.exit()


@click.group(no_args_is_help=False, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version.")
def cli() -> None:
    """Exact tabular theory of factored multi-agent fitted Q-iteration.

    MODEL is a name of the catalogue (see `fqi-theory models`) or a file: .json (mmdp/1), .dpomdp or .nfg, each also
    .gz.
    Exit status: 0 answered, 1 unknown or refuted, 2 bad input or usage.
    """


@cli.command()
def models() -> int:
    """List the models of the catalogue."""
    from fqi_theory.cli import tables

    tables.models()
    return ANSWERED


@cli.command()
@options.source
def show(model: str, discount: str | None, renormalise: bool) -> int:
    """Show what a model is: states, actions, discount, rewards, transitions."""
    from fqi_theory.cli import commands

    commands.show(model, discount, renormalise)
    return ANSWERED


@cli.command()
@options.source
@click.argument("out", metavar="OUT.json", shell_complete=completion.files)
def convert(model: str, discount: str | None, renormalise: bool, out: str) -> int:
    """Write a model as an mmdp/1 file (OUT ends in .json or .json.gz; '-' is standard output)."""
    from fqi_theory.cli import commands

    commands.convert(model, discount, renormalise, out)
    return ANSWERED


@cli.command("from-transitions")
@click.argument("file", metavar="FILE", shell_complete=completion.files)
@click.argument("out", metavar="MODEL.json", shell_complete=completion.files)
@click.argument("data_out", metavar="[DATA.json]", required=False, shell_complete=completion.files)
@click.option("--discount", metavar="G", required=True, help="The model's discount, such as 9/10 or 0.85.")
@click.option(
    "--unvisited",
    type=click.Choice(["refuse", "absorb"]),
    default="refuse",
    help="Joint actions never tried in a state: refuse (default), or self-loops with reward 0 and weight 0.",
)
@click.option("--rounding", metavar="STEP", help="Round the float rewards of an .npz file to this step, such as 1e-6.")
def from_transitions(**given: Any) -> int:
    """Count recorded transitions (.csv or .npz): write the empirical model and, if wanted, its data distribution."""
    from fqi_theory.cli import transitions

    transitions.from_transitions(**given)
    return ANSWERED


@cli.command()
@options.source
@options.classes(options.RUN_CLASSES)
@options.learning
@options.remedy
@click.option("--iterations", type=click.IntRange(min=0), default=50, metavar="N", help="How many (default: 50).")
@click.option(
    "--method",
    type=click.Choice(["auto", "generic"]),
    default="auto",
    help="generic refits every joint table; auto takes the fastest equal path (default).",
)
@click.option(
    "--unsupported",
    type=click.Choice(["choose", "refuse"]),
    default="choose",
    help="Where data leave factors undetermined: choose and warn (default), or refuse.",
)
@options.field
@options.json_file
@click.option(
    "--plot",
    metavar="FILE",
    shell_complete=completion.files,
    help="Draw V(s) against t (.png, .pdf, .svg; needs matplotlib).",
)
@options.quiet
def run(**given: Any) -> int:
    """Iterate factored fitted Q-iteration from Q = 0 and show the trajectory."""
    from fqi_theory.cli import commands

    commands.run(**given)
    return ANSWERED


@cli.command()
@options.source
@options.field
@options.json_file
@options.quiet
def solve(**given: Any) -> int:
    """Compute V*, Q* and an optimal joint policy."""
    from fqi_theory.cli import commands

    commands.solve(**given)
    return ANSWERED


@cli.command()
@options.source
@options.classes(options.FATE_CLASSES)
@options.deciding
@options.remedy
@click.option("--iterations", type=click.IntRange(min=0), metavar="N", help="Follow the run for at most N exact steps.")
@click.option(
    "--certificate",
    metavar="FILE",
    shell_complete=completion.files,
    help="Write the certificate that proves the answer.",
)
@options.json_file
@options.quiet
def decide(**given: Any) -> int:
    """Decide the fate of a run: converges, cycles, diverges (each certified), or unknown (exit status 1)."""
    from fqi_theory.cli import commands

    return REFUTED if commands.decide(**given) == "unknown" else ANSWERED


@cli.command()
@options.source
@options.data
@click.option(
    "--longest", type=click.IntRange(1, 64), default=3, metavar="K", help="Longest cycle sought (default: 3)."
)
@click.option("--samples", type=click.IntRange(min=0), default=100, metavar="N", help="Random starts (default: 100).")
@click.option("--seed", type=click.IntRange(min=0), default=0, metavar="S", help="Seed of the starts (default: 0).")
@options.json_file
@options.quiet
def attractors(**given: Any) -> int:
    """List all isolated fixed points and short cycles of linear FQI on a small model, and which of them attract."""
    from fqi_theory.cli import portraits

    portraits.attractors(**given)
    return ANSWERED


@cli.command()
@options.source
@click.option("--parameter", type=click.Choice(["discount", "epsilon"]), required=True, help="What varies in (0, 1).")
@click.option(
    "--data",
    metavar="DATA",
    help="With --parameter discount: uniform (default), epsilon-greedy:EPS or a data/1 FILE.json.",
)
@click.option(
    "--policy", metavar="P", help='Joint actions by index, one a state, such as "0,0;0,0" (default: an optimal policy).'
)
@options.json_file
@options.quiet
def critical(**given: Any) -> int:
    """Find exactly where the fixed point of a policy starts or stops to attract as a parameter varies."""
    from fqi_theory.cli import portraits

    portraits.critical(**given)
    return ANSWERED


@cli.command()
@click.argument("model", metavar="[MODEL]", required=False, shell_complete=completion.models)
@click.option("--agents", type=click.IntRange(min=1), metavar="N", help="Without a model: how many agents.")
@click.option("--actions", metavar="A", help="Without a model: actions of every agent (3), or of each (2,3).")
@click.option("--factorization", default="linear", metavar="CLASS", help="The class of Q_tot (default: linear).")
@options.data
@options.discount
@options.renormalise
@click.option("--witness", metavar="OUT.json", shell_complete=completion.files, help="Write a model, at --discount.")
@click.option(
    "--kind",
    type=click.Choice(["diverges", "does-not-converge"]),
    default="diverges",
    help="What the witness does from Q = 0 (default: diverges).",
)
@click.option("--steps", type=click.IntRange(min=1), default=1, metavar="H", help="Witness against H-step returns.")
@click.option("--logs", metavar="FILE", shell_complete=completion.files, help="Judge joint actions recorded in a file.")
@click.option("--state-column", metavar="NAME", help="With --logs: the column of state or cluster ids.")
@click.option("--confidence", metavar="C", default="19/20", help="With --logs: of its bounds (default: 19/20).")
@options.json_file
@click.option("--plot", metavar="FILE", shell_complete=completion.files, help="Draw the diagram (.png, .pdf, .svg).")
@options.quiet
def phases(**given: Any) -> int:
    """Tell at which discounts every run converges, is bounded, or some run diverges (the phase diagram).

    For a class of Q_tot and data: of any model of a shape, and of MODEL in particular. CLASS: linear (vdn),
    additive:K, graph:0-1,1-2, igm, qplex or joint. With --logs: from recorded joint actions (.npy, .csv, .parquet).
    """
    from fqi_theory.cli import phases as command

    return ANSWERED if command.phases(**given) else REFUTED


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status; errors become one line on standard error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        status = cli.main(args=argv, prog_name=PROGRAM, standalone_mode=False)
        sys.stdout.flush()
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except click.ClickException as error:
        return _refuse(_usage(error))
    except NotRealisable as error:
        return _refuse(str(error), REFUTED)
    except FqiTheoryError as error:
        return _refuse(str(error))
    except BrokenPipeError:
        _drop_output()
        return ANSWERED
    except (OSError, RecursionError, MemoryError) as error:
        if isinstance(error, OSError):
            _drop_output()
        return _refuse(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)
    return status if isinstance(status, int) else ANSWERED


def _usage(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    hint = f"; see '{context.command_path} --help'" if context is not None else ""
    return f"{error.format_message().rstrip('.')}{hint}"


def _drop_output() -> None:
    """Send what is still buffered nowhere, so that the interpreter does not fail on it again when it exits."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _refuse(message: str, status: int = BAD_INPUT) -> int:
    click.echo(f"{PROGRAM}: {' '.join(message.split())}", err=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
