"""Colours of many states by what they lead to, the same whatever the states are called; residues modulo a prime.

Classes of equal colour are compared one after the other, the smallest colour first, with the states that lead to them:
where some of a class lead there otherwise than the rest, they get new colours, made of the old one, of that which they
lead to, and of how. Of what a class falls into all but the largest are then compared (`base.partitions` says why that
is enough), so a chain takes as much work as it has states, where rounds of all states take its square.
"""

from collections.abc import Sequence
from heapq import heapify, heappop, heappush

PRIME = (1 << 61) - 1
#: Multipliers of reward, data, expected colour and joint action.
MIX = (0x1D8E4E27C47D124F, 0x0B4711AD5E2F8C31, 0x1F83D9ABFB41BD6B, 0x13198A2E03707344)


def ordered(colours: Sequence[int], arrows: Sequence[Sequence[tuple[int, int, int]]], most: int) -> list[int]:
    """Return the states by colours that tell all apart, as far as so much work goes.

    colours: known without names; arrows: for each state who leads to it, (state, label, weight). Where colours stay
    equal the first state of the smallest such colour is singled out: as good as any where a symmetry exchanges them.
    """
    found = _Colouring(list(colours), arrows)
    found.split(most)
    repeated = sorted(c for c, own in found.classes.items() if len(own) > 1)
    while repeated and found.work < most:
        colour = repeated[0]
        if len(found.classes.get(colour, ())) < 2:
            heappop(repeated)
            continue
        first = min(found.classes[colour])
        own = _mixed(colour, colour, 1)
        found.recolour(colour, {own: [first]})
        found.split(most)
        for c in found.fresh:
            if len(found.classes.get(c, ())) > 1:
                heappush(repeated, c)
        found.fresh.clear()
    return sorted(range(len(colours)), key=lambda s: (found.colours[s], s))


class _Colouring:
    """Colours by state, states by colour, the colours that are still to be compared, and those that are new."""

    def __init__(self, colours: list[int], arrows: Sequence[Sequence[tuple[int, int, int]]]) -> None:
        self.colours, self.arrows, self.work = colours, arrows, 0
        self.classes: dict[int, list[int]] = {}
        for s, c in enumerate(colours):
            self.classes.setdefault(c, []).append(s)
        self.waiting = list(self.classes)
        heapify(self.waiting)
        self.pending = set(self.waiting)
        self.fresh: list[int] = []

    def split(self, most: int) -> None:
        """Compare classes until none is left to compare, or the work is done."""
        while self.waiting and self.work < most:
            colour = heappop(self.waiting)
            if colour not in self.pending:
                continue
            self.pending.discard(colour)
            touched: dict[int, dict[int, list[int]]] = {}
            for s, how in self._led(colour).items():
                touched.setdefault(self.colours[s], {}).setdefault(how, []).append(s)
            for own in sorted(touched):
                parts = touched[own]
                if len(parts) > 1 or sum(map(len, parts.values())) < len(self.classes[own]):
                    self.recolour(own, {_mixed(own, colour, how): part for how, part in parts.items()})

    def _led(self, colour: int) -> dict[int, int]:
        """Return for the states that lead to a class how they do, as a residue."""
        sums: dict[tuple[int, int], int] = {}
        for t in self.classes[colour]:
            self.work += len(self.arrows[t])
            for s, label, weight in self.arrows[t]:
                sums[s, label] = sums.get((s, label), 0) + weight
        found: dict[int, int] = {}
        for (s, label), weight in sums.items():
            x = (MIX[2] * weight + MIX[3] * (label + 1)) % PRIME
            found[s] = (found.get(s, 0) + x * x * x) % PRIME
        return found

    def recolour(self, colour: int, parts: dict[int, list[int]]) -> None:
        """Give some states of a colour new ones, and have all but the largest class compared that come of it."""
        for own, states in parts.items():
            self.classes.setdefault(own, []).extend(states)
            for s in states:
                self.colours[s] = own
        rest = [s for s in self.classes[colour] if self.colours[s] == colour]
        self.classes[colour] = rest
        if not rest:
            del self.classes[colour]
        names = [*parts, *([colour] if rest else [])]
        if colour not in self.pending:
            names.remove(max(names, key=lambda c: (len(self.classes[c]), c)))
        self.pending.discard(colour)
        for c in names:
            self.pending.add(c)
            heappush(self.waiting, c)
        self.fresh += [*parts, *([colour] if rest else [])]


def _mixed(colour: int, splitter: int, how: int) -> int:
    x = (colour * MIX[0] + splitter * MIX[1] + how) % PRIME
    return x * x * x % PRIME
