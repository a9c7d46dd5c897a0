"""Defects of every kind, planted into a real export: verification catches each, and nothing is published."""

import dataclasses

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
import tf_slim as slim

from exporter.errors import VerificationError
from exporter.export import export
from exporter.formats.format import find_format
from exporter.graph.building import GraphOptions
from exporter.request import ExportRequest
from exporter.verification.options import VerificationOptions
from exporter.weights.binding import WeightOptions, bind_weights
from tests.checkpoints import write_checkpoint
from tests.goldens import IMAGE_SHAPE


class Twin:
    """Two layers of one shape and a batch norm: all that can be swapped, or left in training mode."""

    default_input_shape = IMAGE_SHAPE

    def __init__(self, is_training=False):
        self.is_training = is_training

    def preprocess(self, inputs):
        return inputs / 255.0

    def predict(self, preprocessed):
        net = slim.conv2d(preprocessed, 4, [3, 3], scope="conv")
        net = slim.batch_norm(net, is_training=self.is_training, scope="norm")
        net = slim.fully_connected(slim.flatten(net), 8, scope="left")
        net = slim.fully_connected(net, 8, activation_fn=None, scope="middle")
        return slim.fully_connected(net, 8, activation_fn=None, scope="right")

    def postprocess(self, predictions):
        return {"scores": predictions, "classes": tf.argmax(predictions, axis=1)}


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return write_checkpoint(Twin(), tmp_path_factory.mktemp("run") / "model.ckpt", moving_averages=True)


@pytest.fixture
def request_(checkpoint, tmp_path):
    return ExportRequest(Twin, checkpoint, tmp_path / "out", graph=GraphOptions(), weights=WeightOptions(True))


def assert_caught(request, verifier, tmp_path, *words):
    with pytest.raises(VerificationError) as error:
        export(request, verifier)
    assert all(word in str(error.value) for word in words), str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_without_a_defect_everything_is_equal_to_the_bit(request_, verifier):
    report = export(request_, verifier).verification
    assert report.status == "verified"
    assert {output.verdict for artifact in report.artifacts for output in artifact.outputs} == {"equal"}
    assert [artifact.format for artifact in report.artifacts] == ["checkpoint", "frozen_graph", "saved_model"]
    assert len(report.inputs) == 2


def test_a_swapped_pair_of_variables(request_, verifier, tmp_path, monkeypatch):
    def swapped(*arguments):
        weights = bind_weights(*arguments)
        sources = dict(weights.sources)
        sources["middle/weights"], sources["right/weights"] = sources["right/weights"], sources["middle/weights"]
        return dataclasses.replace(weights, sources=sources)

    monkeypatch.setattr("exporter.graph_source.bind_weights", swapped)
    assert_caught(request_, verifier, tmp_path, "checkpoint, output 'scores'", "frozen_graph", "saved_model", "worst at")


def test_raw_instead_of_averaged_weights(request_, verifier, tmp_path, monkeypatch):
    monkeypatch.setattr("exporter.graph_source.bind_weights", lambda variables, required, checkpoint, options:
                        bind_weights(variables, required, checkpoint, WeightOptions(use_moving_averages=False)))
    assert_caught(request_, verifier, tmp_path, "output 'scores'")


def test_batch_norm_in_training_mode(request_, verifier, tmp_path, monkeypatch):
    from exporter.graph.building import build_graph

    monkeypatch.setattr("exporter.graph_source.build_graph", lambda model, model_args, options:
                        build_graph(model, {"is_training": True}, options))
    assert_caught(request_, verifier, tmp_path, "output 'scores'")


def edited_frozen_graph(monkeypatch, edit):
    """Lets ``edit`` change the frozen graph after it is written."""
    frozen = type(find_format("frozen_graph"))
    write = frozen.write

    def write_and_edit(self, graph, weights, directory, options):
        write(self, graph, weights, directory, options)
        path = directory / self.file_name
        graph_def = tf.GraphDef.FromString(path.read_bytes())
        edit({node.name: node for node in graph_def.node})
        path.write_bytes(graph_def.SerializeToString())

    monkeypatch.setattr(frozen, "write", write_and_edit)


def edit_constant(node, change):
    tensor = node.attr["value"].tensor
    value = tf.make_ndarray(tensor).copy()
    tensor.CopyFrom(tf.make_tensor_proto(change(value)))


def add_to_one(amount):
    def change(value):
        value.flat[5] += amount
        return value

    return change


@pytest.mark.parametrize(("constant", "change"), [
    pytest.param("right/weights", add_to_one(1e-3), id="one weight off by 1e-3"),
    pytest.param("conv/weights", lambda value: value[:, :, ::-1], id="BGR in place of RGB"),
    pytest.param("left/biases", add_to_one(np.nan), id="a NaN"),
])
def test_a_changed_constant(request_, verifier, tmp_path, monkeypatch, constant, change):
    edited_frozen_graph(monkeypatch, lambda nodes: edit_constant(nodes[constant], change))
    assert_caught(request_, verifier, tmp_path, "frozen_graph, output 'scores'")


def test_a_dropped_output(request_, verifier, tmp_path, monkeypatch):
    from exporter.formats.signature import signature_def

    def without_classes(*arguments):
        signature = signature_def(*arguments)
        del signature.outputs["classes"]
        return signature

    monkeypatch.setattr("exporter.formats.saved_model.signature_def", without_classes)
    assert_caught(request_, verifier, tmp_path, "saved_model", "outputs scores; expected classes, scores")


def test_an_artifact_that_does_not_load(request_, verifier, tmp_path, monkeypatch):
    frozen = type(find_format("frozen_graph"))
    monkeypatch.setattr(frozen, "write", lambda self, graph, weights, directory, options:
                        (directory / self.file_name).write_bytes(b"no graph"))
    assert_caught(request_, verifier, tmp_path, "frozen_graph: it can't be loaded")


def test_what_failed_is_kept_only_when_asked_for(request_, verifier, tmp_path, monkeypatch):
    edited_frozen_graph(monkeypatch, lambda nodes: edit_constant(nodes["right/biases"], add_to_one(1.0)))
    request = dataclasses.replace(request_, verification=VerificationOptions(keep_failed=True))
    with pytest.raises(VerificationError, match="kept in"):
        export(request, verifier)
    assert [path.name for path in tmp_path.iterdir()] == ["out.failed"]
    assert (tmp_path / "out.failed" / "frozen_inference_graph.pb").is_file()


def test_a_tolerance_of_the_user_lets_a_small_difference_pass(request_, verifier, monkeypatch):
    edited_frozen_graph(monkeypatch, lambda nodes: edit_constant(nodes["right/weights"], add_to_one(1e-6)))
    request = dataclasses.replace(request_, verification=VerificationOptions(rtol=1e-3, atol=1e-3))
    report = export(request, verifier).verification
    assert report.status == "verified"
    assert "close" in {output.verdict for output in report.artifacts[1].outputs}


def test_without_verification_the_manifest_says_so(request_, tmp_path):
    result = export(dataclasses.replace(request_, verification=VerificationOptions(enabled=False)))
    assert result.verification.status == "not verified"
    assert '"status": "not verified"' in (tmp_path / "out" / "export_manifest.json").read_text()
