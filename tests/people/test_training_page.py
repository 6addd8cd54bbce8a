"""The page that trains a network in PyTorch runs as written."""

import pytest
from examples import run_document
from places import DOCS

pytestmark = pytest.mark.slow

pytest.importorskip("torch")


def test_an_ordinary_vdn_follows_and_one_with_a_bug_departs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run_document(DOCS / "follow-a-training-run.md", tmp_path) == 3
