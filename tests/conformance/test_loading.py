"""The formats load their own artifacts, for verification and evaluation."""

import pytest

from exporter.errors import UsageError
from exporter.formats.format import FormatOptions, find_format
from exporter.graph.tensor_spec import Signature
from exporter.weights.binding import WeightOptions, bind_weights
from exporter.weights.checkpoint import Checkpoint
from tests.conformance.conftest import INPUT_TYPES, feed
from tests.conformance.test_outputs import assert_equal_to_the_bit
from tests.goldens import GOLDENS

PLACES = {"checkpoint": "model.ckpt", "frozen_graph": "frozen_inference_graph.pb", "saved_model": "saved_model"}


@pytest.mark.parametrize("format_name", PLACES)
@pytest.mark.parametrize("golden", GOLDENS)
def test_a_loaded_artifact_gives_the_references_outputs(workshop, golden, format_name):
    directory = workshop.export(golden, "image_tensor", False)
    graph = workshop.graph(golden, "image_tensor")
    signature = Signature(graph.inputs, graph.outputs)
    with find_format(format_name).load(directory / PLACES[format_name], signature) as run:
        assert run.inputs == graph.inputs
        assert {name: (spec.dtype, spec.shape) for name, spec in run.outputs.items()} == {
            name: (spec.dtype, spec.shape) for name, spec in graph.outputs.items()}
        assert_equal_to_the_bit(run({"inputs": feed("image_tensor")}), workshop.reference(golden, False))


@pytest.mark.parametrize("input_type", INPUT_TYPES)
@pytest.mark.parametrize("golden", ["SlimClassifier", "NamedClasses", "output_with_slashes", "called_functions"])
def test_a_frozen_graph_without_a_signature_has_its_placeholders_and_ends(workshop, golden, input_type):
    directory = workshop.export(golden, input_type, False)
    with find_format("frozen_graph").load(directory / PLACES["frozen_graph"]) as run:
        assert_equal_to_the_bit(run({"inputs": feed(input_type)}), workshop.reference(golden, False))


def test_other_inputs_than_those_of_the_artifact_are_an_error(workshop):
    directory = workshop.export("SlimClassifier", "image_tensor", False)
    with find_format("frozen_graph").load(directory / PLACES["frozen_graph"]) as run, pytest.raises(
            UsageError, match=r"Found values for \['images'\], expected \['inputs'\]"):
        run({"images": feed("image_tensor")})


@pytest.mark.parametrize("format_name", PLACES)
def test_the_size_is_known_before_anything_is_read(workshop, format_name):


    directory = workshop.export("SlimClassifier", "image_tensor", False)
    graph = workshop.graph("SlimClassifier", "image_tensor")
    checkpoint = Checkpoint.open(workshop.checkpoint("SlimClassifier", False))
    weights = bind_weights(graph.variables, graph.required_variables, checkpoint, WeightOptions())
    size = find_format(format_name).byte_size(graph, weights, FormatOptions())
    files = {"checkpoint": "model.ckpt.data-00000-of-00001", "frozen_graph": "frozen_inference_graph.pb",
             "saved_model": "saved_model/saved_model.pb"}
    written = (directory / files[format_name]).stat().st_size
    assert size == written if format_name != "saved_model" else written * 0.5 < size <= written
