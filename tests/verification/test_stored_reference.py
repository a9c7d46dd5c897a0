"""The reference of a stored graph is TensorFlow's own reading of it: whatever goes wrong in between, it tells."""

from contextlib import closing

import numpy as np
import pytest
import tensorflow as tf2
import tensorflow.compat.v1 as tf
from tensorflow.python.eager import context

from exporter.errors import NotComparableError
from exporter.graph.tensor_spec import TensorSpec
from exporter.verification.case import VerificationCase
from exporter.verification.report import FAILED, VERIFIED
from exporter.verification.sample_inputs import further_feeds
from exporter.verification.stored_reference import stored_reference
from exporter.verification.verifying import Tolerances
from exporter.weights.binding import WeightOptions
from tests.stored_graphs import classifier, freeze, graph_def_of, rewrite_meta, save, save_module

pytestmark = pytest.mark.usefixtures("graph")


def verify(frozen, folder, plant=None, weights=None, shapes_changed=False):
    """Writes a frozen graph, with a defect or without, and compares it with its reference; returns the report."""
    graph_def = graph_def_of(frozen)
    if plant:
        plant({node.name: node for node in graph_def.node})
    (folder / "frozen.pb").write_bytes(graph_def.SerializeToString())
    case = VerificationCase(frozen.inference.graph.signature, None)
    case.run_artifact("frozen_graph", folder / "frozen.pb")
    prefix = None if frozen.checkpoint is None else frozen.checkpoint.path.prefix
    case.run_reference(stored_reference(frozen.inference, shapes_changed), prefix, weights or WeightOptions())
    return case.report(Tolerances(), with_samples=False)


def verdicts(report):
    return {output.verdict for artifact in report.artifacts for output in artifact.outputs}


def frozen_classifier(folder, **options):
    classifier()
    return freeze(f"{save(folder / 'model.ckpt')}.meta", output_node_names=["probabilities"], **options)


def test_without_a_defect_all_is_equal_to_the_bit(tmp_path):
    report = verify(frozen_classifier(tmp_path), tmp_path)
    assert (report.status, verdicts(report)) == (VERIFIED, {"equal"})


def change_a_weight(nodes):
    tensor = nodes["weights"].attr["value"].tensor
    tensor.CopyFrom(tf.make_tensor_proto(tf.make_ndarray(tensor) + np.eye(3, 4, dtype=np.float32)))


def skip_the_biases(nodes):
    nodes["probabilities"].input[0] = "matmul"


def lose_a_node(nodes):
    nodes["probabilities"].input[0] = "gone"


@pytest.mark.parametrize("plant", [change_a_weight, skip_the_biases, lose_a_node])
def test_a_planted_defect_is_caught(tmp_path, plant):
    assert verify(frozen_classifier(tmp_path), tmp_path, plant).status == FAILED


def test_a_wrong_branch_is_caught(tmp_path):
    inputs, training = tf.placeholder(tf.float32, [None, 3], "x"), tf.placeholder(tf.bool, [], "is_training")
    classifier(inputs=tf.cond(training, lambda: inputs * 2.0, lambda: inputs))
    path = f"{save(tmp_path / 'model.ckpt')}.meta"
    right = freeze(path, output_node_names=["probabilities"], fixed={"is_training": False})
    wrong = graph_def_of(freeze(path, output_node_names=["probabilities"], fixed={"is_training": True}))
    assert verify(right, tmp_path).status == VERIFIED
    (tmp_path / "frozen.pb").write_bytes(wrong.SerializeToString())
    case = VerificationCase(right.inference.graph.signature, None)
    case.run_artifact("frozen_graph", tmp_path / "frozen.pb")
    case.run_reference(stored_reference(right.inference, False), right.checkpoint.path.prefix, WeightOptions())
    assert case.report(Tolerances(), with_samples=False).status == FAILED


def test_a_saved_model_is_read_by_tensorflows_loader(tmp_path):
    save_module(tmp_path / "saved")
    report = verify(freeze(tmp_path / "saved"), tmp_path)
    assert (report.status, verdicts(report)) == (VERIFIED, {"equal"})


def test_a_saved_model_with_another_checkpoint(tmp_path):
    outputs = classifier()
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        tf.saved_model.simple_save(session, str(tmp_path / "saved"), {
            "x": tf.get_default_graph().get_tensor_by_name("x:0")}, {"scores": outputs})
    frozen = freeze(tmp_path / "saved", save(tmp_path / "later.ckpt"))
    assert verify(frozen, tmp_path).status == VERIFIED
    assert verify(freeze(tmp_path / "saved"), tmp_path).status == VERIFIED


def test_tables_of_tensorflow_2_are_filled(tmp_path):
    save_lookup_module(tmp_path / "saved")
    frozen = freeze(tmp_path / "saved")
    assert verify(frozen, tmp_path).status == VERIFIED
    assert "LookupTableImportV2" in {node.op for node in graph_def_of(frozen).node}


def save_lookup_module(path):
    with context.eager_mode():
        module = tf2.Module()
        module.rows = tf2.Variable(np.arange(6, dtype=np.float32).reshape(3, 2))
        initializer = tf2.lookup.KeyValueTensorInitializer(["text 0", "b"], np.array([0, 2]))
        module.table = tf2.lookup.StaticHashTable(initializer, 1)
        find = tf2.function(lambda words: {"found": tf2.gather(module.rows, module.table.lookup(words))},
                            [tf2.TensorSpec([None], tf2.string, "words")])
        tf2.saved_model.save(module, str(path), signatures=find)


def test_moving_averages(tmp_path):
    classifier()
    tf.train.ExponentialMovingAverage(0.9).apply(tf.trainable_variables())
    path = f"{save(tmp_path / 'model.ckpt')}.meta"
    frozen = freeze(path, output_node_names=["probabilities"])
    assert verify(frozen, tmp_path).status == VERIFIED
    assert verify(frozen, tmp_path, weights=WeightOptions(use_moving_averages=True)).status == FAILED


def test_variables_that_the_saver_leaves_alone(tmp_path):
    scores = classifier()
    saver = tf.train.Saver()
    tf.multiply(scores, tf.get_variable("gain", initializer=tf.constant([1.0, 2.0, 3.0, 4.0])), name="output")
    frozen = freeze(f"{save(tmp_path / 'model.ckpt', saver)}.meta", output_node_names=["output"])
    assert verify(frozen, tmp_path).status == VERIFIED


def test_what_tensorflow_can_not_import_is_compared_in_the_part_that_is_needed(tmp_path):
    classifier(inputs=tf.identity(tf.placeholder(tf.float32, [None, 3], "x"), name="custom"))
    prefix = save(tmp_path / "model.ckpt")

    def with_unknown_op(meta_graph_def):
        custom = next(node for node in meta_graph_def.graph_def.node if node.name == "custom")
        custom.op = "Resampler"
        custom.attr.clear()

    rewrite_meta(prefix, with_unknown_op)
    frozen = freeze(f"{prefix}.meta", input_names=["custom"], output_node_names=["probabilities"], input_shapes={
        "custom": (None, 3)})
    assert verify(frozen, tmp_path).status == VERIFIED
    assert verify(frozen, tmp_path, change_a_weight).status == FAILED


def test_another_shape_is_compared_in_the_cut_graph(tmp_path):
    inputs = tf.placeholder(tf.float32, [1, 3], "x")
    classifier(inputs=inputs)
    frozen = freeze(f"{save(tmp_path / 'model.ckpt')}.meta", output_node_names=["probabilities"],
                    input_shapes={"x": (None, 3)})
    assert stored_reference(frozen.inference, True).whole is None
    assert verify(frozen, tmp_path, shapes_changed=True).status == VERIFIED
    assert verify(frozen, tmp_path, change_a_weight, shapes_changed=True).status == FAILED


def test_a_cut_input_pipeline_is_fed(tmp_path):
    images, _ = tf.data.make_one_shot_iterator(tf.data.Dataset.from_tensors((tf.zeros([2, 3]), 0))).get_next()
    classifier(inputs=images)
    frozen = freeze(f"{save(tmp_path / 'model.ckpt')}.meta", output_node_names=["probabilities"])
    assert verify(frozen, tmp_path).status == VERIFIED


def test_it_is_fed_what_is_fixed(tmp_path):
    keep_prob = tf.placeholder(tf.float32, [], "keep_prob")
    classifier(inputs=tf.placeholder(tf.float32, [None, 3], "x") * keep_prob)
    path = f"{save(tmp_path / 'model.ckpt')}.meta"
    frozen = freeze(path, output_node_names=["probabilities"], fixed={"keep_prob": 0.5})
    assert verify(frozen, tmp_path).status == VERIFIED
    with closing(stored_reference(frozen.inference, False).load(frozen.checkpoint.path.prefix, WeightOptions())) as loaded:
        assert set(loaded.inputs) == {"x"}


def test_a_vocabulary_file(tmp_path):
    (tmp_path / "words.txt").write_text("text 0\nb\n")
    lines = tf.lookup.TextFileInitializer(str(tmp_path / "words.txt"), tf.string, tf.lookup.TextFileIndex.WHOLE_LINE,
                                          tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER)
    index = tf.lookup.StaticHashTable(lines, 1).lookup(tf.placeholder(tf.string, [None], "words"))
    tf.gather(tf.get_variable("rows", [2, 3]), index, name="output")
    assert verify(freeze(f"{save(tmp_path / 'model.ckpt')}.meta", output_node_names=["output"]), tmp_path).status == VERIFIED


def test_a_graph_that_can_not_be_initialized_is_not_comparable(tmp_path):
    """One word of the table has two numbers."""
    table = tf.raw_ops.HashTableV2(key_dtype=tf.string, value_dtype=tf.int64)
    tf.raw_ops.InitializeTableV2(table_handle=table, keys=["a", "a"], values=tf.constant([0, 1], tf.int64))
    index = tf.raw_ops.LookupTableFindV2(table_handle=table, keys=tf.placeholder(tf.string, [None], "words"),
                                         default_value=tf.constant(1, tf.int64))
    tf.gather(tf.get_variable("rows", [2, 3]), index, name="output")
    frozen = freeze(f"{save(tmp_path / 'model.ckpt')}.meta", output_node_names=["output"])
    with pytest.raises(NotComparableError, match=r"TensorFlow can't run the stored graph: "):
        verify(frozen, tmp_path)


def test_random_ops_are_told(tmp_path):
    tf.multiply(classifier(), tf.random_uniform([4]), name="noisy")
    frozen = freeze(f"{save(tmp_path / 'model.ckpt')}.meta", output_node_names=["noisy", "probabilities"])
    random_outputs = stored_reference(frozen.inference, False).random_outputs()
    assert list(random_outputs) == ["noisy"]
    assert verify(frozen, tmp_path).status == VERIFIED


def test_inputs_that_must_fit_each_other_are_found(tmp_path):
    """The second image must be four times as large as the first."""
    small, large = (tf.placeholder(tf.float32, [None, None, None, 3], name) for name in ("small", "large"))
    shrunk = tf.nn.avg_pool2d(large, 4, 4, "VALID")
    tf.multiply(small + shrunk, tf.get_variable("gain", [3]), name="output")
    frozen = freeze(f"{save(tmp_path / 'model.ckpt')}.meta", output_node_names=["output"])
    report = verify(frozen, tmp_path)
    assert (report.status, verdicts(report)) == (VERIFIED, {"equal"})


def test_a_length_that_the_graph_names_is_found(tmp_path):
    sequences = tf.placeholder(tf.float32, [None, None], "sequences")
    tf.multiply(tf.reshape(sequences, [-1, 17]), tf.get_variable("gain", [17]), name="output")
    report = verify(freeze(f"{save(tmp_path / 'model.ckpt')}.meta", output_node_names=["output"]), tmp_path)
    assert report.status == VERIFIED


def test_further_feeds_try_the_sizes_of_the_message():
    spec = TensorSpec("x:0", "float32", (None, None))
    shapes = {feed.arrays["x"].shape for feed in further_feeds({"x": spec}, "expected 17, got 24 (of 100000)")}
    assert {(2, 17), (24, 17), (1, 3)} <= shapes
    assert not [shape for shape in shapes if max(shape) > 1024]


def test_a_graph_that_takes_no_input_is_not_comparable(tmp_path):
    inputs = tf.placeholder(tf.float32, [None, None], "x")
    with tf.control_dependencies([tf.debugging.Assert(tf.shape(inputs)[0] > 5000, ["too few"])]):
        classifier(inputs=tf.reshape(inputs, [-1, 3]))
    frozen = freeze(f"{save(tmp_path / 'model.ckpt')}.meta", output_node_names=["probabilities"])
    with pytest.raises(NotComparableError, match="can't be run on any of the inputs"):
        verify(frozen, tmp_path)
