"""The page that brings a grid world of one's own, and its replay buffer, to a fate runs as written."""

import pytest
from examples import run_document
from places import DOCS

pytestmark = pytest.mark.slow

pytest.importorskip("pettingzoo")


def test_a_grid_world_of_ones_own_has_a_fate_and_so_has_its_buffer(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run_document(DOCS / "a-grid-world-of-your-own.md", tmp_path) == 8
