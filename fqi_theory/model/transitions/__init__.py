"""Transition kernels P(s'|s,a): dense, sparse (rows in compressed form) and deterministic (successors)."""

from fqi_theory.model.transitions.dense import DenseTransition
from fqi_theory.model.transitions.deterministic import DeterministicTransition
from fqi_theory.model.transitions.kernel import Transition
from fqi_theory.model.transitions.sparse import SparseTransition

__all__ = ["DenseTransition", "DeterministicTransition", "SparseTransition", "Transition"]
