"""The modules of old Python, NumPy and SciPy, as code below the roots imports them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from exporter.tf1.contrib.missing import asking_line
from exporter.tf1.surface.namespace import Namespace, kept_names, overlay
from exporter.tf1.surface.old_numpy import numpy_names
from exporter.tf1.surface.old_scipy import imread, misc_names
from exporter.tf1.surface.old_standard_library import OVERLAYS, RENAMED
from exporter.tf1.surface.pickles import pickle_names

__all__ = ["OldModules"]

_FORWARDED = ("sys",)
_MOVED = {"scipy.sparse.linalg.eigen": "scipy.sparse.linalg", "scipy.sparse.linalg.eigen.arpack": "scipy.sparse.linalg"}
_OPTIONAL = ("scipy", "scipy.misc", "scipy.ndimage")


class OldModules:
    """Finds overlays of modules that lost names, and stand-ins for modules that are gone.

    Args:
        allow_pickle: tells whether `pickle.load` and `np.load` may load pickles.
        import_module: the surface's own, which code gets as `importlib.import_module`.
    """

    def __init__(self, allow_pickle: Callable[[], bool], import_module: Callable[..., ModuleType]) -> None:
        self._modules: dict[str, ModuleType] = {}
        self._added: Mapping[str, Callable[[], dict[str, Any]]] = {
            **OVERLAYS,
            "importlib": lambda: {"import_module": import_module},
            "numpy": lambda: numpy_names(allow_pickle),
            "pickle": lambda: pickle_names(allow_pickle),
            "scipy.misc": misc_names,
            "scipy.ndimage": lambda: {"imread": imread},
        }
        self._overlaid = {".".join(name.split(".")[:depth + 1]) for name in self._added
                          for depth in range(name.count(".") + 1)}

    def has(self, name: str) -> bool:
        """Whether a module with this first name is an overlay, or holds one."""
        return name in self._overlaid

    def find(self, name: str) -> ModuleType:
        """Returns a module, as an overlay where it lost names.

        Raises:
            ModuleNotFoundError: it is not installed.
        """
        if name not in self._modules:
            base = _import(_MOVED.get(name, name))
            self._modules[name] = self._over(name, base) if name in self._overlaid else base
        return self._modules[name]

    def _over(self, name: str, base: ModuleType) -> Namespace:
        space = overlay(base, self._added.get(name, dict)(), forward=name in _FORWARDED)
        find = kept_names(space)["_find"]
        kept_names(space)["_find"] = lambda child: (
            self.find(f"{name}.{child}") if f"{name}.{child}" in self._overlaid else find(child))
        return space

    def stand_in(self, name: str, error: ModuleNotFoundError) -> ModuleType | None:
        """Returns what stands for a module that Python 3 does not have; None for other modules."""
        if error.name != name or name not in RENAMED:
            return None
        if name not in self._modules:
            present = RENAMED[name]
            if isinstance(present, str):
                self._modules[name] = self.find(present)
            else:
                self._modules[name] = ModuleType(name)
                vars(self._modules[name]).update(present())
        return self._modules[name]


def _import(name: str) -> ModuleType:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        if name not in _OPTIONAL:
            raise
        return _empty(name)
    return sys.modules[name]


def _empty(name: str) -> ModuleType:
    """Stands for SciPy where it isn't installed (`scipy.misc` needs nothing of it)."""

    def find(attribute: str) -> Any:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        raise AttributeError(f"{name}.{attribute} was not found{asking_line()}: SciPy is not installed, or has it no more.")

    return Namespace(name, find, tuple)
