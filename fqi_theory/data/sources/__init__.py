"""Data distributions p_D(a|s), theory notes, section 1.

A *source* says where data come from (`uniform()`, `product(...)`, `correlated(...)`, `epsilon_greedy(ε)`); `at(model,
greedy)` turns it into the distribution one fit is weighted by: `ProductData` or `JointData`. Where a model has actions
that are not available, sources are about the available ones, and `at` shares their weight among copies (`copies`).
"""

from fqi_theory.data.sources.distributions import Data, JointData, ProductData
from fqi_theory.data.sources.fixed import Correlated, Product, Uniform
from fqi_theory.data.sources.making import as_source, correlated, epsilon_greedy, product, uniform
from fqi_theory.data.sources.on_policy import EpsilonGreedy
from fqi_theory.data.sources.source import DataSource

__all__ = [
    "Correlated",
    "Data",
    "DataSource",
    "EpsilonGreedy",
    "JointData",
    "Product",
    "ProductData",
    "Uniform",
    "as_source",
    "correlated",
    "epsilon_greedy",
    "product",
    "uniform",
]
