"""The builtins of Python 2 that Python 3 renamed or dropped."""

from __future__ import annotations

import functools
import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from exporter.tf1.surface.namespace import Namespace

__all__ = ["AS_LIST", "CLASSIC_DIVISION", "EITHER_METHOD", "OLD_BUILTINS"]

AS_LIST = "__as_list__"
CLASSIC_DIVISION = "__classic_division__"
EITHER_METHOD = "__either_method__"
"""The builtins that Python 2 code is given: what makes lists, divides, and takes methods that dictionaries lost."""

_LAZY: tuple[Any, ...] = (range, map, filter, zip, type({}.keys()), type({}.values()), type({}.items()))


def _cmp(left: Any, right: Any) -> int:
    """Returns -1, 0 or 1, as Python 2's `cmp` does for numbers, strings and sequences."""
    return int(left > right) - int(left < right)


def _reload(module: ModuleType) -> ModuleType:
    """Reloads a module; the surface's own (`reload(sys)` before `sys.setdefaultencoding`) stay as they are."""
    return module if isinstance(module, Namespace) else importlib.reload(module)


def _execfile(filename: str, globals: dict[str, Any] | None = None, locals: dict[str, Any] | None = None) -> None:
    """Runs a file; without ``globals``, in the caller's own."""
    caller = sys._getframe(1)
    code = compile(Path(filename).read_bytes(), filename, "exec")
    exec(code, caller.f_globals if globals is None else globals, locals if globals is not None else caller.f_locals)


def _as_list(value: Any) -> Any:
    """Returns what Python 2's `range`, `map`, `filter`, `zip`, `keys`, `values` and `items` did; other values unchanged."""
    return list(value) if isinstance(value, _LAZY) else value


def _either_method(value: Any, old_name: str, new_name: str) -> Any:
    """Returns the method of the old name; where there is none, of the new one."""
    return getattr(value, old_name, None) or getattr(value, new_name)


def _apply(function: Any, arguments: Any = (), keywords: Any = None) -> Any:
    """Returns ``function(*arguments, **keywords)``."""
    return function(*arguments, **(keywords or {}))


def _classic_division(left: Any, right: Any) -> Any:
    """Returns ``left / right`` as Python 2 computes it: integers, NumPy's and tensors of them too, are rounded down."""
    if isinstance(left, int) and isinstance(right, int):
        return left // right
    if _is_integer(left) and _is_integer(right):
        return left // right
    return left / right


def _is_integer(value: Any) -> bool:
    dtype = getattr(value, "dtype", None)
    return isinstance(value, int) or getattr(dtype, "kind", "") in ("i", "u") or bool(getattr(dtype, "is_integer", False))


OLD_BUILTINS: dict[str, Any] = {
    "xrange": range, "unicode": str, "basestring": (str, bytes), "long": int, "raw_input": input, "unichr": chr,
    "reduce": functools.reduce, "cmp": _cmp, "reload": _reload, "execfile": _execfile, "file": open, "apply": _apply,
    "intern": sys.intern, "buffer": memoryview, "StandardError": Exception,
    AS_LIST: _as_list, CLASSIC_DIVISION: _classic_division, EITHER_METHOD: _either_method,
}
"""Name -> what stands for it today. `isinstance(text, basestring)` holds for text and for bytes, as it did."""
