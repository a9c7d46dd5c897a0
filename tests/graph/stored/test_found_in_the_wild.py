"""What broke on checkpoints of strangers: each case built anew, and small."""

import numpy as np
import pytest
import tensorflow as tf2
import tensorflow.compat.v1 as tf
from tensorflow.python.eager import context
from tensorflow.python.ops import control_flow_util

from exporter.errors import CheckpointError, GraphError
from exporter.graph.output_search.candidates import choose_outputs, rank_outputs
from exporter.graph.stored.loading import load_stored_graph
from exporter.graph.tensor_spec import TensorSpec
from exporter.verification.case import VerificationCase
from exporter.verification.report import VERIFIED
from exporter.verification.sample_inputs import further_feeds, sample_feeds
from exporter.verification.stored_reference import stored_reference
from exporter.verification.verifying import Tolerances
from exporter.weights.binding import WeightOptions
from exporter.weights.checkpoint import Checkpoint
from tests.graph.output_search.training_graphs import classes, cross_entropy, dense, images, minimize
from tests.stored_graphs import freeze, graph_def_of, ops, run, run_stored, save, save_module, stored

pytestmark = pytest.mark.usefixtures("graph")


def two_networks(saved):
    """Two networks that are trained apart; the variables of those whose scopes are in ``saved`` are saved."""
    for name in ("first", "second"):
        with tf.variable_scope(name):
            cross_entropy(classes(), dense(images(), 4, "last")) if name == "first" else minimize(
                cross_entropy(classes(), dense(images(), 4, "last")))
    saver = tf.train.Saver([variable for variable in tf.trainable_variables() if variable.name.startswith(saved)])
    return stored(tf.train.export_meta_graph(saver_def=saver.saver_def))


class TestVariablesThatWereNeverSaved:
    def test_what_needs_them_is_no_output(self):
        found = two_networks(("first",))
        assert [output.name for output in choose_outputs(found)] == ["first/last/BiasAdd"]
        reasons = [reason for candidate in rank_outputs(found) for reason in candidate.reasons]
        assert "needs second/last/kernel, which was never saved" in reasons

    def test_where_all_are_saved_nothing_speaks_against_any(self):
        found = rank_outputs(two_networks(("first", "second")))
        assert not any("never saved" in reason for candidate in found for reason in candidate.reasons)

    def test_where_every_head_needs_some_the_heads_stay(self):
        dense(images(), 4, "last")
        saver = tf.train.Saver([tf.Variable(1.0, name="counter")])
        found = stored(tf.train.export_meta_graph(saver_def=saver.saver_def))
        assert [output.name for output in choose_outputs(found)] == ["last/BiasAdd"]


    def test_that_they_were_not_saved_is_told(self, tmp_path):
        dense(images(), 4, "last")
        prefix = save(tmp_path / "model.ckpt", tf.train.Saver([tf.Variable(1.0, name="counter")]))
        with pytest.raises(CheckpointError, match="last/kernel: not in the checkpoint") as caught:
            freeze(f"{prefix}.meta", output_node_names=["last/BiasAdd"])
        assert "saver leaves them alone" in caught.value.advice


@pytest.fixture
def loops_of_tensorflow_1(monkeypatch):
    monkeypatch.setattr(control_flow_util, "ENABLE_CONTROL_FLOW_V2", False)


@pytest.mark.usefixtures("loops_of_tensorflow_1")
def test_an_end_inside_of_a_loop_is_no_output():
    net = dense(images(), 4, "last")

    def body(step, value):
        tf.identity(value * 2.0, name="seen")
        return step + 1, tf.cond(step > 1, lambda: tf.square(value, name="branch") + 1.0, lambda: value)

    tf.while_loop(lambda step, value: step < 3, body, [0, net])[1]
    assert {candidate.name for candidate in rank_outputs(stored())} == {"while/Exit_1"}


@pytest.mark.usefixtures("loops_of_tensorflow_1")
def test_a_frozen_variable_has_a_value(tmp_path):
    """Old estimators count their steps within an assertion of the logits: if the counter has a value, ..."""
    x, weights = tf.placeholder(tf.float32, [None, 3], "x"), tf.get_variable("weights", [3, 4], use_resource=False)
    counter = tf.get_variable("counter", [], tf.int64, tf.zeros_initializer(), use_resource=False)
    count = tf.cond(tf.is_variable_initialized(counter), counter.read_value, lambda: tf.zeros([], tf.int64))
    with tf.control_dependencies([count + 1]):
        tf.identity(x @ weights, name="logits")
    prefix = save(tmp_path / "model.ckpt")
    feeds = {"x:0": np.ones([2, 3], np.float32)}
    frozen = graph_def_of(freeze(f"{prefix}.meta", output_node_names=["logits"]))
    assert "IsVariableInitialized" not in ops(frozen)
    np.testing.assert_array_equal(run(frozen, "logits:0", feeds), run_stored(prefix, "logits:0", feeds))


def test_an_object_graph_that_ends_with_zeros(tmp_path):
    """A SavedModel whose last object has no variables: NumPy's own strings lose the zeros at their end."""
    with context.eager_mode():
        checkpoint = tf2.train.Checkpoint(layer=tf2.Module(), variable=tf2.Variable(1.0, name="variable"))
        checkpoint.layer.nothing = tf2.Module()
        prefix = checkpoint.write(str(tmp_path / "checkpoint"))
    content = Checkpoint.open(prefix).source("_CHECKPOINTABLE_OBJECT_GRAPH").read()
    assert content.dtype == object
    assert content.item() == tf.train.NewCheckpointReader(prefix).get_tensor("_CHECKPOINTABLE_OBJECT_GRAPH")
    assert list(Checkpoint.open(prefix).key_by_variable_name) == ["variable"]


def test_functions_state_no_shapes_of_what_was_a_handle(tmp_path):
    """TensorFlow believes what a function says of its arguments' shapes, and crashes."""
    save_module(tmp_path / "saved")
    stored_functions = load_stored_graph(tmp_path / "saved").graph_def.library.function
    frozen = graph_def_of(freeze(tmp_path / "saved"))
    assert any("_input_shapes" in function.attr for function in stored_functions)
    assert not any("_input_shapes" in function.attr for function in frozen.library.function)
    assert not any("_output_shapes" in argument.attr for function in frozen.library.function
                   for argument in function.arg_attr.values())


class TestVocabularyFiles:
    def graph(self, path, **columns):
        table = tf.lookup.StaticVocabularyTable(tf.lookup.TextFileInitializer(
            str(path), tf.string, columns.pop("key", tf.lookup.TextFileIndex.WHOLE_LINE), tf.int64,
            columns.pop("value", tf.lookup.TextFileIndex.LINE_NUMBER), **columns), 1)
        found = table.lookup(tf.placeholder(tf.string, [None], "words"))
        tf.gather(tf.get_variable("embedding", [8, 2]), found, name="vectors")

    @pytest.mark.parametrize(("content", "columns"), [
        (b"a\nthe\r\nb", {}), (b"a\nthe\nb\nzoo\n", {"vocab_size": 3}),
        (b"x a 4\nx the 2\nx b 1\n", {"key": 1, "value": 2, "delimiter": " "})], ids=["lines", "first_lines", "columns"])
    def test_they_become_a_part_of_the_graph(self, tmp_path, content, columns):
        (tmp_path / "words.txt").write_bytes(content)
        self.graph(tmp_path / "words.txt", **columns)
        prefix = save(tmp_path / "model.ckpt")
        feeds = {"words:0": np.array([b"the", b"a", b"b", b"zoo", b"none"], object)}
        expected = run_stored(prefix, "vectors:0", feeds)
        frozen = graph_def_of(freeze(f"{prefix}.meta", output_node_names=["vectors"]))
        (tmp_path / "words.txt").unlink()
        np.testing.assert_array_equal(run(frozen, "vectors:0", feeds), expected)

    @pytest.mark.parametrize(("content", "columns", "problem"), [
        (None, {}, "No such file"), (b"a\n", {"vocab_size": 3}, "1 lines where 3 are needed"),
        (b"a b\n", {"key": 0, "value": 1, "delimiter": " "}, "invalid literal"),
        (b"a\n", {"key": 0, "value": 1, "delimiter": " "}, "index out of range")])
    def test_a_file_that_is_not_there_is_told(self, tmp_path, content, columns, problem):
        self.graph(tmp_path / "words.txt", **columns)
        prefix = save(tmp_path / "model.ckpt")
        if content is not None:
            (tmp_path / "words.txt").write_bytes(content)
        with pytest.raises(GraphError, match=problem) as caught:
            freeze(f"{prefix}.meta", output_node_names=["vectors"])
        assert "words.txt" in caught.value.problem

    def test_a_saved_model_brings_its_own(self, tmp_path):
        (tmp_path / "words.txt").write_bytes(b"a\nthe\nb\n")
        tf.add_to_collection(tf.GraphKeys.ASSET_FILEPATHS, tf.constant(str(tmp_path / "words.txt"), name="asset"))
        initializer = tf.lookup.TextFileInitializer(str(tmp_path / "words.txt"), tf.string, -2, tf.int64, -1)
        found = tf.lookup.StaticHashTable(initializer, -1).lookup(tf.placeholder(tf.string, [None], "words"))
        vectors = tf.gather(tf.get_variable("embedding", [8, 2]), found + 1, name="vectors")
        with tf.Session() as session:
            session.run([tf.global_variables_initializer(), tf.tables_initializer()])
            expected = session.run(vectors, {"words:0": [b"the", b"none"]})
            words = found.graph.get_tensor_by_name("words:0")
            tf.saved_model.simple_save(session, str(tmp_path / "saved"), {"words": words}, {"vectors": vectors},
                                       tf.tables_initializer())
        (tmp_path / "words.txt").unlink()
        frozen = graph_def_of(freeze(tmp_path / "saved"))
        np.testing.assert_array_equal(run(frozen, "vectors:0", {"words:0": [b"the", b"none"]}), expected)


class TestInputsToVerifyWith:
    def shapes(self, message, **specs):
        inputs = {key: TensorSpec(f"{key}:0", dtype, shape) for key, (dtype, shape) in specs.items()}
        return [{key: array.shape for key, array in feed.arrays.items()} for feed in further_feeds(inputs, message)]

    def test_an_input_of_any_rank_takes_what_the_message_names(self):
        found = self.shapes("In[0] and In[1] has different ndims: [1] vs. [64,256]", x=("float32", None))
        assert {"x": (2, 64)} in found
        assert {len(shapes["x"]) for shapes in found} == {0, 1, 2, 3, 4}

    def test_the_batch_that_a_reshape_asks_for(self):
        message = "Input to reshape is a tensor with 128 values, but the requested shape requires a multiple of 1280"
        assert {"x": (10, 5)} in self.shapes(message, x=("float32", (None, 5)))

    def test_lengths_of_one_at_least_are_tried(self):
        inputs = {"lengths": TensorSpec("lengths:0", "int32", (None,))}
        assert any(feed.arrays["lengths"].min() > 0 for feed in further_feeds(inputs, ""))

    @pytest.mark.parametrize(("name", "dtype", "shape", "value"), [
        ("keep_prob", "float32", (), 1.0), ("net/dropout_keep", "float32", None, 1.0), ("dropout_rate", "float32", (), 0.0),
        ("dropout", "float32", None, 1.0),
        ("is_training", "bool", (), False), ("net/phase_train", "bool", None, False)])
    def test_what_is_random_in_training_is_turned_off(self, name, dtype, shape, value):
        feeds = sample_feeds({name: TensorSpec(f"{name}:0", dtype, shape)})
        assert [feed.arrays[name].tolist() for feed in feeds] == [value, value]
        assert {feed.arrays[name].dtype.name for feed in feeds} == {dtype}

    @pytest.mark.parametrize(("name", "dtype", "shape"), [
        ("keep_prob", "float32", (None, 3)), ("temperature", "float32", ()), ("mask", "bool", (None,))])
    def test_other_inputs_are_data(self, name, dtype, shape):
        feeds = sample_feeds({name: TensorSpec(f"{name}:0", dtype, shape)})
        assert not np.array_equal(feeds[0].arrays[name], feeds[1].arrays[name])


def test_a_graph_for_serving_is_verified_with_examples(tmp_path):
    """What an estimator exports parses examples that it is fed; random strings and images are none."""
    serialized = tf.placeholder(tf.string, [None], "input_example_tensor")
    parsed = tf.io.parse_example(tf.identity(serialized), {
        "age": tf.io.FixedLenFeature([], tf.float32), "sizes": tf.io.FixedLenFeature([2], tf.float32),
        "kind": tf.io.FixedLenFeature([1], tf.int64, 3), "word": tf.io.VarLenFeature(tf.string)})
    features = tf.concat([parsed["age"][:, None], parsed["sizes"], tf.cast(parsed["kind"], tf.float32)], 1)
    tf.matmul(features, tf.get_variable("weights", [4, 2], use_resource=False), name="scores")
    lengths = tf.strings.length(tf.sparse.to_dense(parsed["word"], ""))
    tf.identity(lengths, name="lengths")
    prefix = save(tmp_path / "model.ckpt")
    frozen = freeze(f"{prefix}.meta", output_node_names=["scores", "lengths"])
    (tmp_path / "frozen.pb").write_bytes(frozen.message.content())
    case = VerificationCase(frozen.inference.graph.signature, None)
    case.run_artifact("frozen_graph", tmp_path / "frozen.pb")
    case.run_reference(stored_reference(frozen.inference, False), prefix, WeightOptions())
    report = case.report(Tolerances(), with_samples=False)
    assert (report.status, report.inputs) == (VERIFIED, ("seeded random examples",))
