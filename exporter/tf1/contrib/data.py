"""`tf.contrib.data`: on `tf.data` and `tf.data.experimental`, its successors.

The names are those of tensorflow/contrib/data/__init__.py of TensorFlow 1.15, and the datasets and iterators of 1.2 to 1.4.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from exporter.lazy_tensorflow import tf
from exporter.tf1.contrib.lazy_names import lazy_names

__all__ = ["assert_element_shape", "batch_and_drop_remainder", "padded_batch_and_drop_remainder", "read_batch_features",
           "reduce_dataset", "sliding_window_batch", "sloppy_interleave"]

Transformation = Callable[[Any], Any]

_EXPERIMENTAL = (
    "AUTOTUNE", "Counter", "CsvDataset", "Optional", "RandomDataset", "Reducer", "SqlDataset", "TFRecordWriter",
    "bucket_by_sequence_length", "choose_from_datasets", "copy_to_device", "dense_to_sparse_batch", "enumerate_dataset",
    "get_next_as_optional", "get_single_element", "group_by_reducer", "group_by_window", "ignore_errors",
    "make_batched_features_dataset", "make_csv_dataset", "make_saveable_from_iterator", "map_and_batch",
    "parallel_interleave", "parse_example_dataset", "prefetch_to_device", "rejection_resample", "sample_from_datasets",
    "scan", "shuffle_and_repeat", "unbatch", "unique")
_DATASETS = ("Dataset", "FixedLengthRecordDataset", "Iterator", "TFRecordDataset", "TextLineDataset")

__getattr__, __dir__ = lazy_names(__name__, {
    **{name: f"data.experimental.{name}" for name in _EXPERIMENTAL},
    **{name: f"data.{name}" for name in _DATASETS},
}, training="CheckpointInputPipelineHook LMDBDataset")


def batch_and_drop_remainder(batch_size: Any) -> Transformation:
    """Returns a transformation: batches, all of the full size."""
    return lambda dataset: dataset.batch(batch_size, drop_remainder=True)


def padded_batch_and_drop_remainder(batch_size: Any, padded_shapes: Any, padding_values: Any = None) -> Transformation:
    """Returns a transformation: padded batches, all of the full size."""
    return lambda dataset: dataset.padded_batch(batch_size, padded_shapes, padding_values, drop_remainder=True)


def sloppy_interleave(map_func: Callable[..., Any], cycle_length: int, block_length: int = 1) -> Transformation:
    """Returns a transformation: elements of several datasets, in the order in which they are ready."""
    interleave: Transformation = tf.data.experimental.parallel_interleave(map_func, cycle_length, block_length, sloppy=True)
    return interleave


def sliding_window_batch(window_size: int, stride: int | None = None, window_shift: int | None = None,
                         window_stride: int = 1) -> Transformation:
    """Returns a transformation: batches of ``window_size`` elements, each begun ``window_shift`` elements after the last.

    Args:
        stride: the older name of ``window_shift``, which is 1 by default.
        window_stride: the step between the elements of one batch.

    Raises:
        ValueError: both names are given.
    """
    if stride is not None and window_shift is not None:
        raise ValueError("Cannot specify both `stride` and `window_shift`")
    shift = stride or window_shift or 1

    def whole(*element: Any) -> Any:
        """Makes one batch of each window; shorter ones are left out."""
        windows = tf.data.Dataset.zip(element if len(element) > 1 else element[0])
        return windows.batch(window_size, drop_remainder=True)

    return lambda dataset: dataset.window(window_size, shift, window_stride, drop_remainder=True).flat_map(whole)


def reduce_dataset(dataset: Any, reducer: Any) -> Any:
    """Returns what a `Reducer` makes of all elements, as tensors."""
    reduced = dataset.reduce(reducer.init_func(tf.constant(0, tf.int64)), reducer.reduce_func)
    return reducer.finalize_func(reduced)


def read_batch_features(file_pattern: Any, batch_size: int, features: Any, reader: Any = None, reader_args: Any = None,
                        randomize_input: bool = True, num_epochs: int | None = None, capacity: int = 10000) -> Any:
    """Returns name -> tensor: batches of parsed examples of files."""
    dataset = tf.data.experimental.make_batched_features_dataset(
        file_pattern, batch_size, features, reader or tf.data.TFRecordDataset, reader_args=reader_args,
        num_epochs=num_epochs, shuffle=randomize_input, shuffle_buffer_size=capacity)
    return tf.data.make_one_shot_iterator(dataset).get_next()


def assert_element_shape(expected_shapes: Any) -> Transformation:
    """Returns a transformation: the elements, checked to have shapes, which are known from then on.

    Args:
        expected_shapes: shapes in the structure of the elements; None for a size that may vary.
    """
    from tensorflow.python.data.util import nest

    def check(*element: Any) -> Any:
        """Returns an element with the expected shapes, which are checked."""
        structure = element if len(element) > 1 else element[0]
        flat = [_checked(tensor, shape) for tensor, shape in zip(
            nest.flatten(structure), nest.flatten_up_to(structure, expected_shapes), strict=True)]
        return nest.pack_sequence_as(structure, flat)

    return lambda dataset: dataset.map(check)


def _checked(tensor: Any, shape: Any) -> Any:
    expected = tf.TensorShape(shape)
    if expected.ndims is None:
        return tensor
    sizes = [-1 if size is None else size for size in expected.as_list()]
    actual = tf.shape(tensor)
    fits = tf.logical_or(tf.equal(sizes, actual), tf.equal(sizes, -1)) if sizes else True
    with tf.control_dependencies([tf.assert_rank(tensor, expected.ndims), tf.Assert(tf.reduce_all(fits), [actual, sizes])]):
        checked = tf.identity(tensor)
    checked.set_shape(expected)
    return checked
