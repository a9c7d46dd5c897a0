"""Data types and shapes of tensors, from a GraphDef that need not be importable."""

import pytest
import tensorflow.compat.v1 as tf

from exporter.errors import GraphError
from exporter.graph.stored.tensor_types import TensorTypes
from exporter.graph.tensor_spec import TensorSpec
from tests.stored_graphs import meta_graph

pytestmark = pytest.mark.usefixtures("graph")


def types(graph_def=None):
    return TensorTypes(meta_graph() if graph_def is None else tf.MetaGraphDef(graph_def=graph_def))


def unknown_op(consumer_dtype=tf.float32):
    """An op that no TensorFlow knows, between a placeholder and a known op."""
    graph_def = tf.get_default_graph().as_graph_def()
    graph_def.node.add(name="custom", op="FromContrib", input=["x"])
    consumer = graph_def.node.add(name="after", op="AddN", input=["custom", "custom:1", "^x"])
    consumer.attr["N"].i = 2
    consumer.attr["T"].type = consumer_dtype.as_datatype_enum
    return graph_def


def test_of_what_is_stored():
    tf.placeholder(tf.int64, [None, 3], "x")
    tf.get_variable("reference", [4], tf.bool, use_resource=False)
    tf.split(tf.zeros([4, 2]), 2, name="parts")
    assert types().spec("x:0") == TensorSpec("x:0", "int64", (None, 3))
    assert types().spec("reference:0") == TensorSpec("reference:0", "bool", (4,))
    assert types().spec("parts:1") == TensorSpec("parts:1", "float32", (2, 2))


def test_without_stored_shapes():
    tf.placeholder(tf.float32, [None, 3], "x")
    tf.square(tf.zeros([2]), name="square")
    found = types(tf.get_default_graph().as_graph_def())
    assert found.spec("x:0").shape == (None, 3)
    assert found.spec("square:0").shape is None


def test_lists_of_outputs_of_several_types():
    dataset = tf.data.Dataset.from_tensors((tf.zeros([2]), tf.constant("text")))
    tf.data.make_one_shot_iterator(dataset).get_next()
    assert types().spec("IteratorGetNext:0") == TensorSpec("IteratorGetNext:0", "float32", (2,))
    assert types().spec("IteratorGetNext:1") == TensorSpec("IteratorGetNext:1", "string", ())


@pytest.mark.parametrize(("producer", "shape"), [(21, None), (22, ())])
def test_an_empty_shape_once_meant_an_unknown_one(producer, shape):
    tf.placeholder(tf.float32, [], "x")
    graph_def = tf.get_default_graph().as_graph_def()
    graph_def.versions.producer = producer
    assert types(graph_def).spec("x:0").shape == shape


def test_default_types_of_attributes():
    tf.argmax(tf.zeros([2]), name="index")
    meta_graph_def = meta_graph()
    del next(node for node in meta_graph_def.graph_def.node if node.name == "index").attr["output_type"]
    assert TensorTypes(meta_graph_def).spec("index:0").dtype == "int64"


def test_calls_of_the_graphs_own_functions():
    graph_def = tf.GraphDef(node=[tf.NodeDef(name="call", op="body")])
    signature = graph_def.library.function.add().signature
    signature.name = "body"
    signature.output_arg.add(name="result", type=tf.int32.as_datatype_enum)
    assert types(graph_def).spec("call:0").dtype == "int32"


def test_an_unknown_op_is_told_by_the_list_of_ops_in_the_meta_graph():
    tf.placeholder(tf.float32, [], "x")
    meta_graph_def = tf.MetaGraphDef(graph_def=unknown_op())
    definition = meta_graph_def.meta_info_def.stripped_op_list.op.add(name="FromContrib")
    definition.output_arg.add(name="result", type=tf.int32.as_datatype_enum)
    assert TensorTypes(meta_graph_def).spec("custom:0").dtype == "int32"


def test_an_unknown_op_is_told_by_what_takes_its_outputs():
    tf.placeholder(tf.float32, [], "x")
    found = types(unknown_op(tf.float64))
    assert found.output_dtypes(found.node("custom")) is None
    assert [found.spec(name).dtype for name in ("custom:0", "custom:1")] == ["float64", "float64"]


def test_an_unknown_op_that_nothing_takes_is_said():
    tf.placeholder(tf.float32, [], "x")
    with pytest.raises(GraphError, match="data type of 'custom:2' is not known: its op FromContrib is not"):
        types(unknown_op()).spec("custom:2")


@pytest.mark.parametrize(("name", "message"), [
    ("probabilites:0", r"no node 'probabilites'.\nDid you mean probabilities\?"),
    ("probabilities:1", r"\(Softmax\) has 1 outputs; there is no 'probabilities:1'.\nThey are probabilities:0."),
    ("nothing:0", r"'nothing' \(NoOp\) has 0 outputs; .*\nThey are none."),
    ("probabilities:a", r"'probabilities:a' is no name of a tensor.\nFor example: probabilities:0"),
    ("probabilities:-1", "is no name of a tensor"), ("probabilities:0:0", "is no name of a tensor"),
    ("^probabilities:0", "is no name of a tensor"), ("probabilities:", "is no name of a tensor")])
def test_what_is_not_there_is_said(name, message):
    tf.nn.softmax(tf.zeros([2]), name="probabilities")
    tf.no_op("nothing")
    with pytest.raises(GraphError, match=message):
        types().spec(name)


def test_a_name_has_one_spelling():
    tf.zeros([2], name="x")
    assert types().spec("x:00").name == "x:0"
