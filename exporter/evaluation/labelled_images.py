"""Labelled images: a folder per class, or TFRecords with ``image/encoded`` and ``image/class/label``."""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from pathlib import Path

from exporter.errors import UsageError
from exporter.evaluation.class_mapping import ClassMapping, map_folders, map_stored_labels
from exporter.lazy_tensorflow import tf

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".gif")
ENCODED_FEATURE = "image/encoded"
LABEL_FEATURE = "image/class/label"


@dataclass(frozen=True)
class LabelledImage:
    """One image and its true class.

    Attributes:
        name: the file's path, or the TFRecord's with the record's number from 0 (``digits.tfrecord:17``).
        label: class index.
        encoded: the image file's content.
        example: the serialized ``tf.train.Example`` it came in, if it did.
    """

    name: str
    label: int
    encoded: bytes
    example: bytes | None = None


@dataclass(frozen=True)
class LabelledImages:
    """Images that can be gone through several times, read as they are asked for.

    Attributes:
        mapping: class indices and names.
        count: number of images, None where it is known only at the end.
        source: called for each pass.
    """

    mapping: ClassMapping
    count: int | None
    source: Callable[[], Iterator[LabelledImage]]

    def __iter__(self) -> Iterator[LabelledImage]:
        return self.source()

    def limited(self, count: int | None) -> LabelledImages:
        """Returns the first ``count`` of them, all for None."""
        if count is None:
            return self
        known = None if self.count is None else min(self.count, count)
        return LabelledImages(self.mapping, known, lambda: islice(self.source(), count))


def open_labelled_images(paths: Sequence[str], labels: Sequence[str] = (), origin: str = "--labels") -> LabelledImages:
    """Opens a directory with one folder per class, or TFRecords.

    Args:
        paths: one directory, or files; patterns such as ``data/test-*`` are expanded.
        labels: class names in the order of their indices; may be empty.
        origin: where ``labels`` come from, for messages.

    Raises:
        UsageError: nothing is there, a directory has no class folders or no images, or a folder is none of ``labels``.
    """
    found = [Path(path) for pattern in paths for path in _expanded(pattern)]
    directories = [path for path in found if path.is_dir()]
    if not directories:
        return LabelledImages(map_stored_labels(labels, origin), None, lambda: _records(found))
    if len(found) > 1:
        raise UsageError(f"--data is {len(found)} paths, and {directories[0]} is a directory.",
                         "Give one directory with a folder per class, or any number of TFRecord files.")
    return _open_folders(directories[0], labels, origin)


def _expanded(pattern: str) -> list[str]:
    if Path(pattern).exists():
        return [pattern]
    matches = sorted(glob.glob(pattern))
    if not matches:
        raise UsageError(f"--data {pattern}: there is no such file or directory.",
                         "Give a directory with one folder per class, or a TFRecord.")
    return matches


def _open_folders(directory: Path, labels: Sequence[str], origin: str) -> LabelledImages:
    """Images are taken from the classes in turn, so that a limited number holds all classes."""
    folders = sorted(path for path in directory.iterdir() if path.is_dir() and not path.name.startswith("."))
    if not folders:
        raise UsageError(f"--data {directory} has no class folders.",
                         "Put the images into one folder per class (data/cat/1.jpg, data/dog/7.jpg), or give a TFRecord.")
    mapping = map_folders([folder.name for folder in folders], labels, origin)
    index_by_name = {name: index for index, name in mapping.names.items()}
    files = [[(file, index_by_name[folder.name]) for file in _image_files(folder)] for folder in folders]
    in_turn = [entry for entry in chain.from_iterable(zip_longest(*files)) if entry is not None]
    if not in_turn:
        raise UsageError(f"--data {directory}: its {len(folders)} class folders have no images.",
                         f"Images are found by their suffix: {', '.join(IMAGE_SUFFIXES)}.")
    return LabelledImages(mapping, len(in_turn), lambda: (_read(file, label) for file, label in in_turn))


def _image_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in IMAGE_SUFFIXES and path.is_file())


def _read(file: Path, label: int) -> LabelledImage:
    try:
        return LabelledImage(str(file), label, file.read_bytes())
    except OSError as error:
        raise UsageError(f"The image {file} can't be read: {error.strerror}.", "Check its permissions.") from error


def _records(files: Sequence[Path]) -> Iterator[LabelledImage]:
    for file in files:
        compression = "GZIP" if file.suffix == ".gz" else ""
        records = tf.io.tf_record_iterator(str(file), tf.io.TFRecordOptions(compression))
        number = 0
        try:
            for number, record in enumerate(records):
                yield _labelled(record, f"{file}:{number}")
        except tf.errors.OpError as error:
            raise UsageError(f"{file} is no readable TFRecord: {error.message} (near record {number}).",
                             "Give TFRecords, or a directory with one folder per class.") from error


def _labelled(record: bytes, name: str) -> LabelledImage:
    from google.protobuf.message import DecodeError

    try:
        features = tf.train.Example.FromString(record).features.feature
    except DecodeError as error:
        raise UsageError(f"{name} holds no tf.train.Example: {error}.") from error
    encoded = list(features[ENCODED_FEATURE].bytes_list.value) if ENCODED_FEATURE in features else []
    labels = list(features[LABEL_FEATURE].int64_list.value) if LABEL_FEATURE in features else []
    if len(encoded) != 1 or len(labels) != 1:
        raise UsageError(f"{name} needs one {ENCODED_FEATURE} (bytes) and one {LABEL_FEATURE} (int64), found "
                         f"{len(encoded)} and {len(labels)}; its features: {', '.join(sorted(features)) or 'none'}.")
    return LabelledImage(name, labels[0], encoded[0], record)
