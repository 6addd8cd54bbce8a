"""The judge: re-verifies the claims of the theory in exact arithmetic and trusts nothing but its own checks.

`check(path)` re-verifies a certificate, `verify()` all claims of the registry. Both are loaded when first used, so that
`python -m proofs_check.checker FILE` imports the standard library only.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from proofs_check.checker import check as check
    from proofs_check.verification import verify as verify

__all__ = ["check", "verify"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    function = getattr(importlib.import_module({"check": ".checker", "verify": ".verification"}[name], __name__), name)
    globals()[name] = function
    return function


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
