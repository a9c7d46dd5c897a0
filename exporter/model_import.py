"""Importing a model's module: once, or anew for each graph where the module's own state belongs to one graph."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from exporter.lazy_tensorflow import tf
from exporter.python_object import load_object
from exporter.source_files import is_installed

_modules_of_models: set[str] = set()
_modules_of_graphs: set[str] = set()  # those of them whose import added to a graph


class ImportedModel:
    """What was imported by its name: a class, function or object, with the same attributes.

    A module that adds to the current graph when it is imported (``phase_train = tf.placeholder(tf.bool)``), or keeps tensors
    between calls, is of use in one graph only. It can be imported once more for each graph that the model is built in:
    there, it is what it was in the program that has trained it.

    Args:
        first: what the first import gave.
        import_anew: imports it into the current default graph.
        location: what is before the colon of its name.
    """

    def __init__(self, first: Any, import_anew: Callable[[], Any], location: str) -> None:
        self._first, self._import_anew, self._location = first, import_anew, location
        named = first if hasattr(first, "__qualname__") else type(first)
        self.__module__, self.__qualname__ = named.__module__, named.__qualname__

    @property
    def is_bound(self) -> bool:
        """Whether it is imported anew for every graph."""
        return self._location in _modules_of_graphs

    def for_this_graph(self) -> Any:
        """Returns what can be built in the current default graph.

        Raises:
            ModelError: a module raised when it was imported anew.
        """
        return self._import_anew() if self.is_bound else self._first

    def bind(self) -> None:
        """Lets it be imported anew for every graph from now on: what its modules keep has turned out to matter."""
        _modules_of_graphs.add(self._location)

    def apply(self, function: Callable[[Any], Any]) -> ImportedModel:
        """Returns what ``function`` makes of it, now and after each import."""
        return ImportedModel(function(self._first), lambda: function(self._import_anew()), self._location)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "_location":  # not there yet in a copy
            raise AttributeError(name)
        return getattr(self._first, name)


def import_model(spec: str) -> ImportedModel:
    """Imports what ``spec`` names.

    Raises:
        UsageError: ``spec`` is not of the form ``package.module:attribute`` or ``path/to/file.py:attribute``.
        ModelError: the module or the attribute is not there, or the module raised on import.
    """
    others = frozenset(sys.modules) - _modules_of_models
    first = import_for_model(spec, "model")
    return ImportedModel(first, lambda: _import_anew(spec, others), _location_of(spec))


def import_for_model(spec: str, role: str) -> Any:
    """Imports what ``spec`` names, and notes what came with it, and whether that added to the current default graph.

    Args:
        spec: ``package.module:attribute`` or ``path/to/file.py:attribute``.
        role: what the object is for, the name of its flag ("model").

    Raises:
        UsageError: ``spec`` is not of that form.
        ModelError: the module or the attribute is not there, or the module raised on import.
    """
    others, operations = frozenset(sys.modules), _operation_count()
    found = load_object(spec, role)
    new = sys.modules.keys() - others
    _modules_of_models.update(new)
    if _operation_count() > operations:
        _modules_of_graphs.update(new, [_location_of(spec)])
    return found


def _location_of(spec: str) -> str:
    return spec.rpartition(":")[0]


def _operation_count() -> int:
    """Of the current default graph."""
    return len(tf.get_default_graph().get_operations()) if "tensorflow" in sys.modules else 0


def _import_anew(spec: str, others: Collection[str]) -> Any:
    """Imports once more all but ``others``, the modules that were there before the first import, and installed packages."""
    files = {name: getattr(module, "__file__", None) for name, module in sys.modules.items() if name not in others}
    forgotten = {name for name, file in files.items() if file and not is_installed(Path(file).resolve())}
    for name in forgotten:
        del sys.modules[name]
    _forget_gradients(forgotten)
    return load_object(spec, "model")


def _forget_gradients(modules: Collection[str]) -> None:
    """Lets modules register their gradients anew, which TensorFlow refuses the second time."""
    from tensorflow.python.framework import ops

    registry = ops.gradient_registry
    for name in [*registry.list()]:
        if getattr(registry.lookup(name), "__module__", None) in modules:
            del registry._registry[name]
