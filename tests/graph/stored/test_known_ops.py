"""Ops that this TensorFlow does not know are found wherever they are, and named with their package."""

import pytest
import tensorflow.compat.v1 as tf

from exporter.graph.stored import known_ops
from exporter.graph.stored.known_ops import package_of, unknown_ops


def test_known_ops_and_called_functions_are_known():
    with tf.Graph().as_default() as graph:
        tf.cond(tf.placeholder(tf.bool, []), lambda: 1, lambda: 2)
        tf.raw_ops.PartitionedCall(args=[], Tout=[], f=tf.function(lambda: None).get_concrete_function())
    assert unknown_ops(graph.as_graph_def()) == {}


def test_unknown_ops_are_found_in_the_graph_and_in_functions():
    graph_def = tf.GraphDef()
    graph_def.node.add(name="a", op="QueryBallPoint")
    graph_def.node.add(name="b", op="Const")
    graph_def.node.add(name="c", op="QueryBallPoint")
    function = graph_def.library.function.add()
    function.signature.name = "body"
    function.node_def.add(name="sampled", op="Resampler")
    graph_def.node.add(name="d", op="body")
    assert unknown_ops(graph_def) == {"QueryBallPoint": ["a", "c"], "Resampler": ["body/sampled"]}


@pytest.mark.parametrize(("op", "package"), [
    ("Resampler", "tf.contrib.resampler"), ("ImageProjectiveTransform", "tf.contrib.image"),
    ("GroupPoint", "PointNet++ (tf_ops)"), ("Addons>GatherTree", "tensorflow-addons"),
    ("HorovodAllreduce", "horovod"), ("TRTEngineOp", "TensorRT"),
    ("MyOp", None)])
def test_packages(op, package):
    assert package_of(op) == package


def test_no_op_of_the_table_is_known_to_tensorflow():
    graph_def = tf.GraphDef()
    for op in known_ops._PACKAGE_OF_OP:
        graph_def.node.add(name=op, op=op)
    known = set(known_ops._PACKAGE_OF_OP) - set(unknown_ops(graph_def))
    assert all("TensorRT" in package_of(op) for op in known), "TensorFlow up to 2.17 was built with TensorRT's ops"
