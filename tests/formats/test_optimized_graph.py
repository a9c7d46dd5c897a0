"""The optimized graph of every golden gives the reference's outputs within its tolerance, with fewer nodes."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from exporter.errors import CheckpointError, GraphError
from exporter.export import export
from exporter.formats.format import DEFAULT_FORMATS, FormatOptions, find_format
from exporter.formats.streaming import PROTOBUF_LIMIT
from exporter.graph.building import GraphOptions, build_graph
from exporter.request import ExportRequest
from exporter.weights.binding import WeightOptions, bind_weights
from exporter.weights.checkpoint import Checkpoint
from tests.checkpoints import write_checkpoint
from tests.conformance import plain_tensorflow
from tests.goldens import GOLDENS, IMAGE_SHAPE

FORMAT = find_format("optimized_graph")
IMAGES = np.random.default_rng(7).integers(0, 256, (2, 8, 8, 3), np.uint8)


@pytest.fixture
def write(tmp_path):
    """Trains a golden and writes artifacts of the named formats; returns graph, weights and the checkpoint's prefix."""
    def written(golden, *names):
        prefix = write_checkpoint(GOLDENS[golden], tmp_path / "model.ckpt-1")
        graph = build_graph(GOLDENS[golden], None, GraphOptions("image_tensor", IMAGE_SHAPE))
        weights = bind_weights(graph.variables, graph.required_variables, Checkpoint.open(prefix), WeightOptions())
        for name in names:
            find_format(name).write(graph, weights, tmp_path, FormatOptions())
        return graph, weights, prefix
    return written


def read(path):
    return tf.GraphDef.FromString(path.read_bytes())


@pytest.mark.parametrize("golden", GOLDENS)
def test_the_outputs_are_those_of_the_reference(write, tmp_path, golden):
    graph, _, prefix = write(golden, "optimized_graph", "frozen_graph")
    expected = plain_tensorflow.reference(GOLDENS[golden], prefix, IMAGES)
    rtol, atol = FORMAT.tolerance
    with FORMAT.load(tmp_path / FORMAT.file_name, graph.signature) as run:
        found = run({"inputs": IMAGES})
    assert sorted(found) == sorted(expected)
    for name, value in expected.items():
        value = np.asarray(value)
        if value.dtype.kind in "fcV":
            wide = np.complex128 if value.dtype.kind == "c" else np.float64
            np.testing.assert_allclose(found[name].astype(wide), value.astype(wide), rtol=rtol, atol=atol, err_msg=name)
        else:
            np.testing.assert_array_equal(np.asarray(found[name], value.dtype), value, err_msg=name)
    before, after = read(tmp_path / "frozen_inference_graph.pb"), read(tmp_path / FORMAT.file_name)
    assert len(after.node) <= len(before.node)
    assert after.versions == before.versions
    assert [f.signature.name for f in after.library.function] == [f.signature.name for f in before.library.function]


def test_batch_norm_is_folded(write, tmp_path):
    write("BatchNorm", "optimized_graph")
    ops = [node.op for node in read(tmp_path / FORMAT.file_name).node]
    assert "BiasAdd" in ops
    assert not [op for op in ops if op.startswith("FusedBatchNorm")]


def test_it_is_written_only_when_it_is_asked_for():
    assert FORMAT.name not in DEFAULT_FORMATS


@pytest.mark.parametrize("golden", ["BatchNorm", "NamedClasses", "classic_control_flow_of_resources"])
def test_an_export_is_verified_by_its_tolerance(tmp_path, golden):
    prefix = write_checkpoint(GOLDENS[golden], tmp_path / "model")
    contents = []
    for name in ("first", "second"):
        result = export(ExportRequest(
            GOLDENS[golden], prefix, tmp_path / name, graph=GraphOptions("image_tensor", IMAGE_SHAPE),
            formats=[FORMAT.name]))
        assert [artifact.path for artifact in result.artifacts] == [FORMAT.file_name]
        contents.append((tmp_path / name / FORMAT.file_name).read_bytes())
    assert contents[0] == contents[1]


def test_damage_in_the_checkpoint_is_an_error(write, tmp_path):
    graph, weights, prefix = write("BatchNorm")
    with open(f"{prefix}.data-00000-of-00001", "r+b") as data:
        data.write(b"damage")
    with pytest.raises(CheckpointError, match="is damaged"):
        FORMAT.write(graph, weights, tmp_path, FormatOptions())
    assert not (tmp_path / FORMAT.file_name).exists()


def test_beyond_the_limit_of_protobuf_is_an_error(write, monkeypatch):
    graph, weights, _ = write("BatchNorm")
    assert FORMAT.byte_size(graph, weights, FormatOptions()) < PROTOBUF_LIMIT
    monkeypatch.setattr("exporter.formats.optimized_graph.PROTOBUF_LIMIT", 100)
    with pytest.raises(GraphError, match="Leave optimized_graph out"):
        FORMAT.byte_size(graph, weights, FormatOptions())
