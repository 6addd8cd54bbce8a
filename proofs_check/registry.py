"""The registry: every claim that the judge decides, in the order of the theory, one module a theorem."""

from collections.abc import Sequence
from functools import cache
from importlib import import_module

from proofs_check.claim import Claim

MODULES = (
    "theorem1_credit_assignment",
    "theorem1_boundary",
    "theorem1_support",
    "theorem2_on_policy_convergence",
    "theorem2_explicit",
    "theorem2_attractors",
    "theorem2_ties",
    "theorem3_off_policy_divergence",
    "theorem4_igm_convergence",
    "igm",
    "igm_transformed",
    "qplex",
    "qplex_state_only",
    "empirical_data",
    "payoff_tables",
    "lecture_table",
    "value_space",
    "value_space_convergence",
    "certified_fates",
    "bounded_aperiodic",
    "census",
    "census_discounts",
    "phases",
    "phases_data",
    "phases_relay",
    "phases_projections",
    "phases_two_agents",
    "phases_models",
    "phases_voting",
    "phases_best_response",
    "phases_monotonic",
    "phases_qmix_network",
    "phases_qmix_on_policy",
    "phases_remedies",
    "phases_levers",
    "phases_damped_factors",
    "phases_spiral",
    "phases_proved",
    "machine_checked",
    "weighted_qmix",
    "weighted_qmix_thresholds",
    "weighted_qmix_recovery",
    "qtran",
    "qtran_alternative",
    "maven",
    "qfix",
    "beyond_monotonicity",
    "dcg",
    "dcg_low_rank",
    "qplex_code",
    "classics",
    "classics_fixed_points",
)


@cache
def claims() -> tuple[Claim, ...]:
    """Return all claims, those of one theorem together; their ids are unique.

    A claim that both Coq and runs of the program decide is two: the theorem, and the agreement of the implementation.
    """
    modules = [import_module(f"proofs_check.claims.{name}") for name in MODULES]
    split = import_module("proofs_check.claims.theorems").split
    loaded = [part for module in modules for claim in module.CLAIMS for part in split(claim)]
    groups = list(dict.fromkeys(claim.id.split(".")[0] for claim in loaded))
    found = tuple(sorted(loaded, key=lambda claim: groups.index(claim.id.split(".")[0])))
    ids = [claim.id for claim in found]
    if len(set(ids)) != len(ids):
        raise ValueError(f"two claims have one id: {sorted(i for i in ids if ids.count(i) > 1)}")
    return found


def select(wanted: str | Sequence[str] | None) -> tuple[Claim, ...]:
    """Return the claims whose id is in `wanted`, or whose id starts with 'wanted.'; all for None or an empty list.

    wanted: one id, or several. Raises KeyError naming the first id that selects nothing.
    """
    if not wanted:
        return claims()
    if isinstance(wanted, str):
        wanted = (wanted,)
    for name in wanted:
        if not any(_matches(claim.id, name) for claim in claims()):
            raise KeyError(f"no claim {name!r}; `proofs-check claims` lists them")
    return tuple(claim for claim in claims() if any(_matches(claim.id, name) for name in wanted))


def _matches(claim_id: str, wanted: str) -> bool:
    return claim_id == wanted or claim_id.startswith(wanted + ".")
