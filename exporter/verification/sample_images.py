"""A few images of a verification with what the checkpoint gives for each, to look at in a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from exporter.graph.building import IMAGES_KEY
from exporter.lazy_tensorflow import tf
from exporter.verification.sample_inputs import Feed

_MOST_IMAGES = 6
_MOST_VALUES = 8
_MOST_CLASSES = 3
_LONGEST_SIDE = 224
_CHANNELS = (1, 3, 4)
_CLOSE_TO_ONE = 1e-2

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class SampleOutput:
    """An output for one image.

    Attributes:
        name: the output.
        dtype: its data type.
        shape: its shape for this image, without the batch.
        first: its first values.
        largest: (index, value) of the largest values of a float vector, largest first; empty for anything else.
        is_distribution: whether it is a vector of probabilities.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    first: tuple[Any, ...]
    largest: tuple[tuple[int, float], ...] = ()
    is_distribution: bool = False


@dataclass(frozen=True)
class SampleImage:
    """One image of the inputs.

    Attributes:
        description: where it is from.
        png: the image, made small; empty where the input is no image.
        size: height and width of the image itself.
        outputs: what the checkpoint gives for it.
    """

    description: str
    png: bytes
    size: tuple[int, ...]
    outputs: tuple[SampleOutput, ...]


def sample_images(feeds: Sequence[Feed], outputs: Sequence[Mapping[str, Array]], left_out: Mapping[str, object],
                  ) -> tuple[SampleImage, ...]:
    """Takes up to six images, evenly spread over the inputs.

    Args:
        feeds: the inputs.
        outputs: the checkpoint's outputs for each.
        left_out: names of outputs that differ from run to run.
    """
    batches = [_images(feed.arrays) for feed in feeds]
    places = [(number, index) for number, batch in enumerate(batches) for index in range(len(batch))]
    chosen = sorted({places[int(place)] for place in np.linspace(0, len(places) - 1, _MOST_IMAGES)} if places else ())
    per_image = [name for name in outputs[0] if name not in left_out and all(
        np.ndim(found[name]) and len(found[name]) == len(batch) for found, batch in zip(outputs, batches, strict=True))]
    with tf.Graph().as_default(), tf.Session() as session:
        pictures = _Pictures(session)
        return tuple(SampleImage(
            f"image {index + 1} of {len(batches[number])}, {feeds[number].description}",
            *pictures.picture(batches[number][index]),
            tuple(sample_output(name, outputs[number][name][index]) for name in per_image)) for number, index in chosen)


def sample_output(name: str, value: Any) -> SampleOutput:
    """Describes what an output gives for one image."""
    array = np.asarray(value)
    is_text = array.dtype.kind in "OSU"
    first = tuple(_text(element) if is_text else element for element in array.reshape(-1)[:_MOST_VALUES].tolist())
    described = (name, "string" if is_text else str(array.dtype), tuple(array.shape), first)
    if array.ndim != 1 or array.size < 2 or not _is_float(array):
        return SampleOutput(*described)
    numbers = array.astype(np.float64)
    order = np.argsort(-numbers, kind="stable")[:_MOST_CLASSES]
    is_distribution = bool((numbers >= 0).all() and abs(numbers.sum() - 1) < _CLOSE_TO_ONE)
    return SampleOutput(*described, tuple((int(index), float(numbers[index])) for index in order), is_distribution)


def _images(arrays: Mapping[str, Array]) -> Array:
    """The batch that holds the images: strings or [batch, height, width, channels]; the first one of any kind otherwise."""
    candidates = [arrays[key] for key in (IMAGES_KEY, *arrays) if key in arrays and arrays[key].ndim]
    return next((array for array in candidates if array.dtype == object or array.ndim == 4),
                candidates[0] if candidates else np.zeros(0))


def _is_float(array: Array) -> bool:
    return array.dtype.kind == "f" or str(array.dtype).startswith(("bfloat", "float"))


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


class _Pictures:
    """Encodes images as small PNGs."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._file = tf.placeholder(tf.string, [])
        self._decoded = tf.io.decode_image(self._file, channels=3, expand_animations=False)
        self._pixels = tf.placeholder(tf.uint8, [None, None, None])
        self._size = tf.placeholder(tf.int32, [2])
        small = tf.image.resize_area(tf.cast(self._pixels, tf.float32)[None], self._size)[0]
        self._png = tf.io.encode_png(tf.cast(tf.round(small), tf.uint8))

    def picture(self, image: Any) -> tuple[bytes, tuple[int, ...]]:
        """Returns (PNG, height and width of the original); empty where it is no image."""
        pixels = self._decode(image) if isinstance(image, bytes) else _as_uint8(np.asarray(image))
        if pixels is None or pixels.ndim != 3 or pixels.shape[2] not in _CHANNELS or not pixels.size:
            return b"", ()
        height, width = pixels.shape[:2]
        scale = min(1.0, _LONGEST_SIDE / max(height, width))
        size = [max(1, round(height * scale)), max(1, round(width * scale))]
        return self._session.run(self._png, {self._pixels: pixels, self._size: size}), (height, width)

    def _decode(self, file: bytes) -> Array | None:
        """Decodes an image file, bare or within a ``tf.train.Example``; None where it is neither."""
        for unwrap in (bytes, _encoded_in_example):
            try:
                return np.asarray(self._session.run(self._decoded, {self._file: unwrap(file)}))
            except Exception:  # some text, or a format that the model decodes by itself
                continue
        return None


def _encoded_in_example(serialized: bytes) -> bytes:
    return bytes(tf.train.Example.FromString(serialized).features.feature["image/encoded"].bytes_list.value[0])


def _as_uint8(image: Array) -> Array | None:
    """Numbers as pixels: 0..255 as they are, 0..1 and negative ones stretched."""
    if image.dtype == np.uint8 or image.dtype.kind in "OSUc":
        return image if image.dtype == np.uint8 else None
    values = np.nan_to_num(image.astype(np.float32), posinf=255.0, neginf=0.0)
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
    if low < 0:
        values = (values - low) / max(high - low, np.finfo(np.float32).tiny) * 255
    elif 0 < high <= 1:
        values = values * 255
    return np.clip(np.round(values), 0, 255).astype(np.uint8)
