"""`keras.legacy.interfaces` of Keras 2: decorators by which layers took the arguments of Keras 1 too.

Here they leave the decorated function as it is: the arguments of Keras 2 do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

_Function = TypeVar("_Function")


def __getattr__(name: str) -> Callable[[_Function], _Function]:
    """Returns the decorator of a name such as ``legacy_add_weight_support``."""
    if not name.startswith("legacy_"):
        raise AttributeError(name)
    return _unchanged


def _unchanged(function: _Function) -> _Function:
    return function
