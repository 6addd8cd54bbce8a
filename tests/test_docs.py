"""The site builds without a warning, holds every claim, and its examples run."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from examples import run_document

from proofs_check import registry

DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    pytest.importorskip("sphinx")
    pytest.importorskip("myst_parser")
    pytest.importorskip("furo")
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
        DOCS,
    ]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"}
    done = subprocess.run([*command, folder / "html"], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return folder / "html"


def test_every_claim_is_in_the_theory(site):
    text = (site / "theory.html").read_text(encoding="utf-8")
    assert [c.id for c in registry.claims() if f">{c.id}<" not in text] == []
    assert text.count("<math") >= len(registry.claims())
    assert "%%" not in text


def test_formal_theorems_stand_beside_the_claims(site):
    text = (site / "theory.html").read_text(encoding="utf-8")
    assert "counterfactual_is_optimal" in text
    assert "Theorem counterfactual_is_optimal" in text


def test_the_reference_has_the_public_names(site):
    import fqi_theory
    from fqi_theory import dynamics

    text = (site / "reference.html").read_text(encoding="utf-8")
    names = {*fqi_theory.__all__, *dynamics.__all__}
    assert [
        n for n in names if f'id="fqi_theory.{n}"' not in text and f'id="fqi_theory.dynamics.{n}"' not in text
    ] == []
    assert "proofs-check verify" in text


def test_no_page_needs_the_network(site):
    for path in site.glob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert 'src="http' not in text, path
        assert not re.search("<script[^>]*mathjax", text, re.IGNORECASE), path


@pytest.mark.parametrize("name", ["tutorial.md", "how-to.md"])
def test_the_examples_run(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run_document(DOCS / name, tmp_path) >= 5
