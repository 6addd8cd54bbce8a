"""The command line of the judge."""

import json
import subprocess
import sys
from types import SimpleNamespace

import pytest

from proofs_check import registry
from proofs_check.cli import main
from proofs_check.registry import select


@pytest.fixture
def call(capsys):
    """Return a function that runs a command and returns its exit code and both its streams."""

    def run(*arguments):
        with pytest.raises(SystemExit) as left:
            main([str(a) for a in arguments])
        captured = capsys.readouterr()
        return SimpleNamespace(exit_code=left.value.code, stdout=captured.out, stderr=captured.err)

    return run


def test_verify_writes_the_table_and_the_documents(call, tmp_path):
    document, html = tmp_path / "v.json", tmp_path / "v.html"
    result = call("verify", "--claim", "thm3", "--examples", 5, "--jobs", 1, "--json", document, "--html", html)
    assert result.exit_code == 0
    assert result.stdout.rstrip().endswith(f"{len(select(['thm3']))} claims as expected, 0 otherwise")
    assert "thm3.recursion: proved" in result.stderr
    assert json.loads(document.read_text(encoding="utf-8"))["format"] == "verdicts/1"
    assert "<table>" in html.read_text(encoding="utf-8")
    assert max(map(len, result.stdout.splitlines())) <= 100


def test_brackets_in_statements_survive(call):
    assert "E_{-i}[y]" in call("verify", "--claim", "thm1.closed-form", "--jobs", 1).stdout


def test_exit_status_tells_an_unexpected_verdict(call, monkeypatch):
    from dataclasses import replace

    (claim,) = registry.select(["tables.lecture-uniform"])
    monkeypatch.setattr(registry, "claims", lambda: (replace(claim, expected="refuted"),))
    result = call("verify", "--jobs", 1)
    assert result.exit_code == 1
    assert "0 claims as expected, 1 otherwise" in result.stdout
    assert "(expected refuted)" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["verify", "--claim", "thm9"], "no claim 'thm9'"),
        (["verify", "--claim", "tables.lecture-uniform", "--json", "absent/v.json"], "absent/v.json"),
    ],
)
def test_bad_usage_is_one_line(call, arguments, words):
    result = call(*arguments, "--jobs", 1)
    assert result.exit_code == 2
    assert words in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.stderr


def test_a_number_of_examples_is_positive(call):
    refused = call("verify", "--examples", 0)
    assert refused.exit_code == 2
    assert "expected a whole number from 1 up, found '0'" in refused.stderr


def test_claims_lists_the_registry(call):
    result = call("claims")
    assert result.exit_code == 0
    assert all(claim.id in result.stdout for claim in registry.claims())
    assert [line for line in result.stdout.splitlines() if line != line.rstrip()] == []


def test_check_refuses_what_is_no_certificate(call, tmp_path):
    path = tmp_path / "c.json"
    path.write_text('{"format": "certificate/0"}', encoding="utf-8")
    assert call("check", path).exit_code == 1
    assert call("check", tmp_path / "absent.json").exit_code == 2
    assert call("check").exit_code == 2


def test_help_is_light():
    code = "import sys; from proofs_check.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
    code += "print(sorted({'numpy', 'sympy', 'hypothesis', 'rich', 'flint'} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.rstrip().endswith("[]")


def test_the_checker_stays_light():
    code = "import sys; import proofs_check.checker; print({'numpy', 'sympy', 'fqi_theory'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"


def test_quiet_says_nothing(call):
    result = call("verify", "--claim", "thm3.recursion", "--quiet")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.slow
@pytest.mark.parametrize("given", [["--claim", "qplex.state-only"], ["verify", "--claim", "qplex.state-only"]])
def test_the_module_is_the_self_test_and_the_command_line(given):
    command = [sys.executable, "-m", "proofs_check", *given]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.returncode, "1 claims as expected" in done.stdout) == (0, True)
