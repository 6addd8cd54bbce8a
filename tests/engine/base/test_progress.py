"""Watched steps: as many as are asked for, at most."""

from itertools import islice

import pytest

from fqi_theory.base.progress import first, unwatched, watched


@pytest.mark.parametrize("watch", [unwatched, lambda *_: None])
def test_more_steps_than_a_machine_counts(watch):
    assert list(islice(watched(iter(range(5)), 10**30, watch), 3)) == [0, 1, 2]
    assert first(range(5), 2, watch) == [0, 1]
