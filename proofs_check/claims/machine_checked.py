"""Theorems that are known in full generality through Coq only: for all agents and action sets, over ordered fields.

Each claim here is a theorem of `proofs_check/coq`. It is 'proved' only while the compiled result of that theorem is
present, current for the sources (hash) and free of axioms. Otherwise it is known as far as other claims know it, or
'unknown'.

A theorem says nothing of the program: a claim that is decided by running the program and that Coq states as well
becomes two claims by `split`, the theorem and the agreement of the implementation with it.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from proofs_check.claim import Budget, Claim, Evidence, Finding, Formal, Verdict
from proofs_check.coq import status

PAPER, QPLEX, OURS = "arXiv:2006.00587 Theorem {}", "arXiv:2008.01062", "ours"


#: Verdicts, the weakest first.
STRENGTH: tuple[Verdict, ...] = ("unknown", "refuted", "tested", "certified", "proved")


def _check(theorem_ids: Sequence[str], twins: Sequence[str]) -> Callable[[Budget], Finding]:
    def check(budget: Budget) -> Finding:
        found = [theorem for theorem in status.theorems() if theorem.id in theorem_ids and theorem.proved]
        if len(found) < len(theorem_ids):
            return _otherwise(", ".join(theorem_ids), twins, budget)
        evidence = {
            "Coq name": ", ".join(theorem.name for theorem in found),
            "file": ", ".join(dict.fromkeys(theorem.file for theorem in found)),
            "Coq statement": "; ".join(theorem.coq_type for theorem in found),
        }
        scope = "; ".join(dict.fromkeys(theorem.scope for theorem in found))
        version = f"Coq {status.coq_version()}, its sources unchanged since"
        return Finding("proved", evidence=evidence, note=f"compiled without axioms by {version}; {scope}")

    return check


def split(claim: Claim) -> tuple[Claim, ...]:
    """Return the theorem ID-coq and the claim that the implementation agrees, where Coq states all of a claim.

    Only claims that the program's answers decide ('tested', 'certified') are split; others are returned as they are.
    """
    whole = [formal.theorem for formal in claim.theorems if not formal.part]
    if not whole or claim.method == "Coq" or claim.expected not in ("tested", "certified"):
        return (claim,)
    theorem = replace(
        claim,
        id=f"{claim.id}-coq",
        method="Coq",
        expected="proved",
        check=_check(whole, (claim.id,)),
        examples=0,
        otherwise=claim.expected,
    )
    return theorem, replace(claim, statement=f"The implementation agrees: {claim.statement}", theorems=())


def _otherwise(theorem_id: str, twins: Sequence[str], budget: Budget) -> Finding:
    """Return the weakest of what other claims find, 'unknown' where there is none."""
    from proofs_check.registry import select

    note = f"no current compiled result for {theorem_id} (make prove makes one)"
    claims = [claim for name in twins for claim in select([name]) if claim.id == name]
    found = [claim.check(Budget(claim.examples, budget.seed)) for claim in claims]
    weakest = min((STRENGTH.index(finding.verdict) for finding in found), default=0)
    evidence: Evidence = {claim.id: finding.verdict for claim, finding in zip(claims, found, strict=True)}
    known = f"; otherwise known as far as {', '.join(twins)}" if twins else ""
    return Finding(STRENGTH[weakest], sum(finding.instances for finding in found), evidence, note + known)


def _claim(
    claim_id: str,
    theorem_id: str,
    statement: str,
    latex: str,
    hypotheses: str,
    source: str,
    twins: Sequence[str] = (),
    otherwise: Verdict = "unknown",
    parts: Sequence[Formal] = (),
) -> Claim:
    """Return a claim that is one theorem; twins: the claims that know about it without Coq, together `otherwise`."""
    return Claim(
        id=claim_id,
        statement=statement,
        latex=latex,
        hypotheses=hypotheses,
        source=source,
        method="Coq",
        expected="proved",
        check=_check((theorem_id,), twins),
        theorems=(Formal(theorem_id), *parts),
        otherwise=otherwise,
    )


CLAIMS = (
    _claim(
        "thm1.coq",
        "thm1",
        "The linear fits are exactly the closed form plus residues w with Σ_i w_i = 0, for every shape",
        r"\arg\min=\{Q^{cf}+w:\sum_iw_i=0\}",
        "product data with full support",
        PAPER.format(1),
        twins=("thm1.random-shapes",),
        otherwise="tested",
    ),
    _claim(
        "thm2.coq-critical",
        "thm2-critical",
        "Two-state example: runs around (0,0) converge exactly if γ(1 + ε²/4) < 1",
        r"\gamma(1+\varepsilon^2/4)<1\iff\varepsilon<2\sqrt{1/\gamma-1}",
        "ε-greedy data, V(s0) = 0, V(s1) >= 0, greedy (0,0) at the start",
        OURS,
        twins=("thm2.multiplier", "thm2.critical-epsilon"),
        otherwise="proved",
        parts=(
            Formal("thm2-limit", "the limit"),
            Formal("thm2-unbounded", "the growth"),
            Formal("run-on-policy-exists", "runs exist, from any factors"),
            Formal("run-on-policy-from", "runs exist, from any values and greedy actions"),
        ),
    ),
    _claim(
        "thm2.coq-cycle",
        "two-cycle",
        "On [[1,0],[0,1]] every run from greedy (0,1) alternates (0,1), (1,0) for ever",
        r"(0,1)\to(1,0)\to(0,1)\to\cdots",
        "ε-greedy data, 0 < ε < 1, any discount, any tie-breaking",
        OURS,
    ),
    _claim(
        "thm3.coq",
        "thm3",
        "Two-state example: runs converge exactly if γ < 4/5, from every start with V(s0) = 0",
        r"V^{(t)}\text{ converges}\iff\gamma<\tfrac45",
        "uniform data, 0 <= γ < 1",
        PAPER.format(3) + ", exact form ours",
        twins=("thm3.convergence", "thm3.boundary", "thm3.divergence"),
        otherwise="proved",
    ),
    _claim(
        "qplex.coq",
        "qplex-exactly",
        "QPLEX with λ > 0 realises exactly the tables whose argmax set is a product set, for every shape",
        r"\exists Q,\lambda>0\iff\arg\max Q_{tot}=\prod_iB_i",
        "at least one agent",
        QPLEX + ", the converse ours",
        twins=("igm.random", "qplex.round-trip"),
        otherwise="tested",
    ),
    _claim(
        "value-space.coq-bound",
        "joint-weighted",
        "A weighted bound γ Σ|K| w <= κ w with κ < 1 gives one fixed point and convergence at rate κ",
        r"\gamma\sum_{s'}|K(s'|s,a)|\,w(s')\le\kappa\,w(s)",
        "fixed data with full support, product or correlated, w > 0",
        OURS,
        twins=("value-space.weighted",),
        otherwise="tested",
        parts=(Formal("value-space-weighted", "product data"),),
    ),
    _claim(
        "dynamics.coq-optimality",
        "checked-optimality",
        "What the check inside Coq accepts of kind optimality is true: value iteration converges to the stated V*",
        r"\text{check}(c)\Rightarrow V^{(t)}\to V^*",
        "selection-IGM class, data with full support, every start",
        OURS,
    ),
    _claim(
        "dynamics.coq-contraction",
        "checked-contraction",
        "What the check inside Coq accepts of kind contraction is true: every run converges to the stated values",
        r"\text{check}(c)\Rightarrow V^{(t)}\to V_c",
        "linear class, fixed product data, every start",
        OURS,
    ),
    _claim(
        "dynamics.coq-limit",
        "checked-limit",
        "What the check inside Coq accepts of kind region with a limit is true: the run converges to the stated values",
        r"\text{check}(c)\Rightarrow V^{(t)}\to V_c",
        "linear class, fixed product or ε-greedy data, the stated start",
        OURS,
        parts=(Formal("checked-runs-exist", "such runs exist"),),
    ),
    _claim(
        "dynamics.coq-cycle",
        "checked-orbit",
        "What the check inside Coq accepts of kind region with a cycle is true: the run approaches that cycle",
        r"\text{check}(c)\Rightarrow V^{(T+kq+j)}\to V_j",
        "linear class, fixed product or ε-greedy data, the stated start",
        OURS,
    ),
    _claim(
        "dynamics.coq-divergence",
        "checked-divergence",
        "What the check inside Coq accepts of kind region with growth is true: the run is unbounded",
        r"\text{check}(c)\Rightarrow\sup_t\|V^{(t)}\|=\infty",
        "linear class, fixed product or ε-greedy data, the stated start",
        OURS,
    ),
    _claim(
        "phases.coq-bounded",
        "phases-bounded-exactly",
        "All runs of all finite models are bounded if and only if γ(1 + ν) < 1, for every class linear in its targets",
        r"\forall\text{ models, runs: }\sup_t\|V^{(t)}\|<\infty\iff\gamma(1+\nu)<1",
        "fixed data, a class that contains the constants, ν its negative mass",
        OURS,
        parts=(
            Formal("phases-bounded-below", "boundedness, also for data that change at every step"),
            Formal("phases-diverges-from", "the model that diverges"),
        ),
    ),
    _claim(
        "phases.coq-converges",
        "phases-converges-exactly",
        "All runs of all finite models converge if and only if γ(1 + 2ν) < 1, for every class linear in its targets",
        r"\forall\text{ models, runs: }V^{(t)}\text{ converges}\iff\gamma(1+2\nu)<1",
        "fixed data, a class that contains the constants and can favour an action that attains its negative mass ν",
        OURS,
        parts=(
            Formal("phases-converges-below", "convergence, with its rate"),
            Formal("phases-swap-no-limit", "the model that oscillates"),
        ),
    ),
    _claim(
        "phases.coq-one-over-n",
        "phases-one-over-n",
        "All on-policy runs of linear FQI of all finite models are bounded if and only if γ <= 1/n",
        r"\forall\varepsilon,\text{ models, runs: }\sup_t\|V^{(t)}\|<\infty\iff\gamma\le\tfrac1n",
        "n >= 2 agents with two actions each, ε-greedy data, 0 <= γ < 1",
        OURS,
        parts=(
            Formal("phases-on-policy-bounded", "boundedness, for any action sets"),
            Formal("phases-on-policy-diverges", "the model that diverges"),
        ),
    ),
)
