"""The same mathematics by the usual means: what the engine is compared with."""

from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

from fqi_theory.base.scalars import Array
from fqi_theory.model.mmdp import MMDP
from fqi_theory.operators.value_space import ValueOperator


def design(counts: tuple[int, ...]) -> Array:
    """Return the 0/1 design matrix of additive functions: (|A|, Σ|A_i|), joint actions in the order of the tensor."""
    index = np.indices(counts).reshape(len(counts), -1)
    return np.concatenate([np.eye(count)[index[i]] for i, count in enumerate(counts)], axis=1)


def lstsq_step(reward: Array, tensor: Array, gamma: float, matrix: Array, values: Array) -> tuple[Array, Array]:
    """Return (V', factors (S, Σ|A_i|)) of one iteration under uniform data: dense backup, lstsq per state."""
    targets = reward + gamma * (tensor @ values)
    flat = targets.reshape(targets.shape[0], -1)
    found = np.array([np.linalg.lstsq(matrix, row, rcond=None)[0] for row in flat])
    edges = np.cumsum(reward.shape[1:])[:-1]
    return sum(part.max(axis=1) for part in np.split(found, edges, axis=1)), found


def weighted_lstsq(matrix: Array, weights: Array, targets: Array) -> Array:
    """Return the factors (Σ|A_i|,) that fit targets (|A|,) best under weights p_D (|A|,)."""
    roots = np.sqrt(weights)
    return np.asarray(np.linalg.lstsq(matrix * roots[:, None], targets * roots, rcond=None)[0])


def weighted_lstsq_step(model: MMDP, matrix: Array, weights: Array, values: Array) -> Array:
    """Return V' under any data; weights: p_D, (S, |A|)."""
    targets = model.backup(values).reshape(model.n_states, -1)
    found = np.array([weighted_lstsq(matrix, w, row) for w, row in zip(weights, targets, strict=True)])
    edges = np.cumsum(model.action_counts)[:-1]
    return np.asarray(sum(part.max(axis=1) for part in np.split(found, edges, axis=1)))


def sparse_rows(model: MMDP) -> Any:
    """Return P of a float model as a SciPy CSR matrix with a row for every (s, a)."""
    from scipy.sparse import csr_matrix

    indptr, successors, probabilities = model.transition.compressed()
    return csr_matrix((probabilities, successors, indptr), shape=(model.reward.size, model.n_states))


def sparse_run(reward: Array, rows: Any, gamma: float, counts: tuple[int, ...], steps: int) -> Array:
    """Return V after `steps` iterations under uniform data: sparse backup, then means of the joint table."""
    n, values = len(counts), np.zeros(reward.shape[0])
    for _ in range(steps):
        targets = reward + gamma * (rows @ values).reshape(reward.shape)
        best = [targets.mean(axis=tuple(j for j in range(1, n + 1) if j != i)).max(axis=1) for i in range(1, n + 1)]
        values = sum(best) - (n - 1) * targets.mean(axis=tuple(range(1, n + 1)))
    return np.asarray(values)


def einsum_fit(targets: Array, marginals: tuple[Array, ...]) -> list[Array]:
    """Return the closed form of the fit by one greedily optimised einsum an agent."""
    n = len(marginals)
    letters = "abcdefghijklmnop"[:n]
    means = []
    for i in range(n):
        others = [j for j in range(n) if j != i]
        formula = f"s{letters}," + ",".join(f"s{letters[j]}" for j in others) + f"->s{letters[i]}"
        means.append(np.einsum(formula, targets, *[marginals[j] for j in others], optimize="greedy"))
    baseline = (means[0] * marginals[0]).sum(axis=1, keepdims=True) * (n - 1) / n
    return [mean - baseline for mean in means]


def fraction(value: Any) -> Fraction:
    """Return an exact number as a Fraction."""
    return Fraction(int(value.p), int(value.q))


def fraction_rows(operator: ValueOperator) -> tuple[list[Any], list[Any], Fraction]:
    """Return R_i, P_i and γ of an operator in nested lists of Fractions."""
    rewards = [[[fraction(x) for x in row] for row in table.tolist()] for table in operator.rewards]
    kernels = [[[[fraction(x) for x in p] for p in row] for row in table.tolist()] for table in operator.transitions]
    return rewards, kernels, fraction(operator.discount)


def fraction_iteration(
    rows: tuple[list[Any], list[Any], Fraction], values: list[Fraction], steps: int
) -> list[Fraction]:
    """Return V after `steps` iterations on marginals, in Fractions: the same collapsed form as the engine's."""
    rewards, kernels, gamma = rows
    for _ in range(steps):
        values = [
            sum(
                max(
                    r + gamma * sum(p * v for p, v in zip(row, values, strict=True))
                    for r, row in zip(reward[s], kernel[s], strict=True)
                )
                for reward, kernel in zip(rewards, kernels, strict=True)
            )
            for s in range(len(values))
        ]
    return values


def fraction_policy_iteration(model: MMDP) -> list[Fraction]:
    """Return V* by policy iteration in Fractions: Gaussian elimination, then all joint actions of every state."""
    states, count = model.n_states, model.reward.size // model.n_states
    indptr, successors, probabilities = model.transition.compressed()
    gamma, edges = fraction(model.discount), indptr.tolist()
    rows = [
        [(s, gamma * fraction(p)) for s, p in zip(successors[a:b].tolist(), probabilities[a:b], strict=True)]
        for a, b in pairwise(edges)
    ]
    rewards = [fraction(r) for r in model.reward.reshape(-1)]
    policy = [max(range(s * count, (s + 1) * count), key=rewards.__getitem__) for s in range(states)]
    while True:
        values = _eliminate(policy, rows, rewards)
        ahead = [r + sum(p * values[t] for t, p in row) for r, row in zip(rewards, rows, strict=True)]
        best = [max(range(s * count, (s + 1) * count), key=ahead.__getitem__) for s in range(states)]
        better = [s for s in range(states) if ahead[best[s]] > values[s]]
        if not better:
            return values
        for s in better:
            policy[s] = best[s]


def _eliminate(policy: list[int], rows: list[list[tuple[int, Fraction]]], rewards: list[Fraction]) -> list[Fraction]:
    size = len(policy)
    table = [[Fraction(s == t) for t in range(size)] + [rewards[k]] for s, k in enumerate(policy)]
    for s, k in enumerate(policy):
        for t, p in rows[k]:
            table[s][t] -= p
    for c in range(size):
        pivot = next(r for r in range(c, size) if table[r][c])
        table[c], table[pivot] = table[pivot], table[c]
        table[c] = [x / table[c][c] for x in table[c]]
        for r in range(size):
            if r != c and (factor := table[r][c]):
                table[r] = [x - factor * y for x, y in zip(table[r], table[c], strict=True)]
    return [row[-1] for row in table]
