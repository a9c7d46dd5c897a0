"""Data types by TensorFlow's names, and a tensor's name, type and shape, without TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from exporter.errors import UsageError
from exporter.lazy_tensorflow import Tensor

Shape: TypeAlias = tuple[int | None, ...]
"""Dimensions, None where unknown."""

# tensorflow/core/framework/types.proto: (enum value, name, bytes per element; None for variable-length types)
_DATA_TYPES: tuple[tuple[int, str, int | None], ...] = (
    (1, "float32", 4), (2, "float64", 8), (3, "int32", 4), (4, "uint8", 1), (5, "int16", 2), (6, "int8", 1),
    (7, "string", None), (8, "complex64", 8), (9, "int64", 8), (10, "bool", 1), (11, "qint8", 1), (12, "quint8", 1),
    (13, "qint32", 4), (14, "bfloat16", 2), (15, "qint16", 2), (16, "quint16", 2), (17, "uint16", 2),
    (18, "complex128", 16), (19, "float16", 2), (20, "resource", None), (21, "variant", None), (22, "uint32", 4),
    (23, "uint64", 8), (24, "float8_e5m2", 1), (25, "float8_e4m3fn", 1), (29, "int4", 1), (30, "uint4", 1),
)
_NAME_BY_ENUM = {value: name for value, name, _ in _DATA_TYPES}
_ENUM_BY_NAME = {name: value for value, name, _ in _DATA_TYPES}
_SIZE_BY_NAME = {name: size for _, name, size in _DATA_TYPES}
_REFERENCE_OFFSET = 100  # DT_FLOAT_REF = DT_FLOAT + 100


def dtype_name(enum: int) -> str:
    """Returns the name of a ``DataType`` value ("float32"); reference types count as their base type."""
    return _NAME_BY_ENUM.get(enum % _REFERENCE_OFFSET, f"DataType({enum})")


def dtype_enum(name: str) -> int:
    """Returns the ``DataType`` value of a name.

    Raises:
        UsageError: there is no data type of this name.
    """
    try:
        return _ENUM_BY_NAME[name]
    except KeyError:
        raise UsageError(f"There is no data type {name!r}.", f"Known: {', '.join(sorted(_ENUM_BY_NAME))}.") from None


def dtype_size(name: str) -> int | None:
    """Returns the bytes of one element; None for strings, resources and variants."""
    return _SIZE_BY_NAME.get(name)


def element_count(shape: tuple[int, ...]) -> int:
    """Returns the number of elements of a fully known shape."""
    count = 1
    for dimension in shape:
        count *= dimension
    return count


def format_shape(shape: Shape | None) -> str:
    """Returns ``[?, 28, 28, 3]``, or ``unknown`` for an unknown rank."""
    if shape is None:
        return "unknown"
    return "[" + ", ".join("?" if dimension is None else str(dimension) for dimension in shape) + "]"


def shape_from_proto(proto: Any) -> Shape | None:
    """Converts a ``TensorShapeProto``."""
    if proto.unknown_rank:
        return None
    return tuple(None if dimension.size < 0 else dimension.size for dimension in proto.dim)


@dataclass(frozen=True)
class TensorSpec:
    """A tensor of a graph: its name (``scope/op:0``), data type and shape."""

    name: str
    dtype: str
    shape: Shape | None

    @classmethod
    def of(cls, tensor: Tensor) -> TensorSpec:
        """Describes a ``tf.Tensor``."""
        shape = None if tensor.shape.rank is None else tuple(tensor.shape.as_list())
        return cls(tensor.name, tensor.dtype.base_dtype.name, shape)

    @property
    def node_name(self) -> str:
        """The name of the op that makes this tensor."""
        return self.name.partition(":")[0]

    def __str__(self) -> str:
        return f"{self.name} {self.dtype} {format_shape(self.shape)}"


@dataclass(frozen=True)
class Signature:
    """Inputs and outputs of an export.

    Attributes:
        inputs: key -> placeholder.
        outputs: key -> tensor.
    """

    inputs: Mapping[str, TensorSpec]
    outputs: Mapping[str, TensorSpec]
