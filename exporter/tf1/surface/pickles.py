"""Pickles in code below the roots: refused unless they are allowed, since loading one runs whatever code it holds."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from typing import Any

from exporter.errors import UsageError
from exporter.tf1.contrib.missing import asking_line

__all__ = ["pickle_names", "refuse_pickle"]


def refuse_pickle(what: str) -> UsageError:
    """Returns the error for code that loads a pickle without leave."""
    return UsageError(f"{what} would load a pickle, and with it any code that is inside{asking_line()}.",
                      "If you trust the file, allow it with --allow_pickle.")


def pickle_names(allowed: Callable[[], bool]) -> dict[str, Any]:
    """Returns the names of `pickle` (and `cPickle`) that read, guarded.

    Args:
        allowed: tells whether pickles may be loaded.

    Strings that Python 2 pickled, and NumPy arrays among them, are read as latin-1 where they are no ASCII; without that,
    `pickle.load` raises UnicodeDecodeError for nearly every file of weights from Python 2.
    """

    def loads(data: bytes, /, **options: Any) -> Any:
        """`pickle.loads`."""
        if not allowed():
            raise refuse_pickle("pickle.loads")
        return _loads(data, options)

    def load(file: Any, **options: Any) -> Any:
        """`pickle.load`."""
        if not allowed():
            raise refuse_pickle("pickle.load")
        if isinstance(file, io.TextIOWrapper):  # Python 2 opened files without "rb" on systems where that is the same
            return load(file.buffer, **options)
        if options or not _is_seekable(file):
            return pickle.load(file, **options)
        start = file.tell()
        try:
            return pickle.load(file)
        except UnicodeDecodeError:
            file.seek(start)
            return pickle.load(file, encoding="latin1")

    class Unpickler(pickle.Unpickler):
        """`pickle.Unpickler`."""

        def __init__(self, *arguments: Any, **options: Any) -> None:
            if not allowed():
                raise refuse_pickle("pickle.Unpickler")
            super().__init__(*arguments, **options)

    return {"load": load, "loads": loads, "Unpickler": Unpickler}


def _loads(data: bytes, options: dict[str, Any]) -> Any:
    try:
        return pickle.loads(data, **options)
    except UnicodeDecodeError:
        if options:
            raise
        return pickle.loads(data, encoding="latin1")


def _is_seekable(file: Any) -> bool:
    return isinstance(file, io.IOBase) and file.seekable()
