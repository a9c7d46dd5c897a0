"""What a graph tells of its variables."""

import pytest
import tensorflow.compat.v1 as tf

from exporter.graph.inference_graph import InferenceGraph
from exporter.graph.variables import (
    GraphVariable,
    VariableSlice,
    copy_variable_collections,
    graph_variables,
    initializer_nodes,
)

pytestmark = pytest.mark.usefixtures("graph")


def meta_graph():
    return tf.train.export_meta_graph(graph=tf.get_default_graph())


def test_variables_of_all_kinds():
    tf.get_variable("resource", [2, 3], tf.float16, use_resource=True)
    tf.get_variable("reference", [], tf.int64, use_resource=False)
    tf.raw_ops.Variable(shape=[4], dtype=tf.float32, name="old")
    assert graph_variables(meta_graph()) == (
        GraphVariable("resource", "resource", "float16", (2, 3), is_resource=True),
        GraphVariable("reference", "reference", "int64", (), is_resource=False),
        GraphVariable("old", "old", "float32", (4,), is_resource=False))


def test_a_resource_is_called_by_its_shared_name():
    tf.raw_ops.VarHandleOp(dtype=tf.float32, shape=[2], shared_name="trained/name", name="node")
    [variable] = graph_variables(meta_graph())
    assert (variable.name, variable.node) == ("trained/name", "node")


def test_a_shape_may_be_free():
    tf.Variable(tf.zeros([2]), shape=tf.TensorShape([None]), name="variable", use_resource=True)
    assert graph_variables(meta_graph())[0].shape == (None,)


@pytest.mark.parametrize("use_resource", [False, True])
def test_parts_share_one_name(use_resource):
    tf.get_variable("whole", [5, 2], partitioner=tf.fixed_size_partitioner(2), use_resource=use_resource)
    first, second = graph_variables(meta_graph())
    assert (first.name, second.name, second.node) == ("whole", "whole", "whole/part_1")
    assert second.part == VariableSlice((5, 2), (3, 0), (2, 2))
    assert (second.shape, second.full_shape) == ((2, 2), (5, 2))
    assert second.part.specification == "5 2 3,2:0,2"
    assert second.part.index == (slice(3, 5), slice(0, 2))


def test_collections_are_copied_for_some_variables():
    tf.get_variable("kept", [2])
    tf.get_variable("lost", [2], trainable=False)
    source, target = meta_graph(), tf.MetaGraphDef()
    copy_variable_collections(source, target, [graph_variables(source)[0]])
    assert {name: len(collection.bytes_list.value) for name, collection in target.collection_def.items()} == {
        "variables": 1, "trainable_variables": 1}


def test_the_nodes_that_variables_name():
    tf.get_variable("kept", [2], initializer=tf.zeros_initializer(), use_resource=True)
    tf.get_variable("lost", [2], use_resource=True)
    source = meta_graph()
    assert initializer_nodes(source, graph_variables(source)[:1]) == [
        "kept/Assign", "kept/Initializer/zeros", "kept/Read/ReadVariableOp"]


def test_only_variables_on_the_way_to_the_outputs_are_required():
    used, _ = tf.get_variable("used", [2]), tf.get_variable("unused", [2])
    graph = InferenceGraph.from_tf_graph(tf.get_default_graph(), {}, {"output": used * 2.0})
    assert [variable.name for variable in graph.variables] == ["used", "unused"]
    assert [variable.name for variable in graph.required_variables] == ["used"]


def test_an_inference_graph_has_no_devices_and_no_stored_shapes():
    with tf.device("/device:GPU:3"):
        output = tf.get_variable("variable", [2]) * 2.0
    graph = InferenceGraph.from_tf_graph(tf.get_default_graph(), {}, {"output": output})
    assert {node.device for node in graph.meta_graph_def.graph_def.node} == {""}
    assert not [node for node in graph.meta_graph_def.graph_def.node if "_output_shapes" in node.attr]
