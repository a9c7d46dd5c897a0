"""Stand-ins for modules that are not installed, by name only: compiled helpers that the model itself does not run."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from exporter.errors import ModelError
from exporter.tf1.contrib.missing import asking_line

__all__ = ["StubFinder", "StubUsedError"]


class StubUsedError(ModelError):
    """Code called something of a module that is only a stand-in."""


class StubFinder(MetaPathFinder):
    """Comes last: a module that nobody else found, and whose name was given, becomes a stand-in.

    A name stands for the module, for one of that last name in any package (``gpu_nms`` for ``lib.nms.gpu_nms``), and for
    everything below it. What code takes from the stand-in can be imported and subclassed; calling it raises StubUsedError.
    """

    def __init__(self) -> None:
        self.names: list[str] = []

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Returns the spec of a stand-in for the given names, None for others."""
        if not any(f".{name}." in f".{fullname}." for name in self.names):
            return None
        return ModuleSpec(fullname, _StubLoader(), is_package=True)


class _StubLoader(Loader):
    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _StubModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


class _StubModule(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name.endswith("_swigregister"):  # SWIG's wrappers call it when they are imported
            return _do_nothing
        value = sys.modules.get(f"{self.__name__}.{name}") or _stub(f"{self.__name__}.{name}")
        setattr(self, name, value)
        return value


def _do_nothing(*arguments: Any) -> None:
    pass


def _stub(dotted_name: str) -> type:
    def refuse(cls: type, *arguments: Any, **keywords: Any) -> Any:
        raise StubUsedError(f"{dotted_name} was used{asking_line()}, but its module is a stand-in (--stub_modules).",
                            "Install or build the module, or call a part of the code that does without it.")

    return type(dotted_name.rpartition(".")[2], (), {"__new__": refuse, "__module__": dotted_name.rpartition(".")[0]})
