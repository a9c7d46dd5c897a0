"""Names that TensorFlow moved to other modules, found again where tf-slim looks for them."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from exporter.tf1.import_hooks import after_import

__all__ = ["MOVED_NAMES", "find_moved_names", "mend_moved_names"]

MOVED_NAMES: Mapping[str, Mapping[str, str]] = {
    "tensorflow.python.ops.control_flow_ops": {
        "cond": "tensorflow.python.ops.cond:cond",
        "case": "tensorflow.python.ops.control_flow_case:case",
        "while_loop": "tensorflow.python.ops.while_loop:while_loop",
        "Assert": "tensorflow.python.ops.control_flow_assert:Assert",
    },
    "tensorflow.python.ops.array_ops": {
        "stack": "tensorflow.python.ops.array_ops_stack:stack",
        "unstack": "tensorflow.python.ops.array_ops_stack:unstack",
    },
    "tensorflow.python.framework.ops": {
        "Tensor": "tensorflow.python.framework.tensor:Tensor",
        "IndexedSlices": "tensorflow.python.framework.indexed_slices:IndexedSlices",
    },
    "tensorflow.python.ops.variable_scope": {
        "variable": "tensorflow.python.ops.variable_v1:VariableV1",
    },
}
"""Module of TensorFlow 1 -> name -> `"module:name"` today."""


def mend_moved_names() -> None:
    """Lets tf-slim find what TensorFlow cut out of its large modules.

    `array_ops.stack`, `array_ops.unstack` and `ops.IndexedSlices` left in TensorFlow 2.13; `ops.Tensor`,
    `variable_scope.variable` and `cond`, `case`, `while_loop` and `Assert` of `control_flow_ops` left in
    2.14. Without them the example decoder, `smart_cond` (batch normalization with a tensor as
    `is_training`), the metrics, the optimizers, `slim.learning` and `slim.local_variable` fail with
    `AttributeError: module 'tensorflow.python...' has no attribute ...`.
    """
    for module_name, moved in MOVED_NAMES.items():
        after_import(module_name, functools.partial(find_moved_names, moved=moved))


def find_moved_names(module: ModuleType, moved: Mapping[str, str]) -> None:
    """Makes the missing attributes of a module resolve to where they live now, on first use.

    Args:
        module: the module that had the names in older versions.
        moved: name -> `"package.module:name"`, its present place, imported only when the name is asked for.

    A name that the module has is never looked up elsewhere, and a module that has them all is left
    untouched.
    """
    if all(name in vars(module) for name in moved):
        return
    previous = vars(module).get("__getattr__")

    def find_moved_name(name: str) -> Any:
        """The module's ``__getattr__``: looks a name up in its new home."""
        if name in moved:
            home, _, present_name = moved[name].partition(":")
            value = getattr(importlib.import_module(home), present_name)
            setattr(module, name, value)
            return value
        if previous is not None:
            return previous(name)
        raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")

    setattr(module, "__getattr__", find_moved_name)  # noqa: B010 (PEP 562: a module's own __getattr__)
