"""The coarsest partition whose classes agree in what they lead to, by splitting classes as long as any do not.

A class is compared with the others once after each time it was split, the largest of its parts excepted: what leads
to that follows from the whole (Hopcroft; with weights Valmari and Franceschinis, TACAS 2010). So the work is that of
the entries times a logarithm, however many rounds the splitting takes.
"""

from collections.abc import Hashable, Sequence

from flint import fmpq

from fqi_theory.base.progress import look

#: What leads to a member: who, under which label, and with what weight.
Arrow = tuple[int, Hashable, fmpq]


def coarsest(first: Sequence[Hashable], arrows: Sequence[Sequence[Arrow]]) -> list[int]:
    """Return the classes of members as numbers, from 0 on in the order of their first members.

    first: what members of a class must share. arrows: for each member who leads to it; those of a class have the same
    sum of weights to every class, label by label.
    """
    numbers: dict[Hashable, int] = {}
    home = [numbers.setdefault(key, len(numbers)) for key in first]
    classes: list[list[int]] = [[] for _ in numbers]
    for s, c in enumerate(home):
        classes[c].append(s)
    waiting = dict.fromkeys(range(len(classes)))
    while waiting:
        look()
        splitter = waiting.popitem()[0]
        for c, parts in _parted(_sums(classes[splitter], arrows), home, classes):
            for part in parts:
                classes.append(part)
                for s in part:
                    home[s] = len(classes) - 1
                waiting[len(classes) - 1] = None
            classes[c] = [s for s in classes[c] if home[s] == c]
    names: dict[int, int] = {}
    return [names.setdefault(c, len(names)) for c in home]


def _sums(members: Sequence[int], arrows: Sequence[Sequence[Arrow]]) -> dict[int, frozenset[tuple[Hashable, fmpq]]]:
    """Return for all that lead to some members their sums of weights by label, those left out that are 0."""
    sums: dict[int, dict[Hashable, fmpq]] = {}
    for t in members:
        for s, label, weight in arrows[t]:
            own = sums.setdefault(s, {})
            own[label] = own[label] + weight if label in own else weight
    found = {s: frozenset((label, x) for label, x in own.items() if x != 0) for s, own in sums.items()}
    return {s: own for s, own in found.items() if own}


def _parted(
    sums: dict[int, frozenset[tuple[Hashable, fmpq]]], home: Sequence[int], classes: Sequence[Sequence[int]]
) -> list[tuple[int, list[list[int]]]]:
    """Return the classes whose members have different sums, with all parts but the largest of each."""
    touched: dict[int, dict[frozenset[tuple[Hashable, fmpq]], list[int]]] = {}
    for s, own in sums.items():
        touched.setdefault(home[s], {}).setdefault(own, []).append(s)
    found = []
    for c, groups in touched.items():
        parts = list(groups.values())
        rest = len(classes[c]) - sum(map(len, parts))
        if rest == 0 and len(parts) == 1:
            continue
        if rest <= max(map(len, parts)):
            largest = max(parts, key=len)
            others = {s for part in parts for s in part}
            parts = [part for part in parts if part is not largest]
            parts += [[s for s in classes[c] if s not in others]] if rest else []
        found.append((c, parts))
    return found
