"""Translate a certificate to Coq: its numbers as definitions, and which checked theorem speaks of them.

The translation is trusted (it decides which model, run and claim the Coq theorem is about), so it only copies numbers:
whatever must hold of them is checked by the Coq functions named here. One exception are hints, marked as such.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from proofs_check.coq.translate.export_region import region
from proofs_check.coq.translate.hints import fitted, spanning
from proofs_check.coq.translate.reader import Model, entries, members, need, number, policy, read_model, vector
from proofs_check.coq.translate.terms import (
    Statement,
    Unsupported,
    joint_policy,
    naturals,
    rational,
    rationals,
    rows,
    sequence,
    truth,
)


def _model(model: Model, ties: str) -> tuple[str, ...]:
    return (
        f"Definition n_actions : seq nat := {naturals(model.sizes)}.",
        f"Definition table : seq (seq (seq Q)) := {sequence(map(rows, model.rows))}.",
        f"Definition m : model := Model n_actions {rational(model.discount)} table {truth(ties == 'last')}.",
    )


def _flat(value: Any, sizes: Sequence[int], where: str) -> list[Fraction]:
    """Return a table nested over the agents' actions as a list in lexicographic order."""
    if not sizes:
        return [number(value, where)]
    return [x for part in entries(value, sizes[0], where) for x in _flat(part, sizes[1:], where)]


def _joint(value: Any, model: Model, linear: bool) -> str:
    """Return joint data, with a hint of the fit for the linear class."""
    given = entries(members(value, "kind joint", "data")["joint"], len(model.rows), "data.joint")
    tables = [_flat(own, model.sizes, "data.joint") for own in given]
    if not linear:
        return f"(Joint {rows(tables)} [::])"
    found = [
        [*fitted(own, table, model), *([spanned] if (spanned := spanning(own, model.sizes)) else [])]
        for own, table in zip(tables, model.rows, strict=True)
    ]
    return f"(Joint {rows(tables)} {sequence(sequence(map(rows, own)) for own in found)})"


def _marginals(value: Any, model: Model) -> str:
    """Return a distribution of every agent at every state."""
    agents, states = entries(value, len(model.sizes), "data.marginals"), len(model.rows)
    tables = [
        [vector(row, k, "data.marginals") for row in entries(agent, states, "data.marginals")]
        for agent, k in zip(agents, model.sizes, strict=True)
    ]
    return sequence(map(rows, tables))


def _data(value: Any, model: Model, linear: bool) -> str:
    need(isinstance(value, dict) and isinstance(value.get("kind"), str), "data.kind: expected a name")
    kind = value["kind"]
    if kind in ("product", "joint") and "unsupported" in value:
        raise Unsupported("a choice where the data leave the fit open")
    if kind == "uniform":
        members(value, "kind", "data")
        return "Uniform"
    if kind == "product":
        return f"(Product {_marginals(members(value, 'kind marginals', 'data')['marginals'], model)})"
    if kind == "joint":
        return _joint(value, model, linear)
    need(kind == "epsilon-greedy", "data.kind: unknown")
    doc = members(value, "kind epsilon exploring" if "exploring" in value else "kind epsilon", "data")
    epsilon = rational(number(doc["epsilon"], "data.epsilon"))
    if "exploring" in doc:
        return f"(Exploring {epsilon} {_marginals(doc['exploring'], model)})"
    return f"(EpsilonGreedy {epsilon})"


def _limit(claim: dict[str, Any], model: Model) -> str:
    doc = members(claim, "fate values greedy optimal_values policy_values", "claim")
    need(doc["fate"] == "converges", "claim.fate: this kind of proof shows convergence")
    values, optimal, own = (
        rationals(vector(doc[key], len(model.rows), f"claim.{key}"))
        for key in ("values", "optimal_values", "policy_values")
    )
    return f"(Limit {values} {joint_policy(policy(doc['greedy'], model, 'claim.greedy'))} {optimal} {own})"


def _optimality(doc: dict[str, Any], model: Model) -> Statement:
    members(doc["proof"], "kind", "proof")
    definitions = (f"Definition c : limit := {_limit(doc['claim'], model)}.",)
    return Statement(definitions, "check_optimality m d c", "optimality_sound F")


def _contraction(doc: dict[str, Any], model: Model) -> Statement:
    proof = members(doc["proof"], "kind weights factor", "proof")
    weights = vector(proof["weights"], len(model.rows), "proof.weights")
    definitions = (
        f"Definition c : limit := {_limit(doc['claim'], model)}.",
        f"Definition w : seq Q := {rationals(weights)}.",
        f"Definition kappa : Q := {rational(number(proof['factor'], 'proof.factor'))}.",
    )
    return Statement(definitions, "check_contraction m d c w kappa", "contraction_sound F")


def _region(doc: dict[str, Any], model: Model) -> Statement:
    claim = doc["claim"]
    return region(doc, model, _limit(claim, model) if claim["fate"] == "converges" else None)


_KINDS = {
    ("igm", "optimality"): _optimality,
    ("linear", "contraction"): _contraction,
    ("linear", "region"): _region,
}


#: Classes and kinds of proof of the format that no Coq function checks.
_FITTED = "linear|joint|additive:[1-9][0-9]{0,5}|graph:[0-9]{1,6}(-[0-9]{1,6})+(,[0-9]{1,6}(-[0-9]{1,6})+)*"
_UNCOVERED = {
    "contraction": _FITTED,
    "region": _FITTED,
    "choices": _FITTED,
    "differences": _FITTED,
    "interval": _FITTED,
    "expanding": _FITTED,
    "cells": _FITTED,
    "repelling": _FITTED,
    "grid": _FITTED,
    "box": f"{_FITTED}|monotonic",
    "monotonic": "monotonic",
    "ray": "monotonic",
}


def _require_covered(factorization: str, proof: str) -> None:
    """Raise Malformed where class and proof do not belong together, Unsupported where Coq has no checker for them."""
    if (factorization, proof) in _KINDS:
        return
    known = re.fullmatch(_UNCOVERED.get(proof, ""), factorization) is not None
    need(known, "proof.kind: unknown with this factorization")
    raise Unsupported(f"proof {proof} with the factorization {factorization[:60]}")


def export(document: Any) -> Statement:
    """Return the Coq statement of a certificate; raises Malformed or Unsupported."""
    doc = members(document, "format model data factorization ties initial claim proof", "certificate")
    need(doc["format"] == "certificate/1", "certificate: expected certificate/1")
    need(doc["ties"] in ("first", "last"), "certificate.ties: expected first or last")
    if isinstance(doc["data"], dict) and doc["data"].get("kind") in ("optimistic", "central"):
        raise Unsupported("weights that depend on Q_tot")
    model = read_model(doc["model"])
    data = _data(doc["data"], model, doc["factorization"] == "linear")
    initial = members(doc["initial"], "values greedy", "initial")
    vector(initial["values"], len(model.rows), "initial.values")
    policy(initial["greedy"], model, "initial.greedy")
    for key, field in (("claim", "fate"), ("proof", "kind")):
        need(isinstance(doc[key], dict) and isinstance(doc[key].get(field), str), f"{key}.{field}: expected a name")
    need(isinstance(doc["factorization"], str), "factorization: expected a name")
    kind = doc["factorization"], doc["proof"]["kind"]
    _require_covered(*kind)
    statement = _KINDS[kind](doc, model)
    common = (*_model(model, doc["ties"]), f"Definition d : data := {data}.")
    return statement._replace(definitions=(*common, *statement.definitions))
