"""The frozen graph is what TensorFlow's own converter makes, and right where that one is not."""

import pytest
import tensorflow.compat.v1 as tf
from tensorflow.core.protobuf import saved_model_pb2

from tests.conformance.graph_defs import all_nodes, called_functions, described, without_control_inputs
from tests.conformance.plain_tensorflow import new_session
from tests.goldens import GOLDENS

VARIABLE_OPS = {"Variable", "VariableV2", "VarHandleOp", "ReadVariableOp", "ResourceGather", "ResourceGatherNd",
                "VariableShape", "VarIsInitializedOp", "AssignVariableOp", "Assign"}
# TensorFlow's converter fails on variables of strings, leaves VariableShape and VarIsInitializedOp without a variable,
# and leaves ResourceGather in functions.
BEYOND_TENSORFLOW = {"strings", "shape_of_a_variable", "control_dependencies", "called_functions", "embedding"}


def frozen_graph(directory):
    return tf.GraphDef.FromString((directory / "frozen_inference_graph.pb").read_bytes())


@pytest.mark.parametrize("golden", GOLDENS)
def test_no_variable_is_left(workshop, golden):
    directory = workshop.export(golden, "image_tensor", False)
    saved_model = saved_model_pb2.SavedModel.FromString((directory / "saved_model/saved_model.pb").read_bytes())
    for graph_def in (frozen_graph(directory), saved_model.meta_graphs[0].graph_def):
        ops = {node.op for node in all_nodes(graph_def)}
        assert not ops & VARIABLE_OPS
        assert not [op for op in ops if op.startswith("Ref")]


@pytest.mark.parametrize("golden", GOLDENS)
def test_no_device_is_left(workshop, golden):
    assert {node.device for node in all_nodes(frozen_graph(workshop.export(golden, "image_tensor", False)))} == {""}


@pytest.mark.parametrize("golden", sorted(set(GOLDENS) - BEYOND_TENSORFLOW))
def test_it_equals_the_graph_of_convert_variables_to_constants(workshop, golden):
    directory = workshop.export(golden, "image_tensor", False)
    graph = workshop.graph(golden, "image_tensor")
    found = frozen_graph(directory)
    with new_session() as session:
        saver = tf.train.import_meta_graph(str(directory / "model.ckpt.meta"))
        saver.restore(session, str(directory / "model.ckpt"))
        outputs = [spec.node_name for spec in graph.outputs.values()]
        expected = tf.graph_util.convert_variables_to_constants(session, graph.pruned, outputs)
    for name in table_contents(found):
        expected.node.extend(node for node in found.node if node.name == name)
    assert_equal_nodes(found.node, found, expected.node, expected)


def table_contents(graph_def):
    """The nodes that fill lookup tables, which TensorFlow's converter drops: nothing can fill the tables of its graph."""
    fillers = [node for node in graph_def.node if node.op.startswith("LookupTableImport")]
    return {name for node in fillers for name in (node.name, *node.input[1:])}


def assert_equal_nodes(found_nodes, found, expected_nodes, expected):
    """Compares nodes and the functions that they call; TensorFlow's converter drops the control inputs of reads."""
    found_nodes, expected_nodes = ({node.name: node for node in nodes} for nodes in (found_nodes, expected_nodes))
    assert {name: without_control_inputs(described(node)) for name, node in found_nodes.items()} == {
        name: without_control_inputs(described(node)) for name, node in expected_nodes.items()}
    for name, node in found_nodes.items():
        calls = zip(called_functions(node), called_functions(expected_nodes[name]), strict=True)
        for found_call, expected_call in calls:
            assert_equal_functions(function_of(found, found_call), found, function_of(expected, expected_call), expected)


def assert_equal_functions(found_function, found, expected_function, expected):
    assert [argument.type for argument in found_function.signature.input_arg] == [
        argument.type for argument in expected_function.signature.input_arg]
    # TensorFlow's converter goes on calling the output of a former ReadVariableOp "value".
    assert dict(found_function.ret) == {
        name: reference.replace(":value:", ":output:") for name, reference in expected_function.ret.items()}
    assert_equal_nodes(found_function.node_def, found, expected_function.node_def, expected)


def function_of(graph_def, name):
    return next(function for function in graph_def.library.function if function.signature.name == name)
