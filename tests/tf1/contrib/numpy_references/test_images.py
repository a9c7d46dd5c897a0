"""Geometry of images: every pixel of the output is written out by the point of the input that it comes from."""

import numpy as np
import pytest

from tests.tf1.contrib.numpy_references.formulas import assert_close
from tests.tf1.contrib.numpy_references.tensorflow_1.values import random as x

IMAGES = x(2, 4, 5, 3)


def pixel(image, row, column):
    height, width, channels = image.shape
    return image[int(row), int(column)] if 0 <= row < height and 0 <= column < width else np.zeros(channels)


def nearest(image, row, column):
    """What is halfway between goes away from 0."""
    return pixel(image, *(np.trunc(place + np.copysign(0.5, place)) for place in (row, column)))


def between(image, row, column):
    """Bilinear interpolation; outside of the image everything is 0."""
    top, left = np.floor(row), np.floor(column)
    down, right = row - top, column - left
    return sum(share * pixel(image, top + below, left + beside) for share, below, beside in (
        ((1 - down) * (1 - right), 0, 0), ((1 - down) * right, 0, 1), (down * (1 - right), 1, 0), (down * right, 1, 1)))


def transformed(transform, interpolate, images=IMAGES, size=(4, 5)):
    """The output at (x, y) is the input at (a0 x + a1 y + a2, b0 x + b1 y + b2) / (c0 x + c1 y + 1)."""
    a, b, c = np.reshape([*transform, 1], (3, 3))
    output = np.zeros((len(images), *size, images.shape[-1]))
    for number, image in enumerate(images):
        for row, column in np.ndindex(*size):
            point = np.array([column, row, 1])
            output[number, row, column] = interpolate(image, b @ point / (c @ point), a @ point / (c @ point))
    return output


def rotation(angle, height=4, width=5):
    """Counterclockwise, as one sees it, around the middle."""
    x, y, cos, sin = (width - 1) / 2, (height - 1) / 2, np.cos(angle), np.sin(angle)
    return [cos, -sin, x - cos * x + sin * y, sin, cos, y - sin * x - cos * y, 0, 0]


def warped(flow):
    """Each output pixel is the input at its place minus the flow, (rows, columns), held within the image."""
    output = np.zeros_like(IMAGES)
    for number, row, column in np.ndindex(2, 4, 5):
        down, right = np.clip([row, column] - flow[number, row, column], 0, [3, 4])
        output[number, row, column] = between(IMAGES[number], down, right)
    return output


def resampled(points):
    return np.array([[between(image, y, x) for x, y in places] for image, places in zip(IMAGES, points, strict=True)])


def spline(order, points, values, queries):
    """Polyharmonic interpolation (Iske 2004, chapter 2): radial functions, and a plane, through all the points.

    As in TensorFlow, a distance is 1e-5 at least.
    """
    def radial(one, other):
        distances = np.maximum(np.linalg.norm(one[:, None] - other[None], axis=-1), 1e-5)
        return distances ** 2 * np.log(distances) if order == 2 else distances ** order

    plane = np.concatenate([points, np.ones((len(points), 1))], 1)
    left = np.block([[radial(points, points), plane], [plane.T, np.zeros((3, 3))]])
    weights = np.linalg.solve(left, np.concatenate([values, np.zeros((3, values.shape[1]))]))
    columns = np.concatenate([radial(queries, points), queries, np.ones((len(queries), 1))], 1)
    return columns @ weights


POINTS = x(6, 2).astype(float)
SLANTED = [1.0, 0.2, -0.5, 0.1, 0.9, 1.0, 0.01, 0.02]
GEOMETRY = {
    "tf.contrib.image.rotate(x(2, 4, 5, 3), 0.4)": transformed(rotation(0.4), nearest),
    "tf.contrib.image.rotate(x(2, 4, 5, 3), 0.4, 'BILINEAR')": transformed(rotation(0.4), between),
    "tf.contrib.image.rotate(x(4, 5, 3), 1.3, 'BILINEAR')": transformed(rotation(1.3), between, x(1, 4, 5, 3))[0],
    "tf.contrib.image.rotate(x(2, 4, 5, 3), [0.4, -1.1], 'BILINEAR')": np.concatenate([
        transformed(rotation(0.4), between, IMAGES[:1]), transformed(rotation(-1.1), between, IMAGES[1:])]),
    "tf.contrib.image.translate(x(2, 4, 5, 3), [1.0, -2.0])": transformed([1, 0, -1, 0, 1, 2, 0, 0], nearest),
    "tf.contrib.image.translate(x(2, 4, 5, 3), [0.3, 1.2], 'BILINEAR')": transformed(
        [1, 0, -0.3, 0, 1, -1.2, 0, 0], between),
    f"tf.contrib.image.transform(x(2, 4, 5, 3), {SLANTED}, 'BILINEAR')": transformed(SLANTED, between),
    f"tf.contrib.image.transform(x(2, 4, 5, 3), {SLANTED}, output_shape=[3, 2])": transformed(
        SLANTED, nearest, size=(3, 2)),
    "tf.contrib.image.angles_to_projective_transforms([0.3, -2.0], 4.0, 5.0)": [rotation(0.3), rotation(-2.0)],
    "tf.contrib.image.translations_to_projective_transforms([[0.3, -2.0]])": [[1, 0, -0.3, 0, 1, 2.0, 0, 0]],
    "tf.contrib.image.compose_transforms([[2.0, 0, 1, 0, 3, 0, 0, 0]], [[1.0, 0, 5, 0, 1, 7, 0, 0]])": [
        [2, 0, 11, 0, 3, 21, 0, 0]],
    "tf.contrib.image.flat_transforms_to_matrices([[1.0, 2, 3, 4, 5, 6, 7, 8]])": [[[1, 2, 3], [4, 5, 6], [7, 8, 1]]],
    "tf.contrib.image.matrices_to_flat_transforms([[[2.0, 4, 6], [8, 10, 12], [14, 16, 2]]])": [[1, 2, 3, 4, 5, 6, 7, 8]],
    "tf.contrib.image.dense_image_warp(x(2, 4, 5, 3), x(2, 4, 5, 2) * 2.0)": warped(x(2, 4, 5, 2) * 2),
    "tf.contrib.resampler.resampler(x(2, 4, 5, 3), x(2, 6, 2) * 4.0 + 2.0)": resampled(x(2, 6, 2) * 4 + 2),
    **{f"tf.contrib.image.interpolate_spline(*points(), order={order})[0]": spline(
        order, POINTS, x(6, 3).astype(float), POINTS[:4] / 2) for order in (1, 2, 3)},
}


@pytest.fixture(scope="module")
def computed(compute):
    return compute(GEOMETRY)


@pytest.mark.parametrize("call", GEOMETRY)
def test_geometry(computed, call):
    assert_close(computed[call].values, GEOMETRY[call])
