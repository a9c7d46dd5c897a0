"""Batches of inputs of like length, by queues (tensorflow/contrib/training/python/training/bucket_ops.py of 1.15)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from exporter.lazy_tensorflow import Tensor, tf

__all__ = ["bucket", "bucket_by_sequence_length"]


def bucket(tensors: Any, which_bucket: Any, batch_size: int | Sequence[int], num_buckets: int, num_threads: int = 1,
           capacity: int = 32, bucket_capacities: Sequence[int] | None = None, shapes: Any = None,
           dynamic_pad: bool = False, allow_smaller_final_batch: bool = False, keep_input: Any = True,
           shared_name: str | None = None, name: str | None = None) -> tuple[Tensor, Any]:
    """Collects inputs in buckets, and returns batches of one bucket each.

    Args:
        tensors: a list or dictionary of tensors, one input.
        which_bucket: int32 scalar below ``num_buckets``.
        batch_size: of each bucket, or of all.
        num_threads, capacity: threads that fill the buckets; size of the queue of batches.
        shapes: of the inputs, where TensorFlow doesn't know them.
        dynamic_pad: whether inputs may differ in size, and are padded with zeros.
        allow_smaller_final_batch: whether the last batch of a bucket may be smaller.
        keep_input: bool scalar, whether the input is taken at all.

    Returns:
        the bucket's number, int32 scalar, and the batch, in the structure of ``tensors``.

    Raises:
        ValueError: sizes for another number of buckets.
    """
    with tf.name_scope(name, "bucket", []) as scope:
        names = list(tensors) if isinstance(tensors, dict) else None
        flat = [tf.convert_to_tensor(tensor) for tensor in (tensors.values() if names else tensors)]
        sizes = _per_bucket(batch_size, num_buckets, "batch_size")
        capacities = _per_bucket(bucket_capacities or capacity, num_buckets, "bucket_capacities")
        types, shapes = [tensor.dtype for tensor in flat], shapes or [tensor.shape for tensor in flat]
        make = tf.PaddingFIFOQueue if dynamic_pad else tf.FIFOQueue
        queues = [make(capacity=size, dtypes=types, shapes=shapes, name=f"bucket_queue_{number}",
                       shared_name=shared_name and f"{shared_name}_{number}") for number, size in enumerate(capacities)]
        batches = tf.PaddingFIFOQueue(capacity, [tf.int32, *types], [
            tf.TensorShape([]), *_batch_shapes(shapes, sizes, allow_smaller_final_batch)], shared_name=shared_name,
            name="top_queue")
        _fill(queues, flat, tf.cast(which_bucket, tf.int32), keep_input, num_threads)
        _hand_over(queues, batches, sizes, allow_smaller_final_batch)
        tf.summary.scalar(f"{scope}fraction_of_{capacity}_full", tf.cast(batches.size(), tf.float32) / capacity)
        number, *batch = batches.dequeue(name="dequeue_top")
    return number, dict(zip(names, batch, strict=True)) if names else batch


def _per_bucket(value: int | Sequence[int], buckets: int, name: str) -> list[int]:
    values = list(value) if isinstance(value, (list, tuple)) else [int(np.asarray(value))] * buckets
    if len(values) != buckets:
        raise ValueError(f"If {name} is a list it must have num_buckets elements: {len(values)} for {buckets} buckets")
    return values


def _batch_shapes(shapes: Sequence[Any], sizes: Sequence[int], is_open: bool) -> list[Any]:
    size = sizes[0] if len(set(sizes)) == 1 and not is_open else None
    return [tf.TensorShape([size]).concatenate(shape) for shape in shapes]


def _fill(queues: Sequence[Any], tensors: Sequence[Tensor], which: Tensor, keep_input: Any, threads: int) -> None:
    """Adds the threads that put inputs into the buckets."""
    def enqueue() -> Any:
        """Puts an element into the queue of its bucket."""
        into = [tf.cond(tf.equal(which, number), lambda queue=queue: tf.group(queue.enqueue(tensors)), tf.no_op)
                for number, queue in enumerate(queues)]
        return tf.group(*into, name="group_enqueues")

    keep = tf.convert_to_tensor(keep_input)
    into = tf.cond(keep, enqueue, tf.no_op)
    close = tf.group(*[queue.close() for queue in queues])
    cancel = tf.group(*[queue.close(cancel_pending_enqueues=True) for queue in queues])
    tf.train.add_queue_runner(tf.train.QueueRunner(queues[0], [into] * threads, close, cancel,
                                                   (tf.errors.OutOfRangeError, tf.errors.CancelledError)))


def _hand_over(queues: Sequence[Any], batches: Any, sizes: Sequence[int], may_be_smaller: bool) -> None:
    """Adds the threads that put whole batches of each bucket into the queue of batches, which the last of them closes."""
    enqueues = []
    for number, (queue, size) in enumerate(zip(queues, sizes, strict=True)):
        taken = (queue.dequeue_up_to if may_be_smaller else queue.dequeue_many)(size)
        taken = taken if isinstance(taken, (list, tuple)) else [taken]
        enqueues.append(batches.enqueue([tf.constant(number), *taken], name=f"enqueue_from_bucket_{number}"))
    tf.train.add_queue_runner(tf.train.QueueRunner(batches, enqueues, queue_closed_exception_types=(
        tf.errors.OutOfRangeError, tf.errors.CancelledError)))


def bucket_by_sequence_length(input_length: Any, tensors: Any, batch_size: int | Sequence[int],
                              bucket_boundaries: Sequence[int], num_threads: int = 1, capacity: int = 32,
                              bucket_capacities: Sequence[int] | None = None, shapes: Any = None,
                              dynamic_pad: bool = False, allow_smaller_final_batch: bool = False, keep_input: Any = True,
                              shared_name: str | None = None, name: str | None = None) -> tuple[Tensor, Any]:
    """Collects inputs in buckets by their length: below the first boundary, between two, at or above the last.

    Args:
        input_length: int32 scalar.
        bucket_boundaries: increasing lengths.
        tensors, batch_size, ...: those of `bucket`.

    Returns:
        the lengths, int32 [batch], and the batch.

    Raises:
        ValueError: the boundaries don't increase.
    """
    boundaries = list(bucket_boundaries)
    if not boundaries or boundaries != sorted(set(boundaries)):
        raise ValueError(f"Buckets must be sorted in increasing order and not be empty, but they were {boundaries}")
    with tf.name_scope(name, "bucket_by_sequence_length", [input_length]) as scope:
        length = tf.cast(input_length, tf.int32)
        which = tf.reduce_sum(tf.cast(length >= tf.constant(boundaries, tf.int32), tf.int32))
        inputs = {**tensors, _LENGTH: length} if isinstance(tensors, dict) else [*tensors, length]
        shapes = None if shapes is None else [*shapes, tf.TensorShape([])]
        _, batch = bucket(inputs, which, batch_size, len(boundaries) + 1, num_threads, capacity, bucket_capacities, shapes,
                          dynamic_pad, allow_smaller_final_batch, keep_input, shared_name, scope)
    if isinstance(batch, dict):
        return batch.pop(_LENGTH), batch
    return batch[-1], batch[:-1]


_LENGTH = "input_length of bucket_by_sequence_length"
