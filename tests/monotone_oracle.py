"""Isotonic regression on product orders by brute force over all upper sets, in fractions."""

from fractions import Fraction
from itertools import product


def upper_sets(shape):
    """Return all sets of cells closed under raising an index, the empty one included."""
    cells = list(product(*map(range, shape)))
    found, fresh = {frozenset()}, [frozenset()]
    while fresh:
        base = fresh.pop()
        for a in cells:
            above = [(*a[:i], a[i] + 1, *a[i + 1 :]) for i in range(len(shape)) if a[i] + 1 < shape[i]]
            if a not in base and base.issuperset(above) and (larger := base | {a}) not in found:
                found.add(larger)
                fresh.append(larger)
    return found


def by_min_max(y, w, shape):
    """Return x(a) = max over upper sets U of a, min over lower sets L of a, of the mean of y over U ∩ L."""
    uppers = upper_sets(shape)
    result = {}
    for a in y:
        lows = [u for u in uppers if a not in u]
        best = None
        for u in uppers:
            if a in u:
                level = min(Fraction(sum(w[b] * y[b] for b in u - low), sum(w[b] for b in u - low)) for low in lows)
                best = level if best is None else max(best, level)
        result[a] = best
    return result


def by_levels(y, w, shape):
    """Return the regression by removing, again and again, the upper set of greatest mean (all sets are tried)."""
    uppers, done, result = upper_sets(shape), frozenset(), {}
    while len(done) < len(y):
        level, size, top = max(
            (Fraction(sum(w[b] * y[b] for b in u - done), sum(w[b] for b in u - done)), len(u), sorted(u))
            for u in uppers
            if u > done
        )
        del size
        result |= {a: level for a in top if a not in done}
        done = frozenset(top)
    return result
