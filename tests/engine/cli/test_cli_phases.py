"""`fqi-theory phases`: documents, tables, witnesses, logs, exit statuses, one-line errors."""

import json

import numpy as np
import pytest

import fqi_theory as ft
from fqi_theory.cli.app import main

SHAPE = ["phases", "--agents", "2", "--actions", "2"]


@pytest.fixture
def ask(tmp_path, capsys):
    """Return a function that runs a command with --json; it returns the document, what was printed and the status."""

    def run(*arguments: str):
        out = tmp_path / "answer.json"
        status = main([*map(str, arguments), "--json", str(out)])
        printed = capsys.readouterr()
        assert status in (0, 1), printed.err
        assert max(map(len, printed.out.splitlines()), default=0) <= 100
        return json.loads(out.read_text()), printed.out, status

    return run


SHAPES = [
    (["--agents", "2", "--actions", "2"], ["1/4", "2/3", "4/5"]),
    (["--agents", "3", "--actions", "2", "--factorization", "additive:2"], ["3/8", "4/7", "8/11"]),
    (["--agents", "3", "--actions", "2", "--factorization", "graph:0-1,1-2,0-2"], ["3/8", "4/7", "8/11"]),
    (["--actions", "2,3"], ["1/3", "3/5", "3/4"]),
    (["--agents", "4", "--actions", "10", "--factorization", "vdn"], ["19683/10000", "5000/24683", "10000/29683"]),
    (["--agents", "3", "--actions", "2", "--factorization", "joint"], ["0", "1", "1"]),
]


@pytest.mark.parametrize(("options", "numbers"), SHAPES)
def test_documents(ask, options, numbers):
    document, printed, status = ask("phases", *options)
    assert [document[x] for x in ("negative_mass", "converges_below", "bounded_below")] == numbers
    assert (document["format"], document["model"], document["remedies"], status) == ("phases/1", None, None, 0)
    assert numbers[0] in printed
    assert numbers[2] in printed


def test_the_table_reads_at_a_glance(ask):
    _, printed, _ = ask(*SHAPE, "--discount", "99/100")
    for text in (
        "phases of linear    2 agents (2 x 2), uniform data",
        "negative mass: 1/4 (≈0.25) at (0, 0), negative weights on (1, 1)",
        "γ < 2/3 (≈0.6667)                 every run converges",
        "4/5 (≈0.8) <= γ < 1               some model has a run that diverges",
        "h >= 23",
        "η < 103/198 (≈0.5202)",
        "η <= 1/2 (≈0.5)",
        "δ < 4/99 (≈0.0404)",
    ):
        assert text in printed


def test_a_model(ask):
    document, printed, _ = ask("phases", "two-state", "--discount", "7/10")
    assert document["model"]["conclusion"] == "every run is bounded"
    assert document["model"]["attained"] == {"state": "s1", "action": [0, 0], "greedy": None}
    assert document["remedies"]["steps"] == 1
    assert "at its discount 7/10: every run is bounded" in printed
    document, printed, _ = ask("phases", "two-state", "--data", "epsilon-greedy:1/10")
    assert (document["converges_below"], document["bounded_below"]) == (None, "400/761")
    assert document["model"]["attained"]["greedy"] == [1, 1]
    assert "while (1, 1) is greedy" in printed
    assert "swap cycles" not in printed
    assert "some model has a run that diverges" in printed


def test_data_from_a_file(ask, tmp_path):
    data = tmp_path / "data.json"
    data.write_text(
        '{"format": "data/1", "marginals": [[["1/2", "1/2"], ["1/3", "2/3"]], [["1/2", "1/2"], ["1/5", "4/5"]]]}'
    )
    alone, printed, _ = ask("phases", "--data", data)
    with_model, _, _ = ask("phases", "two-state", "--data", data)
    assert (alone["negative_mass"], alone["attained"]["state"]) == ("8/15", "s1")
    assert {**alone, "model": 0, "remedies": 0} == {**with_model, "model": 0, "remedies": 0}
    assert "product data" in printed
    data.write_text('{"format": "data/1", "joint": [[["3/8", "1/8"], ["1/8", "3/8"]]]}')
    document, _, _ = ask("phases", "--data", data)
    assert document["negative_mass"] == str(
        ft.phases(actions=(2, 2), data=ft.read_data_of_any_shape(data)).negative_mass
    )


def test_a_witness_is_written_and_diverges(ask, tmp_path):
    out = tmp_path / "w.json"
    _, printed, status = ask(*SHAPE, "--discount", "4/5", "--witness", out)
    assert status == 0
    assert "γ(1+ν) = 1 (Theorem A.3)" in printed
    assert ft.decide(ft.load(str(out))).growth == {"kind": "linear", "increment": "1", "steps": 1}
    ask(*SHAPE, "--discount", "7/10", "--witness", out, "--kind", "does-not-converge")
    assert ft.decide(ft.load(str(out))).period == 2


def test_a_forbidden_witness_is_status_1(ask, tmp_path):
    out = tmp_path / "w.json"
    _, printed, status = ask(*SHAPE, "--discount", "79/100", "--witness", out)
    assert (status, out.exists()) == (1, False)
    assert "there is none" in printed
    _, printed, status = ask(
        *["phases", "--agents", "3", "--actions", "2", "--factorization", "additive:2", "--data", "epsilon-greedy:1/2"],
        *["--discount", "3/4", "--witness", out],
    )
    assert status == 1
    assert "none is known" in printed


def test_a_log(ask, tmp_path):
    np.save(tmp_path / "log.npy", np.array([(0, 0)] * 4 + [(0, 1)] * 2 + [(1, 0)] * 2 + [(1, 1)]))
    document, printed, status = ask("phases", "--logs", tmp_path / "log.npy")
    assert (document["format"], document["steps"], status) == ("logs/1", 9, 0)
    additive, pairwise = document["classes"]
    assert (additive["negative_mass"], additive["bounded_below"], pairwise["negative_mass"]) == ("4/9", "9/13", "0")
    assert document["groups"][0]["product"] is True
    for text in ("additive (VDN)", "pairwise", "exactly", "Clopper-Pearson", "ν = 4/9", "bounded below 9/13"):
        assert text in printed


def test_logs_of_states(ask, tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("where,x,y\n" + "\n".join(f"{'ab'[k % 2]},{k // 2 % 2},{k // 4 % 2}" for k in range(16)))
    document, printed, _ = ask("phases", "--logs", path, "--state-column", "where", "--confidence", "9/10")
    assert [g["name"] for g in document["groups"]] == ["a", "b"]
    assert document["confidence"] == "9/10"
    assert "confidence 9/10" in printed


@pytest.mark.parametrize("data", ["uniform", "epsilon-greedy:1/10"])
def test_a_picture(tmp_path, data):
    pytest.importorskip("matplotlib")
    path = tmp_path / "phases.png"
    assert main([*SHAPE, "--data", data, "--plot", str(path), "--quiet"]) == 0
    assert path.read_bytes()[:4] == b"\x89PNG"


def test_quiet_and_standard_output(capsys):
    assert main([*SHAPE, "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")
    assert main([*SHAPE, "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["negative_mass"] == "1/4"


REFUSED = [
    (["phases"], "fqi-theory: expected a MODEL, or --agents N with --actions A"),
    (["phases", "--agents", "2"], "fqi-theory: expected a MODEL, or --agents N with --actions A"),
    (["phases", "--agents", "3", "--actions", "2,3"], "--actions: expected one number for each of 3 agents, found 2"),
    (["phases", "two-state", "--agents", "2"], "--agents, --actions: a MODEL has its own"),
    (["phases", "--actions", "0,2"], "--actions: expected a number such as 3, or one an agent"),
    ([*SHAPE, "--factorization", "qmix"], "fqi-theory: --factorization: monotonic is not linear in y"),
    (["phases", "two-state", "--agents", "2", "--actions", "2"], "a MODEL has its own"),
    (["phases", "--agents", "0", "--actions", "2"], "Invalid value for '--agents'"),
    (["phases", "--agents", "2", "--actions", "two"], "--actions: expected a number"),
    (["phases", "--agents", "2", "--actions", "²"], "--actions: expected a number"),
    (["phases", "absent.json"], "absent.json: path: expected an existing file"),
    ([*SHAPE, "--factorization", "monotonic"], "not linear in y"),
    ([*SHAPE, "--factorization", "additive:0"], "K >= 1"),
    ([*SHAPE, "--data", "epsilon-greedy:0"], "never plays action 1"),
    ([*SHAPE, "--data", "epsilon-greedy:2"], "--data: epsilon: expected a number in [0, 1]"),
    ([*SHAPE, "--data", "skewed"], "--data: expected uniform"),
    ([*SHAPE, "--data", "absent.json"], "absent.json: path"),
    ([*SHAPE, "--witness", "w.json"], "--witness: expected --discount"),
    ([*SHAPE, "--witness", "w.txt", "--discount", "9/10"], "w.txt: name"),
    ([*SHAPE, "--witness", "w.json", "--discount", "1"], "expected a number in (0, 1)"),
    ([*SHAPE, "--witness", "w.json", "--discount", "x"], "--discount: 'x' is not a rational"),
    ([*SHAPE, "--plot", "p.txt"], "p.txt: name"),
    (["phases", "--logs", "absent.csv"], "absent.csv: path"),
    (["phases", "--logs", "joint.csv", "--confidence", "2"], "--confidence: expected a number in (0, 1), found 2"),
    (["phases", "--logs", "absent.npy"], "absent.npy: document"),
    (["phases", "--logs", "log.txt"], "log.txt: name"),
    (["phases", "two-state", "--logs", "log.csv"], "--logs: a log is judged without a MODEL"),
    (
        [
            "phases",
            "--agents",
            "60",
            "--actions",
            "2",
            "--data",
            "epsilon-greedy:1/3",
            "--factorization",
            "additive:30",
        ],
        "terms",
    ),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED)
def test_bad_input_is_one_line(refused, arguments, message):
    assert message in refused(*arguments)


@pytest.mark.parametrize("name", ["additive:", "graph:0-1"])
def test_an_order_of_more_digits_than_python_reads_is_refused(capsys, name):
    assert main(["phases", "--agents", "3", "--actions", "2", "--factorization", name + "9" * 5000]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"fqi-theory: --factorization: factorization '{name}999")
    assert error.count("\n") == 1
