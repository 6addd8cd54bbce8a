"""Proofs by choices in the checker that Coq extracts: accepted and refused as by the checker in Python."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import differential
import pytest
from as_choices import as_choices, with_copies, with_twin
from differential import Verdict, compared, covered, decided, extracted, written

import fqi_theory as ft
from fqi_theory.data.sources import epsilon_greedy
from proofs_check import checker
from proofs_check.certificates.kept import named

pytestmark = pytest.mark.slow

Document = dict[str, Any]


def unsettled(**proof: Any) -> Document:
    document = copy.deepcopy(named("unsettled").document())
    document["proof"].update(proof)
    return document


def doubled(document: Document) -> Document:
    """Return the certificate with two phases, of the same choices."""
    return {**document, "proof": {**document["proof"], "actions": document["proof"]["actions"] * 2}}


def entered_later(document: Document) -> Document:
    """Return the certificate of the run from later on: its prefix counts one more step."""
    return {**document, "proof": {**document["proof"], "prefix": document["proof"]["prefix"] + 1}}


def test_ties_that_fall_either_way_for_ever_are_accepted_with_the_same_statement(program: Path):
    (both, *others) = unsettled()["proof"]["actions"][0]
    crossed = unsettled(
        actions=[[[*both, [0, 1]], *others]]
    )  # (0,1) is no greedy action there, but leads to the limit too
    documents = [unsettled(), doubled(unsettled()), entered_later(unsettled()), crossed]
    for document, verdict in zip(documents, extracted(program, [written(d) for d in documents]), strict=True):
        report = checker.check(document)
        assert report.accepted, report.reason
        assert verdict == Verdict("accepted", report.statement)
        assert "the greedy joint actions of 1 state(s) among several" in verdict.text


def test_each_condition_is_checked(program: Path):
    """What is left out or added at one place of the certificate that is accepted."""
    (both, *others) = unsettled()["proof"]["actions"][0]
    narrow = [str(Fraction(b) / 100) for b in unsettled()["proof"]["widths"]]
    stretched = [*unsettled()["proof"]["widths"][:-1], "1/2"]
    wrong = {
        "a joint action that is greedy is not listed": {"actions": [[[[0, 0]], *others]]},
        "another one is, and leads elsewhere": {"actions": [[both, *others[:2], [[0, 0], [1, 0]], others[3]]]},
        "one occurs twice": {"actions": [[[*both, [0, 0]], *others]]},
        "a state has none": {"actions": [[[], *others]]},
        "there is no phase": {"actions": []},
        "V is outside": {"prefix": 0, "widths": narrow},
        "a coordinate does not shrink": {"widths": stretched},
        "directions depend on each other": {
            "directions": [*unsettled()["proof"]["directions"][:3], ["0", "1", "1", "0", "1"]]
        },
        "a width is below 0": {"widths": [*unsettled()["proof"]["widths"][:-1], "-1"]},
    }
    verdicts = extracted(program, [written(unsettled(**change)) for change in wrong.values()])
    for (what, change), verdict in zip(wrong.items(), verdicts, strict=True):
        assert not checker.check(unsettled(**change)).accepted, what
        assert verdict.word == "refused", what


def right_and_wrong() -> Iterator[tuple[str, Document, Document]]:
    """Yield what is decided at its edge: a certificate, and one that differs from it in this alone."""
    rng = random.Random(0)
    (both, *others) = unsettled()["proof"]["actions"][0]
    copies = with_copies(unsettled(prefix=9))  # when both agents go left
    wrong = copy.deepcopy(copies)
    wrong["proof"]["actions"] = [[[both[0], [2, 2]], *others]]
    yield "of two actions that tie for ever the last one is listed", copies, wrong
    at_limit = with_twin(unsettled(), 4, rng)
    at_limit["initial"]["values"] = at_limit["claim"]["values"]
    wrong = copy.deepcopy(at_limit)
    for row in wrong["model"]["transitions"]:
        if row["state"] == wrong["model"]["states"][-1]:
            row["next"] = {"right": "1/2", "far right": "1/2"}
    yield "states of one class have other fits, of the same value at the limit", at_limit, wrong
    alike = with_twin(unsettled(prefix=0), 0, rng)
    alike["initial"] = {"values": ["9", "1001/100", "10", "10", "10", "9"], "greedy": [[0, 0]] * 6}
    wrong = copy.deepcopy(alike)
    wrong["initial"]["greedy"][-1] = [1, 1]
    yield "states of one class have other actions", alike, wrong
    _, *widths = [Fraction(b) for b in unsettled()["proof"]["widths"]]
    edge = Fraction(27, 40) * (widths[0] + widths[2]) + Fraction(9, 10) * widths[2]
    inside, at_edge = (unsettled(widths=[*map(str, (b, *widths))]) for b in (edge * Fraction(1001, 1000), edge))
    yield "a coordinate stays as large as it is", inside, at_edge
    game = ft.MMDP([[["1", "0"], ["0", "1"]]], [[[["1"], ["1"]], [["1"], ["1"]]]], "1/2")
    fate = ft.decide(game, data=epsilon_greedy("1/10"), initial=ft.start_from_values(game, [0], [[0, 0]]))
    settled = next(as_choices(json.loads(json.dumps(fate.certificate))))
    yield "the run has other actions", settled, {**settled, "initial": {**settled["initial"], "greedy": [[1, 1]]}}
    yield (
        "claimed actions are not those of the run",
        settled,
        {**settled, "claim": {**settled["claim"], "greedy": [[1, 1]]}},
    )
    turns = ft.decide(game, data=epsilon_greedy("1/10"), initial=ft.start_from_values(game, [0], [[0, 1]]))
    swinging = next(as_choices(json.loads(json.dumps(turns.certificate))))
    left_open = copy.deepcopy(swinging)
    left_open["proof"]["actions"] = [[[[0, 1], [1, 0]]]] * 2
    yield "only actions that are left open tell two positions apart", swinging, left_open


def test_what_is_accepted_at_an_edge_is_refused_beyond_it(program: Path):
    for what, right, wrong in right_and_wrong():
        assert [checker.check(document).accepted for document in (right, wrong)] == [True, False], what
        verdicts = extracted(program, [written(right), written(wrong)])
        assert [verdict.word for verdict in verdicts] == ["accepted", "refused"], what


def test_states_of_one_class_are_checked_to_have_the_same_fit(program: Path):
    """Twins are accepted; where one of them earns more once, neither is."""
    rng = random.Random(0)
    alike = [with_twin(with_twin(unsettled(), s, rng), t, rng) for s in range(5) for t in range(6)]
    reports = [checker.check(document) for document in alike]
    assert all(report.accepted for report in reports)
    verdicts = extracted(program, [written(document) for document in alike])
    assert verdicts == [Verdict("accepted", report.statement) for report in reports]
    for document in alike:
        document["model"]["transitions"][-1]["reward"] = "11/10"
    assert {verdict.word for verdict in extracted(program, [written(document) for document in alike])} == {"refused"}
    assert not any(checker.check(document).accepted for document in alike)


def test_one_chooser_has_no_agents_that_choose_one_each(program: Path):
    """Joint actions that the linear class excludes by comparing agents are choices in classes of sums."""
    (both, *others) = unsettled()["proof"]["actions"][0]
    few, all_ = unsettled(), unsettled(actions=[[[*both, [0, 1], [1, 0]], *others]])
    for factorization in ("additive:1", "additive:2", "graph:0-1", "joint"):
        documents = [{**document, "factorization": factorization} for document in (few, all_)]
        accepted = Verdict("accepted", checker.check(documents[1]).statement)
        assert not checker.check(documents[0]).accepted
        assert extracted(program, [written(document) for document in documents]) == [Verdict("refused"), accepted]


def test_names_of_classes_count_up(program: Path):
    misnamed = unsettled(classes=[0, 2, 1, 3, 4])
    assert not checker.check(misnamed).accepted
    assert extracted(program, [written(misnamed)]) == [Verdict("refused")]


def widened(document: Document, rng: random.Random) -> Document:
    """Return a copy with other widths, and a joint action more or less in a list."""
    changed = copy.deepcopy(document)
    proof, sizes = changed["proof"], [len(own) for own in changed["model"]["actions"]]
    if proof["widths"] and rng.random() < 0.6:
        for k in rng.choice(([rng.randrange(len(proof["widths"]))], range(len(proof["widths"])))):
            by = Fraction(rng.choice((1, 3, 9, 33)), rng.choice((1, 2, 8, 32)))
            proof["widths"][k] = str(Fraction(proof["widths"][k]) * by)
    if rng.random() < 0.1:
        proof["classes"][-1] = rng.randrange(len(proof["classes"]))
    own = rng.choice(rng.choice(proof["actions"]))
    joint = [rng.randrange(size) for size in sizes]
    if len(own) > 1 and rng.random() < 0.3:
        own.pop()
    elif joint not in own and rng.random() < 0.7:
        own.append(joint)
    proof["prefix"] += rng.choice((0, 0, 0, 1, len(proof["actions"])))
    return changed


def test_changes_of_choices_have_the_same_verdicts(program: Path):
    """Those of kept and random certificates, of limits and cycles: regions are taken as choices of one joint action."""
    rng = random.Random(0)
    documents = covered(program, decided(60, rng), ["choices"])
    assert {document["claim"]["fate"] for document in documents} == {"converges", "cycles"}
    documents += [with_twin(one, rng.randrange(len(one["model"]["states"])), rng) for one in documents]
    texts = [written(widened(document, rng)) for document in documents for _ in range(6)]
    sources = [differential.changes(document, rng) for document in documents]
    texts += [next(rng.choice(sources)) for _ in range(500)]
    outcomes, different = compared(program, [*map(written, documents), *texts])
    assert different == []
    for word, least in (("accepted", 60), ("refused", 200), ("unreadable", 20)):
        assert outcomes[word] > least
