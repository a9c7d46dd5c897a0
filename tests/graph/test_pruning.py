"""Pruning keeps what the outputs need, and nothing else."""

import pytest
import tensorflow.compat.v1 as tf

from exporter.errors import GraphError
from exporter.graph.node_names import is_node_name, node_of, tensor_name
from exporter.graph.pruning import prune
from exporter.graph.renaming import names_apart_from, rename_nodes

pytestmark = pytest.mark.usefixtures("graph")


def graph_def():
    return tf.get_default_graph().as_graph_def()


def names(pruned):
    return [node.name for node in pruned.node]


def test_inputs_and_control_inputs_are_kept_in_the_graphs_order():
    first, second = tf.constant(1.0, name="first"), tf.constant(2.0, name="second")
    tf.constant(3.0, name="unused")
    with tf.control_dependencies([first]):
        tf.identity(second, name="output")
    assert names(prune(graph_def(), ["output"])) == ["first", "second", "output"]


def test_colocations_with_lost_nodes_are_dropped():
    lost = tf.constant(1.0, name="lost")
    with tf.get_default_graph().colocate_with(lost.op):
        tf.constant(2.0, name="kept")
    [node] = prune(graph_def(), ["kept"]).node
    assert "_class" not in node.attr


def test_functions_are_kept_where_they_are_called():
    condition = tf.placeholder(tf.bool, [])
    tf.cond(condition, lambda: 1, lambda: tf.cond(condition, lambda: 2, lambda: 3), name="kept")
    tf.cond(condition, lambda: 4, lambda: 5, name="lost")
    kept = [function.signature.name for function in prune(graph_def(), ["kept"]).library.function]
    assert len(kept) == 4
    assert not [name for name in kept if name.startswith("lost")]


def test_tables_are_kept_with_what_fills_them():
    kept, lost = (tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer([0], ["a"]), "?", name=name)
                  for name in ("kept", "lost"))
    kept.lookup(tf.constant([0]), name="output")
    fillers = [operation.name for operation in tf.get_collection(tf.GraphKeys.TABLE_INITIALIZERS)]
    pruned = names(prune(graph_def(), [tf.get_default_graph().get_operations()[-1].name], fillers))
    assert set(fillers) & set(pruned) == {fillers[0]}
    assert lost.resource_handle.op.name not in pruned


def test_a_missing_node_is_an_error_that_names_it():
    with pytest.raises(GraphError, match="no node 'nothing'"):
        prune(graph_def(), ["nothing"])


def test_nodes_that_differ_in_letter_case_get_other_names():
    tf.identity(tf.constant(1.0, name="Softmax"), name="output/softmax")
    tf.add(tf.constant(1.0, name="softmax/"), 1.0, name="sum")
    original = graph_def()
    new_names = names_apart_from(original, {"softmax"})
    assert new_names == {"Softmax": "Softmax_op"}
    rename_nodes(original, new_names)
    assert next(node for node in original.node if node.name == "output/softmax").input == ["Softmax_op"]


def test_of_two_protected_nodes_that_differ_in_letter_case_the_first_keeps_its_name():
    tf.add(tf.constant(1.0, name="scores"), tf.constant(1.0, name="Scores/"), name="sum")
    assert names_apart_from(graph_def(), ["Scores", "scores"]) == {"scores": "scores_op"}


@pytest.mark.parametrize(("name", "valid"), [
    ("scores", True), ("detection/scores", True), ("a.b-c_1", True), ("", False), ("_a", False), ("a b", False),
    ("a/", False), ("a:0", False), ("ä", False), ("a\n", False)])
def test_node_names(name, valid):
    assert is_node_name(name) is valid


def test_references():
    assert [node_of(name) for name in ("a/b", "a/b:1", "^a/b")] == ["a/b"] * 3
    assert [tensor_name(name) for name in ("a", "a:1")] == ["a:0", "a:1"]
