"""The wheel holds what it must and nothing else; optional parts are not needed to import."""

import subprocess
import sys
import tomllib
import zipfile

import pytest
from places import ROOT

pytestmark = pytest.mark.slow


BLOCKED = """
import importlib.abc, pkgutil, sys

class Blocker(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in BLOCK:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

BLOCK = {"matplotlib", "torch", "jupytext", "nbclient", "sphinx", "furo", "pygambit"}
sys.meta_path.insert(0, Blocker())
import fqi_theory, proofs_check
for package in (fqi_theory, proofs_check):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if module.name.endswith("__main__") or module.name in OPTIONAL:
            continue
        __import__(module.name)
fqi_theory.solve, [getattr(fqi_theory, name) for name in fqi_theory.__all__]
assert not BLOCK & {name.split(".")[0] for name in sys.modules}
print("imported")
"""
#: Modules that are the optional part themselves.
OPTIONAL = {"fqi_theory.plots.picture", "fqi_theory.model.environments.parallel_env"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
    subprocess.run([*command, "--wheel-dir", folder, ROOT], check=True, capture_output=True, text=True)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def content(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_the_wheel_holds_the_files_that_are_not_code(content):
    expected = {
        "fqi_theory/py.typed",
        "fqi_theory/__init__.pyi",
        "proofs_check/py.typed",
        "proofs_check/report/template.html",
        "proofs_check/schema/certificate-1.schema.json",
        *(f"fqi_theory/schemas/{name}-1.schema.json" for name in ("mmdp", "data", "trajectory", "solution", "fate")),
        "proofs_check/coq/theorems.json",
        "proofs_check/coq/compiled.json",
        "proofs_check/coq/_CoqProject",
    }
    expected |= {str(path.relative_to(ROOT)) for path in ROOT.glob("proofs_check/coq/theories/*/*.v")}
    assert expected - set(content) == set()


def test_the_wheel_holds_every_module_and_no_test(content):
    modules = {str(p.relative_to(ROOT)) for name in ("fqi_theory", "proofs_check") for p in (ROOT / name).rglob("*.py")}
    assert modules - set(content) == set()
    tops = {name.split("/")[0] for name in content}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"fqi_theory", "proofs_check"}
    assert not [name for name in content if name.endswith((".vo", ".vok", ".vos", ".glob", ".pyc"))]


def test_the_wheel_can_be_published(wheel):
    pytest.importorskip("twine")
    done = subprocess.run([sys.executable, "-m", "twine", "check", "--strict", wheel], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "PASSED" in done.stdout


def test_classifiers_name_the_versions_of_python_that_are_asked_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    minors = [
        int(one.rpartition(".")[2])
        for one in project["classifiers"]
        if one.startswith("Programming Language :: Python :: 3.")
    ]
    assert project["requires-python"] == f">=3.{minors[0]}"
    assert minors == list(range(minors[0], minors[-1] + 1))
    assert sys.version_info[1] in minors


def test_the_wheel_names_its_commands(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith("entry_points.txt"))
        text = archive.read(name).decode()
    assert "fqi-theory = fqi_theory.cli.app:main" in text
    assert "proofs-check = proofs_check.cli:main" in text


def test_the_checker_runs_from_the_wheel_alone(wheel, tmp_path):
    certificate = tmp_path / "fate.json"
    command = [sys.executable, "-m", "fqi_theory.cli.app", "decide", "two-state", "--quiet", "--certificate"]
    subprocess.run([*command, certificate], check=True, cwd=tmp_path)
    code = (
        "import sys; sys.path[:0] = sys.argv[1:2]; from proofs_check.checker import main; sys.exit(main(sys.argv[2:]))"
    )
    command = [sys.executable, "-I", "-S", "-c", code, wheel, certificate]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.startswith("accepted"), done.stderr


def test_no_optional_part_is_needed_to_import():
    code = f"OPTIONAL = {OPTIONAL!r}\n{BLOCKED}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "imported\n", done.stderr


def without_extras(code: str) -> subprocess.CompletedProcess:
    """Run code where no optional extra can be imported."""
    blocked = BLOCKED.split("import fqi_theory")[0]
    return subprocess.run([sys.executable, "-c", blocked + code], capture_output=True, text=True, timeout=60)


def test_a_missing_optional_part_is_named():
    done = without_extras(
        "import fqi_theory as ft\nfrom fqi_theory import plots\n"
        "try: plots.plot_fit(ft.load('lecture-2x2'))\nexcept ImportError as error: print(error)\n"
    )
    assert "fqi-theory[plots]" in done.stdout, done.stderr


def test_a_missing_optional_part_is_named_by_the_command_line():
    done = without_extras(
        "from fqi_theory.cli.app import main\n"
        "print(main(['run', 'two-state', '--iterations', '1000000', '--plot', 'a.png']))\n"
    )
    assert done.stdout == "2\n"
    assert done.stderr.count("fqi-theory[plots]") == 1
    assert done.stderr.count("\n") == 1


def test_a_missing_torch_is_named():
    done = without_extras(
        "import fqi_theory as ft\nfrom fqi_theory.factorization.qplex_network import train\n"
        "try: train(ft.load('lecture-2x2'))\nexcept ImportError as error: print(error)\n"
    )
    assert "fqi-theory[torch]" in done.stdout, done.stderr


def test_public_names_are_found_one_by_one():
    import fqi_theory

    for name in ("linear", "joint", "solve", "uniform"):
        assert name in fqi_theory.__all__
        done = subprocess.run(
            [sys.executable, "-c", f"import fqi_theory; fqi_theory.{name}"], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
