"""Decoding within the graph: formats, channels, sizes and rounding."""

import io

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from PIL import Image

from exporter.graph.image_decoding import decode_image, decode_images

pytestmark = pytest.mark.usefixtures("graph")
RANDOM = np.random.default_rng(3)
COLOR = RANDOM.integers(0, 256, (6, 5, 3), np.uint8)
GRAY = RANDOM.integers(0, 256, (6, 5), np.uint8)


def encode(array, file_format, mode=None, **options):
    file = io.BytesIO()
    image = Image.fromarray(array)
    (image.convert(mode) if mode else image).save(file, file_format, **options)
    return file.getvalue()


def decode(encoded, channels=3):
    with tf.Session() as session:
        return session.run(decode_image(tf.constant(encoded), channels))


def decode_batch(encoded, shape=(None, None, None, 3)):
    with tf.Session() as session:
        return session.run(decode_images(tf.constant(encoded, tf.string, [len(encoded)]), shape))


@pytest.mark.parametrize("file_format", ["PNG", "BMP"])
def test_lossless_color(file_format):
    np.testing.assert_array_equal(decode(encode(COLOR, file_format)), COLOR)


def test_jpeg_as_tensorflow_decodes_it():
    encoded = encode(COLOR, "JPEG")
    expected = tf.io.decode_jpeg(encoded)
    with tf.Session() as session:
        np.testing.assert_array_equal(decode(encoded), session.run(expected))


@pytest.mark.parametrize("file_format", ["PNG", "BMP", "GIF"])
def test_grayscale_is_repeated(file_format):
    np.testing.assert_array_equal(decode(encode(GRAY, file_format)), np.repeat(GRAY[:, :, None], 3, axis=2))


@pytest.mark.parametrize("file_format", ["PNG", "BMP", "GIF"])
def test_grayscale_stays_for_one_channel(file_format):
    np.testing.assert_array_equal(decode(encode(GRAY, file_format), channels=1), GRAY[:, :, None])


@pytest.mark.parametrize("file_format", ["PNG", "BMP"])
def test_alpha_is_dropped(file_format):
    with_alpha = np.concatenate([COLOR, RANDOM.integers(0, 256, (6, 5, 1), np.uint8)], axis=2)
    np.testing.assert_array_equal(decode(encode(with_alpha, file_format)), COLOR)


def test_color_bitmaps_become_gray_for_one_channel():
    expected = tf.image.rgb_to_grayscale(COLOR)
    with tf.Session() as session:
        np.testing.assert_array_equal(decode(encode(COLOR, "BMP"), channels=1), session.run(expected))


def test_16_bit_png_keeps_the_upper_bits():
    deep = (GRAY.astype(np.uint16) << 8) + 77
    np.testing.assert_array_equal(decode(encode(deep, "PNG"), channels=1), GRAY[:, :, None])


def test_the_first_frame_of_a_gif():
    frames = [Image.fromarray(GRAY), Image.fromarray(255 - GRAY)]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    np.testing.assert_array_equal(decode(file.getvalue(), channels=3)[..., 0], GRAY)


def test_a_batch_of_all_formats_is_resized_to_a_fixed_shape():
    encoded = [encode(COLOR, file_format) for file_format in ("PNG", "BMP", "JPEG")] + [encode(GRAY, "GIF")]
    images = decode_batch(encoded, (None, 4, 7, 3))
    assert (images.shape, images.dtype) == ((4, 4, 7, 3), np.uint8)


def test_images_of_the_fixed_size_stay_as_they_are():
    np.testing.assert_array_equal(decode_batch([encode(COLOR, "PNG")] * 2, (None, 6, 5, 3)), [COLOR, COLOR])


def test_resized_values_are_rounded_not_cut_off():
    pixels = np.array([[[0], [255]]], np.uint8).repeat(3, axis=2)  # in between: 63.75, 191.25
    [image] = decode_batch([encode(pixels, "PNG")], (None, 1, 4, 3))
    assert image[0, :, 0].tolist() == [0, 64, 191, 255]


def test_an_empty_batch():
    assert decode_batch([], (None, 4, 4, 3)).shape == (0, 4, 4, 3)


def test_images_of_one_size_need_no_fixed_shape():
    np.testing.assert_array_equal(decode_batch([encode(COLOR, "PNG"), encode(COLOR, "BMP")]), [COLOR, COLOR])


def test_images_of_different_sizes_give_an_error_that_names_the_sizes_and_the_flag():
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"(?s)--input_shape=-1,HEIGHT,WIDTH,3.*\[6 5\]\[4 5\]"):
        decode_batch([encode(COLOR, "PNG"), encode(COLOR[:4], "PNG")])


def test_something_that_is_no_image_is_an_error():
    with pytest.raises(tf.errors.InvalidArgumentError, match="Unknown image file format"):
        decode_batch([b"no image"])
