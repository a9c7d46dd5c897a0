"""Frozen graphs, optimized: fewer nodes, the same outputs, and batch norms folded only where that is right."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
import tf_slim as slim
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_from_session_graph

from exporter.errors import GraphError, UsageError
from exporter.optimize import optimize_for_inference
from tests.conformance.plain_tensorflow import as_it_is_written
from tests.goldens import control_flow_v1

pytestmark = pytest.mark.usefixtures("graph")

RANDOM = np.random.default_rng(5)
IMAGES = RANDOM.normal(1.0, 2.0, (2, 6, 6, 3)).astype(np.float32)
ROWS = RANDOM.normal(1.0, 2.0, (4, 5)).astype(np.float32)
VOLUMES = RANDOM.normal(1.0, 2.0, (2, 4, 4, 4, 2)).astype(np.float32)
FUSED = ("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3", "BatchNormWithGlobalNormalization")


def constant(*shape, low=-1.0, high=1.0):
    return tf.constant(RANDOM.uniform(low, high, shape).astype(np.float32))


def parameters(channels):
    """Gamma, beta, mean and variance."""
    gamma, variance = constant(channels, low=0.5, high=2.0), constant(channels, low=0.1, high=3.0)
    return gamma, constant(channels), constant(channels), variance


def fused(net, **attributes):
    channel_axis = 1 if attributes.get("data_format", "NHWC").startswith("NC") else -1
    gamma, beta, mean, variance = parameters(net.shape[channel_axis])
    return tf.raw_ops.FusedBatchNormV3(x=net, scale=gamma, offset=beta, mean=mean, variance=variance, is_training=False,
                                       **attributes).y


def single_ops(net):
    gamma, beta, mean, variance = parameters(net.shape[-1])
    return tf.nn.batch_normalization(net, mean, variance, beta, gamma, 1e-3)


def single_ops_alone(net):
    _, _, mean, variance = parameters(net.shape[-1])
    return tf.nn.batch_normalization(net, mean, variance, None, None, 1e-3)


def dense(rows, **arguments):
    return tf.matmul(rows, constant(7, 5) if arguments.get("transpose_b") else constant(5, 7), **arguments)


LAYERS = {
    "convolution": lambda images: tf.nn.conv2d(images, constant(3, 3, 3, 4), 1, "SAME"),
    "strided": lambda images: tf.nn.conv2d(images, constant(2, 2, 3, 4), [1, 2, 2, 1], "VALID"),
    "dilated": lambda images: tf.nn.conv2d(images, constant(2, 2, 3, 4), 1, "VALID", dilations=2),
    "explicit_padding": lambda images: tf.nn.conv2d(images, constant(3, 3, 3, 4), 1, [[0, 0], [1, 2], [0, 1], [0, 0]]),
    "depthwise": lambda images: tf.nn.depthwise_conv2d(images, constant(3, 3, 3, 2), [1, 1, 1, 1], "SAME"),
    "transposed": lambda images: tf.nn.conv2d_transpose(images, constant(3, 3, 4, 3), [2, 12, 12, 4], 2, "SAME"),
    "biased": lambda images: tf.nn.bias_add(tf.nn.conv2d(images, constant(3, 3, 3, 4), 1, "SAME"), constant(4)),
    "added": lambda images: constant(4) + tf.nn.conv2d(images, constant(3, 3, 3, 4), 1, "SAME"),
    "one_channel": lambda images: tf.nn.conv2d(images, constant(3, 3, 3, 1), 1, "SAME"),
}
NORMS = {
    "fused": fused,
    "fused_epsilon": lambda net: fused(net, epsilon=0.5),
    "single_ops": single_ops,
    "single_ops_alone": single_ops_alone,
    "keras": lambda net: slim.batch_norm(net, is_training=False, fused=False, scale=True),
    "twice": lambda net: fused(single_ops(net)),
}


def frozen(output):
    """Gives variables random values and makes them constants."""
    with tf.Session() as session:
        for variable in tf.global_variables():
            variable.load(RANDOM.uniform(0.5, 2.0, variable.shape), session)
        graph_def = session.graph.as_graph_def()
        if not tf.global_variables():
            return graph_def
        return convert_variables_to_constants_from_session_graph(session, graph_def, [output])


def run(graph_def, fetches, feeds):
    with tf.Graph().as_default(), tf.Session(config=as_it_is_written()) as session:
        tf.import_graph_def(graph_def, name="")
        return session.run([f"{name}:0" for name in fetches], {f"{name}:0": value for name, value in feeds.items()})


def optimized(graph_def, feeds, outputs=("output",), **arguments):
    """Optimizes, and compares the outputs of both graphs."""
    before = graph_def.SerializeToString(deterministic=True)
    types = [tf.as_dtype(np.asarray(value).dtype).as_datatype_enum for value in feeds.values()]
    result = optimize_for_inference(graph_def, list(feeds), list(outputs), types, **arguments)
    assert graph_def.SerializeToString(deterministic=True) == before
    for found, expected in zip(run(result, outputs, feeds), run(graph_def, outputs, feeds), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5 * np.abs(expected).max())
    return result


def ops(graph_def):
    return sorted(node.op for node in graph_def.node)


def images(value=IMAGES):
    return tf.placeholder(tf.float32, [None, *value.shape[1:]], name="images")


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("layer", LAYERS)
def test_a_batch_norm_is_folded_into_the_layer_before(layer, norm):
    tf.nn.relu(NORMS[norm](LAYERS[layer](images())), name="output")
    result = optimized(frozen("output"), {"images": IMAGES})
    [convolution] = [op for op in ops(result) if "Conv" in op]
    shapes = ["Const"] if convolution == "Conv2DBackpropInput" else []
    assert ops(result) == sorted(["BiasAdd", "Const", "Const", convolution, "Placeholder", "Relu", *shapes])


@pytest.mark.parametrize("arguments", [{}, {"transpose_b": True}])
@pytest.mark.parametrize("norm", [single_ops, single_ops_alone])
def test_a_matrix_product(norm, arguments):
    tf.nn.relu(norm(dense(tf.placeholder(tf.float32, [None, 5], name="rows"), **arguments) + constant(7)), name="output")
    assert ops(optimized(frozen("output"), {"rows": ROWS})) == ["BiasAdd", "Const", "Const", "MatMul", "Placeholder", "Relu"]


@pytest.mark.parametrize("norm", [fused, single_ops])
def test_volumes(norm):
    net = tf.nn.conv3d(images(VOLUMES), constant(2, 2, 2, 2, 3), [1] * 5, "SAME")
    net = norm(net) if norm is single_ops else fused(net, data_format="NDHWC")
    tf.identity(net, name="output")
    assert "BiasAdd" in ops(optimized(frozen("output"), {"images": VOLUMES}))


def channels_first(norm):
    net = tf.transpose(images(), [0, 3, 1, 2])
    net = tf.nn.conv2d(net, constant(3, 3, 3, 4), 1, "SAME", data_format="NCHW")
    return tf.identity(norm(tf.nn.bias_add(net, constant(4), data_format="NCHW")), name="output")


def single_ops_channels_first(net):
    gamma, beta, mean, variance = (tf.reshape(value, [1, -1, 1, 1]) for value in parameters(4))
    return tf.nn.batch_normalization(net, mean, variance, beta, gamma, 1e-3)


@pytest.mark.parametrize("norm", [lambda net: fused(net, data_format="NCHW"), single_ops_channels_first])
def test_channels_first(norm):
    channels_first(norm)
    result = optimized(frozen("output"), {"images": IMAGES})
    [bias] = [node for node in result.node if node.op == "BiasAdd"]
    assert bias.attr["data_format"].s == b"NCHW"
    assert not {"Mul", *FUSED} & set(ops(result))


def test_a_batch_norm_over_another_axis_than_the_channels_stays():
    channels_first(lambda net: single_ops(tf.ensure_shape(net, [None, 4, 6, 6])))
    assert "Mul" in ops(optimized(frozen("output"), {"images": IMAGES}))
    with tf.Graph().as_default():
        channels_first(lambda net: fused(tf.ensure_shape(net, [None, 4, 6, 6])))
        result = optimize_for_inference(tf.get_default_graph().as_graph_def(), ["images"], ["output"], 1)
    assert "FusedBatchNormV3" in ops(result)


@pytest.mark.parametrize("op", ["FusedBatchNorm", "FusedBatchNormV2"])
def test_older_fused_ops(op):
    gamma, beta, mean, variance = parameters(4)
    getattr(tf.raw_ops, op)(x=LAYERS["biased"](images()), scale=gamma, offset=beta, mean=mean, variance=variance,
                            is_training=False, name="output")
    result = optimized(frozen("output"), {"images": IMAGES})
    assert ops(result) == ["BiasAdd", "Const", "Const", "Conv2D", "Placeholder"]


@pytest.mark.parametrize("scaled", [True, False])
def test_the_oldest_op(scaled):
    """TensorFlow no longer runs it, so that it is compared with the fused one."""
    gamma, beta, mean, variance = parameters(4)
    gamma = gamma if scaled else tf.ones_like(gamma)
    convolution = LAYERS["convolution"](images())
    tf.raw_ops.FusedBatchNormV3(x=convolution, scale=gamma, offset=beta, mean=mean, variance=variance, epsilon=0.01,
                                is_training=False, name="output")
    graph_def = frozen("output")
    expected = run(graph_def, ["output"], {"images": IMAGES})
    [node] = [node for node in graph_def.node if node.name == "output"]
    node.op = "BatchNormWithGlobalNormalization"
    node.input[:] = [node.input[index] for index in (0, 3, 4, 2, 1)]
    node.attr.clear()
    node.attr["variance_epsilon"].f, node.attr["scale_after_normalization"].b, node.attr["T"].type = 0.01, scaled, 1
    found = run(optimize_for_inference(graph_def, ["images"], ["output"], 1), ["output"], {"images": IMAGES})
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_layers_that_share_weights_get_their_own():
    weights = constant(3, 3, 3, 3)
    net = fused(tf.nn.conv2d(images(), weights, 1, "SAME"))
    net = single_ops(tf.nn.conv2d(net, weights, 1, "SAME"))
    tf.nn.relu(tf.nn.conv2d(net, weights, 1, "SAME"), name="output")
    result = optimized(frozen("output"), {"images": IMAGES})
    assert not {"Mul", *FUSED} & set(ops(result))
    assert len({node.input[1] for node in result.node if node.op == "Conv2D"}) == 3


def another_takes_the_convolution():
    net = LAYERS["convolution"](images())
    return fused(net) + net


def another_takes_the_sum():
    net = LAYERS["biased"](images())
    return fused(net) + net


def another_takes_the_product():
    gamma, beta, mean, variance = parameters(4)
    factor = gamma * tf.math.rsqrt(variance + 1e-3)
    product = LAYERS["convolution"](images()) * factor
    return product + (beta - mean * factor) + tf.nn.relu(product)


def in_training_mode():
    net = LAYERS["convolution"](images())
    return tf.raw_ops.FusedBatchNormV3(x=net, scale=constant(4), offset=constant(4), mean=[], variance=[]).y


def someone_waits_for_the_convolution():
    net = LAYERS["convolution"](images())
    with tf.control_dependencies([net]):
        return fused(net) + tf.identity(1.0)


def weights_are_no_constant():
    weights = tf.placeholder_with_default(constant(3, 3, 3, 4), [3, 3, 3, 4])
    return fused(tf.nn.conv2d(images(), weights, 1, "SAME"))


def sum_of_two_convolutions():
    net = images()
    return fused(LAYERS["convolution"](net) + LAYERS["convolution"](net))


def variance_below_zero():
    gamma, beta, mean, _ = parameters(4)
    net = LAYERS["convolution"](images())
    variance = tf.constant(np.float32([-1.0, 1.0, 1.0, 1.0]))
    return tf.raw_ops.FusedBatchNormV3(x=net, scale=gamma, offset=beta, mean=mean, variance=variance, is_training=False).y


@pytest.mark.parametrize("build", [
    another_takes_the_convolution, another_takes_the_sum, another_takes_the_product, in_training_mode,
    someone_waits_for_the_convolution, weights_are_no_constant, sum_of_two_convolutions, variance_below_zero])
def test_it_is_not_folded_where_that_is_wrong(build):
    tf.identity(build(), name="output")
    before = tf.get_default_graph().as_graph_def()
    result = optimized(before, {"images": IMAGES})
    assert {"Mul", *FUSED} & set(ops(result))


def test_a_convolution_that_is_an_output_stays():
    tf.identity(fused(tf.nn.conv2d(images(), constant(3, 3, 3, 4), 1, "SAME", name="features")), name="output")
    assert "FusedBatchNormV3" in ops(optimized(frozen("output"), {"images": IMAGES}, ["features", "output"]))


def test_a_batch_norm_may_be_an_output():
    gamma, beta, mean, variance = parameters(4)
    tf.raw_ops.FusedBatchNormV3(x=LAYERS["convolution"](images()), scale=gamma, offset=beta, mean=mean, variance=variance,
                                is_training=False, name="output")
    result = optimized(frozen("output"), {"images": IMAGES})
    assert {node.name: node.op for node in result.node}["output"] == "BiasAdd"


def test_other_scales_and_sums_stay():
    tf.identity(LAYERS["convolution"](images()) * constant(4) + constant(4), name="output")
    assert {"Mul", "AddV2"} <= set(ops(optimized(frozen("output"), {"images": IMAGES})))


def test_identities_go_and_outputs_stay():
    net = tf.identity(tf.stop_gradient(tf.identity(images())))
    net = tf.debugging.check_numerics(tf.nn.relu(net), "message")
    tf.identity(net, name="output")
    result = optimized(frozen("output"), {"images": IMAGES})
    assert {node.name: (node.op, list(node.input)) for node in result.node if node.op != "Relu"} == {
        "images": ("Placeholder", []), "output": ("Identity", ["Relu"])}


def test_what_is_waited_for_stays():
    net = images()
    check = tf.debugging.Assert(tf.reduce_all(net < 100.0), [net], name="check")
    with tf.control_dependencies([tf.identity(net, name="waited"), check]):
        tf.identity(tf.identity(net, name="waiting"), name="output")
    result = optimized(frozen("output"), {"images": IMAGES})
    assert {"waited", "waiting"} <= {node.name for node in result.node}
    with pytest.raises(tf.errors.InvalidArgumentError, match="assertion failed"):
        run(result, ["output"], {"images": IMAGES + 100.0})


def test_classic_conditionals_and_loops():
    with control_flow_v1():
        net = tf.identity(images())
        net = tf.cond(tf.reduce_sum(net) > 0.0, lambda: fused(LAYERS["convolution"](net)), lambda: tf.identity(net[..., :1]))
        net = tf.while_loop(lambda step, value: step < 3,
                            lambda step, value: (step + 1, single_ops(tf.nn.conv2d(value, constant(1, 1, 4, 4), 1, "SAME"))),
                            (0, tf.ensure_shape(net, [None, 6, 6, 4])))[1]
        tf.identity(net, name="output")
    result = optimized(frozen("output"), {"images": IMAGES})
    assert ops(result).count("BiasAdd") == 2
    run(result, ["output"], {"images": IMAGES})


def test_functions_versions_and_tables_stay():
    @tf.compat.v2.function
    def called(value):
        return tf.tanh(value)

    keys = tf.constant([0, 1], tf.int64)
    table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(keys, tf.constant([5.0, 7.0])), 0.0)
    net = called(fused(LAYERS["convolution"](images())))
    tf.add(table.lookup(tf.argmax(tf.reduce_mean(net, [1, 2]), 1)), 0.0, name="output")
    graph_def = frozen("output")
    graph_def.versions.min_consumer = 12
    result = optimize_for_inference(graph_def, ["images"], ["output"], 1)
    assert result.versions == graph_def.versions
    assert [function.signature.name for function in result.library.function] == [
        function.signature.name for function in graph_def.library.function if "called" in function.signature.name]
    with tf.Graph().as_default(), tf.Session() as session:
        tf.import_graph_def(result, name="")
        session.run([node.name for node in result.node if node.op.startswith("LookupTableImport")])
        assert set(session.run("output:0", {"images:0": IMAGES})) <= {0.0, 5.0, 7.0}


def test_the_graph_is_cut_at_its_inputs():
    decoded = tf.cast(tf.io.decode_png(tf.placeholder(tf.string, [], name="png"), name="decoded"), tf.float32)
    tf.add(decoded, tf.placeholder(tf.float32, [], name="shift"), name="output")
    result = optimize_for_inference(tf.get_default_graph().as_graph_def(), ["decoded", "shift"], ["output"],
                                    [tf.uint8.as_datatype_enum, tf.float32.as_datatype_enum])
    types = {node.name: node.attr["dtype"].type for node in result.node if node.op == "Placeholder"}
    assert types == {"decoded": tf.uint8.as_datatype_enum, "shift": tf.float32.as_datatype_enum}
    [found] = run(result, ["output"], {"decoded": np.full((2, 2, 3), 7, np.uint8), "shift": 1.0})
    np.testing.assert_array_equal(found, np.full((2, 2, 3), 8.0, np.float32))


@pytest.mark.parametrize("arguments", [{"fixed": {"training": False}}, {"placeholder_to_const_names": ["training=False"]}])
def test_a_fixed_placeholder_decides_conditionals(arguments):
    with control_flow_v1():
        training = tf.placeholder_with_default(True, [], name="training")
        net = LAYERS["convolution"](images())
        tf.identity(tf.cond(training, lambda: net / 0.0, lambda: fused(net)), name="output")
    result = optimize_for_inference(frozen("output"), ["images"], ["output"], 1, **arguments)
    assert not {"Switch", "Merge", "PlaceholderWithDefault"} & set(ops(result))
    assert np.isfinite(run(result, ["output"], {"images": IMAGES})).all()


def test_other_placeholders_with_a_default_stay():
    tf.add(images(), tf.placeholder_with_default(1.0, []), name="output")
    assert "PlaceholderWithDefault" in ops(optimized(frozen("output"), {"images": IMAGES}))


def test_the_same_graph_gives_the_same_bytes():
    tf.nn.relu(fused(single_ops(LAYERS["biased"](images()))), name="output")
    first, second = (optimized(frozen("output"), {"images": IMAGES}).SerializeToString(deterministic=True) for _ in range(2))
    assert first == second


def test_inputs_come_before_their_consumers():
    tf.nn.relu(fused(LAYERS["biased"](images())), name="output")
    seen = set()
    for node in optimized(frozen("output"), {"images": IMAGES}).node:
        assert seen.issuperset(node.input)
        seen.add(node.name)


@pytest.mark.parametrize(("inputs", "outputs", "types", "error", "message"), [
    (["image"], ["output"], 1, GraphError, r"(?s)no node 'image'.*images"),
    (["images"], ["outputs"], 1, GraphError, "no node 'outputs'"),
    (["images"], ["output"], [1, 1], UsageError, "2 types for 1 inputs"),
    ("images", ["output"], 1, UsageError, "'images' for the names"),
    (["images"], [], 1, UsageError, r"\[\] for the names")])
def test_names_and_types_that_do_not_fit(inputs, outputs, types, error, message):
    tf.identity(images(), name="output")
    with pytest.raises(error, match=message):
        optimize_for_inference(tf.get_default_graph().as_graph_def(), inputs, outputs, types)


def test_only_placeholders_are_fixed():
    tf.identity(images(), name="output")
    for arguments, message in (({"fixed": {"output": 1.0}}, "no placeholder"), (
            {"placeholder_to_const_names": ["images=3"]}, "not of the form")):
        with pytest.raises(UsageError, match=message):
            optimize_for_inference(tf.get_default_graph().as_graph_def(), ["images"], ["output"], 1, **arguments)
