"""A spinner with the time so far, on standard error, for work that takes more than a second."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

DELAY = 1.0


@contextmanager
def progress(label: str, quiet: bool = False) -> Iterator[None]:
    """Show `label` and the time after one second, when standard error is a terminal; nothing is left on the screen."""
    if quiet or not sys.stderr.isatty():
        yield
        return
    done = threading.Event()
    worker = threading.Thread(target=_spin, args=(label, done), daemon=True)
    worker.start()
    try:
        yield
    finally:
        done.set()
        worker.join()


def _spin(label: str, done: threading.Event) -> None:
    if done.wait(DELAY):
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        bar.add_task(label, total=None)
        done.wait()
