"""Save and restore nodes work with TensorFlow's own saver and session."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from exporter.graph.saver_nodes import add_saver_nodes
from exporter.graph.variables import graph_variables


def meta_graph_with_saver(build):
    """Builds in a graph of its own; returns the MetaGraphDef with save and restore nodes."""
    with tf.Graph().as_default() as graph:
        build()
        meta_graph_def = tf.train.export_meta_graph(graph=graph)
    meta_graph_def.saver_def.CopyFrom(add_saver_nodes(meta_graph_def.graph_def, graph_variables(meta_graph_def)))
    return meta_graph_def


def both_kinds():
    tf.get_variable("b/resource", [2, 3], use_resource=True)
    tf.get_variable("a/reference", [4], tf.int32, tf.ones_initializer(), use_resource=False)
    tf.get_variable("text", [], tf.string, tf.constant_initializer("?"), use_resource=True)


def partitioned():
    for kind, use_resource in (("resource", True), ("reference", False)):
        tf.get_variable(kind, [7, 2], partitioner=tf.fixed_size_partitioner(3), use_resource=use_resource)


def values_after(prepare, meta_graph_def):
    with tf.Graph().as_default(), tf.Session() as session:
        saver = tf.train.import_meta_graph(meta_graph_def)
        prepare(session, saver)
        return {variable.op.name: session.run(variable) for variable in tf.global_variables()}


@pytest.mark.parametrize("build", [both_kinds, partitioned])
def test_what_the_nodes_save_they_restore(build, tmp_path):
    prefix = str(tmp_path / "model.ckpt")

    def save(session, saver):
        session.run([variable.initializer for variable in tf.global_variables()])
        saver.save(session, prefix, write_meta_graph=False)

    meta_graph_def = meta_graph_with_saver(build)
    saved = values_after(save, meta_graph_def)
    restored = values_after(lambda session, saver: saver.restore(session, prefix), meta_graph_def)
    assert saved.keys() == restored.keys()
    for name, value in saved.items():
        np.testing.assert_array_equal(restored[name], value)


@pytest.mark.parametrize("build", [both_kinds, partitioned])
def test_they_read_what_a_plain_saver_writes(build, tmp_path):
    prefix = str(tmp_path / "model.ckpt")
    with tf.Graph().as_default(), tf.Session() as session:
        build()
        session.run(tf.global_variables_initializer())
        saved = {variable.op.name: session.run(variable) for variable in tf.global_variables()}
        tf.train.Saver().save(session, prefix)
    restored = values_after(lambda session, saver: saver.restore(session, prefix), meta_graph_with_saver(build))
    for name, value in saved.items():
        np.testing.assert_array_equal(restored[name], value)


def test_a_scope_that_is_taken_is_left_alone():
    def with_a_saver_of_its_own():
        both_kinds()
        tf.train.Saver()

    saver_def = meta_graph_with_saver(with_a_saver_of_its_own).saver_def
    assert saver_def.restore_op_name == "save_1/restore_all"
    assert saver_def.version == tf.train.SaverDef.V2
