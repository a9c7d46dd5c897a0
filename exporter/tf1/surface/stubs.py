"""Stand-ins for modules that are not installed, by name only: compiled helpers that the model itself does not run."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import FrameType, ModuleType
from typing import Any

from exporter.errors import ModelError
from exporter.tf1.contrib.missing import asking_line

__all__ = ["StubFinder", "StubUsedError"]


_SURFACE = "exporter.tf1.surface."
_ON_THE_WAY = ("importlib", "exporter.tf1.surface.loading", "exporter.tf1.import_hooks")


class StubUsedError(ModelError):
    """Code called something of a module that is only a stand-in."""


class StubFinder(MetaPathFinder):
    """Comes last: a module that nobody else found, whose name was given, and that the user's code asks for becomes a
    stand-in. Whoever else asks first does not find it.

    A name stands for the module, for one of that last name in any package (``gpu_nms`` for ``lib.nms.gpu_nms``), and for
    everything below it. What code takes from the stand-in can be imported and subclassed; calling it raises StubUsedError.
    TensorBoard, which TensorFlow 1 came with and which training alone uses, has one without being named.
    """

    def __init__(self) -> None:
        self.names = ["tensorboard"]

    def stand_in(self, fullname: str) -> ModuleType | None:
        """Returns what stands for a module that is there but can't be imported, if its name was given."""
        return _StubModule(fullname) if self._is_named(fullname) else None

    def _is_named(self, fullname: str) -> bool:
        return any(f".{fullname}".endswith(f".{name}") for name in self.names)

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Returns the spec of a stand-in for the given names, None for others."""
        is_below = isinstance(sys.modules.get(fullname.rpartition(".")[0]), _StubModule)
        if not (is_below or self._is_named(fullname)) or not _is_asked_by_the_surface():
            return None
        return ModuleSpec(fullname, _StubLoader(), is_package=True)


def _is_asked_by_the_surface() -> bool:
    """Whether the import that is under way was begun by the surface, for the user's code."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and str(frame.f_globals.get("__name__")).startswith(_ON_THE_WAY):
        frame = frame.f_back
    return frame is not None and str(frame.f_globals.get("__name__")).startswith(_SURFACE)


class _StubLoader(Loader):
    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Makes the stand-in."""
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


class _StubType(type):
    """The type of what code takes from a stand-in: its attributes are stand-ins as well."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _stub(f"{cls.__module__}.{cls.__name__}.{name}")


def _stub(dotted_name: str) -> type:
    def refuse(cls: type, *arguments: Any, **keywords: Any) -> Any:
        """Raises StubUsedError."""
        raise StubUsedError(f"{dotted_name} was used{asking_line()}, but its module is a stand-in: it is not installed.",
                            "Install or build the module, or call a part of the code that does without it.")

    owner, _, name = dotted_name.rpartition(".")
    return _StubType(name, (), {"__new__": refuse, "__module__": owner})
