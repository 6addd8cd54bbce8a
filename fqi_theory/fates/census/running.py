"""All parts of a census, one after another or on Dask; what is there already is not done again."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from fqi_theory.base.errors import ExtraMissing, FormatError, FqiTheoryError
from fqi_theory.base.progress import Watch, unwatched
from fqi_theory.fates.census.parts import Decided, arrow, decide_part, keep_part
from fqi_theory.fates.census.plan import FILE, Plan, read_plan
from fqi_theory.fates.census.spans import missing, part_file, spans_there
from fqi_theory.fates.census.work import Work
from fqi_theory.model.formats.files import write_json

try:
    import fcntl
except ImportError:  # not on Windows: there nothing keeps a second run away, but `report` notices what it does
    fcntl = None  # type: ignore[assignment]

LOCK = "census.lock"
#: How long a part is to take, in seconds.
PART = 10.0
#: How often a part is begun again when the worker that had it is lost.
RETRIES = 3
#: Parts that Dask holds for each worker: one at work, one waiting.
AHEAD = 2


@dataclass(frozen=True)
class Spent:
    """What the parts of a run took all together, of all workers: seconds, and seconds of their processors."""

    parts: int = 0
    seconds: float = 0.0
    processor: float = 0.0

    def after(self, done: Decided) -> "Spent":
        """Return the same with one more part."""
        return Spent(self.parts + 1, self.seconds + done.seconds, self.processor + done.processor)


def run_census(
    plan: Plan,
    folder: Path,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    seconds: float = PART,
    watch: Watch = unwatched,
) -> Spent:
    """Decide all models that a folder lacks, keep each part as soon as it is decided, and return what this took.

    A part is a file that appears whole, by renaming; a census may be killed at any moment and begun again, and loses
    no more than the parts at work. workers: local processes of Dask, one a core by default; 0: no Dask, this process
    alone, as where Dask is not installed. scheduler: address of a Dask cluster instead; results come back to this
    process, which alone writes. seconds: how long a part is to take a worker, by the pace of those before; 0: a block
    each. watch: told how many models of how many are settled. Raises FormatError where the folder holds another census
    or another run is at it, ExtraMissing without pyarrow, and without Dask where `scheduler` or `workers` ask for it;
    FqiTheoryError where one part has lost too many workers.
    """
    arrow()
    begin(plan, folder)
    with _alone(folder):
        gaps, spent = missing(plan, spans_there(plan, folder)), Spent()
        done = plan.shape.count - sum(map(len, gaps))
        watch(done, plan.shape.count)
        for part in _decided(Work(plan, gaps, seconds), workers, scheduler):
            keep_part(part_file(plan, folder, part.span), part.content)
            spent, done = spent.after(part), done + len(part.span)
            watch(done, plan.shape.count)
    return spent


def begin(plan: Plan, folder: Path) -> None:
    """Write the plan into a new folder; raise FormatError where another plan is there."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / FILE
    if not file.exists():
        write_json(file, plan.to_json())
        return
    there, wanted = read_plan(folder).to_json(), plan.to_json()
    other = next((key for key in wanted if there[key] != wanted[key]), None)
    if other is not None:
        raise FormatError(f"{file}: {other}: expected {wanted[other]}, as asked for, found {there[other]}")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold a folder, as long as this process lives at most: two runs at once would decide the same models."""
    with (folder / LOCK).open("a") as stream:
        if fcntl is not None:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise FormatError(f"{folder}: expected no other run, found one that goes on") from None
        yield


def _decided(work: Work, workers: int | None, scheduler: str | None) -> Iterator[Decided]:
    installed = find_spec("distributed") is not None
    if not installed and (workers or scheduler):
        raise ExtraMissing("workers of a census need Dask (pip install 'fqi-theory[census]')")
    if scheduler is None and (workers == 0 or not (installed and work.missing)):
        while work.missing:
            span, work = work.cut()
            done = decide_part(work.plan, span)
            work = work.told(done)
            yield done
    else:
        yield from _on_dask(work, workers, scheduler)


def _on_dask(work: Work, workers: int | None, scheduler: str | None) -> Iterator[Decided]:
    """Yield parts as workers finish them; never more than AHEAD for each worker are under way."""
    from distributed import Client, KilledWorker, LocalCluster, as_completed

    # Any free port, though nothing is shown there: without one Dask takes 8787, and warns where another run has it.
    options = {"allowed_failures": RETRIES, "dashboard": False}
    local = {"threads_per_worker": 1, "dashboard_address": ":0", "scheduler_kwargs": options}
    with ExitStack() as stack:
        address = scheduler or stack.enter_context(LocalCluster(n_workers=workers, **local))
        client, coming = stack.enter_context(Client(address)), as_completed()
        count = max(1, len(client.scheduler_info(n_workers=-1)["workers"]))
        work = replace(work, workers=count)
        while work.missing or not coming.is_empty():
            while work.missing and coming.count() < AHEAD * count:
                span, work = work.cut()
                coming.add(client.submit(decide_part, work.plan, span, pure=False))
            try:
                done = next(coming).result()
            except KilledWorker as error:
                raise FqiTheoryError(f"census: a part lost all its workers (too little memory?): {error}") from None
            work = work.told(done)
            yield done
