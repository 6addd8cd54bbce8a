"""The value-space form (theory notes, section 3 ✦, ours): linear FQI on fixed data is value
iteration of a signed kernel.

V'(s) = F(V)(s) = max_a [ρ(s,a) + γ Σ_s' K(s'|s,a) V(s')],   ρ and K the fits of r and of every P(s'|·,·).
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.factorization import linear
from fqi_theory.operators.value_space import ValueOperator, collapse
from fqi_theory.runs.iteration import fitted_q_iteration
from fqi_theory.runs.trajectory import start_from_values
from proofs_check.claim import Budget, Claim, Finding, Formal, settle
from proofs_check.evidence import exact
from proofs_check.evidence.instances import SMALL_SHAPES, Model, Run, models, runs, tensor
from proofs_check.evidence.sampling import sampled, search
from proofs_check.evidence.symbols import SHAPES, first_nonzero, symbolic_data

OURS = "ours"
FIXED = "fixed data with full support, product or correlated"


def operator(run: Run) -> ValueOperator:
    """Return the engine's F for a model with fixed data."""
    return collapse(run.model.mmdp(), run.data())


def apply(f: ValueOperator, values: Any) -> list[Fraction]:
    """Return F(V) in fractions."""
    return exact.fractions(f.step(tensor(list(values), (len(values),))).values)


def _step_differs(run: Run) -> str | None:
    """Check two steps of F: its factors solve the normal equations of y = r + γ P V, F(V) is their sum's maximum."""
    values = list(run.start)
    f = operator(run)
    for t in (1, 2):
        step = f.step(tensor(values, (len(values),)))
        for s, (y, weights) in enumerate(zip(run.model.backup(values), run.data_tables(), strict=True)):
            factors = [exact.fractions(own[s]) for own in step.factors]
            if any(exact.normal_residuals(y, weights, factors).values()):
                return f"t = {t}, state {s}: the factors of F violate the normal equations of y"
            if exact.fraction(step.values[s]) != max(exact.additive(factors).values()):
                return f"t = {t}, state {s}: F(V) is not the maximum of Q_tot"
            if step.greedy[s].tolist() != list(map(exact.first_maximiser, factors)):
                return f"t = {t}, state {s}: greedy {step.greedy[s].tolist()} is not the first maximiser"
        values = exact.fractions(step.values)
    return _iteration_differs(run, values, step.greedy.tolist())


def _iteration_differs(run: Run, expected: list[Fraction], greedy: list[list[int]]) -> str | None:
    model = run.model.mmdp()
    start = start_from_values(model, tensor(run.start, (run.model.states,)))
    for method in ("auto", "generic"):
        found = fitted_q_iteration(model, data=_Fixed(run), initial=start, iterations=2, method=method)
        if exact.fractions(found.values[2]) != expected:
            return f"iteration ({method}) gives {found.values[2].tolist()}, F twice gives {expected}"
        if found.greedy[2].tolist() != greedy:
            return f"iteration ({method}) is greedy at {found.greedy[2].tolist()}, F twice at {greedy}"
    return None


class _Fixed:
    """The fixed data of a run as a source."""

    on_policy = False

    def __init__(self, run: Run) -> None:
        self._data = run.data()

    def at(self, _model: Any, _greedy: Any) -> Any:
        """Return the data, whatever is greedy."""
        return self._data

    def describe(self) -> str:
        """Return a name."""
        return "fixed"


def check_equals_iteration(budget: Budget) -> Finding:
    """Compare F with refitting every joint table, and its fits with the normal equations, on random models."""
    return sampled(_step_differs, runs(models()), budget)


def _unit_rows() -> Iterator[tuple[Any, Any]]:
    for shape in SHAPES:
        ones = scalars.full((1, *shape), 1, "symbolic")
        factors = [list(f[0]) for f in linear.credit(ones, symbolic_data(shape))]
        yield from ((f"fit of 1 at {a}, shape {shape}", q - 1) for a, q in exact.additive(factors).items())


def check_unit_rows(_: Budget) -> Finding:
    """Show that the fit of the constant 1 is 1; Σ_s' K(s'|s,a) is the fit of Σ_s' P(s'|s,a) = 1 by linearity."""
    count, nonzero = first_nonzero(_unit_rows())
    return settle(
        nonzero, "proved", {"shapes": SHAPES, "identities": count}, note="all product data at these shapes, any P"
    )


def _row_sum_differs(run: Run) -> str | None:
    sums = operator(run).kernel().sum(axis=-1)
    wrong = next((tuple(map(int, k)) for k in np.argwhere(sums != 1)), None)
    return None if wrong is None else f"Σ_s' K = {sums[wrong]} at (state, joint action) {wrong}"


def check_row_sums(budget: Budget) -> Finding:
    """Check that all rows of K sum to exactly 1."""
    return sampled(_row_sum_differs, runs(models()), budget)


def least_entry(model: Model) -> Fraction:
    """Return the least entry of K under uniform data."""
    marginals = tuple(((Fraction(1, k),) * k,) * model.states for k in model.shape)
    run = Run(model, marginals, (), (Fraction(0),) * model.states)
    return min(exact.fractions(operator(run).kernel().flat))


def _negative_entry(model: Model) -> str | None:
    least = least_entry(model)
    return f"least entry of K is {least}" if least < 0 else None


_TO_0, _TO_1 = tuple(map(Fraction, (1, 0))), tuple(map(Fraction, (0, 1)))
#: Two states; only the joint action (1, 1) of state 1 leads to state 1.
COORDINATED = Model((2, 2), ((Fraction(0),) * 4,) * 2, ((_TO_0,) * 4, (*(_TO_0,) * 3, _TO_1)), Fraction(0))


def check_negative(budget: Budget) -> Finding:
    """Find a smallest model whose K has a negative entry under uniform data."""
    sample = search(_negative_entry, models([(2, 2)], max_states=2, bound=0), budget, COORDINATED)
    model = sample.counterexample
    if model is None:
        return Finding("tested", sample.checked)
    witness = {"P(·|s,a)": model.kernel, "data": "uniform", "fails": sample.reason}
    return settle(witness, "tested", {}, sample.checked)


def _shift_differs(run: Run) -> str | None:
    f, gamma = operator(run), run.model.discount
    for c in (Fraction(-7), Fraction(5, 3)):
        moved, still = apply(f, [v + c for v in run.start]), apply(f, run.start)
        if moved != [v + gamma * c for v in still]:
            return f"c = {c}: F(V+c) = {moved}, F(V) + γc = {[v + gamma * c for v in still]}"
    return None


def check_shift(budget: Budget) -> Finding:
    """Check F(V + c·1) = F(V) + γc."""
    return sampled(_shift_differs, runs(models()), budget)


def _product_split_differs(run: Run) -> str | None:
    """Compare F with Σ_i max_x (R_i + γ P_i V) - (n-1)(R̄ + γ P̄ V), R_i = E_{-i} r, P_i = E_{-i} P."""
    found, n = apply(operator(run), run.start), len(run.model.shape)
    for s, y in enumerate(run.model.backup(run.start)):
        p = [agent[s] for agent in run.marginals]
        tops = [max(exact.conditional_mean(y, p, i, x) for x in range(k)) for i, k in enumerate(run.model.shape)]
        expected = sum(tops) - (n - 1) * exact.mean(y, exact.product_weights(p))
        if found[s] != expected:
            return f"state {s}: F(V) = {found[s]}, the agents' maxima give {expected}"
    return None


def check_product_split(budget: Budget) -> Finding:
    """Check that under product data the maximum splits over the agents."""
    return sampled(_product_split_differs, runs(models(SMALL_SHAPES), correlated=False), budget)


PART = "product data"
THEOREMS = {
    "iteration": (
        Formal("joint-Qtot"),
        Formal("joint-value-space"),
        Formal("run-joint-exists", "runs exist"),
        Formal("run-product-is-joint", "product data are joint data"),
        Formal("joint-product", f"{PART}: ρ and K by the closed form"),
        Formal("value-space", f"{PART}, values only"),
        Formal("run-linear-exists", f"{PART}: runs exist"),
    ),
    "row-sums": (Formal("joint-rows"), Formal("value-space-rows", PART)),
    "shift": (Formal("joint-shift"), Formal("value-space-shift", PART)),
}


def _tested(name: str, statement: str, latex: str, check: Any, examples: int, hypotheses: str = FIXED) -> Claim:
    proofs = THEOREMS.get(name, ())
    return Claim(
        f"value-space.{name}", statement, latex, hypotheses, OURS, "random instances", "tested", check, examples, proofs
    )


CLAIMS = (
    _tested(
        "iteration",
        "F is the iteration: the same V and greedy actions as refitting every joint table, exactly",
        r"V^{(t+1)}=F(V^{(t)})",
        check_equals_iteration,
        120,
    ),
    _tested(
        "split",
        "Under product data the maximum splits over the agents",
        r"F(V)(s)=\sum_i\max_{a_i}(R_i+\gamma P_iV)-(n-1)(\bar R+\gamma\bar PV)",
        check_product_split,
        100,
        "fixed product data",
    ),
    Claim(
        id="value-space.unit-rows",
        statement="Every row of K sums to exactly 1, for all product data and all P (five shapes)",
        latex=r"\sum_{s'}K(s'|s,a)=1",
        hypotheses="product data",
        source=OURS,
        method="symbolic",
        expected="proved",
        check=check_unit_rows,
        theorems=(Formal("value-space-rows"),),
    ),
    _tested(
        "row-sums",
        "Every row of K sums to exactly 1, correlated data included",
        r"\sum_{s'}K(s'|s,a)=1",
        check_row_sums,
        100,
    ),
    Claim(
        id="value-space.nonnegative",
        statement="K is a transition kernel: all its entries are non-negative",
        latex=r"K(s'|s,a)\ge0",
        hypotheses="uniform data",
        source=OURS,
        method="random instances",
        expected="refuted",
        check=check_negative,
        examples=60,
    ),
    _tested("shift", "F(V + c·1) = F(V) + γc", r"F(V+c\mathbf1)=F(V)+\gamma c\mathbf1", check_shift, 120),
)
