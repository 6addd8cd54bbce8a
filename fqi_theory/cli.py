"""The command `fqi-theory`: models, show, convert, run, solve, decide.

Only click is imported here; each command imports what it needs, so that `--help` answers at once. Exit status: 0
answered, 1 unknown or refuted, 2 bad input or usage, 130 interrupted. An error is one line on standard error that names
the file (or option), the place and the reason.
"""

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import click

from fqi_theory.errors import FqiTheoryError, NotRealisable

PROGRAM = "fqi-theory"
ANSWERED, REFUTED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130

Command = Callable[..., Any]


def _together(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Return one decorator that applies several options, the first one listed first in the help."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


_model = click.argument("model", metavar="MODEL")
_discount = click.option("--discount", metavar="G", help="Replace the model's discount, such as 9/10 or 0.85.")
_renormalise = click.option(
    "--renormalise", is_flag=True, help="Repair rows of a .dpomdp file that miss 1 by at most 1e-9, and say which."
)
_field = click.option(
    "--exact/--float", "exact", default=True, help="Exact rationals (default), or float64: faster, labelled as float."
)
_json = click.option("--json", "json_file", metavar="FILE", help="Write the answer as JSON ('-': to standard output).")
_quiet = click.option("--quiet", "-q", is_flag=True, help="No tables, no progress: errors only.")
_source = _together(_model, _discount, _renormalise)
_learning = _together(
    click.option(
        "--data",
        default="uniform",
        metavar="DATA",
        help="uniform (default), epsilon-greedy:EPS (on-policy), or a data/1 FILE.json.",
    ),
    click.option(
        "--factorization",
        type=click.Choice(["linear", "igm", "qplex", "joint"]),
        default="linear",
        help="The class of Q_tot (default: linear).",
    ),
    click.option("--initial", metavar="FILE", help="Start from an initial/1 file instead of Q = 0."),
    click.option(
        "--ties",
        type=click.Choice(["first", "last"]),
        default="first",
        help="Which greedy action wins (default: first).",
    ),
)


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
    from fqi_theory import cli_tables

    cli_tables.models()
    return ANSWERED


@cli.command()
@_source
def show(model: str, discount: str | None, renormalise: bool) -> int:
    """Show what a model is: states, actions, discount, rewards, transitions."""
    from fqi_theory import cli_commands

    cli_commands.show(model, discount, renormalise)
    return ANSWERED


@cli.command()
@_source
@click.argument("out", metavar="OUT.json")
def convert(model: str, discount: str | None, renormalise: bool, out: str) -> int:
    """Write a model as an mmdp/1 file (OUT ends in .json or .json.gz; '-' is standard output)."""
    from fqi_theory import cli_commands

    cli_commands.convert(model, discount, renormalise, out)
    return ANSWERED


@cli.command()
@_source
@_learning
@click.option("--iterations", type=click.IntRange(min=0), default=50, metavar="N", help="How many (default: 50).")
@click.option(
    "--method",
    type=click.Choice(["auto", "generic"]),
    default="auto",
    help="generic refits every joint table; auto takes the fastest equal path (default).",
)
@_field
@_json
@click.option("--plot", metavar="FILE", help="Draw V(s) against t (.png, .pdf, .svg; needs matplotlib).")
@_quiet
def run(**options: Any) -> int:
    """Iterate factored fitted Q-iteration from Q = 0 and show the trajectory."""
    from fqi_theory import cli_commands

    cli_commands.run(**options)
    return ANSWERED


@cli.command()
@_source
@_field
@_json
@_quiet
def solve(**options: Any) -> int:
    """Compute V*, Q* and an optimal joint policy."""
    from fqi_theory import cli_commands

    cli_commands.solve(**options)
    return ANSWERED


@cli.command()
@_source
@_learning
@click.option("--iterations", type=click.IntRange(min=0), metavar="N", help="Follow the run for at most N exact steps.")
@_field
@click.option("--certificate", metavar="FILE", help="Write the certificate that proves the answer.")
@_json
@_quiet
def decide(**options: Any) -> int:
    """Decide the fate of a run: converges, cycles, diverges (each certified), or unknown (exit status 1)."""
    from fqi_theory import cli_commands

    return REFUTED if cli_commands.decide(**options) == "unknown" else ANSWERED


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
