"""What programs are expected to do: pipes, interrupts, narrow terminals, `python -m`, help that offers what works."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from places import ROOT

from fqi_theory.base.errors import FormatError
from fqi_theory.cli.app import main
from fqi_theory.cli.declarations import cli
from fqi_theory.model.catalog import load

pytestmark = pytest.mark.slow

#: Seconds of processor time: several times what the imports of a command take.
WORKED = 6
HERE = {**os.environ, "PYTHONPATH": str(ROOT)}


def start(module, *arguments, **options):
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, env=HERE, **options)


@pytest.mark.parametrize(
    "command", [("fqi_theory", "show", "maven(3000)"), ("proofs_check", "claims")], ids=["fqi-theory", "proofs-check"]
)
def test_a_broken_pipe_is_no_failure(command):
    with start(*command) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 0


def interrupted(command):
    """Start a command, interrupt it at work, and return its exit status and what stands on standard error."""
    with start(*command, preexec_fn=_interruptible) as process:
        try:
            until_at_work(process)
            process.send_signal(signal.SIGINT)
            error = process.communicate(timeout=120)[1]
        except subprocess.TimeoutExpired:
            process.kill()
            error = process.communicate()[1]
        finally:
            process.kill()
    return process.returncode, error


@pytest.mark.parametrize(
    "command",
    [
        ("fqi_theory", "run", "two-state", "--iterations", "200000000", "--float", "--method", "generic"),
        ("proofs_check", "verify", "--examples", "100000", "--claim", "thm1", "--jobs", "1"),
    ],
    ids=["fqi-theory", "proofs-check"],
)
def test_an_interrupt_is_status_130(command):
    """Python drops, and reports, an interrupt that arrives within a callback of its collector; Hypothesis has one."""
    status, error = interrupted(command)
    if b"in gc_callback" in error:
        status, error = interrupted(command)
    assert b"Traceback" not in error
    assert status == 130


def until_at_work(process):
    """Wait until a process has worked for so long that its imports, which no one need interrupt, lie behind it."""
    spent = Path(f"/proc/{process.pid}/stat")
    if not spent.exists():
        time.sleep(7)
    ticks, end = WORKED * os.sysconf("SC_CLK_TCK"), time.monotonic() + 60
    while spent.exists() and time.monotonic() < end:
        user, system = spent.read_text(encoding="ascii").rpartition(")")[2].split()[11:13]
        if int(user) + int(system) >= ticks:
            break
        time.sleep(0.05)
    assert process.poll() is None


def _interruptible():
    """Hear interrupts, which a shell's background jobs would ignore."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize(
    ("command", "status", "text"),
    [
        (("fqi_theory", "--version"), 0, "fqi-theory"),
        (("fqi_theory", "decide", "two-state"), 0, "diverges"),
        (("proofs_check", "verify", "--claim", "qplex.game2", "--examples", "1"), None, ""),
        (("proofs_check", "verify", "--claim", "nothing"), 2, ""),
        (("proofs_check", "nothing"), 2, ""),
        (("proofs_check", "--help"), 0, "verify"),
    ],
)
def test_python_m(command, status, text):
    with start(*command) as process:
        out, error = process.communicate(timeout=120)
    assert b"Traceback" not in error
    assert status is None or process.returncode == status
    assert text in out.decode()


@pytest.mark.parametrize("columns", [60, 80, 100])
@pytest.mark.parametrize(
    "command",
    [("models",), ("show", "two-state"), ("run", "two-state"), ("solve", "maven(3)"), ("decide", "two-state")],
)
def test_columns_are_respected_in_a_pipe(monkeypatch, capsys, columns, command):
    monkeypatch.setenv("COLUMNS", str(columns))
    assert main(list(command)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(len(line.rstrip()) for line in lines) <= columns


@pytest.mark.parametrize("columns", ["", "0", "wide", "5"])
def test_columns_that_say_nothing_are_ignored(monkeypatch, capsys, columns):
    monkeypatch.setenv("COLUMNS", columns)
    assert main(["models"]) == 0
    assert 80 < max(map(len, capsys.readouterr().out.splitlines())) <= 100


def test_decide_offers_what_it_accepts(capsys):
    assert main(["decide", "--help"]) == 0
    text = capsys.readouterr().out
    assert "monotonic" in text
    assert "qplex" not in text
    assert "--float" not in text
    assert "--ties" in text
    assert main(["decide", "two-state", "--float"]) == 2
    assert "--float" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("./game.efg", "expected an ending .json, .dpomdp, .nfg or .csv (each also .gz), found .efg; save its reduced"),
        ("game.xlsx", "found .xlsx; save the sheet as .csv"),
        ("buffer.npz", "found .npz; transitions go through from-transitions"),
        ("folder/model.txt", "found .txt"),
        ("folder/model", "found none"),
    ],
)
def test_other_endings_say_what_to_do(name, message):
    with pytest.raises(FormatError) as caught:
        load(name)
    assert message in str(caught.value)


def test_an_output_of_another_kind_is_named(capsys):
    assert main(["convert", "two-state", "out.xml"]) == 2
    assert (
        "expected an ending .json, .dpomdp or, for games, .nfg (each also .gz), found .xml" in capsys.readouterr().err
    )


def test_a_text_of_any_length_is_refused_in_a_line(capsys):
    assert main(["run", "two-state", f"--iterations={'9' * 5000}"]) == 2
    line = capsys.readouterr().err
    assert line.startswith(
        "fqi-theory: Invalid value for '--iterations': expected a whole number from 0 up, found '999"
    )
    assert line.endswith("see 'fqi-theory run --help'\n")
    assert len(line) < 1100


def test_all_missing_keys_are_named_at_once(tmp_path, refused):
    file = tmp_path / "m.json"
    file.write_text('{"format": "mmdp/1", "name": "x", "states": ["s"]}')
    message = refused("show", str(file))
    assert "expected the keys 'discount', 'actions', 'transitions', found 'format', 'name', 'states'" in message


def test_a_source_is_optional(tmp_path):
    file = tmp_path / "m.json"
    file.write_text(
        '{"format": "mmdp/1", "name": "x", "discount": 0, "states": ["s"], "actions": [["a"]], '
        '"transitions": [{"state": "s", "action": ["a"], "reward": 1, "next": {"s": 1}}]}'
    )
    assert load(file).source == ""


def test_renormalise_is_for_dpomdp_files(tmp_path, refused):
    assert "renormalise: expected a .dpomdp file" in refused("show", "two-state", "--renormalise")
    assert main(["convert", "two-state", str(tmp_path / "m.json")]) == 0
    assert "renormalise: expected a .dpomdp" in refused("show", str(tmp_path / "m.json"), "--renormalise")


def test_repeated_labels_of_a_game_have_their_line(tmp_path, refused):
    file = tmp_path / "g.nfg"
    file.write_text('NFG 1 R "g" { "1" "2" }\n{ { "A" "B" }\n{ "C"\n"C" } }\n1 1 1 1 1 1 1 1\n')
    assert "g.nfg: line 4: expected every strategy of player 2 once, found 'C'" in refused("show", str(file))


@pytest.mark.parametrize("number", ["1e999999999", "1e-999999999", "1e99999999999999999"])
def test_a_huge_exponent_is_refused_at_once(tmp_path, refused, number):
    assert "has an exponent beyond 10000" in refused("show", "two-state", "--discount", number)
    file = tmp_path / "g.nfg"
    file.write_text(f'NFG 1 R "g" {{ "1" }} {{ 1 }} {number}')
    assert "line 1: expected a number" in refused("show", str(file))
    file = tmp_path / "m.json"
    file.write_text(f'{{"format": "mmdp/1", "name": "x", "discount": {number}}}')
    assert "m.json" in refused("show", str(file))


@pytest.mark.parametrize(
    ("command", "offered"), [("run", True), ("decide", True), ("phases", False), ("attractors", False)]
)
def test_weights_of_qmix_are_offered_where_they_are_taken(capsys, command, offered):
    assert main([command, "--help"]) == 0
    assert ("cw:ALPHA" in capsys.readouterr().out) == offered


def test_plot_is_declared_once():
    """Every command that draws says so in the same words, but for what it draws."""
    helps = {
        name: option.help
        for name, command in cli.commands.items()
        for option in command.params
        if "--plot" in option.opts
    }
    assert helps.keys() == {"run", "decide", "phases"}
    assert {text.partition(":")[2] for text in helps.values()} == {" a .png, .pdf or .svg file (needs matplotlib)."}
    assert len(set(helps.values())) == len(helps)
