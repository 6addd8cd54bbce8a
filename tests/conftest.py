"""One Hypothesis profile for all tests, without deadlines and with the same examples every time under CI; notebooks."""

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "shared",
    deadline=None,
    max_examples=30,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("shared")


@pytest.fixture(scope="session")
def notebook_cache(tmp_path_factory):
    """Return the folder of executed notebooks: a run of the tests, in all its processes, executes each once."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "notebooks"
