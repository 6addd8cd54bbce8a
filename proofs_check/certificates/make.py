"""Make the kept certificates again: `python -m proofs_check.certificates.make`.

The engine proposes and is not trusted: the files are read back by the checker alone.
"""

import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from fqi_theory.base.scalars import exact_array
from fqi_theory.data.sources import DataSource, correlated, epsilon_greedy, product, uniform
from fqi_theory.data.weighted import central, optimistic
from fqi_theory.factorization.classes import by_name
from fqi_theory.factorization.fit import Ties
from fqi_theory.fates import Effort, bounds, decide
from fqi_theory.model.formats.files import write_json
from fqi_theory.runs.reliance import Unsupported
from fqi_theory.runs.trajectory import start_from_values
from proofs_check.certificates.kept import Kept, kept
from proofs_check.checker import check

#: More steps decide none of these runs.
EFFORT = Effort(steps=256)


def make(one: Kept) -> dict[str, Any]:
    """Return a new certificate of one run; raises ValueError where the engine finds none or the checker refuses it."""
    model = one.mmdp()
    start = None if one.greedy is None else start_from_values(model, [0] * model.n_states, np.array(one.greedy))
    rule, data = by_name(one.factorization, model.n_agents), _source(one.data)
    reading: Unsupported = "choose" if "unsupported" in one.data else "refuse"
    ties: Ties = "last" if one.ties == "last" else "first"
    if one.claim["fate"] == "bounded" and one.claim["reference"] is None:
        fate = bounds(model, data=data, factorization=rule, initial=start, ties=ties, unsupported=reading)
    else:
        effort = replace(EFFORT, long=0) if one.rounded else EFFORT
        fate = decide(
            model, data=data, factorization=rule, initial=start, ties=ties, unsupported=reading, effort=effort
        )
    if fate.certificate is None:
        raise ValueError(f"{one.name}: no certificate: {fate.tried}")
    report = check(fate.certificate)
    wrong = one.differs(fate.certificate) or one.contradicts(fate.certificate)
    if not report.accepted or wrong:
        raise ValueError(f"{one.name}: {report.reason or f'not as expected: {wrong}'}")
    return fate.certificate


def _source(data: Mapping[str, Any]) -> DataSource:
    """Return the source of the data as a certificate has them."""
    if "base" in data:
        weigh = optimistic if data["kind"] == "optimistic" else central
        return weigh(data["alpha"], _source(data["base"]))
    if data["kind"] == "joint":
        return correlated(exact_array(data["joint"]))
    if data["kind"] == "product":
        return product(data["marginals"])
    return uniform() if data["kind"] == "uniform" else epsilon_greedy(data["epsilon"], data.get("exploring"))


def main() -> int:
    """Write every kept certificate."""
    for one in kept():
        write_json(one.path, make(one))
        print(one.path.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
