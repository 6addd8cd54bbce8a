"""The commands of `fqi-theory` as click has them: models, show, convert, run, solve, decide, attractors, critical, ...

Only click is imported here; each command imports what it needs, so that `--help` answers at once, and returns its exit
status.
"""

from typing import Any

import click

from fqi_theory.cli import completion, options
from fqi_theory.cli.ranges import Positive, Whole

PROGRAM = "fqi-theory"
ANSWERED, REFUTED = 0, 1


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

    MODEL is a name of the catalogue (see `fqi-theory models`) or a file: .json (mmdp/1), .dpomdp, .nfg or .csv, each
    also .gz.
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
@click.argument("out", metavar="OUT", shell_complete=completion.files)
def convert(model: str, discount: str | None, renormalise: bool, out: str) -> int:
    """Write a model in the format that OUT ends in: .json (mmdp/1), .dpomdp or, for games, .nfg; each also .gz.

    '-' is mmdp/1 on standard output. What a format does not hold is refused.
    """
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
@click.option("--rounding", metavar="STEP", help="Round the float rewards of a file to this step, such as 1e-6.")
def from_transitions(**given: Any) -> int:
    """Count recorded transitions (.csv, .npz, .parquet): write the empirical model and, if wanted, its data.

    Columns: state, action (or action_1, ..., action_n), reward, next_state and, if wanted, terminated, truncated and
    available (or available_1, ...): what each agent may do in the state, as a flag for each action or as names,
    in .csv with | between them.
    """
    from fqi_theory.cli import transitions

    transitions.from_transitions(**given)
    return ANSWERED


@cli.command()
@options.source
@options.classes(options.RUN_CLASSES)
@options.learning
@options.remedy
@click.option("--iterations", type=Whole(min=0), default=50, metavar="N", help="How many (default: 50).")
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
@options.plot("V(s) against t")
@options.quiet
def run(**given: Any) -> int:
    """Iterate factored fitted Q-iteration from Q = 0 and show the trajectory."""
    from fqi_theory.cli import commands

    commands.run(**given)
    return ANSWERED


@cli.command()
@options.source
@click.option("--horizon", type=Whole(min=1), metavar="H", help="So many steps instead of all time.")
@options.field
@options.json_file
@options.quiet
def solve(**given: Any) -> int:
    """Compute V*, Q* and an optimal joint policy, over all time or H steps.

    All time needs a discount below 1, or 1 where every policy ends.
    """
    from fqi_theory.cli import commands

    commands.solve(**given)
    return ANSWERED


@cli.command()
@options.source
@options.classes(options.FATE_CLASSES)
@options.learning
@options.remedy
@click.option("--iterations", type=Whole(min=0), metavar="N", help="Follow the run for at most N exact steps.")
@click.option("--seconds", type=Positive(), metavar="T", help="Stop the search after T seconds.")
@click.option(
    "--unsupported",
    type=click.Choice(["choose", "refuse"]),
    default="refuse",
    help="Where data leave factors undetermined: refuse (default: unknown), or choose as run does.",
)
@options.plot("the run and its limit or cycle")
@click.option(
    "--certificate",
    metavar="FILE",
    shell_complete=completion.files,
    help="Write the certificate that proves the answer.",
)
@options.json_file
@options.quiet
def decide(**given: Any) -> int:
    """Decide the fate of a run: converges, cycles, diverges, aperiodic (each certified).

    Exit status 1: bounded (certified too, but no more is known), or unknown.
    """
    from fqi_theory.cli import commands

    return REFUTED if commands.decide(**given) in ("bounded", "unknown") else ANSWERED


@cli.command()
@options.source
@options.plain_data
@click.option("--longest", type=Whole(1, 64), default=3, metavar="K", help="Longest cycle sought (default: 3).")
@click.option("--samples", type=Whole(min=0), default=100, metavar="N", help="Random starts (default: 100).")
@click.option("--seed", type=Whole(min=0), default=0, metavar="S", help="Seed of the starts (default: 0).")
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
@click.option("--agents", type=Whole(min=1), metavar="N", help="Without a model: how many agents.")
@click.option("--actions", metavar="A", help="Without a model: actions of every agent (3), or of each (2,3).")
@click.option("--factorization", default="linear", metavar="CLASS", help="The class of Q_tot (default: linear).")
@options.plain_data
@options.discount
@options.renormalise
@click.option("--witness", metavar="OUT.json", shell_complete=completion.files, help="Write a model, at --discount.")
@click.option(
    "--kind",
    type=click.Choice(["diverges", "does-not-converge"]),
    default="diverges",
    help="What the witness does from Q = 0 (default: diverges).",
)
@click.option("--steps", type=Whole(min=1), default=1, metavar="H", help="Witness against H-step returns.")
@click.option("--logs", metavar="FILE", shell_complete=completion.files, help="Judge joint actions recorded in a file.")
@click.option("--state-column", metavar="NAME", help="With --logs: the column of state or cluster ids.")
@click.option("--confidence", metavar="C", default="19/20", help="With --logs: of its bounds (default: 19/20).")
@options.json_file
@options.plot("the diagram")
@options.quiet
def phases(**given: Any) -> int:
    """Tell at which discounts every run converges, is bounded, or some run diverges (the phase diagram).

    For a class of Q_tot and data: of any model of a shape, and of MODEL in particular. CLASS: linear (vdn),
    additive:K, graph:0-1,1-2, igm, qplex or joint. With --logs: from recorded joint actions (.npy, .csv, .parquet).
    """
    from fqi_theory.cli import phases as command

    return ANSWERED if command.phases(**given) else REFUTED


@cli.group()
def census() -> None:
    """Decide every deterministic model of a small shape, from Q = 0."""


@census.command("run")
@click.argument("folder", metavar="FOLDER", type=click.Path(file_okay=False))
@click.option("--states", type=Whole(min=1), default=2, metavar="S", help="States (default: 2).")
@click.option("--actions", default="2,2", metavar="A", help="Actions of each agent (default: 2,2).")
@click.option("--rewards", default="0,1", metavar="R", help="The rewards that occur (default: 0,1).")
@click.option("--discount", default="9/10", metavar="G", help="The discount (default: 9/10).")
@click.option("--data", default="uniform", metavar="DATA", help="uniform (default) or epsilon-greedy:EPS.")
@options.classes(options.FATE_CLASSES)
@options.ties
@click.option("--block", type=Whole(min=1), default=1024, metavar="N", help="Numbers decided together (default: 1024).")
@click.option("--certificates", is_flag=True, help="Keep the certificates in the files.")
@click.option("--workers", type=Whole(min=0), metavar="N", help="Processes (one a core); 0: without Dask.")
@click.option("--scheduler", metavar="ADDRESS", help="A Dask cluster instead, such as tcp://HOST:8786.")
@click.option(
    "--seconds", type=Whole(min=0), default=10, metavar="T", help="Time of a part (default: 10); 0: one block each."
)
@options.quiet
def census_run(**given: Any) -> int:
    """Begin a census in FOLDER, or go on with one that was stopped at any moment."""
    from fqi_theory.cli import census as command

    command.run(**given)
    return ANSWERED


@census.command("report")
@click.argument("folder", metavar="FOLDER", type=click.Path(file_okay=False))
@click.option("--sql", metavar="QUERY", help="Show what SQL says of the view rows, one a class, instead.")
@options.json_file
@options.quiet
def census_report(**given: Any) -> int:
    """Show exact counts of models and the smallest model of each fate; exit status 1 unless all have one.

    With --sql, in the SQL of DuckDB: select fate, count(*), sum(size) from rows group by fate.
    """
    from fqi_theory.cli import census as command

    return ANSWERED if command.report(**given) else REFUTED
