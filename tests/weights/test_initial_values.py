"""Variables that were never saved keep their initial values, where these are the same in every run."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from exporter.errors import CheckpointError
from exporter.graph.variables import graph_variables
from exporter.weights.binding import WeightOptions
from exporter.weights.checkpoint import Checkpoint
from exporter.weights.initial_values import bind_stored_weights, initial_values
from tests.stored_graphs import save

pytestmark = pytest.mark.usefixtures("graph")


def values(with_collections=True):
    """Name -> initial value, of the variables of the default graph that have one."""
    meta_graph_def = tf.train.export_meta_graph()
    if not with_collections:
        meta_graph_def.collection_def.clear()
    return {name: source.read() for name, source in initial_values(meta_graph_def, graph_variables(meta_graph_def)).items()}


@pytest.mark.parametrize("use_resource", [True, False])
@pytest.mark.parametrize("with_collections", [True, False])
def test_constants_of_every_type(use_resource, with_collections):
    expected = {"zeros": np.zeros([2, 3], np.float32), "step": np.int64(7), "flag": np.True_, "half": np.float16([0.5, 2])}
    for name, value in expected.items():
        tf.get_variable(name, initializer=tf.constant(value), use_resource=use_resource)
    found = values(with_collections)
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert (found[name].dtype, found[name].shape) == (value.dtype, value.shape)
        np.testing.assert_array_equal(found[name], value)


def test_text():
    tf.get_variable("word", initializer=tf.constant("text"), use_resource=True)
    tf.get_variable("words", initializer=tf.constant(["a", "b"]), use_resource=True)
    found = values()
    assert found["word"][()] == b"text"
    assert found["words"].tolist() == [b"a", b"b"]


def test_what_follows_from_constants():
    tf.get_variable("squares", initializer=tf.square(tf.linspace(0.0, 3.0, 4)))
    np.testing.assert_array_equal(values()["squares"], [0, 1, 4, 9])


@pytest.mark.parametrize("use_resource", [True, False])
def test_parts_of_a_variable_are_put_together(use_resource):
    tf.get_variable("whole", [5, 2], initializer=tf.ones_initializer(), partitioner=tf.fixed_size_partitioner(3),
                    use_resource=use_resource)
    np.testing.assert_array_equal(values()["whole"], np.ones([5, 2]))


def test_what_is_random_fed_or_of_another_variable_is_no_initial_value():
    tf.get_variable("random", [2])
    tf.Variable(tf.placeholder(tf.float32, [2]), name="fed")
    constant = tf.Variable([1.0], name="constant")
    tf.Variable(constant * 2.0, name="of_another")
    tf.get_variable("partly", [4], initializer=tf.random_normal_initializer(), partitioner=tf.fixed_size_partitioner(2))
    assert set(values()) == {"constant"}


def test_an_assignment_of_the_training_is_no_initial_value():
    variable = tf.get_variable("variable", initializer=tf.constant([1.0]), use_resource=False)
    with tf.name_scope("train"):
        tf.assign(variable, [2.0])
    np.testing.assert_array_equal(values(with_collections=False)["variable"], [1.0])


def bind(prefix, unrestored, **options):
    meta_graph_def = tf.train.export_meta_graph()
    variables = graph_variables(meta_graph_def)
    return bind_stored_weights(meta_graph_def, variables, variables, unrestored, Checkpoint.open(prefix),
                               WeightOptions(**options))


def two_variables():
    return tf.get_variable("saved", [2]), tf.get_variable("unsaved", initializer=tf.constant([3.0]))


def test_those_that_the_saver_leaves_alone_keep_theirs(tmp_path):
    saved, _ = two_variables()
    weights = bind(save(tmp_path / "model", tf.train.Saver([saved])), {"unsaved"})
    np.testing.assert_array_equal(weights.sources["unsaved"].read(), [3.0])
    assert weights.coverage.initialized == ("unsaved",)
    assert weights.coverage.used == ("saved",)


def test_others_that_are_missing_are_listed(tmp_path):
    saved, _ = two_variables()
    with pytest.raises(CheckpointError, match="unsaved: not in the checkpoint"):
        bind(save(tmp_path / "model", tf.train.Saver([saved])), ())


def test_a_random_initializer_is_no_value_for_them(tmp_path):
    tf.get_variable("unsaved", [2])
    with pytest.raises(CheckpointError, match="unsaved: not in the checkpoint"):
        bind(save(tmp_path / "model", tf.train.Saver([tf.get_variable("saved", [2])])), {"unsaved"})


def test_what_the_checkpoint_has_goes_first(tmp_path):
    two_variables()
    weights = bind(save(tmp_path / "model"), {"unsaved"})
    assert weights.sources["unsaved"].read() != 3.0
    assert weights.coverage.initialized == ()


def test_a_moving_average_goes_first_too(tmp_path):
    saved, unsaved = two_variables()
    averages = tf.train.ExponentialMovingAverage(0.9)
    averages.apply([unsaved])
    prefix = save(tmp_path / "model", tf.train.Saver([saved, averages.average(unsaved)]))
    weights = bind(prefix, {"unsaved"}, use_moving_averages=True)
    expected = tf.train.load_variable(str(prefix), "unsaved/ExponentialMovingAverage")
    np.testing.assert_array_equal(weights.sources["unsaved"].read(), expected)
