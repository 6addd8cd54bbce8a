"""Translate region certificates to Coq; see export.py."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from proofs_check.coq.translate.hints import Rows, dual
from proofs_check.coq.translate.reader import Model, entries, index, members, need, number, policy, vector
from proofs_check.coq.translate.terms import (
    Statement,
    Unsupported,
    joint_policy,
    rational,
    rationals,
    rows,
    sequence,
    truth,
)

MOST_STEPS = 20_000
#: The most binary digits after the point of rounded numbers.
MAX_PRECISION = 10_000
#: The shape of a region that shrinks to one side.
_SIDE = "Shrinking"


def _directions(proof: dict[str, Any], states: int) -> tuple[Rows, bool]:
    """Return the directions, and whether they are the unit vectors of all states but the reference."""
    reference = index(proof["reference"], 0, "proof.reference", states - 1)
    if proof["directions"] is None:
        others = [s for s in range(states) if s != reference]
        return [[Fraction(s == t) for t in range(states)] for s in others], True
    given = entries(proof["directions"], None, "proof.directions")
    return [vector(w, states, "proof.directions") for w in given], False


def _growth(value: Any, count: int) -> tuple[str, list[bool], tuple[bool, Fraction] | None]:
    """Return the region's shape in Coq, which coordinates are fixed, and the growth (geometric?, rate)."""
    if value is None:
        return "Bounded", [], None
    need(isinstance(value, dict), "proof.growth: expected an object or null")
    kind = next((key for key in ("factor", "maximum") if key in value), "increment")
    doc = members(value, "fixed maximum" if kind == "maximum" else f"fixed minimum {kind}", "proof.growth")
    fixed = entries(doc["fixed"], count, "proof.growth.fixed")
    need(all(isinstance(x, bool) for x in fixed), "proof.growth.fixed: expected true or false")
    rate = kind == "factor", number(doc[kind], f"proof.growth.{kind}")
    if kind == "maximum":
        return f"({_SIDE} {rational(rate[1])})", fixed, None
    return f"(Growing {rational(number(doc['minimum'], 'proof.growth.minimum'))})", fixed, rate


def _proof(doc: dict[str, Any], model: Model) -> tuple[str, bool, tuple[bool, Fraction] | None]:
    """Return the Coq proof, whether its directions are unit vectors, and its growth."""
    keys = "kind prefix origin modes entry directions reference widths growth"
    is_rounded = isinstance(doc["proof"], dict) and "precision" in doc["proof"]
    proof, states = members(doc["proof"], f"{keys} precision" if is_rounded else keys, "proof"), len(model.rows)
    if is_rounded and proof["growth"] is not None:
        raise Unsupported("rounded numbers with growth")
    power = 1 << index(proof["precision"], 1, "proof.precision", MAX_PRECISION) if is_rounded else 0
    multiples = f"(Some {hex(power)}%positive)" if is_rounded else "None"
    prefix = index(proof["prefix"], 0, "proof.prefix")
    if prefix > MOST_STEPS:
        raise Unsupported(f"a prefix of more than {MOST_STEPS} steps")
    directions, units = _directions(proof, states)
    widths = vector(proof["widths"], len(directions), "proof.widths")
    shape, fixed, growth = _growth(proof["growth"], len(directions))
    modes = [policy(one, model, "proof.modes") for one in entries(proof["modes"], None, "proof.modes")]
    parts = (
        f"{prefix}%N",
        rationals(vector(proof["origin"], states, "proof.origin")),
        joint_policy(policy(proof["entry"], model, "proof.entry")),
        sequence(map(joint_policy, modes)),
        rows(directions),
        rows(dual(directions, states)),
        f"(Region {shape} {rationals(widths)} {sequence(map(truth, fixed))} {multiples})",
    )
    return f"(Proof {' '.join(parts)})", units, growth


def _diverges(claim: Any, growth: tuple[bool, Fraction] | None, start: tuple[str, ...]) -> Statement:
    value = members(claim, "fate growth", "claim")["growth"]
    need(isinstance(value, dict) and value.get("kind") in ("geometric", "linear"), "claim.growth.kind: unknown")
    key = "factor" if value["kind"] == "geometric" else "increment"
    doc = members(value, f"kind {key} steps", "claim.growth")
    rate, steps = number(doc[key], f"claim.growth.{key}"), index(doc["steps"], 1, "claim.growth.steps", MOST_STEPS)
    need(growth is not None, "claim.fate: such a region does not diverge")
    geometric, proved = growth if growth is not None else (False, rate)
    definitions = (*start, f"Definition rate : Q := {rational(rate)}.")
    check = f"check_divergence m d v0 g0 p {truth(key == 'factor')} rate"
    same = f"[&& size (modes p) == {steps}%N, {truth((key == 'factor') == geometric)} & qeq rate {rational(proved)}]"
    return Statement(definitions, check, "divergence_sound F", same)


def region(doc: dict[str, Any], model: Model, limit: str | None) -> Statement:
    """Return the statement of a region certificate; `limit` is the claim of convergence in Coq."""
    proof, units, growth = _proof(doc, model)
    values = vector(doc["initial"]["values"], len(model.rows), "initial.values")
    start = (
        f"Definition v0 : seq Q := {rationals(values)}.",
        f"Definition g0 : seq (seq nat) := {joint_policy(policy(doc['initial']['greedy'], model, 'initial.greedy'))}.",
        f"Definition p : proof := {proof}.",
    )
    claim = doc["claim"]
    if claim["fate"] == "diverges":
        return _diverges(claim, growth, start)
    need(growth is None, "claim.fate: such a region diverges")
    if limit is not None:
        named_limit = f"Definition c : limit := {limit}."
        if _SIDE in proof:
            return Statement((*start, named_limit), "check_side_limit m d v0 g0 p c", "side_limit_sound F")
        return Statement((*start, named_limit), f"check_limit m d v0 g0 p {truth(units)} c", "limit_sound F")
    need(claim["fate"] == "cycles", "claim.fate: unknown")
    claim = members(claim, "fate period orbit greedy", "claim")
    period = index(claim["period"], 2, "claim.period")
    orbit = [vector(v, len(model.rows), "claim.orbit") for v in entries(claim["orbit"], period, "claim.orbit")]
    greedy = [policy(g, model, "claim.greedy") for g in entries(claim["greedy"], period, "claim.greedy")]
    named = (
        f"Definition points : seq (seq Q) := {rows(orbit)}.",
        f"Definition policies : seq (seq (seq nat)) := {sequence(map(joint_policy, greedy))}.",
    )
    if _SIDE in proof:
        return Statement((*start, *named), "check_side_orbit m d v0 g0 p points policies", "side_orbit_sound F")
    return Statement((*start, *named), f"check_orbit m d v0 g0 p {truth(units)} points policies", "orbit_sound F")
