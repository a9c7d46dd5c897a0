"""Every shipped model: what is written equals what TensorFlow's own writers make of it."""

import filecmp

import pytest
import tensorflow.compat.v1 as tf

import exporter
from models.slim_cnn import SlimCNN
from models.slim_nets import NETWORKS, SlimNet
from tests.conformance.graph_defs import described, without_control_inputs
from tests.conformance.plain_tensorflow import new_session

SHIPPED = {"slim_cnn": SlimCNN, **{name: lambda name=name: SlimNet(name) for name in NETWORKS}}


def write_by_tensorflow(model, prefix):
    """Initializes and saves the model, and returns it frozen, all by TensorFlow alone."""
    with new_session() as session:
        outputs, _ = exporter.build_inference_graph("image_tensor", model)
        session.run(tf.global_variables_initializer())
        tf.train.Saver().save(session, str(prefix), write_meta_graph=False)
        return tf.graph_util.convert_variables_to_constants(session, session.graph.as_graph_def(), list(outputs))


@pytest.mark.slow
@pytest.mark.parametrize("name", SHIPPED)
def test_equals_tensorflows_own_writers(name, tmp_path):
    model, prefix = SHIPPED[name](), tmp_path / "model.ckpt"
    expected = {node.name: node for node in write_by_tensorflow(model, prefix).node}
    result = exporter.export_inference_graph("image_tensor", model, prefix, tmp_path / "export", fsync=False,
                                             verification=exporter.VerificationOptions(enabled=False))
    assert result.weights.roads["tensorflow"] == 0
    for suffix in (".index", ".data-00000-of-00001"):
        assert filecmp.cmp(f"{prefix}{suffix}", tmp_path / "export" / f"model.ckpt{suffix}", shallow=False), suffix
    frozen = tf.GraphDef.FromString((tmp_path / "export" / "frozen_inference_graph.pb").read_bytes())
    assert {node.name for node in frozen.node} == set(expected)
    for node in frozen.node:
        assert without_control_inputs(described(node)) == without_control_inputs(described(expected[node.name])), node.name
