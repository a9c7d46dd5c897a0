"""Normalizations are the formulas of their papers, over the axes that are asked for; training moves the averages."""

import numpy as np
import pytest

from tests.tf1.contrib.numpy_references.formulas import assert_close, relu
from tests.tf1.contrib.numpy_references.tensorflow_1.values import random as x

IMAGES, VECTORS, SEQUENCES = x(4, 3, 5, 6), x(4, 6), x(4, 5, 6)


def normalize(x, axes, epsilon, v):
    """(x - mean) / deviation * gamma + beta; epsilon is below the root."""
    deviation = np.sqrt(x.var(axes, keepdims=True) + epsilon)
    return (x - x.mean(axes, keepdims=True)) / deviation * v.get("gamma", 1.0) + v.get("beta", 0.0)


def with_averages(x, v, epsilon=0.001):
    """Ioffe and Szegedy 2015, arXiv:1502.03167, for inference."""
    deviation = np.sqrt(v["moving_variance"] + epsilon)
    return (x - v["moving_mean"]) / deviation * v.get("gamma", 1.0) + v.get("beta", 0.0)


def in_ghost_batches(x, v):
    """Hoffer et al. 2017, arXiv:1705.08741: parts of two rows, every other one, are normalized for themselves."""
    outputs = np.zeros_like(x)
    outputs[::2], outputs[1::2] = normalize(x[::2], 0, 0.001, v), normalize(x[1::2], 0, 0.001, v)
    return outputs


def in_groups(x, groups, v, epsilon=1e-6):
    """Wu and He 2018, arXiv:1803.08494: mean and variance of a group of channels at all places."""
    split = x.reshape(*x.shape[:-1], groups, -1)
    axes = (*range(1, x.ndim - 1), x.ndim)
    return normalize(split, axes, epsilon, {}).reshape(x.shape) * v.get("gamma", 1.0) + v.get("beta", 0.0)


def divisive(x, v, power, least=1e-6, offset=2.0 ** -18):
    """Ballé et al. 2015, arXiv:1511.06281: divided, or multiplied, by what the channels together are.

    beta and gamma are kept as square roots, above a bound, as TensorFlow 1.15's documentation of `gdn` says.
    """
    gamma = np.maximum(v["reparam_gamma"], offset) ** 2 - offset ** 2
    beta = np.maximum(v["reparam_beta"], np.sqrt(least + offset ** 2)) ** 2 - offset ** 2
    return x * (x ** 2 @ gamma + beta) ** power


def local_response(x, radius, bias, alpha, beta):
    """Krizhevsky et al. 2012, ImageNet Classification, section 3.3: squares of the channels beside."""
    padded = np.pad(x ** 2, [(0, 0)] * 3 + [(radius, radius)])
    sums = sum(padded[..., start:start + x.shape[-1]] for start in range(2 * radius + 1))
    return x / (bias + alpha * sums) ** beta


LAYERS = {
    "slim.batch_norm(x(4, 6), is_training=False)": lambda v: with_averages(VECTORS, v),
    "slim.batch_norm(x(4, 5, 6), scale=True, epsilon=0.1, is_training=False)": lambda v: with_averages(SEQUENCES, v, 0.1),
    "slim.batch_norm(x(4, 3, 5, 6), center=False, activation_fn=tf.nn.relu, is_training=False)": lambda v: relu(
        with_averages(IMAGES, v)),
    "slim.batch_norm(x(4, 3, 5, 6), scale=True, is_training=tf.constant(False))": lambda v: with_averages(IMAGES, v),
    "slim.batch_norm(x(4, 3, 5, 6), scale=True, is_training=tf.constant(True))": lambda v: normalize(
        IMAGES, (0, 1, 2), 0.001, v),
    "slim.batch_norm(tf.transpose(x(4, 3, 5, 6), [0, 3, 1, 2]), fused=False, data_format='NCHW', is_training=False)":
        lambda v: with_averages(IMAGES, v).transpose(0, 3, 1, 2),
    "tf.layers.batch_normalization(x(4, 3, 5, 6), epsilon=0.1, scale=False)": lambda v: with_averages(IMAGES, v, 0.1),
    "tf.layers.batch_normalization(x(4, 3, 5, 6), axis=1, fused=False)": lambda v: with_averages(
        IMAGES.swapaxes(1, 3), v).swapaxes(1, 3),
    "tf.layers.batch_normalization(x(4, 6), virtual_batch_size=2, training=True)": lambda v: in_ghost_batches(
        VECTORS, {name: value[0, 0] for name, value in v.items()}),
    "layers.layer_norm(x(4, 6))": lambda v: normalize(VECTORS, 1, 0, v),
    "layers.layer_norm(x(4, 3, 5, 6), begin_norm_axis=2, begin_params_axis=2)": lambda v: normalize(
        IMAGES, (2, 3), 0, v),
    "layers.layer_norm(x(4, 5, 6), begin_norm_axis=-1, center=False, activation_fn=tf.nn.relu)": lambda v: relu(
        normalize(SEQUENCES, -1, 0, v)),
    "layers.instance_norm(x(4, 3, 5, 6), center=False, epsilon=0.1)": lambda v: normalize(IMAGES, (1, 2), 0.1, v),
    "layers.instance_norm(x(4, 3, 5, 6), data_format='NCHW')": lambda v: normalize(
        IMAGES.swapaxes(1, 3), (1, 2), 1e-6, v).swapaxes(1, 3),
    "layers.group_norm(x(4, 3, 5, 6), 3)": lambda v: in_groups(IMAGES, 3, v),
    "layers.group_norm(x(4, 5, 6), 2, reduction_axes=[-2], scale=False, epsilon=0.1)": lambda v: in_groups(
        SEQUENCES, 2, v, 0.1),
    "layers.group_norm(x(4, 6, 3, 5), 2, channels_axis=-3, reduction_axes=[-2, -1])": lambda v: np.moveaxis(
        in_groups(np.moveaxis(x(4, 6, 3, 5), 1, -1), 2, v), -1, 1),
    "layers.group_norm(x(4, 3, 5, 6), 6, mean_close_to_zero=True)": lambda v: normalize(IMAGES, (1, 2), 1e-6, v),
    "layers.unit_norm(x(4, 3, 5, 6), 1)": lambda v: IMAGES / np.sqrt((IMAGES ** 2).sum(1, keepdims=True)),
    "layers.unit_norm(x(4, 6), dim=1, epsilon=0.1)": lambda v: VECTORS / np.sqrt((VECTORS ** 2).sum(1, keepdims=True) + 0.1),
    "layers.gdn(x(4, 3, 5, 6))": lambda v: divisive(IMAGES, v, -0.5),
    "layers.gdn(x(4, 3, 5, 6), beta_min=0.5, reparam_offset=0.8)": lambda v: divisive(IMAGES, v, -0.5, 0.5, 0.8),
    "layers.gdn(x(4, 3, 5, 6), inverse=True)": lambda v: divisive(IMAGES, v, 0.5),
    "tf.nn.lrn(x(4, 3, 5, 6), 1, 2.0, 0.1, 0.75)": lambda v: local_response(IMAGES, 1, 2.0, 0.1, 0.75),
    "tf.nn.l2_normalize(x(4, 6), 1, epsilon=0.5)": lambda v: VECTORS / np.sqrt(
        np.maximum((VECTORS ** 2).sum(1, keepdims=True), 0.5)),
}


def batch(x, v, decay, epsilon=0.001, is_unbiased=False):
    """The batch's own mean and variance, and the averages moved to them by 1 - decay; the fused kernel takes n - 1."""
    axes = tuple(range(x.ndim - 1))
    old = {"moving_mean": v["moving_mean"], "moving_variance": v["moving_variance"]}
    new = {"moving_mean": x.mean(axes), "moving_variance": x.var(axes, ddof=1 if is_unbiased else 0)}
    return normalize(x, axes, epsilon, v), {name: decay * old[name] + (1 - decay) * new[name] for name in old}


def batch_renorm(x, v, epsilon=0.001, low=0.7, high=0.8, shift=0.3):
    """Ioffe 2017, arXiv:1702.03275: the batch's numbers are corrected to the averages, within limits."""
    mean, deviation = x.mean(0), np.sqrt(x.var(0) + epsilon)
    r = np.clip(deviation / v["renorm_stddev"], low, high)
    d = np.clip((mean - v["renorm_mean"]) / v["renorm_stddev"], -shift, shift)
    return ((x - mean) / deviation * r + d) * v["gamma"] + v["beta"]


TRAINED = {
    "slim.batch_norm(x(4, 6), decay=0.9, fused=False)": lambda v: batch(VECTORS, v, 0.9),
    "slim.batch_norm(x(4, 3, 5, 6), decay=0.9, fused=False)": lambda v: batch(IMAGES, v, 0.9),
    "slim.batch_norm(x(4, 3, 5, 6), decay=0.9, scale=True)": lambda v: batch(IMAGES, v, 0.9, is_unbiased=True),
    "slim.batch_norm(x(4, 3, 5, 6), decay=0.9, updates_collections=None)": lambda v: batch(
        IMAGES, v, 0.9, is_unbiased=True),
    "tf.layers.batch_normalization(x(4, 6), momentum=0.8, training=True)": lambda v: batch(VECTORS, v, 0.8),
    "tf.layers.batch_normalization(x(4, 3, 5, 6), training=True)": lambda v: batch(IMAGES, v, 0.99, is_unbiased=True),
}
RENORMALIZED = ("tf.layers.batch_normalization(x(4, 6), renorm=True, training=True, "
                "renorm_clipping={'rmin': 0.7, 'rmax': 0.8, 'dmax': 0.3})")


@pytest.fixture(scope="module")
def computed(compute):
    return compute([*LAYERS, *(f"trained({layer})" for layer in TRAINED), RENORMALIZED])


@pytest.mark.parametrize("layer", LAYERS)
def test_layer(computed, layer):
    found = computed[layer]
    assert_close(found.values, LAYERS[layer](found.below(1)))


@pytest.mark.parametrize("layer", TRAINED)
def test_training(computed, layer):
    found = computed[f"trained({layer})"]
    output, averages = TRAINED[layer](found.below(1))
    assert_close(found.values[0], output)
    assert found.values[1].keys() == averages.keys()
    for name, average in averages.items():
        assert_close(found.values[1][name], average)


def test_renormalization(computed):
    found = computed[RENORMALIZED]
    assert_close(found.values, batch_renorm(VECTORS, found.below(1)))
