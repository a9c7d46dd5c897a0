"""The modules of old Python, NumPy and SciPy, as code below the roots imports them."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import ModuleType
from typing import Any

from exporter.tf1.contrib.missing import asking_line
from exporter.tf1.surface.libraries.old_loading import FileLoaders, loading_overlays, locate
from exporter.tf1.surface.libraries.old_numpy import numpy_names
from exporter.tf1.surface.libraries.old_scipy import imread, misc_names
from exporter.tf1.surface.libraries.old_standard_library import OVERLAYS, RENAMED
from exporter.tf1.surface.libraries.old_text import TEXT_OVERLAYS
from exporter.tf1.surface.libraries.pickle_readers import LIBRARIES, SAME_AS_PICKLE, reader_overlays
from exporter.tf1.surface.libraries.pickles import pickle_names
from exporter.tf1.surface.namespace import Namespace, kept_names, overlay

__all__ = ["OldModules"]

_FORWARDED = ("sys",)
_OWN = ("imp",)
_MOVED = {"scipy.sparse.linalg.eigen": "scipy.sparse.linalg", "scipy.sparse.linalg.eigen.arpack": "scipy.sparse.linalg",
          "numpy.linalg.linalg": "numpy.linalg", "numpy.testing.utils": "numpy.testing",
          **{f"numpy.lib.{name}": "numpy" for name in (
              "arraypad", "arraysetops", "function_base", "histograms", "index_tricks", "nanfunctions", "polynomial",
              "shape_base", "twodim_base", "type_check", "ufunclike", "utils")}}
"""Module that is gone -> the one that has its names."""
_OPTIONAL = ("scipy", "scipy.misc", "scipy.ndimage")


class OldModules:
    """Finds overlays of modules that lost names, and stand-ins for modules that are gone.

    Args:
        allow_pickle: tells whether `pickle.load` and `np.load` may load pickles.
        import_module: the surface's own, which code gets as `importlib.import_module`.
        file_loader: (name, path) -> the surface's loader for a file that code loads by its path; None for others' files.
    """

    def __init__(self, allow_pickle: Callable[[], bool], import_module: Callable[..., ModuleType],
                 file_loader: FileLoaders) -> None:
        self._modules: dict[str, ModuleType] = {}
        loading = loading_overlays(file_loader)
        self._added: Mapping[str, Callable[[], dict[str, Any]]] = {
            **OVERLAYS, **TEXT_OVERLAYS, **loading, **reader_overlays(allow_pickle),
            "importlib": lambda: {**loading["importlib"](), "import_module": import_module},
            "numpy": lambda: numpy_names(allow_pickle),
            "pydoc": lambda: {"locate": functools.partial(locate, import_module)},
            "pickle": lambda: pickle_names(allow_pickle),
            "scipy.misc": misc_names,
            "scipy.ndimage": lambda: {"imread": imread},
        }
        self._overlaid = {".".join(name.split(".")[:depth + 1]) for name in (*self._added, *SAME_AS_PICKLE)
                          for depth in range(name.count(".") + 1)}

    def has(self, name: str) -> bool:
        """Whether a module with this first name is an overlay, or holds one."""
        return name in self._overlaid and (name not in LIBRARIES or _is_installed(name))

    def find(self, name: str) -> ModuleType:
        """Returns a module, as an overlay where it lost names.

        Raises:
            ModuleNotFoundError: it is not installed.
        """
        if name not in self._modules:
            if name in SAME_AS_PICKLE:
                self._modules[name] = self.find("pickle")
                return self._modules[name]
            base = self.find(_MOVED[name]) if name in _MOVED else _import(name)
            self._modules[name] = self._over(name, base) if name in self._overlaid else base
        return self._modules[name]

    def _over(self, name: str, base: ModuleType) -> Namespace:
        space = overlay(base, self._added.get(name, dict)(), forward=name in _FORWARDED)
        find = kept_names(space)["_find"]

        def find_child(child: str) -> Any:
            """Finds a submodule."""
            if f"{name}.{child}" in self._overlaid or f"{name}.{child}" in _MOVED:
                with suppress(ModuleNotFoundError):  # gone from the library that is installed
                    return self.find(f"{name}.{child}")
            return find(child)

        kept_names(space)["_find"] = find_child
        return space

    def stand_in(self, name: str, error: ModuleNotFoundError) -> ModuleType | None:
        """Returns what stands for a module that Python 3 does not have; None for other modules."""
        if name not in RENAMED or not f"{name}.".startswith(f"{error.name}."):
            return None
        if name not in self._modules:
            present = RENAMED[name]
            if isinstance(present, str):
                self._modules[name] = self.find(present)
            else:
                self._modules[name] = ModuleType(name)
                vars(self._modules[name]).update(present())
        return self._modules[name]


def _is_installed(name: str) -> bool:
    return name in sys.modules or importlib.util.find_spec(name) is not None


def _import(name: str) -> ModuleType:
    if name in _OWN:
        return ModuleType(name)
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
        """Finds a name of the module."""
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        raise AttributeError(f"{name}.{attribute} was not found{asking_line()}: SciPy is not installed, or has it no more.")

    return Namespace(name, find, tuple)
