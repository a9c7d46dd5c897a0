"""Assignments that the outputs wait for and don't depend on: told apart from those that change the outputs."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from tensorflow.python.ops import control_flow_util

import exporter
from exporter.errors import GraphError
from exporter.formats.session import loaded_graph
from exporter.graph.passing_assignments import dispensable_assignments
from exporter.graph.tensor_spec import TensorSpec

RESOURCES = pytest.mark.parametrize("is_resource", [False, True], ids=["references", "resources"])


def variable(name, value, is_resource):
    return tf.get_variable(name, initializer=tf.constant(value), use_resource=is_resource)


def spectral_norm(images, is_resource):
    """https://arxiv.org/abs/1802.05957, one power iteration with each run."""
    weights = variable("weights", np.arange(12, dtype=np.float32).reshape(3, 4), is_resource)
    u = variable("u", [[1.0, 2.0, 3.0, 4.0]], is_resource)
    v = tf.nn.l2_normalize(tf.matmul(u, weights, transpose_b=True))
    u_next = tf.nn.l2_normalize(tf.matmul(v, weights))
    sigma = tf.matmul(tf.matmul(v, weights), u_next, transpose_b=True)
    with tf.control_dependencies([u.assign(u_next)]):
        normalized = weights / sigma
    return tf.tensordot(images, normalized, 1)


def both_phases(images, is_resource):
    """Batch normalization for training and inference, before a conditional chooses."""
    average = variable("average", [1.0, 2.0, 3.0], is_resource)
    mean = tf.reduce_mean(images, [0, 1, 2])
    with tf.control_dependencies([tf.assign_sub(average, (average - mean) * 0.9)]):
        trained = images - tf.identity(mean)
    inferred = images - average
    return tf.cond(tf.placeholder_with_default(False, []), lambda: trained, lambda: inferred)


def training_alone(images, is_resource):
    """Batch normalization in training mode: its averages are of no use to the outputs."""
    average = variable("average", [1.0, 2.0, 3.0], is_resource)
    mean = tf.reduce_mean(images, [0, 1, 2])
    with tf.control_dependencies([tf.assign_sub(average, (average - mean) * 0.9)]):
        return images - tf.identity(mean)


def fused_training(images, is_resource):
    """The same by the fused kernel, which is given the averages and takes nothing of them."""
    mean, variance = (variable(name, [1.0, 2.0, 3.0], is_resource) for name in ("mean", "variance"))
    result, batch_mean, _ = tf.nn.fused_batch_norm(images, tf.ones([3]), tf.zeros([3]), mean, variance, is_training=True)
    with tf.control_dependencies([tf.assign_sub(mean, (mean - batch_mean) * 0.1)]):
        return tf.identity(result)


def iterated(images, is_resource):
    """Spectral normalization with its iterations in a loop."""
    weights = variable("weights", np.arange(12, dtype=np.float32).reshape(3, 4), is_resource)
    u = variable("u", [[1.0, 2.0, 3.0, 4.0]], is_resource)

    def step(number, vector):
        return number + 1, tf.nn.l2_normalize(tf.matmul(tf.matmul(vector, weights, transpose_b=True), weights))

    _, u_next = tf.while_loop(lambda number, _: number < 2, step, [0, tf.identity(u)])
    sigma = tf.norm(tf.matmul(weights, u_next, transpose_b=True))
    with tf.control_dependencies([u.assign(u_next)]):
        return tf.tensordot(images, weights / sigma, 1)


def loop_that_counts(images, is_resource):
    """Each iteration reads what the last one has assigned."""
    count = variable("count", 1.0, is_resource)

    def step(number, total):
        read = count * 2.0
        with tf.control_dependencies([tf.assign_add(count, read)]):
            return number + 1, total + read

    return images * tf.while_loop(lambda number, _: number < 3, step, [0, 0.0])[1]


def fetched_too(images, is_resource):
    """A counter that is an output as well: a reference variable is fetched when all has run."""
    count = variable("count", 1.0, is_resource)
    with tf.control_dependencies([tf.assign_add(count, 1.0)]):
        tf.multiply(images, 2.0, name="doubled")
    return count if not is_resource else tf.reshape(count.read_value(), [1])


def read_afterwards(images, is_resource):
    """A counter: the output is what it is after the assignment."""
    count = variable("count", 1.0, is_resource)
    with tf.control_dependencies([tf.assign_add(count, 1.0)]):
        return images * count.read_value()


def assigned_value(images, is_resource):
    """The output is the assigned value itself."""
    count = variable("count", 1.0, is_resource)
    return images * tf.assign(count, tf.reduce_sum(images) * count)


def read_into_the_same_memory(images, is_resource):
    """The read comes first, and what it gave is used after the assignment: a reference variable's memory has changed."""
    factor = variable("factor", 2.0, is_resource)
    read = tf.reshape(factor, [])
    with tf.control_dependencies([factor.assign(read + 1.0)]):
        return images * read


def copied(images, is_resource):
    """One variable is assigned to another, which is then read (StyleGAN's level of detail)."""
    source, copy = variable("source", 5.0, is_resource), variable("copy", 1.0, is_resource)
    with tf.control_dependencies([tf.assign(copy, source)]):
        return images * copy


def conditional(images, is_resource):
    """Averages are updated in a branch: that is another case (exporter/graph/conditional_updates.py)."""
    average = variable("average", [1.0, 2.0, 3.0], is_resource)
    update = tf.cond(tf.placeholder_with_default(False, []),
                     lambda: tf.identity(tf.assign_sub(average, [1.0, 1.0, 1.0])), lambda: tf.zeros([3]))
    with tf.control_dependencies([update]):
        return images - average


def grouped(images, is_resource):
    """Assignments behind a group, as training programs wait for them."""
    first, second = (variable(name, 2.0, is_resource) for name in ("first", "second"))
    result = images * first * second
    with tf.control_dependencies([result]):
        update = tf.group(first.assign(first + 1.0), second.assign(second * 2.0))
    with tf.control_dependencies([update]):
        return tf.identity(result)


def passing(network, is_resource):
    with tf.Graph().as_default() as graph:
        output = network(tf.placeholder(tf.float32, [None, 2, 2, 3]), is_resource)
        found = dispensable_assignments(graph.as_graph_def(), [output.op.name])
        return {graph.get_operation_by_name(name).type: bool(racing) for name, racing in found.passing.items()}


@RESOURCES
def test_one_whose_variable_was_read_before(is_resource):
    assert passing(spectral_norm, is_resource) == {"AssignVariableOp" if is_resource else "Assign": False}


@RESOURCES
def test_one_that_races_with_a_read(is_resource):
    assert passing(both_phases, is_resource) == {"AssignSubVariableOp" if is_resource else "AssignSub": True}


@RESOURCES
@pytest.mark.parametrize("network", [training_alone, fused_training, read_afterwards, assigned_value, copied])
def test_those_that_change_the_outputs_or_belong_to_training(network, is_resource):
    assert passing(network, is_resource) == {}


def test_what_was_read_stays_where_the_variable_is_a_resource():
    assert passing(read_into_the_same_memory, is_resource=True) == {"AssignVariableOp": False}
    assert passing(read_into_the_same_memory, is_resource=False) == {}


@pytest.mark.parametrize("is_switched", [False, True], ids=["while", "enter"])
def test_loops(is_switched, monkeypatch):
    monkeypatch.setattr(control_flow_util, "ENABLE_CONTROL_FLOW_V2", not is_switched)
    is_resource = not is_switched
    # Of a reference variable, a loop that is not entered would hand on the memory.
    assert passing(iterated, is_resource) == ({"AssignVariableOp": False} if is_resource else {"Assign": True})
    assert passing(loop_that_counts, is_resource) == {}


def test_a_reference_variable_that_is_an_output_is_fetched_at_the_end():
    with tf.Graph().as_default() as graph:
        output = fetched_too(tf.ones([1]), is_resource=False)
        assert dispensable_assignments(graph.as_graph_def(), ["doubled", output.op.name]).passing == {}


def test_values_that_go_ways_without_an_edge():
    """The read comes surely after the assignment: a queue hands on what it has read."""
    with tf.Graph().as_default() as graph:
        count, queue = variable("count", 1.0, True), tf.FIFOQueue(1, [tf.float32], [[]])
        with tf.control_dependencies([tf.assign_add(count, 1.0)]):
            put = queue.enqueue([tf.constant(1.0)])
        with tf.control_dependencies([put]):
            output = tf.identity(count.read_value() + queue.dequeue())
        assert dispensable_assignments(graph.as_graph_def(), [output.op.name]).passing == {}


def test_assignments_that_nothing_waits_for_are_none():
    with tf.Graph().as_default() as graph:
        weights = variable("weights", [1.0], False)
        weights.assign([2.0])
        output = tf.identity(weights)
        assert dispensable_assignments(graph.as_graph_def(), [output.op.name]).passing == {}


def export(network, is_resource, directory, **options):
    def model(images):
        return network(images, is_resource)

    with tf.Graph().as_default(), tf.Session() as session:
        model(tf.placeholder(tf.float32, [None, 2, 2, 3]))
        session.run(tf.global_variables_initializer())
        checkpoint = tf.train.Saver().save(session, str(directory / "model.ckpt"))
    return exporter.export_inference_graph("float_image_tensor", model, checkpoint, str(directory / "export"), **options)


@RESOURCES
@pytest.mark.parametrize("network", [spectral_norm, both_phases, grouped])
def test_exports_give_at_each_run_what_the_checkpoint_gives_at_the_first(network, is_resource, tmp_path):
    result = export(network, is_resource, tmp_path)
    assert result.verification.status == "verified"
    assert {artifact.format for artifact in result.artifacts} == {"checkpoint", "frozen_graph", "saved_model"}
    graph_def = tf.GraphDef.FromString((tmp_path / "export" / "frozen_inference_graph.pb").read_bytes())
    assert not [node.name for node in graph_def.node if node.op.startswith("Assign")]


def test_what_was_assigned_is_read_in_the_place_of_a_reference_variable(tmp_path):
    assert export(copied, False, tmp_path).verification.status == "verified"


def test_what_was_assigned_to_a_resource_is_not_looked_for(tmp_path):
    with pytest.raises(GraphError, match="changes or inspects"):
        export(copied, True, tmp_path)


@pytest.mark.parametrize("is_switched", [False, True], ids=["if", "switch"])
def test_assignments_in_branches_are_left_to_the_rule_for_conditionals(is_switched, monkeypatch):
    if is_switched:
        monkeypatch.setattr(control_flow_util, "ENABLE_CONTROL_FLOW_V2", False)
    assert passing(conditional, is_resource=not is_switched) == {}


def test_what_functions_assign_is_given_back_as_well(tmp_path):
    assert export(conditional, True, tmp_path).verification.status == "verified"
    with tf.Graph().as_default(), tf.Session() as session:
        saver = tf.train.import_meta_graph(str(tmp_path / "export" / "model.ckpt.meta"))
        saver.restore(session, str(tmp_path / "export" / "model.ckpt"))
        loaded = loaded_graph(session, {"x": TensorSpec("float_image_tensor:0", "float32", (1, 2, 2, 3)),
                                        "update": TensorSpec("PlaceholderWithDefault:0", "bool", ())},
                              {"y": TensorSpec("output:0", "float32", (1, 2, 2, 3))})
        first, second = (loaded({"x": np.zeros([1, 2, 2, 3]), "update": True})["y"] for _ in range(2))
    assert np.array_equal(first, second)


@RESOURCES
@pytest.mark.parametrize("network", [spectral_norm, both_phases])
def test_saved_models_with_variables(network, is_resource, tmp_path):
    assert export(network, is_resource, tmp_path, saved_model_variables=True).verification.status == "verified"


@RESOURCES
def test_a_saved_model_with_variables_is_compared_from_its_first_run(is_resource, tmp_path):
    result = export(spectral_norm, is_resource, tmp_path, saved_model_variables=True)
    assert result.verification.status == "verified"
    with tf.Graph().as_default(), tf.Session() as session:
        tf.saved_model.load(session, ["serve"], str(tmp_path / "export" / "saved_model"))
        before, after = (session.run("output:0", {"float_image_tensor:0": np.ones([1, 2, 2, 3])}) for _ in range(2))
    assert not np.array_equal(before, after), "the variable is one still, and each run goes on from the last"


@RESOURCES
@pytest.mark.parametrize("network", [training_alone, fused_training, read_afterwards, assigned_value])
def test_assignments_that_matter_are_still_refused(network, is_resource, tmp_path):
    with pytest.raises(GraphError, match="which changes or inspects the variable"):
        export(network, is_resource, tmp_path)
    assert not (tmp_path / "export").exists()


@RESOURCES
@pytest.mark.parametrize("network", [spectral_norm, both_phases])
def test_stored_graphs(network, is_resource, tmp_path):
    export(network, is_resource, tmp_path)
    result = exporter.export_stored_graph(
        str(tmp_path / "model.ckpt.meta"), str(tmp_path / "stored"), trained_checkpoint_prefix=str(tmp_path / "model.ckpt"))
    assert result.verification.status == "verified"
