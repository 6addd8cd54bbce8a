"""Growing regions in rounded numbers, by the oracle: the run is in the cone, and exact steps keep it and grow.

The oracle's steps are exact, and it knows nothing of regions. Each region is tried as it was made, and where the
checker's inequalities are nearly sharp: the fewest digits, the least s, the widest cone and the largest factor that
are accepted.
"""

import copy
import random
from fractions import Fraction as F
from itertools import pairwise, product

import pytest
from certificate_oracle import Oracle, solve
from documents import VALIDATOR, document, mmdp, texts

import fqi_theory as ft
from fqi_theory.fates import Effort
from proofs_check.checker import check, coordinates, region, rounding
from proofs_check.checker.budget import Work
from proofs_check.checker.coordinates import Frame, Region

#: Random models (states, seed) whose runs grow, with cones of one, two and four phases.
RANDOM = {"one phase": (3, 7), "two phases": (3, 324), "four phases": (3, 62), "four states": (4, 229)}
EFFORT = Effort(steps=64, bits=1 << 14, long=0)


def made(name):
    states, seed = RANDOM[name]
    fate = ft.decide(ft.random_model(seed, states, (2, 2), "deterministic", "95/100"), effort=EFFORT)
    return fate.certificate


DOCUMENTS = {}


@pytest.fixture(params=RANDOM)
def grown(request):
    if request.param not in DOCUMENTS:
        DOCUMENTS[request.param] = made(request.param)
    return copy.deepcopy(DOCUMENTS[request.param])


def changed(doc, **changes):
    other = copy.deepcopy(doc)
    growth = {key: str(changes.pop(key)) for key in ("minimum", "factor") if key in changes}
    other["proof"]["growth"] |= growth
    other["proof"] |= changes
    if "factor" in growth:
        other["claim"]["growth"]["factor"] = growth["factor"]
    return other


def accepted(doc):
    return check(doc).accepted


def sharp(doc):
    """Regions that are accepted and nearly not, one number of each at its last accepted value."""
    proof = doc["proof"]
    widths, minimum, factor = (
        [F(b) for b in proof["widths"]],
        F(proof["growth"]["minimum"]),
        F(proof["growth"]["factor"]),
    )
    by = [F(1000), F(10), *(F(1) + F(1, 2**k) for k in range(1, 16))]
    families = [
        [changed(doc, precision=p) for p in range(128, 0, -1)],
        [changed(doc, minimum=minimum * F(9, 10) ** k) for k in range(60)],
        [changed(doc, widths=texts([b * x for b in widths])) for x in sorted(by)],
        [changed(doc, widths=texts([b / x for b in widths])) for x in sorted(by)],
        [changed(doc, factor=1 + (factor - 1) * x) for x in sorted(by)],
    ]
    everywhere = [[[list(mode)] * len(own) for own in proof["modes"]] for mode in product((0, 1), repeat=2)]
    families += [[changed(doc, modes=modes)] for modes in everywhere]
    families += [[changed(doc, modes=[[*own[:s], [1, 1], *own[s + 1 :]] for own in proof["modes"]])] for s in range(3)]
    for family in families:
        passed = [other for other in family if accepted(other)]
        yield from passed[-1:]


def coordinates_of(proof, values):
    """z of V - origin: V = origin + Σ z_k W_k + λ."""
    columns = [*[[F(x) for x in w] for w in proof["directions"]], [F(1)] * len(values)]
    moved = [x - F(o) for x, o in zip(values, proof["origin"], strict=True)]
    return solve([list(row) for row in zip(*columns, strict=True)], moved)[:-1]


def assert_inside(proof, z, least):
    assert z[0] >= least
    assert all(abs(x) <= F(b) * z[0] for x, b in zip(z[1:], proof["widths"][1:], strict=True))


def test_accepted_regions_hold_the_run_and_grow(grown):
    assert accepted(grown)
    VALIDATOR.validate(grown)
    rng, tried = random.Random(0), 0
    for doc in [grown, *sharp(grown)]:
        oracle, proof = Oracle(doc), doc["proof"]
        minimum, factor = F(proof["growth"]["minimum"]), F(proof["growth"]["factor"])
        assert_inside(proof, coordinates_of(proof, oracle.run(proof["prefix"])[-1][0]), minimum)
        sides = [
            *product((-1, 1), repeat=len(proof["widths"]) - 1),
            [F(rng.randint(-50, 50), 50) for _ in proof["widths"][1:]],
        ]
        for scale, corner in product((1, F(7, 2), 10**9), sides):
            s, level = scale * minimum, rng.randint(-3, 3)
            z = [s, *(side * F(b) * s for side, b in zip(corner, proof["widths"][1:], strict=True))]
            parts = [[x * F(w) for w in own] for x, own in zip(z, proof["directions"], strict=True)]
            values = [F(o) + sum(moved) + level for o, *moved in zip(proof["origin"], *parts, strict=True)]
            position = tuple(values), oracle.start[1]
            for _ in proof["modes"]:
                position = oracle.step(position)
            assert_inside(proof, coordinates_of(proof, position[0]), factor * s)
            tried += 1
    assert tried > 40


def test_larger_claims_are_refused(grown):
    proof = grown["proof"]
    factor, minimum = F(proof["growth"]["factor"]), F(proof["growth"]["minimum"])
    assert "does not grow that much" in check(changed(grown, factor=factor + F(1, 1000))).reason
    assert not accepted(changed(grown, minimum=minimum / 1000))
    assert "outside the region" in check(changed(grown, minimum=minimum * 1000)).reason
    assert not accepted(changed(grown, widths=texts([F(b) / 10**6 for b in proof["widths"]])))
    assert not accepted(changed(grown, origin=texts([10**6 * (s == 0) for s in range(len(proof["origin"]))])))


def test_the_key_needs_every_direction_and_none_fixed(grown):
    proof, needs = grown["proof"], "proof.precision: needs fixed data"
    fewer = changed(grown, directions=proof["directions"][:-1], widths=proof["widths"][:-1])
    fewer["proof"]["growth"]["fixed"] = fewer["proof"]["growth"]["fixed"][:-1]
    assert needs in check(fewer).reason
    still = copy.deepcopy(grown)
    still["proof"]["growth"]["fixed"][-1] = True
    assert needs in check(still).reason
    assert not VALIDATOR.is_valid(still)
    linear = copy.deepcopy(grown)
    for part in (linear["proof"]["growth"], linear["claim"]["growth"]):
        part["increment"] = part.pop("factor")
    linear["claim"]["growth"]["kind"] = "linear"
    assert needs in check(linear).reason
    assert not VALIDATOR.is_valid(linear)
    moving = {**grown, "data": {"kind": "epsilon-greedy", "epsilon": "1"}}
    assert needs in check(moving).reason or "proof.modes: under epsilon-greedy data" in check(moving).reason


def least_precision(doc):
    return next(p for p in range(1, 129) if accepted(changed(doc, precision=p)))


def without_errors(own):
    def forgetful(*arguments, **options):
        found = own(*arguments, **options)
        return found._replace(errors=(found.errors[0], *[0] * (len(found.errors) - 1)))

    return forgetful


def test_every_error_counts(monkeypatch):
    """Without what rounding moves in the phases fewer digits would do; what it moves on the way in is asked for."""
    doc = made("four phases")
    needed, own = least_precision(doc), rounding.after
    with monkeypatch.context() as patch:
        patch.setattr(region, "rounded", without_errors(rounding.rounded))
        assert least_precision(doc) < needed
    with monkeypatch.context() as patch:
        patch.setattr(region, "after", lambda *of: (own(*of)[0], (1, *[10_000] * 3)))
        assert "outside the region" in check(doc).reason
    with monkeypatch.context() as patch:
        patch.setattr(coordinates.Region, "reach", lambda self, *_: [F(0)] * len(self.widths))
        assert least_precision(doc) < needed


@pytest.mark.parametrize("precision", [1, 3, 20])
def test_a_rounded_cone_holds_the_positions_of_the_exact_one(precision):
    """V = o + Σ_k z_k C_k + e s with |z_k| <= b_k s, s = z_0: rounded, it misses by the rounded errors at most."""
    draw = random.Random(precision)
    for _ in range(50):
        widths = [F(0), *(F(draw.randint(0, 40), 16) for _ in range(2))]
        end, columns = F(draw.randint(1, 9), 4), [(0, *[draw.randint(-50, 50) for _ in range(4)]) for _ in range(3)]
        origin = (11, *[draw.randint(-50, 50) for _ in range(4)])
        frame = Frame(origin, 13, columns, (7, *[draw.randint(0, 5) for _ in range(4)]))
        cone = Region(frame, None, widths, (), "factor", F(2), end, frozenset({1, 2}), True)
        most = rounding.rounding_error(cone, Work())
        found = rounding.rounded(frame, most, precision, Work(), origin=True)
        for s, lead in product(range(1, 5), (end, 10 * end)):
            z = [lead, *(draw.choice((-1, 1)) * b * lead for b in widths[1:])]
            one, other = (
                F(f.origin[s], f.origin[0]) + sum(x * F(c[s], f.scale) for x, c in zip(z, f.columns, strict=True))
                for f in (frame, found)
            )
            assert abs(one - other) + F(frame.errors[s], 7) * lead <= F(found.errors[s], found.errors[0]) * lead


# Actions that tie along the growth, and differ by a constant: what one may gain counts as an error.


def tied(precision, minimum, factor, mode):
    """s1 grows by 9/8 a step at γ = 9/10 as in the two-state example; in s0 playing (0, 0) earns 1, all else 0."""

    def entry(s, a):
        if s == 0:
            return int(a == (0, 0)), {0: 1}
        return int(a == (0, 0)), {0: 1} if a == (1, 1) else {1: 1}

    zero = [[0, 0], [0, 0]]
    growth = {"minimum": str(minimum), "fixed": [False], "factor": str(factor)}
    proof = {
        "kind": "region", "prefix": 120, "origin": ["0", "0"], "modes": [[mode, [0, 0]]], "entry": zero,
        "directions": None, "reference": 0, "widths": ["0"], "growth": growth, "precision": precision,
    }  # fmt: skip
    claim = {"fate": "diverges", "growth": {"kind": "geometric", "factor": str(factor), "steps": 1}}
    model = mmdp("tied", "9/10", (2, 2), 2, entry)
    return document(model, {"kind": "uniform"}, claim, proof, initial={"values": ["0", "1000"], "greedy": zero})


def test_an_action_that_ties_along_the_growth_may_overtake_by_an_error():
    doc = tied(256, 100_000, "112/100", [1, 1])
    assert accepted(doc), check(doc).reason
    oracle, proof = Oracle(doc), doc["proof"]
    run = oracle.run(130)
    gaps = [values[1] - values[0] for values, _ in run[proof["prefix"] :]]
    assert gaps[0] >= 100_000
    assert all(later >= F(112, 100) * now for now, later in pairwise(gaps))
    assert run[-1][1][0] == (0, 0)
    plain = copy.deepcopy(doc)
    del plain["proof"]["precision"]
    assert "may be chosen instead of" in check(plain).reason
    assert not accepted(tied(256, 10, "112/100", [1, 1]))
    assert accepted(tied(256, 100_000, "112/100", [0, 0]))
