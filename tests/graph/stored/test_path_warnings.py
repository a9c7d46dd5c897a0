"""What makes a bad export though every tensor is right is said."""

import pytest
import tensorflow.compat.v1 as tf

from exporter.graph.stored.path_warnings import batch_size_warnings, path_warnings, random_op_warnings
from tests.stored_graphs import classifier, read

pytestmark = pytest.mark.usefixtures("graph")


def warnings(*outputs, **options):
    graph = read(output_node_names=outputs, **options).graph
    return [*path_warnings(graph), *batch_size_warnings(graph), *random_op_warnings(graph)]


def test_a_good_graph_is_not_talked_about():
    classifier()
    assert warnings("probabilities") == []


def test_batches_of_one_size_only():
    classifier(inputs=tf.placeholder(tf.float32, [32, 3], "x"))
    [warning] = warnings("probabilities")
    assert warning.startswith("Batches of one size only: x [32, 3].")
    assert "--input_shape x=-1,3" in warning
    assert warnings("probabilities", input_shapes={"x": (None, 3)}) == []


def test_a_scalar_has_no_batch():
    tf.square(tf.placeholder(tf.float32, [], "x"), name="output")
    assert warnings("output") == []


def test_kernels_that_a_cpu_has_not():
    images = tf.placeholder(tf.float32, [None, 3, 8, 8], "images")
    tf.nn.max_pool2d(images, 2, 2, "VALID", data_format="NCHW", name="pooled")
    [warning] = warnings("pooled")
    assert "1 nodes are in the data format NCHW" in warning
    assert "pooled" in warning


def test_random_ops():
    tf.multiply(classifier(), tf.random_uniform([4], name="noise"), name="noisy")
    [warning] = warnings("noisy")
    assert "noise/RandomUniform" in warning
    assert warnings("probabilities") == []


def test_assignments_on_the_way_to_the_outputs():
    average = tf.get_variable("average", [3], use_resource=True)
    update = tf.cond(tf.placeholder(tf.bool, [], "phase_train"), lambda: average.assign_sub([1.0, 1.0, 1.0], name="update"),
                     lambda: tf.zeros([3]))
    with tf.control_dependencies([update]):
        tf.identity(tf.placeholder(tf.float32, [None, 3], "x") + average, name="output")
    [warning] = warnings("output")
    assert warning.startswith("1 assignments to variables lie on the way to the outputs (update).")


def test_assignments_that_race_with_a_read():
    average = tf.get_variable("average", [3], use_resource=True)
    images = tf.placeholder(tf.float32, [None, 3], "x")
    with tf.control_dependencies([average.assign_sub([1.0, 1.0, 1.0], name="update", read_value=False)]):
        doubled = images * 2.0
    tf.add(doubled, average, name="output")
    _, warning = warnings("output")
    assert warning.startswith("Whether update comes before or after its variable is read is left to chance in this graph.")
