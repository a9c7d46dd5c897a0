"""Inputs to verify with that the user gives: a folder of images, ``.npy``, ``.npz`` or a TFRecord."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from exporter.errors import UsageError, reason
from exporter.graph.building import IMAGES_KEY
from exporter.graph.image_decoding import decode_images
from exporter.graph.tensor_spec import TensorSpec, format_shape
from exporter.lazy_tensorflow import tf
from exporter.verification.sample_inputs import Feed, as_string_batch
from exporter.weights.tensor_source import numpy_dtype

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".gif")
_MOST_IMAGES = 32


def given_feeds(path: Path, inputs: Mapping[str, TensorSpec]) -> list[Feed]:
    """Reads inputs from a file or folder.

    Args:
        path: a folder of JPEG, PNG, BMP or GIF images (the first 32 by name), a ``.npy`` with one batch of images, a
            ``.npz`` with an array per signature key, or a TFRecord of examples with ``image/encoded`` (the first 32).
        inputs: placeholders by signature key.

    Raises:
        UsageError: nothing is there, or it does not fit the inputs.
    """
    if not path.exists():
        raise UsageError(f"--verification_inputs {path} does not exist.",
                         "Give a folder of images, a .npy, a .npz or a TFRecord.")
    if path.is_dir():
        return _image_feeds(path, [file.read_bytes() for file in _image_files(path)], inputs)
    if path.suffix in (".npy", ".npz"):
        return [_array_feed(path, inputs)]
    files = list(islice(_encoded_in_records(path), _MOST_IMAGES))
    if not files:
        raise UsageError(f"{path} is no readable TFRecord: it holds no record.",
                         "Give a folder of images, a .npy, a .npz or a TFRecord.")
    return _image_feeds(path, files, inputs)


def _image_files(folder: Path) -> list[Path]:
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in IMAGE_SUFFIXES and file.is_file())
    if not files:
        raise UsageError(f"--verification_inputs {folder} holds no image ({', '.join(IMAGE_SUFFIXES)}).",
                         "Give a folder of images, a .npy, a .npz or a TFRecord.")
    return files[:_MOST_IMAGES]


def _encoded_in_records(path: Path) -> Iterator[bytes]:
    try:
        for record in tf.python_io.tf_record_iterator(str(path)):
            feature = tf.train.Example.FromString(record).features.feature["image/encoded"].bytes_list.value
            if not feature:
                raise UsageError(f"{path} has a record without image/encoded.", "Give a TFRecord of encoded images.")
            yield feature[0]
    except UsageError:
        raise
    except Exception as error:
        raise UsageError(f"{path} is no readable TFRecord: {reason(error)}",
                         "Give a folder of images, a .npy, a .npz or a TFRecord.") from error


def _image_feeds(path: Path, files: list[bytes], inputs: Mapping[str, TensorSpec]) -> list[Feed]:
    """One feed of all images where they fit into one batch, else a feed for each."""
    others = [key for key in inputs if key != IMAGES_KEY]
    if others or IMAGES_KEY not in inputs:
        raise UsageError(f"{path} holds images; the export also takes {', '.join(others)}.",
                         f"Give a .npz with the arrays {', '.join(inputs)}.")
    spec = inputs[IMAGES_KEY]
    if spec.dtype == "string":
        batches = [as_string_batch([file], spec.node_name) for file in files]
    else:
        batches = [image.astype(numpy_dtype(spec.dtype)) for image in _decoded(path, files, spec)]
    batch_size = spec.shape[0] if spec.shape else None
    one_size = len({batch.shape for batch in batches}) == 1 and spec.dtype != "string"
    if batch_size not in (None, 1) or (one_size and batch_size is None):
        batches = _grouped(np.concatenate(batches), batch_size or len(batches))
    return [Feed({IMAGES_KEY: batch}, f"{len(batch)} images of {path.name}") for batch in batches]


def _grouped(images: np.ndarray[Any, Any], size: int) -> list[np.ndarray[Any, Any]]:
    whole = len(images) // size * size
    if not whole:
        images, whole = np.concatenate([images] * size)[:size], size
    return list(images[:whole].reshape(-1, size, *images.shape[1:]))


def _decoded(path: Path, files: list[bytes], spec: TensorSpec) -> list[np.ndarray[Any, Any]]:
    shape = spec.shape or (None, None, None, 3)
    with tf.Graph().as_default(), tf.Session() as session:
        encoded = tf.placeholder(tf.string, [1])
        images = decode_images(encoded, (1, *shape[1:3], shape[3] or 3))
        try:
            return [session.run(images, {encoded: [file]}) for file in files]
        except tf.errors.OpError as error:
            raise UsageError(f"{path} holds an image that can't be decoded: {reason(error)}",
                             "Give JPEG, PNG, BMP or GIF images.") from error


def _array_feed(path: Path, inputs: Mapping[str, TensorSpec]) -> Feed:
    try:
        loaded = np.load(path, allow_pickle=False)
        arrays = dict(loaded) if path.suffix == ".npz" else {IMAGES_KEY: loaded}
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} can't be read: {error}", "Give arrays saved by numpy.save or numpy.savez.") from error
    if set(arrays) != set(inputs):
        raise UsageError(f"{path} holds {', '.join(sorted(arrays))}; the export takes {', '.join(sorted(inputs))}.",
                         "Name the arrays by the signature's keys: numpy.savez(path, inputs=..., ...).")
    for key, spec in inputs.items():
        if not _fits(arrays[key], spec):
            found = f"{arrays[key].dtype} {list(arrays[key].shape)}"
            raise UsageError(f"{path}: {key} is {found}; the export takes {spec.dtype} {format_shape(spec.shape)}.",
                             "Give arrays of that type and shape.")
    arrays = {key: array.astype(object if inputs[key].dtype == "string" else numpy_dtype(inputs[key].dtype))
              for key, array in arrays.items()}
    return Feed(arrays, f"arrays of {path.name}")


def _fits(array: np.ndarray[Any, Any], spec: TensorSpec) -> bool:
    right_type = array.dtype.kind in "SU" if spec.dtype == "string" else array.dtype == numpy_dtype(spec.dtype)
    return right_type and (spec.shape is None or (len(spec.shape) == array.ndim and all(
        known in (None, found) for known, found in zip(spec.shape, array.shape, strict=True))))
