"""Closed forms of ν for uniform data (theory notes, sections 10 and 12; ours).

additive, n agents with A actions each: ν = E[(n-1 - A·M)^+] with M ~ Bin(n, 1/A). By de Moivre's identity for the mean
absolute deviation that is (n-K) P(M = K) - P(M <= K) with K = floor((n-1)/A), and (n-1)(1-1/A)^n where A >= n.
k-th order: W depends on the Hamming distance d only; the partial sum of Krawtchouk polynomials telescopes, so that for
d >= 1 W = A^-n K_k(d-1; n-1, A), and ν = Σ_d C(n,d) (A-1)^d max(0, -W).
"""

from math import comb

from flint import fmpq


def krawtchouk(degree: int, x: int, length: int, base: int) -> int:
    """Return K_j(x; m, A) = Σ_i (-1)^i (A-1)^(j-i) C(x,i) C(m-x, j-i) for degree j, length m and base A."""
    return sum(
        (-1) ** i * (base - 1) ** (degree - i) * comb(x, i) * comb(length - x, degree - i)
        for i in range(min(x, degree) + 1)
    )


def additive_mass(agents: int, actions: int) -> fmpq:
    """Return ν of the additive class under uniform data by de Moivre's identity; agents, actions >= 1."""
    n, a = agents, actions
    if a == 1:
        return fmpq(0)
    k = (n - 1) // a
    mass = [comb(n, j) * (a - 1) ** (n - j) for j in range(k + 1)]
    return fmpq((n - k) * mass[k] - sum(mass), a**n)


def order_mass(agents: int, actions: int, order: int) -> fmpq:
    """Return ν of the class of order k under uniform data by Krawtchouk polynomials; 1 <= k."""
    n, a = agents, actions
    if order >= n or a == 1:
        return fmpq(0)
    total = 0
    for d in range(1, n + 1):
        weight = krawtchouk(order, d - 1, n - 1, a)
        total += comb(n, d) * (a - 1) ** d * max(0, -weight)
    return fmpq(total, a**n)
