"""TensorFlow, imported on first use.

``import tensorflow`` takes seconds. Every module of this package writes ``from exporter.lazy_tensorflow import tf`` and
uses ``tf`` as if it were ``tensorflow.compat.v1``; the import happens at the first attribute that is asked for. So
``--help``, a bad flag, and reading a checkpoint's index answer at once.

The type names below stand for TensorFlow's own classes, which carry no type information.
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any, TypeAlias

Tensor: TypeAlias = Any
Graph: TypeAlias = Any
GraphDef: TypeAlias = Any
NodeDef: TypeAlias = Any
FunctionDef: TypeAlias = Any
MetaGraphDef: TypeAlias = Any
SaverDef: TypeAlias = Any
SignatureDef: TypeAlias = Any


class _LazyModule(ModuleType):
    """Imports the module of its name when the first attribute is read."""

    def __getattr__(self, attribute: str) -> Any:
        value = getattr(importlib.import_module(self.__name__), attribute)
        setattr(self, attribute, value)
        return value


tf: Any = _LazyModule("tensorflow.compat.v1")
