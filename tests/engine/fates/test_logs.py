"""Recorded joint actions: reading, independence, ν of what was recorded, bounds with confidence."""

from fractions import Fraction
from itertools import product
from math import comb

import numpy as np
import oracle
import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

import fqi_theory as ft
from fqi_theory.base.errors import FormatError, NumberError
from fqi_theory.fates.phases.independence import independence_p_value, is_product
from fqi_theory.fates.phases.log_report import lower_bound, report
from fqi_theory.fates.phases.logs import log_of, read_log

EXACT_PRODUCT = [(0, 0)] * 4 + [(0, 1)] * 2 + [(1, 0)] * 2 + [(1, 1)]


def log(rows, **options):
    columns = [(f"agent {i + 1}", [row[i] for row in rows]) for i in range(len(rows[0]))]
    return log_of(columns, **options)


def csv_file(tmp_path, text):
    path = tmp_path / "log.csv"
    path.write_text(text)
    return path


def test_three_ways_to_write_a_log(tmp_path):
    np.save(tmp_path / "log.npy", np.array([[0, 1], [2, 0], [0, 0]], dtype=np.int8))
    array = read_log(tmp_path / "log.npy")
    plain = read_log(csv_file(tmp_path, "0,1\n2,0\n0,0\n"))
    headed = read_log(csv_file(tmp_path, "left,right\n0,1\n2,0\n\n0,0\n"))
    for found in (array, plain, headed):
        assert found.actions.tolist() == [[0, 1], [2, 0], [0, 0]]
        assert (found.counts, found.names) == ((3, 2), ("all steps",))
    assert (array.agents, headed.agents) == (("agent 1", "agent 2"), ("left", "right"))


def test_states_and_names_of_actions(tmp_path):
    text = "cluster,who,also\n10,go,1\n9,stay,0\n10,go,0\n"
    found = read_log(csv_file(tmp_path, text))
    assert (found.names, found.labels, found.agents) == (("9", "10"), (("go", "stay"), ("0", "1")), ("who", "also"))
    assert found.group(1).tolist() == [[0, 1], [0, 0]]
    assert read_log(csv_file(tmp_path, text), state_column="also").names == ("0", "1")
    by_index = read_log(csv_file(tmp_path, "0,1,1\n1,1,0\n"), state_column="2")
    assert (by_index.names, by_index.actions.tolist()) == (("0", "1"), [[0, 1], [1, 1]])


def parquet_file(tmp_path, **columns):
    parquet = pytest.importorskip("pyarrow.parquet")
    import pyarrow

    parquet.write_table(pyarrow.table(columns), tmp_path / "log.parquet")
    return tmp_path / "log.parquet"


def test_parquet(tmp_path):
    found = read_log(parquet_file(tmp_path, state=["a", "b"], x=[0, 1], y=[1, 1]))
    assert (found.names, found.agents, found.actions.tolist()) == (("a", "b"), ("x", "y"), [[0, 1], [1, 1]])


def test_parquet_says_what_a_csv_says(tmp_path):
    rows = [("go", 0), ("stay", 2), ("go", 2), ("go", 1)] * 5
    names, numbers = map(list, zip(*rows, strict=True))
    stored = read_log(parquet_file(tmp_path, x=names, y=np.array(numbers, dtype=np.int8)), actions=(2, 4))
    plain = read_log(csv_file(tmp_path, "x,y\n" + "\n".join(f"{a},{b}" for a, b in rows)), actions=(2, 4))
    assert report(stored).to_json() == report(plain).to_json()
    assert stored.labels == (("go", "stay"), ("0", "1", "2", "3"))


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ([0, None], "column y, row 1: expected an integer or a name, found nothing"),
        ([0.0, 1.0], "column y, row 0: expected an integer or a name, found .*0.0.* of type float"),
        ([[0], [1]], "column y, row 0: expected an integer or a name, found .* of type list"),
        ([0, -1], "found the 2 names"),
    ],
)
def test_bad_parquet(tmp_path, column, message):
    with pytest.raises(FormatError, match=message):
        read_log(parquet_file(tmp_path, x=[0, 1], y=column), actions=(2, 3))
    (tmp_path / "log.parquet").write_bytes(b"PAR1 torn")
    with pytest.raises(FormatError, match="expected a Parquet table"):
        read_log(tmp_path / "log.parquet")


def test_parquet_without_pyarrow(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(FormatError, match=r"needs pyarrow .*not installed"):
        read_log(tmp_path / "log.parquet")


BAD_TEXTS = [
    ("", "found none"),
    ("a,b\n", "at least one row"),
    ("0,1\n0\n", "row 1: expected 2 cells, found 1"),
    ("a,b\n0,\n", "row 0: expected a value, found an empty cell"),
    ("state\n0\n", "one column of actions"),
]


@pytest.mark.parametrize(("text", "message"), BAD_TEXTS)
def test_bad_csv(tmp_path, text, message):
    with pytest.raises(FormatError, match=message):
        read_log(csv_file(tmp_path, text))


def test_bad_arrays(tmp_path):
    for table, message in (
        (np.zeros((2, 2)), "found float64"),
        (np.zeros(3, dtype=int), r"of shape \(3,\)"),
        (np.array([[0, -1]]), "row 0, column 1: expected an action >= 0"),
        (np.array([[0, 1 << 40]]), "at most 65536 actions"),
        (np.zeros((0, 2), dtype=int), "at least one row"),
    ):
        np.save(tmp_path / "bad.npy", table)
        with pytest.raises(FormatError, match=message):
            read_log(tmp_path / "bad.npy")
    np.save(tmp_path / "bad.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(FormatError, match=r"expected a \.npy array"):
        read_log(tmp_path / "bad.npy")
    (tmp_path / "bad.npy").write_bytes(b"\x93NUMPY")
    with pytest.raises(FormatError, match=r"expected a \.npy array"):
        read_log(tmp_path / "bad.npy")


def test_bad_options(tmp_path):
    path = csv_file(tmp_path, "a,b\n0,1\n2,0\n")
    for options, message in (
        ({"actions": 2}, r"column a, row 1: expected an action in 0\.\.1, found 2"),
        ({"actions": (3, 2, 2)}, "each of 2 agents, found 3"),
        ({"state_column": "c"}, "one of a, b or an index"),
    ):
        with pytest.raises(FormatError, match=message):
            read_log(path, **options)
    with pytest.raises(FormatError, match="expected 3 actions, found the 2 names"):
        read_log(csv_file(tmp_path, "a\nup\ndown\n"), actions=3)
    with pytest.raises(FormatError, match="ending"):
        read_log(tmp_path / "log.txt")


def test_exact_product_data():
    rows = np.array(EXACT_PRODUCT)
    assert is_product(rows)
    assert is_product(np.tile(rows, (3, 1)))
    assert not is_product(np.array([*EXACT_PRODUCT, (1, 1)]))
    assert not is_product(np.array([(0, 0), (1, 1)]))
    found = report(log(EXACT_PRODUCT))
    assert found.groups == (("all steps", 9, True, independence_p_value(rows)),)
    assert [v.mass for v in found.verdicts] == [v.joint_mass for v in found.verdicts] == [fmpq(4, 9), 0]


def test_the_test_of_independence_tells():
    generator = np.random.default_rng(5)
    independent = np.stack([generator.integers(0, k, 400) for k in (2, 3, 2)], axis=1)
    copied = independent.copy()
    copied[:200, 2] = copied[:200, 0]
    assert independence_p_value(independent) > 0.05
    assert independence_p_value(copied) == 1 / 200
    assert independence_p_value(independent[:, :1]) == 1
    assert independence_p_value(np.zeros((5, 3), dtype=int)) == 1


def test_p_values_are_valid():
    """Under independence a p-value is at most α in about a share α of all logs, here 200 small ones."""
    generator = np.random.default_rng(11)
    found = [independence_p_value(generator.integers(0, 2, (12, 2)), seed=k, permutations=19) for k in range(200)]
    assert sum(p <= 0.1 for p in found) <= 35


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 2)), min_size=6, max_size=30))
def test_masses_equal_brute_force(rows):
    found = report(log(rows, actions=(2, 3)))
    count = {a: Fraction(rows.count(a), len(rows)) for a in product(range(2), range(3))}
    own = [[sum(p for a, p in count.items() if a[i] == x) for x in range(k)] for i, k in enumerate((2, 3))]
    linear = found.verdicts[0]
    if min(map(min, own)) == 0:
        assert linear.mass is None
        assert "never plays action" in linear.reason
    else:
        expected = oracle.negative_mass((2, 3), oracle.product_weight(own), [(0,), (1,)])
        assert oracle.fraction(linear.mass) == expected
        assert linear.upper is None or linear.upper >= linear.mass
    if all(count.values()):
        assert oracle.fraction(linear.joint_mass) == oracle.negative_mass((2, 3), count, [(0,), (1,)])
        assert found.verdicts[1].joint_mass == 0


@given(st.integers(1, 40), st.data(), st.sampled_from([Fraction(1, 20), Fraction(1, 500)]))
def test_lower_bounds_hold_exactly(steps, data, share):
    """At the bound q, P(Bin(steps, q) >= count) <= share in exact arithmetic; at 1.3 q it would not be (q <= 1/2)."""
    count = data.draw(st.integers(1, steps))

    def tail(q):
        return sum(comb(steps, k) * q**k * (1 - q) ** (steps - k) for k in range(count, steps + 1))

    q = oracle.fraction(lower_bound(count, steps, float(share)))
    assert 0 < q <= Fraction(count, steps)
    assert tail(q) <= share
    assert q > Fraction(1, 2) or tail(q * Fraction(13, 10)) > share


#: SciPy's interval ends where its search has come so near, whatever the size of the end.
SEARCHED = 2e-12


@given(st.integers(1, 5000), st.data(), st.sampled_from([0.05, 0.01, 1e-6]))
def test_lower_bounds_are_those_of_scipy_rounded_down(steps, data, share):
    """The lower end of SciPy's exact two-sided interval at twice the error; 1/q is rounded up by less than 1/64."""
    count = data.draw(st.integers(1, steps))
    low = binomtest(count, steps).proportion_ci(1 - 2 * share, method="exact").low
    q = oracle.fraction(lower_bound(count, steps, share))
    assert q <= low + SEARCHED
    assert 1 / q <= 1 / ((low - SEARCHED) * (1 - 2e-5)) + 1 / 64


def test_a_lower_bound_where_the_search_of_scipy_is_coarse():
    """One in 40 at error 10^-6: 1 - (1 - q)^40 = 10^-6 at the bound, of which SciPy is 2 parts in 10^5 away."""
    q = oracle.fraction(lower_bound(1, 40, 1e-6))
    assert 1 - (1 - q) ** 40 <= Fraction(1, 10**6) < 1 - (1 - q * Fraction(10**5 + 2, 10**5)) ** 40


def test_all_bounds_of_a_report_share_the_error():
    """Bonferroni over groups, agents and actions: here 2 groups and 5 actions at confidence 9/10."""
    rows = [(k % 2, k // 2 % 2, k % 3) for k in range(300)]
    found = report(log(rows, state_column="agent 1"), "9/10")
    for r in found.rarest:
        assert r.lower == lower_bound(r.count, r.steps, 0.1 / 10)


def test_the_bound_of_an_action_never_played():
    assert lower_bound(0, 100, 0.01) == 0
    found = report(log([(0, 0), (1, 0), (0, 1)] * 30, actions=(3, 2)))
    assert (found.verdicts[0].mass, found.verdicts[0].upper) == (None, 1)
    assert found.to_json()["classes"][0]["bounded_below_at_least"] == "1/2"
    unseen = found.rarest[0]
    assert (unseen.action, unseen.count, unseen.lower, unseen.flattened) == ("2", 0, 0, fmpq(4, 9))


def test_the_upper_bound_is_of_the_lower_bounds():
    rows = EXACT_PRODUCT * 40
    found = report(log(rows), "9/10")
    lowers = [r.lower for r in found.rarest]
    data = ft.product([[[q, 1 - q]] for q in lowers])
    assert found.verdicts[0].upper == ft.phases(actions=(2, 2), data=data).negative_mass
    assert found.verdicts[0].upper > fmpq(4, 9)
    assert found.verdicts[1].upper is None
    assert report(log(rows), "99/100").verdicts[0].upper > found.verdicts[0].upper
    assert report(log(rows * 10), "9/10").verdicts[0].upper < found.verdicts[0].upper


def test_the_worst_group_counts_and_what_would_help():
    rows = [("a", *r) for r in EXACT_PRODUCT] + [("b", 0, 0), ("b", 0, 1), ("b", 1, 0), ("b", 1, 1)]
    found = report(log(rows, state_column="agent 1"))
    assert [g[:3] for g in found.groups] == [("a", 9, True), ("b", 4, True)]
    assert found.verdicts[0].mass == fmpq(4, 9)
    assert [r.flattened for r in found.rarest] == [fmpq(1, 3), fmpq(1, 3), fmpq(1, 4), fmpq(1, 4)]


def test_one_agent_and_one_action():
    found = report(log([(0, 0), (1, 0), (1, 0)]))
    assert (found.verdicts[0].mass, found.verdicts[0].upper, found.rarest[1].lower) == (0, 0, 1)
    assert report(log([(0,), (1,)])).verdicts[0].mass == 0


def test_a_large_joint_space_is_not_projected_on():
    rows = [tuple(int(x) for x in np.random.default_rng(k).integers(0, 3, 6)) for k in range(60)]
    found = report(log(rows)).verdicts[0]
    assert found.joint_mass is None
    assert "729 joint actions" in found.reason
    assert found.mass > 0


def test_confidence_is_between_0_and_1():
    with pytest.raises(NumberError, match="confidence"):
        report(log(EXACT_PRODUCT), 1)
