"""What code below the roots loads by paths and names: `imp`, `importlib`, `runpy` and `pydoc`.

What such code loads by its path is TensorFlow 1 code too, wherever it lies, but for what is installed: it is translated, and
sees what the code sees that loads it.
"""

from __future__ import annotations

import builtins
import functools
import importlib
import importlib.util
import os
import sys
from collections.abc import Callable, Mapping
from importlib.abc import Loader
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader, ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType
from typing import Any

from exporter.tf1.surface.python2.renamed_builtins import reload_module

__all__ = ["FileLoaders", "loading_overlays", "locate"]

FileLoaders = Callable[[str, str], Loader | None]
"""(name, path) -> the surface's loader for a file; None where the file is none of the user's."""

_PY_SOURCE, _PY_COMPILED, _C_EXTENSION, _PKG_DIRECTORY = 1, 2, 3, 5


def loading_overlays(file_loader: FileLoaders) -> Mapping[str, Callable[[], dict[str, Any]]]:
    """Returns, for each of these modules, the names that load files: module -> function that returns them."""
    imp = _Imp(file_loader)
    return {
        "imp": imp.names, "importlib": lambda: {"reload": reload_module},
        "importlib.util": lambda: {"spec_from_file_location": imp.spec_from_file_location},
        "importlib.machinery": lambda: {"SourceFileLoader": imp.source_file_loader},
        "runpy": lambda: {"run_path": imp.run_path}}


def locate(import_module: Callable[[str], ModuleType], path: str, forceload: bool = False) -> Any:
    """`pydoc.locate`: the object of a dotted name, or None.

    Args:
        import_module: what the code has as `importlib.import_module`.
        path: the name, ``tensorflow.layers.average_pooling1d``.
        forceload: not heeded.
    """
    parts = path.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: Any = import_module(".".join(parts[:length]))
        except ImportError:
            continue
        try:
            return functools.reduce(getattr, parts[length:], found)
        except AttributeError:
            return None
    return getattr(builtins, path, None)


class _Imp:
    """The functions that load files."""

    def __init__(self, file_loader: FileLoaders) -> None:
        self._file_loader = file_loader

    def names(self) -> dict[str, Any]:
        """The names of `imp`, which Python 3.12 removed."""
        suffixes = [*((suffix, "rb", _C_EXTENSION) for suffix in EXTENSION_SUFFIXES), (".py", "r", _PY_SOURCE)]
        return {
            "load_source": self.load_source, "find_module": _find_module, "load_module": self.load_module,
            "load_dynamic": _load_dynamic, "reload": reload_module, "new_module": ModuleType,
            "get_suffixes": lambda: suffixes, "acquire_lock": lambda: None, "release_lock": lambda: None,
            "lock_held": lambda: False, "PY_SOURCE": _PY_SOURCE, "PY_COMPILED": _PY_COMPILED,
            "C_EXTENSION": _C_EXTENSION, "PKG_DIRECTORY": _PKG_DIRECTORY}

    def source_file_loader(self, fullname: str, path: Any) -> Loader:
        """`importlib.machinery.SourceFileLoader`."""
        return self._file_loader(fullname, os.fspath(path)) or SourceFileLoader(fullname, os.fspath(path))

    def spec_from_file_location(self, name: str, location: Any = None, *, loader: Any = None,
                                **options: Any) -> ModuleSpec | None:
        """`importlib.util.spec_from_file_location`."""
        if loader is None and location is not None and os.fspath(location).endswith(".py"):
            loader = self.source_file_loader(name, location)
        return importlib.util.spec_from_file_location(name, location, loader=loader, **options)

    def load_source(self, name: str, pathname: Any, file: Any = None) -> ModuleType:
        """`imp.load_source`."""
        return _load(name, os.fspath(pathname), self.source_file_loader(name, pathname))

    def load_module(self, name: str, file: Any, filename: Any, details: tuple[str, str, int]) -> ModuleType:
        """`imp.load_module`, of what `imp.find_module` found."""
        if details[2] == _PKG_DIRECTORY:
            return self.load_source(name, os.path.join(filename, "__init__.py"))
        return self.load_source(name, filename) if details[2] == _PY_SOURCE else _load_dynamic(name, filename)

    def run_path(self, path_name: Any, init_globals: Mapping[str, Any] | None = None,
                 run_name: str | None = None) -> dict[str, Any]:
        """`runpy.run_path`, of a file."""
        module = ModuleType(run_name or "<run_path>")
        vars(module).update(init_globals or {}, __file__=os.fspath(path_name))
        self.source_file_loader(module.__name__, path_name).exec_module(module)
        return dict(vars(module))


def _load(name: str, path: str, loader: Loader) -> ModuleType:
    specification = importlib.util.spec_from_file_location(name, path, loader=loader)
    assert specification is not None
    module = sys.modules[name] = importlib.util.module_from_spec(specification)
    try:
        loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return sys.modules[name]


def _load_dynamic(name: str, path: Any, file: Any = None) -> ModuleType:
    """`imp.load_dynamic`."""
    return _load(name, os.fspath(path), ExtensionFileLoader(name, os.fspath(path)))


def _find_module(name: str, path: Any = None) -> tuple[Any, str, tuple[str, str, int]]:
    """`imp.find_module`.

    Raises:
        ImportError: there is no such module.
    """
    found = PathFinder.find_spec(name, path)
    if found is None or (found.origin is None and not found.submodule_search_locations):
        raise ImportError(f"No module named {name!r}", name=name)
    if found.submodule_search_locations:
        return None, next(iter(found.submodule_search_locations)), ("", "", _PKG_DIRECTORY)
    file = str(found.origin)
    if file.endswith(".py"):
        return open(file, encoding="utf-8", errors="surrogateescape"), file, (".py", "r", _PY_SOURCE)
    return open(file, "rb"), file, (os.path.splitext(file)[1], "rb", _C_EXTENSION)
