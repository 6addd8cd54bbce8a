"""One Hypothesis profile for all tests, without deadlines and with the same examples every time under CI; caches."""

import os
import shutil
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings

from proofs_check.coq import prove
from proofs_check.coq.library import library

settings.register_profile(
    "shared",
    deadline=None,
    max_examples=30,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile("quick", settings.get_profile("shared"), max_examples=5)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "shared"))


@pytest.fixture(scope="session")
def notebook_cache(tmp_path_factory):
    """Return the folder of executed notebooks: a run of the tests, in all its processes, executes each once."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "notebooks"


@pytest.fixture(scope="session")
def coq_library(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the compiled sources that certificates rest on, kept between runs of the tests."""
    if shutil.which("coqc") is None:
        pytest.skip("coqc is not installed")
    kept = _kept(request, tmp_path_factory)
    try:
        with FileLock(kept / "lock"):  # one process compiles, the others wait for it
            return library(kept)
    except prove.MissingPackages as missing:
        pytest.skip(f"not installed: {' '.join(missing.args)}")


def _kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that is kept between runs, or, where pytest keeps nothing, one of this run."""
    cache = getattr(request.config, "cache", None)
    return Path(cache.mkdir("coq")) if cache is not None else tmp_path_factory.mktemp("coq")
