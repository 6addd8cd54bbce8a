"""One Hypothesis profile for all tests, without deadlines and with the same examples every time under CI; caches.

The longest files go first, so that no process is left with one of them at the end, and those that wait for the compiled
Coq sources do not wait beside each other (`--no-loadscope-reorder`: pytest-xdist would put small files last).
"""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings

from proofs_check import verify
from proofs_check.coq import prove
from proofs_check.coq.library import library
from proofs_check.coq.ocaml import build
from proofs_check.registry import claims

FIRST = [
    *("judge/coq/test_coq.py", "people/test_site.py", "judge/coq/test_coq_certificates.py", "people/test_notebooks.py"),
    *("judge/coq/test_coq_certify.py", "people/test_accessibility.py", "engine/fates/test_census.py"),
    *("judge/certificates/test_mutations.py", "judge/claims/test_claims_expected.py", "engine/plots/test_plots.py"),
]

#: Examples of a claim: a refutation by search needs enough of them to meet a counterexample.
SEARCHED, FEW = 60, 12

settings.register_profile(
    "shared",
    deadline=None,
    max_examples=30,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile("quick", settings.get_profile("shared"), max_examples=5)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "shared"))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out files of slow tests alone where those are not asked for: some import PyTorch, Matplotlib or Jupyter."""
    if config.option.markexpr != "not slow" or not collection_path.match("test_*.py"):
        return None
    return "\npytestmark = pytest.mark.slow\n" in collection_path.read_text(encoding="utf-8") or None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take longest first, and leave the order of all others."""
    ranks = {Path(__file__).parent / name: rank for rank, name in enumerate(FIRST)}
    assert all(path.is_file() for path in ranks)
    items.sort(key=lambda item: ranks.get(item.path, len(ranks)))


def _shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of one run of the tests, in all its processes."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def notebook_cache(tmp_path_factory):
    """Return the folder of executed notebooks: a run of the tests, in all its processes, executes each once."""
    return _shared(tmp_path_factory) / "notebooks"


@pytest.fixture(scope="session")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the document of all claims, with few examples and another seed, decided once in a run of the tests."""
    path = _shared(tmp_path_factory) / "verdicts.json"
    with FileLock(path.with_suffix(".lock")):
        if not path.is_file():
            path.write_text(json.dumps(_decided()), encoding="utf-8")
    return json.loads(path.read_text(encoding="utf-8"))


def _decided() -> dict[str, Any]:
    order = [claim.id for claim in claims()]
    sought = {claim.id for claim in claims() if claim.expected == "refuted"}
    parts = [(sought, SEARCHED), (set(order) - sought, FEW)]
    documents = [verify(sorted(names), examples=most, seed=1).to_json() for names, most in parts]
    found = {claim["id"]: claim for document in documents for claim in document["claims"]}
    return documents[0] | {"claims": [found[name] for name in order]}


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


@pytest.fixture(scope="session")
def program(coq_library: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the checker that Coq extracts, built once in a run of the tests."""
    path = _shared(tmp_path_factory) / "checker-ocaml"
    try:
        with FileLock(path.with_suffix(".lock")):
            return path if path.is_file() else build.build(path, coq_library.parent)
    except prove.MissingPackages as missing:
        pytest.skip(f"not installed: {' '.join(missing.args)}")


def _kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that is kept between runs, or, where pytest keeps nothing, one of this run."""
    cache = getattr(request.config, "cache", None)
    return Path(cache.mkdir("coq")) if cache is not None else tmp_path_factory.mktemp("coq")
