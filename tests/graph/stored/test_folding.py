"""Conditionals that constants decide: the branch that is taken stays, the other goes with all it needed."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from exporter.graph.stored.folding import fold_conditionals
from tests.stored_graphs import names, ops, run

CONDITIONALS = ("Switch", "Merge", "If", "StatelessIf", "Case", "StatelessCase")


@pytest.fixture(params=["v1", "v2"], autouse=True)
def control_flow(request, graph):
    """Every test runs on Switch and Merge, and on If and Case."""
    (tf.enable_control_flow_v2 if request.param == "v2" else tf.disable_control_flow_v2)()
    yield request.param
    tf.enable_control_flow_v2()


def fold(*outputs):
    """Folds the default graph and checks that it still gives the same; returns what is left of it."""
    graph_def = tf.get_default_graph().as_graph_def()
    folded = fold_conditionals(graph_def, outputs)
    feeds = {f"{node.name}:0": 3.0 for node in folded.node if node.op == "Placeholder"}
    tensors = [f"{name}:0" for name in outputs]
    np.testing.assert_array_equal(run(folded, tensors, feeds), run(graph_def, tensors, feeds))
    return folded


def x():
    return tf.placeholder(tf.float32, [], "x")


def training_step(value):
    """A branch with side effects: an update of a variable."""
    state = tf.get_variable("state", [], use_resource=True)
    with tf.control_dependencies([state.assign_add(1.0)]):
        return value * 0.0


@pytest.mark.parametrize("value", [True, False])
def test_the_other_branch_goes(value):
    value_of_x = x()
    tf.identity(tf.cond(tf.constant(value), lambda: tf.sin(value_of_x), lambda: tf.cos(value_of_x)), name="output")
    folded = fold("output")
    left = ops(folded) | {node.op for function in folded.library.function for node in function.node_def}
    assert not left & set(CONDITIONALS)
    assert ("Sin" in left, "Cos" in left) == (value, not value)


def test_variables_that_only_the_other_branch_needs_go():
    value_of_x = x()
    tf.identity(tf.cond(tf.constant(False), lambda: training_step(value_of_x), lambda: value_of_x + 1.0), name="output")
    folded = fold("output")
    assert "state" not in names(folded)
    assert "AssignAddVariableOp" not in str(folded)


def test_nested_conditionals():
    value_of_x, training = x(), tf.constant(False)

    def inner():
        return tf.cond(tf.logical_not(training), lambda: tf.sin(value_of_x), lambda: tf.cos(value_of_x))

    tf.identity(tf.cond(training, lambda: training_step(value_of_x), inner), name="output")
    folded = fold("output")
    assert not ops(folded) & set(CONDITIONALS)
    assert "AssignAddVariableOp" not in str(folded)


def test_one_conditional_that_decides_the_next(control_flow):
    value_of_x = x()
    first = tf.cond(tf.constant(True), lambda: tf.constant(False), lambda: tf.constant(True))
    tf.identity(tf.cond(first, lambda: tf.cos(value_of_x), lambda: tf.sin(value_of_x)), name="output")
    is_left = bool(ops(fold("output")) & set(CONDITIONALS))
    assert is_left == (control_flow == "v2"), "what a function gives is not followed"


@pytest.mark.parametrize("predicate", [
    lambda: tf.equal(tf.constant(2), 2), lambda: tf.greater(tf.constant(0.5), 0.1),
    lambda: tf.not_equal(tf.constant("train"), "eval"),
    lambda: tf.cast(tf.constant(1), tf.bool), lambda: tf.logical_and(tf.constant(True), tf.constant(True)),
    lambda: tf.equal(tf.cast(tf.constant(1.9), tf.int32), 1), lambda: tf.reshape(tf.constant([True]), []),
    lambda: tf.squeeze(tf.constant([True])), lambda: tf.stop_gradient(tf.constant(True))])
def test_predicates_that_follow_from_constants(predicate):
    value_of_x = x()
    tf.identity(tf.cond(predicate(), lambda: tf.sin(value_of_x), lambda: tf.cos(value_of_x)), name="output")
    assert not ops(fold("output")) & set(CONDITIONALS)


def test_a_predicate_that_is_fed_or_computed_decides_nothing():
    value_of_x = x()
    tf.identity(tf.cond(value_of_x > 0.0, lambda: tf.sin(value_of_x), lambda: tf.cos(value_of_x)), name="output")
    graph_def = tf.get_default_graph().as_graph_def()
    assert fold_conditionals(graph_def, ["output"]) == graph_def


def test_several_outputs_of_a_conditional():
    value_of_x = x()
    first, second = tf.cond(tf.constant(True), lambda: (tf.sin(value_of_x), value_of_x), lambda: (value_of_x, value_of_x))
    tf.identity(first, name="first")
    tf.identity(second, name="second")
    assert not ops(fold("first", "second")) & set(CONDITIONALS)


@pytest.mark.parametrize("index", [0, 2, 7, -1])
def test_cases_by_index(index):
    value_of_x = x()
    branches = [lambda: tf.sin(value_of_x), lambda: tf.cos(value_of_x), lambda: tf.tan(value_of_x)]
    tf.identity(tf.switch_case(tf.constant(index), branches), name="output")
    assert not ops(fold("output")) & set(CONDITIONALS)


def test_orders_to_run_before_stay():
    value_of_x, predicate = x(), tf.constant(True)
    with tf.control_dependencies([tf.debugging.check_numerics(value_of_x, "x", name="check")]):
        tf.identity(tf.cond(predicate, lambda: tf.sin(value_of_x), lambda: tf.cos(value_of_x)), name="output")
    assert "CheckNumerics" in ops(fold("output"))


def test_loops_stay():
    value_of_x = x()
    tf.identity(tf.while_loop(lambda value: tf.less(value, 9.0), lambda value: tf.cond(
        tf.constant(True), lambda: value * 2.0, lambda: value), [value_of_x]), name="output")
    assert ops(fold("output")) & {"LoopCond", "While", "StatelessWhile"}


def test_the_graph_itself_is_not_changed():
    tf.identity(tf.cond(tf.constant(True), lambda: tf.constant(1.0), lambda: tf.constant(2.0)), name="output")
    graph_def = tf.get_default_graph().as_graph_def()
    before = graph_def.SerializeToString()
    fold_conditionals(graph_def, ["output"])
    assert graph_def.SerializeToString() == before


def test_which_branch_was_taken():
    output, index = tf.raw_ops.Merge(inputs=list(tf.raw_ops.Switch(data=x(), pred=tf.constant(True))))
    tf.identity(output, name="output")
    tf.identity(index, name="index")
    folded = fold("output", "index")
    assert not ops(folded) & set(CONDITIONALS)
    assert run(folded, "index:0", {"x:0": 3.0}) == 1


def test_tables_keep_what_fills_them():
    table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(["a"], [7.0]), -1.0)
    found = table.lookup(tf.constant("a"))
    tf.identity(tf.cond(tf.constant(True), lambda: found, lambda: found * 2.0), name="output")
    fillers = [operation.name for operation in tf.get_collection(tf.GraphKeys.TABLE_INITIALIZERS)]
    folded = fold_conditionals(tf.get_default_graph().as_graph_def(), ["output"], fillers)
    assert run(folded, "output:0") == 7.0
