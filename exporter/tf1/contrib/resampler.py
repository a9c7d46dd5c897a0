"""`tf.contrib.resampler`: values of images between their pixels."""

from __future__ import annotations

from typing import Any

from exporter.lazy_tensorflow import Tensor, tf

__all__ = ["resampler"]


def resampler(data: Any, warp: Any, name: str = "resampler") -> Tensor:
    """Interpolates images at points, between four pixels; outside of an image everything is 0.

    Args:
        data: float [batch, height, width, channels].
        warp: (x, y), float [batch, ..., 2].

    Returns:
        float [batch, ..., channels].
    """
    with tf.name_scope(name, values=[data, warp]):
        data, warp = tf.convert_to_tensor(data), tf.convert_to_tensor(warp)
        padded = tf.pad(data, [[0, 0], [1, 1], [1, 1], [0, 0]])
        batch, channels = tf.shape(data)[0], tf.shape(data)[3]
        flat = tf.reshape(warp, [batch, -1, 2])
        size = tf.cast(tf.shape(data)[1:3][::-1], warp.dtype)
        points = tf.clip_by_value(flat, -tf.ones([], warp.dtype), size) + 1.0
        corner = tf.minimum(tf.floor(points), size)
        shares = points - corner
        places = tf.cast(corner, tf.int32)[..., ::-1]

        def pixels(down: int, right: int) -> Tensor:
            """The pixels so many rows down and columns right."""
            return tf.gather_nd(padded, tf.add(places, [down, right]), batch_dims=1)

        x, y = shares[..., 0:1], shares[..., 1:2]
        values = ((1 - x) * (1 - y) * pixels(0, 0) + x * (1 - y) * pixels(0, 1)
                  + (1 - x) * y * pixels(1, 0) + x * y * pixels(1, 1))
        resampled = tf.reshape(values, tf.concat([tf.shape(warp)[:-1], [channels]], 0))
        resampled.set_shape(warp.shape[:-1].concatenate(data.shape[-1:]))
        return resampled
