"""Classes of Python 2: their special methods under today's names."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from exporter.tf1.surface.python2.order import cmp

__all__ = ["OLD_SPECIAL_METHODS", "python2_class"]

_RENAMED = {"__div__": "__truediv__", "__rdiv__": "__rtruediv__", "__idiv__": "__itruediv__", "__nonzero__": "__bool__",
            "next": "__next__"}
_COMPARISONS: dict[str, Callable[[int], bool]] = {
    "__lt__": lambda order: order < 0, "__le__": lambda order: order <= 0, "__gt__": lambda order: order > 0,
    "__ge__": lambda order: order >= 0, "__eq__": lambda order: order == 0, "__ne__": lambda order: order != 0}
OLD_SPECIAL_METHODS = frozenset({*_RENAMED, "__cmp__", "__getslice__", "__setslice__", "__unicode__"})
"""What Python 2 called, and Python 3 doesn't."""


def python2_class(cls: Any) -> Any:
    """Gives a class what Python 3 calls for the special methods that it defines, and returns it.

    ``/`` calls `__div__`, comparisons `__cmp__`, ``x[1:2]`` `__getslice__`; `__nonzero__` and `next` are `__bool__` and
    `__next__`. With `__unicode__`, which gives text, that is what `str` gives.
    """
    own = dict(vars(cls))
    added = {new: own[old] for old, new in _RENAMED.items() if old in own and new not in own}
    if "__unicode__" in own:
        added["__str__"] = own["__unicode__"]
    if "__cmp__" in own:
        added.update({name: _comparison(wanted) for name, wanted in _COMPARISONS.items() if name not in own})
        if own.get("__hash__") is None and "__eq__" not in own:
            added["__hash__"] = object.__hash__
    for old, new in (("__getslice__", "__getitem__"), ("__setslice__", "__setitem__")):
        if old in own:
            added[new] = _with_slices(own[old], getattr(cls, new, None))
    for name, value in added.items():
        setattr(cls, name, value)
    return cls


def _comparison(wanted: Callable[[int], bool]) -> Callable[[Any, Any], bool]:
    def compare_by_cmp(self: Any, other: Any) -> bool:
        """Compares as `__cmp__` says."""
        return wanted(cmp(self, other))

    return compare_by_cmp


def _with_slices(with_limits: Callable[..., Any], with_key: Callable[..., Any] | None) -> Callable[..., Any]:
    """`__getitem__` (or `__setitem__`), which calls `__getslice__` (`__setslice__`) for slices without a step."""

    def at_key(self: Any, key: Any, *value: Any) -> Any:
        """Takes a slice by `__getslice__`."""
        if isinstance(key, slice) and key.step is None:
            limits = [0 if key.start is None else key.start, sys.maxsize if key.stop is None else key.stop]
            limits = [limit + len(self) if limit < 0 else limit for limit in limits]
            return with_limits(self, *limits, *value)
        if with_key is None:
            raise TypeError(f"{type(self).__name__} takes slices only.")
        return with_key(self, key, *value)

    return at_key
