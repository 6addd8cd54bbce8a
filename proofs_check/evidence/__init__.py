"""What claims are decided with: exact tables, random instances, symbols, and oracles of the judge's own.

| module | what it gives |
|---|---|
| `exact` | tables and data in Python's fractions, without the engine |
| `symbols` | tensors of free symbols, and rational functions that are zero or positive |
| `instances` | Hypothesis strategies for games, models and runs |
| `sampling` | the search for a counterexample within a budget, shrunk |
| `isotonic` | exact monotone fits (QMIX) with certificates of optimality |
| `central` | when a centrally weighted monotone fit keeps the best joint action |
| `messages` | max-sum message passing on graphs of pair payoffs |
| `mixings` | QPLEX mixings as plain sums, and the maximiser sets of IGM |
| `local` | on-policy fixed points and when they attract |
| `small_epsilon` | one-state games under ε-greedy data, for all small ε at once |
| `two_state` | [W21] Theorem 3's example in symbols |

Every module of `claims` may use these; they use no claim.
"""
