"""The readers: what each is given, how it reads, and what a valid answer is."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Any

import fqi_theory as ft
from benchmarks.fuzz import readings, seeds, sound, tables
from benchmarks.fuzz.mutations import Mutation, broken, lines, mutated, numerals, tree, words

TEXT: tuple[Mutation, ...] = (words, words, numerals, lines)
JSON: tuple[Mutation, ...] = (tree, tree, tree, words, numerals, lines)
#: Who makes an input, given a generator of random numbers.
Make = Callable[[Random], bytes]


@dataclass(frozen=True)
class Door:
    """A reader. file: the name of its input. make: one input. read: reads it, and raises what it refuses with.

    sound: raises AssertionError where what was read is not valid. placed: refusals begin with the file.
    """

    name: str
    file: str
    make: Make
    read: Callable[[Path], Any]
    sound: Callable[[Any], object] = id
    placed: bool = True


def doors(folder: Path | None = None) -> list[Door]:
    """Return all readers; folder: where real documents are."""
    real = partial(seeds.real, folder)
    games, processes = [*seeds.games(), *real(".nfg")], [*seeds.texts(seeds.TIGER, seeds.SDM), *real(".dpomdp")]
    files = {
        "model.json": _broken(seeds.models()),
        "game.nfg": _broken(games, TEXT),
        "process.dpomdp": _broken(processes, TEXT),
        "game.csv": _broken(seeds.texts(*seeds.TABLES), TEXT),
    }
    readers = {"model.json": readings.published(ft.load, "fqi_theory", "schemas/mmdp-1.schema.json")}
    found = [
        Door(f"load {file}", file, make, readers.get(file, ft.load), sound.require_model)
        for file, make in files.items()
    ]
    found += [Door(f"show {file}", file, make, readings.shown) for file, make in files.items()]
    return [*found, *_other_models(), *_documents(), *_masks(), *_recorded(), *_judges()]


def _other_models() -> Iterator[Door]:
    names = _broken(seeds.texts(*seeds.NAMES), TEXT)
    yield Door("catalogue name", "name.txt", names, readings.named, sound.require_model, placed=False)
    yield Door("game.efg", "game.efg", _broken(seeds.texts(seeds.EXTENSIVE), TEXT), ft.load, readings.never)
    yield Door("options", "options.txt", _option, readings.optioned, placed=False)
    yield Door("census", "census.json", _broken(seeds.jsons(seeds.CENSUS)), readings.census)


def _option(rng: Random) -> bytes:
    """Return a command and its option as they are, and the text of the option broken."""
    head, _, text = rng.choice(seeds.options()).rpartition(b"\n")
    return head + b"\n" + mutated(rng, text, TEXT)


def _documents() -> Iterator[Door]:
    mixed = [*seeds.models(), *seeds.data(), *seeds.starts(), *seeds.results(), *seeds.certificates()]
    checked = readings.published(readings.data, "fqi_theory", "schemas/data-1.schema.json")
    yield Door("data", "data.json", _broken(seeds.data()), checked, sound.require_data)
    yield Door("data, any shape", "data.json", _broken(seeds.data()), ft.read_data_of_any_shape, sound.require_shape)
    yield Door("initial", "start.json", _broken(seeds.starts()), readings.start, readings.require_start)
    yield Door("any document", "any.json", _broken(mixed), readings.any_document)


def _masks() -> Iterator[Door]:
    masks, table = _broken(seeds.jsons(*seeds.MASKS)), _broken(seeds.jsons(seeds.ENVIRONMENT))
    yield Door("masks", "masks.json", masks, readings.masked, sound.require_model, placed=False)
    yield Door("masks of transitions", "masks.json", masks, readings.masked_log, sound.require_masked, placed=False)
    yield Door("table P", "table.json", table, readings.masked_environment, sound.require_model, placed=False)


def _recorded() -> Iterator[Door]:
    answer = sound.require_masked
    yield Door("transitions tuples", "log.txt", _seed, readings.tuples, answer, placed=False)
    yield Door("transitions arrays", "log.txt", _seed, readings.arrays, answer, placed=False)
    yield Door("transitions .csv", "log.csv", _csv, readings.counted, answer)
    yield Door("transitions .npz", "log.npz", _npz, readings.counted, answer)
    yield Door("log .csv", "log.csv", _log_csv, readings.log, sound.require_log)
    yield Door("log .npy", "log.npy", _log_npy, readings.log, sound.require_log)
    if find_spec("pyarrow"):
        yield Door("transitions .parquet", "log.parquet", _parquet, readings.counted, answer)
        yield Door("log .parquet", "log.parquet", _parquet, readings.log, sound.require_log)


def _judges() -> Iterator[Door]:
    make = _broken(seeds.certificates())
    checked = readings.published(readings.checked, "proofs_check", "schema/certificate-1.schema.json")
    yield Door("certificate", "certificate.json", make, checked, placed=False)
    yield Door("certificate to Coq", "certificate.json", make, readings.translated, placed=False)


def _broken(documents: Sequence[bytes], kinds: Sequence[Mutation] = JSON) -> Make:
    return lambda rng: mutated(rng, rng.choice(documents), kinds)


def _maybe_broken(rng: Random, content: bytes) -> bytes:
    return broken(rng, content) if rng.random() < 0.3 else content


def _csv(rng: Random) -> bytes:
    if rng.random() < 0.5:
        return tables.csv_bytes(tables.table(rng))
    return mutated(rng, rng.choice(seeds.texts(*seeds.TRANSITIONS)), TEXT)


def _npz(rng: Random) -> bytes:
    return _maybe_broken(rng, tables.npz_bytes(tables.arrays(rng, tables.table(rng))))


def _parquet(rng: Random) -> bytes:
    return _maybe_broken(rng, tables.parquet_bytes(tables.table(rng)))


def _log_csv(rng: Random) -> bytes:
    return mutated(rng, rng.choice(seeds.texts(*seeds.LOGS)), TEXT)


def _log_npy(rng: Random) -> bytes:
    return _maybe_broken(rng, tables.npy_bytes(tables.table(rng)))


def _seed(rng: Random) -> bytes:
    return rng.randbytes(8).hex().encode()
