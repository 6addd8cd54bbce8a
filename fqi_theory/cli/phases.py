"""What `fqi-theory phases` does: thresholds of a class under data, for a shape, a model, or recorded joint actions."""

from typing import Any

from fqi_theory.base.errors import DataError, FormatError
from fqi_theory.base.scalars import exact as exact_number
from fqi_theory.cli import inputs, phase_tables
from fqi_theory.cli.commands import require_writable, write_document
from fqi_theory.cli.progress import progress
from fqi_theory.data.data_json import read_data_of_any_shape
from fqi_theory.data.sources import Correlated, DataSource, Product, epsilon_greedy, uniform
from fqi_theory.fates.phases.diagram import Phases
from fqi_theory.fates.phases.diagram import phases as diagram
from fqi_theory.fates.phases.log_report import report
from fqi_theory.fates.phases.logs import read_log
from fqi_theory.fates.phases.witnesses import Witness, WitnessKind, witness
from fqi_theory.model.formats.load import ending
from fqi_theory.model.formats.mmdp_json import write_mmdp

KINDS: dict[str, WitnessKind] = {"diverges": "diverges", "does-not-converge": "does not converge"}


def phases(
    *,
    model: str | None,
    agents: int | None,
    actions: str | None,
    factorization: str,
    data: str,
    discount: str | None,
    renormalise: bool,
    witness: str | None,
    kind: str,
    steps: int,
    logs: str | None,
    state_column: str | None,
    confidence: str,
    json_file: str | None,
    plot: str | None,
    quiet: bool,
) -> bool:
    """Compute, write, draw, print; return False where a witness was asked for and there is none."""
    require_writable(json_file, witness)
    _require_picture(plot)
    counts = None if actions is None else _counts(actions)
    if logs is not None:
        _refuse_with_logs(model=model, witness=witness, plot=plot)
        _logs(logs, counts, state_column, confidence, json_file, quiet)
        return True
    loaded = None if model is None else inputs.load(model, discount, renormalise)
    source = _source(data) if loaded is None else inputs.data_source(data, loaded)
    if loaded is None and counts is None and isinstance(source, Product | Correlated):
        counts = _counts_of(source)
    _require_shape(model, agents, counts)
    with inputs.about(model or "--factorization"), progress("negative mass", quiet):
        found = diagram(loaded, agents=agents, actions=counts, factorization=factorization, data=source)
    rate = _discount(discount) if loaded is None else loaded.discount
    made = None if witness is None else _witness(found, source, rate, KINDS[kind], factorization, witness, steps)
    helps = found.remedies(rate) if rate is not None and 0 < rate < 1 else None
    document = {**found.to_json(), "remedies": None if helps is None else helps.to_json()}
    write_document(json_file, document if json_file else None)
    if plot is not None:
        _draw(found, source, plot)
    if not quiet and json_file != "-":
        phase_tables.diagram(found, helps)
        if made is not None:
            phase_tables.witness(made, witness)
    return made is None or made.exists


def _logs(
    path: str, counts: Any, state_column: str | None, confidence: str, json_file: str | None, quiet: bool
) -> None:
    with inputs.about("--confidence"):
        level = exact_number(confidence)
        if not 0 < level < 1:
            raise DataError(f"expected a number in (0, 1), found {confidence[:40]}")
    log = read_log(path, actions=counts, state_column=state_column)
    with inputs.about(path), progress("judging the log", quiet):
        found = report(log, level)
    write_document(json_file, found.to_json() if json_file else None)
    if not quiet and json_file != "-":
        phase_tables.log(found)


def _refuse_with_logs(**given: str | None) -> None:
    for name, value in given.items():
        if value is not None:
            what = "a MODEL" if name == "model" else f"--{name}"
            raise DataError(f"--logs: a log is judged without {what}; leave one of them out")


def _witness(
    found: Phases, source: DataSource, rate: Any, kind: WitnessKind, factorization: str, path: str, steps: int
) -> Witness:
    if rate is None:
        raise DataError("--witness: expected --discount G, the discount of the model to write")
    if ending(path) != ".json":
        raise FormatError(f"{path}: name: expected an ending .json or .json.gz")
    made = witness(discount=rate, actions=found.shape, factorization=factorization, data=source, kind=kind, steps=steps)
    if made.model is not None:
        write_mmdp(made.model, path)
    return made


def _require_shape(model: str | None, agents: int | None, counts: int | tuple[int, ...] | None) -> None:
    """Raise DataError, naming the options, unless a model has a shape or they say which."""
    if model is not None:
        if (agents, counts) != (None, None):
            raise DataError("--agents, --actions: a MODEL has its own; leave it or them out")
    elif counts is None or (agents is None and isinstance(counts, int)):
        raise DataError(
            "expected a MODEL, or --agents N with --actions A, or --actions 2,3 (a number an agent), or --logs FILE"
        )
    elif agents is not None and not isinstance(counts, int) and len(counts) != agents:
        raise DataError(f"--actions: expected one number for each of {agents} agents, found {len(counts)}")


def _counts(text: str) -> int | tuple[int, ...]:
    parts = text.split(",")
    if not all(part.isascii() and part.isdecimal() and len(part) < 7 and int(part) for part in parts):
        raise DataError(f"--actions: expected a number such as 3, or one an agent such as 2,3, found {text[:40]!r}")
    return int(text) if len(parts) == 1 else tuple(map(int, parts))


def _counts_of(source: Product | Correlated) -> tuple[int, ...]:
    if isinstance(source, Correlated):
        return tuple(source.weights.shape[1:])
    return tuple(table.shape[-1] for table in source.marginals)


def _discount(text: str | None) -> Any:
    if text is None:
        return None
    with inputs.about("--discount"):
        return exact_number(text)


def _source(text: str) -> DataSource:
    """Return data without a model: uniform, epsilon-greedy:EPS or a data/1 file, whose own shape counts."""
    if text == "uniform":
        return uniform()
    name, _, epsilon = text.partition(":")
    if name == "epsilon-greedy":
        with inputs.about("--data"):
            return epsilon_greedy(epsilon)
    if ending(text) != ".json":
        raise FormatError(f"--data: expected uniform, epsilon-greedy:EPS or a FILE.json, found {text[:40]!r}")
    with inputs.about(text):
        return read_data_of_any_shape(text)


def _require_picture(path: str | None) -> None:
    if path is not None:
        from fqi_theory.plots.canvas import require_drawing

        with inputs.about(path):
            require_drawing(path)


def _draw(found: Phases, source: DataSource, path: str) -> None:
    from fqi_theory.plots.phase_diagram import plot_regions

    most = max(10, len(found.shape) + 2)
    with inputs.about("--plot"):
        plot_regions([found.kind.name], actions=max(found.shape), data=source, most_agents=most, path=path)
