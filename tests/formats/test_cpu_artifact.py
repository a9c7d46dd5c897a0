"""Graphs in NCHW, the data format of GPUs, are run and compared on a CPU."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

import exporter
from exporter.formats.cpu_artifact import CpuArtifact
from exporter.formats.format import LoadedArtifact
from exporter.formats.session import converting_layouts, exact_session_config
from exporter.graph.tensor_spec import TensorSpec


def variable(name, *shape):
    values = np.linspace(-1.0, 1.0, int(np.prod(shape)), dtype=np.float32).reshape(shape)
    return tf.get_variable(name, initializer=tf.constant(values))


def convolution(images):
    return tf.nn.conv2d(images, variable("kernel", 3, 3, 3, 4), [1, 1, 2, 2], "SAME", data_format="NCHW")


def transposed_convolution(images):
    return tf.nn.conv2d_transpose(images, variable("kernel", 3, 3, 5, 3), [2, 5, 16, 16], [1, 1, 2, 2], "SAME",
                                  data_format="NCHW")


def depthwise_convolution(images):
    return tf.nn.depthwise_conv2d(images, variable("kernel", 3, 3, 3, 2), [1, 1, 1, 1], "SAME", data_format="NCHW")


def pooling(images):
    pooled = tf.nn.avg_pool(images, [1, 1, 2, 2], [1, 1, 2, 2], "SAME", data_format="NCHW")
    return variable("factor", 3, 1, 1) * tf.nn.max_pool(pooled, [1, 1, 2, 2], [1, 1, 2, 2], "SAME", data_format="NCHW")


def batch_normalization(images):
    return tf.nn.fused_batch_norm(images, *(variable(name, 3) for name in ("scale", "offset", "mean")), tf.ones([3]),
                                  data_format="NCHW", is_training=False)[0]


NETWORKS = [convolution, transposed_convolution, depthwise_convolution, pooling, batch_normalization]


@pytest.mark.parametrize("network", NETWORKS)
def test_they_are_compared(network, tmp_path):
    def model(images):
        return network(tf.transpose(images, [0, 3, 1, 2]))

    with tf.Graph().as_default(), tf.Session() as session:
        model(tf.placeholder(tf.float32, [2, 8, 8, 3]))
        session.run(tf.global_variables_initializer())
        checkpoint = tf.train.Saver().save(session, str(tmp_path / "model.ckpt"))
    result = exporter.export_inference_graph("float_image_tensor", model, checkpoint, str(tmp_path / "export"), [2, 8, 8, 3])
    assert result.verification.status == "verified"
    assert "grappler's layout optimizer" in "".join(result.warnings)


@pytest.mark.parametrize(("message", "is_loaded_again"), [
    ("The Conv2D op currently only supports the NHWC tensor format on the CPU. The op was given the format: NCHW", True),
    ("Default AvgPoolingOp only supports NHWC on device type CPU", True),
    ("Depthwise convolution on CPU is only supported for NHWC format", True),
    ("Cannot feed value of shape (1, 2, 8, 8)", False)])
def test_an_artifact_is_loaded_again_only_where_its_layout_asks_for_it(message, is_loaded_again):
    loads, images = [], {"images": TensorSpec("images:0", "float32", (1,))}

    def load():
        """An artifact that fails as kernels do on a CPU without oneDNN."""
        is_converted = not exact_session_config().graph_options.rewrite_options.disable_meta_optimizer
        loads.append(is_converted)

        def run(feeds):
            if not is_converted:
                raise tf.errors.UnimplementedError(None, None, message)
            return feeds
        return LoadedArtifact(images, images, run)

    with CpuArtifact(load) as artifact:
        if is_loaded_again:
            assert [artifact({"images": number}) for number in (1, 2)] == [{"images": 1}, {"images": 2}]
        else:
            with pytest.raises(tf.errors.UnimplementedError, match="Cannot feed"):
                artifact({"images": 1})
    assert loads == [False, True][:1 + is_loaded_again]


def test_layouts_are_converted_in_the_block_alone():
    with converting_layouts():
        options = exact_session_config().graph_options.rewrite_options
        assert options.layout_optimizer == options.ON
        assert options.constant_folding == options.remapping == options.arithmetic_optimization == options.OFF
    assert exact_session_config().graph_options.rewrite_options.disable_meta_optimizer
