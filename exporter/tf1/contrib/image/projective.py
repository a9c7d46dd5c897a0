"""Projective transforms of images (tensorflow/contrib/image/python/ops/image_ops.py of TensorFlow 1.15).

A transform [a0, a1, a2, b0, b1, b2, c0, c1] takes the *output* point (x, y) to the input point
((a0 x + a1 y + a2) / k, (b0 x + b1 y + b2) / k), k = c0 x + c1 y + 1. Points outside of the input are 0.
"""

from __future__ import annotations

from typing import Any

from exporter.lazy_tensorflow import Tensor, tf

__all__ = ["angles_to_projective_transforms", "compose_transforms", "flat_transforms_to_matrices",
           "matrices_to_flat_transforms", "rotate", "transform", "translate", "translations_to_projective_transforms"]


def rotate(images: Any, angles: Any, interpolation: str = "NEAREST", name: str | None = None) -> Tensor:
    """Rotates images around their middle, counterclockwise.

    Args:
        images: [batch, height, width, channels], [height, width, channels] or [height, width].
        angles: radians, a scalar or [batch].
        interpolation: ``NEAREST`` or ``BILINEAR``.

    Returns:
        the images' type and shape.
    """
    with tf.name_scope(name, "rotate"):
        images = tf.convert_to_tensor(images)
        size = tf.cast(tf.shape(_batch_of(images))[1:3], tf.float32)
        return transform(images, angles_to_projective_transforms(angles, size[0], size[1]), interpolation)


def translate(images: Any, translations: Any, interpolation: str = "NEAREST", name: str | None = None) -> Tensor:
    """Moves images by (dx, dy).

    Args:
        images: as for `rotate`.
        translations: float32 [2] or [batch, 2].
    """
    with tf.name_scope(name, "translate"):
        return transform(images, translations_to_projective_transforms(translations), interpolation)


def angles_to_projective_transforms(angles: Any, image_height: Any, image_width: Any, name: str | None = None) -> Tensor:
    """Returns the transforms of rotations, float32 [batch, 8].

    Args:
        angles: radians, a scalar or [batch].
        image_height, image_width: the size of the images.

    Raises:
        ValueError: angles of another rank.
    """
    with tf.name_scope(name, "angles_to_projective_transforms"):
        angles = _rows(angles, 1, (0, 1), ValueError("Angles should have rank 0 or 1."))
        right, bottom = image_width - 1, image_height - 1
        cos, sin = tf.cos(angles), tf.sin(angles)
        x_offset = (right - (cos * right - sin * bottom)) / 2.0
        y_offset = (bottom - (sin * right + cos * bottom)) / 2.0
        zeros = tf.zeros([tf.shape(angles)[0], 2], tf.float32)
        return tf.concat([cos, -sin, x_offset, sin, cos, y_offset, zeros], 1)


def translations_to_projective_transforms(translations: Any, name: str | None = None) -> Tensor:
    """Returns the transforms of movements, float32 [batch, 8].

    Args:
        translations: (dx, dy), float32 [2] or [batch, 2].

    Raises:
        TypeError: translations of another rank.
    """
    with tf.name_scope(name, "translations_to_projective_transforms"):
        moves = _rows(translations, 2, (1, 2), TypeError("Translations should have rank 1 or 2."))
        ones, zeros = tf.ones_like(moves[:, :1]), tf.zeros_like(moves[:, :1])
        return tf.concat([ones, zeros, -moves[:, :1], zeros, ones, -moves[:, 1:], zeros, zeros], 1)


def transform(images: Any, transforms: Any, interpolation: str = "NEAREST", output_shape: Any = None,
              name: str | None = None) -> Tensor:
    """Applies projective transforms to images.

    Args:
        images: [batch, height, width, channels], [height, width, channels] or [height, width].
        transforms: float32 [8] or [batch, 8].
        interpolation: ``NEAREST`` or ``BILINEAR``.
        output_shape: int32 [2], height and width of the output; those of the images by default.

    Raises:
        TypeError: images or transforms of another rank.
    """
    with tf.name_scope(name, "transform"):
        images = tf.convert_to_tensor(images)
        batch = _batch_of(images)
        flat = _rows(transforms, 8, (1, 2), TypeError("Transforms should have rank 1 or 2."))
        size = tf.shape(batch)[1:3] if output_shape is None else tf.convert_to_tensor(output_shape, tf.int32)
        transformed = tf.raw_ops.ImageProjectiveTransformV3(
            images=batch, transforms=flat, output_shape=size, fill_value=tf.constant(0.0),
            interpolation=interpolation.upper(), fill_mode="CONSTANT")
        known = tf.get_static_value(size)
        sizes = batch.shape[1:3] if output_shape is None else known if known is not None else [None, None]
        transformed.set_shape([batch.shape[0], *sizes, batch.shape[3]])
        return _unbatched(transformed, images)


def _rows(values: Any, columns: int, ranks: tuple[int, ...], problem: Exception) -> Tensor:
    """Returns one row, or several, as float32 [batch, columns]; raises the problem if the rank is none of these."""
    values = tf.convert_to_tensor(values, dtype=tf.float32)
    if values.shape.ndims not in ranks:
        raise problem
    return tf.reshape(values, [-1, columns])


def _batch_of(images: Tensor) -> Tensor:
    rank = images.shape.ndims
    if rank == 2:
        return images[None, :, :, None]
    if rank == 3:
        return images[None]
    if rank == 4:
        return images
    raise TypeError("Images should have rank between 2 and 4.")


def _unbatched(batch: Tensor, images: Tensor) -> Tensor:
    rank = images.shape.ndims
    return batch[0, :, :, 0] if rank == 2 else batch[0] if rank == 3 else batch


def flat_transforms_to_matrices(transforms: Any) -> Tensor:
    """Returns transforms [8] or [batch, 8] as matrices [batch, 3, 3]."""
    flat = tf.reshape(tf.convert_to_tensor(transforms, dtype=tf.float32), [-1, 8])
    return tf.reshape(tf.concat([flat, tf.ones([tf.shape(flat)[0], 1])], 1), [-1, 3, 3])


def matrices_to_flat_transforms(transform_matrices: Any) -> Tensor:
    """Returns matrices [3, 3] or [batch, 3, 3] as transforms [batch, 8]."""
    flat = tf.reshape(tf.convert_to_tensor(transform_matrices, dtype=tf.float32), [-1, 9])
    return (flat / flat[:, 8:9])[:, :8]


def compose_transforms(*transforms: Any) -> Tensor:
    """Returns the transform, float32 [batch, 8], that does what these do one after the other.

    Raises:
        ValueError: there are none.
    """
    if not transforms:
        raise ValueError("compose_transforms takes at least one transform")
    with tf.name_scope("compose_transforms"):
        composed = flat_transforms_to_matrices(transforms[0])
        for further in transforms[1:]:
            composed = tf.matmul(composed, flat_transforms_to_matrices(further))
        return matrices_to_flat_transforms(composed)
