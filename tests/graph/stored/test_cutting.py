"""Cutting: a tensor gets a new source, and what made it goes, whatever it was."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from exporter.graph.stored.cutting import cut
from exporter.graph.stored.options import constant_node, placeholder_node
from tests.stored_graphs import names, ops, run

pytestmark = pytest.mark.usefixtures("graph")


def placeholder(shape=None, dtype=tf.float32):
    return placeholder_node(dtype.as_datatype_enum, shape)


def cut_graph(replacements, wanted, table_initializers=()):
    return cut(tf.get_default_graph().as_graph_def(), replacements, wanted, table_initializers)


def test_what_made_the_tensor_is_gone():
    tensor = tf.square(tf.random.normal([2, 3]), name="middle")
    tf.add(tensor, 1.0, name="output")
    result = cut_graph({"middle:0": placeholder((None, 3))}, ["output:0"])
    assert names(result.graph_def) == ["middle", "output/y", "output"]
    assert result.new_names == {"middle:0": "middle:0"}
    assert run(result.graph_def, "output:0", {"middle:0": [[1.0, 2.0, 3.0]]}).tolist() == [[2.0, 3.0, 4.0]]


def test_the_graph_itself_is_not_changed():
    tf.add(tf.square(tf.constant(2.0), name="middle"), 1.0, name="output")
    graph_def = tf.get_default_graph().as_graph_def()
    before = graph_def.SerializeToString()
    cut(graph_def, {"middle:0": placeholder()}, ["output:0"])
    assert graph_def.SerializeToString() == before


def test_one_of_several_outputs_of_an_op():
    first, second = tf.unstack(tf.placeholder(tf.float32, [2], "both"), name="parts")
    tf.subtract(first, second, name="output")
    result = cut_graph({"parts:1": placeholder(())}, ["output:0"])
    assert result.new_names == {"parts:1": "parts_1:0"}
    assert run(result.graph_def, "output:0", {"both:0": [5.0, 0.0], "parts_1:0": 3.0}) == 2.0


def test_an_ops_own_name_goes_to_its_first_output_unless_it_is_still_needed():
    first, second = tf.unstack(tf.placeholder(tf.float32, [2], "both"), name="parts")
    tf.subtract(first, second, name="output")
    assert cut_graph({"parts:0": placeholder()}, ["output:0"]).new_names == {"parts:0": "parts_1:0"}
    both = cut_graph({"parts:0": placeholder(), "parts:1": placeholder()}, ["output:0"])
    assert both.new_names == {"parts:0": "parts:0", "parts:1": "parts_1:0"}


def test_a_name_that_is_taken_is_left_alone():
    _, second = tf.unstack(tf.placeholder(tf.float32, [2]), name="parts")
    tf.add(second, tf.constant(4.0, name="parts_1"), name="output")
    result = cut_graph({"parts:1": placeholder(())}, ["output:0"])
    assert result.new_names == {"parts:1": "parts_1_1:0"}
    assert run(result.graph_def, "output:0", {"parts_1_1:0": 1.0}) == 5.0


def iterator(batches):
    return tf.data.make_one_shot_iterator(tf.data.Dataset.from_tensors(batches)).get_next()


def queue(value):
    waiting = tf.queue.FIFOQueue(2, [tf.float32], shapes=[[3]])
    waiting.enqueue(value)
    return waiting.dequeue()


def staging_area(value):
    area = tf.raw_ops.Stage(values=[value])
    with tf.control_dependencies([area]):
        return tf.raw_ops.Unstage(dtypes=[tf.float32])[0]


def python_function(value):
    return tf.py_func(lambda array: array + 1, [value], tf.float32)


@pytest.mark.parametrize("pipeline", [iterator, queue, staging_area, python_function])
def test_input_pipelines_of_every_kind_go(pipeline):
    tensor = pipeline(tf.constant([1.0, 2.0, 3.0]))
    tf.multiply(tensor, 2.0, name="output")
    result = cut_graph({tensor.name: placeholder((3,))}, ["output:0"])
    assert ops(result.graph_def) == {"Placeholder", "Const", "Mul"}
    assert not result.graph_def.library.function
    fed = run(result.graph_def, "output:0", {result.new_names[tensor.name]: [1.0, 2.0, 3.0]})
    np.testing.assert_array_equal(fed, [2.0, 4.0, 6.0])


def test_an_order_to_run_after_a_cut_node_is_no_need_for_it():
    pipeline = tf.square(tf.constant(1.0), name="pipeline")
    with tf.control_dependencies([pipeline]):
        constant = tf.constant(3.0, name="constant")
    tf.add(pipeline, constant, name="output")
    graph_def = cut_graph({"pipeline:0": placeholder(())}, ["output:0"]).graph_def
    assert next(node for node in graph_def.node if node.name == "constant").input == []
    assert run(graph_def, "output:0", {"pipeline:0": 2.0}) == 5.0


def test_an_order_to_run_after_another_node_stays():
    x, one, update = (tf.constant(1.0, name=name) for name in ("x", "one", "update"))
    with tf.control_dependencies([update]):
        tf.add(x, one, name="output")
    graph_def = cut_graph({"x:0": placeholder(())}, ["output:0"]).graph_def
    assert next(node for node in graph_def.node if node.name == "output").input == ["x", "one", "^update"]


def test_a_wanted_tensor_may_be_cut_itself():
    tf.square(tf.constant(2.0), name="output")
    assert names(cut_graph({"output:0": placeholder(())}, ["output:0"]).graph_def) == ["output"]


def test_constants_take_the_place_of_placeholders():
    keep_prob = tf.placeholder(tf.float32, [], "keep_prob")
    tf.multiply(tf.placeholder(tf.float32, [], "x"), keep_prob, name="output")
    result = cut_graph({"keep_prob:0": constant_node("keep_prob", 0.5, tf.float32.as_datatype_enum, ())}, ["output:0"])
    assert run(result.graph_def, "output:0", {"x:0": 8.0}) == 4.0


def test_tables_are_kept_with_what_fills_them():
    used, unused = (tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(["a"], [7]), -1, name=name)
                    for name in ("used", "unused"))
    used.lookup(tf.strings.lower(tf.constant(["A"]), name="words"), name="output")
    unused.lookup(tf.constant(["a"]))
    output = next(name for name in names(tf.get_default_graph().as_graph_def()) if name.startswith("output"))
    fillers = [operation.name for operation in tf.get_collection(tf.GraphKeys.TABLE_INITIALIZERS)]
    result = cut_graph({"words:0": placeholder((None,), tf.string)}, [f"{output}:0"], fillers)
    assert [name for name in names(result.graph_def) if name in fillers] == fillers[:1]
    np.testing.assert_array_equal(run(result.graph_def, f"{output}:0", {"words:0": ["b", "a"]}), [-1, 7])


def test_colocations_with_what_is_gone_are_dropped():
    gone = tf.square(tf.constant(1.0), name="gone")
    with tf.get_default_graph().colocate_with(gone.op):
        tf.add(tf.constant(1.0, name="x"), 1.0, name="output")
    graph_def = cut_graph({"x:0": placeholder(())}, ["output:0"]).graph_def
    assert not [node for node in graph_def.node if "_class" in node.attr]


def test_loops_are_kept_whole():
    limit = tf.placeholder(tf.int32, [], "limit")
    tf.disable_control_flow_v2()
    try:
        last = tf.while_loop(lambda i: i < limit, lambda i: i + 1, [tf.constant(0)])
    finally:
        tf.enable_control_flow_v2()
    tf.identity(last, name="output")
    result = cut_graph({"limit:0": placeholder((), tf.int32)}, ["output:0"])
    assert {"Enter", "NextIteration", "LoopCond"} <= ops(result.graph_def)
    assert run(result.graph_def, "output:0", {"limit:0": 5}) == 5
