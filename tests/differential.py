"""The checker in Python and the one that Coq extracts, on the same documents: a difference is an error in one of them.

`python tests/differential.py --mutants 100000` (after `make checker-ocaml`) changes all kept certificates that the
extracted one covers, those of `handmade`, and those that `decide` makes of random models, at random: single changes,
leaves carried from place to place, two or three leaves at once, cells that are cut or moved, and bytes of the text.
Verdicts must be equal, for accepted ones the statement as well. `--only box monotonic` takes those of these proofs,
classes or rules at ties.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from as_choices import as_choices
from cell_changes import cell_change, grid_change
from handmade import CERTIFICATES, certificate
from mutants import carried, leaf_changes, mutants, parent, places
from ray_runs import ray_change
from weighted_runs import decided_near

from fqi_theory.data.sources import DataSource, correlated, epsilon_greedy, product, uniform
from fqi_theory.factorization import igm, joint, linear, monotonic
from fqi_theory.factorization.additive import additive
from fqi_theory.fates import decide
from fqi_theory.model.catalog import random_model
from proofs_check.certificates.kept import kept
from proofs_check.checker import check

Document = dict[str, Any]
BATCH = 500
#: What texts are changed with; a line is a document, so no end of line.
BYTES = b'0123456789-+./eE{}[]:,"\\ tfnu\t\r\x00\x1f\x7f\x80\xc3\xa9\xed\xa0\xf4\xff'


class Verdict(NamedTuple):
    """word: accepted, refused, unreadable, not covered, or too much work; text: the statement of an accepted one."""

    word: str
    text: str = ""


def extracted(program: Path, texts: list[bytes]) -> list[Verdict]:
    """Return the verdicts of the extracted checker, a document a line."""
    done = subprocess.run([program, "-"], input=b"".join(text + b"\n" for text in texts), capture_output=True)
    lines = done.stdout.decode().splitlines()
    assert len(lines) == len(texts), done.stderr.decode()
    return [_parsed(line) for line in lines]


def _parsed(line: str) -> Verdict:
    word, _, text = line.split(": ", 2)
    if word == "accepted":
        return Verdict(word, text)
    return Verdict("unreadable" if word == "refused" and text.startswith("cannot read") else word)


def python(text: bytes, path: Path) -> Verdict:
    """Return the verdict of the checker in Python, which reads files; the path is written to."""
    path.write_bytes(text)
    report = check(path)
    if report.accepted:
        return Verdict("accepted", report.statement)
    if report.reason.startswith("too much work"):
        return Verdict("too much work")
    return Verdict("refused" if report.readable else "unreadable")


def several(document: Document, rng: random.Random) -> Document:
    """Return a copy with two or three leaves changed."""
    changed, paths = copy.deepcopy(document), list(places(document))
    for path in rng.sample(paths, rng.choice((2, 3))):
        node = parent(changed, path)
        node[path[-1]] = rng.choice(leaf_changes(node[path[-1]]))
    return changed


def text_change(text: bytes, rng: random.Random) -> bytes:
    """Return a text in which a byte or two are left out, doubled, replaced or put in."""
    for _ in range(rng.choice((1, 2))):
        k, byte = rng.randrange(len(text)), bytes([rng.choice(BYTES)])
        text = text[:k] + rng.choice((b"", text[k : k + 1] * 2, byte, byte + text[k : k + 1])) + text[k + 1 :]
    return text


def written(document: Document) -> bytes:
    """Return a document as a line."""
    return json.dumps(document).encode()


def changes(document: Document, rng: random.Random) -> Iterator[bytes]:
    """Yield texts that differ from a certificate, without end."""
    singles, text = list(mutants(document)), written(document)
    while True:
        for moved in islice(carried(document, rng), 10):
            yield from (written(rng.choice(singles)), written(moved))
            yield from (written(several(document, rng)), text_change(text, rng))
            if document["proof"]["kind"] in ("cells", "repelling"):
                yield written(cell_change(document, rng))
            if document["proof"]["kind"] == "grid":
                yield written(grid_change(document, rng))
            if document["proof"]["kind"] == "ray":
                yield written(ray_change(document, rng))


def _distribution(shape: Sequence[int], rng: random.Random, least: int = 1) -> Any:
    """Return weights of a table as texts, nested over its shape, positive (>= 0 for `least` 0), with sum 1."""
    weights = np.array([rng.randint(least, 3) for _ in range(math.prod(shape))])
    weights[0] += not weights.any()
    return np.array([f"{weight}/{weights.sum()}" for weight in weights], dtype=object).reshape(shape).tolist()


def _source(states: int, sizes: tuple[int, ...], rng: random.Random, chooses: bool) -> DataSource:
    """Return random data; product ("open") and joint ("holes") ones without full support only where a fit is chosen."""
    kinds = ("uniform", "product", "joint", "epsilon-greedy", "exploring", *(("open", "holes") if chooses else ()))
    kind, epsilon = rng.choice(kinds), rng.choice(("1/10", "1/2", "1"))
    if kind == "epsilon-greedy":
        return epsilon_greedy(epsilon)
    if kind in ("product", "open", "exploring"):
        tables = [[_distribution([size], rng, int(kind != "open")) for _ in range(states)] for size in sizes]
        return epsilon_greedy(epsilon, exploring=tables) if kind == "exploring" else product(tables)
    if kind in ("joint", "holes"):
        return correlated([_distribution(sizes, rng, int(kind == "joint")) for _ in range(states)])
    return uniform()


def decided(count: int, rng: random.Random) -> list[Document]:
    """Return certificates of random models under random data."""
    found: list[Document] = []
    while len(found) < count:
        states, sizes = rng.choice((1, 2, 3)), rng.choice(((2, 2), (2, 3), (3, 1), (2, 2, 2)))
        kind, discount = rng.choice(("deterministic", "stochastic")), rng.choice(("1/2", "4/5", "9/10", "99/100"))
        model = random_model(rng.randrange(10**6), states, sizes, kind, discount)
        factorization = rng.choice((linear, linear, linear, igm, additive(2), joint, monotonic))
        chooses = factorization in (linear, additive(2))
        data, ties = _source(states, sizes, rng, chooses), rng.choice(("first", "first", "last"))
        unsupported: Literal["choose", "refuse"] = "choose" if chooses else "refuse"
        fate = decide(model, data=data, factorization=factorization, ties=ties, unsupported=unsupported)
        if fate.certificate is not None:
            found.append(json.loads(json.dumps(fate.certificate)))
    return found


def as_sums(document: Document) -> Iterator[Document]:
    """Yield the certificate of the same run of the class additive:1, which is linear, with one chooser."""
    kinds = ("contraction", "region", "cells", "repelling", "grid")
    if document["factorization"] == "linear" and document["proof"]["kind"] in kinds:
        yield {**document, "factorization": "additive:1"}


def as_cells(document: Document) -> Iterator[Document]:
    """Yield the certificate of the same run by cells: one of an interval, and those of a run that approaches no cycle.

    The latter may be false: places that such a run never meets are places of its cells.
    """
    proof, claim = document["proof"], document["claim"]
    if proof["kind"] in ("interval", "expanding"):
        other = 1 - claim["reference"]
        cell = {"greedy": None, "lower": claim["lower"][other], "upper": claim["upper"][other]}
        yield {**document, "claim": {**claim, "fate": "bounded"}, "proof": _cells(proof, [cell])}
    if proof["kind"] == "expanding":
        yield {**document, "proof": {**proof, "kind": "repelling", "cells": [{**cell, "weight": "1"}]}}
    if proof["kind"] == "repelling":
        cells = [{key: value for key, value in cell.items() if key != "weight"} for cell in proof["cells"]]
        yield {**document, "claim": {**claim, "fate": "bounded"}, "proof": _cells(proof, cells)}


def _cells(proof: Document, cells: list[Document]) -> Document:
    return {"kind": "cells", "prefix": proof["prefix"], "cells": cells}


def words(document: Document) -> set[str]:
    """Return what a certificate is about: its proof, its class without parameters, and its rule at ties."""
    return {document["proof"]["kind"], document["factorization"].partition(":")[0], document["ties"]}


def covered(program: Path, made: Sequence[Document], only: Sequence[str] = ()) -> list[Document]:
    """Return the certificates that the extracted checker covers: kept, handmade, and those made; `only` some words.

    Those of linear fits are taken as ones of additive:1, and those of regions as ones of choices, too.
    """
    documents = [*(one.document() for one in kept()), *map(certificate, CERTIFICATES), *made]
    documents += [other for document in documents for other in as_cells(document)]
    documents += [other for document in documents for other in as_sums(document)]
    documents += [other for document in documents for other in as_choices(document)]
    documents = [document for document in documents if not only or words(document) & set(only)]
    verdicts = extracted(program, [written(document) for document in documents])
    return [document for document, own in zip(documents, verdicts, strict=True) if own.word != "not covered"]


def compared(program: Path, texts: list[bytes]) -> tuple[Counter[str], list[bytes]]:
    """Return how many texts got which verdict, and those on which the checkers differ.

    What is too much work in Python is not given to the extracted checker, which has no budget but its time.
    """
    outcomes, different = Counter[str](), []
    with tempfile.TemporaryDirectory() as folder:
        verdicts = [python(text, Path(folder) / "document.json") for text in texts]
        asked = [text for text, other in zip(texts, verdicts, strict=True) if other.word != "too much work"]
        found = iter(extracted(program, asked))
        for text, other in zip(texts, verdicts, strict=True):
            own = other if other.word == "too much work" else next(found)
            words = {own.word, other.word}
            known = words.isdisjoint({"not covered", "too much work"})
            word = own.word if known else next(w for w in ("not covered", "too much work") if w in words)
            outcomes["different" if known and own != other else word] += 1
            if known and own != other:
                different.append(text)
    return outcomes, different


def main() -> int:
    """Compare, print the counts, keep what differs; return 1 where anything does."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checker", type=Path, default=Path("build/checker-ocaml"), help="the extracted checker")
    parser.add_argument("--mutants", type=int, default=100_000)
    parser.add_argument("--models", type=int, default=100, help="how many random models are decided")
    parser.add_argument("--only", nargs="+", default=[], metavar="WORD", help="proofs, classes or rules at ties")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--differences", type=Path, default=Path("differences.jsonl"), help="where they are kept")
    options = parser.parse_args()
    rng, program = random.Random(options.seed), options.checker.resolve()
    made = [*decided(options.models, rng), *decided_near(options.models // 4, rng)]
    sources = [changes(document, rng) for document in covered(program, made, options.only)]
    total, kept_apart = Counter[str](), []
    while (left := options.mutants - total.total()) > 0:
        texts = [next(rng.choice(sources)) for _ in range(min(BATCH, left))]
        outcomes, different = compared(program, texts)
        total += outcomes
        kept_apart += different
        if total.total() % (20 * BATCH) == 0:
            print(f"{total.total()}: {dict(total)}", file=sys.stderr, flush=True)
    print(f"{total.total()} changes of {len(sources)} certificates: {dict(sorted(total.items()))}")
    if kept_apart:
        options.differences.write_bytes(b"".join(text + b"\n" for text in kept_apart))
        print(f"the checkers differ on the {len(kept_apart)} documents in {options.differences}")
    return int(bool(kept_apart))


if __name__ == "__main__":
    sys.exit(main())
