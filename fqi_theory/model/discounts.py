"""Which discounts an iteration can do with."""

from fqi_theory.base.errors import ModelError
from fqi_theory.model.mmdp import MMDP


def require_discount_below_one(model: MMDP) -> None:
    """Raise ModelError unless γ < 1: with γ = 1 the iterations of this package have no bound to converge within."""
    if model.field != "symbolic" and not model.discount < 1:
        raise ModelError(
            f"model {model.name!r} has discount {model.discount}; this needs a discount below 1 (use --discount G, "
            "or with_discount)"
        )
