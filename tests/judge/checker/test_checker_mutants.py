"""What the checker accepts after a change of a right certificate is still true, by the oracle."""

import random

import pytest
from certificate_oracle import assert_true
from handmade import CERTIFICATES, certificate
from mutants import assert_accepted_are_true, mutants

from proofs_check.checker import check

pytestmark = pytest.mark.slow

#: Of the mutants of a certificate, each of which the oracle may replay for 60 steps; all of the kept certificates' are
#: tried in tests/judge/certificates.
SHARE = 0.3


@pytest.mark.parametrize("name", CERTIFICATES)
def test_accepted_mutants_are_true(name):
    rng = random.Random(name)
    assert_accepted_are_true((mutant for mutant in mutants(certificate(name)) if rng.random() <= SHARE), assert_true)


@pytest.mark.parametrize("name", ["off-policy cycle", "on-policy limit", "geometric growth", "tie at the limit"])
def test_accepted_double_mutants_are_true(name):
    rng = random.Random(name)
    first = list(mutants(certificate(name)))
    for _ in range(150):
        mutant = rng.choice(list(mutants(rng.choice(first))))
        if check(mutant).accepted:
            assert_true(mutant)
