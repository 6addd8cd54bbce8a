"""An exact tabular verifier for the theory of factored multi-agent fitted Q-iteration.

The public names are listed in `__init__.pyi` and loaded when first used, so that importing the package is cheap.
"""

from typing import Any

import lazy_loader

_public, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("fqi-theory")
    return _public(name)
