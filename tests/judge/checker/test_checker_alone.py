"""The checker as a folder, as one file and as a module: each runs alone, with the standard library only."""

import ast
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from proofs_check import checker
from proofs_check.certificates.kept import kept, named
from proofs_check.checker import build

FOLDER = Path(checker.__file__).parent


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return build.build(tmp_path_factory.mktemp("archive") / "built" / "checker.pyz")


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """The folder under another name, away from the repository."""
    target = tmp_path_factory.mktemp("copied") / "alone"
    target.mkdir()
    for path in FOLDER.glob("*.py"):
        (target / path.name).write_bytes(path.read_bytes())
    return target


@pytest.fixture(params=["one file", "folder", "copied folder"])
def program(request):
    if request.param == "folder":
        return FOLDER
    return request.getfixturevalue("archive" if request.param == "one file" else "copied")


def alone(program, *files):
    command = [sys.executable, "-I", "-S", str(program), *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_accepts_all_kept_certificates(program):
    done = alone(program, *(one.path for one in kept()))
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == done.stdout.count("accepted: ") == len(kept())


def test_refuses_a_broken_certificate(program, tmp_path):
    document = named("two-state-3-4").document()
    document["claim"]["values"][1] = "1"
    path = tmp_path / "broken.json"
    path.write_text(json.dumps(document))
    done = alone(program, path)
    assert done.returncode == 1
    assert done.stdout == f"refused: {path}: {checker.check(document).reason}\n"
    assert not done.stderr


def test_says_what_is_missing(program, tmp_path):
    done = alone(program, tmp_path / "absent.json")
    assert done.returncode == 2
    assert "cannot read: No such file" in done.stdout
    assert alone(program).returncode == 2


def test_the_archive_holds_the_modules_and_what_starts_them(archive):
    with zipfile.ZipFile(archive) as opened:
        found = {name for name in opened.namelist() if not name.endswith("/")}
    assert found == {"__main__.py"} | {f"checker/{path.name}" for path in FOLDER.glob("*.py")} - {"checker/build.py"}


def test_the_command_builds_it(tmp_path):
    command = [sys.executable, "-m", "proofs_check.checker.build", tmp_path / "checker.pyz"]
    subprocess.run(command, check=True, capture_output=True, cwd=FOLDER.parents[1])
    assert alone(tmp_path / "checker.pyz", named("cycle-2").path).returncode == 0


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.name)
def test_imports_the_standard_library_and_its_own_modules_only(path):
    names = {other.stem for other in FOLDER.glob("*.py")}
    assert path.stem not in sys.stdlib_module_names, "run as a folder, it would hide the standard library's"
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            assert node.level == 1
            assert not node.module or node.module in names
        elif isinstance(node, ast.ImportFrom):
            assert node.module.split(".")[0] in sys.stdlib_module_names
        elif isinstance(node, ast.Import):
            assert {alias.name.split(".")[0] for alias in node.names} <= sys.stdlib_module_names
