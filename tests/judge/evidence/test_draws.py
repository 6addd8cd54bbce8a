"""Random instances depend on the seed alone; processes that never use the package load nothing of it."""

import subprocess
import sys

import pytest

from proofs_check.evidence.draws import CHOOSES, provider_of_draws, seeded_draws

DRAWN = """
import sys, json
sys.path.insert(0, {folder!r})
if {local}:
    import odd_numbers
from hypothesis import strategies as st
from proofs_check.claim import Budget
from proofs_check.evidence import sampling
seen = []
if {plain}:
    from contextlib import nullcontext
    sampling.seeded_draws = nullcontext
sampling.search(lambda x: seen.append(x), st.integers(-10**9, 10**9), Budget(200, 0))
print(json.dumps(seen))
"""


def drawn(folder, local, plain=False):
    code = DRAWN.format(folder=str(folder), local=local, plain=plain)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.slow
def test_constants_of_local_modules_change_no_instance(tmp_path):
    """A local module of many numbers: plain Hypothesis draws some, from the version on that has constants."""
    (tmp_path / "odd_numbers.py").write_text(f"NUMBERS = {[7919 * k + 104729 for k in range(400)]}\n")
    assert drawn(tmp_path, local=True) == drawn(tmp_path, local=False)
    constants = hasattr(provider_of_draws(), CHOOSES)
    assert (drawn(tmp_path, local=True, plain=True) != drawn(tmp_path, local=False, plain=True)) == constants


def test_hypothesis_is_left_as_it_was():
    provider = provider_of_draws()
    if not hasattr(provider, CHOOSES):
        pytest.skip("this version of Hypothesis draws no constants")
    before = provider._maybe_draw_constant
    with seeded_draws():
        assert provider._maybe_draw_constant is not before
    assert provider._maybe_draw_constant is before


def python(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_hypothesis_alone_loads_no_numbers():
    python(
        "import sys, hypothesis; from fqi_theory.testing.hypothesis_entry import register; register(); register(); "
        "assert not {'numpy', 'flint', 'fqi_theory.model.mmdp'} & set(sys.modules), sys.modules"
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "order",
    [
        "import hypothesis, fqi_theory.testing.hypothesis_entry as e; e.register(); from fqi_theory import MMDP",
        "from fqi_theory import MMDP; import hypothesis, fqi_theory.testing.hypothesis_entry as e; e.register()",
    ],
)
def test_models_are_resolved_in_either_order(order):
    python(
        f"{order}; import sys, inspect; from hypothesis import strategies as st, find; "
        "assert isinstance(find(st.from_type(MMDP), lambda m: True), MMDP); "
        "module = sys.modules['fqi_theory.model.mmdp']; assert 'class MMDP' in inspect.getsource(module); "
        "assert not [f for f in sys.meta_path if type(f).__name__ == '_Awaited']"
    )
