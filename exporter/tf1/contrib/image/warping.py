"""Warping of images by a flow, and by points (polyharmonic splines).

The names and arguments are those of dense_image_warp.py, interpolate_spline.py and sparse_image_warp.py below
tensorflow/contrib/image/python/ops of TensorFlow 1.15.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from exporter.lazy_tensorflow import Tensor, tf

__all__ = ["dense_image_warp", "interpolate_spline", "sparse_image_warp"]

_SMALLEST = 1e-10


def dense_image_warp(image: Any, flow: Any, name: str = "dense_image_warp") -> Tensor:
    """Returns output[b, j, i] = image[b, j - flow[b, j, i, 0], i - flow[b, j, i, 1]], interpolated between four pixels.

    Args:
        image: float [batch, height, width, channels], at least 2 x 2 pixels.
        flow: float [batch, height, width, 2].

    Points outside of the image get the pixel of the border that is next to them.
    """
    with tf.name_scope(name):
        image, flow = tf.convert_to_tensor(image), tf.convert_to_tensor(flow)
        batch, height, width = (tf.shape(image)[axis] for axis in range(3))
        rows, columns = tf.meshgrid(tf.range(height), tf.range(width), indexing="ij")
        grid = tf.cast(tf.stack([rows, columns], axis=-1), flow.dtype)
        points = tf.reshape(grid[None] - flow, [batch, height * width, 2])
        warped = tf.reshape(_between_pixels(image, points), tf.shape(image))
        warped.set_shape(image.shape)
        return warped


def _interpolate_bilinear(grid: Any, query_points: Any, name: str = "interpolate_bilinear", indexing: str = "ij") -> Tensor:
    """Interpolates between four pixels, as code does that takes it from the module `dense_image_warp`.

    Args:
        grid: float [batch, height, width, channels].
        query_points: float [batch, n, 2].
        indexing: `ij`: points are (row, column); `xy`: (column, row).

    Raises:
        ValueError: ``indexing`` is neither.
    """
    if indexing not in ("ij", "xy"):
        raise ValueError("Indexing mode must be 'ij' or 'xy'")
    with tf.name_scope(name):
        points = tf.convert_to_tensor(query_points)
        return _between_pixels(tf.convert_to_tensor(grid), points if indexing == "ij" else points[..., ::-1])


def _between_pixels(image: Tensor, points: Tensor) -> Tensor:
    """Interpolates at (row, column) points [batch, n, 2] -> [batch, n, channels]."""
    last = tf.cast(tf.shape(image)[1:3] - 2, points.dtype)
    floors = tf.minimum(tf.maximum(tf.zeros([], points.dtype), tf.floor(points)), last)
    shares = tf.cast(tf.clip_by_value(points - floors, 0.0, 1.0), image.dtype)
    corner = tf.cast(floors, tf.int32)

    def pixels(down: int, right: int) -> Tensor:
        """The pixels so many rows down and columns right."""
        return tf.gather_nd(image, tf.add(corner, [down, right]), batch_dims=1)

    row_share, column_share = shares[..., 0:1], shares[..., 1:2]
    top = pixels(0, 0) + column_share * (pixels(0, 1) - pixels(0, 0))
    bottom = pixels(1, 0) + column_share * (pixels(1, 1) - pixels(1, 0))
    return top + row_share * (bottom - top)


def interpolate_spline(train_points: Any, train_values: Any, query_points: Any, order: int,
                       regularization_weight: float = 0.0, name: str = "interpolate_spline") -> Tensor:
    """Interpolates values between points by a polyharmonic spline and a linear term.

    Args:
        train_points: float [batch, n, d].
        train_values: float [batch, n, k].
        query_points: float [batch, m, d].
        order: of the spline: 1 distances, 2 thin plates, 3 cubes of distances, ...
        regularization_weight: how much smoothness counts against meeting the values.

    Returns:
        float [batch, m, k].
    """
    with tf.name_scope(name):
        points, values, queries = (tf.convert_to_tensor(value) for value in (train_points, train_values, query_points))
        size, dimensions = tf.shape(points)[1], points.shape[-1]
        near = _spline(_squared_distances(points, points), order)
        near += regularization_weight * tf.eye(size, dtype=points.dtype)[None]
        linear = tf.concat([points, tf.ones_like(points[..., :1])], 2)
        terms = int(dimensions) + 1
        corner = tf.zeros([tf.shape(points)[0], terms, terms], points.dtype)
        system = tf.concat([tf.concat([near, linear], 2), tf.concat([tf.matrix_transpose(linear), corner], 2)], 1)
        none = tf.zeros([tf.shape(points)[0], terms, tf.shape(values)[2]], points.dtype)
        solution = tf.matrix_solve(system, tf.concat([values, none], 1))
        far = tf.matmul(_spline(_squared_distances(queries, points), order), solution[:, :size])
        return far + tf.matmul(tf.concat([queries, tf.ones_like(queries[..., :1])], 2), solution[:, size:])


def _squared_distances(left: Tensor, right: Tensor) -> Tensor:
    return tf.reduce_sum(tf.squared_difference(left[:, :, None], right[:, None]), axis=-1)


def _spline(squared: Tensor, order: int) -> Tensor:
    safe = tf.maximum(squared, _SMALLEST)
    if order % 2:
        return tf.pow(safe, 0.5 * order)
    return 0.5 * tf.pow(squared, order // 2) * tf.log(safe)


def sparse_image_warp(image: Any, source_control_point_locations: Any, dest_control_point_locations: Any,
                      interpolation_order: int = 2, regularization_weight: float = 0.0, num_boundary_points: int = 0,
                      name: str = "sparse_image_warp") -> tuple[Tensor, Tensor]:
    """Warps images so that source points come to lie on destination points.

    Args:
        image: float [batch, height, width, channels], height and width known.
        source_control_point_locations, dest_control_point_locations: (row, column), float [batch, n, 2].
        interpolation_order, regularization_weight: see `interpolate_spline`.
        num_boundary_points: points of the border that stay: 0 none, 1 the corners, 2 the corners and the middle of each
            edge, ...

    Returns:
        the images, and the flow, float [batch, height, width, 2].
    """
    with tf.name_scope(name):
        image, source, destination = (tf.convert_to_tensor(value) for value in (
            image, source_control_point_locations, dest_control_point_locations))
        height, width = (int(size) for size in image.shape[1:3])
        flows = destination - source
        if num_boundary_points:
            border = tf.constant(_border(height, width, num_boundary_points), destination.dtype)
            fixed = tf.tile(border[None], [tf.shape(destination)[0], 1, 1])
            destination, flows = tf.concat([destination, fixed], 1), tf.concat([flows, tf.zeros_like(fixed)], 1)
        pixels = np.stack(np.meshgrid(np.arange(height), np.arange(width), indexing="ij"), -1).reshape(1, -1, 2)
        queries = tf.tile(tf.constant(pixels, destination.dtype), [tf.shape(destination)[0], 1, 1])
        flow = interpolate_spline(destination, flows, queries, interpolation_order, regularization_weight)
        flow = tf.reshape(flow, [tf.shape(destination)[0], height, width, 2])
        return dense_image_warp(image, flow), flow


def _border(height: int, width: int, points: int) -> Any:
    rows, columns = np.linspace(0, height - 1, points + 1), np.linspace(0, width - 1, points + 1)
    return np.array([(row, column) for row in rows for column in columns
                     if row in (0, height - 1) or column in (0, width - 1)], np.float32)
