"""Does a mixing function keep the promise of its class? A test helper for any callable Q_tot of per-agent utilities.

    from fqi_theory.mixers import assert_mixer_matches
    assert_mixer_matches(lambda utilities: utilities.sum(axis=1), agents=3, actions=4)

Readings (THEORY sections 1, 6 and 8):
    "igm"        some choice of per-agent greedy actions is a joint maximiser (selection IGM)
    "monotonic"  Q_tot does not fall when one agent's utility rises (QMIX, arXiv:1803.11485)
    "additive"   Q_tot is a sum of functions of one agent each (VDN): all mixed second differences are 0
A violation is searched at random (seeded), then shrunk: to two agents with two actions and small round utilities where
such a witness exists. Passing means that no counterexample was found, which is not a proof.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from fqi_theory.errors import DataError
from fqi_theory.scalars import Array

Mixer: TypeAlias = Callable[..., Any]
Reading: TypeAlias = Literal["igm", "monotonic", "additive"]
Input: TypeAlias = Literal["utilities", "states", "joint_actions", "maxima"]

#: Rounding that a float answer is allowed, in units of its last place at the largest |Q_tot| of the comparison.
ROUNDING_UNITS = 1024


class MixerViolation(AssertionError):
    """A mixer breaks its reading at one place.

    kind: the reading, or "not finite". utilities: per agent the utilities of its actions. actions: per agent the
    index that each utility belongs to. table: Q_tot of every joint action. state: the row of `states`, or None.
    joint_action: positions in `utilities`: the greedy joint action ("igm"), or where Q_tot falls, is not additive or
    not finite. better: for "igm" a joint action of higher Q_tot, else None.
    """

    def __init__(
        self, kind: str, witness: "_Game", joint_action: tuple[int, ...], better: tuple[int, ...] | None
    ) -> None:
        self.kind, self.joint_action, self.better = kind, joint_action, better
        self.utilities, self.actions, self.state = witness.utilities, witness.actions, witness.state
        self.table = witness.table
        tables = "; ".join(f"Q_{i + 1} = {list(q)}" for i, q in enumerate(self.utilities))
        compared = f"{joint_action}" + (f" against {better}" if better else "")
        state = "" if self.state is None else f", state {np.asarray(self.state).tolist()}"
        super().__init__(f"{kind} violated at {compared}: {tables}{state}; Q_tot = {self.table.tolist()}")


@dataclass(frozen=True, eq=False)
class _Game:
    """Utilities per agent with the action indices they belong to, a state row, and Q_tot over the joint actions."""

    utilities: tuple[tuple[float, ...], ...]
    actions: tuple[tuple[int, ...], ...]
    state: Any
    table: Array


@dataclass(frozen=True, eq=False)
class _Caller:
    mixer: Mixer
    inputs: tuple[Input, ...]

    def game(self, utilities: tuple[tuple[float, ...], ...], actions: tuple[tuple[int, ...], ...], state: Any) -> _Game:
        """Ask the mixer for every joint action at once."""
        joint = np.array(list(product(*[range(len(q)) for q in utilities])))
        size = joint.shape[0]
        chosen = np.stack([np.array(q)[joint[:, i]] for i, q in enumerate(utilities)], axis=1)
        given = {
            "utilities": lambda: chosen,
            "states": lambda: np.repeat(np.asarray(state)[None], size, axis=0),
            "joint_actions": lambda: np.stack([np.array(a)[joint[:, i]] for i, a in enumerate(actions)], axis=1),
            "maxima": lambda: np.repeat(np.array([[max(q) for q in utilities]]), size, axis=0),
        }
        answer = np.asarray(self.mixer(*[given[key]() for key in self.inputs]))
        if answer.dtype.kind not in "fiub":
            raise DataError(f"mixer: expected an answer of real numbers, found {answer.dtype}")
        if answer.shape not in ((size,), (size, 1)):
            raise DataError(f"mixer: expected an answer of shape ({size},) or ({size}, 1), found {answer.shape}")
        return _Game(utilities, actions, state, answer.reshape([len(q) for q in utilities]))


def assert_mixer_matches(
    mixer: Mixer,
    *,
    agents: int,
    actions: int | Sequence[int],
    states: Any = None,
    reading: Reading = "igm",
    inputs: Sequence[Input] | None = None,
    examples: int = 200,
    seed: int = 0,
) -> None:
    """Raise MixerViolation, with a shrunk counterexample, if one is found to `reading`.

    mixer: takes `inputs` as positional arrays of one row a joint action, and returns Q_tot of shape (B,) or (B, 1):
    "utilities" (B, n), Q_i(s, a_i); "states" (B, ...), the row of `states` in use; "joint_actions" (B, n), integers;
    "maxima" (B, n), max_x Q_i(s, x), as duelling mixers need. By default ("utilities",), or, where states are given,
    ("utilities", "states"). states: rows, taken in turn. actions: |A_i|, one number for all agents or one each.
    examples: random games tried, a third each of real, small integer and large utilities. A PyTorch module fits after
    `array_mixer`. Raises DataError for arguments that do not fit.
    """
    counts = (actions,) * agents if isinstance(actions, int) else tuple(actions)
    asked: tuple[Input, ...] = tuple(inputs or (("utilities",) if states is None else ("utilities", "states")))
    if len(counts) != agents or min(counts, default=0) < 1:
        raise DataError(f"actions: expected {agents} counts of at least 1, found {counts}")
    if reading not in _FINDERS:
        raise DataError(f"reading: expected one of {', '.join(_FINDERS)}, found {reading!r}")
    if isinstance(inputs, str) or not set(asked) <= set(get_args(Input)):
        raise DataError(f"inputs: expected a sequence of some of {', '.join(get_args(Input))}, found {inputs!r}")
    if "states" in asked and (states is None or len(states) == 0):
        raise DataError('states: the mixer asks for "states", none were given')
    if reading != "igm" and set(asked) & {"joint_actions", "maxima"}:
        raise DataError(f"reading: {reading!r} is about functions of utilities and states, this mixer takes {asked}")
    caller, rng = _Caller(mixer, asked), np.random.default_rng(seed)
    for k in range(examples):
        utilities = tuple(tuple(map(float, _DRAWS[k % 3](rng, count))) for count in counts)
        state = None if states is None else np.asarray(states)[k % len(states)]
        game = caller.game(utilities, tuple(tuple(range(count)) for count in counts), state)
        if (violation := _violation(game, reading)) is not None:
            raise _shrunk(caller, game, violation, reading)


def array_mixer(module: Callable[..., Any], tensor: Callable[[Array], Any]) -> Mixer:
    """Return a mixer on NumPy arrays from a module on tensors: every input through `tensor`, the answer detached.

    For PyTorch: ``array_mixer(module, lambda x: torch.as_tensor(x, dtype=torch.float64))`` with ``module.double()``.
    """

    def mixer(*arrays: Array) -> Array:
        answer = module(*map(tensor, arrays))
        return np.asarray(answer.detach().cpu().numpy() if hasattr(answer, "detach") else answer)

    return mixer


_DRAWS: tuple[Callable[[np.random.Generator, int], Array], ...] = (
    lambda rng, count: rng.normal(size=count),
    lambda rng, count: rng.permutation(np.arange(-count, count))[:count],
    lambda rng, count: 20 * rng.normal(size=count),
)


def _violation(game: _Game, reading: Reading) -> MixerViolation | None:
    table = game.table
    if not np.isfinite(table).all():
        place = tuple(map(int, np.argwhere(~np.isfinite(table))[0]))
        return MixerViolation("not finite", game, place, None)
    unit = np.finfo(table.dtype).eps if table.dtype.kind == "f" else 0.0
    slack = float(ROUNDING_UNITS * unit * np.abs(table).max())
    return _FINDERS[reading](game, slack)


def _not_igm(game: _Game, slack: float) -> MixerViolation | None:
    greedy = [np.flatnonzero(np.array(q) == max(q)) for q in game.utilities]
    best = np.unravel_index(int(game.table.argmax()), game.table.shape)
    block = game.table[np.ix_(*greedy)]
    if block.max() >= game.table[best] - slack:
        return None
    return MixerViolation("igm", game, tuple(int(g[0]) for g in greedy), tuple(map(int, best)))


def _not_monotonic(game: _Game, slack: float) -> MixerViolation | None:
    for axis, q in enumerate(game.utilities):
        order = np.argsort(q, kind="stable")
        sorted_table = np.take(game.table, order, axis=axis)
        falls = np.argwhere(np.diff(sorted_table, axis=axis) < -slack)
        for low in falls:
            joint = [int(x) for x in low]
            joint[axis] = int(order[low[axis] + 1])
            if q[joint[axis]] > q[order[low[axis]]]:
                return MixerViolation("monotonic", game, tuple(joint), None)
    return None


def _not_additive(game: _Game, slack: float) -> MixerViolation | None:
    for i, j in combinations(range(game.table.ndim), 2):
        mixed = game.table - np.take(game.table, [0], axis=i)
        mixed = mixed - np.take(mixed, [0], axis=j)
        wrong = np.argwhere(np.abs(mixed) > 4 * slack)
        if wrong.size:
            return MixerViolation("additive", game, tuple(map(int, wrong[0])), None)
    return None


_FINDERS: dict[str, Callable[[_Game, float], MixerViolation | None]] = {
    "igm": _not_igm,
    "monotonic": _not_monotonic,
    "additive": _not_additive,
}


def _shrunk(caller: _Caller, game: _Game, violation: MixerViolation, reading: Reading) -> MixerViolation:
    """Return the simplest violation that single steps of `_simpler` lead to."""
    progress = True
    while progress:
        progress = False
        for utilities, actions in _simpler(game):
            tried = caller.game(utilities, actions, game.state)
            found = _violation(tried, reading)
            if found is not None and found.kind == violation.kind:
                game, violation, progress = tried, found, True
                break
    return violation


def _simpler(game: _Game) -> Iterator[tuple[tuple[tuple[float, ...], ...], tuple[tuple[int, ...], ...]]]:
    """Yield games with one action less, then games with one rounder utility; two agents keep two actions."""
    playing = sum(len(q) > 1 for q in game.utilities)
    for i, (q, a) in enumerate(zip(game.utilities, game.actions, strict=True)):
        if len(q) > 2 or (len(q) == 2 and playing > 2):
            for x in range(len(q)):
                yield _put(game.utilities, i, q[:x] + q[x + 1 :]), _put(game.actions, i, a[:x] + a[x + 1 :])
    for i, q in enumerate(game.utilities):
        for x, value in enumerate(q):
            for rounder in (0.0, 1.0, -1.0, float(round(value)), round(2 * value) / 2, round(value, 1)):
                if _length(rounder) < _length(value):
                    yield _put(game.utilities, i, _put(q, x, rounder)), game.actions


def _put(row: tuple[Any, ...], at: int, value: Any) -> tuple[Any, ...]:
    return (*row[:at], value, *row[at + 1 :])


def _length(value: float) -> tuple[int, float, bool]:
    return len(f"{abs(value):.17g}"), abs(value), value < 0
