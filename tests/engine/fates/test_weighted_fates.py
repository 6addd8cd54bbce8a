"""Fates under weighted QMIX data: literal fates, certificates against a second implementation, and their mutants."""

import copy
import json
import random

import pytest
from click.testing import CliRunner
from documents import VALIDATOR
from fates import accepted
from mutants import assert_accepted_are_true, mutants
from qmix_oracle import assert_true

import fqi_theory as ft
from fqi_theory.base.errors import DataError
from fqi_theory.cli.app import cli
from fqi_theory.fates import Effort
from proofs_check.checker import check

pytestmark = pytest.mark.slow

OW, CW = ft.optimistic("1/10"), ft.central("1/10")
HALF = ft.central("1/2", ft.epsilon_greedy("1/2"))


def fate_of(name, data, ties="first"):
    model = ft.load(name)
    return ft.decide(model, data=data, factorization=ft.monotonic, ties=ties, effort=Effort(steps=512))


def proof_of(name, data):
    return accepted(fate_of(name, data)).certificate["proof"]


@pytest.mark.parametrize(
    ("name", "data", "kind", "period"),
    [
        ("qplex-game-3", OW, "converges", 1),
        ("qplex-game-3", CW, "cycles", 2),
        ("qplex-game-3", HALF, "converges", 1),
        ("qmix-cycle-2", OW, "cycles", 2),
        ("qmix-cycle-2", CW, "converges", 1),
        ("qmix-cycle-3", CW, "converges", 1),
        ("cycle-2", OW, "cycles", 2),
        ("cycle-2", HALF, "converges", 1),
        ("two-state", OW, "converges", 1),
        ("two-state", CW, "converges", 1),
    ],
)
@pytest.mark.parametrize("ties", ["first", "last"])
def test_fates_of_the_catalogue(name, data, kind, period, ties):
    fate = accepted(fate_of(name, data, ties))
    VALIDATOR.validate(fate.certificate)
    if ties == "first":
        assert (fate.kind, fate.period) == (kind, period)
    if len(fate.certificate["model"]["actions"][0]) == 2:
        assert_true(fate.certificate)


def test_central_weights_mend_what_plain_qmix_cannot():
    """On `qmix-cycle-2` QMIX alternates at every discount; with α = 1/10 central weights find the optimum, (0, 4)."""
    assert accepted(fate_of("qmix-cycle-2", CW)).optimal
    assert accepted(fate_of("qmix-cycle-2", None)).kind == "cycles"


def test_the_level_counts():
    """Weights compare y with V: far from the limit the same differences of V give other weights."""
    document = accepted(fate_of("cycle-2", CW)).certificate
    proof = document["proof"]
    assert (proof["radius"], proof["level"]) == ("1/64", "1/2")
    for changes, reason in (
        ({"level": "1000"}, "may be best within the radius"),
        ({"level": "1/1000000"}, "not within the radius and the level"),
        ({"radius": "1"}, "may be best within the radius"),
        ({"directions": []}, "expected none with these data"),
    ):
        report = check({**document, "proof": {**proof, **changes}})
        assert not report.accepted
        assert reason in report.reason


def test_other_documents_with_levels_or_weights_are_refused():
    document = fate_of("cycle-2", None).certificate
    weighted = fate_of("cycle-2", CW).certificate
    assert "proof.level: expected no level" in check({**document, "proof": {**document["proof"], "level": "1"}}).reason
    bare = {key: x for key, x in weighted["proof"].items() if key != "level"}
    assert "proof.level: expected a level" in check({**weighted, "proof": bare}).reason
    assert "need the monotonic factorization" in check({**weighted, "factorization": "linear"}).reason
    nested = {**weighted["data"], "base": weighted["data"]}
    assert "data.base.kind" in check({**weighted, "data": nested}).reason
    assert "0 < alpha <= 1" in check({**weighted, "data": {**weighted["data"], "alpha": "0"}}).reason


def test_the_scheme_matters():
    """Tables are asked for where weights compare Q_tot, and refused where they do not."""
    one, other = (fate_of("cycle-2", data).certificate for data in (OW, CW))
    assert "tables" in check({**one, "data": other["data"]}).reason
    assert "tables" in check({**other, "data": one["data"]}).reason
    changed = copy.deepcopy(one)
    changed["claim"]["tables"][0][0][0][0] = "7"
    assert "gives another Q_tot" in check(changed).reason


@pytest.mark.parametrize("data", [OW, CW, ft.optimistic("1/2", ft.epsilon_greedy("1/2")), HALF])
@pytest.mark.parametrize("seed", range(6))
def test_random_fates_are_true(data, seed):
    fate = fate_of(f"random(seed={seed},states=2,actions=2x2,discount=1/2)", data)
    if fate.kind != "unknown":
        assert_true(accepted(fate).certificate)


@pytest.mark.parametrize(("name", "data"), [("cycle-2", OW), ("cycle-2", CW), ("qmix-cycle-3", HALF)])
def test_accepted_mutants_are_true(name, data):
    document, rng = fate_of(name, data).certificate, random.Random(name)
    half = (mutant for mutant in mutants(document) if rng.random() >= 0.5)
    assert_accepted_are_true(half, lambda mutant: rng.random() < 0.2 and assert_true(mutant))


def test_what_cannot_be_decided_is_refused():
    model = ft.load("two-state")
    start = ft.start_from_values(model, [0, 1])
    with pytest.raises(DataError, match="the start must give Q_tot"):
        ft.decide(model, data=OW, factorization=ft.monotonic, initial=start)
    with pytest.raises(DataError, match="p_D = 0"):
        ft.decide(model, data=ft.central("1/2", ft.epsilon_greedy(0)), factorization=ft.monotonic)


def test_the_command_line_decides_them(tmp_path):
    path = tmp_path / "fate.json"
    command = ["decide", "qmix-cycle-3", "--factorization", "qmix", "--data", "cw:1/10", "--ties", "last"]
    answer = CliRunner().invoke(cli, [*command, "--certificate", str(path)])
    assert answer.exit_code == 0, answer.output
    assert "converges; the greedy policy of the limit is optimal" in answer.output
    assert check(path).accepted
    document = json.loads(path.read_text())
    assert (document["ties"], document["data"]["kind"]) == ("last", "central")
