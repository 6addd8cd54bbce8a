"""From paper to claim: what [W21] and [Q21] define, state and show, and which claims decide it.

Items are named by what they say. Numbers are those of the theory notes, which the claims cite; they have not been
compared with every version on arXiv. Other numbers of the papers are not given.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from proofs_check.claim import Claim
from proofs_check.registry import select

Paper: TypeAlias = Literal["arXiv:2006.00587", "arXiv:2008.01062"]
W21: Paper = "arXiv:2006.00587"
Q21: Paper = "arXiv:2008.01062"


@dataclass(frozen=True)
class Item:
    """One definition, statement, example or figure of a paper.

    claims: ids, or prefixes that select several. missing: why nothing (or nothing more) of it is decided here.
    """

    paper: Paper
    kind: str
    text: str
    claims: tuple[str, ...] = ()
    missing: str = ""

    def decided(self) -> tuple[Claim, ...]:
        """Return the claims that decide it."""
        return select(self.claims) if self.claims else ()


_MEASURED = "a measurement of trained networks, which no exact statement is about"

ITEMS = (
    Item(
        W21,
        "setting",
        "Agents with observations that reveal the state",
        missing="states are observed here; a factor of such an observation is a factor of the state",
    ),
    Item(
        W21, "definition", "Factored multi-agent fitted Q-iteration (FMA-FQI) on a data distribution",
        ("value-space.iteration-coq", "value-space.iteration", "thm1.empirical", "thm1.stochastic"),
    ),
    Item(W21, "definition", "Linear factorisation (VDN): Q_tot is a sum of factors", ("igm.additive", "thm1.unique")),
    Item(W21, "definition", "IGM: greedy actions of agents and of Q_tot agree", ("igm", "thm4.set-reading")),
    Item(
        W21, "Theorem 1", "The linear fit in closed form, up to a residue",
        ("thm1.closed-form", "thm1.random-shapes-coq", "thm1.random-shapes", "thm1.residue", "thm1.unique", "thm1.coq"),
    ),
    Item(W21, "remark", "Linear factorisation is counterfactual credit assignment", ("thm1.counterfactual",)),
    Item(
        W21, "assumption", "Data of independent agents with full support, and what happens without",
        (
            "thm1.correlated", "thm1.correlated-fit", "thm1.pairwise", "thm1.pairs-and-means", "thm1.missing-support",
            "thm1.unique-on-support-coq", "thm1.unique-on-support", "thm4.missing-support",
        ),
    ),
    Item(W21, "Theorem 2", "On-policy data: a locally attracting optimal fixed point for small ε", ("thm2",)),
    Item(W21, "Theorem 3", "Off-policy divergence of the linear fit, and its two-state example", ("thm3",)),
    Item(
        W21, "Theorem 4", "FQI over the IGM class converges to Q* from every start",
        (
            "thm4.value-iteration-coq", "thm4.value-iteration", "thm4.rate-coq", "thm4.rate", "thm4.selection-coq",
            "thm4.selection", "thm4.set-reading", "thm4.infimum-coq", "thm4.infimum", "thm4.certified-igm",
            "thm4.greedy-limit",
        ),
    ),
    Item(
        W21, "figure", "Learning curves on the two-state example",
        ("thm3.certified-convergence", "thm3.certified-boundary", "thm3.certified-divergence"),
        "the exact runs are decided; curves of networks are measurements",
    ),
    Item(W21, "figure", "Matrix games and StarCraft II: returns of deep algorithms", missing=_MEASURED),
    Item(Q21, "definition", "IGM, and IGM in terms of advantages", ("igm.sets", "igm.random-coq", "igm.random")),
    Item(
        Q21, "statement", "Advantages are at most 0, and 0 at greedy actions; positive weights keep IGM",
        ("igm.sets", "igm.advantage", "igm.zero-weight", "igm.zero-selection"),
    ),
    Item(
        Q21, "statement", "QPLEX realises the complete IGM class",
        (
            "qplex.complete", "qplex.round-trip-coq", "qplex.round-trip", "qplex.every-table", "qplex.limit",
            "qplex.coq",
        ),
    ),
    Item(Q21, "remark", "Weights λ need the joint action, not only the state", ("qplex.state-only",)),
    Item(
        Q21, "architecture", "Transformation of utilities and attention for λ, in the paper and in the authors' code",
        ("igm.transformed", "igm.transformed-zero", "qplex-code"),
        "trained networks are float64 (docs/qplex-network.md) and prove nothing",
    ),
    Item(
        Q21, "example", "Matrix games on which linear and monotonic factorisation fail",
        (
            "tables.game2-uniform", "tables.greedy-loss", "tables.monotonic-best", "tables.monotonic-usual",
            "tables.certified-game-2", "thm2.certified-suboptimal",
        ),
    ),
    Item(Q21, "example", "The two-state model of the authors' code, rewards times 1000", ("thm3.reward-scale",)),
    Item(Q21, "figure", "StarCraft II, online and offline: win rates and ablations", missing=_MEASURED),
)  # fmt: skip
