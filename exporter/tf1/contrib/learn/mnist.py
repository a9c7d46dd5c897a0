"""The handwritten digits of MNIST (`tf.contrib.learn.datasets.mnist`, `tensorflow.examples.tutorials.mnist.input_data`).

The four files are read where they are; nothing is downloaded. Their format: http://yann.lecun.com/exdb/mnist (big-endian
numbers: a magic number, the sizes, then one byte for each pixel or label).
"""

from __future__ import annotations

import gzip
import os
from typing import IO, Any

import numpy as np

from exporter.errors import UsageError
from exporter.lazy_tensorflow import tf
from exporter.tf1.contrib.learn.datasets import Datasets

__all__ = ["DataSet", "dense_to_one_hot", "extract_images", "extract_labels", "load_mnist", "maybe_download",
           "read_data_sets"]

DEFAULT_SOURCE_URL = "https://storage.googleapis.com/cvdf-datasets/mnist/"
_FILES = ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz",
          "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")
_IMAGES, _LABELS = 2051, 2049


def maybe_download(filename: str, work_directory: str, source_url: str = "") -> str:
    """Returns the path of a file.

    Raises:
        UsageError: it is not there. TensorFlow 1 downloaded it.
    """
    path = os.path.join(work_directory, filename)
    if not tf.gfile.Exists(path):
        raise UsageError(f"There is no file {path}, and nothing is downloaded.",
                         f"Put it there; TensorFlow 1 took it from {source_url or DEFAULT_SOURCE_URL}{filename}.")
    return path


def extract_images(f: IO[bytes]) -> Any:
    """Reads images: uint8 [number, rows, columns, 1].

    Raises:
        ValueError: the file is not one of images.
    """
    (number, rows, columns), values = _read(f, _IMAGES, 3)
    return values.reshape(number, rows, columns, 1)


def extract_labels(f: IO[bytes], one_hot: bool = False, num_classes: int = 10) -> Any:
    """Reads labels: uint8 [number], or float64 [number, num_classes].

    Raises:
        ValueError: the file is not one of labels.
    """
    _, labels = _read(f, _LABELS, 1)
    return dense_to_one_hot(labels, num_classes) if one_hot else labels


def dense_to_one_hot(labels_dense: Any, num_classes: int) -> Any:
    """Turns labels, [number], into rows of zeros with a one: float64 [number, num_classes]."""
    return np.eye(num_classes)[labels_dense]


def _read(file: IO[bytes], magic: int, sizes: int) -> tuple[list[int], Any]:
    with gzip.GzipFile(fileobj=file) as stream:
        found = int.from_bytes(stream.read(4), "big")
        if found != magic:
            raise ValueError(f"Invalid magic number {found} in MNIST file: {getattr(file, 'name', file)}")
        shape = [int.from_bytes(stream.read(4), "big") for _ in range(sizes)]
        return shape, np.frombuffer(stream.read(int(np.prod(shape))), np.uint8)


class DataSet:
    """Images with labels, in batches.

    Args:
        images: uint8 [number, rows, columns, 1].
        labels: [number] or [number, classes].
        fake_data: batches are made up.
        one_hot: whether made-up labels have one number for each class.
        dtype: float32: pixels are between 0 and 1; uint8: as they are.
        reshape: whether each image is one row of pixels.
        seed: of the order.

    Raises:
        TypeError: another data type.
    """

    def __init__(self, images: Any, labels: Any, fake_data: bool = False, one_hot: bool = False, dtype: Any = None,
                 reshape: bool = True, seed: int | None = None) -> None:
        dtype = tf.as_dtype(dtype or tf.float32).base_dtype
        if dtype not in (tf.uint8, tf.float32):
            raise TypeError(f"Invalid image dtype {dtype!r}, expected uint8 or float32")
        self._fake, self._one_hot, self._random = fake_data, one_hot, np.random.RandomState(seed)
        self.epochs_completed, self._next = 0, 0
        if fake_data:
            self.num_examples = 10000
            return
        images = images.reshape(len(images), int(np.prod(images.shape[1:]))) if reshape else images
        self.images = np.float32(images) * np.float32(1 / 255) if dtype == tf.float32 else images
        self.labels, self.num_examples = labels, len(images)

    def next_batch(self, batch_size: int, fake_data: bool = False, shuffle: bool = True) -> tuple[Any, Any]:
        """Returns the next images and labels; behind the last ones, those of the next round follow."""
        if fake_data or self._fake:
            label: Any = [1] + [0] * 9 if self._one_hot else 0
            return [[1] * 784 for _ in range(batch_size)], [label] * batch_size
        if shuffle and not self._next and not self.epochs_completed:
            self._shuffle()
        start = self._next
        self._next += batch_size
        if self._next <= self.num_examples:
            return self.images[start:self._next], self.labels[start:self._next]
        rest = self.images[start:], self.labels[start:]
        self.epochs_completed, self._next = self.epochs_completed + 1, self._next - self.num_examples
        if shuffle:
            self._shuffle()
        first = self.images[:self._next], self.labels[:self._next]
        return np.concatenate([rest[0], first[0]]), np.concatenate([rest[1], first[1]])

    def _shuffle(self) -> None:
        order = self._random.permutation(self.num_examples)
        self.images, self.labels = self.images[order], self.labels[order]


def read_data_sets(train_dir: str, fake_data: bool = False, one_hot: bool = False, dtype: Any = None, reshape: bool = True,
                   validation_size: int = 5000, seed: int | None = None, source_url: str = DEFAULT_SOURCE_URL) -> Datasets:
    """Reads the four files of a folder.

    Args:
        train_dir: the folder.
        fake_data: whether batches are made up, without files.
        one_hot: whether labels have one number for each class.
        dtype: float32 or uint8.
        reshape: whether each image is one row of pixels.
        validation_size: how many of the images for training are for validation.
        seed: of the order.
        source_url: where TensorFlow 1 took the files from.

    Returns:
        the DataSets `train`, `validation` and `test`.

    Raises:
        UsageError: a file is not there.
        ValueError: there are fewer images than ``validation_size``.
    """
    options = {"dtype": dtype, "reshape": reshape, "seed": seed}
    if fake_data:
        return Datasets(*(DataSet([], [], fake_data=True, one_hot=one_hot, **options) for _ in range(3)))
    paths = [maybe_download(name, train_dir, source_url) for name in _FILES]
    contents = []
    for number, path in enumerate(paths):
        with tf.gfile.GFile(path, "rb") as file:
            contents.append(extract_labels(file, one_hot) if number % 2 else extract_images(file))
    images, labels, test_images, test_labels = contents
    if not 0 <= validation_size <= len(images):
        raise ValueError(f"Validation size should be between 0 and {len(images)}. Received: {validation_size}.")
    return Datasets(DataSet(images[validation_size:], labels[validation_size:], **options),
                    DataSet(images[:validation_size], labels[:validation_size], **options),
                    DataSet(test_images, test_labels, **options))


def load_mnist(train_dir: str = "MNIST-data") -> Datasets:
    """Is `read_data_sets`."""
    return read_data_sets(train_dir)
