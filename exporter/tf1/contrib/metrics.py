"""`tf.contrib.metrics`: those of tf-slim, operations on sets, and the confusion matrix."""

from __future__ import annotations

from typing import Any

from exporter.lazy_tensorflow import Tensor, tf
from exporter.tf1.contrib.lazy_names import lazy_names

__all__ = ["confusion_matrix"]

__getattr__, __dir__ = lazy_names(__name__, {
    "set_difference": "sets.difference", "set_intersection": "sets.intersection", "set_size": "sets.size",
    "set_union": "sets.union",
    "confusion_matrix_ops": "tensorflow.python.ops:confusion_matrix",
    "metric_ops": "tf_slim.metrics.metric_ops:",
    "set_ops": "exporter.tf1.contrib.metrics:",
}, modules=("tf_slim.metrics",))


def confusion_matrix(labels: Any, predictions: Any, num_classes: int | None = None, dtype: Any = None,
                     name: str | None = None, weights: Any = None) -> Tensor:
    """Returns the matrix of how often label i was predicted as j: ``dtype`` (int32) [classes, classes].

    `tf.math.confusion_matrix` takes the same in another order.
    """
    return tf.math.confusion_matrix(labels, predictions, num_classes, dtype or tf.int32, name, weights)
