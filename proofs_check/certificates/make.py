"""Make the kept certificates again: `python -m proofs_check.certificates.make`.

The engine proposes and is not trusted: the files are read back by the checker alone.
"""

import sys
from typing import Any

import numpy as np

from fqi_theory.data.sources import DataSource, epsilon_greedy, uniform
from fqi_theory.factorization import igm, linear
from fqi_theory.fates import decide
from fqi_theory.model.formats.files import write_json
from fqi_theory.runs.trajectory import start_from_values
from proofs_check.certificates.kept import Kept, kept
from proofs_check.checker import check


def make(one: Kept) -> dict[str, Any]:
    """Return a new certificate of one run; raises ValueError where the engine finds none or the checker refuses it."""
    model = one.mmdp()
    data: DataSource = uniform() if one.data["kind"] == "uniform" else epsilon_greedy(one.data["epsilon"])
    start = None if one.greedy is None else start_from_values(model, [0] * model.n_states, np.array(one.greedy))
    fate = decide(model, data=data, factorization=igm if one.factorization == "igm" else linear, initial=start)
    if fate.certificate is None:
        raise ValueError(f"{one.name}: no certificate: {fate.tried}")
    report = check(fate.certificate)
    wrong = one.differs(fate.certificate) or one.contradicts(fate.certificate)
    if not report.accepted or wrong:
        raise ValueError(f"{one.name}: {report.reason or f'not as expected: {wrong}'}")
    return fate.certificate


def main() -> int:
    """Write every kept certificate."""
    for one in kept():
        write_json(one.path, make(one))
        print(one.path.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
