"""The builtins of Python 2 that Python 3 renamed or dropped."""

from __future__ import annotations

import functools
import importlib
import io
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from exporter.tf1.surface.namespace import Namespace
from exporter.tf1.surface.python2.builtin_functions import HIDDEN_BUILTINS
from exporter.tf1.surface.python2.order import cmp
from exporter.tf1.surface.python2.source import old_tree

__all__ = ["OLD_BUILTINS", "reload_module"]

class _FileType(type):
    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, io.IOBase)


class _File(metaclass=_FileType):
    """`file`: opens a file; every open file is an instance."""

    def __new__(cls, name: Any, mode: str = "r", buffering: int = -1) -> Any:
        """Returns what `open` does."""
        return _open(name, mode, buffering)


def _open(file: Any, mode: str = "r", *arguments: Any, **options: Any) -> Any:
    """`open`, which took a "U" in its mode (lines may end in any way, as they do today) until Python 3.10."""
    return open(file, mode.replace("U", "") or "r" if "U" in mode else mode, *arguments, **options)


def reload_module(module: ModuleType) -> ModuleType:
    """Reloads a module; the surface's own (`reload(sys)` before `sys.setdefaultencoding`) stay as they are."""
    is_own = isinstance(module, Namespace) or sys.modules.get(module.__name__) is not module
    return module if is_own else importlib.reload(module)


def _execfile(filename: str, globals: dict[str, Any] | None = None, locals: dict[str, Any] | None = None) -> None:
    """Runs a file under the surface; without ``globals``, in the caller's own."""
    caller = sys._getframe(1)
    names = caller.f_globals if globals is None else globals
    names.setdefault("__builtins__", caller.f_builtins)
    source = old_tree(Path(filename).read_bytes(), filename)
    code = compile(source.tree, filename, "exec", dont_inherit=True)
    exec(code, names, locals if globals is not None else caller.f_locals)


def _apply(function: Any, arguments: Any = (), keywords: Any = None) -> Any:
    """Returns ``function(*arguments, **keywords)``."""
    return function(*arguments, **(keywords or {}))


OLD_BUILTINS: dict[str, Any] = {
    "xrange": range, "unicode": str, "basestring": (str, bytes), "long": int, "raw_input": input, "unichr": chr,
    "reduce": functools.reduce, "cmp": cmp, "reload": reload_module, "execfile": _execfile, "file": _File, "apply": _apply,
    "intern": sys.intern, "buffer": memoryview, "StandardError": Exception, "open": _open, **HIDDEN_BUILTINS,
}
"""Name -> what stands for it today. `isinstance(text, basestring)` holds for text and for bytes, as it did."""
