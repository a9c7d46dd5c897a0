"""The registry of formats, and what each refuses."""

import pytest
import tensorflow.compat.v1 as tf

from exporter.errors import CheckpointError, GraphError, OutputError, UsageError
from exporter.formats import format as format_module
from exporter.formats.format import DEFAULT_FORMATS, FormatOptions, find_format, format_names, register_format
from exporter.formats.frozen_graph import read_graph_def
from exporter.formats.saved_model import write_saved_model_directory
from exporter.formats.signature import inferred_specs, input_keys, signature_def, signature_specs
from exporter.graph.building import GraphOptions, build_graph
from exporter.graph.inference_graph import InferenceGraph
from exporter.weights.binding import WeightOptions, bind_weights
from exporter.weights.checkpoint import Checkpoint
from tests.checkpoints import write_checkpoint
from tests.goldens import GOLDENS, IMAGE_SHAPE


@pytest.fixture(scope="module")
def golden_graph():
    return build_graph(GOLDENS["used_twice"], None, GraphOptions(input_shape=IMAGE_SHAPE))


@pytest.fixture
def trained(golden_graph, tmp_path):
    """A graph, its weights, and the checkpoint's prefix."""
    graph = golden_graph
    prefix = write_checkpoint(GOLDENS["used_twice"], tmp_path / "model")
    weights = bind_weights(graph.variables, graph.required_variables, Checkpoint.open(prefix), WeightOptions())
    return graph, weights, prefix


def test_the_default_formats_come_first():
    assert format_names()[:3] == list(DEFAULT_FORMATS)
    assert "inference_graph" in format_names()


def test_every_format_is_found_by_its_name():
    assert [find_format(name).name for name in format_names()] == format_names()


def test_an_unknown_format_names_what_is_near():
    with pytest.raises(UsageError, match=r"(?s)'frozen_grap'. Did you mean frozen_graph\?.*Known: checkpoint, frozen_graph"):
        find_format("frozen_grap")


def test_a_second_format_of_a_name_is_refused(monkeypatch):
    monkeypatch.setattr(format_module, "_registry", dict(format_module._registry))
    with pytest.raises(UsageError, match="format 'checkpoint' already"):
        register_format(type(find_format("checkpoint")))


@pytest.mark.parametrize("name", format_names())
@pytest.mark.parametrize("variables", [False, True])
def test_a_format_writes_the_files_that_it_names(trained, tmp_path, name, variables):
    graph, weights, _ = trained
    options = FormatOptions(saved_model_variables=variables)
    (tmp_path / "out").mkdir()
    find_format(name).write(graph, weights, tmp_path / "out", options)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(find_format(name).files(options))


@pytest.mark.parametrize("name", DEFAULT_FORMATS)
def test_damage_in_the_checkpoint_stops_every_format(trained, tmp_path, name):
    graph, weights, prefix = trained
    with open(f"{prefix}.data-00000-of-00001", "r+b") as data:
        data.write(b"damage")
    with pytest.raises(CheckpointError, match="value of 'features/weights'"):
        find_format(name).write(graph, weights, tmp_path, FormatOptions())


def test_a_saved_model_is_never_written_over_another(trained, tmp_path):
    graph, weights, _ = trained
    write_saved_model_directory(graph, weights, tmp_path / "saved_model", FormatOptions())
    with pytest.raises(OutputError, match="exists already"):
        write_saved_model_directory(graph, weights, tmp_path / "saved_model", FormatOptions())


def test_a_training_checkpoint_has_no_signature_to_load(trained):
    _, _, prefix = trained
    with tf.Graph().as_default():
        tf.get_variable("variable", [1])
        tf.train.export_meta_graph(f"{prefix}.meta")
    with pytest.raises(GraphError, match="no signature 'serving_default': it was not exported by this package"):
        find_format("checkpoint").load(prefix)


def test_a_file_that_is_no_graph(tmp_path):
    (tmp_path / "graph.pb").write_bytes(b"no graph")
    with pytest.raises(GraphError, match=r"graph.pb is no frozen graph"):
        read_graph_def(tmp_path / "graph.pb")


def test_an_inference_graph_alone_can_not_run(tmp_path):
    with pytest.raises(UsageError, match="without weights"):
        find_format("inference_graph").load(tmp_path / "inference_graph.pbtxt")


@pytest.mark.usefixtures("graph")
def test_a_signature_holds_names_types_and_shapes():
    inputs = {"inputs": tf.placeholder(tf.uint8, [None, 4, 4, 3]), "scale": tf.placeholder(tf.float32, None)}
    outputs = {"scores": tf.identity(tf.constant([1.0]), name="scores")}
    graph = InferenceGraph.from_tf_graph(tf.get_default_graph(), inputs, outputs)
    signature = signature_def(graph)
    assert signature.method_name == "tensorflow/serving/predict"
    assert signature_specs(signature) == (graph.inputs, graph.outputs)


@pytest.mark.usefixtures("graph")
def test_a_frozen_graph_tells_its_inputs_and_ends():
    images, scale = tf.placeholder(tf.uint8, name="image_tensor"), tf.placeholder(tf.float32, name="scale")
    tf.identity(tf.cast(images, tf.float32) * scale, name="scores")
    tf.constant(1.0, name="unused")
    placeholders, ends = inferred_specs(tf.get_default_graph().as_graph_def())
    assert ends == ["scores"]
    assert input_keys(placeholders) == {"image_tensor": "inputs", "scale": "scale"}
