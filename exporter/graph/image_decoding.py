"""Decoding a batch of encoded images inside the graph."""

from __future__ import annotations

from exporter.graph.tensor_spec import Shape
from exporter.lazy_tensorflow import Tensor, tf

_PARALLEL_IMAGES = 32


def decode_images(encoded: Tensor, input_shape: Shape) -> Tensor:
    """Decodes JPEG, PNG, BMP and GIF (first frame) images into one batch.

    Args:
        encoded: strings [batch].
        input_shape: (batch, height, width, channels) with 1 or 3 channels. With height and width each image is resized
            to them (bilinear, half-pixel centers); without, all images of a batch must have one size, else running the
            graph fails with an error that names the sizes.

    Returns:
        uint8 [batch, height, width, channels].
    """
    batch, height, width, channels = input_shape
    size = None if height is None or width is None else (height, width)
    count = tf.size(encoded)

    def decode_one(index: Tensor, images: Tensor, shapes: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        image = decode_image(encoded[index], channels or 3)
        if size is not None:
            image = _resize(image, size)
        return index + 1, images.write(index, image), shapes.write(index, tf.shape(image))

    element_shape = [height, width, channels] if size is not None else None
    _, images, shapes = tf.while_loop(
        lambda index, *_: index < count, decode_one,
        (tf.constant(0),
         tf.TensorArray(tf.uint8, count, element_shape=element_shape, infer_shape=False),
         tf.TensorArray(tf.int32, count, element_shape=[3])),
        parallel_iterations=_PARALLEL_IMAGES, back_prop=False)
    checks = [] if size is not None else [_assert_one_size(shapes.stack())]
    with tf.control_dependencies(checks):
        decoded = images.stack()
    decoded.set_shape([batch, height, width, channels])
    return decoded


def decode_image(encoded: Tensor, channels: int) -> Tensor:
    """Decodes one image to uint8 [height, width, channels]; grayscale is repeated, alpha dropped.

    ``tf.io.decode_image`` refuses a BMP whose channels differ from the wanted ones, and a GIF for one channel: these are
    decoded as they are and converted.
    """
    def decode(channels: int) -> Tensor:
        return tf.io.decode_image(encoded, channels=channels, expand_animations=False)

    def decode_no_bitmap() -> Tensor:
        if channels == 3:
            return decode(3)
        return tf.cond(_starts_with(encoded, b"GIF"),
                       lambda: _convert_channels(decode(3), channels), lambda: decode(channels))

    image = tf.cond(_starts_with(encoded, b"BM"),
                    lambda: _convert_channels(tf.io.decode_bmp(encoded), channels), decode_no_bitmap)
    image.set_shape([None, None, channels])
    return image


def _starts_with(encoded: Tensor, signature: bytes) -> Tensor:
    return tf.equal(tf.strings.substr(encoded, 0, len(signature)), signature)


def _convert_channels(image: Tensor, channels: int) -> Tensor:
    found = tf.shape(image)[2]
    if channels == 1:
        return tf.cond(tf.equal(found, 1), lambda: image, lambda: tf.image.rgb_to_grayscale(image[:, :, :3]))
    return tf.cond(tf.equal(found, 1), lambda: tf.tile(image, [1, 1, 3]), lambda: image[:, :, :3])


def _resize(image: Tensor, size: tuple[int, int]) -> Tensor:
    """Resizes to uint8: the interpolated float32 values are rounded, where a cast alone would cut them off."""
    resized = tf.compat.v2.image.resize(image, size, method="bilinear")
    return tf.saturate_cast(tf.round(resized), tf.uint8)


def _assert_one_size(shapes: Tensor) -> Tensor:
    """Returns an op that fails, when the graph runs, unless all rows of ``shapes`` [batch, 3] are equal."""
    return tf.raw_ops.Assert(
        condition=tf.reduce_all(tf.equal(shapes, shapes[:1])),
        data=["One batch holds images of different sizes. Send images of one size, or export with "
              "--input_shape=-1,HEIGHT,WIDTH,3 to have them resized. Sizes found:", shapes[:, :2]],
        summarize=64)
