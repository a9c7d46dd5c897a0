"""Tiny models, each with one thing that an export has to get right. Every conformance test runs over all of them.

A golden is a Model class or a plain network for images [batch, 8, 8, 3]; ``@golden`` registers it by its name.
"""

import contextlib

import tensorflow.compat.v1 as tf
import tf_slim as slim

IMAGE_SHAPE = (None, 8, 8, 3)
GOLDENS = {}


def golden(model):
    assert model.__name__ not in GOLDENS
    GOLDENS[model.__name__] = model
    return model


@contextlib.contextmanager
def control_flow_v1():
    """Builds ``Switch``, ``Merge`` and ``Enter`` nodes in place of functions, and leaves no trace in TensorFlow."""
    was_enabled = tf.control_flow_v2_enabled()
    tf.disable_control_flow_v2()
    try:
        yield
    finally:
        if was_enabled:
            tf.enable_control_flow_v2()


def features(images, width=6, **kwargs):
    """A variable layer that every output of a golden should depend on: [batch, width]."""
    with tf.variable_scope("features"):
        weights = tf.get_variable("weights", [192, width], **kwargs)
        return tf.matmul(tf.reshape(images / 255.0, [-1, 192]), weights)


@golden
class SlimClassifier:
    default_input_shape = IMAGE_SHAPE

    def __init__(self, num_classes=4, is_training=False):
        self.num_classes = num_classes
        self.is_training = is_training

    def preprocess(self, inputs):
        return (inputs - 128.0) / 128.0

    def predict(self, preprocessed):
        net = slim.conv2d(preprocessed, 5, [3, 3], scope="conv")
        net = slim.flatten(slim.max_pool2d(net, [2, 2]))
        net = slim.dropout(net, is_training=self.is_training)
        return {"logits": slim.fully_connected(net, self.num_classes, activation_fn=None, scope="logits")}

    def postprocess(self, predictions):
        return {"classes": tf.argmax(predictions["logits"], axis=1), "probabilities": tf.nn.softmax(predictions["logits"])}


@golden
class Detector:
    """Object Detection style: ``preprocess`` returns the images and the shapes that are true before padding."""

    def preprocess(self, inputs):
        shape = tf.shape(inputs)
        true_image_shapes = tf.tile([shape[1:]], [shape[0], 1])
        return tf.compat.v2.image.resize_with_pad(inputs, 12, 16), true_image_shapes

    def predict(self, preprocessed, true_image_shapes):
        maps = slim.conv2d(preprocessed, 6, [4, 4], stride=4, scope="box_head")
        anchors = tf.reshape(maps, [tf.shape(true_image_shapes)[0], 12, 6])
        return {"boxes": anchors[..., :4], "scores": anchors[..., 4:]}

    def postprocess(self, predictions, true_image_shapes):
        height = tf.cast(true_image_shapes[:, 0], tf.float32)[:, None, None]
        best = tf.math.top_k(tf.reduce_max(predictions["scores"], axis=2), k=5)
        return {"detection_boxes": tf.gather(predictions["boxes"] / height, best.indices, batch_dims=1),
                "detection_scores": best.values,
                "num_detections": tf.cast(tf.fill([tf.shape(best.values)[0]], 5), tf.float32)}


@golden
def reference_variables(images):
    net = features(images, use_resource=False)
    bias = tf.get_variable("bias", [6], use_resource=False)
    return tf.nn.relu(net + bias)


@golden
def resource_variables(images):
    net = features(images, use_resource=True)
    bias = tf.get_variable("bias", [6], use_resource=True)
    return tf.nn.relu(net + bias)


@golden
def plain_variables(images):
    """``tf.Variable`` without ``get_variable``, with and without a name, of both kinds."""
    weights = tf.Variable(tf.zeros([192, 4]), name="weights", use_resource=False)
    bias = tf.Variable(tf.zeros([4]))
    scale = tf.Variable(tf.zeros([4]), use_resource=False)
    return {"output": tf.matmul(tf.reshape(images, [-1, 192]), weights) * scale + bias}


@golden
def functional_control_flow(images):
    """Conditionals within loops, as functions that capture variables."""
    net = features(images, use_resource=True)
    step = tf.get_variable("step", [6], use_resource=True)
    limit = tf.get_variable("limit", [], use_resource=True)

    def body(index, value):
        changed = tf.cond(tf.reduce_sum(value) > limit, lambda: value - step, lambda: value * 0.5 + step)
        return index + 1, tf.cond(index > 1, lambda: changed, lambda: tf.cond(limit > 0.0, lambda: changed, lambda: -step))

    _, result = tf.while_loop(lambda index, value: index < 3, body, (0, net),
                              shape_invariants=(tf.TensorShape([]), tf.TensorShape(None)))
    case = tf.switch_case(tf.shape(images)[0], [lambda: step, lambda: net[0], lambda: limit * step])
    return {"result": result, "case": case}


@golden
def called_functions(images):
    """``tf.function`` within ``tf.function``, called twice."""
    net = features(images, use_resource=True)
    weights = tf.get_variable("inner", [6, 6], use_resource=True)

    @tf.compat.v2.function
    def inner(value):
        return tf.nn.tanh(tf.matmul(value, weights))

    @tf.compat.v2.function
    def outer(value):
        return inner(value) + inner(value * 2.0) + tf.nn.embedding_lookup(weights, [0])

    return {"once": outer(net), "twice": outer(outer(net))}


def _brightness(images):
    """An id per image, int32 [batch], below 8."""
    return tf.cast(tf.reduce_mean(images, axis=[1, 2, 3]) / 32.0, tf.int32)


def _classic_control_flow(images, use_resource):
    net = features(images, use_resource=use_resource)
    step = tf.get_variable("step", [6], use_resource=use_resource)
    table = tf.get_variable("table", [8, 3], use_resource=use_resource)
    ids = _brightness(images)
    with control_flow_v1():
        _, looped = tf.while_loop(lambda index, value: index < 3,
                                  lambda index, value: (index + 1, tf.nn.tanh(value) + step), (0, net))
        return {"looped": looped,
                "chosen": tf.cond(tf.reduce_sum(looped) > 0, lambda: looped * step, lambda: looped - step),
                "mapped": tf.map_fn(lambda row: row * step, net),
                "gathered": tf.map_fn(lambda row: tf.gather(table, row), ids, dtype=tf.float32),
                "nested": tf.map_fn(lambda row: tf.cond(row > 3, lambda: tf.gather(table, row) + step[:3],
                                                        lambda: tf.gather_nd(table, [row])), ids, dtype=tf.float32)}


@golden
def classic_control_flow_of_resources(images):
    return _classic_control_flow(images, use_resource=True)


@golden
def classic_control_flow_of_references(images):
    return _classic_control_flow(images, use_resource=False)


@golden
def embedding(images):
    table = tf.get_variable("table", [8, 3], use_resource=True)
    ids = _brightness(images)
    return {"embedded": tf.nn.embedding_lookup(table, ids), "gathered": tf.gather(table, tf.cast(ids, tf.int64)),
            "in_a_loop": tf.map_fn(lambda row: tf.gather(table, row), ids, dtype=tf.float32)}


@golden
def gather_nd(images):
    table = tf.get_variable("table", [8, 3], use_resource=True)
    ids = _brightness(images)
    return tf.gather_nd(table, tf.stack([ids, ids % 3], axis=1))


@golden
def shape_of_a_variable(images):
    table = tf.get_variable("table", [8, 3], use_resource=True)
    shape = tf.raw_ops.VariableShape(input=table.handle, out_type=tf.int64)
    return {"shape": shape, "shifted": table + tf.reduce_mean(images)}


def _partitioned(images, use_resource):
    partitioner = tf.fixed_size_partitioner(3, axis=0)
    with tf.variable_scope("parts", partitioner=partitioner, use_resource=use_resource):
        weights = tf.get_variable("weights", [192, 4])
        table = tf.get_variable("table", [8, 2])
    ids = _brightness(images)
    return {"dense": tf.matmul(tf.reshape(images, [-1, 192]), tf.convert_to_tensor(weights)),
            "embedded": tf.nn.embedding_lookup(table, ids, partition_strategy="div"),
            "one_part": list(table)[1] + tf.reduce_mean(images)}


@golden
def partitioned_resources(images):
    return _partitioned(images, use_resource=True)


@golden
def partitioned_references(images):
    return _partitioned(images, use_resource=False)


@golden
class NamedClasses:
    """A lookup table gives the classes their names."""

    def preprocess(self, inputs):
        return inputs

    def predict(self, preprocessed):
        return {"logits": features(preprocessed, 3)}

    def postprocess(self, predictions):
        names = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(tf.constant([0, 1, 2], tf.int64), tf.constant(["cat", "dog", "owl"])), "?")
        return {"names": names.lookup(tf.argmax(predictions["logits"], axis=1)), "logits": predictions["logits"]}


@golden
class BatchNorm:
    def __init__(self, is_training=False):
        self.is_training = is_training

    def preprocess(self, inputs):
        return inputs / 255.0

    def predict(self, preprocessed):
        net = slim.conv2d(preprocessed, 4, [3, 3], normalizer_fn=slim.batch_norm, scope="conv",
                          normalizer_params={"is_training": self.is_training, "scale": True, "epsilon": 2.0})
        return {"normalized": net}

    def postprocess(self, predictions):
        return predictions


@golden
def many_outputs(images):
    net = features(images)
    return {"int64": tf.argmax(net, axis=1), "bool": net > 0.0, "scalar": tf.reduce_sum(net), "int32": tf.shape(net),
            "string": tf.strings.as_string(tf.argmax(net, axis=1)), "uint8": tf.cast(images, tf.uint8), "net": net,
            "nothing": net[:, :0]}


@golden
def outputs_differ_in_letter_case(images):
    """From an op, from a variable, and from one another."""
    net = tf.nn.softmax(features(images), name="Softmax")
    anchors = tf.get_variable("Anchors", [6], use_resource=True)
    return {"softmax": net * 2.0, "LOGITS": tf.identity(net, name="Logits") + 1.0,
            "scores": -net, "Scores": net * 3.0, "anchors": anchors * net}


@golden
def output_with_slashes(images):
    net = features(images)
    return {"detection/scores": net, "detection/deep/er.classes-1": tf.argmax(net, axis=1)}


@golden
def sequence_of_outputs(images):
    net = features(images)
    return net, {"named": -net}


@golden
def data_types(images):
    """Variables of many types, each added to what the images give."""
    base = tf.reduce_mean(images)
    outputs = {}
    for dtype in (tf.bfloat16, tf.float16, tf.float64, tf.int32, tf.int64, tf.int8, tf.uint8, tf.complex64):
        for use_resource in (False, True):
            name = f"{dtype.name}_{'resource' if use_resource else 'reference'}"
            variable = tf.get_variable(name, [5], dtype, tf.zeros_initializer(), use_resource=use_resource)
            outputs[f"{name}_value"] = tf.cast(base, dtype) + tf.identity(variable)
    flag = tf.get_variable("flag", [5], tf.bool, tf.zeros_initializer(), use_resource=True)
    return {**outputs, "flags": tf.logical_xor(flag, base > 0.0)}


@golden
def strings(images):
    """Variables of strings, which only TensorFlow's own reader reads."""
    names = tf.get_variable("names", [3], tf.string, tf.constant_initializer("?"), use_resource=True)
    suffix = tf.get_variable("suffix", [], tf.string, tf.constant_initializer("?"), use_resource=False)
    return tf.gather(names + suffix, tf.argmax(features(images, 3), axis=1))


@golden
def scalar_and_empty_variables(images):
    scale = tf.get_variable("scale", [], use_resource=True)
    shift = tf.get_variable("shift", [], use_resource=False)
    one = tf.get_variable("one", [1, 1], use_resource=True)
    empty = tf.get_variable("empty", [0, 3], use_resource=True)
    empty_reference = tf.get_variable("empty_reference", [3, 0], use_resource=False)
    net = features(images) * scale + shift + one
    return {"net": net, "with_empty": tf.concat([empty, tf.ones([1, 3]) * scale], axis=0),
            "with_empty_reference": tf.matmul(empty_reference, tf.transpose(empty_reference)) + scale}


@golden
def off_path_variables(images):
    """Variables that no output needs and the checkpoint lacks."""
    tf.get_variable("unused/weights", [4, 4], use_resource=True)
    tf.get_variable("unused/bias", [4], use_resource=False)
    tf.get_variable("kept/weights", [4], use_resource=True)
    return features(images)


off_path_variables.not_in_checkpoint = ("unused/weights", "unused/bias")


@golden
def used_twice(images):
    resource = tf.get_variable("resource", [6, 6], use_resource=True)
    reference = tf.get_variable("reference", [6, 6], use_resource=False)
    net = features(images)
    return tf.matmul(tf.matmul(net, resource) @ reference, resource) @ reference + resource[0] + reference[0]


@golden
def map_fn(images):
    kernel = tf.get_variable("kernel", [3, 2], use_resource=True)
    return tf.map_fn(lambda image: tf.reduce_mean(tf.tensordot(image, kernel, 1), axis=[0, 1]), images)


@golden
def reused_scopes(images):
    def block(net):
        with tf.variable_scope("outer"), tf.variable_scope("inner", reuse=tf.AUTO_REUSE):
            return tf.tanh(tf.matmul(net, tf.get_variable("weights", [6, 6])))

    with tf.variable_scope("tower"):
        return block(block(features(images)))


@golden
def control_dependencies(images):
    """Ops that wait for a variable's read."""
    resource = tf.get_variable("resource", [6], use_resource=True)
    reference = tf.get_variable("reference", [6], use_resource=False)
    net = features(images)
    with tf.control_dependencies([resource.read_value(), reference.read_value(), resource.is_initialized(), reference.op]):
        return tf.cond(resource.is_initialized(), lambda: net + resource, lambda: net) * reference


@golden
def no_variables(images):
    return {"mean": tf.reduce_mean(images, axis=[1, 2])}


@golden
def devices(images):
    """Built for a machine with GPUs; functions have devices of their own."""
    with tf.device("/device:GPU:1"):
        net = features(images, use_resource=True)
        bias = tf.get_variable("bias", [6], use_resource=False)
        scale = tf.get_variable("scale", [6], use_resource=True)

        def scaled():
            with tf.device("/device:GPU:0"):
                return net * scale

        return tf.cond(tf.reduce_sum(net) > -100.0, scaled, lambda: net) + bias


@golden
def variable_as_output(images):
    anchors = tf.get_variable("anchors", [5, 4], use_resource=True)
    priors = tf.get_variable("priors", [5, 4], use_resource=False)
    return {"boxes": anchors, "prior_boxes": priors, "images": images, "step": tf.train.get_or_create_global_step(),
            "version": tf.constant("v1"), "net": features(images)}


@golden
def custom_gradients(images):
    """Gradients that TensorFlow registers under a number of the process."""
    bias = tf.get_variable("bias", [6], use_resource=True)

    @tf.custom_gradient
    def clipped(value):
        return tf.clip_by_value(value, -1.0, 1.0), lambda gradient: gradient

    net = clipped(tf.nn.silu(features(images)))
    return tf.map_fn(lambda row: tf.nn.silu(clipped(row)) + bias, net)
