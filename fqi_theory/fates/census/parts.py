"""One part of a census: its models decided, and kept as a Parquet file that is written whole or not at all."""

import json
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import mkstemp
from typing import Any

from fqi_theory.base.errors import ExtraMissing
from fqi_theory.fates.batch import decide_many
from fqi_theory.fates.census.plan import Plan
from fqi_theory.fates.census.spans import Span

#: Where a part says which plan it belongs to.
KEY = b"census"
#: Of a part, with their types in Arrow.
COLUMNS = (
    *(("number", "int64"), ("size", "int64"), ("period", "int32")),
    *(("fate", "string"), ("proof", "string"), ("certificate", "string")),
)


def arrow() -> Any:
    """Return pyarrow with its modules for JSON and Parquet; raises ExtraMissing."""
    try:
        import pyarrow
        import pyarrow.json
        import pyarrow.parquet
    except ImportError:
        raise ExtraMissing("a census needs pyarrow (pip install 'fqi-theory[census]')") from None
    return pyarrow


@dataclass(frozen=True)
class Decided:
    """A part: its Parquet file, and what it took, in seconds and in seconds of the processor."""

    span: Span
    content: bytes
    seconds: float
    processor: float


def decide_part(plan: Plan, span: Span) -> Decided:
    """Decide a part: one row for each class whose least number is in it.

    Columns: number, of the least model; size, of its class; fate (`Fate.word`); period, null unless a cycle; proof,
    null where unknown; certificate, JSON, null unless the plan keeps them. The same bytes at every call; the same rows
    as in any other parts, since a block is decided as it is, whatever is before and after it.
    """
    begin, worked = time.monotonic(), time.process_time()
    blocks = range(span.first, span.end, plan.block)
    rows = [row for first in blocks for row in _rows(plan, first, min(first + plan.block, span.end))]
    content = _parquet(rows, json.dumps(plan.to_json()))
    return Decided(span, content, time.monotonic() - begin, time.process_time() - worked)


def _rows(plan: Plan, first: int, end: int) -> list[dict[str, Any]]:
    """Return the rows of a block."""
    numbers, sizes = plan.representatives(first, end)
    models = [plan.shape.model(int(number), str(plan.discount)) for number in numbers]
    fates = decide_many(models, data=plan.source(), factorization=plan.function_class(), ties=plan.ties)
    return [
        {
            "number": int(number),
            "size": int(size),
            "period": fate.period if fate.kind == "cycles" else None,
            "fate": fate.word,
            "proof": fate.proof,
            "certificate": json.dumps(fate.certificate) if plan.certificates and fate.certificate else None,
        }
        for number, size, fate in zip(numbers, sizes, fates, strict=True)
    ]


def _parquet(rows: list[dict[str, Any]], plan: str) -> bytes:
    """Return rows as a Parquet file.

    They go to Arrow as lines of JSON: where an array is made of Python objects, pyarrow imports pandas if that is
    installed, which takes a worker longer than all its other imports.
    """
    pa, lines = arrow(), "".join(json.dumps(row) + "\n" for row in rows).encode()
    schema = pa.schema([(name, getattr(pa, kind)()) for name, kind in COLUMNS])
    options = pa.json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error")
    whole = pa.json.ReadOptions(use_threads=False, block_size=len(lines))
    table = pa.json.read_json(BytesIO(lines), whole, options) if rows else pa.Table.from_batches([], schema)
    stream = BytesIO()
    pa.parquet.write_table(table.replace_schema_metadata({KEY: plan}), stream, compression="zstd")
    return stream.getvalue()


def keep_part(file: Path, content: bytes) -> None:
    """Write a part: whole on the disk under another name first, so that no piece is ever seen."""
    handle, temporary = mkstemp(suffix=".tmp", prefix="part-", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, file)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
