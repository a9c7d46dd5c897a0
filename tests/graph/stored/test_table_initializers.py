"""The ops that fill tables are found wherever a program left them: in the collection, beside it, within functions."""

import pytest
import tensorflow.compat.v1 as tf

from exporter.graph.stored.loading import load_stored_graph
from exporter.graph.stored.table_initializers import initializers_out_of_functions, table_initializers
from tests.stored_graphs import save_module

pytestmark = pytest.mark.usefixtures("graph")


def table(kind=tf.raw_ops.HashTableV2, name="table"):
    return kind(key_dtype=tf.string, value_dtype=tf.int64, name=name)


def numbers():
    return tf.constant([0, 1], tf.int64)


def found(with_collections=True):
    meta_graph_def = tf.train.export_meta_graph()
    if not with_collections:
        meta_graph_def.collection_def.clear()
    return table_initializers(meta_graph_def)


def test_what_the_collection_names_goes_first():
    tf.raw_ops.InitializeTableV2(table_handle=table(), keys=["a", "b"], values=numbers(), name="forgotten")
    named = tf.raw_ops.InitializeTableV2(table_handle=table(name="other"), keys=["a", "b"], values=numbers(), name="named")
    tf.add_to_collection(tf.GraphKeys.TABLE_INITIALIZERS, named)
    assert found() == ("named", "forgotten")
    assert found(with_collections=False) == ("forgotten", "named")


def test_content_that_is_imported_counts_unless_it_is_restored():
    """A saver of a table that training changes restores it by the same op that fills a constant one."""
    keys, values = tf.raw_ops.RestoreV2(prefix="model.ckpt", tensor_names=["table-keys", "table-values"],
                                        shape_and_slices=["", ""], dtypes=[tf.string, tf.int64])
    trained = table(tf.raw_ops.MutableHashTableV2, "trained")
    tf.raw_ops.LookupTableImportV2(table_handle=trained, keys=keys, values=values, name="restore")
    tf.raw_ops.LookupTableImportV2(table_handle=table(), keys=["a", "b"], values=numbers(), name="fill")
    assert found() == ("fill",)


def test_ops_within_functions_of_tensorflow_2_become_nodes():
    handle = table()

    @tf.function
    def initialize(given, keys, values):
        tf.raw_ops.LookupTableImportV2(table_handle=given, keys=keys, values=values, name="fill")

    tf.raw_ops.StatefulPartitionedCall(args=[handle, tf.constant(["a", "b"], name="words"), numbers()], Tout=[],
                                       f=initialize.get_concrete_function(
                                           tf.TensorSpec([], tf.resource), tf.TensorSpec([2], tf.string),
                                           tf.TensorSpec([2], tf.int64)), name="call")
    [node] = initializers_out_of_functions(tf.get_default_graph().as_graph_def())
    assert (node.name, node.op, list(node.input)) == ("call/fill", "LookupTableImportV2", ["table", "words", "Const"])


def test_a_graph_without_tables_has_none(tmp_path):
    save_module(tmp_path)
    meta_graph_def = load_stored_graph(tmp_path).meta_graph_def
    assert initializers_out_of_functions(meta_graph_def.graph_def) == []
    assert table_initializers(meta_graph_def) == ()
