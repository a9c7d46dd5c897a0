"""Floating-point operations of a graph, by the shapes of its convolutions and matrix products.

A multiply-add counts as two, as in TensorFlow's own profiler (``ProfileOptionBuilder.float_operation``, whose formulas are
registered beside the ops: nn_ops.py, math_ops.py). Other ops are left out: in usual networks they are a few per cent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from exporter.graph.output_search.op_kinds import PLACEHOLDERS
from exporter.graph.tensor_spec import Shape, element_count, format_shape
from exporter.inspection.placeholders import placeholder_shape
from exporter.inspection.shapes import UnknownShapesError, is_stand_in, unknown_inputs, with_shapes
from exporter.lazy_tensorflow import GraphDef

_BATCH_SIZE = 1
_MOST_NAMED = 3


@dataclass(frozen=True)
class Flops:
    """How much one run of the inference path computes.

    Attributes:
        total: floating-point operations; None where a shape is not known.
        by_op: the same by kind of op.
        note: the shapes that it holds for, or why there is no number.
        loops: whether the path has loops, whose bodies are counted once.
    """

    total: int | None
    by_op: Mapping[str, int] = field(default_factory=dict)
    note: str = ""
    loops: bool = False


def count_flops(path: GraphDef, input_shapes: Mapping[str, Shape]) -> Flops:
    """Counts the operations of an inference path.

    Args:
        path: the graph, pruned to its outputs.
        input_shapes: placeholder -> shape, for those whose own is not what is wanted. A free batch counts as 1.
    """
    try:
        graph = with_shapes(path, input_shapes, _BATCH_SIZE)
    except UnknownShapesError as error:
        return Flops(None, note=f"unknown: {error}")
    by_op: dict[str, int] = {}
    for operation in graph.get_operations():
        if operation.type in _COUNTERS:
            count = _count(operation)
            if count is None:
                return Flops(None, note=_why_unknown(path, input_shapes, operation.name))
            by_op[operation.type] = by_op.get(operation.type, 0) + count
    loops = any(node.op in ("Enter", "RefEnter", "While", "StatelessWhile") for node in path.node)
    return Flops(sum(by_op.values()), dict(sorted(by_op.items())), _assumption(path, input_shapes), loops)


def _assumption(path: GraphDef, input_shapes: Mapping[str, Shape]) -> str:
    """The shapes of the inputs, for which the number holds."""
    found = []
    for node in path.node:
        if node.op in PLACEHOLDERS and not is_stand_in(node):
            shape = input_shapes.get(node.name, placeholder_shape(node, path.versions.producer))
            if shape:
                sizes = shape if node.name in input_shapes else (shape[0] or _BATCH_SIZE, *shape[1:])
                found.append(f"{node.name} {format_shape(sizes)}")
    left_out = ", ..." if len(found) > _MOST_NAMED else ""
    return ", ".join(found[:_MOST_NAMED]) + left_out or "the shapes in the graph"


def _why_unknown(path: GraphDef, input_shapes: Mapping[str, Shape], operation: str) -> str:
    inputs = unknown_inputs(path, input_shapes)
    if not inputs:
        return f"unknown: the shapes at {operation} are not known"
    named = ", ".join(f"{name} {format_shape(shape)}" for name, shape in inputs[:_MOST_NAMED])
    name, shape = inputs[0]
    example = ",".join("1" if number == 0 else "224" if size is None else str(size) for number, size in enumerate(shape)
                       ) if shape else "1,224,224,3"
    return f"unknown for inputs of shape {named}; give --input_shape {name}={example}"


def _count(operation: Any) -> int | None:
    """Counts one op; None where a shape is unknown."""
    inputs = [_sizes(tensor) for tensor in operation.inputs]
    output = _sizes(operation.outputs[0])
    try:
        return _COUNTERS[operation.type](operation, inputs, output)
    except (_UnknownSizeError, TypeError):
        return None


class _UnknownSizeError(Exception):
    """A shape that a formula needs is not known."""


class _Sizes:
    """A shape of which the known part can be used."""

    def __init__(self, sizes: list[int | None] | None) -> None:
        self._sizes = sizes

    def __getitem__(self, index: int) -> int:
        size = self._sizes[index] if self._sizes is not None and -len(self._sizes) <= index < len(self._sizes) else None
        if size is None:
            raise _UnknownSizeError
        return size

    @property
    def count(self) -> int:
        if self._sizes is None:
            raise _UnknownSizeError
        return element_count(tuple(self[index] for index in range(len(self._sizes))))

    def first(self, number: int) -> int:
        """Product of the first sizes."""
        return element_count(tuple(self[index] for index in range(number)))


def _sizes(tensor: Any) -> _Sizes:
    return _Sizes(None if tensor.shape.rank is None else tensor.shape.as_list())


def _convolution(spatial: int) -> Callable[[Any, list[_Sizes], _Sizes], int]:
    """Each output value is a sum over the kernel and the channels that it sees: filter [..., in, out]."""
    return lambda operation, inputs, output: 2 * output.count * inputs[1].first(spatial + 1)


def _transposed(operation: Any, inputs: list[_Sizes], output: _Sizes) -> int:
    """``conv2d_transpose``: each input value goes through the kernel to all output channels: filter [h, w, out, in]."""
    return 2 * inputs[2].count * inputs[1].first(3)


def _transposed_3d(operation: Any, inputs: list[_Sizes], output: _Sizes) -> int:
    return 2 * inputs[2].count * inputs[1].first(4)


def _depthwise(operation: Any, inputs: list[_Sizes], output: _Sizes) -> int:
    return 2 * output.count * inputs[1].first(2)


def _matrix_product(operation: Any, inputs: list[_Sizes], output: _Sizes) -> int:
    return 2 * output.count * inputs[0][0 if operation.get_attr("transpose_a") else 1]


def _batch_matrix_product(operation: Any, inputs: list[_Sizes], output: _Sizes) -> int:
    return 2 * output.count * inputs[0][-2 if operation.get_attr("adj_x") else -1]


_COUNTERS: dict[str, Callable[[Any, list[_Sizes], _Sizes], int]] = {
    "Conv2D": _convolution(2), "Conv3D": _convolution(3), "DepthwiseConv2dNative": _depthwise,
    "Conv2DBackpropInput": _transposed, "Conv3DBackpropInputV2": _transposed_3d, "MatMul": _matrix_product,
    "BatchMatMul": _batch_matrix_product, "BatchMatMulV2": _batch_matrix_product, "BatchMatMulV3": _batch_matrix_product,
}
COUNTED_OPS = frozenset(_COUNTERS)
"""The ops that are counted."""
