"""Every notebook runs from a clean checkout, says what is proved, certified or tested, and shows a picture."""

import re
import sys

import pytest
from places import ROOT

pytestmark = pytest.mark.slow

jupytext = pytest.importorskip("jupytext")
pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")
pytest.importorskip("matplotlib")

sys.path.insert(0, str(ROOT / "docs" / "_ext"))
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.py"))


def test_all_eight_are_here():
    assert [path.name[:2] for path in NOTEBOOKS] == ["01", "02", "03", "04", "05", "06", "07", "08"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_says_first_how_things_are_known(path):
    first = jupytext.read(path).cells[0].source
    assert first.startswith("# ")
    assert "How things are known here" in first
    assert re.search(r"proved|certified|tested", first)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_shows_a_picture(path, notebook_cache):
    from notebooks import executed

    notebook = executed(path, notebook_cache)
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    assert not [output.text for output in outputs if output.get("name") == "stderr"]
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert pictures
    assert all(output.metadata["image/png"]["alt"] for output in pictures)


def test_every_notebook_has_its_picture_in_the_gallery():
    text = (ROOT / "notebooks" / "README.md").read_text(encoding="utf-8")
    for path in NOTEBOOKS:
        assert f"]({path.name})" in text
        assert f"](pictures/{path.stem}.png)" in text
        assert (ROOT / "notebooks" / "pictures" / f"{path.stem}.png").read_bytes().startswith(b"\x89PNG")
