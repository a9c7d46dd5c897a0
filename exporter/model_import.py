"""Importing a model's module: once, or anew for each graph where the module's own state belongs to one graph."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from exporter.lazy_tensorflow import tf
from exporter.python_object import load_object
from exporter.source_files import is_installed


class ImportedModel:
    """What was imported by its name: a class, function or object, with the same attributes.

    A module that adds to the current graph when it is imported (``phase_train = tf.placeholder(tf.bool)``), or keeps tensors
    between calls, is of use in one graph only. It can be imported once more for each graph that the model is built in:
    there, it is what it was in the program that has trained it.

    Args:
        first: what the first import gave.
        import_anew: imports it into the current default graph.
        is_bound: whether it is imported anew for every graph.
    """

    def __init__(self, first: Any, import_anew: Callable[[], Any], is_bound: bool) -> None:
        self._first, self._import_anew, self.is_bound = first, import_anew, is_bound
        named = first if hasattr(first, "__qualname__") else type(first)
        self.__module__, self.__qualname__ = named.__module__, named.__qualname__

    def for_this_graph(self) -> Any:
        """Returns what can be built in the current default graph.

        Raises:
            ModelError: a module raised when it was imported anew.
        """
        return self._import_anew() if self.is_bound else self._first

    def bound(self) -> ImportedModel:
        """Returns the same, imported anew for every graph."""
        return ImportedModel(self._first, self._import_anew, is_bound=True)

    def apply(self, function: Callable[[Any], Any]) -> ImportedModel:
        """Returns what ``function`` makes of it, now and after each import."""
        return ImportedModel(function(self._first), lambda: function(self._import_anew()), self.is_bound)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._first, name)


def import_model(spec: str) -> ImportedModel:
    """Imports what ``spec`` names.

    Raises:
        UsageError: ``spec`` is not of the form ``package.module:attribute`` or ``path/to/file.py:attribute``.
        ModelError: the module or the attribute is not there, or the module raised on import.
    """
    others, operations = frozenset(sys.modules), _operation_count()
    first = load_object(spec, "model")
    return ImportedModel(first, lambda: _import_anew(spec, others), is_bound=_operation_count() > operations)


def _operation_count() -> int:
    """Of the current default graph."""
    return len(tf.get_default_graph().get_operations()) if "tensorflow" in sys.modules else 0


def _import_anew(spec: str, others: Collection[str]) -> Any:
    """Imports once more all but ``others``, the modules that were there before the first import, and installed packages."""
    for name in [*sys.modules]:
        file = getattr(sys.modules[name], "__file__", None)
        if name not in others and file and not is_installed(Path(file).resolve()):
            del sys.modules[name]
    return load_object(spec, "model")
