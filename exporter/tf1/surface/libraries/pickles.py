"""Pickles in code below the roots: refused unless they are allowed, since loading one runs whatever code it holds.

This is a guard against accidents, no sandbox: it stands before the functions that the code's own imports give it
(`pickle`, `cPickle`, `np.load` and those of `pickle_readers`). Code that means to can get round it
(``sys.modules["pickle"]``, a library of its own that loads pickles), as it can do anything else.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from typing import Any

from exporter.errors import UsageError
from exporter.tf1.contrib.missing import asking_line

__all__ = ["pickle_names", "refuse_pickle"]


def refuse_pickle(what: str, read: str = "a pickle") -> UsageError:
    """Returns the error for code that loads a pickle without leave."""
    return UsageError(f"{what} would load {read}, and with it any code that is inside{asking_line()}.",
                      "If you trust the file, allow it with --allow_pickle.")


def pickle_names(allowed: Callable[[], bool]) -> dict[str, Any]:
    """Returns the names of `pickle` (and `cPickle`) that read, guarded, and those that write, to files of text too.

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
        data = _binary(file)
        if options or not _is_seekable(data):
            return pickle.load(data, **options)
        start = data.tell()
        try:
            return pickle.load(data)
        except UnicodeDecodeError:
            data.seek(start)
            return pickle.load(data, encoding="latin1")

    return {"load": load, "loads": loads, "_load": load, "_loads": loads,
            "Unpickler": _guarded(pickle.Unpickler, allowed), "_Unpickler": _guarded(vars(pickle)["_Unpickler"], allowed),
            "dump": _dump, "Pickler": _Pickler}


def _guarded(reader: Any, allowed: Callable[[], bool]) -> Any:
    """Returns a reader that needs leave."""

    class Unpickler(reader):  # type: ignore[misc]
        """`pickle.Unpickler`."""

        def __init__(self, file: Any, **options: Any) -> None:
            if not allowed():
                raise refuse_pickle("pickle.Unpickler")
            super().__init__(_binary(file), **options)
            self._file = file  # which would close itself

    return Unpickler


def _binary(file: Any) -> Any:
    """The bytes of a file: Python 2 opened files without a "b" on systems where that is the same."""
    if not isinstance(file, io.TextIOWrapper):
        return file
    if file.writable():
        file.flush()
    return file.buffer


def _dump(obj: Any, file: Any, *arguments: Any, **options: Any) -> None:
    """`pickle.dump`."""
    pickle.dump(obj, _binary(file), *arguments, **options)


class _Pickler(pickle.Pickler):
    """`pickle.Pickler`."""

    def __init__(self, file: Any, *arguments: Any, **options: Any) -> None:
        super().__init__(_binary(file), *arguments, **options)
        self._file = file


def _loads(data: bytes, options: dict[str, Any]) -> Any:
    try:
        return pickle.loads(data, **options)
    except UnicodeDecodeError:
        if options:
            raise
        return pickle.loads(data, encoding="latin1")


def _is_seekable(file: Any) -> bool:
    return isinstance(file, io.IOBase) and file.seekable()
