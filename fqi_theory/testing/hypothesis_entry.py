"""Hypothesis calls `register` when it is imported (entry point group "hypothesis"): `st.from_type(MMDP)` then works.

Most processes that import Hypothesis never use this package, so nothing of it is loaded for them: registration waits
until the module of MMDP is imported, by a finder that steps aside then.
"""

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from fqi_theory.model.mmdp import MMDP

MODULE = "fqi_theory.model.mmdp"


def register() -> None:
    """Register the strategy of MMDP now if its module is loaded, else when it is."""
    if MODULE in sys.modules:
        _register(sys.modules[MODULE])
    elif not any(isinstance(finder, _Awaited) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Awaited())


def _register(module: ModuleType) -> None:
    from hypothesis import strategies as st

    st.register_type_strategy(module.MMDP, _mmdps)


def _mmdps(_: type["MMDP"]) -> "SearchStrategy[MMDP]":
    from fqi_theory.testing.strategies import mmdps

    return mmdps()


class _Awaited(MetaPathFinder):
    """Finds the awaited module as the path finder does, once, and registers after it has been executed."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != MODULE:
            return None
        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Registering(spec.loader)
        return spec


class _Registering(Loader):
    """Executes a module by its own loader, gives it that loader back, and registers."""

    def __init__(self, own: Loader) -> None:
        self._own = own

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._own.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._own
        if module.__spec__ is not None:
            module.__spec__.loader = self._own
        self._own.exec_module(module)
        _register(module)
