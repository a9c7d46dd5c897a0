"""Values that follow from constants alone, as the parameters of a batch norm of single ops do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from exporter.graph.batch_norm.node_index import IDENTITIES, NodeIndex, data_inputs
from exporter.graph.node_names import tensor_name
from exporter.graph.tensor_spec import element_count, shape_from_proto
from exporter.lazy_tensorflow import NodeDef, tf

_LARGEST = 1 << 16  # elements; channels are fewer, and embeddings need not be computed with
_EVALUATED: Mapping[str, Callable[..., Any]] = {
    **dict.fromkeys(IDENTITIES, lambda value: value), "Add": np.add, "AddV2": np.add, "Sub": np.subtract, "Mul": np.multiply,
    "RealDiv": np.divide, "Neg": np.negative, "Sqrt": np.sqrt, "Rsqrt": lambda value: 1.0 / np.sqrt(value),
    "Square": np.square, "Maximum": np.maximum, "Reshape": lambda value, shape: np.reshape(value, shape.astype(int)),
}


class ConstantExpressions:
    """Evaluates tensors of a graph in double precision.

    Args:
        index: the graph.
    """

    def __init__(self, index: NodeIndex) -> None:
        self._index = index
        self._values: dict[str, Any] = {}

    def value(self, tensor: str) -> Any:
        """Returns the tensor's value as a float64 array, or None where it does not follow from small constants."""
        stack, opened = [tensor_name(tensor)], set()
        while stack:
            node = self._index.of(stack[-1])
            inputs = data_inputs(node) if node is not None and node.op in _EVALUATED else []
            missing = [name for name in inputs if name not in self._values and name not in opened]  # not around a loop
            if missing and stack[-1] not in self._values:
                opened.add(stack[-1])
                stack += missing
                continue
            name = stack.pop()
            if name not in self._values:
                self._values[name] = self._evaluate(node) if node is not None and name.endswith(":0") else None
        return self._values[tensor_name(tensor)]

    def has_root(self, tensor: str) -> bool:
        """Tells whether a reciprocal square root is part of the expression, as of a standard deviation."""
        node = self._index.of(tensor)
        return node is not None and self.value(tensor) is not None and (
            node.op == "Rsqrt" or any(map(self.has_root, data_inputs(node))))

    def _evaluate(self, node: NodeDef) -> Any:
        if node.op == "Const":
            return _constant(node.attr["value"].tensor)
        if node.op not in _EVALUATED:
            return None
        values = [self._values.get(tensor) for tensor in data_inputs(node)]
        if any(value is None for value in values):
            return None
        with np.errstate(all="ignore"):
            return _EVALUATED[node.op](*values)


def _constant(content: Any) -> Any:
    size = element_count(tuple(size or 0 for size in shape_from_proto(content.tensor_shape) or ()))
    kind = tf.as_dtype(content.dtype)
    is_real = kind.is_floating or kind.is_integer
    return tf.make_ndarray(content).astype(np.float64) if is_real and size <= _LARGEST else None
