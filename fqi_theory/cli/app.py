"""The program `fqi-theory`: its commands (`declarations`), run, and what becomes of their errors.

Exit status: 0 answered, 1 unknown or refuted, 2 bad input or usage, 130 interrupted. An error is one line on standard
error that names the file (or option), the place and the reason.
"""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress

import click

from fqi_theory.base.errors import FqiTheoryError, NotRealisable, readable
from fqi_theory.cli.declarations import ANSWERED, PROGRAM, REFUTED
from fqi_theory.cli.declarations import cli as cli

BAD_INPUT, INTERRUPTED = 2, 130


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
    click.echo(f"{PROGRAM}: {readable(' '.join(message.split()))}", err=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
