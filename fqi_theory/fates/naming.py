"""An order of states that does not depend on how they are named, so that no answer does.

States are coloured by what is known of them without names (start value, rewards, data), and colours are refined: the
new colour of s is a sum over its joint actions of numbers mixed from a (the tie rule goes by it), r(s,a), p_D(a|s) and
Σ_s' P(s'|s,a) colour(s').
Colours are residues modulo a prime, so equal ones mean equal states up to coincidence, which costs the invariance of
the order and nothing else. Where colours stay equal a state is singled out and colours are refined again: the choice
does not matter where the states are exchanged by a symmetry of the model.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import DataSource
from fqi_theory.fates.colouring import MIX, PRIME, ordered
from fqi_theory.model.mmdp import MMDP
from fqi_theory.runs.trajectory import Start

#: The most (state, joint action, successor) entries looked at, all rounds together.
MOST_WORK = 1_000_000
#: So many states are coloured by splitting classes (`colouring`), which takes no rounds of all entries.
MANY_STATES = 32


def order_of_states(model: MMDP, source: DataSource, start: Start) -> Array:
    """Return a permutation (S,) of the states of an exact model, by their place in the run and not by their names."""
    if model.n_states == 1:
        return np.zeros(1, dtype=int)
    table = _table(model, source, start)
    if model.n_states >= MANY_STATES:
        return np.array(ordered(*table.parts(list(map(_residue, start.values))), MOST_WORK))
    colours = table.refined([_residue(x) for x in start.values])
    while table.work < MOST_WORK:
        chosen = _first_of_a_pair(colours)
        if chosen is None:
            break
        colours[chosen] = colours[chosen] * MIX[0] % PRIME
        colours = table.refined(colours)
    return np.array(sorted(range(model.n_states), key=lambda s: (colours[s], s)))


def _first_of_a_pair(colours: list[int]) -> int | None:
    """Return the first state of the smallest colour that several states have, None where all differ."""
    seen: dict[int, int] = {}
    repeated = [(c, seen[c]) for s, c in enumerate(colours) if seen.setdefault(c, s) != s]
    return min(repeated)[1] if repeated else None


@dataclass(eq=False)
class _Table:
    """For each state its joint actions: (mixed reward and data, [(successor, residue of the probability)])."""

    rows: list[list[tuple[int, list[tuple[int, int]]]]]
    size: int
    work: int = 0

    def refined(self, colours: list[int]) -> list[int]:
        """Return colours after as many rounds as tell more states apart."""
        count = len(set(colours))
        while self.work < MOST_WORK:
            self.work += self.size
            following = [self._colour(own, c, colours) for own, c in zip(self.rows, colours, strict=True)]
            found = len(set(following))
            colours = following
            if found == len(colours) or found <= count:
                break
            count = found
        return colours

    def parts(self, values: list[int]) -> tuple[list[int], list[list[tuple[int, int, int]]]]:
        """Return colours by values, rewards and data; and for each state who leads to it, as (s, a, p)."""
        arrows: list[list[tuple[int, int, int]]] = [[] for _ in self.rows]
        for s, own in enumerate(self.rows):
            for a, (_, successors) in enumerate(own):
                for t, p in successors:
                    if p:
                        arrows[t].append((s, a, p))
        heads = [sum(head * head % PRIME * head for head, _ in own) for own in self.rows]
        return [(x * MIX[3] + head) % PRIME for x, head in zip(values, heads, strict=True)], arrows

    def _colour(self, own: list[tuple[int, list[tuple[int, int]]]], colour: int, colours: list[int]) -> int:
        total = colour * MIX[3]
        for head, successors in own:
            x = (head + MIX[2] * sum(p * colours[s] for s, p in successors)) % PRIME
            total += x * x * x
        return total % PRIME


def _table(model: MMDP, source: DataSource, start: Start) -> _Table:
    weights = source.at(model, start.greedy).joint().reshape(model.n_states, -1)
    rewards = model.reward.reshape(model.n_states, -1)
    count = rewards.shape[1]
    indptr, successors, probabilities = model.transition.compressed()
    chances = [_residue(p) for p in probabilities]
    names = successors.tolist()
    rows = [
        [
            (
                MIX[0] * _residue(rewards[s, a]) + MIX[1] * _residue(weights[s, a]) + MIX[3] * (a + 1),
                list(zip(names[low:high], chances[low:high], strict=True)),
            )
            for a, (low, high) in enumerate(_spans(indptr, s, count))
        ]
        for s in range(model.n_states)
    ]
    return _Table(rows, len(names))


def _spans(indptr: Array, state: int, count: int) -> list[tuple[int, int]]:
    own = indptr[state * count : (state + 1) * count + 1].tolist()
    return list(pairwise(own))


def _residue(number: Any) -> int:
    p, q = int(number.p), int(number.q)
    return p * pow(q, -1, PRIME) % PRIME if q % PRIME else (p + q) % PRIME
