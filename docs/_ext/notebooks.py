"""Notebooks as pages, by myst-nb: the page NAME.notebook shows notebooks/NAME.py, executed, with its outputs.

A notebook is executed once for each state of itself and of the packages; `notebook_cache` keeps what came out, for the
site as for the tests, and the executed file lies beside its page as NAME.ipynb.
"""

import copy
import hashlib
import logging
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SUFFIX = ".notebook"
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


def shown(notebook: Any, name: str) -> Any:
    """Return an executed notebook for myst-nb: pictures with their words, and at its end where to take it from."""
    import nbformat

    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        words = [" ".join(alt.split()) for output in cell.get("outputs", ()) for alt in _words(output)]
        if words:
            cell.metadata["mystnb"] = {"image": {"alt": "; ".join(words)}}
    file = f'<a href="{name}.ipynb" download>{name}.ipynb</a>'
    text = f"*This is `notebooks/{name}.py`, executed when the site was built. To run it yourself: {file}.*"
    notebook.cells.append(nbformat.v4.new_markdown_cell(text))
    return notebook


def _words(output: Any) -> Iterator[str]:
    if "image/png" in output.get("data", {}):
        yield output.metadata["image/png"]["alt"]


def _kept(app: Any, name: str) -> Any:
    return executed(ROOT / "notebooks" / f"{name}.py", Path(app.srcdir, app.config.notebook_cache))


def _expand(app: Any, document: str, source: list[str]) -> None:
    """Put the executed notebook in the place of a page that is named like it and ends in SUFFIX."""
    import nbformat

    if str(app.env.doc2path(document)).endswith(SUFFIX):
        name = Path(document).name
        app.env.note_dependency(str(ROOT / "notebooks" / f"{name}.py"))
        source[0] = nbformat.writes(shown(_kept(app, name), name))


def _write(app: Any, failed: Exception | None) -> None:
    """Lay the executed notebooks beside their pages, to be taken away."""
    import nbformat

    for page in sorted(Path(app.srcdir).rglob(f"*{SUFFIX}")) if failed is None else ():
        target = Path(app.outdir, page.relative_to(app.srcdir)).with_suffix(".ipynb")
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(_kept(app, page.stem), target)


def setup(app: Any) -> dict[str, Any]:
    """Connect the generator."""
    app.add_config_value("notebook_cache", "../build/notebooks", "")
    app.connect("source-read", _expand)
    app.connect("build-finished", _write)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
