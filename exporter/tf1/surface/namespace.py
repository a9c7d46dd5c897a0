"""Modules that stand before other modules: they look their names up there, when somebody asks."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any

__all__ = ["NOT_THERE", "Namespace", "is_fixed", "kept_names", "overlay"]

NOT_THERE: Any = object()
"""What a lookup returns for a name that it doesn't have."""


_MODULE_DICT = vars(ModuleType)["__dict__"]


def kept_names(module: ModuleType) -> dict[str, Any]:
    """Returns a module's own dictionary; of a `Namespace`, the names that were found so far."""
    names: dict[str, Any] = _MODULE_DICT.__get__(module)
    return names


class Namespace(ModuleType):
    """A module whose attributes are found by a function, and kept.

    Args:
        name: the module's ``__name__``.
        find: attribute -> value; raises AttributeError.
        names: returns the attributes that there are, for ``dir`` and ``from module import *``.
        keep: whether a value that was found may be kept: not where it may change behind the namespace.

    What code assigns to it stays in it: nobody else sees it.
    """

    def __init__(self, name: str, find: Callable[[str], Any], names: Callable[[], Iterable[str]],
                 keep: Callable[[Any], bool] = lambda value: True) -> None:
        super().__init__(name)
        kept_names(self).update(__path__=[], _find=find, _names=names, _keep=keep)

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":
            return [name for name in dir(self) if not name.startswith("_")]
        value = kept_names(self)["_find"](name)
        if kept_names(self)["_keep"](value):
            kept_names(self)[name] = value
        return value

    def __dir__(self) -> list[str]:
        return sorted({*kept_names(self)["_names"](), *kept_names(self)} - {"_find", "_names", "_keep"})

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]
        """All names with their values, for code that searches a module (``tf.contrib.rnn.__dict__.values()``); a copy."""
        found = ((name, getattr(self, name, NOT_THERE)) for name in dir(self))
        return {name: value for name, value in found if value is not NOT_THERE}


class _ForwardingNamespace(Namespace):
    """A namespace whose assignments reach the module behind it (``sys.stdout = ...``)."""

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(kept_names(self)["_base"], name, value)


def overlay(base: ModuleType, added: Mapping[str, Any], forward: bool = False) -> Namespace:
    """Returns a module that has what ``base`` has, and besides it, or in its place, the ``added`` names.

    Args:
        base: the module behind it, which stays as it is.
        added: name -> value.
        forward: whether assignments change ``base``; nothing is kept then.
    """

    def find(name: str) -> Any:
        """Finds an added name, or one of the base."""
        return added[name] if name in added else getattr(base, name)

    kind = _ForwardingNamespace if forward else Namespace
    space = kind(base.__name__, find, lambda: {*dir(base), *added}, (lambda value: False) if forward else is_fixed)
    kept_names(space).update({name: value for name, value in vars(base).items() if name in _COPIED}, _base=base)
    if hasattr(base, "__all__"):
        kept_names(space)["__all__"] = added.get("__all__") or sorted({*base.__all__, *_starred(added)})
    return space


def _starred(added: Mapping[str, Any]) -> Iterable[str]:
    """The added names that ``from module import *`` binds: not over Python's own, as `np.int` and `np.float` would be."""
    return (name for name in added if not name.startswith("_") and not hasattr(builtins, name))


def is_fixed(value: Any) -> bool:
    """Whether a module's value is a definition (function, class, module), which doesn't change like a setting may."""
    return callable(value) or isinstance(value, ModuleType)


_COPIED = ("__doc__", "__file__", "__package__", "__spec__", "__path__", "__version__")
