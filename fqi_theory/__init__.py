"""An exact tabular verifier for the theory of factored multi-agent fitted Q-iteration.

The public names are listed in `__init__.pyi` and loaded when first used, so that importing the package is cheap.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
