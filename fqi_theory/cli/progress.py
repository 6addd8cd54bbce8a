"""A spinner with the time so far, and how far it is where that is known, on standard error, for work over a second."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

DELAY = 1.0
REFRESH = 0.1


class Count:
    """How many steps are done, of how many at most; nothing is known before the first call."""

    def __init__(self) -> None:
        self.text = ""

    def __call__(self, done: int, most: int) -> None:
        """Note that `done` of at most `most` steps are done."""
        self.text = f"{done:,}/{most:,}"


@contextmanager
def progress(label: str, quiet: bool = False) -> Iterator[Count]:
    """Show `label`, the time and the count after one second, when standard error is a terminal; nothing is left there.

    Yields what the work tells its count to.
    """
    count = Count()
    if quiet or not sys.stderr.isatty():
        yield count
        return
    done = threading.Event()
    worker = threading.Thread(target=_spin, args=(label, count, done), daemon=True)
    worker.start()
    try:
        yield count
    finally:
        done.set()
        worker.join()


def _spin(label: str, count: Count, done: threading.Event) -> None:
    if done.wait(DELAY):
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    texts = TextColumn("{task.description}", markup=False), TextColumn("{task.fields[count]}", markup=False)
    with Progress(SpinnerColumn(), *texts, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None, count=count.text)
        while not done.wait(REFRESH):
            bar.update(task, count=count.text)
