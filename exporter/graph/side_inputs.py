"""Side inputs: placeholders beside the images, given to the model as keyword arguments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from exporter.errors import UsageError
from exporter.graph.node_names import is_node_name
from exporter.graph.tensor_spec import Shape, dtype_enum
from exporter.lazy_tensorflow import Tensor, tf

_FREE_DIMENSIONS = ("-1", "None", "?")


@dataclass(frozen=True)
class SideInput:
    """A further input: its name (placeholder, signature key and keyword argument), data type and shape.

    Raises:
        UsageError: the name is no node name and Python identifier, or the data type is unknown.
    """

    name: str
    dtype: str
    shape: Shape

    def __post_init__(self) -> None:
        if not (is_node_name(self.name) and self.name.isidentifier()):
            raise UsageError(f"The side input name {self.name!r} can't be a keyword argument.",
                             "Use letters, digits and underscores.")
        dtype_enum(self.dtype)

    def placeholder(self) -> Tensor:
        """Returns a placeholder of this name, in the current graph."""
        return tf.placeholder(self.dtype, self.shape, name=self.name)


def parse_side_inputs(names: Sequence[str], shapes: str, types: Sequence[str]) -> tuple[SideInput, ...]:
    """Reads the three flags, as the Object Detection exporter writes them.

    Args:
        names: ``a,b``.
        shapes: ``-1,4/-1``: one shape per name, separated by slashes; an empty one is a scalar.
        types: ``tf.float32,string``: one data type per name, with or without ``tf.``.

    Raises:
        UsageError: the three have different lengths, or a part can't be read.
    """
    shape_texts = shapes.split("/") if shapes or names else []
    if not len(names) == len(shape_texts) == len(types):
        raise UsageError(f"Found {len(names)} side input names, {len(shape_texts)} shapes and {len(types)} types.",
                         "Give one of each per side input, for example: --side_input_names scale,context "
                         "--side_input_shapes -1/-1,10 --side_input_types float32,float32")
    if len(set(names)) < len(names):
        raise UsageError(f"Two side inputs have one name: {', '.join(names)}.", "Give each a name of its own.")
    return tuple(SideInput(name, dtype.strip().removeprefix("tf."), _parse_shape(shape))
                 for name, shape, dtype in zip(names, shape_texts, types, strict=True))


def _parse_shape(text: str) -> Shape:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    try:
        return tuple(None if part in _FREE_DIMENSIONS else int(part) for part in parts)
    except ValueError:
        raise UsageError(f"The side input shape {text!r} is not a list of numbers, with -1 where free.",
                         "For example: --side_input_shapes -1,10/-1") from None
