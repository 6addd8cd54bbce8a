"""Compile the Coq development and print, for every listed theorem, what it assumes.

Run as ``python proofs_check/coq/prove.py``; needs the standard library and Coq with MathComp.  Exit status:
0 every theorem is proved without axioms, 1 something failed, 3 packages are missing.  On success the result
is written to ``compiled.json``, which ``status.py`` reads, by the Coq whose words it holds; other versions, which
print the same statements otherwise, leave it as it is.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
LIBRARIES = {
    "mathcomp.ssreflect.all_ssreflect": "libcoq-mathcomp-ssreflect",
    "mathcomp.algebra.all_algebra": "libcoq-mathcomp-algebra",
    "mathcomp.zify.ssrZ": "libcoq-mathcomp-zify",
    "mathcomp.algebra_tactics.ring": "libcoq-mathcomp-algebra-tactics",
}
FORBIDDEN = re.compile(
    r"\b(Admitted|admit|give_up|Axioms?|Parameters?|Conjectures?|Guard\s+Checking|Universe\s+Checking"
    r"|Positivity\s+Checking|bypass_check)\b"
)
STATED = re.compile(r"\b(?:Theorem|Corollary|Proposition)\s+(\w+)")
#: The lemma of the room `instances` that the hypotheses of a theorem can be met.
MET = re.compile(r"\bLemma\s+(\w+)_met\b")
#: What coqchk lists with ``-o``, title by title: what none of our modules may be listed under.
CHECKED = re.compile(
    r"^\* (Axioms|Constants/Inductives relying on type-in-type|Constants/Inductives relying on unsafe"
    r" \(co\)fixpoints|Inductives whose positivity is assumed):(.*?)(?=^\*|\Z)",
    re.MULTILINE | re.DOTALL,
)
PARTS, OWN = 4, re.compile(r"^\s+(FqiTheory\.\S+)", re.MULTILINE)
CLOSED = "Closed under the global context"
#: The Coq whose statements compiled.json holds.
RECORDED = "8.16"
MISSING = 3


class ProofError(Exception):
    """The development does not prove what it lists."""


class MissingPackages(Exception):
    """Coq or a library is not installed; the arguments are Debian package names."""


def strip_comments(text: str) -> str:
    """Coq source without its (nested) comments and without what its strings hold."""
    out, depth, at = [], 0, 0
    for mark in re.finditer(r'\(\*|\*\)|"(?:[^"]|"")*"', text):
        if not depth:
            out.append(text[at : mark.start()])
        at = mark.end()
        if mark[0] == "(*":
            depth += 1
        elif mark[0] == "*)":
            depth -= 1
        elif not depth:
            out.append('""')
    return "".join([*out, "" if depth else text[at:]])


def sources(root: Path) -> list[str]:
    """The sources in the order in which they compile, as _CoqProject lists them: room/File.v, rooms from the ground up.

    ProofError unless each room is listed in one piece, so that no file can need one of a later room.
    """
    lines = (root / "_CoqProject").read_text(encoding="utf-8").splitlines()
    names = [line.removeprefix("theories/") for line in lines if line.startswith("theories/")]
    rooms = [room for room, _ in itertools.groupby(names, lambda name: name.partition("/")[0])]
    if len(set(rooms)) < len(rooms):
        raise ProofError(f"_CoqProject: the rooms {rooms} are not listed one after the other")
    return names


def module(source: str) -> str:
    """The name of a source inside of FqiTheory: room.File."""
    return source.removesuffix(".v").replace("/", ".")


def run_coqc(directory: Path, name: str, seconds: int = 900) -> str:
    """Compile one file in a directory; its output, or ProofError. A hypothesis outside of a section is an error."""
    done = _run(["coqc", "-q", "-w", "none,+local-declaration", "-Q", ".", "FqiTheory", name], directory, seconds)
    if done.returncode:
        raise ProofError(f"{name} does not compile:\n{(done.stderr or done.stdout).strip()}")
    return done.stdout


def _run(command: list[str], directory: Path, seconds: int) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        raise ProofError(f"{command[-1]}: no answer within {seconds} s") from None


def require_sound(modules: list[str], build: Path, seconds: int = 900) -> None:
    """Ask coqchk for everything that compiled modules assume, used or not; ProofError if it finds anything.

    What the libraries assume and no listed theorem uses is not looked at: `report` shows what the theorems use.
    """
    names = [f"FqiTheory.{name}" for name in modules]
    done = _run(["coqchk", "-silent", "-o", "-Q", ".", "FqiTheory", "-norec", *names], build, seconds)
    if done.returncode:
        raise ProofError(f"coqchk refuses the development:\n{(done.stderr or done.stdout).strip()}")
    said = done.stdout + done.stderr
    found = {title: OWN.findall(entries) for title, entries in CHECKED.findall(said)}
    for title, entries in found.items():
        if entries:
            raise ProofError(f"coqchk lists under {title!r}: {', '.join(entries)}")
    if len(found) != PARTS:
        raise ProofError(f"coqchk answers otherwise than expected:\n{said.strip()}")


def _loads(build: Path, *libraries: str) -> bool:
    probe = build / "Probe.v"
    probe.write_text("".join(f"Require {library}.\n" for library in libraries), encoding="utf-8")
    try:
        run_coqc(build, probe.name)
    except ProofError:
        return False
    return True


def require_packages(build: Path) -> str:
    """The Coq version; MissingPackages unless Coq and every library can be loaded."""
    if shutil.which("coqc") is None:
        raise MissingPackages("coq", *LIBRARIES.values())
    absent = [] if _loads(build, *LIBRARIES) else [LIBRARIES[one] for one in LIBRARIES if not _loads(build, one)]
    if absent:
        raise MissingPackages(*absent)
    command = ["coqc", "--print-version"]
    version = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return version.stdout.split()[0]


def check_list(listing: dict[str, Any], root: Path) -> None:
    """Every source and every theorem is listed exactly once, and the sources admit nothing."""
    theories = root / "theories"
    listed_sources = sorted(sources(root))
    present = sorted(path.relative_to(theories).as_posix() for path in theories.rglob("*.v"))
    if listed_sources != present:
        raise ProofError(f"listed sources {listed_sources} differ from the files {present}")
    stated = set()
    for name in present:
        code = strip_comments((theories / name).read_text(encoding="utf-8"))
        if word := FORBIDDEN.search(code):
            raise ProofError(f"{name}: contains {word.group(0)!r}")
        stated |= {(name, found) for found in STATED.findall(code)}
    listed = [(entry["file"], entry["name"]) for entry in listing["theorems"]]
    for name, theorem in sorted(stated.symmetric_difference(listed)):
        where = "theorems.json" if (name, theorem) in stated else name
        raise ProofError(f"{name}: theorem {theorem} is missing from {where}")
    if len({name for _, name in listed}) < len(listed) or len({entry["id"] for entry in listing["theorems"]}) < len(
        listed
    ):
        raise ProofError("theorems.json: a theorem or an id is listed twice")
    if unknown := sorted(met_lemmas(present, theories).keys() - {name for _, name in listed}):
        raise ProofError(f"instances: lemma {unknown[0]}_met is about no listed theorem")


def met_lemmas(names: Sequence[str], folder: Path) -> dict[str, str]:
    """For theorems by name: the lemma, as room.File.name, that their hypotheses can be met (instances/Met.v)."""
    rooms = [name for name in names if name.startswith("instances/")]
    codes = {name: strip_comments((folder / name).read_text(encoding="utf-8")) for name in rooms}
    return {found: f"{module(name)}.{found}_met" for name in rooms for found in MET.findall(codes[name])}


def compile_all(names: Sequence[str], root: Path, build: Path) -> None:
    """Copy sources to a folder and compile them there, in the given (dependency) order."""
    for name in names:
        (build / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(root / "theories" / name, build / name)
        start = time.monotonic()
        run_coqc(build, name)
        print(f"compiled {name} ({time.monotonic() - start:.1f} s)", flush=True)


def inspect(listing: dict[str, Any], names: Sequence[str], build: Path) -> dict[str, dict[str, str]]:
    """For each theorem: its full statement and its assumptions, as Coq prints them, and what meets its hypotheses.

    ProofError unless an instance meets them, or Coq sees that there are none.
    """
    met = met_lemmas(names, build)
    modules = " ".join(map(module, names))
    lines = ["From mathcomp Require Import all_ssreflect all_algebra."]
    lines += [
        f"From FqiTheory Require Import {modules}.",
        "Open Scope ring_scope.",
        "Set Printing Width 110.",
    ]
    lines.append("Unset Printing Implicit Defensive.")
    for entry in listing["theorems"]:
        name = f"FqiTheory.{module(entry['file'])}.{entry['name']}"
        lines.append(f'Goal True. idtac "<<{entry["id"]}>>". Abort. Check @{name}.')
        lines.append(f'Goal True. idtac "<<>>". Abort. Print Assumptions {name}.')
        lemma = f"@FqiTheory.{met[entry['name']]}" if entry["name"] in met else "I"
        refusal = f'fail 1 "no instance meets the hypotheses of {entry["name"]}"'
        lines.append(f"Goal met (@{name}). first [exact {lemma} | {refusal}]. Qed.")
    (build / "Inspect.v").write_text("\n".join(lines) + "\n", encoding="utf-8")
    parts = re.split(r"<<([\w-]*)>>\n", run_coqc(build, "Inspect.v"))
    result = {}
    for at in range(1, len(parts), 4):
        result[parts[at]] = {"type": parts[at + 1].strip(), "assumptions": parts[at + 3].strip()}
    for entry in listing["theorems"]:
        result[entry["id"]]["instance"] = met.get(entry["name"], "no hypotheses")
    return result


def report(listing: dict[str, Any], found: dict[str, dict[str, str]]) -> None:
    """Print one line a theorem; ProofError if any of them assumes anything."""
    for entry in listing["theorems"]:
        assumed = found.get(entry["id"], {}).get("assumptions", "not checked")
        print(f"{entry['id']:36} {entry['file']:30} {entry['name']:34} {' '.join(assumed.split())}")
        if assumed != CLOSED:
            raise ProofError(f"{entry['name']} is not proved without axioms")


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def prove(root: Path) -> dict[str, Any]:
    """Compile and check the development under a directory; the content of compiled.json."""
    text = (root / "theorems.json").read_bytes()
    listing = json.loads(text)
    check_list(listing, root)
    with tempfile.TemporaryDirectory() as directory:
        build = Path(directory)
        version = require_packages(build)
        names = sources(root)
        compile_all(names, root, build)
        require_sound([module(name) for name in names], build)
        found = inspect(listing, names, build)
        digests = {name: digest(build / name) for name in names}
    report(listing, found)
    digests["theorems.json"] = hashlib.sha256(text).hexdigest()
    return {"format": "coq-compiled/1", "coq": version, "sources": digests, "theorems": found}


def record(result: dict[str, Any], root: Path) -> None:
    """Write compiled.json if the Coq that compiled is the recorded one; otherwise say that it is left as it is."""
    if not result["coq"].startswith(f"{RECORDED}."):
        print(f"compiled.json is left as it is: it holds what Coq {RECORDED} prints, and this is Coq {result['coq']}")
        return
    text = json.dumps(result, indent=1, sort_keys=True, ensure_ascii=False)
    (root / "compiled.json").write_text(text + "\n", encoding="utf-8")


def main() -> int:
    """Command line of ``make prove``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--root", type=Path, default=HERE, help="directory of the development")
    parser.add_argument("--no-write", action="store_true", help="do not write compiled.json")
    options = parser.parse_args()
    start = time.monotonic()
    try:
        result = prove(options.root)
    except MissingPackages as error:
        print("Coq packages are missing. On Debian or Ubuntu, install them with:", file=sys.stderr)
        print(f"  apt-get install --no-install-recommends {' '.join(error.args)}", file=sys.stderr)
        return MISSING
    except (ProofError, OSError, ValueError, KeyError) as error:
        print(f"not proved: {error}", file=sys.stderr)
        return 1
    if not options.no_write:
        record(result, options.root)
    count, seconds = len(result["theorems"]), time.monotonic() - start
    print(f"{count} theorems proved, each {CLOSED.lower()} (Coq {result['coq']}, {seconds:.0f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
