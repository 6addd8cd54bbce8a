"""All parts of a census that are there, judged; what was judged is kept beside each part, and not judged again."""

import hashlib
import json
import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from io import BytesIO
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

from proofs_check.census.plan import Plan
from proofs_check.census.rows import fault


class Part(NamedTuple):
    """A file with the rows of the models first, ..., end - 1."""

    first: int
    end: int
    file: str


def judge(folder: Path, plan: Plan, jobs: int) -> Iterator[dict[str, Any]]:
    """Yield what is found of each part that is there: rows, models, faults, seconds of processor time.

    models: [fate, period, how many], classes with all their models. Kept as judged-FIRST-END.json with the digest of
    the plan and the part, so that a judge who is stopped goes on, and what has changed is judged again.
    """
    parts = parts_of(folder)
    for before, own in pairwise(parts):
        if own.first < before.end:
            yield {"rows": 0, "models": [], "faults": [f"{own.file}: shares numbers with {before.file}"], "seconds": 0}
    if jobs == 1:
        yield from (judged(folder, plan, part) for part in parts)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(partial(judged, folder, plan), parts)


def judged(folder: Path, plan: Plan, part: Part) -> dict[str, Any]:
    """Return what is found of a part, as `judge` says."""
    content, kept = (folder / part.file).read_bytes(), folder / f"judged-{part.first}-{part.end}.json"
    digest = hashlib.sha256(repr(plan).encode() + content).hexdigest()
    before: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    if before.get("sha256") == digest:
        return before
    found = {"sha256": digest, **_counted(plan, part, content)}
    temporary = kept.with_suffix(f".{os.getpid()}.tmp")
    temporary.write_text(json.dumps(found), encoding="utf-8")
    temporary.replace(kept)
    return found


def parts_of(folder: Path) -> list[Part]:
    """Return the parts of a folder, increasing; raises ValueError at another name."""
    found = []
    for file in folder.glob("part-*.parquet"):
        match = re.fullmatch(r"part-([0-9]+)-([0-9]+)\.parquet", file.name)
        if not match:
            raise ValueError(f"{file}: expected part-FIRST-END.parquet")
        found.append(Part(int(match[1]), int(match[2]), file.name))
    return sorted(found)


def _counted(plan: Plan, part: Part, content: bytes) -> dict[str, Any]:
    """Judge the rows of a part: a row belongs to the part of its number, and numbers increase."""
    from pyarrow import parquet

    begin, faults, models = time.process_time(), list[str](), Counter[tuple[str, int | None]]()
    before = part.first - 1
    rows = parquet.read_table(BytesIO(content)).to_pylist()
    for row in rows:
        ordered = before < row["number"] < part.end
        wrong = fault(plan, row) if ordered else "expected numbers of this part, increasing"
        before = row["number"]
        models[row["fate"], row["period"]] += row["size"]
        faults += [f"model {row['number']}: {wrong}"] if wrong else []
    counts = [[*key, count] for key, count in models.items()]
    return {"rows": len(rows), "models": counts, "faults": faults, "seconds": time.process_time() - begin}
