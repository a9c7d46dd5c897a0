"""Input types: placeholders, shapes, and a user's own."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from exporter.errors import UsageError
from exporter.graph import input_types
from exporter.graph.building import GraphOptions, build_graph
from exporter.graph.input_types import find_input_type, normalize_shape, parse_input_shape, register_input_type

pytestmark = pytest.mark.usefixtures("graph")


@pytest.mark.parametrize(("name", "dtype"), [("image_tensor", "uint8"), ("float_image_tensor", "float32")])
def test_images_are_a_placeholder_named_like_the_type(name, dtype):
    placeholder, images = find_input_type(name).build((None, 8, 8, 3))
    assert images is placeholder
    assert (placeholder.name, placeholder.dtype.name, placeholder.shape.as_list()) == (f"{name}:0", dtype, [None, 8, 8, 3])


@pytest.mark.parametrize("name", ["encoded_image_string_tensor", "tf_example"])
@pytest.mark.parametrize("shape", [(None, 8, 8, 3), (2, 8, 8, 1), (None, None, None, 3)])
def test_encoded_images_are_strings_and_decode_to_the_shape(name, shape):
    placeholder, images = find_input_type(name).build(shape)
    assert (placeholder.name, placeholder.dtype, placeholder.shape.as_list()) == (f"{name}:0", tf.string, [shape[0]])
    assert (images.dtype, images.shape.as_list()) == (tf.uint8, list(shape))


def test_an_unknown_input_type_names_what_is_near():
    with pytest.raises(UsageError, match=r"(?s)'image_tensr'. Did you mean image_tensor\?.*Known: image_tensor"):
        find_input_type("image_tensr")


class Brightness:
    """A user's own: one number per image."""

    name = "brightness"

    def check_shape(self, input_shape):
        pass

    def build(self, input_shape):
        placeholder = tf.placeholder(tf.float32, [None], name=self.name)
        return placeholder, tf.tile(placeholder[:, None, None, None], [1, 2, 2, 3])


@pytest.fixture
def registry(monkeypatch):
    monkeypatch.setattr(input_types, "_REGISTRY", dict(input_types._REGISTRY))


@pytest.mark.usefixtures("registry")
def test_users_can_register_their_own():
    register_input_type(Brightness())
    graph = build_graph(lambda images: tf.reduce_sum(images, axis=[1, 2, 3]), None, GraphOptions("brightness"))
    assert graph.inputs["inputs"].name == "brightness:0"
    with tf.Session() as session:
        [output] = tf.import_graph_def(graph.pruned, return_elements=["output:0"], name="")
        np.testing.assert_array_equal(session.run(output, {"brightness:0": [1.0, 2.0]}), [12.0, 24.0])


@pytest.mark.usefixtures("registry")
def test_another_input_type_of_the_same_name_is_refused():
    register_input_type(Brightness())
    register_input_type(Brightness())
    with pytest.raises(UsageError, match="input type 'brightness' already"):
        register_input_type(type("Other", (Brightness,), {})())


def test_something_that_is_no_input_type_is_refused():
    with pytest.raises(UsageError, match="it has no name, check_shape, build"):
        register_input_type(object())


@pytest.mark.parametrize(("text", "shape"), [
    ("-1,28,28,3", (None, 28, 28, 3)), ("None,28,28,3", (None, 28, 28, 3)), (" [1, ?, None, -1] ", (1, None, None, None))])
def test_shapes_are_read_from_flags(text, shape):
    assert parse_input_shape(text) == shape


@pytest.mark.parametrize("text", ["", "a", "1,0,3,3", "1,-2,3,3", "1,,3,3", "28x28", "1.5,2,2,3"])
def test_texts_that_are_no_shape_are_refused(text):
    with pytest.raises(UsageError, match="--input_shape -1,28,28,3"):
        parse_input_shape(text)


@pytest.mark.parametrize("shape", [[None, 8, 8, 3], (-1, 8, 8, 3), tf.TensorShape([None, 8, 8, 3])])
def test_shapes_of_any_kind(shape):
    assert normalize_shape(shape) == (None, 8, 8, 3)


@pytest.mark.parametrize(("name", "shape", "message"), [
    ("image_tensor", (None, 8, 8), "has 3 dimensions; image_tensor needs 4"),
    ("float_image_tensor", (8,), "has 1 dimensions"),
    ("tf_example", (None, 8, None, 3), "fixes only one of height and width"),
    ("encoded_image_string_tensor", (None, 8, 8, 4), r"\[\?, 8, 8, 4\] has 4 channels"),
    ("encoded_image_string_tensor", (None, 8, 8, None), "has free channels")])
def test_shapes_that_a_type_can_not_make_are_refused_before_anything_is_built(name, shape, message):
    with pytest.raises(UsageError, match=message):
        GraphOptions(name, shape)
