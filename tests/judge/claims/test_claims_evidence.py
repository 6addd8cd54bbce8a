"""Literal exact numbers in the evidence: the theory's, and the shrunk counterexamples."""

from fractions import Fraction

from deciding import run


def witness(claim_id: str, **options: int):
    return run(claim_id, **options).evidence["counterexample"]


def test_correlated_data_beat_the_closed_form():
    found = witness("thm1.correlated", examples=100)
    assert sorted(found["y"]) in (["0", "0", "0", "1"], ["-1", "0", "0", "0"])
    assert Fraction(found["loss of the fit"]) < Fraction(found["loss of the closed form"])


def test_pairwise_marginals_do_not_determine_the_fit():
    found = witness("thm1.pairwise", examples=60)
    assert sum(map(abs, map(Fraction, found["y"]))) == 1
    assert found["p"] != found["p'"]
    assert sum(map(Fraction, found["p"])) == 1


def test_two_minimisers_without_support():
    assert witness("thm1.missing-support")["greedy"] == [[0, 0], [1, 0]]


def test_multipliers_of_theorem_2():
    assert run("thm2.multiplier").evidence["multipliers"] == {
        "gamma=9/10, epsilon=1": "9/8",
        "gamma=9/10, epsilon=1/2": "153/160",
        "gamma=9/10, epsilon=1/10": "3609/4000",
    }


def test_critical_epsilon_is_algebraic():
    found = run("thm2.critical-epsilon").evidence["critical epsilon"]
    assert found["9/10"] == {"value": "2/3", "minimal polynomial": "3*x - 2", "interval": "[2/3, 2/3]"}
    assert found["17/20"]["minimal polynomial"] == "17*x**2 - 12"


def test_the_two_cycle_is_exact():
    cycles = witness("thm2.global")["cycles"]
    assert [c["value"] for c in cycles] == ["361/200", "361/100", "361/20"]
    assert {str(c["greedy"]) for c in cycles} == {"[[0, 1], [1, 0]]"}


def test_suboptimal_attractors():
    found = witness("thm2.only-optima")["attractors"]
    assert [(a["game"], a["reward"], a["optimum"], a["every epsilon below"]) for a in found] == [
        ("game 3", "6", 8, "1"),
        ("climbing", "7", 11, "3/37"),
    ]


def test_a_tied_optimum_is_left_at_every_epsilon():
    assert witness("thm2.every-optimum")["fails"].startswith("optimal (0, 1) is left at every 0 < epsilon < 1")


def test_set_reading_witness_is_the_smallest():
    assert sorted(witness("thm4.set-reading", examples=60)["y"]) in (["-1", "0", "0", "0"], ["0", "0", "1", "1"])


def test_monotone_fits_of_game_2():
    found = run("tables.monotonic-best").evidence
    assert (found["best error"], found["error of the reported pattern"]) == ("288", "320")
    assert dict(found["errors by order pair"]) == {
        "288": 4,
        "320": 4,
        "1096/3": 8,
        "1884/5": 8,
        "1984/5": 4,
        "2208/7": 8,
    }
    assert found["certificates verified"] == 36


def test_lecture_interval():
    found = run("tables.lecture-rounding").evidence
    assert found["interval"] == ["1 - sqrt(118)/16", "1 - sqrt(114)/16"]
    assert found["fit at p = 21/64"] == ["-825/128", "-633/128", "-633/128", "-441/128"]
    assert not found["1/3 is inside"]
    assert not found["some p gives the printed numbers exactly"]


def test_a_negative_kernel_entry():
    assert witness("value-space.nonnegative", examples=60)["fails"] == "least entry of K is -1/4"


def test_counterexamples_do_not_depend_on_the_run():
    assert run("thm1.correlated", 100, 3).evidence == run("thm1.correlated", 100, 3).evidence
