"""From rows of a file to a transition kernel: successors where every row is one sure successor, else sparse rows."""

from collections.abc import Mapping, Sequence

import numpy as np
from flint import fmpq

from fqi_theory.base.errors import TooLarge
from fqi_theory.base.limits import require_memory
from fqi_theory.model.transitions import DeterministicTransition, SparseTransition, Transition

#: Bytes a (state, joint action) costs while a file is read: a reward, a row and their objects.
ROW_BYTES = 1000


#: Indices of several axes are counted by NumPy functions that take 32 axes; s and s' are two of them.
MOST_AGENTS = 30


def require_agents(agents: int) -> None:
    """Raise TooLarge for too many agents."""
    if agents > MOST_AGENTS:
        raise TooLarge(f"agents: expected at most {MOST_AGENTS}, one axis of a NumPy array each, found {agents}")


def require_rows(states: int, action_counts: Sequence[int]) -> None:
    """Raise TooLarge for too many agents, and when rewards and rows for every (s, a) would not fit in memory."""
    require_agents(len(action_counts))
    require_memory("table of rewards and transitions", (states, *action_counts), ROW_BYTES)


def kernel_from_rows(rows: Sequence[Mapping[int, fmpq]], shape: tuple[int, ...]) -> Transition:
    """Return the kernel of non-empty rows {s': P(s'|s,a)}, one a (s, a_1, ..., a_n) in the order of the tensor."""
    sizes = np.array([len(row) for row in rows])
    one = fmpq(1)
    if (sizes == 1).all() and all(p == one for row in rows for p in row.values()):
        successors = np.array([next(iter(row)) for row in rows]).reshape(shape)
        return DeterministicTransition(successors, shape[0])
    total = int(sizes.sum())
    require_memory("transition probabilities", (total,), 24)
    indptr = np.concatenate([[0], np.cumsum(sizes)])
    successors = np.fromiter((s for row in rows for s in sorted(row)), dtype=np.int64, count=total)
    probabilities = np.empty(total, dtype=object)
    probabilities[:] = [row[s] for row in rows for s in sorted(row)]
    return SparseTransition(shape, shape[0], indptr, successors, probabilities, "exact")
