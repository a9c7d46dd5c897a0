"""Modules that no Python 3 could import, and what they import: it ran under Python 2 too, whatever it looks like."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

__all__ = ["Python2Importers"]


class Python2Importers:
    """Knows the modules that are Python 2 beyond doubt, and whether one of them is importing."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._threads = threading.local()

    def add(self, name: str) -> None:
        """Adds a module."""
        self._names.add(name)

    @property
    def is_importing(self) -> bool:
        """Whether the import under way, in this thread, is that of such a module."""
        return getattr(self._threads, "is_importing", False)

    @contextmanager
    def importing(self, globals: Mapping[str, Any] | None) -> Iterator[None]:
        """Runs an import in the block.

        Args:
            globals: the names of the module that imports.
        """
        before = self.is_importing
        self._threads.is_importing = bool(globals) and (globals or {}).get("__name__") in self._names
        try:
            yield
        finally:
            self._threads.is_importing = before
