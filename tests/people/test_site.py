"""The site builds without a warning, holds every claim, and its examples run."""

import os
import re
import subprocess
import sys

import pytest
from browser import Visit, chromium
from examples import run_document
from places import DOCS

from proofs_check import registry

pytestmark = pytest.mark.slow

sys.path.insert(0, str(DOCS / "_ext"))


NOTEBOOKS = sorted(path.stem for path in (DOCS.parent / "notebooks").glob("*.py"))


@pytest.fixture(scope="module")
def site(tmp_path_factory, notebook_cache):
    for package in ("sphinx", "myst_nb", "sphinx_click", "sphinx_copybutton", "furo", "jupytext", "nbclient"):
        pytest.importorskip(package)
    folder = tmp_path_factory.mktemp("site")
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-q",
        "-W",
        "--keep-going",
        "-b",
        "html",
        "-d",
        folder / "doctrees",
        "-D",
        f"notebook_cache={notebook_cache}",
        DOCS,
    ]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"}
    done = subprocess.run([*command, folder / "html"], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return folder / "html"


@pytest.fixture(scope="module")
def browser():
    yield from chromium()


def test_every_claim_is_in_the_theory(site):
    text = (site / "theory.html").read_text(encoding="utf-8")
    assert [c.id for c in registry.claims() if f">{c.id}<" not in text] == []
    assert text.count("<math") >= len(registry.claims())
    assert re.findall(r"%%\w+ [\w.-]+%%", text) == []


def test_formal_theorems_stand_beside_the_claims(site):
    text = (site / "theory.html").read_text(encoding="utf-8")
    assert "counterfactual_is_optimal" in text
    assert "Theorem counterfactual_is_optimal" in text


def test_the_reference_has_the_public_names(site):
    import fqi_theory
    from fqi_theory import fates

    text = (site / "reference.html").read_text(encoding="utf-8")
    shown = "testing.mixers.assert_mixer_matches", "plots.plot_fit", "testing.strategies.mmdps"
    for name in (*shown, "factorization.best_fits.best_fit"):
        assert f'id="fqi_theory.{name}"' in text
    names = {*fqi_theory.__all__, *fates.__all__}
    assert [n for n in names if f'id="fqi_theory.{n}"' not in text and f'id="fqi_theory.fates.{n}"' not in text] == []


def test_the_reference_has_every_command_with_its_options(site):
    from fqi_theory.cli.app import cli
    from proofs_check.cli import main

    text = (site / "reference.html").read_text(encoding="utf-8")
    for program, group in (("fqi-theory", cli), ("proofs-check", main)):
        for name, command in group.commands.items():
            options = [option for one in command.params for option in one.opts if option.startswith("--")]
            assert [o for o in options if f'id="cmdoption-{program}-{name}-{o.strip("-")}"' not in text] == [], name
            assert f'id="{program}-{name}"' in text


def test_no_page_needs_the_network(site):
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert 'src="http' not in text, path
        assert not re.search("<script[^>]*mathjax", text, re.IGNORECASE), path


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_notebook_is_shown_with_its_pictures(site, name):
    text = (site / "notebooks" / f"{name}.html").read_text(encoding="utf-8")
    pictures = re.findall(r'<img alt="([^"]+)" src="\.\./(_images/[^"]+\.png)"', text)
    assert pictures
    assert all((site / file).stat().st_size > 1000 for _, file in pictures)
    assert "output text_plain" in text


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_notebook_can_be_taken_away_executed(site, name):
    nbformat = pytest.importorskip("nbformat")
    notebook = nbformat.read(site / "notebooks" / f"{name}.ipynb", as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    assert f'href="{name}.ipynb"' in (site / "notebooks" / f"{name}.html").read_text(encoding="utf-8")


def test_examples_are_copied_without_prompts(site):
    text = (site / "_static" / "copybutton.js").read_text(encoding="utf-8")
    assert r"'>>> |\\.\\.\\. ', true" in text
    assert "copybutton.js" in (site / "how-to.html").read_text(encoding="utf-8")


def test_a_notebook_is_executed_once_for_each_state(tmp_path):
    pytest.importorskip("jupytext")
    pytest.importorskip("nbclient")
    from notebooks import executed

    path, cache = tmp_path / "small.py", tmp_path / "cache"
    path.write_text(f"# %%\nopen({str(tmp_path / 'runs')!r}, 'a').write('x')\n", encoding="utf-8")
    executed(path, cache)
    executed(path, cache)
    assert (tmp_path / "runs").read_text() == "x"
    path.write_text(path.read_text() + "1 + 1\n", encoding="utf-8")
    executed(path, cache)
    assert (tmp_path / "runs").read_text() == "xx"


PAGES = "index", "tutorial", "certificates", "theory-notes", "when-does-factored-q-learning-diverge", "architecture"


@pytest.mark.parametrize("width", [390, 1200])
def test_the_pages_pass_axe(site, browser, width):
    for name in (*PAGES, f"notebooks/{NOTEBOOKS[0]}"):
        visit = Visit(browser, site / f"{name}.html", width)
        assert visit.grave() == []
        assert visit.messages == []
        assert visit.width <= width
        assert visit.unreachable == 0


EXAMPLES = {
    "reference": 1,
    "tutorial": 5,
    "how-to": 5,
    "adding-a-class": 5,
    "architecture": 4,
    "when-does-factored-q-learning-diverge": 3,
}


@pytest.mark.parametrize(("name", "least"), EXAMPLES.items())
def test_the_examples_run(name, least, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run_document(DOCS / f"{name}.md", tmp_path) >= least
