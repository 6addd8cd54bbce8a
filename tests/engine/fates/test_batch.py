"""`decide_many` says of every model what `decide` says of it alone, and what it says is accepted."""

from itertools import count, islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fqi_theory.base.errors import DataError, ModelError, NumberError
from fqi_theory.data.sources import epsilon_greedy, uniform
from fqi_theory.factorization import igm, linear
from fqi_theory.fates import Effort, decide, decide_many
from fqi_theory.fates.census.plan import rewards_of
from fqi_theory.fates.census.shape import Shape
from fqi_theory.fates.decide import problem_of
from fqi_theory.fates.together.answers import settled_together
from fqi_theory.model.catalog import load, random_model
from proofs_check.checker import check

SMALL = Effort(256, 100_000)
SHAPES = [(2, (2, 2)), (2, (2, 3)), (2, (3, 3)), (3, (2, 2)), (3, (3, 3)), (1, (2, 2, 2))]
MODELS = st.builds(
    lambda seed, shape, discount, kind: random_model(seed, *shape, kind, discount),
    st.integers(0, 999),
    st.sampled_from(SHAPES),
    st.sampled_from(["1/2", "9/10"]),
    st.sampled_from(["deterministic", "stochastic"]),
)
SOURCES = [uniform(), epsilon_greedy("1/10"), epsilon_greedy(1)]


def said(fate):
    """What two answers have in common where neither is wrong: a cycle may begin at another of its points."""
    points = [(tuple(p), g.tobytes()) for p, g in zip(fate.values, fate.greedy, strict=True)]
    turns = [tuple(points[k:] + points[:k]) for k in range(len(points))]
    loss = None if fate.loss is None else tuple(fate.loss)
    return fate.kind, fate.period, min(turns, default=()), loss


def compared(models, many, **asked):
    for model, fate in zip(models, many, strict=True):
        alone = decide(model, effort=SMALL, **asked)
        assert fate.problem.model is model
        if alone.kind not in ("unknown", "bounded"):
            assert said(fate) == said(alone)
        assert fate.certificate is None or check(fate.certificate).accepted


@pytest.mark.parametrize("models", ["two-state", 3, None])
def test_what_is_no_list_of_models_is_refused(models):
    with pytest.raises(DataError, match="models: expected a list of models, names or paths, found"):
        next(decide_many(models))


@settings(max_examples=40)
@given(
    st.lists(MODELS, min_size=1, max_size=4),
    st.sampled_from(SOURCES),
    st.sampled_from([linear, igm]),
    st.sampled_from(["first", "last"]),
)
def test_many_models_have_the_fates_that_each_has_alone(models, data, factorization, ties):
    models = sorted(models, key=lambda model: model.reward.shape)
    many = decide_many(models, data=data, factorization=factorization, ties=ties, effort=SMALL)
    compared(models, many, data=data, factorization=factorization, ties=ties)


@pytest.mark.parametrize("ties", ["first", "last"])
@pytest.mark.parametrize("data", [uniform(), epsilon_greedy("1/10")], ids=["uniform", "on-policy"])
def test_models_with_many_ties_have_the_fates_that_each_has_alone(data, ties):
    shape = Shape(2, (2, 2), rewards_of("-1,0,1"))
    models = [shape.model(k, "9/10") for k in range(777, shape.count, shape.count // 40)]
    compared(models, decide_many(models, data=data, ties=ties, effort=SMALL), data=data, ties=ties)


def test_most_models_are_settled_together():
    problems = [problem_of(random_model(seed, 3, discount="9/10"), None, linear, None, "first") for seed in range(60)]
    found = settled_together(problems, 256)
    assert sum(fate is None for fate in found) <= 6
    assert {fate.proof for fate in found if fate} == {"contraction", "region"}


def test_models_are_taken_one_at_a_time():
    fates = list(islice(decide_many(random_model(seed, 2) for seed in count()), 3))
    compared([fate.problem.model for fate in fates], fates)
    assert [fate.problem.model.name for fate in fates] == [random_model(seed, 2).name for seed in range(3)]
    assert len({fate.certificate["model"]["name"] for fate in fates}) == 3


def test_a_model_that_is_refused_is_refused_when_it_is_reached():
    fates = decide_many(["two-state", load("two-state").to_float()])
    assert next(fates).kind == decide("two-state").kind
    with pytest.raises(NumberError, match="exact model"):
        next(fates)
    with pytest.raises(ModelError, match="discount 1"):
        list(decide_many([load("two-state", discount="1/2"), load("two-state", discount=1)]))


def test_one_state_has_no_region_to_propose():
    models = [random_model(seed, 1, (2, 2, 2), "deterministic", "1/2") for seed in (0, 0)]
    for fate in decide_many(models, data=epsilon_greedy("1/10")):
        assert fate.kind == decide(models[0], data=epsilon_greedy("1/10")).kind == "converges"
