"""One input: accepted, refused or at fault. Faults are everything that no reader may do."""

import signal
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import process_time
from types import FrameType
from typing import Literal

import fqi_theory as ft
from benchmarks.fuzz.doors import Door
from benchmarks.fuzz.sound import Refused
from fqi_theory.model.formats.load import RenormalisedWarning

#: A refusal is one line, and short enough to be read.
LONGEST = 1000
#: Processor time for one input: other programs on the machine make nothing slower.
SECONDS = 5.0


class TooLong(BaseException):
    """The time for one input is over; no reader catches it."""


@dataclass(frozen=True)
class Outcome:
    """What became of one input; `why` is the refusal, or what the fault is."""

    kind: Literal["accepted", "refused", "fault"]
    why: str
    seconds: float


def input_of(door: Door, seed: int, number: int) -> bytes:
    """Return input `number` of a door."""
    return door.make(Random(f"{seed} {door.name} {number}"))


def judged(door: Door, content: bytes, folder: Path, seconds: float = SECONDS) -> Outcome:
    """Let a door read some content, written into a folder, and judge what comes."""
    path = folder / door.file
    path.write_bytes(content)
    begun = process_time()
    try:
        with _limited(seconds), warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", RenormalisedWarning)
            found = door.read(path)
        kind, why = "accepted", ""
    except (ft.FqiTheoryError, Refused) as refusal:
        kind, why = "refused", str(refusal)
    except TooLong:
        return Outcome("fault", f"no answer within {seconds:g} s of processor time", process_time() - begun)
    except BaseException as fault:
        if isinstance(fault, KeyboardInterrupt):
            raise
        return Outcome("fault", _last(fault), process_time() - begun)
    spent = process_time() - begun
    if kind == "accepted":
        try:
            door.sound(found)
        except Exception as fault:
            return Outcome("fault", f"accepted, but not valid: {_last(fault)}", spent)
        return Outcome("accepted", "", spent)
    wrong = _unfit(why, str(path) if door.placed else "")
    return Outcome("fault", f"{wrong}: {why[:300]!r}", spent) if wrong else Outcome("refused", why, spent)


def _unfit(message: str, place: str) -> str:
    """Return what is wrong with the message of a refusal, or nothing; it begins with the place."""
    if len(message.splitlines()) != 1:
        return "a refusal of several lines, or none"
    if not message.isprintable():
        return "a refusal with characters that a terminal obeys or cannot show"
    if len(message) > LONGEST:
        return f"a refusal of {len(message)} characters"
    return "" if message.startswith(place) else "a refusal that does not begin with the file"


def _last(fault: BaseException) -> str:
    where = traceback.extract_tb(fault.__traceback__)[-1]
    return f"{type(fault).__name__} in {Path(where.filename).name}:{where.lineno}: {str(fault)[:300]!r}"


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TooLong

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
