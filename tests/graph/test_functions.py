"""Functions: calls are found, names don't depend on the process."""

import pytest
import tensorflow.compat.v1 as tf

from exporter.graph.canonical import canonicalize
from exporter.graph.functions import called_functions, canonicalize_function_names, unused_name


def conditional_graph():
    """A graph with nested functions, whose names TensorFlow numbers by a counter of the process."""
    with tf.Graph().as_default() as graph:
        condition = tf.placeholder(tf.bool, [])
        inner = tf.while_loop(
            lambda index: index < 3, lambda index: tf.cond(condition, lambda: index + 1, lambda: index + 2), [0])
        tf.identity(inner, name="output")
    return graph.as_graph_def()


def test_names_do_not_depend_on_what_was_built_before():
    first, second = conditional_graph(), conditional_graph()
    assert first != second
    for graph_def in (first, second):
        canonicalize_function_names(graph_def)
    assert first.SerializeToString(deterministic=True) == second.SerializeToString(deterministic=True)


def test_every_call_still_finds_its_function():
    graph_def = conditional_graph()
    canonicalize_function_names(graph_def)
    functions = {function.signature.name: function for function in graph_def.library.function}
    calls = {name for nodes in (graph_def.node, *(function.node_def for function in functions.values()))
             for node in nodes for name in list(called_functions(node))[:-1]}
    assert calls == set(functions) == {"while_body", "while_cond", "cond_true", "cond_false"}


def test_a_graph_with_new_names_computes_the_same():
    graph_def = conditional_graph()
    canonicalize_function_names(graph_def)
    with tf.Graph().as_default(), tf.Session() as session:
        tf.import_graph_def(graph_def, name="")
        assert session.run("output:0", {"Placeholder:0": False}) == 4


def test_canonicalizing_twice_changes_nothing():
    meta_graph_def = tf.MetaGraphDef(graph_def=conditional_graph())
    canonicalize(meta_graph_def)
    once = meta_graph_def.SerializeToString(deterministic=True)
    canonicalize(meta_graph_def)
    assert meta_graph_def.SerializeToString(deterministic=True) == once


def table_names(*contents):
    with tf.Graph().as_default() as graph:
        for content in contents:
            tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer([0], [content]), "?")
    meta_graph_def = tf.MetaGraphDef(graph_def=graph.as_graph_def())
    canonicalize(meta_graph_def)
    return [node.attr["shared_name"].s for node in meta_graph_def.graph_def.node if node.op == "HashTableV2"]


def test_tables_with_other_contents_have_other_shared_names():
    assert table_names("cat") == table_names("cat")
    assert table_names("cat") != table_names("dog")
    assert len(set(table_names("cat", "cat"))) == 2


def gradient_types():
    """The names under which two custom gradients, one of them used twice, are registered."""
    with tf.Graph().as_default() as graph:
        tf.nn.silu(tf.nn.silu(tf.ones([2])))
    meta_graph_def = tf.MetaGraphDef(graph_def=graph.as_graph_def())
    canonicalize(meta_graph_def)
    return [node.attr["_gradient_op_type"].s for node in meta_graph_def.graph_def.node if "_gradient_op_type" in node.attr]


def test_custom_gradients_are_numbered_by_the_graph_and_registered_nowhere():
    assert gradient_types() == gradient_types() == [b"CustomGradient-exported_0", b"CustomGradient-exported_1"]


@pytest.mark.parametrize(("used", "expected"), [
    (set(), "name"), ({"name"}, "name_1"), ({"name", "name_1"}, "name_2"), ({"other"}, "name")])
def test_unused_name(used, expected):
    assert unused_name("name", used) == expected
