"""Hypothesis calls `register` when it is imported (entry point group "hypothesis"): `st.from_type(MMDP)` then works."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from fqi_theory.model.mmdp import MMDP


def register() -> None:
    """Register the strategy of MMDP; the strategies themselves are loaded when first resolved."""
    from hypothesis import strategies as st

    from fqi_theory.model.mmdp import MMDP

    st.register_type_strategy(MMDP, _mmdps)


def _mmdps(_: type["MMDP"]) -> "SearchStrategy[MMDP]":
    from fqi_theory.testing.strategies import mmdps

    return mmdps()
