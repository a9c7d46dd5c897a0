"""Operations are counted as TensorFlow's profiler counts them; nothing is run for it."""

import pytest
import tensorflow.compat.v1 as tf

from exporter.inspection.flops import COUNTED_OPS, count_flops
from exporter.inspection.shapes import inference_path

pytestmark = pytest.mark.usefixtures("graph")


def path_to(*outputs):
    return inference_path(tf.get_default_graph().as_graph_def(), outputs)


def profiled(graph_def):
    """The profiler's count of the same kinds of ops."""
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(graph_def, name="")
        options = {**tf.profiler.ProfileOptionBuilder.float_operation(), "output": "none",
                   "account_type_regexes": sorted(COUNTED_OPS)}
        return tf.profiler.profile(graph, cmd="op", options=options).total_float_ops


def network(images):
    net = tf.nn.conv2d(images, tf.get_variable("a", [3, 3, 3, 8]), 2, "SAME")
    net = tf.nn.depthwise_conv2d(net, tf.get_variable("b", [3, 3, 8, 2]), [1, 1, 1, 1], "VALID")
    net = tf.reshape(net, [-1, 14 * 14 * 16])
    net = tf.matmul(net, tf.get_variable("c", [14 * 14 * 16, 10]))
    return tf.nn.softmax(tf.matmul(net, tf.get_variable("d", [7, 10]), transpose_b=True), name="scores")


def test_agree_with_the_profiler():
    network(tf.placeholder(tf.float32, [1, 32, 32, 3]))
    path = path_to("scores")
    flops = count_flops(path, {})
    assert flops.total == profiled(path) > 0
    assert flops.by_op["Conv2D"] == 2 * 16 * 16 * 8 * 3 * 3 * 3
    assert set(flops.by_op) == {"Conv2D", "DepthwiseConv2dNative", "MatMul"}


def test_a_free_batch_counts_as_one():
    network(tf.placeholder(tf.float32, [None, 32, 32, 3], name="images"))
    flops = count_flops(path_to("scores"), {})
    assert flops.note == "images [1, 32, 32, 3]"
    doubled = count_flops(path_to("scores"), {"images": (2, 32, 32, 3)})
    assert doubled.total == 2 * flops.total


@pytest.mark.parametrize("shape", [[None, None, None, 3], None])
def test_an_unknown_size_is_said_and_can_be_given(shape):
    images = tf.placeholder(tf.float32, shape, name="images")
    tf.nn.conv2d(images, tf.get_variable("a", [3, 3, 3, 8]), 1, "SAME", name="conv")
    flops = count_flops(path_to("conv"), {})
    assert flops.total is None
    assert flops.note.endswith("give --input_shape images=1,224,224,3")
    assert count_flops(path_to("conv"), {"images": (1, 4, 4, 3)}).total == 2 * 4 * 4 * 8 * 27


def test_transposed_convolutions_and_products_of_batches():
    images = tf.placeholder(tf.float32, [1, 8, 8, 4])
    tf.nn.conv2d_transpose(images, tf.get_variable("a", [3, 3, 6, 4]), [1, 16, 16, 6], 2, name="up")
    tf.linalg.matmul(tf.zeros([5, 2, 3]), tf.zeros([5, 7, 3]), adjoint_b=True, name="product")
    tf.nn.conv3d(tf.zeros([1, 4, 4, 4, 2]), tf.get_variable("b", [2, 2, 2, 2, 3]), [1, 1, 1, 1, 1], "SAME", name="volume")
    assert count_flops(path_to("up"), {}).total == 2 * 8 * 8 * 4 * 3 * 3 * 6 == profiled(path_to("up"))
    assert count_flops(path_to("product"), {}).total == 2 * 5 * 2 * 7 * 3
    assert count_flops(path_to("volume"), {}).total == 2 * 64 * 3 * 16 == profiled(path_to("volume"))


def test_an_unknown_op_is_named():
    graph_def = tf.GraphDef()
    graph_def.node.add(name="x", op="QueryBallPoint")
    flops = count_flops(graph_def, {})
    assert flops.total is None
    assert "QueryBallPoint" in flops.note


def test_stale_shapes_of_the_file_do_no_harm():
    network(tf.placeholder(tf.float32, [None, 32, 32, 3], name="images"))
    path = path_to("scores")
    stale = tf.TensorShape([9, 9]).as_proto()
    for node in path.node:
        if node.op == "MatMul":
            node.attr["_output_shapes"].list.shape.add().CopyFrom(stale)
    assert count_flops(path, {}).total == count_flops(path_to("scores"), {}).total


@pytest.mark.parametrize(("network_name", "giga_flops"), [("vgg_16", 30.94), ("inception_v1", 3.00), ("resnet_v1_50", 6.96)])
def test_known_networks(network_name, giga_flops):
    """K. He et al., "Deep Residual Learning for Image Recognition", 2015: 15.3 and 3.8 billion multiply-adds for VGG-16 and
    ResNet-50. tf-slim's ResNet has its strides in the last unit of a block, and less to compute."""
    from models.slim_nets import SlimNet

    model = SlimNet(network_name, num_classes=1001 if network_name == "inception_v1" else 1000)
    images = tf.placeholder(tf.float32, [None, 224, 224, 3], name="images")
    predictions = model.postprocess(model.predict(model.preprocess(images)))
    output = predictions["probabilities"].op.name
    assert count_flops(path_to(output), {}).total / 1e9 == pytest.approx(giga_flops, abs=0.01)
