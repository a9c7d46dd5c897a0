"""What an artifact is fed with: decoded images, encoded images or Examples, by its signature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import numpy as np

from exporter.errors import GraphError, UsageError
from exporter.evaluation.labelled_images import ENCODED_FEATURE, LabelledImage
from exporter.formats.format import LoadedArtifact
from exporter.graph.building import IMAGES_KEY
from exporter.graph.image_decoding import decode_images
from exporter.graph.tensor_spec import Shape, TensorSpec
from exporter.lazy_tensorflow import tf

Array = np.ndarray[Any, Any]
_IMAGE_DTYPES = ("uint8", "float32", "float16", "float64", "int32", "int64")


@dataclass(frozen=True)
class ImageInput:
    """The input of an artifact that takes images.

    Attributes:
        key: its key in the signature.
        spec: its tensor.
    """

    key: str
    spec: TensorSpec

    @property
    def batch_size(self) -> int | None:
        """The only batch size it takes, None if any."""
        return self.spec.shape[0] if self.spec.shape else None

    @property
    def image_shape(self) -> Shape:
        """(height, width, channels), with None for height and width where any will do; strings have no size."""
        if self.spec.dtype == "string" or self.spec.shape is None:
            return None, None, 3
        height, width, channels = self.spec.shape[1:]
        return height, width, channels or 3

    def batch(self, images: Sequence[LabelledImage], decoded: Sequence[Array]) -> Array:
        """Returns what to feed: numbers in 0..255 of the input's own type, or strings."""
        if self.spec.dtype != "string":
            return np.stack(decoded).astype(self.spec.dtype)
        serialized = [_as_example(image) for image in images] if self._takes_examples else [i.encoded for i in images]
        return np.array(serialized, dtype=object)

    @property
    def _takes_examples(self) -> bool:
        return any("example" in name.lower() for name in (self.spec.node_name, self.key))


def image_input(artifact: LoadedArtifact, name: str) -> ImageInput:
    """Finds the input that takes the images.

    Raises:
        GraphError: there is none, or there are further inputs, for which labelled images have no values.
    """
    keys = list(artifact.inputs)
    if len(keys) != 1:
        others = [key for key in keys if key != IMAGES_KEY]
        raise GraphError(f"{name} has {len(keys)} inputs, expected one for images; there are no values for "
                         f"{', '.join(others) or 'any'}.", "Only artifacts with one input can be evaluated.")
    spec = artifact.inputs[keys[0]]
    rank = None if spec.shape is None else len(spec.shape)
    fits = rank in (None, 1) if spec.dtype == "string" else spec.dtype in _IMAGE_DTYPES and rank in (None, 4)
    if not fits or (rank == 4 and spec.shape is not None and spec.shape[3] not in (None, 1, 3)):
        raise GraphError(f"{name} takes {spec}, which is no batch of images.",
                         "Expected numbers [batch, height, width, 1 or 3 channels] or strings [batch].")
    return ImageInput(keys[0], spec)


class ImageDecoder:
    """Decodes images one by one, as an exported graph does; resizes where height and width are given.

    Args:
        image_shape: (height, width, channels); None for a free height and width.
    """

    def __init__(self, image_shape: Shape) -> None:
        with tf.Graph().as_default() as graph:
            encoded = tf.placeholder(tf.string, [1])
            images = decode_images(encoded, (1, *image_shape))
            self._session = tf.Session(graph=graph)
            self._decode = self._session.make_callable(images, [encoded])

    def __call__(self, image: LabelledImage) -> Array:
        """Returns uint8 [height, width, channels].

        Raises:
            UsageError: it is no JPEG, PNG, BMP or GIF image.
        """
        try:
            decoded: Array = self._decode([image.encoded])[0]
        except tf.errors.OpError as error:
            reason = error.message.partition("\n")[0].strip()
            raise UsageError(f"{image.name} is no readable image: {reason}",
                             "Remove it, or replace it by a JPEG, PNG, BMP or GIF.") from error
        return decoded

    def __enter__(self) -> ImageDecoder:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._session.close()


def run_batch(artifact: LoadedArtifact, name: str, feeds: Mapping[str, Array]) -> dict[str, Array]:
    """Runs the artifact; whatever its runtime raises becomes a GraphError.

    Raises:
        GraphError: it can't run on these inputs.
    """
    try:
        return artifact(feeds)
    except Exception as error:
        found = ", ".join(f"{key} {value.dtype} {list(value.shape)}" for key, value in feeds.items())
        reason = str(getattr(error, "message", error)).strip().partition("\n")[0]
        raise GraphError(f"{name} can't run on {found}: {reason}",
                         "Does it take images of another size? Then give it images of that size.") from error


def _as_example(image: LabelledImage) -> bytes:
    if image.example is not None:
        return image.example
    feature = tf.train.Feature(bytes_list=tf.train.BytesList(value=[image.encoded]))
    example: bytes = tf.train.Example(features=tf.train.Features(feature={ENCODED_FEATURE: feature})).SerializeToString()
    return example
