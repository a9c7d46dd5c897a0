"""Inputs to verify with: seeded random ones that fit a signature."""

from __future__ import annotations

import itertools
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from exporter.graph.building import IMAGES_KEY
from exporter.graph.tensor_spec import Shape, TensorSpec
from exporter.lazy_tensorflow import tf
from exporter.weights.tensor_source import numpy_dtype

_SEED = 20180330
_FREE_BATCH_SIZES = (1, 2)
_FREE_IMAGE_SIZES = ((128, 160), (192, 144))
_FREE_DIMENSION = 3
_NUMBER = re.compile(r"\d+")
_MOST_HINTS = 5
_LARGEST_HINT = 1024
_RANKS = (1, 2, 0, 4, 3)
_IMAGE_SIDE = 32
_KEPT = re.compile(r"keep|dropout", re.IGNORECASE)  # TensorFlow 1 asked for the share that stays, whatever it was called
_DROPPED = re.compile(r"drop_?(out)?_?rate|drop_prob", re.IGNORECASE)
_IMAGE_SIZE = re.compile(r"im(age)?s?_?(info|shape|size)", re.IGNORECASE)  # two-stage detectors take height, width, scale
_TRAINING = re.compile(r"is_?train|(^|[/_])train(ing)?(_(phase|flag|mode))?$|(^|[/_])phase", re.IGNORECASE)


@dataclass(frozen=True)
class Feed:
    """One input: arrays by signature key, and what it is in words."""

    arrays: Mapping[str, np.ndarray[Any, Any]]
    description: str


def sample_feeds(inputs: Mapping[str, TensorSpec]) -> list[Feed]:
    """Makes two inputs of different batch sizes, and image sizes where these are free.

    Images are smooth random fields with some noise, in 0..255; for string inputs they are encoded, the first batch as PNG
    and the second as JPEG, wrapped into ``tf.train.Example`` where the placeholder is called ``tf_example``. Side inputs
    are random as well.

    Args:
        inputs: placeholders by signature key.
    """
    return [_feed(inputs, number) for number in range(len(_FREE_BATCH_SIZES))]


def further_feeds(inputs: Mapping[str, TensorSpec], message: str) -> Iterator[Feed]:
    """Makes inputs of other sizes, for a graph whose inputs must fit each other: one is twice as large as the other, or as
    long as a third one says.

    Args:
        inputs: placeholders by signature key.
        message: why the graph did not take the first inputs; the sizes that it names are tried too.
    """
    hints = _hints(message)
    images = [key for key, spec in inputs.items() if spec.shape is not None and len(spec.shape) == 4]
    scales = list(itertools.product((1, 2, 4, 3), repeat=max(0, min(len(images), 3) - 1)))
    sizes = itertools.product(dict.fromkeys((2, 1, *hints)), dict.fromkeys((3, 8, *hints)), scales)
    for (batch, length, scale), ranked, least in itertools.product(sizes, list(_ranked(inputs)), (0, 1)):
        factors = dict(zip(images, (1, *scale), strict=False))
        arrays = {key: _array(key, spec, batch, (_IMAGE_SIDE * factors.get(key, 1),) * 2, 0, length, least)
                  for key, spec in ranked.items()}
        description = f"seeded random arrays, batches of {batch}, {length} long"
        for keys in dict.fromkeys((_called_image_size(inputs), tuple(inputs))):
            yield Feed(_with_image_sizes(arrays, keys), description)


def _hints(message: str) -> list[int]:
    """The sizes that a message names, and how often one of them goes into another: 10 examples are needed where a reshape of
    one has "128 values, but the requested shape requires a multiple of 1280".
    """
    numbers = [int(number) for number in _NUMBER.findall(message) if int(number) > 0]
    ratios = [large // small for small in numbers for large in numbers if small > 1 and large % small == 0]
    return list(dict.fromkeys(number for number in (*numbers, *ratios) if number <= _LARGEST_HINT))[:_MOST_HINTS]


def _ranked(inputs: Mapping[str, TensorSpec]) -> Iterator[Mapping[str, TensorSpec]]:
    """Gives the inputs whose rank is not known one: the first two of them any, the rest that of the second."""
    unknown = [key for key, spec in inputs.items() if spec.shape is None and key != IMAGES_KEY and _setting(spec) is None]
    for ranks in itertools.product(_RANKS, repeat=min(len(unknown), 2)):
        rank_of = dict(itertools.zip_longest(unknown, ranks, fillvalue=ranks[-1] if ranks else 0))
        yield {key: replace(spec, shape=(None,) * rank_of[key]) if key in rank_of else spec for key, spec in inputs.items()}


def _feed(inputs: Mapping[str, TensorSpec], number: int) -> Feed:
    batch = next((spec.shape[0] for spec in inputs.values() if spec.shape and spec.shape[0] is not None),
                 _FREE_BATCH_SIZES[number])
    size = _FREE_IMAGE_SIZES[number]
    arrays = {key: _array(key, spec, batch, size, number) for key, spec in inputs.items()}
    arrays = _with_image_sizes(arrays, _called_image_size(inputs))
    images = arrays.get(IMAGES_KEY)
    what = "arrays" if images is None else f"{images.dtype if images.dtype != object else 'encoded'} {list(images.shape)}"
    return Feed(arrays, f"seeded random {what}")


def _array(key: str, spec: TensorSpec, batch: int, size: tuple[int, int], number: int,
           length: int = _FREE_DIMENSION, least: int = 0) -> np.ndarray[Any, Any]:
    setting = _setting(spec)
    if setting is not None:
        return np.asarray(setting, numpy_dtype(spec.dtype))
    random = np.random.default_rng([_SEED, number, zlib.crc32(key.encode())])
    if key == IMAGES_KEY and spec.dtype == "string":
        return _encoded(random_images(random, (batch, *size, 3)), spec.node_name, number)
    shape = _concrete(spec.shape, batch, size, length)
    if key == IMAGES_KEY and len(shape) == 4:
        return random_images(random, shape).astype(numpy_dtype(spec.dtype))
    if spec.dtype == "string":
        return np.array([f"text {value}".encode() for value in range(int(np.prod(shape)))], object).reshape(shape)
    if spec.dtype == "bool" and not shape:
        return np.asarray(number > 0)  # both ways of a conditional; true last, since it may update what false reads
    if spec.dtype == "bool":
        return random.integers(0, 2, shape).astype(bool)
    if np.issubdtype(numpy_dtype(spec.dtype), np.integer):
        return random.integers(least, 2, shape).astype(numpy_dtype(spec.dtype))
    return random.uniform(0.5, 1.5, shape).astype(numpy_dtype(spec.dtype))


def _called_image_size(inputs: Mapping[str, TensorSpec]) -> tuple[str, ...]:
    return tuple(key for key, spec in inputs.items() if _IMAGE_SIZE.search(spec.node_name))


def _with_image_sizes(arrays: Mapping[str, np.ndarray[Any, Any]], keys: Iterable[str]) -> dict[str, np.ndarray[Any, Any]]:
    """Lets those inputs that can tell the size of the images beside them, and the scale 1 or the channels."""
    sizes = [array.shape[1:] for array in arrays.values() if array.ndim == 4]
    told = dict(arrays)
    for key in keys if sizes else ():
        array, (height, width, channels) = arrays[key], sizes[0]
        if array.ndim in (1, 2) and array.shape[-1] in (2, 3) and np.issubdtype(array.dtype, np.number):
            third = 1.0 if np.issubdtype(array.dtype, np.floating) else channels
            told[key] = np.broadcast_to(np.array((height, width, third)[:array.shape[-1]], array.dtype), array.shape)
    return told


def _setting(spec: TensorSpec) -> float | bool | None:
    """What turns the randomness of training off, where an input that can be a scalar is called so; None for any other.

    With dropout that keeps everything, outputs that depend on random ops can be compared all the same.
    """
    if spec.shape not in ((), None):
        return None
    if spec.dtype == "bool":
        return False if _TRAINING.search(spec.node_name) else None
    if not spec.dtype.startswith("float"):
        return None
    return 0.0 if _DROPPED.search(spec.node_name) else 1.0 if _KEPT.search(spec.node_name) else None


def _concrete(shape: Shape | None, batch: int, size: tuple[int, int], length: int) -> tuple[int, ...]:
    if shape is None:
        return (batch,)
    if len(shape) == 4:
        free = (batch, *size, 3)
        return tuple(known or value for known, value in zip(shape, free, strict=True))
    return tuple(known if known is not None else batch if axis == 0 else length
                 for axis, known in enumerate(shape))


def random_images(random: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """Returns uint8 images [batch, height, width, channels]: a coarse random field, enlarged, with noise on top."""
    batch, height, width, channels = shape
    coarse = random.uniform(0, 255, (batch, 5, 5, channels))
    rows = np.linspace(0, 4, height).astype(int)
    columns = np.linspace(0, 4, width).astype(int)
    noise = random.normal(0, 24, shape)
    return np.clip(coarse[:, rows][:, :, columns] + noise, 0, 255).astype(np.uint8)


def _encoded(images: np.ndarray[Any, Any], placeholder: str, number: int) -> np.ndarray[Any, Any]:
    with tf.Graph().as_default(), tf.Session() as session:
        image = tf.placeholder(tf.uint8, [None, None, 3])
        encode = tf.io.encode_png(image) if number == 0 else tf.io.encode_jpeg(image, quality=95)
        files = [session.run(encode, {image: value}) for value in images]
    return as_string_batch(files, placeholder)


def as_string_batch(files: list[bytes], placeholder: str) -> np.ndarray[Any, Any]:
    """Returns image files as a batch of strings, as serialized examples where the placeholder takes these."""
    if placeholder == "tf_example":
        files = [tf.train.Example(features=tf.train.Features(feature={
            "image/encoded": tf.train.Feature(bytes_list=tf.train.BytesList(value=[file]))})).SerializeToString()
            for file in files]
    return np.array(files, object)
