"""Gradients of operations that code registers when it is imported, which may happen more than once in a process."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

__all__ = ["gradient_registration", "not_differentiable", "shape_registration"]


@functools.cache
def gradient_registration() -> type:
    """Returns `tf.RegisterGradient`: the same function of a module that is imported once more takes its own place.

    Raises, when it is called for another function, the KeyError that TensorFlow raises.
    """
    from tensorflow.python.framework import ops

    class RegisterGradient(ops.RegisterGradient):  # type: ignore[misc]
        """`tf.RegisterGradient`."""

        __slots__ = ()

        def __call__(self, f: Callable[..., Any]) -> Callable[..., Any]:
            registered = ops.gradient_registry._registry
            if self._op_type in registered and _origin(ops.gradient_registry.lookup(self._op_type)) == _origin(f):
                del registered[self._op_type]
            super().__call__(f)
            return f

    return RegisterGradient


@functools.cache
def not_differentiable() -> Callable[[str], None]:
    """Returns `tf.NotDifferentiable`, which may say the same of an operation twice."""
    from tensorflow.python.framework import ops

    def register(op_type: str) -> None:
        """Says that an operation has no gradient.

        Raises:
            KeyError: it has one.
        """
        registry = ops.gradient_registry
        if op_type not in registry.list() or registry.lookup(op_type) is not None:
            ops.NotDifferentiable(op_type)

    return register


def shape_registration(op_type: str) -> Callable[[Any], Any]:
    """Stands for `RegisterShape`, which does nothing since TensorFlow 1.0: shapes are the operation's own."""
    return lambda function: function


def _origin(function: Any) -> tuple[Any, ...]:
    """Where a function was defined: file, line and name; of other objects nothing but themselves."""
    code = getattr(function, "__code__", None)
    return (function,) if code is None else (code.co_filename, code.co_firstlineno, code.co_name)
