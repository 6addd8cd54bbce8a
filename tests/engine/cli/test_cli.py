"""The command line: answers as JSON and tables, exit status, one-line errors, files written whole or not at all."""

import json
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from click.shell_completion import BashComplete
from places import ROOT

from fqi_theory.cli import app, completion, options
from fqi_theory.cli.app import main
from fqi_theory.factorization.classes import FAMILIES, NAMED, by_name
from fqi_theory.model.catalog import load, names
from fqi_theory.model.formats.mmdp_json import read_mmdp
from proofs_check import cli as proofs_cli

REAL = ROOT.parent / "shared" / "models"
HALF = [["1/2", "1/2"]] * 2


@pytest.fixture
def ask(tmp_path, capsys):
    """Return a function that runs a command with --json and returns the document."""

    def run(*arguments: str):
        out = tmp_path / "answer.json"
        assert main([*arguments, "--json", str(out)]) == 0, capsys.readouterr().err
        return json.loads(out.read_text())

    return run


def process(*arguments: str, **options) -> subprocess.CompletedProcess:
    command = [sys.executable, "-c", "import sys; from fqi_theory.cli.app import main; sys.exit(main())", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60, **options)


def test_run_json(ask):
    document = ask("run", "two-state", "--iterations", "2")
    assert document["format"] == "trajectory/1"
    assert (document["model"], document["field"], document["discount"]) == ("two-state", "exact", "9/10")
    assert (document["factorization"], document["ties"]) == ("linear", "first")
    assert [it["t"] for it in document["iterates"]] == [1, 2]
    assert document["iterates"][1]["values"] == ["0", "51/32"]
    assert document["iterates"][0]["greedy"] == [[0, 0], [0, 0]]
    assert document["iterates"][0]["factors"][0] == [["0", "0"], ["3/8", "-1/8"]]


def test_run_float_is_labelled(ask):
    document = ask("run", "two-state", "--iterations", "2", "--float")
    assert document["field"] == "float"
    assert document["iterates"][1]["values"] == [0.0, 1.59375]


@pytest.mark.parametrize("method", ["auto", "generic"])
def test_both_methods_agree(ask, method):
    document = ask("run", "maven(3)", "--iterations", "4", "--method", method, "--data", "epsilon-greedy:1/10")
    assert document["data"] == {"kind": "epsilon-greedy", "epsilon": "1/10"}
    assert (
        document["iterates"] == ask("run", "maven(3)", "--iterations", "4", "--data", "epsilon-greedy:0.1")["iterates"]
    )


@pytest.mark.parametrize("factorization", ["linear", "igm", "qplex", "joint"])
def test_every_factorization(ask, factorization):
    document = ask("run", "qplex-game-2", "--factorization", factorization, "--iterations", "1")
    assert document["factorization"] == factorization
    assert document["iterates"][0]["values"] == ["-32/9" if factorization == "linear" else "8"]


def test_data_and_initial_files(ask, tmp_path):
    data, initial = tmp_path / "d.json", tmp_path / "i.json"
    data.write_text(json.dumps({"format": "data/1", "marginals": [HALF, HALF]}))
    initial.write_text(json.dumps({"format": "initial/1", "values": [0, "3/4"]}))
    document = ask("run", "two-state", "--data", str(data), "--initial", str(initial), "--iterations", "1")
    assert document["initial"]["values"] == ["0", "3/4"]
    assert document["iterates"][0]["values"] == ["0", "51/32"]
    assert document["data"]["kind"] == "product"


def test_ties_and_discount(ask):
    document = ask("run", "two-state", "--ties", "last", "--discount", "0.5", "--iterations", "0")
    assert (document["ties"], document["discount"], document["iterates"]) == ("last", "1/2", [])
    assert document["initial"]["greedy"] == [[1, 1], [1, 1]]


def test_solve(ask, capsys):
    document = ask("solve", "two-state")
    assert document["format"] == "solution/1"
    assert document["values"] == ["0", "10"]
    assert document["policy"] == [[0, 0], [0, 0]]
    assert document["field"] == "exact"
    assert ask("solve", "two-state", "--float", "--discount", "1/2")["values"] == [0.0, 2.0]
    assert "(A, A)" in capsys.readouterr().out


@pytest.mark.parametrize(("discount", "fate", "status"), [("3/4", "converges", 0), ("9/10", "diverges", 0)])
def test_decide(tmp_path, capsys, discount, fate, status):
    answer, certificate = tmp_path / "fate.json", tmp_path / "certificate.json"
    command = ["decide", "two-state", "--discount", discount, "--json", str(answer), "--certificate", str(certificate)]
    assert main(command) == status
    document = json.loads(answer.read_text())
    assert (document["format"], document["fate"], document["certificate"]) == ("fate/1", fate, str(certificate))
    assert json.loads(certificate.read_text())
    assert fate in capsys.readouterr().out


def test_json_to_standard_output_leaves_the_table_out(capsys):
    assert main(["solve", "two-state", "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["values"] == ["0", "10"]


def test_quiet(capsys):
    assert main(["solve", "two-state", "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")


def test_models_lists_every_name(capsys):
    assert main(["models"]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in names())
    assert max(map(len, out.splitlines())) <= 100


@pytest.mark.parametrize("name", [*names(), "random(states=30,kind=stochastic)"])
def test_tables_fit_and_say_their_number_type(capsys, name):
    for command in (["show"], ["run", "--iterations", "30"], ["solve"]):
        assert main([command[0], name, *command[1:]]) == 0
        out = capsys.readouterr().out
        assert "field: exact" in out
        assert "≈ marks a rational" in out
        assert max(map(len, out.splitlines())) <= 100
    assert main(["run", name, "--float", "--iterations", "3"]) == 0
    assert "field: float" in capsys.readouterr().out


def test_long_numbers_are_shortened_and_marked(capsys):
    assert main(["run", "two-state", "--iterations", "20"]) == 0
    assert "≈57.27056" in capsys.readouterr().out


@pytest.mark.parametrize("out", ["m.json", "m.json.gz"])
def test_convert(tmp_path, out):
    assert main(["convert", "climbing", str(tmp_path / out), "--discount", "1/2"]) == 0
    model = read_mmdp(tmp_path / out)
    assert (model.name, str(model.discount), model.reward.tolist()) == (
        "climbing",
        "1/2",
        load("climbing").reward.tolist(),
    )


def test_convert_to_standard_output(capsys):
    assert main(["convert", "climbing", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["format"] == "mmdp/1"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "absent.json"], "absent.json: path: expected an existing file"),
        (["run", "climbin"], "did you mean climbing?"),
        (["run", "two-state", "--discount", "3/2"], "--discount: expected a number in [0, 1], found 3/2"),
        (["run", "two-state", "--discount", "x"], "--discount: 'x' is not a rational number"),
        (["run", "two-state", "--discount", "1"], "two-state: model 'two-state' has discount 1"),
        (["solve", "two-state", "--discount", "1"], "use --discount G"),
        (["run", "two-state", "--data", "epsilon-greedy"], "--data: expected epsilon-greedy:EPS"),
        (["run", "two-state", "--data", "epsilon-greedy:2"], "--data: epsilon: expected a number in [0, 1], found 2"),
        (["run", "two-state", "--data", "epsilon-greedy:"], "--data: '' is not a rational number"),
        (["run", "two-state", "--data", "even"], "--data: expected uniform, epsilon-greedy:EPS, ow:ALPHA"),
        (["run", "two-state", "--data", "no.json"], "no.json: path: expected an existing file"),
        (["run", "two-state", "--initial", "no.json"], "no.json: path: expected an existing file"),
        (["run", "two-state", "--json", "no/where/x.json"], "no/where/x.json: path: expected an existing folder"),
        (["run", "two-state", "--json", "/"], "/: path: expected a file to write, found a directory"),
        (["run", "two-state", "--iterations", "-1"], "Invalid value for '--iterations'"),
        (["run", "two-state", "--factorization", "odd"], "Invalid value for '--factorization'"),
        (["run", "two-state", "--factorization", "additive:0"], "--factorization: expected additive:K with an order K"),
        (["run", "two-state", "--factorization", "additive"], "expected one of linear, vdn, additive:K, graph:0-1,1-2"),
        (["run", "two-state", "--factorization", "graph:0-2"], "--factorization: graph:0-2: agent 2 in 0-2 is out of"),
        (["run", "two-state", "--factorization", "graph:0-0"], "--factorization: graph: expected sets of two or more"),
        (["decide", "two-state", "--factorization", "qplex"], "found 'qplex'"),
        (["run", "two-state", "--odd"], "No such option"),
        (["run"], "Missing argument 'MODEL'; see 'fqi-theory run --help'"),
        (["odd"], "No such command 'odd'"),
        ([], "Missing command; see 'fqi-theory --help'"),
        (["convert", "climbing", "out.txt"], "out.txt: name: expected an ending .json"),
        (["run", "two-state", "--iterations", "1000000", "--plot", "a.gif"], "a.gif: name: expected an ending .png"),
        (["decide", "two-state", "--float"], "No such option"),
        (["run", "two-state", "--factorization", "igm", "--data", "epsilon-greedy:0"], "p_D = 0"),
    ],
)
def test_bad_input_is_one_line(refused, arguments, message):
    assert message in refused(*arguments)


@pytest.mark.parametrize(
    ("name", "recorded", "value"),
    [
        ("vdn", "linear", "203/27"),
        ("additive:1", "linear", "203/27"),
        ("additive:2", "additive:2", "317/27"),
        ("graph:1-2,0-1", "graph:0-1,1-2", "65/9"),
        ("additive:3", "additive:3", "11"),
        ("additive:9", "additive:9", "11"),
        ("joint", "joint", "11"),
    ],
)
def test_classes_of_every_order(ask, name, recorded, value):
    document = ask("run", "climbing-3p", "--factorization", name, "--iterations", "1")
    assert document["factorization"] == recorded
    assert document["iterates"][0]["values"] == [value]


def test_interactions_and_factors_add_up(ask):
    (one,) = ask("run", "climbing-3p", "--factorization", "graph:0-1,1-2", "--iterations", "1")["iterates"]
    assert [found["agents"] for found in one["interactions"]] == [[0, 1], [1, 2]]
    a = one["greedy"][0]
    terms = [one["factors"][i][0][x] for i, x in enumerate(a)]
    terms += [found["tables"][0][a[i]][a[j]] for found in one["interactions"] for i, j in [found["agents"]]]
    assert str(sum(map(Fraction, terms))) == one["values"][0]
    assert "interactions" not in ask("run", "climbing-3p", "--iterations", "1")["iterates"][0]


def test_every_class_on_offer_is_known_and_completed():
    for word in options.RUN_CLASSES:
        assert by_name(word.replace("K", "2"), 3).fit
    assert {word.partition(":")[0] for word in options.RUN_CLASSES} == {
        *(n.partition(":")[0] for n in NAMED),
        *FAMILIES,
    }
    complete = completion.words(options.RUN_CLASSES)
    assert [item.value for item in complete(None, None, "a")] == ["additive:"]
    assert [item.value for item in complete(None, None, "")][:4] == ["linear", "vdn", "additive:", "graph:"]


def test_a_class_without_a_best_member_is_refuted(refused):
    message = refused("run", "coordination", "--factorization", "qplex", status=1)
    assert "coordination: state 0: the maximisers are not a product set" in message


def test_an_unwritable_json_leaves_nothing(refused, tmp_path):
    if Path("/dev/full").exists():
        assert "/dev/full: cannot be written" in refused("run", "two-state", "-q", "--json", "/dev/full")
    refused("run", "two-state", "--json", str(tmp_path / "no" / "x.json"))
    assert os.listdir(tmp_path) == []


def test_file_errors_name_the_place_inside(refused, tmp_path):
    path = tmp_path / "m.json"
    path.write_text(json.dumps({"format": "mmdp/1", "states": [1]}))
    assert f"{path}: document: expected the keys 'name', 'discount'" in refused("solve", str(path))
    path.write_bytes(bytes(range(256)))
    assert f"{path}: line 2: expected UTF-8 text, found the byte 0x80" in refused("show", str(path))


def test_help_is_cheap_and_complete(capsys):
    for command in ([], ["models"], ["show"], ["convert"], ["run"], ["solve"], ["decide"]):
        assert main([*command, "--help"]) == 0
        assert "Usage: fqi-theory" in capsys.readouterr().out
    code = "import sys; from fqi_theory.cli.app import main; main(['--help']); sys.exit('numpy' in sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, timeout=60)
    assert modules.returncode == 0, "--help imports numpy"


def test_a_reader_that_leaves_early_is_no_error():
    code = "import sys; from fqi_theory.cli.app import main; sys.exit(main())"
    command = f'"{sys.executable}" -c "{code}" convert "random(states=200,actions=5x5)" - | head -c 10'
    done = subprocess.run(["sh", "-c", command], cwd=ROOT, capture_output=True, timeout=60)
    assert done.stderr == b""


def test_interrupted(monkeypatch, capsys):
    def stop(*_args, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr("fqi_theory.cli.commands.fitted_q_iteration", stop)
    assert main(["run", "two-state"]) == 130
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("error", [RecursionError("deep"), MemoryError(), OSError(5, "Input/output error")])
def test_failures_of_the_machine_are_one_line(monkeypatch, refused, error):
    def fails(*_args, **_options):
        raise error

    monkeypatch.setattr("fqi_theory.cli.commands.optimal_solution", fails)
    monkeypatch.setattr("fqi_theory.cli.app._drop_output", lambda: None)
    assert type(error).__name__ in refused("solve", "two-state")


def test_the_command_itself():
    done = process("solve", "coordination", "-q")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    done = process("solve", "nothing")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(not REAL.is_dir(), reason="the model files are not beside this repository")
def test_real_files(ask, refused, capsys):
    door = str(next(REAL.glob("oneDoor*")))
    assert "--renormalise" in refused("solve", door)
    assert main(["solve", door, "--renormalise", "--float", "-q"]) == 0
    captured = capsys.readouterr()
    assert "592 distributions renormalised" in captured.err
    assert "... 589 more" in captured.err
    assert main(["show", door, "--renormalise"]) == 0
    assert capsys.readouterr().out.count("probabilities summed to 1") == 592
    assert "use --discount G" in refused("solve", str(REAL / "dectiger.dpomdp"))
    assert ask("solve", str(REAL / "dectiger.dpomdp"), "--discount", "9/10")["values"] == ["200", "200"]
    assert ask("solve", str(REAL / "coord333.nfg"))["values"] == ["1"]


COMPLETED = [
    ("fqi-theory", "fqi-theory run two", "plain,two-state"),
    ("proofs-check", "proofs-check verify --claim thm1.c", "plain,thm1.closed-form"),
    ("fqi-theory", "fqi-theory run nothing-of-this", "file,nothing-of-this"),
    ("fqi-theory", "fqi-theory decide two-state --data eps", "plain,epsilon-greedy:"),
    ("fqi-theory", "fqi-theory solve two-state --json out", "file,out"),
    ("proofs-check", "proofs-check verify --claim ig", "plain,igm"),
]


def asked(program, words):
    """The environment in which a shell asks a program for completions."""
    variable = f"_{program.replace('-', '_').upper()}_COMPLETE"
    return {variable: "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1)}


@pytest.mark.parametrize(("program", "words", "found"), COMPLETED)
def test_names_and_files_are_completed(program, words, found, monkeypatch):
    for name, value in asked(program, words).items():
        monkeypatch.setenv(name, value)
    command = {"fqi-theory": app.cli, "proofs-check": proofs_cli.main}[program]
    assert found in BashComplete(command, {}, program, "").complete().splitlines()


@pytest.mark.slow
@pytest.mark.parametrize(("program", "words", "found"), COMPLETED[:2])
def test_shells_are_answered_by_the_commands_that_are_installed(program, words, found):
    command = Path(sys.executable).parent / program
    done = subprocess.run([command], capture_output=True, text=True, env=os.environ | asked(program, words))
    assert found in done.stdout.splitlines()
