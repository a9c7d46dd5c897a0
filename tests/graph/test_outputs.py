"""Output nodes carry the outputs' own names."""

import pytest
import tensorflow.compat.v1 as tf

from exporter.errors import GraphError, ModelError, UsageError
from exporter.graph.outputs import add_output_tensor_nodes, find_additional_outputs, near_names, select_outputs

pytestmark = pytest.mark.usefixtures("graph")


def test_each_output_is_an_identity_of_its_name_in_the_collection():
    outputs = add_output_tensor_nodes({"scores": tf.ones([2]), "detection/boxes": tf.zeros([2])})
    assert {name: (tensor.name, tensor.op.type) for name, tensor in outputs.items()} == {
        "scores": ("scores:0", "Identity"), "detection/boxes": ("detection/boxes:0", "Identity")}
    assert tf.get_collection("inference_op") == list(outputs.values())


def test_another_collection_or_none():
    first = add_output_tensor_nodes({"a": tf.ones([2])}, "mine")
    add_output_tensor_nodes({"b": tf.ones([2])}, None)
    assert tf.get_collection("mine") == [first["a"]]
    assert tf.get_collection("inference_op") == []


def test_names_hold_within_a_name_scope():
    with tf.name_scope("scope"):
        assert add_output_tensor_nodes({"a": tf.ones([2])})["a"].name == "a:0"


def test_an_output_that_has_its_name_already_stays():
    tensor = tf.ones([2], name="scores")
    assert add_output_tensor_nodes({"scores": tensor})["scores"] is tensor


@pytest.mark.parametrize("use_resource", [False, True])
def test_a_variable_is_an_output_too(use_resource):
    variable = tf.get_variable("variable", [2], use_resource=use_resource)
    assert add_output_tensor_nodes({"output": variable})["output"].op.type == "Identity"


def test_a_name_that_another_tensor_has_is_an_error():
    tf.ones([3], name="scores")
    with pytest.raises(ModelError, match=r"(?s)'scores' \(Const\) that is another .*--output_names scores=scores_output"):
        add_output_tensor_nodes({"scores": tf.zeros([2])})


@pytest.mark.parametrize(("outputs", "message"), [
    ([1], "must return a dict of tensors by output name, found list"),
    (None, "found NoneType"),
    ({}, "found an empty one"),
    ({"a b": tf.constant}, "'a b' can't be the name of a node"),
    ({3: tf.constant}, "output name 3 can't"),
    ({"_a": tf.constant}, "'_a' can't"),
    ({"a": None}, "'a' is a NoneType, not a tensor"),
    ({"a": 1.5}, "'a' is a float, not a tensor")])
def test_what_is_no_dict_of_tensors_is_an_error(outputs, message):
    with pytest.raises(ModelError, match=message):
        add_output_tensor_nodes(outputs)


def test_a_sparse_tensor_is_an_error():
    with pytest.raises(ModelError, match="'a' is a SparseTensor, not a tensor"):
        add_output_tensor_nodes({"a": tf.SparseTensor([[0]], [1.0], [1])})


def test_outputs_are_selected_and_renamed():
    assert select_outputs({"a": 1, "b": 2, "c": 3}, ["c", " a = first "]) == {"c": 3, "first": 1}
    assert select_outputs({"a": 1}, None) == {"a": 1}


def test_an_unknown_output_names_what_is_near():
    with pytest.raises(UsageError, match=r"(?s)no output 'score'.*Did you mean scores\?"):
        select_outputs({"scores": 1, "boxes": 2}, ["score"])


def test_one_name_for_two_outputs_is_an_error():
    with pytest.raises(UsageError, match="Two outputs are to be called 'b'"):
        select_outputs({"a": 1, "b": 2}, ["b", "a=b"])


def test_additional_outputs_by_op_or_tensor():
    values, _ = tf.math.top_k(tf.constant([1.0, 2.0]), name="scope/top")
    found = find_additional_outputs(tf.get_default_graph(), ["scope/top", "scope/top:1"])
    assert found["scope/top"] is values
    assert found["scope/top:1"].name == "scope/top:1"


@pytest.mark.parametrize("name", ["scope/tap", "scope/top:7", "top"])
def test_an_additional_output_that_is_not_there_names_what_is_near(name):
    tf.constant(1.0, name="scope/top")
    with pytest.raises(GraphError, match=r"(?s)no tensor .*Did you mean scope/top\?"):
        find_additional_outputs(tf.get_default_graph(), [name])


def test_a_variables_handle_is_no_output():
    tf.get_variable("scope/weights", [2], use_resource=True)
    with pytest.raises(GraphError, match=r"(?s)'scope/weights' is a resource.*ReadVariableOp"):
        find_additional_outputs(tf.get_default_graph(), ["scope/weights"])


def test_near_names_lists_what_there_is_where_nothing_is_near():
    assert near_names("xyz", ["a", "b"]) == "There are: a, b."
