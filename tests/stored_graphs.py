"""Graphs as programs of TensorFlow 1 stored them, and plain TensorFlow to look at what was made of them."""

from pathlib import Path

import tensorflow as tf2
import tensorflow.compat.v1 as tf
from tensorflow.python.eager import context

from exporter.formats.session import exact_session_config
from exporter.frozen_graph import FreezeOptions, freeze_stored_graph
from exporter.graph.stored.inference import read_inference_graph
from exporter.graph.stored.loading import META_GRAPH, StoredGraph, load_stored_graph
from exporter.graph.stored.options import StoredGraphOptions
from exporter.graph.stored.table_initializers import TABLE_INITIALIZER_OPS
from tests.checkpoints import distinct_value


def classifier(use_resource=False, inputs=None):
    """A layer with the nodes ``x`` and ``probabilities`` and the variables ``weights`` and ``biases``."""
    inputs = tf.placeholder(tf.float32, [None, 3], "x") if inputs is None else inputs
    weights = tf.get_variable("weights", [3, 4], use_resource=use_resource)
    biases = tf.get_variable("biases", [4], use_resource=use_resource)
    return tf.nn.softmax(tf.nn.bias_add(inputs @ weights, biases), name="probabilities")


def save(prefix, saver=None, version=tf.train.SaverDef.V2):
    """Gives each variable of the default graph a value of its own, and saves them with a ``.meta``; returns the prefix."""
    with tf.Session(config=tf.ConfigProto(allow_soft_placement=True)) as session:
        for variable in tf.global_variables():
            variable.load(distinct_value(variable.op.name, variable.dtype.base_dtype, variable.shape), session)
        return Path((saver or tf.train.Saver(write_version=version)).save(session, str(prefix)))


def save_module(path, key="serving_default"):
    """Writes a SavedModel as TensorFlow 2 does: ``scores = x @ weights + biases``, in a function; returns the weights."""
    with context.eager_mode():
        module = tf2.Module()
        module.weights = tf2.Variable(distinct_value("weights", tf.float32, [3, 4]), name="layer/weights")
        module.biases = tf2.Variable(distinct_value("biases", tf.float32, [4]), name="layer/biases")
        score = tf2.function(lambda x: {"scores": x @ module.weights + module.biases},
                             [tf2.TensorSpec([None, 3], tf.float32, "x")])
        tf2.saved_model.save(module, str(path), signatures={key: score})
        return module.weights.numpy(), module.biases.numpy()


def rewrite_meta(prefix, change):
    """Changes the MetaGraphDef beside a checkpoint."""
    path = Path(f"{prefix}.meta")
    meta_graph_def = tf.MetaGraphDef.FromString(path.read_bytes())
    change(meta_graph_def)
    path.write_bytes(meta_graph_def.SerializeToString())


def meta_graph():
    """The MetaGraphDef of the default graph, with the shapes of its tensors."""
    graph = tf.get_default_graph()
    return tf.train.export_meta_graph(graph=graph, graph_def=graph.as_graph_def(add_shapes=True))


def stored(meta_graph_def=None):
    """The default graph, or another, as a file of it would be loaded."""
    return StoredGraph(Path("model.meta"), META_GRAPH, meta_graph_def or meta_graph())


def read(meta_graph_def=None, **options):
    """Makes an inference graph of the default graph, or of another."""
    return read_inference_graph(stored(meta_graph_def), StoredGraphOptions("model.meta", **options))


def freeze(path, checkpoint=None, options=None, **graph_options):
    """Freezes a stored graph's file."""
    return freeze_stored_graph(load_stored_graph(path), checkpoint, StoredGraphOptions(path, **graph_options),
                               options or FreezeOptions())


def graph_def_of(frozen):
    """The GraphDef of a frozen graph."""
    return tf.GraphDef.FromString(frozen.message.content())


def names(graph_def):
    """Names of all nodes."""
    return [node.name for node in graph_def.node]


def ops(graph_def):
    """The ops of all nodes, once each."""
    return {node.op for node in graph_def.node}


def run(graph_def, fetches, feeds=None):
    """Imports a graph in plain TensorFlow, fills its tables and runs it."""
    with tf.Graph().as_default(), tf.Session(config=exact_session_config()) as session:
        tf.import_graph_def(graph_def, name="")
        session.run([node.name for node in graph_def.node if node.op in TABLE_INITIALIZER_OPS])
        return session.run(fetches, feeds)


def run_stored(prefix, fetches, feeds=None):
    """Runs a stored graph as its program would: imported, restored by its own saver, its tables filled."""
    with tf.Graph().as_default(), tf.Session(config=exact_session_config()) as session:
        saver = tf.train.import_meta_graph(f"{prefix}.meta", clear_devices=True)
        saver.restore(session, str(prefix))
        session.run(tf.tables_initializer())
        return session.run(fetches, feeds)
