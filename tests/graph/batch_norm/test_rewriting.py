"""Training graphs, trained for some steps and rewritten, give what the same network built for inference gives."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
import tf_slim as slim

from exporter.errors import GraphError
from exporter.graph.batch_norm.rewriting import rewrite_batch_norm, training_batch_norms
from exporter.graph.pruning import prune
from tests.conformance.plain_tensorflow import as_it_is_written
from tests.goldens import control_flow_v1
from tests.wild.entries import wild_root

IMAGES = np.random.default_rng(3).normal(1.0, 2.0, (8, 4, 4, 3)).astype(np.float32)
VOLUMES = np.random.default_rng(4).normal(1.0, 2.0, (8, 3, 3, 3, 2)).astype(np.float32)
OUTPUT = "output"


def legacy_layer(**arguments):
    """``tf.layers.batch_normalization``, which TensorFlow 2.16 lost without tf_keras."""
    from tf_keras.src.legacy_tf_layers.normalization import batch_normalization

    return lambda images, training: batch_normalization(images, training=training, momentum=0.7, **arguments)


def slim_layer(**arguments):
    return lambda images, training: slim.batch_norm(images, is_training=training, decay=0.7, scale=True, **arguments)


def keras_layer(fused):
    def layer(images, training):
        from tf_keras.src.layers.normalization.batch_normalization_v1 import BatchNormalization

        made = BatchNormalization(fused=fused, momentum=0.7, name=f"bn_{images.shape[-1]}")
        result = made(images, training=training)
        for update in made.updates if training else ():
            tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, update)
        return result
    return layer


def resources(layer):
    def with_resources(images, training):
        with tf.variable_scope("resources", use_resource=True):
            return layer(images, training)
    return with_resources


def averaged_by_hand(images, training, keep_dims=True, formula=lambda old, new: 0.7 * old + new * 0.3):
    """Names that tell nothing, and a variable that is given its new value whole."""
    axes = list(range(images.shape.rank - 1))
    a, b = (tf.get_variable(name, images.shape[-1:], initializer=tf.ones_initializer()) for name in "ab")
    mean, variance = a, b
    if training:
        mean, variance = tf.nn.moments(images, axes, keep_dims=keep_dims)
        for variable, value in (a, mean), (b, variance):
            value = tf.squeeze(value, axes) if keep_dims else value
            tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, tf.assign(variable, formula(variable, value)))
    return tf.nn.batch_normalization(images, mean, variance, None, None, 1e-3)


def averaged_by_subtraction(images, training):
    """With the variance as the mean of the squares."""
    a, b = (tf.get_variable(name, images.shape[-1:], initializer=tf.ones_initializer()) for name in "ab")
    mean, variance = a, b
    if training:
        mean = tf.reduce_mean(images, [0, 1, 2])
        variance = tf.reduce_mean(tf.square(images), [0, 1, 2]) - tf.square(mean)
        for variable, value in (a, mean), (b, variance):
            tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, tf.assign_add(variable, (value - variable) * 0.3))
    return (images - mean) / tf.sqrt(variance + 1e-3)


def exponential_moving_average(zero_debias):
    def layer(images, training):
        mean, variance = tf.nn.moments(images, [0, 1, 2])
        averages = tf.train.ExponentialMovingAverage(0.7, zero_debias=zero_debias)
        tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, averages.apply([mean, variance]))
        if not training:
            mean, variance = averages.average(mean), averages.average(variance)
        return tf.nn.batch_normalization(images, mean, variance, None, None, 1e-3)
    return layer


def averaged_by_the_op(images, training):
    """The fused op makes the moving average itself."""
    mean = tf.get_variable("m", [images.shape[-1]], initializer=tf.zeros_initializer())
    variance = tf.get_variable("v", [images.shape[-1]], initializer=tf.ones_initializer())
    scale = tf.get_variable("s", [images.shape[-1]], initializer=tf.ones_initializer())
    normalized, new_mean, new_variance, *_ = tf.raw_ops.FusedBatchNormV3(
        x=images, scale=scale, offset=tf.zeros_like(scale), mean=tf.identity(mean), variance=tf.identity(variance),
        is_training=training, exponential_avg_factor=0.3 if training else 1.0)
    if training:
        for variable, value in (mean, new_mean), (variance, new_variance):
            tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, tf.assign(variable, value))
    return normalized


def half_precision(images, training):
    """The statistics are made and averaged in float32, and used in float16."""
    a, b = (tf.get_variable(name, images.shape[-1:], initializer=tf.ones_initializer()) for name in "ab")
    mean, variance = (tf.cast(variable, tf.float16) for variable in (a, b))
    if training:
        mean, variance = tf.nn.moments(tf.cast(images, tf.float16), [0, 1, 2])
        for variable, value in (a, mean), (b, variance):
            difference = variable - tf.cast(value, tf.float32)
            tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, tf.assign_sub(variable, difference * 0.3))
    half = tf.nn.batch_normalization(tf.cast(images, tf.float16), mean, variance, None, None, 1e-2)
    return tf.cast(half, tf.float32)


def averaged(moments):
    """Statistics by single ops, as older versions of TensorFlow made them."""
    def layer(images, training):
        a, b = (tf.get_variable(name, images.shape[-1:], initializer=tf.ones_initializer()) for name in "ab")
        mean, variance = a, b
        if training:
            mean, variance = moments(images)
            for variable, value in (a, mean), (b, variance):
                tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, tf.assign_sub(variable, (variable - value) * 0.3))
        return tf.nn.batch_normalization(images, mean, variance, None, None, 1e-3)
    return layer


def shifted_moments(images):
    """TensorFlow 1.0 to 1.3."""
    shift = tf.stop_gradient(tf.reduce_mean(images, [0, 1, 2], keepdims=True))
    shifted_mean = tf.reduce_mean(images - shift, [0, 1, 2], keepdims=True)
    variance = tf.reduce_mean(tf.math.squared_difference(images, shift), [0, 1, 2], keepdims=True) - tf.square(shifted_mean)
    return tf.squeeze(shifted_mean + shift, [0, 1, 2]), tf.squeeze(variance, [0, 1, 2])


def summed_moments(images):
    """TensorFlow 0.x."""
    divisor = 1.0 / tf.cast(tf.reduce_prod(tf.shape(images)[:3]), tf.float32)
    mean = tf.reduce_sum(images, [0, 1, 2]) * divisor
    return mean, tf.reduce_sum(tf.square(images), [0, 1, 2]) * divisor - tf.square(mean)


def updated_in_a_conditional(images, training):
    """The batch's statistics are always used; a placeholder decides on the update alone."""
    a, b = (tf.get_variable(name, images.shape[-1:], initializer=tf.ones_initializer()) for name in "ab")
    mean, variance = a, b
    if training:
        mean, variance = tf.nn.moments(images, [0, 1, 2])
        with control_flow_v1():
            tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, tf.cond(
                tf.placeholder_with_default(True, []),
                lambda: tf.group(tf.assign_sub(a, (a - mean) * 0.3), tf.assign_sub(b, (b - variance) * 0.3)), tf.no_op))
    return tf.nn.batch_normalization(images, mean, variance, None, None, 1e-3)


LAYERS = {
    "slim_fused": slim_layer(fused=True),
    "slim_fused_without_scale": lambda images, training: slim.batch_norm(images, is_training=training, decay=0.7),
    "slim_single_ops": slim_layer(fused=False),
    "slim_resources": resources(slim_layer(fused=True)),
    "slim_updates_in_place": slim_layer(fused=True, updates_collections=None),
    "slim_single_ops_updates_in_place": slim_layer(fused=False, updates_collections=None),
    "slim_zero_debias": slim_layer(fused=False, zero_debias_moving_mean=True),
    "slim_fused_zero_debias": slim_layer(fused=True, zero_debias_moving_mean=True),
    "slim_resources_zero_debias": resources(slim_layer(fused=False, zero_debias_moving_mean=True)),
    "layers_fused": legacy_layer(),
    "layers_single_ops": legacy_layer(fused=False),
    "layers_resources": resources(legacy_layer()),
    "layers_single_ops_of_resources": resources(legacy_layer(fused=False)),
    "keras_fused": keras_layer(fused=True),
    "keras_single_ops": keras_layer(fused=False),
    "moving_averages": exponential_moving_average(zero_debias=False),
    "moving_averages_zero_debias": exponential_moving_average(zero_debias=True),
    "by_hand": averaged_by_hand,
    "by_hand_of_resources": resources(averaged_by_hand),
    "by_hand_without_kept_dimensions": lambda images, training: averaged_by_hand(images, training, keep_dims=False),
    "by_subtraction": averaged_by_subtraction,
    "by_the_op": averaged_by_the_op,
    "half_precision": half_precision,
    "shifted_moments": averaged(shifted_moments),
    "summed_moments": averaged(summed_moments),
    "updated_in_a_conditional": updated_in_a_conditional,
}


def network(layer, training, images=IMAGES):
    """Two layers and a dense one; returns the output's tensor."""
    net = tf.placeholder(tf.float32, [None, *images.shape[1:]], name="images")
    for number in (1, 2):
        with tf.variable_scope(f"block_{number}"), tf.name_scope(f"block_{number}/"):
            convolution = slim.conv3d if images.ndim == 5 else slim.conv2d
            net = layer(convolution(net, 4 + number, 2, scope="conv"), training)
    return tf.identity(tf.reduce_mean(net, axis=list(range(1, images.ndim - 1))), name=OUTPUT)


def train(build, directory, images=IMAGES, steps=3):
    """Runs updates and optimizer, saves; returns the GraphDef and the checkpoint's prefix."""
    tf.set_random_seed(1)
    output = build(True)
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        step = tf.train.GradientDescentOptimizer(0.01).minimize(tf.reduce_mean(tf.square(output - 1.0)))
    saver = tf.train.Saver()
    with tf.Session(config=as_it_is_written()) as session:
        session.run(tf.global_variables_initializer())
        for number in range(steps):
            session.run(step, {"images:0": images * (number + 1) + number})
        return tf.get_default_graph().as_graph_def(), saver.save(session, str(directory / "model"))


def run_built_for_inference(build, prefix, images=IMAGES):
    with tf.Graph().as_default(), tf.Session(config=as_it_is_written()) as session:
        output = build(False)
        tf.train.Saver().restore(session, prefix)
        return session.run(output, {"images:0": images})


def run_graph_def(graph_def, prefix, images=IMAGES, output=OUTPUT):
    """Prunes, imports and restores a graph by its variables' names."""
    with tf.Graph().as_default() as graph, tf.Session(config=as_it_is_written()) as session:
        pruned = prune(graph_def, [output])
        assert not [node.name for node in pruned.node if node.op.startswith("Assign")]
        tf.import_graph_def(pruned, name="")
        reader = tf.train.load_checkpoint(prefix)
        for node in pruned.node:
            if node.op in ("VariableV2", "VarHandleOp"):
                handle, value = graph.get_tensor_by_name(f"{node.name}:0"), reader.get_tensor(node.name)
                session.run(tf.raw_ops.AssignVariableOp(resource=handle, value=value) if node.op == "VarHandleOp"
                            else tf.assign(handle, value))
        return session.run(f"{output}:0", {"images:0": images})


def assert_rewritten(build, directory, images=IMAGES, found=2):
    """Returns the rewritten graph."""
    graph_def, prefix = train(build, directory, images)
    before = graph_def.SerializeToString(deterministic=True)
    rewritten, names = rewrite_batch_norm(graph_def, [f"{OUTPUT}:0"])
    assert graph_def.SerializeToString(deterministic=True) == before
    assert list(names) == training_batch_norms(graph_def, [OUTPUT])
    assert len(names) == found
    assert training_batch_norms(rewritten, [OUTPUT]) == []
    expected = run_built_for_inference(build, prefix, images)
    assert np.isfinite(expected).all()
    np.testing.assert_allclose(run_graph_def(rewritten, prefix, images), expected, rtol=1e-6, atol=1e-6)
    assert np.abs(run_in_training_mode(graph_def, prefix, images) - expected).max() > 1e-2
    return rewritten


def run_in_training_mode(graph_def, prefix, images):
    with tf.Graph().as_default(), tf.Session() as session:
        tf.import_graph_def(graph_def, name="")
        session.run("save/restore_all", {"save/filename:0": prefix})
        return session.run(f"{OUTPUT}:0", {"images:0": images})


pytestmark = pytest.mark.usefixtures("graph")


@pytest.mark.parametrize("layer", LAYERS)
def test_the_outputs_are_those_of_the_network_built_for_inference(layer, tmp_path):
    assert_rewritten(lambda training: network(LAYERS[layer], training), tmp_path)


@pytest.mark.parametrize("layer", ["slim_single_ops", "layers_single_ops", "by_hand"])
def test_volumes(layer, tmp_path):
    assert_rewritten(lambda training: network(LAYERS[layer], training, VOLUMES), tmp_path, VOLUMES)


def test_channels_first(tmp_path):
    """Statistics with kept dimensions are not those of the last axis."""
    def layer(images, training):
        a, b = (tf.get_variable(name, images.shape[-1:], initializer=tf.ones_initializer()) for name in "ab")
        transposed = tf.transpose(images, [0, 3, 1, 2])
        mean, variance = (tf.reshape(variable, [1, -1, 1, 1]) for variable in (a, b))
        if training:
            mean, variance = tf.nn.moments(transposed, [0, 2, 3], keep_dims=True)
            for variable, value in (a, mean), (b, variance):
                tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, tf.assign_sub(
                    variable, (variable - tf.reshape(value, [-1])) * 0.3))
        return tf.transpose(tf.nn.batch_normalization(transposed, mean, variance, None, None, 1e-3), [0, 2, 3, 1])

    assert_rewritten(lambda training: network(layer, training), tmp_path)


def test_towers_share_their_variables(tmp_path):
    def build(training):
        images = tf.placeholder(tf.float32, [None, 4, 4, 3], name="images")
        towers = []
        for number, part in enumerate(tf.split(images, 2)):
            with tf.variable_scope("net", reuse=number > 0), tf.name_scope(f"tower_{number}"):
                towers.append(slim.batch_norm(part, is_training=training, decay=0.7, scope="bn"))
        return tf.identity(tf.reduce_mean(tf.concat(towers, 0), [1, 2]) * tf.get_variable("w", []), name=OUTPUT)

    assert_rewritten(build, tmp_path, found=2)


def test_an_output_that_waits_for_the_updates_waits_no_more(tmp_path):
    def build(training):
        output = network(LAYERS["slim_fused"], training)
        with tf.control_dependencies([tf.group(*tf.get_collection(tf.GraphKeys.UPDATE_OPS), tf.no_op("kept"))]):
            return tf.identity(output, name="waiting")

    graph_def, prefix = train(build, tmp_path)
    rewritten, _ = rewrite_batch_norm(graph_def, ["waiting"])
    [waiting] = [node for node in rewritten.node if node.name == "waiting"]
    assert [name for name in waiting.input if name.startswith("^")] == ["^kept"]
    run_graph_def(rewritten, prefix, output="waiting")


def test_ops_that_are_not_known(tmp_path):
    graph_def, prefix = train(lambda training: network(LAYERS["slim_fused"], training), tmp_path)
    graph_def.node.add(name="unknown", op="OfAnotherPackage", input=["images"])
    rewritten, names = rewrite_batch_norm(graph_def, [OUTPUT])
    assert len(names) == 2
    run_graph_def(rewritten, prefix)


@pytest.mark.parametrize("layer", [
    "slim_fused_without_scale", "slim_single_ops", "layers_single_ops_of_resources", "layers_fused"])
def test_without_updates_the_usual_names_count(layer, tmp_path):
    graph_def, prefix = train(lambda training: network(LAYERS[layer], training), tmp_path)
    variables = [node.name for node in graph_def.node if node.op in ("VariableV2", "VarHandleOp")]
    rewritten, names = rewrite_batch_norm(prune(graph_def, [OUTPUT, *variables]), [OUTPUT])
    assert len(names) == 2
    expected = run_built_for_inference(lambda training: network(LAYERS[layer], training), prefix)
    np.testing.assert_allclose(run_graph_def(rewritten, prefix), expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("layer", ["slim_fused", "slim_single_ops", "by_hand"])
def test_a_batch_norm_without_moving_statistics_is_an_error(layer, tmp_path):
    graph_def, _ = train(lambda training: network(LAYERS[layer], training), tmp_path)
    for node in graph_def.node:
        if node.op == "FusedBatchNormV3":  # as TensorFlow 1 wrote it
            node.input[3:5] = ["empty", "empty"]
    graph_def.node.add(name="empty", op="Const")
    pruned = prune(graph_def, [OUTPUT])
    assert len(training_batch_norms(pruned, [OUTPUT])) == 2
    with pytest.raises(GraphError, match="No moving statistics are known for the batch norm 'block_1"):
        rewrite_batch_norm(pruned, [OUTPUT])


def test_batch_renormalization_is_an_error(tmp_path):
    layer = legacy_layer(renorm=True, fused=False)
    graph_def, _ = train(lambda training: network(layer, training), tmp_path)
    with pytest.raises(GraphError, match="batch renormalization"):
        rewrite_batch_norm(graph_def, [OUTPUT])


@pytest.mark.parametrize("fused", [True, False])
def test_a_conditional_decides_by_itself(fused, tmp_path):
    with control_flow_v1():
        is_training = tf.placeholder_with_default(True, [], name="is_training")
        graph_def, _ = train(lambda _: network(slim_layer(fused=fused), is_training), tmp_path)
    assert "Switch" in {node.op for node in graph_def.node}
    assert training_batch_norms(graph_def, [OUTPUT]) == []
    assert rewrite_batch_norm(graph_def, [OUTPUT]) == (graph_def, ())


def test_only_batch_norms_on_the_way_are_rewritten(tmp_path):
    def build(training):
        output = network(LAYERS["slim_fused"], training)
        with tf.variable_scope("other"):
            slim.batch_norm(output, is_training=training)
        return output

    graph_def, _ = train(build, tmp_path)
    rewritten, names = rewrite_batch_norm(graph_def, [OUTPUT])
    assert sorted(names) == ["block_1/BatchNorm/FusedBatchNormV3", "block_2/BatchNorm/FusedBatchNormV3"]
    [other] = [node for node in rewritten.node if node.name == "other/BatchNorm/FusedBatchNormV3"]
    assert other.attr["is_training"].b


@pytest.mark.parametrize("layer", [
    pytest.param(lambda images: slim.layer_norm(images), id="layer_norm"),
    pytest.param(lambda images: slim.instance_norm(images), id="instance_norm"),
    pytest.param(lambda images: slim.group_norm(images, 1), id="group_norm"),
    pytest.param(lambda images: tf.map_fn(tf.image.per_image_standardization, images), id="per_image"),
    pytest.param(lambda images: slim.batch_norm(images, is_training=False), id="batch_norm_for_inference")])
def test_other_normalizations_are_none(layer, tmp_path):
    graph_def, _ = train(lambda _: network(lambda images, training: layer(images), True), tmp_path)
    assert training_batch_norms(graph_def, [OUTPUT]) == []
    assert rewrite_batch_norm(graph_def, [OUTPUT])[1] == ()


def test_the_moving_average_of_a_loss_is_none(tmp_path):
    def build(training):
        output = network(lambda images, training: images, training)
        loss = tf.reduce_mean(output, [0, 1], name="loss")
        tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, tf.train.ExponentialMovingAverage(0.9).apply([loss]))
        tf.identity(loss * 2.0, name="twice")
        return output

    graph_def, _ = train(build, tmp_path)
    assert training_batch_norms(graph_def, ["twice", OUTPUT]) == []


@pytest.mark.skipif(not wild_root().exists(), reason="no wild checkpoints here")
def test_a_real_training_graph():
    [prefix] = wild_root().glob("tansinjahan__*/*/model.ckpt.meta")
    meta_graph_def = tf.MetaGraphDef.FromString(prefix.read_bytes())
    output = "Conv3d_transpose_2/Sigmoid"
    rewritten, names = rewrite_batch_norm(meta_graph_def.graph_def, [f"{output}:0"])
    assert names == ("BatchNorm", *(f"BatchNorm_{number}" for number in range(1, 5)))
    with tf.Graph().as_default(), tf.Session() as session:
        tf.import_graph_def(prune(rewritten, [output]), name="")
        for node in tf.get_default_graph().get_operations():
            if node.type == "VariableV2":
                value = tf.train.load_checkpoint(str(prefix).removesuffix(".meta")).get_tensor(node.name)
                session.run(tf.assign(node.outputs[0], value))
        volumes = np.random.default_rng(1).random((5, 32, 32, 32, 1), np.float32)
        first, second = (session.run(f"{output}:0", {"encoder_input:0": volumes[some]}) for some in ([0, 1, 2], [0, 3, 4]))
    np.testing.assert_array_equal(first[0], second[0])
