"""Each golden is trained once and exported once per input type, in all formats."""

import functools

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from exporter.formats.format import DEFAULT_FORMATS, FormatOptions, find_format
from exporter.graph.building import GraphOptions, build_graph
from exporter.weights.binding import WeightOptions, bind_weights
from exporter.weights.checkpoint import Checkpoint
from tests.checkpoints import write_checkpoint
from tests.conformance import plain_tensorflow
from tests.goldens import GOLDENS, IMAGE_SHAPE

INPUT_TYPES = ("image_tensor", "float_image_tensor", "encoded_image_string_tensor", "tf_example")
IMAGES = np.random.default_rng(7).integers(0, 256, (2, 8, 8, 3), np.uint8)


def feed(input_type):
    """The same images in the form that an input type takes."""
    if input_type == "image_tensor":
        return IMAGES
    if input_type == "float_image_tensor":
        return IMAGES.astype(np.float32)
    encoded = [tf.compat.v2.io.encode_png(image).numpy() for image in IMAGES]
    if input_type == "tf_example":
        encoded = [_example(image).SerializeToString() for image in encoded]
    return np.array(encoded, object)


def _example(encoded):
    return tf.train.Example(features=tf.train.Features(
        feature={"image/encoded": tf.train.Feature(bytes_list=tf.train.BytesList(value=[encoded]))}))


class Workshop:
    """Trains and exports goldens, each once; by golden, input type and use of moving averages."""

    def __init__(self, directory):
        self._directory = directory
        self.checkpoint = functools.cache(self._checkpoint)
        self.reference = functools.cache(self._reference)
        self.graph = functools.cache(self._graph)
        self.export = functools.cache(self._export)

    def _checkpoint(self, name, averages):
        folder = self._directory / f"{name}-{averages}"
        folder.mkdir()
        return write_checkpoint(GOLDENS[name], folder / "model.ckpt-1234", moving_averages=averages)

    def _reference(self, name, averages):
        return plain_tensorflow.reference(GOLDENS[name], self.checkpoint(name, averages), IMAGES, averages)

    def _graph(self, name, input_type):
        return build_graph(GOLDENS[name], None, GraphOptions(input_type, IMAGE_SHAPE))

    def _export(self, name, input_type, averages):
        """Returns a directory with all artifacts."""
        directory = self._directory / f"{name}-{input_type}-{averages}-export"
        graph = self.graph(name, input_type)
        weights = bind_weights(graph.variables, graph.required_variables,
                               Checkpoint.open(self.checkpoint(name, averages)), WeightOptions(averages))
        for folder, options in (directory, FormatOptions()), (directory / "variables", FormatOptions(True)):
            folder.mkdir()
            for format_name in ("saved_model",) if options.saved_model_variables else DEFAULT_FORMATS:
                find_format(format_name).write(graph, weights, folder, options)
        return directory


@pytest.fixture(scope="session")
def workshop(tmp_path_factory):
    return Workshop(tmp_path_factory.mktemp("workshop"))


@pytest.fixture
def functions_as_they_are_written():
    """Switches grappler off in eager mode."""
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    yield
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": False})
