"""Exact policy iteration by Storm (optional: `pip install stormpy`), on the same model written as a DRN file.

The discount becomes a step to an absorbing goal with chance 1 - γ; rewards are moved up by a constant c, since Storm
wants them nonnegative, so that its values are ours plus c / (1 - γ).
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from flint import fmpq

from fqi_theory.model.mmdp import MMDP

PROPERTY = 'Rmax=? [F "goal"]'


def build(model: MMDP) -> tuple[Any, fmpq]:
    """Return (Storm's exact sparse MDP, what its values are above ours)."""
    import stormpy

    shift = -min(model.reward.min(), fmpq(0))
    with TemporaryDirectory() as folder:
        path = Path(folder, "model.drn")
        path.write_text(_drn(model, shift), encoding="ascii")
        built = stormpy.build_model_from_drn[stormpy.Rational](str(path))
    return built, shift / (1 - model.discount)


def solver(built: Any) -> Any:
    """Return a call that solves the built model by exact policy iteration and returns Storm's values."""
    import stormpy
    from stormpy import environments

    formula = stormpy.parse_properties(PROPERTY)[0]
    environment = environments.exact()
    environment.solver().min_max().method = environments.MinMaxMethod.POLICY_ITERATION
    return lambda: stormpy.model_checking(built, formula, environment=environment)


def _drn(model: MMDP, shift: fmpq) -> str:
    indptr, successors, probabilities = model.transition.compressed()
    count, goal = model.reward.size // model.n_states, model.n_states
    lines = [
        "@type: MDP",
        "@value_type: rational",
        "@parameters",
        "",
        "@reward_models",
        "r",
        "@nr_states",
        str(goal + 1),
    ]
    lines += ["@nr_choices", str(model.reward.size + 1), "@model"]
    for k, reward in enumerate(model.reward.reshape(-1).tolist()):
        if k % count == 0:
            lines.append(f"state {k // count} [0]" + (" init" if k == 0 else ""))
        lines.append(f"\taction {k % count} [{reward + shift}]")
        part = slice(indptr[k], indptr[k + 1])
        row = np.zeros(goal + 1, dtype=object)
        row[successors[part]] = model.discount * probabilities[part]
        row[goal] = 1 - model.discount
        lines += [f"\t\t{s} : {p}" for s, p in enumerate(row) if p != 0]
    return "\n".join([*lines, f"state {goal} [0] goal", "\taction 0 [0]", f"\t\t{goal} : 1", ""])
