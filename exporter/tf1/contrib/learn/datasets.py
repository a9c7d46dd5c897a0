"""`tf.contrib.learn.datasets`: CSV files, MNIST from local files; the data sets that it downloaded are for training only."""

from __future__ import annotations

import csv
from collections import namedtuple
from typing import Any

import numpy as np

from exporter.lazy_tensorflow import tf
from exporter.tf1.contrib.lazy_names import lazy_names

__all__ = ["Dataset", "Datasets", "load_csv_with_header", "load_csv_without_header"]

Dataset = namedtuple("Dataset", ["data", "target"])
Datasets = namedtuple("Datasets", ["train", "validation", "test"])

_MNIST = "exporter.tf1.contrib.learn.mnist"

__getattr__, __dir__ = lazy_names(
    __name__, {
        **dict.fromkeys(("base", "synthetic", "text_datasets"), f"{__name__}:"), "mnist": f"{_MNIST}:",
        **{name: f"{_MNIST}:{name}" for name in ("DataSet", "dense_to_one_hot", "extract_images", "extract_labels",
                                                 "load_mnist", "maybe_download", "read_data_sets")}},
    training="load_boston load_dataset load_dbpedia load_iris make_dataset retry")


def load_csv_with_header(filename: str, target_dtype: Any, features_dtype: Any, target_column: int = -1) -> Dataset:
    """Reads a CSV file whose first line tells how many rows and columns of features there are.

    Returns:
        the features, [rows, columns], and the target column, [rows].
    """
    with tf.gfile.Open(filename) as file:
        rows = csv.reader(file)
        next(rows)
        return _dataset(list(rows), target_dtype, features_dtype, target_column)


def load_csv_without_header(filename: str, target_dtype: Any, features_dtype: Any, target_column: int = -1) -> Dataset:
    """Reads a CSV file that has rows of features only; see `load_csv_with_header`."""
    with tf.gfile.Open(filename) as file:
        return _dataset(list(csv.reader(file)), target_dtype, features_dtype, target_column)


def _dataset(rows: list[list[str]], target_dtype: Any, features_dtype: Any, target_column: int) -> Dataset:
    targets = [row.pop(target_column) for row in rows]
    return Dataset(np.array(rows, dtype=features_dtype), np.array(targets, dtype=target_dtype))
