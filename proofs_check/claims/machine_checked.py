"""The headline theorems for every number of agents, every finite action set and every ordered field: proved in Coq.

Each claim here is one theorem of `proofs_check/coq`. It is 'proved' only while the compiled result of that theorem is
present, current for the sources (hash) and free of axioms; otherwise it is 'unknown', and the claims that are decided
without Coq remain.
"""

from collections.abc import Callable

from proofs_check.claim import Budget, Claim, Finding
from proofs_check.coq import status

PAPER, QPLEX, OURS = "arXiv:2006.00587 Theorem {}", "arXiv:2008.01062", "ours"


def _check(theorem_id: str) -> Callable[[Budget], Finding]:
    def check(_: Budget) -> Finding:
        found = next((t for t in status.theorems() if t.id == theorem_id), None)
        if found is None or not found.proved:
            return Finding("unknown", note=f"no current compiled result for {theorem_id}; `make prove` makes one")
        evidence = {"Coq name": found.name, "file": found.file, "Coq statement": found.coq_type or found.coq}
        return Finding("proved", evidence=evidence, note="compiled without axioms; any agents, any ordered field")

    return check


def _claim(claim_id: str, theorem_id: str, statement: str, latex: str, hypotheses: str, source: str) -> Claim:
    return Claim(
        id=claim_id,
        statement=statement,
        latex=latex,
        hypotheses=hypotheses,
        source=source,
        method="Coq",
        expected="proved",
        check=_check(theorem_id),
        theorems=(theorem_id,),
    )


CLAIMS = (
    _claim(
        "thm1.coq",
        "thm1",
        "The linear fits are exactly the closed form plus residues w with Σ_i w_i = 0, for every shape",
        r"\arg\min=\{Q^{cf}+w:\sum_iw_i=0\}",
        "product data with full support",
        PAPER.format(1),
    ),
    _claim(
        "thm2.coq",
        "thm2",
        "If π is the unique optimal policy, for all small ε a fixed point with greedy policy π exists and attracts",
        r"\|V^{(t)}-V_\varepsilon\|\le\bigl(\tfrac{1+\gamma}{2}\bigr)^t\,\|V^{(0)}-V_\varepsilon\|",
        "ε-greedy data, γ < 1, any tie-breaking; a neighbourhood that does not depend on ε",
        PAPER.format(2) + ", explicit form ours",
    ),
    _claim(
        "thm2.coq-critical",
        "thm2-critical",
        "Two-state example: runs around (0,0) converge exactly if γ(1 + ε²/4) < 1",
        r"\gamma(1+\varepsilon^2/4)<1\iff\varepsilon<2\sqrt{1/\gamma-1}",
        "ε-greedy data, V(s0) = 0, V(s1) >= 0, greedy (0,0) at the start",
        OURS,
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
    ),
    _claim(
        "thm4.coq",
        "thm4",
        "FQI over the selection-IGM class converges to Q* from every start at rate γ, for every model",
        r"\|Q^{(t)}-Q^*\|_\infty\le\gamma^t\|Q^{(0)}-Q^*\|_\infty",
        "data with full support, product or not",
        PAPER.format(4),
    ),
    _claim(
        "igm.coq",
        "qplex-igm",
        "QPLEX mixing with λ > 0 satisfies IGM as sets, for every shape",
        r"\arg\max Q_{tot}=\prod_i\arg\max Q_i",
        "λ_i(s,a) > 0",
        QPLEX,
    ),
    _claim(
        "qplex.coq",
        "qplex-exactly",
        "QPLEX with λ > 0 realises exactly the tables whose argmax set is a product set, for every shape",
        r"\exists Q,\lambda>0\iff\arg\max Q_{tot}=\prod_iB_i",
        "at least one agent",
        QPLEX + ", the converse ours",
    ),
    _claim(
        "value-space.coq",
        "value-space",
        "Fixed data make linear FQI value iteration of a signed kernel, for every model",
        r"V^{(t+1)}(s)=\max_a\bigl[\rho(s,a)+\gamma\sum_{s'}K(s'|s,a)V^{(t)}(s')\bigr]",
        "product data with full support",
        OURS,
    ),
    _claim(
        "value-space.coq-bound",
        "value-space-weighted",
        "A weighted bound γ Σ|K| w <= κ w with κ < 1 gives one fixed point and convergence at rate κ",
        r"\gamma\sum_{s'}|K(s'|s,a)|\,w(s')\le\kappa\,w(s)",
        "product data with full support, w > 0",
        OURS,
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
)
