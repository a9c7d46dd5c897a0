"""The SavedModel is what TensorFlow's ``SavedModelBuilder`` writes."""

import copy

import pytest
import tensorflow.compat.v1 as tf
from tensorflow.core.protobuf import saved_model_pb2

from tests.conformance.graph_defs import described
from tests.conformance.plain_tensorflow import new_session
from tests.goldens import GOLDENS


def meta_graph(folder):
    saved_model = saved_model_pb2.SavedModel.FromString((folder / "saved_model.pb").read_bytes())
    assert saved_model.saved_model_schema_version == 1
    [meta_graph_def] = saved_model.meta_graphs
    return meta_graph_def


def rebuilt(meta_graph_def, folder):
    """Imports the graph and lets TensorFlow's builder write it."""
    with new_session() as session:
        tf.train.import_meta_graph(copy.deepcopy(meta_graph_def))
        session.run([variable.initializer for variable in tf.global_variables()])
        fillers = [operation for operation in session.graph.get_operations() if operation.name == "init_tables"]
        builder = tf.saved_model.Builder(str(folder))
        builder.add_meta_graph_and_variables(
            session, ["serve"], {"serving_default": meta_graph_def.signature_def["serving_default"]},
            strip_default_attrs=True, main_op=fillers[0] if fillers else None)
        builder.save()
    return meta_graph(folder)


def nodes_without_saver(meta_graph_def):
    return {node.name: described(node) for node in meta_graph_def.graph_def.node if not node.name.startswith("save")}


@pytest.mark.parametrize("folder", ["saved_model", "variables/saved_model"])
@pytest.mark.parametrize("golden", GOLDENS)
def test_it_equals_what_the_builder_writes(workshop, golden, folder, tmp_path):
    found = meta_graph(workshop.export(golden, "image_tensor", False) / folder)
    expected = rebuilt(found, tmp_path / "built")
    assert nodes_without_saver(found) == nodes_without_saver(expected)
    assert found.graph_def.versions == expected.graph_def.versions
    assert found.signature_def["serving_default"] == expected.signature_def["serving_default"]
    assert list(found.meta_info_def.tags) == list(expected.meta_info_def.tags)
    assert found.meta_info_def.stripped_default_attrs
    assert found.meta_info_def.tensorflow_version == expected.meta_info_def.tensorflow_version


def ops_without_saver(meta_graph_def):
    saver_ops = {"ShardedFilename", "MergeV2Checkpoints", "Pack", "StringJoin"}
    return {op.name for op in meta_graph_def.meta_info_def.stripped_op_list.op} - saver_ops


@pytest.mark.parametrize("golden", GOLDENS)
def test_it_lists_the_ops_that_it_needs(workshop, golden, tmp_path):
    found = meta_graph(workshop.export(golden, "image_tensor", False) / "saved_model")
    expected = rebuilt(found, tmp_path / "built")
    assert ops_without_saver(found) == ops_without_saver(expected)
