"""What a user asks of a stored graph: which file, cut where, what fixed, which outputs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from exporter.errors import UsageError
from exporter.graph.node_names import tensor_name
from exporter.graph.tensor_spec import Shape
from exporter.lazy_tensorflow import NodeDef, tf

_NEXT_ASSIGNMENT = re.compile(r",(?=\s*[^,\[\]\s]+?\s*=)")


@dataclass(frozen=True)
class StoredGraphOptions:
    """How a stored graph becomes an inference graph.

    Attributes:
        graph: what `exporter.graph.stored.loading.load_stored_graph` takes.
        input_names: tensors that become placeholders; empty takes the signature's inputs, else every placeholder that the
            outputs need, and what the input pipeline gives.
        output_node_names: nodes or tensors; empty takes the signature's outputs, else looks for them.
        fixed: tensor -> the value that it always has.
        input_shapes: tensor -> shape of its placeholder, None where free.
        keep_input_pipeline: leave iterators and queues that the outputs need in the graph.
        rewrite_batch_norm: let batch normalization in training mode use the moving statistics.
        saved_model_tags: the tag set of a SavedModel's graph.
        signature: its signature's key.
    """

    graph: str | Path
    input_names: Sequence[str] = ()
    output_node_names: Sequence[str] = ()
    fixed: Mapping[str, Any] = field(default_factory=dict)
    input_shapes: Mapping[str, Shape] = field(default_factory=dict)
    keep_input_pipeline: bool = False
    rewrite_batch_norm: bool = False
    saved_model_tags: Sequence[str] | None = None
    signature: str | None = None

    def __post_init__(self) -> None:
        both = {tensor_name(name) for name in self.input_names} & {tensor_name(name) for name in self.fixed}
        if both:
            raise UsageError(f"{min(both).removesuffix(':0')} is to be an input and to be fixed.", "Choose one of the two.")


def parse_fixed(text: str) -> dict[str, Any]:
    """Parses ``keep_prob=1.0,is_training=False``; values are YAML: numbers, booleans, text, [lists].

    Raises:
        UsageError: it is not of that form.
    """
    import yaml

    values: dict[str, Any] = {}
    for assignment in filter(None, (part.strip() for part in _NEXT_ASSIGNMENT.split(text))):
        name, equals, value = assignment.rpartition("=") if assignment.count("=") == 1 else assignment.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise UsageError(f"{assignment!r} is not of the form name=value.",
                             "For example: --fix keep_prob=1.0,is_training=False")
        try:
            values[name.strip()] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise UsageError(f"The value of {name.strip()!r} can't be read: {value!r}.",
                             "Give a number, true, false or [a, list].") from error
    return values


def parse_input_shapes(texts: Iterable[str]) -> dict[str, Shape]:
    """Parses ``name=-1,32,32,3`` each; an empty shape is a scalar.

    Raises:
        UsageError: it is not of that form.
    """
    shapes: dict[str, Shape] = {}
    for text in texts:
        name, equals, dimensions = (part.strip() for part in text.partition("="))
        try:
            if not equals or not name:
                raise ValueError
            parts = [part.strip() for part in dimensions.split(",")] if dimensions else []
            sizes = [-1 if part in ("None", "?") else int(part) for part in parts]
            if any(size < -1 for size in sizes):
                raise ValueError
        except ValueError:
            raise UsageError(f"The input shape {text!r} is not of the form name=-1,32,32,3.",
                             "Give a name of an input, and -1 where a dimension is free.") from None
        shapes[name] = tuple(None if size == -1 else size for size in sizes)
    return shapes


def placeholder_node(dtype: int, shape: Shape | None) -> NodeDef:
    """Returns a placeholder without a name."""
    node = tf.NodeDef(op="Placeholder")
    node.attr["dtype"].type = dtype
    node.attr["shape"].shape.CopyFrom(tf.TensorShape(shape).as_proto())
    return node


def constant_node(name: str, value: Any, dtype: int, shape: Shape | None) -> NodeDef:
    """Returns a constant without a name; one value fills a whole shape.

    Raises:
        UsageError: the value does not fit the data type or shape.
    """
    kind = tf.as_dtype(dtype)
    node = tf.NodeDef(op="Const")
    try:
        node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(_array(value, kind, shape), dtype))
    except (ValueError, TypeError, OverflowError, KeyError) as error:
        raise UsageError(f"The tensor {name!r} ({kind.name}) can't be fixed to {value!r}: {error}.",
                         "Give a value of its data type and shape.") from error
    node.attr["dtype"].type = dtype
    return node


def _array(value: Any, kind: Any, shape: Shape | None) -> Any:
    """Converts a value; ValueError where NumPy would take something else for it: 0.5 for true, nothing for NaN."""
    import numpy as np

    array = np.asarray(value, dtype=object if kind == tf.string else kind.as_numpy_dtype)
    given = np.asarray(value)
    if kind != tf.string and (given.dtype == object or
                              ((kind.is_integer or kind.is_bool) and not np.array_equal(array, given))):
        raise ValueError(f"{value!r} is no {kind.name}")
    if array.ndim == 0 and shape is not None and None not in shape:
        array = np.broadcast_to(array, [size for size in shape if size is not None])
    if not tf.TensorShape(shape).is_compatible_with(array.shape):
        raise ValueError(f"it has the shape {list(array.shape)}, expected {tf.TensorShape(shape)}")
    return array
