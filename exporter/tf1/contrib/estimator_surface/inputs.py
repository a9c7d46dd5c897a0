"""Input functions from arrays: `tf.estimator.inputs`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from exporter.lazy_tensorflow import Tensor, tf

__all__ = ["numpy_input_fn", "pandas_input_fn"]


def numpy_input_fn(x: Any, y: Any = None, batch_size: int = 128, num_epochs: int | None = 1, shuffle: bool | None = None,
                   queue_capacity: int = 1000, num_threads: int = 1) -> Callable[[], Any]:
    """Returns an input function over arrays.

    Args:
        x: name -> array [rows, ...], or one array.
        y: labels, alike; or None.
        batch_size: rows of a batch; the last one may have fewer.
        num_epochs: how often; None: without end.
        shuffle: whether rows come in random order.
        queue_capacity: rows among which they are shuffled.
        num_threads: not used.

    Raises:
        ValueError: `shuffle` is not given, or arrays have different numbers of rows (when the function is called).
    """
    if shuffle is None:
        raise ValueError("shuffle must be provided and explicitly set as boolean (it is recommended to set it as True for "
                         "training); got None")

    def input_fn() -> Any:
        """Returns features, and labels where there are some."""
        structure = x if y is None else (x, y)
        arrays = [np.asarray(array) for array in tf.nest.flatten(structure)]
        if len({len(array) for array in arrays}) != 1:
            raise ValueError(f"All arrays need the same number of rows, found {[len(array) for array in arrays]}.")
        indices = tf.data.Dataset.range(len(arrays[0]))
        if shuffle:
            indices = indices.shuffle(queue_capacity)
        batches = indices.repeat(num_epochs).batch(batch_size).map(lambda chosen: _rows(arrays, chosen))
        iterator = tf.data.make_initializable_iterator(batches)
        tf.add_to_collection(tf.GraphKeys.TABLE_INITIALIZERS, iterator.initializer)
        return tf.nest.pack_sequence_as(structure, list(iterator.get_next()))

    return input_fn


def _rows(arrays: Sequence[Any], chosen: Tensor) -> tuple[Tensor, ...]:
    """Some rows of all arrays, by their indices int64 [batch]."""
    values = tf.numpy_function(lambda index: [array[index] for array in arrays], [chosen],
                               [tf.as_dtype(array.dtype) for array in arrays])
    for value, array in zip(values, arrays, strict=True):
        value.set_shape([None, *array.shape[1:]])
    return tuple(values)


def pandas_input_fn(x: Any, y: Any = None, batch_size: int = 128, num_epochs: int | None = 1, shuffle: bool | None = None,
                    queue_capacity: int = 1000, num_threads: int = 1, target_column: str = "target") -> Callable[[], Any]:
    """Returns an input function over a DataFrame; see `numpy_input_fn`.

    Args:
        x: a DataFrame.
        y: a Series or a DataFrame, or None.
        batch_size: rows of a batch.
        num_epochs: how often; None: without end.
        shuffle: whether rows come in random order.
        queue_capacity: rows among which they are shuffled.
        num_threads: not used.
        target_column: not used: labels come under their own names.
    """
    features = {str(name): np.asarray(x[name]) for name in x.columns}
    labels = y
    if y is not None:
        labels = {str(name): np.asarray(y[name]) for name in y.columns} if hasattr(y, "columns") else np.asarray(y)
    if isinstance(labels, Mapping) and not labels:
        raise ValueError("y has no columns.")
    return numpy_input_fn(features, labels, batch_size, num_epochs, shuffle, queue_capacity, num_threads)
