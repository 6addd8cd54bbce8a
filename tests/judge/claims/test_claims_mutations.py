"""The judge can say no: a wrong engine operator turns the claims about it into 'refuted'."""

import pytest
from deciding import run
from hypothesis import Phase
from wrong_literature import LITERATURE
from wrong_phases import PHASES, WITHDRAWN_PHASES
from wrong_programs import MUTATIONS, WITHDRAWN, wrong_baseline
from wrong_twins import TWINS

from fqi_theory.factorization import linear
from proofs_check.claim import Budget
from proofs_check.evidence import sampling
from proofs_check.registry import claims
from proofs_check.verification import decide

pytestmark = pytest.mark.slow

#: Claims whose check looks at the engine once more, at the smallest counterexample, where the wrong one shows.
SMALLEST = {"thm1.correlated"}
NAMES = ("owner", "name", "wrong", "claim_id")


@pytest.fixture
def as_found(monkeypatch, claim_id):
    """Leave counterexamples as they are found: to make them small takes ten times as long, and changes no verdict."""
    if claim_id not in SMALLEST:
        monkeypatch.setattr(sampling, "PHASES", (Phase.generate,))


def label(value: object) -> str | None:
    return value if isinstance(value, str) else None


@pytest.mark.usefixtures("as_found")
@pytest.mark.parametrize(NAMES, [*MUTATIONS, *PHASES], ids=label)
def test_a_wrong_operator_is_refuted(monkeypatch, owner, name, wrong, claim_id):
    monkeypatch.setattr(owner, name, wrong)
    finding = run(claim_id, 40)
    assert finding.verdict == "refuted", finding
    assert finding.evidence["counterexample"]


@pytest.mark.usefixtures("as_found")
@pytest.mark.parametrize(NAMES, [*WITHDRAWN, *WITHDRAWN_PHASES], ids=label)
def test_a_refutation_needs_a_right_engine(monkeypatch, owner, name, wrong, claim_id):
    monkeypatch.setattr(owner, name, wrong)
    assert run(claim_id, 40).verdict == "unknown"


@pytest.mark.usefixtures("as_found")
@pytest.mark.parametrize((*NAMES, "verdict"), [*TWINS, *LITERATURE], ids=label)
def test_every_other_claim_has_a_wrong_twin(monkeypatch, owner, name, wrong, claim_id, verdict):
    monkeypatch.setattr(owner, name, wrong)
    (claim,) = (claim for claim in claims() if claim.id == claim_id)
    assert decide(claim_id, Budget(min(40, claim.examples), 1))[0].verdict == verdict != claim.expected


def test_a_wrong_table_is_noticed(monkeypatch):
    monkeypatch.setattr(linear, "from_means", wrong_baseline)
    with pytest.raises(ArithmeticError, match="normal equations"):
        run("tables.game2-uniform")
