"""Build the extracted checker: ``python -m proofs_check.coq.ocaml.build [TARGET]``.

Coq writes ``accepts`` of ``theories/checked/Certificates.v``, of which its theorem ``accepts_sound`` speaks, as OCaml
(``Extract.v``); with the reader and the command line of this folder it becomes one native program. Exit status: 0 it is
built, 1 something fails, 3 Coq, OCaml or a package is missing.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from proofs_check.coq import prove
from proofs_check.coq.library import library

HERE = Path(__file__).resolve().parent
#: What the functions that Coq writes call.
NATIVE = "native.ml"
#: In the order in which they need each other.
MODULES = (
    *("utf8", "json", "reading", "integers", "hints", "support", "parts", "certificate"),
    *("sums", "pieces", "cells", "regions", "rules", "norms", "isotonic", "directions", "orders", "rays", "doubts"),
    *("weighted", "weighted_rays", "choices", "document", "statement", "main"),
)
SOURCES = tuple(f"{name}.ml" for name in MODULES)
PACKAGES = ("ocaml", "ocaml-findlib", "libzarith-ocaml-dev")
#: All warnings but those on fields that types tell apart, on patterns that leave some out, and on missing interfaces.
WARNINGS = "+a-4-9-40..42-44-45-70"
SECONDS = 600


def require_ocaml() -> None:
    """Raise prove.MissingPackages unless OCaml's native compiler and Zarith are installed."""
    found = shutil.which("ocamlfind") is not None and shutil.which("ocamlopt") is not None
    query = ["ocamlfind", "query", "zarith"]
    if not found or subprocess.run(query, capture_output=True, timeout=SECONDS).returncode:
        raise prove.MissingPackages(*PACKAGES)


def _run(command: list[str], work: Path) -> None:
    done = subprocess.run(command, cwd=work, capture_output=True, text=True, timeout=SECONDS)
    if done.returncode:
        raise prove.ProofError(f"{' '.join(command)} fails:\n{(done.stderr or done.stdout).strip()}")


def build(target: Path, cache: Path | None = None) -> Path:
    """Write the program and return its path; raises prove.MissingPackages and prove.ProofError.

    cache: where the compiled Coq sources are kept (see library).
    """
    require_ocaml()
    folder = library(cache).resolve()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        for source in ("Extract.v", NATIVE, *SOURCES):
            shutil.copyfile(HERE / source, work / source)
        _run(["coqc", "-q", "-w", "none", "-Q", str(folder), "FqiTheory", "Extract.v"], work)
        compiler = ["ocamlfind", "ocamlopt", "-inline", "200", "-package", "zarith,unix"]  # larger code, fewer calls
        own = [*compiler, "-w", WARNINGS, "-warn-error", "+a"]
        _run([*own, "-c", NATIVE], work)
        # What Coq writes is not held to our warnings.
        _run([*compiler, "-w", "-a", "-c", "checks.mli", "checks.ml"], work)
        _run([*own, "-linkpkg", "-o", "checker", "native.cmx", "checks.cmx", *SOURCES], work)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(work / "checker", target)
    return target


def main(arguments: list[str]) -> int:
    """Build the program at the path given, or at ./checker-ocaml."""
    try:
        print(build(Path(arguments[0] if arguments else "checker-ocaml")))
    except prove.MissingPackages as missing:
        names = " ".join(missing.args)
        print(
            f"packages are missing. On Debian or Ubuntu: apt-get install --no-install-recommends {names}",
            file=sys.stderr,
        )
        return prove.MISSING
    except (prove.ProofError, OSError, subprocess.TimeoutExpired) as error:
        print(f"not built: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
