"""What is in a graph, of every kind of file."""

import numpy as np
import pytest
import tensorflow as tf2
import tensorflow.compat.v1 as tf

from exporter.errors import GraphError, OutputError, UsageError
from exporter.graph.stored.loading import load_stored_graph
from exporter.inspection.graph_summary import summarize_graph
from exporter.inspection.tensorboard import write_event_file


def training_graph(folder):
    """A classifier with Adam, averages, dropout and a metric, saved by a Saver; returns the prefix."""
    with tf.Graph().as_default(), tf.Session() as session:
        images = tf.placeholder(tf.float32, [None, 8, 8, 3], name="images")
        labels = tf.placeholder(tf.int64, [None], name="labels")
        keep = tf.placeholder(tf.float32, name="keep_prob")
        net = tf.nn.conv2d(images, tf.get_variable("conv/weights", [3, 3, 3, 4]), 1, "SAME")
        net = tf.nn.dropout(tf.reduce_mean(net, [1, 2]), keep_prob=keep)
        logits = tf.matmul(net, tf.get_variable("logits/weights", [4, 5]))
        tf.nn.softmax(logits, name="probabilities")
        loss = tf.losses.sparse_softmax_cross_entropy(labels, logits)
        tf.train.ExponentialMovingAverage(0.9).apply(tf.trainable_variables())
        tf.train.AdamOptimizer().minimize(loss, global_step=tf.train.get_or_create_global_step())
        tf.metrics.accuracy(labels, tf.argmax(logits, 1))
        session.run(tf.global_variables_initializer())
        return tf.train.Saver().save(session, str(folder / "model.ckpt"))


@pytest.fixture(scope="module")
def meta(tmp_path_factory):
    return f"{training_graph(tmp_path_factory.mktemp('training'))}.meta"


def test_a_training_graph(meta):
    summary = summarize_graph(load_stored_graph(meta))
    assert (summary.kind, summary.tensorflow_version, summary.is_frozen) == ("MetaGraphDef", tf.__version__, False)
    assert summary.parameter_count == 3 * 3 * 3 * 4 + 4 * 5
    assert [placeholder.name for placeholder in summary.placeholders] == ["images", "labels", "keep_prob"]
    assert [placeholder.fix for placeholder in summary.placeholders] == [None, None, 1.0]
    assert summary.candidates[0].name == "probabilities"
    assert summary.outputs == ("probabilities",)
    assert summary.flops.total == 2 * 8 * 8 * 4 * 27 + 2 * 4 * 5
    assert summary.collections["trainable_variables"] == 2
    assert summary.ops["Conv2D"] == 1
    assert summary.path_node_count < summary.node_count
    assert str(summary.checkpoint) == meta.removesuffix(".meta")
    assert "accuracy/total" not in {tensor.name for tensor in summary.tensors}


def test_outputs_can_be_named_and_a_wrong_name_is_an_error(meta):
    stored = load_stored_graph(meta)
    assert summarize_graph(stored, ["MatMul"]).outputs == ("MatMul",)
    with pytest.raises(UsageError, match="no node 'nothing'"):
        summarize_graph(stored, ["nothing"])


def test_a_frozen_graph_has_constants_with_statistics(tmp_path):
    with tf.Graph().as_default() as graph:
        weights = tf.constant(np.arange(600, dtype="float32").reshape(2, 300), name="weights")
        tf.matmul(tf.placeholder(tf.float32, [None, 2], name="x"), weights, name="y")
    (tmp_path / "frozen.pb").write_bytes(graph.as_graph_def().SerializeToString())
    summary = summarize_graph(load_stored_graph(tmp_path / "frozen.pb"), statistics=True)
    assert (summary.kind, summary.is_frozen, summary.parameter_count) == ("GraphDef", True, 600)
    [constant] = summary.tensors
    assert (constant.name, constant.statistics.max) == ("weights", 599)
    assert summary.flops.total == 2 * 2 * 300
    assert summary.candidates[0].shape == (None, 300)


def test_a_saved_model_of_tensorflow_2_is_looked_into(tmp_path):
    class Model(tf2.Module):
        def __init__(self):
            self.weights = tf2.Variable(tf2.ones([3, 3, 3, 8]), name="weights")

        @tf2.function(input_signature=[tf2.TensorSpec([None, 16, 16, 3], name="images")])
        def __call__(self, images):
            return {"features": tf2.nn.conv2d(images, self.weights, 1, "SAME")}

    model = Model()
    tf2.saved_model.save(model, str(tmp_path), signatures=model.__call__)
    summary = summarize_graph(load_stored_graph(tmp_path))
    assert (summary.kind, summary.tags, summary.function_count > 0) == ("SavedModel", ("serve",), True)
    assert list(summary.signatures["serving_default"].outputs) == ["features"]
    assert summary.flops.by_op == {"Conv2D": 2 * 16 * 16 * 8 * 27}
    assert summary.parameter_count == 216
    assert summary.checkpoint == tmp_path / "variables" / "variables"


def test_unknown_ops_are_named_with_their_package_and_whether_they_matter(tmp_path):
    graph_def = tf.GraphDef()
    graph_def.node.add(name="x", op="Placeholder").attr["dtype"].type = 1
    graph_def.node.add(name="sampled", op="GroupPoint", input=["x"])
    graph_def.node.add(name="aside", op="MyOwnOp", input=["x"])
    (tmp_path / "graph.pb").write_bytes(graph_def.SerializeToString())
    summary = summarize_graph(load_stored_graph(tmp_path / "graph.pb"), ["sampled"])
    assert {op.op: (op.package, op.needed, op.nodes) for op in summary.unknown} == {
        "GroupPoint": ("PointNet++ (tf_ops)", True, ("sampled",)), "MyOwnOp": (None, False, ("aside",))}
    assert "GroupPoint" in summary.flops.note


def test_an_incomplete_graph_is_described_unless_its_path_is_asked_for(tmp_path):
    graph_def = tf.GraphDef()
    graph_def.node.add(name="y", op="Identity", input=["missing"]).attr["T"].type = 1
    (tmp_path / "graph.pb").write_bytes(graph_def.SerializeToString())
    stored = load_stored_graph(tmp_path / "graph.pb")
    with pytest.raises(GraphError, match="no node 'missing'"):
        summarize_graph(stored, ["y"])


def test_tensorboard_gets_the_graph_with_shapes_and_without_weights(tmp_path):
    with tf.Graph().as_default() as graph:
        weights = tf.constant(np.ones((4, 100_000), "float32"), name="weights")
        tf.matmul(tf.placeholder(tf.float32, [None, 4], name="x"), weights, name="y")
    file = write_event_file(graph.as_graph_def(), tmp_path / "logs")
    assert file.stat().st_size < 10_000
    [written] = [tf.GraphDef.FromString(event.graph_def) for event in tf.train.summary_iterator(str(file))
                 if event.graph_def]
    nodes = {node.name: node for node in written.node}
    assert {name: node.op for name, node in nodes.items()} == {"weights": "Const", "x": "Placeholder", "y": "MatMul"}
    assert [dimension.size for dimension in nodes["y"].attr["_output_shapes"].list.shape[0].dim] == [-1, 100_000]
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="--tensorboard"):
        write_event_file(graph.as_graph_def(), tmp_path / "file")
