"""Helpers of the tests of fates: small models, accepted certificates, exact runs."""

import numpy as np

from fqi_theory.base.scalars import exact, exact_array
from fqi_theory.fates.positions import Positions
from fqi_theory.model.mmdp import MMDP
from fqi_theory.operators.integers import integer_values
from fqi_theory.runs.trajectory import start_at_zero
from proofs_check.checker import check


def deterministic(reward, successor, discount, name="test"):
    return MMDP(reward, np.array(successor), discount, name=name, agents=np.ndim(reward) - 1)


def accepted(fate):
    """Assert that the checker accepts the certificate of a fate; return the fate."""
    assert fate.certificate is not None, (fate.kind, fate.tried)
    report = check(fate.certificate)
    assert report.accepted, report.reason
    claim = fate.certificate["claim"]
    assert claim["fate"] == fate.kind
    assert claim.get("period", 1) == (fate.period or 1)
    return fate


def follow(model, source, steps, start=None):
    """Return the exact positions [(V, greedy)] of `steps` steps, the start included."""
    positions = Positions(model, source)
    start = start or start_at_zero(model)
    values, greedy = integer_values(start.values), start.greedy
    found = [(values.to_array(), greedy)]
    for _ in range(steps):
        fit = positions.step(values, greedy)
        values, greedy = fit.values, fit.greedy
        found.append((values.to_array(), greedy))
    return found


def spread(values):
    """Return max V - min V."""
    return max(values) - min(values)


def distance(values, other):
    """Return max |V - V'|."""
    return max(abs(values - other))


def vector(*texts):
    return exact_array([exact(text) for text in texts])
