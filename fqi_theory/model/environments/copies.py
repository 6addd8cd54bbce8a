"""Copies of an environment, and other random numbers for them."""

import copy
import random
from typing import Any

import numpy as np

from fqi_theory.base.errors import ModelError


def copied(env: Any) -> Any:
    """Return a deep copy of an environment; raises ModelError where there is none."""
    try:
        return copy.deepcopy(env)
    except Exception as error:
        raise ModelError(
            f"env: expected an environment that copy.deepcopy copies, found {type(error).__name__}: {error}; "
            "a step function needs no copies"
        ) from None


def reseed_all(env: Any, seed: int) -> None:
    """Replace the random generators that an environment (and what it wraps) keeps in its attributes."""
    for own in {id(x): x for x in (env, getattr(env, "unwrapped", env))}.values():
        for attribute, value in list(vars(own).items()):
            if isinstance(value, np.random.Generator):
                setattr(own, attribute, np.random.default_rng(seed))
            elif isinstance(value, np.random.RandomState):
                setattr(own, attribute, np.random.RandomState(seed))
            elif isinstance(value, random.Random):
                setattr(own, attribute, random.Random(seed))
