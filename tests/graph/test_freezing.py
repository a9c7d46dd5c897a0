"""Each way to use a variable becomes a use of a constant, or an error that names the node."""

import io
from contextlib import contextmanager

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from exporter.errors import GraphError
from exporter.formats.streaming import frozen_graph_message
from exporter.graph.freezing import freeze_structure
from exporter.graph.inference_graph import InferenceGraph
from exporter.weights.binding import Weights
from exporter.weights.tensor_source import ArrayTensor
from tests.conformance.plain_tensorflow import as_it_is_written

pytestmark = pytest.mark.usefixtures("graph")


@contextmanager
def control_flow(version):
    """Conditionals and loops as ops of the graph (1), or as functions (2)."""
    before = tf.control_flow_v2_enabled()
    (tf.disable_control_flow_v2 if version == 1 else tf.enable_control_flow_v2)()
    yield
    (tf.enable_control_flow_v2 if before else tf.disable_control_flow_v2)()


@pytest.fixture
def table():
    return tf.get_variable("table", [3, 2], initializer=tf.constant_initializer([[1, 2], [3, 4], [5, 6]]), use_resource=True)


@pytest.fixture
def reference():
    return tf.get_variable("reference", [2], initializer=tf.constant_initializer([7, 8]), use_resource=False)


def freeze(**outputs):
    return InferenceGraph.from_tf_graph(tf.get_default_graph(), {}, outputs).frozen


def ops_of(graph_def):
    return {node.op for nodes in (graph_def.node, *(function.node_def for function in graph_def.library.function))
            for node in nodes}


def assert_frozen_equals_original(output, ops=()):
    """Freezes with the initialized values, runs both graphs, and returns the frozen one."""
    with tf.Session(config=as_it_is_written()) as session:
        session.run(tf.global_variables_initializer())
        values = {variable.op.name: session.run(variable) for variable in tf.global_variables()}
        expected = session.run(output)
    sources = {name: ArrayTensor(value, str(value.dtype)) for name, value in values.items()}
    file = io.BytesIO()
    frozen_graph_message(freeze(output=output), Weights(sources)).write(file)
    graph_def = tf.GraphDef.FromString(file.getvalue())
    assert not ops_of(graph_def) & {"VarHandleOp", "VariableV2", "Variable", "ReadVariableOp", "ResourceGather"}
    assert ops_of(graph_def) >= set(ops)
    with tf.Graph().as_default(), tf.Session(config=as_it_is_written()) as session:
        [found] = tf.import_graph_def(graph_def, return_elements=[output.name], name="")
        np.testing.assert_array_equal(session.run(found), expected)
    return graph_def


def test_a_read_becomes_an_identity(table):
    assert_frozen_equals_original(table.read_value() * 2.0, ops=["Identity", "Const"])


def test_a_reference_variable_becomes_a_constant_of_its_name(reference):
    graph_def = assert_frozen_equals_original(reference + 1.0)
    assert {node.name: node.op for node in graph_def.node}["reference"] == "Const"


def test_the_oldest_kind_of_variable_becomes_a_constant():
    old = tf.raw_ops.Variable(shape=[2], dtype=tf.float32, name="old")
    assert freeze(output=tf.identity(old)).constants["old"].name == "old"


def test_a_gather_gets_a_constant_for_its_axis(table):
    graph_def = assert_frozen_equals_original(tf.gather(table, [2, 0]), ops=["GatherV2"])
    assert len([node for node in graph_def.node if node.name.endswith("/axis")]) == 1


def test_a_name_that_the_gather_would_need_may_be_taken(table):
    gathered = tf.raw_ops.ResourceGather(resource=table.handle, indices=[1], dtype=tf.float32, name="gathered")
    assert_frozen_equals_original(gathered + tf.constant(1.0, name="gathered/axis"))


def test_gather_nd(table):
    assert_frozen_equals_original(tf.gather_nd(table, [[0, 1], [2, 0]]), ops=["GatherNd"])


@pytest.mark.parametrize("dtype", [tf.int32, tf.int64])
def test_the_shape_of_a_variable(table, dtype):
    assert_frozen_equals_original(tf.raw_ops.VariableShape(input=table.handle, out_type=dtype), ops=["Shape"])


def test_a_variable_is_always_initialized(table):
    assert_frozen_equals_original(tf.raw_ops.VarIsInitializedOp(resource=table.handle))


def test_handles_may_pass_through_identities(table):
    first, second = tf.raw_ops.IdentityN(input=[tf.identity(table.handle), tf.constant(2.0)])
    assert_frozen_equals_original(tf.raw_ops.ReadVariableOp(resource=first, dtype=tf.float32) * second)


def test_a_conditional_may_return_a_handle(table):
    other = tf.get_variable("other", [3, 2], initializer=tf.ones_initializer(), use_resource=True)
    chosen = tf.cond(tf.placeholder_with_default(True, []),
                     lambda: tf.identity(table.handle), lambda: tf.identity(other.handle))
    assert_frozen_equals_original(tf.raw_ops.ReadVariableOp(resource=chosen, dtype=tf.float32), ops=["StatelessIf"])


def test_a_loop_may_exchange_two_handles(table):
    other = tf.get_variable("other", [3, 2], initializer=tf.ones_initializer(), use_resource=True)

    def exchange(index, one, two, total):
        value = tf.raw_ops.ReadVariableOp(resource=one, dtype=tf.float32)
        return index + 1, tf.identity(two), tf.identity(one), total * 2.0 + value

    _, _, _, total = tf.while_loop(
        lambda index, *_: index < 3, exchange, (0, table.handle, other.handle, tf.zeros([3, 2])))
    assert_frozen_equals_original(total, ops=["While"])


def test_a_gather_in_a_function_in_a_loop(table):
    @tf.compat.v2.function
    def row(index):
        return tf.gather(table, index)

    _, total = tf.while_loop(lambda index, total: index < 3, lambda index, total: (index + 1, total + row(index)),
                             (0, tf.zeros([2])))
    assert_frozen_equals_original(total)


def test_functions_are_copied_once_for_all_calls(table):
    @tf.compat.v2.function
    def scaled(value):
        return value * table

    graph_def = assert_frozen_equals_original(scaled(scaled(scaled(tf.ones([3, 2])))))
    assert len(graph_def.library.function) == 1


def test_one_function_given_variables_of_two_types(table):
    narrow = tf.get_variable("narrow", [2], tf.float64, initializer=tf.ones_initializer(), use_resource=True)

    def size(handle, dtype):
        return tf.cond(tf.placeholder_with_default(True, []),
                       lambda: tf.size(tf.raw_ops.ReadVariableOp(resource=handle, dtype=dtype)), lambda: 0)

    assert_frozen_equals_original(size(table.handle, tf.float32) + size(narrow.handle, tf.float64))


def test_a_graph_without_variables_stays_as_it_is():
    output = tf.constant(1.0) + 2.0
    frozen = freeze(output=output)
    assert not frozen.constants
    assert frozen.graph_def.node == tf.get_default_graph().as_graph_def().node


def test_variables_may_be_kept(table, reference):
    graph = InferenceGraph.from_tf_graph(tf.get_default_graph(), {}, {"output": table.read_value() + reference})
    structure = freeze_structure(graph.pruned, graph.variables, kept_variables=["table"])
    assert set(structure.constants) == {"reference"}
    assert {node.op for node in structure.graph_def.node} >= {"VarHandleOp", "ReadVariableOp"}


def test_the_graph_itself_is_left_alone(table):
    graph = InferenceGraph.from_tf_graph(tf.get_default_graph(), {}, {"output": table.read_value()})
    before = graph.pruned.SerializeToString(deterministic=True)
    assert graph.frozen.constants
    assert graph.pruned.SerializeToString(deterministic=True) == before


def test_an_assignment_to_a_resource_is_an_error_that_names_the_node(table):
    with tf.control_dependencies([table.assign_add(tf.ones([3, 2]), name="update").op]):
        output = table.read_value()
    with pytest.raises(GraphError, match=r"(?s)node 'update' \(AssignAddVariableOp\).*'table'.*is_training=False"):
        freeze(output=output)


def test_an_assignment_to_a_reference_is_an_error_that_names_the_node(reference):
    with pytest.raises(GraphError, match=r"node 'Assign' \(Assign\).*'reference'"):
        freeze(output=reference.assign([1.0, 2.0]))


def test_an_assignment_within_a_function_names_the_function(table):
    with control_flow(2):
        output = tf.while_loop(lambda step, _: step < 3, lambda step, _: (step + 1, table.assign_add(tf.ones([3, 2]))),
                               (0, tf.zeros([3, 2])))[1]
    with pytest.raises(GraphError, match=r"AssignAddVariableOp\) in function 'while_body"):
        freeze(output=output)


def updates(variable, kind):
    value = tf.constant([[1.0, 2.0]] * 3)
    return {"assign": tf.assign, "assign_add": tf.assign_add, "assign_sub": tf.assign_sub}[kind](variable, value)


@pytest.mark.parametrize("kind", ["assign", "assign_add", "assign_sub"])
@pytest.mark.parametrize(("is_resource", "version"), [(False, 1), (True, 1), (True, 2)])
@pytest.mark.parametrize("phase", [False, True])
def test_an_update_in_a_conditional_is_left_away(kind, is_resource, version, phase):
    """As in a batch normalization that is given its phase, and whose output waits for the update of its averages."""
    average = tf.get_variable("average", [3, 2], initializer=tf.constant_initializer([[1, 2], [3, 4], [5, 6]]),
                              use_resource=is_resource)
    training = tf.placeholder_with_default(phase, [], name="phase_train")
    value = average * 2.0
    with control_flow(version), tf.control_dependencies([value]):
        update = tf.cond(training, lambda: tf.identity(updates(average, kind)), lambda: tf.zeros([3, 2]))
    with tf.control_dependencies([update]):
        output = tf.identity(value, name="result")
    assert_frozen_equals_original(output)


def test_what_an_assignment_to_a_reference_gives_in_a_conditional_is_its_new_value(reference):
    with control_flow(1):
        output = tf.cond(tf.placeholder_with_default(True, []), lambda: tf.assign_sub(reference, [1.0, 2.0]),
                         lambda: tf.identity(reference))
    assert_frozen_equals_original(output, ops=["Sub", "Merge"])


def test_another_change_in_a_conditional_is_an_error(reference):
    with control_flow(1):
        output = tf.cond(tf.placeholder_with_default(True, []), lambda: tf.scatter_update(reference, [0], [1.0]),
                         lambda: tf.identity(reference))
    with pytest.raises(GraphError, match=r"\(ScatterUpdate\)"):
        freeze(output=output)


def test_an_update_in_a_loop_of_the_old_kind_is_an_error(reference):
    with control_flow(1):
        output = tf.while_loop(lambda step, _: step < 3, lambda step, _: (step + 1, tf.assign_add(reference, [1.0, 1.0])),
                               (0, tf.zeros([2])))[1]
    with pytest.raises(GraphError, match=r"\(AssignAdd\)"):
        freeze(output=output)


def test_an_unknown_op_with_a_handle_is_an_error_that_names_the_node():
    steps = tf.get_variable("steps", [], tf.int32, use_resource=True)
    output = tf.raw_ops.ResourceCountUpTo(resource=steps.handle, limit=3, T=tf.int32, name="counter")
    with pytest.raises(GraphError, match=r"node 'counter' \(ResourceCountUpTo\)"):
        freeze(output=output)


def test_a_variable_that_belongs_to_a_function_alone_is_an_error():
    @tf.compat.v2.function
    def function():
        handle = tf.raw_ops.VarHandleOp(dtype=tf.float32, shape=[2], shared_name="inner", name="inner")
        return tf.raw_ops.ReadVariableOp(resource=handle, dtype=tf.float32)

    with pytest.raises(GraphError, match=r"(?s)'inner' in function .* belongs to the function alone.*outside of functions"):
        freeze(output=function())
