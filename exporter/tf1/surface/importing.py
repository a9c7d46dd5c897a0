"""The `__import__` of modules below the roots."""

from __future__ import annotations

import builtins
import functools
import importlib
import importlib.util
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from exporter.tf1.contrib.missing import missing_module, missing_name
from exporter.tf1.surface.libraries.old_modules import OldModules
from exporter.tf1.surface.names.tensorflow_names import TensorflowNames
from exporter.tf1.surface.namespace import Namespace, kept_names
from exporter.tf1.surface.python2.importers import Python2Importers

__all__ = ["SurfaceImports"]

_THIS_PACKAGE = __name__.partition(".")[0]
_PLACES = {"keras": "tensorflow.keras", "tensorflow_estimator.python": "tensorflow.python",
           "tensorflow_estimator": "tensorflow.estimator", "tensorflow.models.rnn": "tensorflow.python.ops"}
_NAMESAKE = f"{_THIS_PACKAGE}_of_tf1_root"


class SurfaceImports:
    """Imports as code below the roots sees them: TensorFlow 1.15, the old Python's modules, and all else as it is.

    Args:
        old_modules: the modules of old Python, NumPy and SciPy.
        find_namesake: (name, second name) -> the spec of a top-level module of that name below a root, to be loaded under
            the second name; None if there is none.
        python2: told of each import.
    """

    def __init__(self, old_modules: OldModules, find_namesake: Callable[[str, str], ModuleSpec | None],
                 python2: Python2Importers) -> None:
        self._python2 = python2
        self._tensorflow = TensorflowNames()
        self._old_modules = old_modules
        self._known: dict[str, tuple[ModuleType, ModuleType]] = {}
        self._find_namesake = functools.partial(find_namesake, _THIS_PACKAGE, _NAMESAKE)

    def import_(self, name: str, globals: Mapping[str, Any] | None = None, locals: Mapping[str, Any] | None = None,
                fromlist: Sequence[str] | None = (), level: int = 0) -> ModuleType:
        """Takes and returns what `builtins.__import__` does.

        Raises:
            MissingModuleError, MissingNameError: TensorFlow 1 or the surface has no such module or name.
        """
        if level:
            with self._python2.importing(globals):
                return builtins.__import__(name, globals, locals, fromlist or (), level)
        known = self._known.get(name)
        if known is None:
            top = name.partition(".")[0]
            if not self._is_ours(top):
                return self._plain_import(self._namesake(name), globals, locals, fromlist)
            known = self._known[name] = self._find(top), self._find(name)
        if not fromlist:
            return known[0]
        for wanted in fromlist:
            if wanted not in kept_names(known[1]) and wanted != "*":
                self._check_name(known[1], name, wanted)
        return known[1]

    def import_module(self, name: str, package: str | None = None) -> ModuleType:
        """Takes and returns what `importlib.import_module` does.

        Raises:
            MissingModuleError: TensorFlow 1 or the surface has no such module.
        """
        absolute = self._namesake(importlib.util.resolve_name(name, package))
        if self._is_ours(absolute.partition(".")[0]):
            return self._find(absolute)
        return self._plain_import(absolute, None, None, ("__name__",))

    def _namesake(self, name: str) -> str:
        """The user may have a module called as this package is (the tutorial's exporter.py): it goes by a second name."""
        top, dot, below = name.partition(".")
        if top != _THIS_PACKAGE or (specification := self._find_namesake()) is None:
            return name
        if _NAMESAKE not in sys.modules:
            module = sys.modules[_NAMESAKE] = importlib.util.module_from_spec(specification)
            try:
                assert specification.loader is not None
                specification.loader.exec_module(module)
            except BaseException:
                del sys.modules[_NAMESAKE]
                raise
        return f"{_NAMESAKE}{dot}{below}"

    def _is_ours(self, top: str) -> bool:
        return top in _PLACES or top == "tensorflow" or self._old_modules.has(top)

    def _find(self, name: str) -> ModuleType:
        top = name.partition(".")[0]
        if self._old_modules.has(top):
            return self._old_modules.find(name)
        place = next((place for place in _PLACES if f"{name}.".startswith(f"{place}.")), "")
        module = self._tensorflow.find(_PLACES[place] + name.removeprefix(place) if place else name)
        if module is None:
            raise missing_module(name)
        return module

    def _check_name(self, module: ModuleType, name: str, wanted: str) -> None:
        try:
            getattr(module, wanted)
        except AttributeError:
            try:
                setattr(module, wanted, self._find(f"{name}.{wanted}"))
            except ModuleNotFoundError:
                if isinstance(module, Namespace) and module.__name__.startswith("tensorflow"):
                    raise missing_name(f"{name}.{wanted}") from None

    def _plain_import(self, name: str, globals: Mapping[str, Any] | None, locals: Mapping[str, Any] | None,
                      fromlist: Sequence[str] | None) -> ModuleType:
        try:
            with self._python2.importing(globals):
                return builtins.__import__(name, globals, locals, fromlist or (), 0)
        except ModuleNotFoundError as error:
            wanted = name if fromlist else name.partition(".")[0]  # `import past.builtins` binds `past`
            stand_in = self._old_modules.stand_in(wanted, error) or _sibling(name, error, globals, fromlist)
            if stand_in is None:
                raise
            return stand_in


def _sibling(name: str, error: ModuleNotFoundError, globals: Mapping[str, Any] | None,
             fromlist: Sequence[str] | None) -> ModuleType | None:
    """The module of that name beside the one that imports it, in its package: Python 2 looked there too."""
    package = globals.get("__package__") if globals else None
    if not package or error.name != name.partition(".")[0]:
        return None
    try:
        return builtins.__import__(name, globals, None, fromlist or (), 1)
    except ModuleNotFoundError as relative_error:
        if relative_error.name == f"{package}.{error.name}":
            return None
        raise
