"""Input types: what an exported graph is fed, and how it becomes a batch of images.

Each input type is a small class with a ``name`` and two methods; `register_input_type` adds a user's own.
"""

from __future__ import annotations

import difflib
from typing import Any, Protocol

from exporter.errors import UsageError
from exporter.graph.image_decoding import decode_images
from exporter.graph.tensor_spec import Shape, format_shape
from exporter.lazy_tensorflow import Tensor, tf

ANY_IMAGES: Shape = (None, None, None, 3)


class InputType(Protocol):
    """One way to feed images. ``name`` is the flag's value and, by convention, the placeholder's name."""

    name: str

    def check_shape(self, input_shape: Shape) -> None:
        """Raises UsageError where this type can't make images of ``input_shape``."""

    def build(self, input_shape: Shape) -> tuple[Tensor, Tensor]:
        """Returns the placeholder and the images [batch, height, width, channels] made from it."""


class DecodedImages:
    """A batch of decoded images in 0..255.

    Args:
        name: the input type's name.
        dtype: data type of the placeholder.
    """

    def __init__(self, name: str, dtype: str) -> None:
        self.name = name
        self._dtype = dtype

    def check_shape(self, input_shape: Shape) -> None:
        """Any four dimensions will do."""
        _check_rank(input_shape, self.name)

    def build(self, input_shape: Shape) -> tuple[Tensor, Tensor]:
        """Returns one placeholder as both."""
        placeholder = tf.placeholder(self._dtype, input_shape, name=self.name)
        return placeholder, placeholder


class EncodedImageStringTensor:
    """A batch of JPEG, PNG, BMP or GIF files as strings."""

    name = "encoded_image_string_tensor"

    def check_shape(self, input_shape: Shape) -> None:
        """Needs height and width, or neither, and 1 or 3 channels."""
        _check_encoded_shape(input_shape, self.name)

    def build(self, input_shape: Shape) -> tuple[Tensor, Tensor]:
        """Returns a string placeholder [batch] and the decoded uint8 images."""
        placeholder = tf.placeholder(tf.string, input_shape[:1], name=self.name)
        return placeholder, decode_images(placeholder, input_shape)


class TFExample:
    """A batch of serialized ``tf.train.Example`` with the feature ``image/encoded``."""

    name = "tf_example"

    def check_shape(self, input_shape: Shape) -> None:
        """Needs height and width, or neither, and 1 or 3 channels."""
        _check_encoded_shape(input_shape, self.name)

    def build(self, input_shape: Shape) -> tuple[Tensor, Tensor]:
        """Returns a string placeholder [batch] and the decoded uint8 images."""
        placeholder = tf.placeholder(tf.string, input_shape[:1], name=self.name)
        features = tf.io.parse_example(placeholder, {"image/encoded": tf.io.FixedLenFeature([], tf.string)})
        return placeholder, decode_images(features["image/encoded"], input_shape)


_REGISTRY: dict[str, InputType] = {}


def register_input_type(input_type: InputType) -> InputType:
    """Makes ``input_type`` known by its name.

    Raises:
        UsageError: another input type has this name, or it lacks ``name``, ``check_shape`` or ``build``.
    """
    lacking = [attribute for attribute in ("name", "check_shape", "build") if not hasattr(input_type, attribute)]
    if lacking:
        raise UsageError(f"{input_type!r} is no input type: it has no {', '.join(lacking)}.",
                         "An input type has the attribute name and the methods check_shape(shape) and build(shape).")
    if type(_REGISTRY.get(input_type.name, input_type)) is not type(input_type):
        raise UsageError(f"There is an input type {input_type.name!r} already.", "Choose another name.")
    _REGISTRY[input_type.name] = input_type
    return input_type


for _input_type in (DecodedImages("image_tensor", "uint8"), DecodedImages("float_image_tensor", "float32"),
                    EncodedImageStringTensor(), TFExample()):
    register_input_type(_input_type)


def input_type_names() -> list[str]:
    """Returns the names of all registered input types."""
    return list(_REGISTRY)


def find_input_type(name: str) -> InputType:
    """Returns the input type of this name.

    Raises:
        UsageError: there is none.
    """
    if name in _REGISTRY:
        return _REGISTRY[name]
    near = difflib.get_close_matches(name, _REGISTRY, n=1)
    raise UsageError(f"Unknown input type: {name!r}." + (f" Did you mean {near[0]}?" if near else ""),
                     f"Known: {', '.join(_REGISTRY)}; or package.module:Attribute for one of your own.")


def parse_input_shape(text: str) -> Shape:
    """Reads ``-1,28,28,3`` or ``None,28,28,3``.

    Raises:
        UsageError: a part is neither a positive number nor -1, None or ``?``.
    """
    parts = [part.strip() for part in text.strip().strip("[]()").split(",")]
    return normalize_shape([None if part in ("None", "?") else part for part in parts])


def normalize_shape(shape: Any) -> Shape:
    """Returns ``shape`` with None for each free dimension (-1, None), as a tuple.

    Raises:
        UsageError: it is no sequence of four such dimensions.
    """
    if not isinstance(shape, list | tuple):
        shape = getattr(shape, "as_list", lambda: [shape])()
    try:
        dimensions = tuple(None if part is None or int(part) == -1 else int(part) for part in shape)
    except (TypeError, ValueError):
        dimensions = ()
    if not dimensions or any(part is not None and part < 1 for part in dimensions):
        found = ",".join(map(str, shape))
        raise UsageError(f"The input shape {found!r} is not a list of positive numbers, with -1 or None where free.",
                         "For example: --input_shape -1,28,28,3")
    return dimensions


def _check_rank(input_shape: Shape, name: str) -> None:
    if len(input_shape) != 4:
        raise UsageError(f"The input shape {format_shape(input_shape)} has {len(input_shape)} dimensions; {name} needs 4: "
                         "batch, height, width, channels.", "For example: --input_shape -1,28,28,3")


def _check_encoded_shape(input_shape: Shape, name: str) -> None:
    _check_rank(input_shape, name)
    _, height, width, channels = input_shape
    if (height is None) != (width is None):
        raise UsageError(f"The input shape {format_shape(input_shape)} fixes only one of height and width; "
                         f"{name} resizes images, so it needs both or neither.", "For example: --input_shape -1,28,28,3")
    if channels not in (1, 3):
        raise UsageError(f"The input shape {format_shape(input_shape)} has {channels or 'free'} channels; "
                         f"{name} decodes to 1 or 3.", "For example: --input_shape -1,28,28,3")
