"""Translate a certificate to Coq: its numbers as definitions, and which checked theorem speaks of them.

The translation is trusted (it decides which model, run and claim the Coq theorem is about), so it only copies numbers:
whatever must hold of them is checked by the Coq functions named here. One exception are hints, marked as such.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from proofs_check.coq.translate.export_region import region
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
)


def _model(model: Model) -> tuple[str, ...]:
    return (
        f"Definition n_actions : seq nat := {naturals(model.sizes)}.",
        f"Definition table : seq (seq (seq Q)) := {sequence(map(rows, model.rows))}.",
        f"Definition m : model := Model n_actions {rational(model.discount)} table.",
    )


def _flat(value: Any, sizes: Sequence[int], where: str) -> list[Fraction]:
    """Return a table nested over the agents' actions as a list in lexicographic order."""
    if not sizes:
        return [number(value, where)]
    return [x for part in entries(value, sizes[0], where) for x in _flat(part, sizes[1:], where)]


def _data(value: Any, model: Model) -> str:
    need(isinstance(value, dict) and isinstance(value.get("kind"), str), "data.kind: expected a name")
    kind, states = value["kind"], len(model.rows)
    if kind == "uniform":
        members(value, "kind", "data")
        return "Uniform"
    if kind == "product":
        agents = entries(members(value, "kind marginals", "data")["marginals"], len(model.sizes), "data.marginals")
        tables = [
            [vector(row, k, "data.marginals") for row in entries(agent, states, "data.marginals")]
            for agent, k in zip(agents, model.sizes, strict=True)
        ]
        return f"(Product {sequence(map(rows, tables))})"
    if kind == "joint":
        tables = entries(members(value, "kind joint", "data")["joint"], states, "data.joint")
        return f"(Joint {rows(_flat(own, model.sizes, 'data.joint') for own in tables)})"
    need(kind == "epsilon-greedy", "data.kind: unknown")
    epsilon = number(members(value, "kind epsilon", "data")["epsilon"], "data.epsilon")
    return f"(EpsilonGreedy {rational(epsilon)})"


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
    if doc["data"].get("kind") == "joint":
        raise Unsupported("a linear fit under correlated data")
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


def export(document: Any) -> Statement:
    """Return the Coq statement of a certificate; raises Malformed or Unsupported."""
    doc = members(document, "format model data factorization ties initial claim proof", "certificate")
    need(doc["format"] == "certificate/1" and doc["ties"] == "first", "certificate: expected certificate/1, ties first")
    model = read_model(doc["model"])
    data = _data(doc["data"], model)
    initial = members(doc["initial"], "values greedy", "initial")
    vector(initial["values"], len(model.rows), "initial.values")
    policy(initial["greedy"], model, "initial.greedy")
    for key, field in (("claim", "fate"), ("proof", "kind")):
        need(isinstance(doc[key], dict) and isinstance(doc[key].get(field), str), f"{key}.{field}: expected a name")
    need(isinstance(doc["factorization"], str), "factorization: expected a name")
    kind = (doc["factorization"], doc["proof"]["kind"])
    need(kind in _KINDS, "proof.kind: unknown with this factorization")
    statement = _KINDS[kind](doc, model)
    common = (*_model(model), f"Definition d : data := {data}.")
    return statement._replace(definitions=(*common, *statement.definitions))
