"""Notebooks as pages: a line `%%notebook NAME%%` becomes notebooks/NAME.py, executed, with its outputs and pictures.

A notebook is executed once for each state of itself and of the packages; `notebook_cache` keeps what came out.
"""

import hashlib
import logging
import os
import re
import subprocess
from base64 import b64decode
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
LINE = re.compile(r"^%%notebook (\w+)%%$", re.MULTILINE)
SECONDS = 600


def executed(path: Path, cache: Path) -> Any:
    """Return a notebook with its outputs, executed now unless `cache` holds the result for the present sources."""
    import jupytext
    import nbformat
    from nbclient import NotebookClient

    kept = cache / f"{path.stem}-{_state(path)}.ipynb"
    if kept.exists():
        return nbformat.read(kept, as_version=4)
    notebook = jupytext.read(path)
    place = {"metadata": {"path": str(ROOT)}}
    client = NotebookClient(notebook, timeout=SECONDS, kernel_name="python3", resources=place)
    client.log.setLevel(logging.WARNING)
    client.execute(stderr=subprocess.DEVNULL)
    cache.mkdir(parents=True, exist_ok=True)
    partial = kept.with_suffix(f".{os.getpid()}")
    nbformat.write(notebook, partial)
    partial.replace(kept)
    return notebook


def _state(path: Path) -> str:
    """Return a digest of a notebook and of every module that it may use."""
    digest = hashlib.sha256(path.read_bytes())
    for package in ("fqi_theory", "proofs_check"):
        for module in sorted((ROOT / package).rglob("*.py")):
            digest.update(module.read_bytes())
    return digest.hexdigest()[:16]


def page(notebook: Any, name: str, pictures: Path, seen_from: Path) -> str:
    """Return an executed notebook as MyST; its pictures are written to a folder and named as seen from the page."""
    parts: list[str] = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
        elif cell.cell_type == "code":
            parts.append(_fenced(cell.source, "python"))
            parts += [_output(output, pictures, f"{name}-{len(parts)}", seen_from) for output in cell.outputs]
    source = f"*This page is `notebooks/{name}.py`, executed when the site was built.*"
    return "\n\n".join([*parts, source])


def _output(output: Any, pictures: Path, name: str, seen_from: Path) -> str:
    data = output.get("data", {})
    if "image/png" not in data:
        return _fenced(output.get("text") or data.get("text/plain") or "\n".join(output.get("traceback", ())), "text")
    pictures.mkdir(parents=True, exist_ok=True)
    file = pictures / f"{name}.png"
    file.write_bytes(b64decode(data["image/png"]))
    words = " ".join(output.metadata.get("image/png", {}).get("alt", "").split())
    return f"```{{image}} {Path(os.path.relpath(file, seen_from)).as_posix()}\n:alt: {words}\n```"


def _fenced(text: str, language: str) -> str:
    return f"``````{language}\n{text.rstrip()}\n``````"


def _expand(app: Any, document: str, source: list[str]) -> None:
    cache = Path(app.srcdir, app.config.notebook_cache)
    here = Path(app.srcdir, document).parent

    def replaced(match: re.Match[str]) -> str:
        path = ROOT / "notebooks" / f"{match[1]}.py"
        app.env.note_dependency(str(path))
        notebook = executed(path, cache)
        return page(notebook, match[1], cache / "pictures", here)

    source[0] = LINE.sub(replaced, source[0])


def setup(app: Any) -> dict[str, Any]:
    """Connect the generator."""
    app.add_config_value("notebook_cache", "../build/notebooks", "")
    app.connect("source-read", _expand)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
