"""What tests build training graphs with, and how they ask for the outputs of the default graph."""

import tensorflow.compat.v1 as tf

from exporter.graph.output_search.candidates import clear_winners, rank_outputs
from exporter.graph.stored.loading import META_GRAPH, StoredGraph


def stored(add_shapes=True, graph_def=None):
    """The default graph, as a file of it would be loaded."""
    graph = tf.get_default_graph()
    meta_graph_def = tf.train.export_meta_graph(graph=graph) if graph_def is None else tf.MetaGraphDef(graph_def=graph_def)
    if add_shapes and graph_def is None:
        meta_graph_def.graph_def.CopyFrom(graph.as_graph_def(add_shapes=True))
    return StoredGraph("model.meta", META_GRAPH, meta_graph_def)


def winners(**options):
    return {candidate.name for candidate in clear_winners(rank_outputs(stored(**options)))}


def dense(inputs, units, name, activation=None):
    with tf.variable_scope(name, reuse=tf.AUTO_REUSE):
        kernel = tf.get_variable("kernel", [inputs.shape[-1], units])
        bias = tf.get_variable("bias", [units], initializer=tf.zeros_initializer())
        outputs = tf.nn.bias_add(tf.matmul(inputs, kernel), bias)
        return activation(outputs) if activation else outputs


def images():
    return tf.placeholder(tf.float32, [None, 12], "images")


def classes():
    return tf.placeholder(tf.float32, [None, 4], "classes")


def minimize(loss, optimizer=None, **options):
    tf.train.Saver()
    return (optimizer or tf.train.AdamOptimizer(0.1)).minimize(loss, **options)


def cross_entropy(labels, logits):
    return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits))


def names(*tensors):
    return {tensor.op.name for tensor in tensors}
