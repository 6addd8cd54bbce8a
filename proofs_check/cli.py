"""The judge's command line: verify | claims | check. Heavy modules are imported by the command that needs them."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from fqi_theory.cli.ranges import Whole

if TYPE_CHECKING:
    from proofs_check.verification import Verdicts

PROCESSES = 2
INTERRUPTED = 130


def _claim_ids(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    from proofs_check.registry import claims

    ids = [claim.id for claim in claims()]
    return [known for known in dict.fromkeys([*(i.partition(".")[0] for i in ids), *ids]) if known.startswith(begun)]


class _Program(click.Group):
    """A group whose exit status is 0 on a broken pipe (nobody reads on) and 130 on Ctrl-C, as for every program."""

    def main(self, *args: Any, **options: Any) -> NoReturn:
        """Run the command line and exit."""
        try:
            status = super().main(*args, **{**options, "standalone_mode": False})
            sys.stdout.flush()
        except (click.Abort, KeyboardInterrupt):
            sys.exit(INTERRUPTED)
        except click.ClickException as error:
            error.show()
            sys.exit(error.exit_code)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)
        sys.exit(status if isinstance(status, int) else 0)


@click.group(cls=_Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="fqi-theory", prog_name="proofs-check")
def main() -> None:
    """Re-verify the claims of the theory, and certificates, in exact arithmetic."""


@main.command()
@click.option(
    "--claim",
    "claims",
    multiple=True,
    metavar="ID",
    shell_complete=_claim_ids,
    help="Only this claim, or all of a theorem (thm1); repeat.",
)
@click.option("--examples", type=Whole(min=1), help="Random instances for each claim that samples.")
@click.option("--seed", type=Whole(min=0), default=0, show_default=True, help="Seed of the random instances.")
@click.option("--jobs", type=Whole(min=1), default=PROCESSES, show_default=True, help="Processes.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write verdicts/1 here.")
@click.option("--html", "html_file", type=click.Path(dir_okay=False, path_type=Path), help="Write a report page here.")
@click.option("--quiet", "-q", is_flag=True, help="No table, no progress: errors and the exit status only.")
def verify(
    claims: tuple[str, ...],
    examples: int | None,
    seed: int,
    jobs: int,
    json_file: Path | None,
    html_file: Path | None,
    quiet: bool,
) -> None:
    """Decide the claims and print how each is known; exit 1 when one came out otherwise than expected."""
    from proofs_check.table import print_verdicts

    for path in filter(None, (json_file, html_file)):
        if not path.parent.is_dir():
            _refuse(f"{path}: no folder {path.parent}")
    verdicts = _run(claims, examples, seed, jobs, quiet)
    if not quiet:
        print_verdicts(verdicts)
    document = verdicts.to_json()
    if json_file is not None:
        _write(json_file, json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    if html_file is not None:
        from proofs_check.report import page

        _write(html_file, page(document))
    sys.exit(0 if verdicts.as_expected else 1)


@main.command(name="claims")
def list_claims() -> None:
    """Print the registry: every claim with the verdict that the theory predicts."""
    from proofs_check.registry import claims
    from proofs_check.table import print_claims

    print_claims(claims())


@main.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
def check(files: tuple[Path, ...]) -> None:
    """Re-verify certificates with the standalone checker; exit 0 only if all hold."""
    from proofs_check.checker import main as checker

    sys.exit(checker([str(path) for path in files]))


def _run(claims: tuple[str, ...], examples: int | None, seed: int, jobs: int, quiet: bool) -> "Verdicts":
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from proofs_check.registry import select
    from proofs_check.table import console, line
    from proofs_check.verification import verify as decide

    try:
        total = len(select(claims))
    except KeyError as error:
        _refuse(error.args[0])
    stderr = console(error=True)
    if quiet:
        return decide(claims, examples, seed, lambda _: None, jobs)
    if not stderr.is_terminal:
        return decide(claims, examples, seed, lambda result: click.echo(line(result), err=True), jobs)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=stderr, transient=True) as bar:
        task = bar.add_task("verifying", total=total)
        return decide(claims, examples, seed, lambda r: bar.update(task, advance=1, description=r.claim.id), jobs)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        _refuse(f"{path}: {error.strerror}")


def _refuse(reason: str) -> NoReturn:
    click.echo(f"proofs-check: {reason}", err=True)
    sys.exit(2)


if __name__ == "__main__":
    main()
