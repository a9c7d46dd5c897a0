"""Dense layers, activations, layers that only move numbers, regularizers and initializers."""

import numpy as np
import pytest

from tests.tf1.contrib.numpy_references.formulas import assert_close, relu, sigmoid, softmax
from tests.tf1.contrib.numpy_references.tensorflow_1.values import random as x

VECTORS, SEQUENCES, IMAGES = x(3, 4), x(2, 3, 4), x(2, 3, 5, 4)


def dense(x, v, scope=""):
    return x @ v[f"{scope}weights"] + v[f"{scope}biases"]


def expected_places(x):
    """Levine et al. 2015, arXiv:1504.00702: for each channel the mean place, rows first, both from -1 to 1."""
    batch, height, width, channels = x.shape
    share = softmax(x.reshape(batch, -1, channels).swapaxes(1, 2)).reshape(batch, channels, height, width)
    rows, columns = np.linspace(-1, 1, height), np.linspace(-1, 1, width)
    places = [np.einsum("bchw,h->bc", share, rows), np.einsum("bchw,w->bc", share, columns)]
    return np.stack(places, -1).reshape(batch, -1)


def within_the_ball(x, axis, epsilon=1e-5):
    """Nickel and Kiela 2017, arXiv:1705.08039, equation 5."""
    lengths = np.sqrt((x ** 2).sum(axis, keepdims=True))
    return np.where(lengths >= 1 - epsilon, x / lengths * (1 - epsilon), x)


def reversible(v):
    """Gomez et al. 2017, arXiv:1707.04585."""
    first, second = np.split(VECTORS, 2, axis=1)
    first = first + dense(second, v, "revlayer_0/f/fully_connected/")
    second = second + dense(first, v, "revlayer_0/g/fully_connected/")
    return np.concatenate([first, second], axis=1)


def sparsest(x):
    """Martins and Astudillo 2016, arXiv:1602.02068, algorithm 1."""
    outputs = np.zeros_like(x)
    for row, output in zip(x, outputs, strict=True):
        ordered = np.sort(row)[::-1]
        support = [k for k in range(1, len(row) + 1) if 1 + k * ordered[k - 1] > ordered[:k].sum()]
        output[:] = relu(row - (ordered[:support[-1]].sum() - 1) / support[-1])
    return outputs


DENSE = {
    "slim.fully_connected(x(2, 3, 4), 5)": lambda v: relu(dense(SEQUENCES, v)),
    "slim.fully_connected(x(3, 4), 5, tf.nn.sigmoid, biases_initializer=None)": lambda v: sigmoid(VECTORS @ v["weights"]),
    "layers.linear(x(3, 4), 5)": lambda v: dense(VECTORS, v),
    "layers.relu(x(2, 3, 4), 5)": lambda v: relu(dense(SEQUENCES, v)),
    "layers.relu6(x(3, 4) * 9.0, 5)": lambda v: np.minimum(relu(dense(VECTORS * 9, v)), 6),
    "layers.elu(x(3, 4), 5)": lambda v: np.where(dense(VECTORS, v) > 0, dense(VECTORS, v), np.expm1(dense(VECTORS, v))),
    "layers.legacy_fully_connected(x(2, 3, 4), 5, tf.tanh)": lambda v: np.tanh(SEQUENCES @ v["weights"] + v["bias"]),
    "layers.legacy_linear(x(3, 4), 5)": lambda v: VECTORS @ v["weights"] + v["bias"],
    "layers.legacy_relu(x(3, 4), 5)": lambda v: relu(VECTORS @ v["weights"] + v["bias"]),
    "tf.layers.dense(x(2, 3, 5, 4), 5, tf.nn.relu, use_bias=False)": lambda v: relu(IMAGES @ v["kernel"]),
    "slim.stack(x(3, 4), slim.fully_connected, [5, 6])": lambda v: relu(dense(relu(dense(
        VECTORS, v, "fully_connected_1/")), v, "fully_connected_2/")),
    "slim.repeat(x(3, 4), 2, slim.fully_connected, 4, activation_fn=None)": lambda v: dense(dense(
        VECTORS, v, "fully_connected_1/"), v, "fully_connected_2/"),
    "tf.concat(layers.rev_block(*tf.split(x(3, 4), 2, 1), f=linear, g=linear), 1)": reversible,
    "of_resources(layers.recompute_grad(linear))": lambda v: dense(VECTORS, v, "fully_connected/"),
    "slim.bias_add(x(2, 4, 3, 5), activation_fn=tf.nn.relu, data_format='NCHW')": lambda v: relu(
        x(2, 4, 3, 5) + v["biases"][:, None, None]),
    "slim.bias_add(x(2, 3, 4), regularizer=slim.l2_regularizer(0.1))": lambda v: SEQUENCES + v["biases"],
}
MOVED = {
    "slim.flatten(x(2, 3, 4))": SEQUENCES.reshape(2, 12),
    "tf.layers.flatten(x(2, 3, 5, 4))": IMAGES.reshape(2, 60),
    "slim.softmax(x(2, 3, 5, 4))": softmax(IMAGES),
    "slim.maxout(x(2, 3, 5, 4), 2)": IMAGES.reshape(2, 3, 5, 2, 2).max(-1),
    "slim.maxout(x(2, 6, 4), 3, axis=1)": x(2, 6, 4).reshape(2, 3, 4, 2).max(-1),  # neighbours in memory, as in 1.15
    "slim.one_hot_encoding([2, 0], 3, on_value=5.0, off_value=-1.0)": np.array([[-1, -1, 5], [5, -1, -1]]),
    "layers.images_to_sequence(x(2, 3, 5, 4))": IMAGES.transpose(2, 0, 1, 3).reshape(5, 6, 4),
    "layers.sequence_to_images(x(5, 6, 4), 3)": x(5, 6, 4).reshape(5, 2, 3, 4).transpose(1, 2, 0, 3),
    "layers.sequence_to_images(x(5, 6, 4), 3, 'channels_first')": x(5, 6, 4).reshape(5, 2, 3, 4).transpose(1, 3, 2, 0),
    "tf.sparse.to_dense(layers.dense_to_sparse([[1, 9, 2], [9, 9, 3]], eos_token=9))": np.array([[1, 0, 2], [0, 0, 3]]),
    "slim.bucketize(x(3, 4), boundaries=[-0.5, 0.1, 0.6])": np.digitize(VECTORS, [-0.5, 0.1, 0.6]),
    "layers.spatial_softmax(x(2, 3, 5, 4))": lambda v: expected_places(IMAGES / v["temperature"]),
    "layers.spatial_softmax(x(2, 4, 3, 5), temperature=0.5, trainable=False, data_format='NCHW')": lambda v:
        expected_places(np.moveaxis(x(2, 4, 3, 5), 1, -1) / v["temperature"]),
    "slim.layers.poincare_normalize(x(3, 4), axis=1)": within_the_ball(VECTORS, 1),
    "slim.layers.poincare_normalize(x(3, 4), axis=0, epsilon=0.1)": within_the_ball(VECTORS, 0, 0.1),
    "tf.contrib.sparsemax.sparsemax(x(3, 4) * 2.0)": sparsest(VECTORS * 2),
    "tf.contrib.nn.scaled_softplus(x(3, 4), 0.5)": 0.5 * np.log1p(np.exp(VECTORS / 0.5)),
    "tf.contrib.nn.scaled_softplus(x(3, 4), 0.5, clip=0.6)": np.minimum(0.5 * np.log1p(np.exp(VECTORS / 0.5)), 0.6),
    "tf.contrib.nn.nth_element(x(3, 4), 1)": np.sort(VECTORS)[:, 1],
    "tf.contrib.nn.nth_element(x(3, 4), 1, reverse=True)": np.sort(VECTORS)[:, -2],
    "gradient(lambda inputs: tf.square(layers.scale_gradient(inputs, 0.3)))": 0.3 * 2 * VECTORS,
    "slim.l1_l2_regularizer(0.3, 0.2)(x(3, 4))": 0.3 * abs(VECTORS).sum() + 0.2 * (VECTORS ** 2).sum() / 2,
    "slim.sum_regularizer([slim.l1_regularizer(0.3), slim.l2_regularizer(0.2)])(x(3, 4))":
        0.3 * abs(VECTORS).sum() + 0.2 * (VECTORS ** 2).sum() / 2,
    "slim.apply_regularization(slim.l2_regularizer(0.2), [x(3, 4), x(2, 3, 4)])":
        0.1 * ((VECTORS ** 2).sum() + (SEQUENCES ** 2).sum()),
}
LAYERS = {**DENSE, **MOVED}
DROPPED = ("slim.dropout(x(2, 3, 5, 4), 0.7)", "tf.layers.dropout(x(2, 3, 5, 4), 0.3, training=True)",
           "tf.nn.dropout(x(2, 3, 5, 4), keep_prob=0.7)", "slim.dropout(x(2, 3, 5, 4), 0.7, noise_shape=[2, 3, 5, 1])")
KEPT = ("slim.dropout(x(2, 3, 5, 4), 0.7, is_training=False)", "tf.layers.dropout(x(2, 3, 5, 4), 0.3)",
        "tf.contrib.nn.alpha_dropout(x(2, 3, 5, 4), 1.0)")
SHAPE, FAN_IN, FAN_OUT = (3, 3, 20, 60), 180, 540
UNIFORM = {
    "slim.xavier_initializer()": np.sqrt(6 / (FAN_IN + FAN_OUT)),
    "tf.glorot_uniform_initializer()": np.sqrt(6 / (FAN_IN + FAN_OUT)),
    "slim.variance_scaling_initializer(uniform=True)": np.sqrt(3 * 2 / FAN_IN),
    "slim.variance_scaling_initializer(factor=0.5, mode='FAN_OUT', uniform=True)": np.sqrt(3 * 0.5 / FAN_OUT),
    "tf.uniform_unit_scaling_initializer()": np.sqrt(3 / FAN_IN),
}
"""Initializer -> the largest number that it gives."""
NORMAL = {
    "slim.xavier_initializer(uniform=False)": np.sqrt(2 / (FAN_IN + FAN_OUT)),
    "slim.variance_scaling_initializer()": np.sqrt(2 / FAN_IN),
    "slim.variance_scaling_initializer(factor=1.0, mode='FAN_AVG')": np.sqrt(2 / (FAN_IN + FAN_OUT)),
    "tf.keras.initializers.he_normal()": np.sqrt(2 / FAN_IN),
}
"""Initializer -> the deviation, of a normal distribution that is cut at two deviations."""


@pytest.fixture(scope="module")
def computed(compute):
    return compute([*LAYERS, *DROPPED, *KEPT, *(f"{name}({SHAPE})" for name in (*UNIFORM, *NORMAL))])


@pytest.mark.parametrize("layer", LAYERS)
def test_layer(computed, layer):
    found, expected = computed[layer], LAYERS[layer]
    assert_close(found.values, expected(found.below(1)) if callable(expected) else expected)


@pytest.mark.parametrize("layer", DROPPED)
def test_dropout(computed, layer):
    """Srivastava et al. 2014: three tenths are 0, the others so much larger that the mean stays."""
    kept = computed[layer].values != 0
    assert_close(computed[layer].values, kept * IMAGES / 0.7)
    assert 0.5 < kept.mean() < 0.9
    assert (kept == kept[..., :1]).all() == ("noise_shape" in layer)


@pytest.mark.parametrize("layer", KEPT)
def test_dropout_without_training(computed, layer):
    assert_close(computed[layer].values, IMAGES)


@pytest.mark.parametrize("initializer", UNIFORM)
def test_uniform_initializer(computed, initializer):
    """Glorot and Bengio 2010; He et al. 2015, arXiv:1502.01852."""
    values = computed[f"{initializer}({SHAPE})"].values
    assert 0.99 < abs(values).max() / UNIFORM[initializer] <= 1
    assert values.std() == pytest.approx(UNIFORM[initializer] / np.sqrt(3), rel=0.02)


@pytest.mark.parametrize("initializer", NORMAL)
def test_normal_initializer(computed, initializer):
    """The cut ends are made up for: the deviation is that of the whole."""
    values = computed[f"{initializer}({SHAPE})"].values
    assert values.std() == pytest.approx(NORMAL[initializer], rel=0.02)
    assert 2.1 < abs(values).max() / NORMAL[initializer] < 2.3
