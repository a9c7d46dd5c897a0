"""What a graph's own saver restores, and under which key, for savers of every kind."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from exporter.graph.stored.loading import load_stored_graph
from exporter.graph.stored.restored_variables import restored_nodes, restored_variables
from exporter.graph.variables import graph_variables
from tests.stored_graphs import save_module

pytestmark = pytest.mark.usefixtures("graph")


def meta_graph(saver=None, with_collections=True):
    graph = tf.get_default_graph()
    meta_graph_def = tf.train.export_meta_graph(graph=graph, saver_def=saver and saver.saver_def)
    if not with_collections:
        meta_graph_def.collection_def.clear()
    return meta_graph_def


def keys(meta_graph_def):
    """Node -> key of the checkpoint."""
    return {variable.node: variable.name for variable in restored_variables(meta_graph_def, graph_variables(meta_graph_def))}


def test_renamed_keys():
    resource = tf.get_variable("resource", [2], use_resource=True)
    reference = tf.get_variable("reference", [2], use_resource=False)
    tf.get_variable("other", [2])
    saver = tf.train.Saver({"stored/resource": resource, "stored/reference": reference})
    assert keys(meta_graph(saver)) == {"resource": "stored/resource", "reference": "stored/reference", "other": "other"}
    assert restored_nodes(meta_graph(saver)) == {"resource", "reference"}


def test_moving_averages():
    variable = tf.get_variable("variable", [2])
    saver = tf.train.Saver(tf.train.ExponentialMovingAverage(0.9).variables_to_restore([variable]))
    assert keys(meta_graph(saver)) == {"variable": "variable/ExponentialMovingAverage"}


@pytest.mark.parametrize("options", [
    {"sharded": True}, {"write_version": tf.train.SaverDef.V1}, {"reshape": True}, {"restore_sequentially": True},
    {"sharded": True, "write_version": tf.train.SaverDef.V1}])
@pytest.mark.parametrize("use_resource", [True, False])
def test_savers_of_every_kind(options, use_resource):
    for number in range(3):
        with tf.device(f"/job:ps/task:{number}"):
            tf.get_variable(f"variable_{number}", [2], use_resource=use_resource)
    saver = tf.train.Saver({f"key_{number}": variable for number, variable in enumerate(tf.global_variables())}, **options)
    assert keys(meta_graph(saver)) == {f"variable_{number}": f"key_{number}" for number in range(3)}


@pytest.mark.parametrize("use_resource", [True, False])
@pytest.mark.parametrize("with_collections", [True, False])
@pytest.mark.parametrize("partitioner", [tf.fixed_size_partitioner(2), tf.fixed_size_partitioner(3, axis=1)])
def test_parts_of_a_variable_have_their_slices_with_and_without_collections(use_resource, with_collections, partitioner):
    tf.get_variable("whole", [5, 6], partitioner=partitioner, use_resource=use_resource)
    saver = tf.train.Saver()
    found = restored_variables(*with_variables(meta_graph(saver, with_collections)))
    covered = np.zeros([5, 6], int)
    for variable in found:
        assert variable.name == "whole"
        assert (variable.full_shape, variable.shape) == ((5, 6), variable.part.shape)
        covered[variable.part.index] += 1
    assert (covered == 1).all()


@pytest.mark.parametrize("with_collections", [True, False])
def test_a_part_that_was_saved_as_a_variable_of_its_own(with_collections):
    tf.get_variable("whole", [5], partitioner=tf.fixed_size_partitioner(2), use_resource=False)
    first, second = tf.global_variables()
    found = restored_variables(*with_variables(meta_graph(tf.train.Saver({"a": first, "b": second}), with_collections)))
    assert [(variable.name, variable.full_shape, variable.part) for variable in found] == [
        ("a", (3,), None), ("b", (2,), None)]


def with_variables(meta_graph_def):
    return meta_graph_def, graph_variables(meta_graph_def)


def test_without_a_saver_every_restore_op_counts_and_a_variables_own_name_goes_first():
    variable, other = tf.get_variable("variable", [2]), tf.get_variable("other", [2])
    tf.train.Saver({"pretrained": variable, "other": other})
    tf.train.Saver([variable])
    meta_graph_def = meta_graph()
    assert keys(meta_graph_def) == {"variable": "variable", "other": "other"}
    assert restored_nodes(meta_graph_def) is None


def test_with_a_saver_no_other_counts():
    variable = tf.get_variable("variable", [2])
    tf.train.Saver({"pretrained": variable})
    saver = tf.train.Saver({"trained": variable})
    assert keys(meta_graph(saver)) == {"variable": "trained"}


def test_initial_values_are_no_restoring():
    tf.get_variable("variable", initializer=tf.identity(tf.constant([1.0]), name="value"))
    assert keys(meta_graph()) == {"variable": "variable"}


def test_a_saved_model_of_tensorflow_2_restores_in_a_function(tmp_path):
    save_module(tmp_path)
    meta_graph_def = load_stored_graph(tmp_path).meta_graph_def
    assert set(keys(meta_graph_def).values()) == {
        "weights/.ATTRIBUTES/VARIABLE_VALUE", "biases/.ATTRIBUTES/VARIABLE_VALUE"}
    assert restored_nodes(meta_graph_def) == {variable.node for variable in graph_variables(meta_graph_def)}
