"""What `decide` says besides the fate: where, why, and what would help. Conditions that it names must hold."""

import json
from fractions import Fraction
from importlib import import_module

import pytest

import fqi_theory as ft
from fqi_theory.base import progress
from fqi_theory.base.errors import DataError
from fqi_theory.cli.app import main
from fqi_theory.fates import Effort, Fate
from proofs_check.certificates.kept import named
from proofs_check.checker import check

TENTH = ft.epsilon_greedy("1/10")


def lines(*args, **options):
    return dict(ft.explain(ft.decide(*args, **options)).lines)


def test_divergence_names_the_state_the_threshold_and_what_helps():
    said = lines("two-state")
    assert said["where"] == (
        "seen at t = 32: V is largest in s1 (≈254.0351; V* there 10) and smallest in s0 (0; V* there 0)"
    )
    assert said["growth of V's differences from t = 2 on"] == "at least a factor of 9/8 a step"
    assert said["greedy actions from t = 2 on"] == "the same at every step"
    assert "state s1, joint action (A, A) has weights of 1/4 below zero" in said["why"]
    assert "bounded below discount 4/5, this one has 9/10" in said["why"]
    assert said["remedy, discount"] == "below 2/3 every run of this model converges"
    assert said["remedy, returns"].startswith("3 or more steps")


def test_the_remedies_remedy():
    model = ft.load("two-state")
    assert ft.decide(model.with_discount("13/20")).kind == "converges"
    assert ft.decide(ft.multi_step(model, 3)).kind != "diverges"
    assert ft.decide(model, factorization=ft.monotonic).kind != "diverges"
    assert ft.decide(model, factorization=ft.igm).optimal


def test_data_are_a_remedy_only_where_uniform_data_are_bounded():
    model = ft.load("two-state")
    skewed = ft.product([[["1/10", "9/10"]] * 2] * 2)
    said = lines(model.with_discount("3/4"), data=skewed)
    assert said["remedy, data"] == "uniform data bound every run below discount 4/5"
    assert "remedy, data" not in lines(model, data=skewed)


def test_a_suboptimal_limit_shows_its_loss_state_by_state():
    said = lines("qplex-game-2")
    assert said["loss of the greedy policy against V*"] == "s: 8"
    assert "every start" in said["why"]
    assert "igm and joint" in said["remedy, class"]
    best = lines(ft.load("two-state").with_discount("3/4"))
    assert best["loss of the greedy policy against V*"] == "none in any state"
    assert not [label for label in best if label.startswith("remedy")]


def test_a_cycle_shows_which_actions_alternate():
    said = lines("cycle-2")
    assert said["where"] == "V changes in s0, s1"
    assert said["greedy actions that alternate"] == "s0: (a1, a0) -> (a0, a0); s1: (a0, a0) -> (a1, a1)"
    monotonic = lines("qmix-cycle-2", factorization=ft.monotonic)
    assert monotonic["where"] == "V changes in s1"
    assert "cannot diverge but need not converge" in monotonic["why"]


def test_the_coordination_cycle_is_one_of_actions_not_of_values():
    model = ft.load("coordination")
    fate = ft.decide(model, data=TENTH, initial=ft.start_from_values(model, [0], [[0, 1]]))
    assert fate.summary()[0] == "cycles with period 2: the greedy joint actions cycle while V stays"
    said = dict(ft.explain(fate).lines)
    assert said["where"] == "V stays as it is; only greedy actions cycle"
    assert said["greedy actions that alternate"] == "s: (a0, a1) -> (a1, a0)"
    statement = check(named("coordination-cycle").document()).statement
    assert "while the greedy joint actions cycle with least period 2" in statement
    assert "tends to a cycle of least period 2 through" in check(named("cycle-2").document()).statement


@pytest.mark.parametrize("seed", range(30))
def test_the_named_threshold_is_never_above_the_discount(seed):
    """Theorem A: a run that cycles (fixed data) or diverges has a discount of at least the threshold."""
    data = ft.uniform() if seed % 3 else ft.epsilon_greedy("1/2")
    model = ft.random_model(seed, 2 + seed % 2, (2, 2), "deterministic", "99/100")
    fate = ft.decide(model, data=data, effort=Effort(256, 20_000))
    said = dict(ft.explain(fate).lines)
    if "this one has" in said.get("why", ""):
        limit = Fraction(said["why"].split("below discount ")[1].split(",")[0])
        assert limit <= Fraction(99, 100)
    assert fate.kind == "unknown" or "why" in said


def test_large_kernels_are_explained_without_thresholds(monkeypatch):
    monkeypatch.setattr(import_module("fqi_theory.fates.explain"), "LARGEST_KERNEL", 3)
    said = lines("two-state")
    assert said["why"] == "the fit has negative weights, so that a step may enlarge differences (theory notes, 10 A)"
    assert "remedy, discount" not in said


def test_a_fate_without_a_run_is_refused():
    with pytest.raises(DataError, match="found one without its run"):
        ft.explain(Fate("unknown"))


# Unknown, and time.


def test_unknown_says_what_was_seen_and_that_it_is_no_proof():
    fate = ft.decide("cycle-5", effort=Effort(steps=9))
    assert fate.tried[1].startswith("seen at step 8, not proved: V from ≈7.195328 in s2 (V* 29700/199) to ≈8.762633")
    assert "a factor of" in fate.tried[1]
    monotonic = ft.decide("two-state", factorization=ft.monotonic, effort=Effort(steps=1))
    assert monotonic.tried[1].startswith("seen at step 8, not proved: V from 0 in s0 (V* 0)")
    assert "bounded" in dict(ft.explain(monotonic).lines)["certain"]


@pytest.mark.parametrize("rule", [ft.linear, ft.monotonic], ids=lambda rule: rule.name)
def test_the_time_ends_a_search(rule, monkeypatch):
    monkeypatch.setattr(progress, "LEAST_GRACE", 3600.0)  # however slow the machine is
    fate = ft.decide("cycle-5", factorization=rule, effort=Effort(seconds=1e-9))
    assert fate.kind == "bounded"
    assert "within the 1e-09 seconds given" in fate.tried[0]
    assert "seen at step 1, not proved" in fate.tried[1]


def test_the_command_explains_and_draws(tmp_path, capsys):
    out, picture = tmp_path / "f.json", tmp_path / "f.png"
    assert main(["decide", "two-state", "--json", str(out), "--plot", str(picture)]) == 0
    assert "remedy, discount: below 2/3" in capsys.readouterr().out
    labels = [line["label"] for line in json.loads(out.read_text())["explanation"]]
    assert "why" in labels
    assert picture.stat().st_size > 1000
    assert main(["decide", "qplex-game-2"]) == 0
    assert "loss" in capsys.readouterr().out
    assert main(["decide", "cycle-5", "--seconds", "0.000001"]) == 1
    assert "not proved" in capsys.readouterr().out
    assert main(["decide", "cycle-5", "--seconds", "0"]) == 2
    assert main(["decide", "two-state", "--plot", "a.gif"]) == 2
