"""Statistics of samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from exporter.lazy_tensorflow import Tensor, tf

__all__ = ["percentile"]


def percentile(x: Any, q: float, axis: int | Sequence[int] | None = None, interpolation: str | None = None,
               keep_dims: bool = False, validate_args: bool = False, name: str | None = None) -> Tensor:
    """Returns the ``q``-th percentile of the elements, or along axes.

    Args:
        x: numbers, at least [1].
        q: 0 to 100.
        axis: one axis, or several; all of them by default.
        interpolation: which element if it falls between two: ``nearest`` (the default), ``lower`` or ``higher``.
        keep_dims: whether the axes stay, with the size 1.

    Raises:
        ValueError: another interpolation.
    """
    interpolation = interpolation or "nearest"
    if interpolation not in ("lower", "higher", "nearest"):
        raise ValueError(f"interpolation must be in ('lower', 'higher', 'nearest'). Found {interpolation}")
    with tf.name_scope(name, "percentile", [x, q]):
        x = tf.convert_to_tensor(x)
        rank = x.shape.ndims
        axes = list(range(rank)) if axis is None else sorted(
            number % rank for number in (axis if isinstance(axis, (list, tuple)) else [axis]))
        kept = [number for number in range(rank) if number not in axes]
        shape = tf.gather(tf.shape(x), tf.constant(kept, tf.int32))
        rows = tf.reshape(tf.transpose(x, kept + axes), tf.concat([shape, [-1]], 0))
        ordered, _ = tf.nn.top_k(rows, tf.shape(rows)[-1])
        last = tf.cast(tf.shape(rows)[-1] - 1, tf.float64)
        place = last * (1.0 - tf.cast(q, tf.float64) / 100.0)
        rounded = {"lower": tf.ceil, "higher": tf.floor, "nearest": tf.round}[interpolation](place)
        value = tf.gather(ordered, tf.cast(tf.clip_by_value(rounded, 0.0, last), tf.int32), axis=-1)
        value.set_shape([x.shape[number] for number in kept])
        for number in axes if keep_dims else []:
            value = tf.expand_dims(value, number)
        return value
