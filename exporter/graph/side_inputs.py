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


def parse_side_input_shapes(text: str) -> list[Shape]:
    """Reads shapes as the Object Detection exporter writes them: ``-1,4//2``, separated by slashes, an empty one a scalar.

    Raises:
        UsageError: a part is neither a number nor -1, None or ``?``.
    """
    return [_parse_shape(shape) for shape in text.split("/")]


def side_inputs(names: Sequence[str], shapes: Sequence[Sequence[int | None]], types: Sequence[str]) -> tuple[SideInput, ...]:
    """Puts names, shapes and types together.

    Args:
        names: one per side input.
        shapes: their shapes, None or -1 where free.
        types: their data types, with or without ``tf.``.

    Raises:
        UsageError: the three have different lengths, or a part can't be used.
    """
    if not len(names) == len(shapes) == len(types):
        raise UsageError(f"Found {len(names)} side input names, {len(shapes)} shapes and {len(types)} types.",
                         "Give one of each per side input, for example: --side_input_names scale,context "
                         "--side_input_shapes -1/-1,10 --side_input_types float32,float32")
    if len(set(names)) < len(names):
        raise UsageError(f"Two side inputs have one name: {', '.join(names)}.", "Give each a name of its own.")
    return tuple(SideInput(name, dtype.strip().removeprefix("tf."), _checked_shape(shape))
                 for name, shape, dtype in zip(names, shapes, types, strict=True))


def _parse_shape(text: str) -> Shape:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    try:
        return tuple(None if part in _FREE_DIMENSIONS else int(part) for part in parts)
    except ValueError:
        raise _no_shape(text) from None


def _checked_shape(shape: Sequence[int | None]) -> Shape:
    if any(size is not None and size < -1 for size in shape):
        raise _no_shape(",".join(map(str, shape)))
    return tuple(None if size == -1 else size for size in shape)


def _no_shape(text: str) -> UsageError:
    return UsageError(f"The side input shape {text!r} is not a list of numbers, with -1 where free.",
                      "For example: --side_input_shapes -1,10/-1")
