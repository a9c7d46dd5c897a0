"""Convolutions and pools of slim, `tf.contrib.layers` and `tf.layers`, in other combinations than test_layer_numbers.py."""

import numpy as np
import pytest

from tests.tf1.contrib.numpy_references.formulas import assert_close, relu
from tests.tf1.contrib.numpy_references.tensorflow_1.values import random as x
from tests.tf1.contrib.test_layer_numbers import convolve, pool, windows


def depthwise(x, weights, stride=1, same=True, rate=1):
    """Each channel has kernels of its own; the results of a channel stand beside each other."""
    parts = sum(part[..., :, None] * weights[place]
                for place, part in windows(x, weights.shape[:-2], stride, same, rate))
    return parts.reshape(*parts.shape[:-2], -1)


def separable(x, v, stride=1, same=True, rate=1):
    """Chollet 2016, arXiv:1610.02357: in depth, then between channels."""
    depth = v["depthwise_weights"] if "depthwise_weights" in v else v["depthwise_kernel"]
    point = v["pointwise_weights"] if "pointwise_weights" in v else v["pointwise_kernel"]
    return depthwise(x, depth, stride, same, rate) @ point.reshape(point.shape[-2:])


def transposed(x, weights, stride, same):
    """The transpose of a convolution (Dumoulin and Visin 2016, arXiv:1603.07285): each input goes where it would come from.

    weights: [*size, out, in]; stride: one number per dimension.
    """
    size, counts = weights.shape[:-2], x.shape[1:-1]
    space = [count * step + (0 if same else max(extent - step, 0))
             for count, step, extent in zip(counts, stride, size, strict=True)]
    places = np.arange(np.prod(space)).reshape(1, *space, 1)
    outputs = np.zeros((len(x), places.size + 1, weights.shape[-2]))  # the last takes what falls beside
    for place, met in windows(places, size, stride, same, fill=-1):
        part = x @ weights[place].T
        np.add.at(outputs, (slice(None), met.ravel()), part.reshape(len(x), -1, part.shape[-1]))
    return outputs[:, :-1].reshape(len(x), *space, -1)


def moving(x, v):
    """Ioffe and Szegedy 2015, arXiv:1502.03167, with the averages that training kept."""
    return (x - v["BatchNorm/moving_mean"]) / np.sqrt(v["BatchNorm/moving_variance"] + 0.001) + v["BatchNorm/beta"]


def elu(x):
    return np.where(x > 0, x, np.expm1(x))


def in_plane(x, v, stride=1, same=True):
    """One kernel for all channels."""
    return sum(part * v["weights"][place].ravel() for place, part in windows(x, v["weights"].shape[:2], stride, same))


def dilated(weights, *rates):
    """Yu and Koltun 2015, arXiv:1511.07122: zeros between the weights."""
    size = [(extent - 1) * rate + 1 for extent, rate in zip(weights.shape, rates, strict=False)]
    kernel = np.zeros((*size, *weights.shape[-2:]))
    kernel[tuple(slice(None, None, rate) for rate in rates)] = weights
    return kernel


IMAGES, ODD, VOLUMES, SEQUENCES = x(2, 6, 6, 3), x(2, 7, 5, 3), x(2, 3, 4, 3, 2), x(2, 7, 3)
CONVOLUTIONS = {
    "slim.conv2d(x(2, 7, 5, 3), 4, [4, 2], stride=3, activation_fn=None)": lambda v: convolve(
        ODD, v["weights"], 3) + v["biases"],
    "slim.conv2d(x(2, 6, 6, 3), 4, 3, rate=[1, 2], padding='VALID')": lambda v: relu(convolve(
        IMAGES, dilated(v["weights"], 1, 2), same=False) + v["biases"]),
    "slim.conv2d(x(2, 6, 6, 3), 4, 1, biases_initializer=None)": lambda v: relu(IMAGES @ v["weights"][0, 0]),
    "slim.conv2d(x(2, 6, 6, 3), 4, 3, activation_fn=tf.nn.elu, normalizer_fn=slim.batch_norm, "
    "normalizer_params={'is_training': False})": lambda v: elu(moving(convolve(IMAGES, v["weights"]), v)),
    "layers.conv1d(x(2, 7, 3), 4, 3, stride=2, padding='VALID')": lambda v: relu(convolve(
        SEQUENCES, v["weights"], 2, same=False) + v["biases"]),
    "layers.conv1d(x(2, 7, 3), 4, 2, rate=2)": lambda v: relu(convolve(SEQUENCES, v["weights"], rate=2) + v["biases"]),
    "layers.conv3d(x(2, 3, 4, 3, 2), 3, [2, 3, 1], stride=[1, 2, 1], padding='VALID')": lambda v: relu(convolve(
        VOLUMES, v["weights"], [1, 2, 1], same=False) + v["biases"]),
    "layers.conv3d(x(2, 3, 4, 3, 2), 3, 2, rate=2)": lambda v: relu(convolve(VOLUMES, v["weights"], rate=2) + v["biases"]),
    "layers.convolution(x(2, 7, 3), 4, 3)": lambda v: relu(convolve(SEQUENCES, v["weights"]) + v["biases"]),
    "tf.layers.conv1d(x(2, 7, 3), 4, 3, strides=2, padding='same')": lambda v: convolve(
        SEQUENCES, v["kernel"], 2) + v["bias"],
    "tf.layers.conv2d(x(2, 7, 5, 3), 4, [3, 2], strides=[1, 2], padding='same', activation=tf.nn.relu)": lambda v: relu(
        convolve(ODD, v["kernel"], [1, 2]) + v["bias"]),
    "tf.layers.conv2d(x(2, 6, 6, 3), 4, 3, dilation_rate=[2, 1], use_bias=False)": lambda v: convolve(
        IMAGES, dilated(v["kernel"], 2, 1), same=False),
    "tf.layers.conv3d(x(2, 3, 4, 3, 2), 3, 2, strides=[1, 2, 1], padding='same')": lambda v: convolve(
        VOLUMES, v["kernel"], [1, 2, 1]) + v["bias"],
}
IN_DEPTH = {
    "slim.separable_conv2d(x(2, 7, 5, 3), 4, 3, 2, stride=2)": lambda v: relu(separable(ODD, v, 2) + v["biases"]),
    "slim.separable_conv2d(x(2, 6, 6, 3), 4, 3, 2, rate=2)": lambda v: relu(separable(IMAGES, v, rate=2) + v["biases"]),
    "slim.separable_conv2d(x(2, 6, 6, 3), 4, [3, 1], depth_multiplier=1, padding='VALID')": lambda v: relu(
        separable(IMAGES, v, same=False) + v["biases"]),
    "slim.separable_conv2d(x(2, 6, 6, 3), None, 3, 2, rate=2, padding='VALID')": lambda v: relu(
        depthwise(IMAGES, v["depthwise_weights"], same=False, rate=2) + v["biases"]),
    "tf.layers.separable_conv1d(x(2, 7, 3), 4, 3, depth_multiplier=2, padding='same')": lambda v: separable(
        SEQUENCES, v) + v["bias"],
    "tf.layers.separable_conv2d(x(2, 7, 5, 3), 4, [2, 3], strides=2, use_bias=False)": lambda v: separable(
        ODD, v, 2, same=False),
    "tf.layers.separable_conv2d(x(2, 6, 6, 3), 4, 3, dilation_rate=2)": lambda v: separable(
        IMAGES, v, same=False, rate=2) + v["bias"],
    "slim.conv2d_in_plane(x(2, 7, 5, 3), [2, 3], stride=2)": lambda v: relu(in_plane(ODD, v, 2) + v["biases"]),
    "slim.conv2d_in_plane(x(2, 7, 5, 3), 3, padding='VALID', activation_fn=None)": lambda v: in_plane(
        ODD, v, same=False) + v["biases"],
}
TRANSPOSED = {
    "slim.conv2d_transpose(x(2, 3, 4, 3), 4, 2, stride=3)": lambda v: relu(
        transposed(x(2, 3, 4, 3), v["weights"], [3, 3], same=True) + v["biases"]),
    "slim.conv2d_transpose(x(2, 3, 4, 3), 4, [2, 4], stride=[3, 2], padding='VALID')": lambda v: relu(
        transposed(x(2, 3, 4, 3), v["weights"], [3, 2], same=False) + v["biases"]),
    "layers.conv3d_transpose(x(2, 3, 4, 3, 2), 3, 3, stride=2)": lambda v: relu(
        transposed(VOLUMES, v["weights"], [2, 2, 2], same=True) + v["biases"]),
    "layers.conv3d_transpose(x(2, 3, 4, 3, 2), 3, [2, 3, 1], stride=[1, 2, 2], padding='VALID')": lambda v: relu(
        transposed(VOLUMES, v["weights"], [1, 2, 2], same=False) + v["biases"]),
    "tf.layers.conv2d_transpose(x(2, 3, 4, 3), 4, [3, 2], strides=[2, 1])": lambda v: transposed(
        x(2, 3, 4, 3), v["kernel"], [2, 1], same=False) + v["bias"],
    "tf.layers.conv2d_transpose(x(2, 3, 4, 3), 4, 5, strides=2, padding='same', use_bias=False)": lambda v: transposed(
        x(2, 3, 4, 3), v["kernel"], [2, 2], same=True),
    "tf.layers.conv3d_transpose(x(2, 3, 4, 3, 2), 3, 2, strides=2)": lambda v: transposed(
        VOLUMES, v["kernel"], [2, 2, 2], same=False) + v["bias"],
    "tf.contrib.nn.conv1d_transpose(x(2, 4, 3), x(3, 5, 3), [2, 8, 5], 2)": lambda v: transposed(
        x(2, 4, 3), x(3, 5, 3), [2], same=True),
}
POOLS = {
    "slim.max_pool2d(x(2, 7, 5, 3), [3, 2], stride=[2, 1], padding='SAME')": pool(ODD, [3, 2], [2, 1], True, np.max),
    "slim.avg_pool2d(x(2, 7, 5, 3), 3, stride=1)": pool(ODD, 3, 1, False, np.mean),
    "layers.avg_pool3d(x(2, 3, 4, 3, 2), 2, padding='SAME')": pool(VOLUMES, 2, 2, True, np.mean),
    "layers.max_pool3d(x(2, 3, 4, 3, 2), [2, 3, 1], stride=[1, 2, 2], padding='SAME')": pool(
        VOLUMES, [2, 3, 1], [1, 2, 2], True, np.max),
    "slim.pool(x(2, 7, 5, 3), [2, 2], 'MAX')": pool(ODD, 2, 1, False, np.max),
    "slim.pool(x(2, 7, 5, 3), [3, 2], 'AVG', padding='SAME', stride=2)": pool(ODD, [3, 2], 2, True, np.mean),
    "slim.pool(x(2, 7, 5, 3), [2, 2], 'MAX', dilation_rate=2)": np.max(
        [part for _, part in windows(ODD, [2, 2], 1, False, rate=2)], axis=0),
    "tf.layers.max_pooling1d(x(2, 7, 3), 3, 2)": pool(SEQUENCES, 3, 2, False, np.max),
    "tf.layers.average_pooling1d(x(2, 7, 3), 3, 2, padding='same')": pool(SEQUENCES, 3, 2, True, np.mean),
    "tf.layers.average_pooling2d(x(2, 7, 5, 3), [2, 3], [1, 2])": pool(ODD, [2, 3], [1, 2], False, np.mean),
    "tf.layers.max_pooling3d(x(2, 3, 4, 3, 2), 2, 1)": pool(VOLUMES, 2, 1, False, np.max),
    "tf.layers.average_pooling3d(x(2, 3, 4, 3, 2), 2, 2, padding='same')": pool(VOLUMES, 2, 2, True, np.mean),
}
LAYERS = {**CONVOLUTIONS, **IN_DEPTH, **TRANSPOSED, **POOLS}


@pytest.fixture(scope="module")
def computed(compute):
    return compute(LAYERS)


@pytest.mark.parametrize("layer", LAYERS)
def test_layer(computed, layer):
    found, expected = computed[layer], LAYERS[layer]
    assert_close(found.values, expected(found.below(1)) if callable(expected) else expected)
