"""Remedies: plain runs of the changed model against runs by definition, and the thresholds that they move."""

import json
from fractions import Fraction

import numpy as np
import oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fqi_theory as ft
from fqi_theory.base.errors import DataError, NumberError
from fqi_theory.cli.app import main
from fqi_theory.testing.strategies import data_sources, mmdps

MODELS = mmdps(actions=st.sampled_from([(2, 2), (2, 3), (3,)]))
SHARES = st.sampled_from(["0", "1/3", "1/2", "9/10", "1"])


def tables(game, model, source):
    joint = source.at(model, np.zeros((model.n_states, model.n_agents), dtype=int)).joint()
    return [{a: oracle.fraction(joint[(s, *a)]) for a in game.joint} for s in range(game.states)]


def averages(game, table, weights):
    return [sum(weights[s][a] * table[s, a] for a in game.joint) for s in range(game.states)]


def fits(game, y, weights):
    return [oracle.additive_fit({a: y[s, a] for a in game.joint}, weights[s], game.counts) for s in range(game.states)]


def plain(model, source, steps, **options):
    run = ft.fitted_q_iteration(model, data=source, iterations=steps, **options)
    return [[oracle.fraction(x) for x in values] for values in run.values]


@st.composite
def runs(draw):
    model = draw(MODELS)
    return model, draw(data_sources((model.n_states, *model.action_counts)))


def fixed(source):
    return not source.on_policy


@given(runs().filter(lambda r: fixed(r[1])), SHARES)
def test_shrinking_by_definition(run, share):
    model, source = run
    game, theta = oracle.game(model), Fraction(share)
    weights, values = tables(game, model, source), [[Fraction(0)] * model.n_states]
    for _ in range(3):
        y = oracle.backup(game, values[-1])
        means = averages(game, y, weights)
        values.append(
            [m + theta * (max(fit.values()) - m) for fit, m in zip(fits(game, y, weights), means, strict=True)]
        )
    assert plain(ft.shrunk(model, share, source), source, 3) == values


@given(runs().filter(lambda r: fixed(r[1])), st.integers(1, 4))
def test_returns_by_definition(run, steps):
    """One step from (s,a), the rest with the data's own actions, then the maximum of the last fit."""
    model, source = run
    game = oracle.game(model)
    weights, values = tables(game, model, source), [[Fraction(0)] * model.n_states]
    for _ in range(3):
        level = values[-1]
        for _ in range(steps - 1):
            level = averages(game, oracle.backup(game, level), weights)
        values.append([max(fit.values()) for fit in fits(game, oracle.backup(game, level), weights)])
    assert plain(ft.multi_step(model, steps, source), source, 3) == values


@given(MODELS, st.sampled_from(["1/10", "1/2", "1"]), st.sampled_from([None, "1/2"]))
def test_damping_by_definition(model, rate, epsilon):
    """Also on-policy: the greedy actions of the damped run are those of its fits."""
    source = ft.uniform() if epsilon is None else ft.epsilon_greedy(epsilon)
    game, alpha = oracle.game(model), Fraction(rate)
    values, greedy = [[Fraction(0)] * model.n_states], np.zeros((model.n_states, model.n_agents), dtype=int)
    for _ in range(3):
        joint = source.at(model, greedy).joint()
        weights = [{a: oracle.fraction(joint[(s, *a)]) for a in game.joint} for s in range(game.states)]
        fitted = fits(game, oracle.backup(game, values[-1]), weights)
        values.append([(1 - alpha) * v + alpha * max(f.values()) for v, f in zip(values[-1], fitted, strict=True)])
        greedy = np.array([next(a for a in game.joint if f[a] == max(f.values())) for f in fitted])
    assert plain(ft.damped(model, rate), source, 3) == values


@given(MODELS)
def test_nothing_changed_is_the_same_run(model):
    expected = plain(model, ft.uniform(), 3)
    for same in (ft.shrunk(model, 1), ft.multi_step(model, 1), ft.damped(model, 1), ft.Remedy().apply(model)):
        assert plain(same, ft.uniform(), 3) == expected
    assert ft.Remedy().apply(model) is model


def test_remedies_together():
    model = ft.load("two-state")
    both = ft.Remedy(share="1/2", steps=2, damping="1/3").apply(model)
    expected = ft.damped(ft.shrunk(ft.multi_step(model, 2), "1/2"), "1/3")
    assert plain(both, ft.uniform(), 4) == plain(expected, ft.uniform(), 4)
    assert both.name == "two-state, 2-step returns, advantages times 1/2, damped by 1/3"


@given(MODELS, st.sampled_from(["1/10", "1/2"]))
def test_floats(model, number):
    for change in (lambda m: ft.shrunk(m, number), lambda m: ft.damped(m, number), lambda m: ft.multi_step(m, 3)):
        exact, rounded = change(model), change(model.to_float())
        assert rounded.field == "float"
        assert np.allclose(rounded.reward, exact.to_float().reward)
        assert np.allclose(rounded.transition.dense(), exact.to_float().transition.dense())


def fate(model):
    return ft.decide(model).kind


def test_thresholds_of_two_agents():
    """Theory notes, section 15, γ = 99/100: η* = 103/198; α helps against the swap, not against divergence."""
    model = ft.witness(agents=2, actions=2, discount="99/100").model
    shares = ("521/1000", "103/198", "520/1000", "1/2")
    assert [fate(ft.shrunk(model, x)) for x in shares] == ["diverges", "diverges", "converges", "converges"]
    assert [fate(ft.damped(model, x)) for x in ("1", "1/10", "1/100")] == ["diverges"] * 3
    swap = ft.witness(agents=2, actions=2, discount="99/100", kind="does not converge").model
    assert [fate(ft.damped(swap, x)) for x in ("1", "81/100", "80/100")] == ["cycles", "cycles", "converges"]


def test_returns_of_22_and_of_23_steps():
    made = ft.witness(agents=2, actions=2, discount="99/100", steps=22)
    assert (made.model.n_states, made.rate > 1) == (23, True)
    assert fate(ft.multi_step(made.model, 23)) == "converges"
    assert fate(ft.multi_step(made.model, 22)) == "diverges"
    assert not ft.witness(agents=2, actions=2, discount="99/100", steps=23).exists
    idle = ft.witness(agents=2, actions=2, discount="999/1000", steps=23).model.with_discount("99/100")
    assert fate(ft.multi_step(idle, 23)) == "converges"
    with pytest.raises(DataError, match="fixed data"):
        ft.witness(agents=2, actions=2, discount="99/100", steps=2, data=ft.epsilon_greedy("1/2"))


REFUSED = [
    (lambda m: ft.shrunk(m, "3/2"), NumberError, r"shrink: expected a number in \[0, 1\]"),
    (lambda m: ft.damped(m, 0), NumberError, "above 0"),
    (lambda m: ft.damped(m, 0.5), NumberError, "not an exact rational"),
    (lambda m: ft.multi_step(m, 0), NumberError, "at least 1"),
    (lambda m: ft.multi_step(m, True), NumberError, "whole number"),
    (lambda m: ft.shrunk(m, "1/2", ft.epsilon_greedy("1/2")), DataError, "on-policy"),
]


@pytest.mark.parametrize(("change", "error", "message"), REFUSED)
def test_what_is_refused(change, error, message):
    with pytest.raises(error, match=message):
        change(ft.load("two-state"))


def test_the_options_of_run_and_decide(tmp_path, capsys):
    out = tmp_path / "run.json"
    remedies = ["--backup", "steps:2", "--shrink", "1/2", "--damping", "1/3"]
    assert main(["run", "two-state", *remedies, "--iterations", "3", "--json", str(out), "--quiet"]) == 0
    expected = ft.Remedy("1/2", 2, "1/3").apply(ft.load("two-state"))
    values = [it["values"] for it in json.loads(out.read_text())["iterates"]][-1]
    assert values == [str(x) for x in ft.fitted_q_iteration(expected, iterations=3).values[-1]]
    certificate = tmp_path / "c.json"
    assert main(["decide", "two-state", "--backup", "mix:1/2", "--certificate", str(certificate)]) == 0
    printed = capsys.readouterr().out
    assert "two-state, advantages times 1/2" in printed
    assert "The remedied run is the plain run of the model named above" in printed
    assert json.loads(certificate.read_text())["claim"]["fate"] == "converges"
    assert main(["decide", "two-state"]) == 0
    assert "remedied" not in capsys.readouterr().out


BAD_OPTIONS = [
    (["--backup", "mean"], "--backup: expected max, mix:ETA or steps:H"),
    (["--backup", "steps"], "--backup: expected max, mix:ETA or steps:H"),
    (["--backup", "steps:0"], "--backup: steps: expected a whole number"),
    (["--backup", "steps:-1"], "--backup: expected steps:H"),
    (["--backup", "mix:3/2"], "--backup: mix: expected a number ETA in [0, 1], found '3/2'"),
    (["--shrink", "x"], "--shrink: 'x' is not a rational"),
    (["--damping", "0"], "--damping: expected a rate above 0"),
    (["--shrink", "1/2", "--data", "epsilon-greedy:1/10"], "--shrink: data: this remedy"),
]


@pytest.mark.parametrize(("options", "message"), BAD_OPTIONS)
def test_bad_options(capsys, options, message):
    assert main(["run", "two-state", *options]) == 2
    assert message in capsys.readouterr().err
