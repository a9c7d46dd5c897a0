"""The layers of tf-slim: the variables that a TensorFlow 1.15 checkpoint holds, and NumPy's numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

# (layer, its variables in the order of creation), as printed by TensorFlow 1.15.5 with tf-slim 1.1.0
VARIABLES: list[tuple[Callable[[Any, Any], Any], str]] = [
    (
        lambda slim, x: slim.batch_norm(x, scale=True),
        "BatchNorm/gamma BatchNorm/beta BatchNorm/moving_mean BatchNorm/moving_variance",
    ),
    (
        lambda slim, x: slim.batch_norm(slim.flatten(x), scale=True),
        "BatchNorm/beta BatchNorm/gamma BatchNorm/moving_mean BatchNorm/moving_variance",
    ),
    (
        lambda slim, x: slim.batch_norm(x, scale=True, fused=False, updates_collections=None),
        "BatchNorm/beta BatchNorm/gamma BatchNorm/moving_mean BatchNorm/moving_variance",
    ),
    (
        lambda slim, x: slim.batch_norm(x, renorm=True),
        "BatchNorm/beta BatchNorm/moving_mean BatchNorm/moving_variance "
        "BatchNorm/moving_stddev BatchNorm/renorm_mean BatchNorm/renorm_stddev",
    ),
    (
        lambda slim, x: slim.batch_norm(x, zero_debias_moving_mean=True),
        "BatchNorm/beta BatchNorm/moving_mean BatchNorm/moving_variance "
        "BatchNorm/BatchNorm/moving_mean/biased BatchNorm/BatchNorm/moving_mean/local_step",
    ),
    (
        lambda slim, x: slim.conv2d(x, 4, 3, normalizer_fn=slim.batch_norm),
        "Conv/weights Conv/BatchNorm/beta Conv/BatchNorm/moving_mean Conv/BatchNorm/moving_variance",
    ),
    (lambda slim, x: slim.layers.conv1d(x[0], 4, 3), "Conv/weights Conv/biases"),
    (lambda slim, x: slim.conv2d(x, 4, 3, rate=2), "Conv/weights Conv/biases"),
    (lambda slim, x: slim.layers.convolution3d(x[None], 4, 3), "Conv/weights Conv/biases"),
    (lambda slim, x: slim.conv2d_transpose(x, 4, 3), "Conv2d_transpose/weights Conv2d_transpose/biases"),
    (
        lambda slim, x: slim.layers.convolution3d_transpose(x[None], 4, 3),
        "Conv3d_transpose/weights Conv3d_transpose/biases",
    ),
    (lambda slim, x: slim.conv2d_in_plane(x, 3), "ConvInPlane/weights ConvInPlane/biases"),
    (
        lambda slim, x: slim.separable_conv2d(x, 4, 3, 1),
        "SeparableConv2d/depthwise_weights SeparableConv2d/pointwise_weights SeparableConv2d/biases",
    ),
    (
        lambda slim, x: slim.separable_conv2d(x, None, 3),
        "SeparableConv2d/depthwise_weights SeparableConv2d/biases",
    ),
    (lambda slim, x: slim.fully_connected(x, 4), "fully_connected/weights fully_connected/biases"),
    (lambda slim, x: slim.instance_norm(x), "InstanceNorm/beta InstanceNorm/gamma"),
    (lambda slim, x: slim.group_norm(x, groups=2), "GroupNorm/beta GroupNorm/gamma"),
    (lambda slim, x: slim.layer_norm(x), "LayerNorm/beta LayerNorm/gamma"),
    (lambda slim, x: slim.bias_add(x), "BiasAdd/biases"),
    (lambda slim, x: slim.spatial_softmax(x), "spatial_softmax/temperature"),
    (lambda slim, x: slim.layers.gdn(x), "gdn/reparam_beta gdn/reparam_gamma"),
    (
        lambda slim, x: slim.layers.legacy_fully_connected(slim.flatten(x), 4),
        "fully_connected/weights fully_connected/bias",
    ),
]


@pytest.mark.parametrize(("layer", "names"), VARIABLES, ids=[names.split("/")[0] for _, names in VARIABLES])
def test_the_variables_have_their_tensorflow_1_names(
    slim: Any, layer: Callable[[Any, Any], Any], names: str
) -> None:
    import tensorflow.compat.v1 as tf

    layer(slim, tf.zeros([2, 4, 4, 4]))
    assert [variable.op.name for variable in tf.global_variables()] == names.split()


IMAGES = np.random.default_rng(0).normal(3.0, 2.0, size=[4, 5, 5, 2]).astype(np.float32)
EPSILON = 0.001
VARIANTS: list[dict[str, Any]] = [
    {},
    {"fused": False},
    {"updates_collections": None},
    {"fused": False, "updates_collections": None},
]


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_batch_norm_normalizes_with_the_moving_averages_when_it_serves(
    slim: Any, variant: dict[str, Any]
) -> None:
    values = {
        "gamma": [2.0, 3.0],
        "beta": [0.5, -0.5],
        "moving_mean": [1.0, 4.0],
        "moving_variance": [9.0, 0.25],
    }
    outputs = slim.batch_norm(IMAGES, scale=True, is_training=False, **variant)

    [result] = run(slim, [outputs], assign=values)

    deviation = np.sqrt(np.array(values["moving_variance"]) + EPSILON)
    expected = (IMAGES - values["moving_mean"]) / deviation * values["gamma"] + values["beta"]
    np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_batch_norm_normalizes_with_the_batch_when_it_trains(slim: Any, variant: dict[str, Any]) -> None:
    outputs = slim.batch_norm(IMAGES, scale=True, is_training=True, decay=0.9, **variant)

    [result] = run(slim, [outputs])

    mean, variance = IMAGES.mean((0, 1, 2)), IMAGES.var((0, 1, 2))
    np.testing.assert_allclose(result, (IMAGES - mean) / np.sqrt(variance + EPSILON), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("fused", [True, False])
def test_batch_norm_moves_its_averages_by_the_update_ops(slim: Any, fused: bool) -> None:
    """Fused, the variance is the unbiased one, as in TensorFlow 1."""
    import tensorflow.compat.v1 as tf

    slim.batch_norm(IMAGES, is_training=True, decay=0.9, fused=fused)
    updates = tf.get_collection(tf.GraphKeys.UPDATE_OPS)
    averages = tf.global_variables()[-2:]

    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(updates)
        mean, variance = session.run(averages)

    pixels = IMAGES.reshape(-1, 2)
    np.testing.assert_allclose(mean, 0.1 * pixels.mean(0), rtol=1e-4)
    np.testing.assert_allclose(variance, 0.9 + 0.1 * pixels.var(0, ddof=int(fused)), rtol=1e-4)


@pytest.mark.parametrize("is_training", [True, False])
def test_batch_norm_takes_a_tensor_as_is_training(slim: Any, is_training: bool) -> None:
    import tensorflow.compat.v1 as tf

    switch = tf.placeholder_with_default(is_training, [])
    outputs = [
        slim.batch_norm(IMAGES, is_training=switch, scope=f"norm_{i}", **v) for i, v in enumerate(VARIANTS)
    ]
    results = run(slim, outputs)
    for result in results:
        assert np.allclose(result.mean(), 0.0, atol=1e-3) == is_training
        np.testing.assert_allclose(result, results[0], rtol=1e-3, atol=1e-3)


def test_layers_without_variables_run(slim: Any) -> None:
    import tensorflow.compat.v1 as tf

    images = tf.constant(IMAGES)
    outputs = [
        slim.max_pool2d(images, 2),
        slim.avg_pool2d(images, 2),
        slim.layers.pool(images, [2, 2], "AVG"),
        slim.dropout(images, is_training=False),
        slim.flatten(images),
        slim.softmax(slim.flatten(images)),
        slim.unit_norm(images, 3),
        slim.layers.maxout(images, 1),
        slim.layers.images_to_sequence(images),
        slim.one_hot_encoding([1, 0], 3),
        slim.bucketize(slim.flatten(images), [0.0, 3.0]),
    ]
    for result in run(slim, outputs):
        assert np.isfinite(result).all()


def test_stack_repeat_and_arg_scope_build_a_network(slim: Any) -> None:
    import tensorflow.compat.v1 as tf

    with slim.arg_scope(
        [slim.conv2d, slim.fully_connected],
        weights_regularizer=slim.l2_regularizer(0.1),
        weights_initializer=slim.variance_scaling_initializer(),
        normalizer_fn=slim.batch_norm,
        normalizer_params={"is_training": True},
    ):
        net = slim.repeat(tf.zeros([2, 8, 8, 3]), 2, slim.conv2d, 4, 3, scope="conv")
        net = slim.stack(slim.flatten(net), slim.fully_connected, [5, 6], scope="fc")

    assert net.shape.as_list() == [2, 6]
    weights = [variable.op.name for variable in slim.get_variables_by_suffix("weights")]
    assert weights == ["conv/conv_1/weights", "conv/conv_2/weights", "fc/fc_1/weights", "fc/fc_2/weights"]
    assert len(tf.losses.get_regularization_losses()) == 4
    assert len(tf.get_collection(tf.GraphKeys.UPDATE_OPS)) == 8
    assert slim.model_analyzer.analyze_vars(slim.get_model_variables())[0] == sum(
        variable.shape.num_elements() for variable in tf.global_variables()
    )


def test_a_reversible_block_is_trained(slim: Any) -> None:
    import tensorflow.compat.v1 as tf

    def residual(inputs: Any) -> Any:
        return slim.fully_connected(inputs, 4, normalizer_fn=slim.batch_norm, scope="dense")

    halves = slim.rev_block(tf.ones([2, 4]), tf.ones([2, 4]), residual, residual, num_layers=2)
    gradients = tf.gradients(halves[0] + halves[1], tf.trainable_variables())
    assert all(np.isfinite(gradient).all() for gradient in run(slim, gradients))


def run(slim: Any, fetches: list[Any], assign: dict[str, list[float]] | None = None) -> list[Any]:
    """Fetches from initialized variables, of which some are assigned by the end of their name."""
    import tensorflow.compat.v1 as tf

    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for name, value in (assign or {}).items():
            [variable] = slim.get_variables_by_suffix(name)
            variable.load(np.array(value, np.float32), session)
        return list(session.run(fetches))
