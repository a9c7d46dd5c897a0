"""Models whose modules belong to one graph are imported anew for each."""

import copy
import sys

import pytest
import tensorflow.compat.v1 as tf

import exporter
from exporter.errors import ModelError
from exporter.model import as_model, load_model
from exporter.model_import import import_for_model, import_model

PLAIN = """
def network(images):
    return images * 2.0
"""
PLACEHOLDER = """
import tensorflow.compat.v1 as tf
scale = tf.placeholder_with_default(2.0, [], name="scale")
weight = tf.get_variable("weight", [3], initializer=tf.initializers.constant([1.0, 2.0, 3.0]))
def network(images):
    return images * scale * weight
class Classifier:
    labels = ["cat", "dog"]
    def __init__(self, factor):
        self.factor = factor
    def preprocess(self, inputs):
        return inputs
    def predict(self, images):
        return {"scores": network(images) * self.factor}
    def postprocess(self, predictions):
        return predictions
"""
CACHE = """
import tensorflow.compat.v1 as tf
weights = {}
def network(images):
    if "weight" not in weights:
        weights["weight"] = tf.get_variable("weight", [3], initializer=tf.initializers.constant([1.0, 2.0, 3.0]))
    return images * weights["weight"]
"""
COUNTER = """
import tensorflow.compat.v1 as tf
def scaled(images, count=[0]):
    count[0] += 1
    return images * tf.get_variable("weight_%d" % count[0], [3], initializer=tf.initializers.constant([1.0, 2.0, 3.0]))
def network(images):
    return scaled(scaled(images))
"""
IN_OTHER_MODULES = """
from {name}_weights import weight
def network(images):
    from {name}_scale import scale
    return images * weight * scale
"""


@pytest.fixture
def write_module(tmp_path, monkeypatch):
    """Writes a module; the process forgets it, and what it has made in the default graph, after the test."""
    monkeypatch.setattr("sys.path", [str(tmp_path), *sys.path])
    modules = set(sys.modules)

    def write(name, text):
        tmp_path.joinpath(f"{name}.py").write_text(text)
        return f"{name}:network"

    with tf.Graph().as_default():
        yield write
    for name in [name for name in set(sys.modules) - modules if name.startswith("of_test_")]:
        del sys.modules[name]


def save(prefix, names):
    with tf.Graph().as_default(), tf.Session() as session:
        for name in names:
            tf.get_variable(name, initializer=tf.constant([0.5, 2.0, 3.0]))
        session.run(tf.global_variables_initializer())
        return tf.train.Saver().save(session, str(prefix))


def test_a_module_that_makes_nothing_is_imported_once(write_module):
    model = import_model(write_module("of_test_plain", PLAIN))
    assert not model.is_bound
    assert model.for_this_graph() is sys.modules["of_test_plain"].network


def test_placeholders_and_variables_at_module_level_are_made_in_every_graph(write_module):
    model = import_model(write_module("of_test_level", PLACEHOLDER))
    assert model.is_bound
    for _ in range(2):
        with tf.Graph().as_default() as graph:
            output = as_model(model).predict(tf.placeholder(tf.float32, [None, 3], name="images"))["output"]
            assert output.graph is graph
            assert [variable.name for variable in tf.global_variables()] == ["weight:0"]
            assert graph.get_operation_by_name("scale").type == "PlaceholderWithDefault"


def test_modules_that_come_with_it_are_imported_anew_as_well(write_module):
    write_module("of_test_parts_weights", PLACEHOLDER)
    write_module("of_test_parts_scale", "import tensorflow.compat.v1 as tf\nscale = tf.constant(2.0, name='constant')\n")
    model = import_model(write_module("of_test_parts", IN_OTHER_MODULES.format(name="of_test_parts")))
    for _ in range(2):
        with tf.Graph().as_default() as graph:
            assert as_model(model).predict(tf.ones([1, 3]))["output"].graph is graph
            assert graph.get_operation_by_name("constant").type == "Const"


def test_gradients_are_registered_anew(write_module):
    gradient = "@tf.RegisterGradient('OfTestImport')\ndef gradient(operation, grad):\n    return grad\n"
    model = import_model(write_module("of_test_gradient", PLACEHOLDER + gradient))
    for _ in range(2):
        with tf.Graph().as_default() as graph:
            assert as_model(model).predict(tf.ones([1, 3]))["output"].graph is graph


def test_attributes_and_name_are_those_of_the_model(write_module):
    write_module("of_test_named", PLACEHOLDER)
    model = import_model("of_test_named:Classifier")
    assert model.labels == ["cat", "dog"]
    assert (model.__module__, model.__qualname__) == ("of_test_named", "Classifier")
    with pytest.raises(AttributeError, match="verification"):
        assert model.verification


def test_a_loaded_model_is_constructed_in_every_graph(write_module):
    write_module("of_test_loaded", PLACEHOLDER)
    model = load_model("of_test_loaded:Classifier", {"factor": 3.0})
    with tf.Graph().as_default() as graph:
        instance = as_model(model)
        assert instance.factor == 3.0
        assert instance.predict(tf.ones([1, 3]))["scores"].graph is graph


def test_an_error_of_the_second_import_is_told(write_module, tmp_path):
    model = import_model(write_module("of_test_broken", PLACEHOLDER))
    tmp_path.joinpath("of_test_broken.py").write_text("raise ValueError('moved away, and the cache is older')\n")
    with pytest.raises(ModelError, match="ValueError when it was imported: moved away"):
        as_model(model)


@pytest.mark.parametrize(("text", "names"), [
    (PLACEHOLDER, ["weight"]), (CACHE, ["weight"]), (COUNTER, ["weight_1", "weight_2"])])
def test_what_modules_keep_of_the_first_build_does_not_stop_verification(text, names, write_module, tmp_path):
    checkpoint = save(tmp_path / "model.ckpt", names)
    model = import_model(write_module(f"of_test_export_{len(text)}", text))
    result = exporter.export_inference_graph("float_image_tensor", model, checkpoint, str(tmp_path / "export"))
    assert result.verification.status == "verified"


@pytest.mark.parametrize("text", [PLACEHOLDER, CACHE, COUNTER], ids=["placeholder", "cache", "counter"])
def test_one_model_is_exported_several_times_in_a_process(text, write_module, tmp_path):
    checkpoint = save(tmp_path / "model.ckpt", ["weight_1", "weight_2"] if text is COUNTER else ["weight"])
    spec = write_module(f"of_test_again_{len(text)}", text)
    loaded = import_model(spec)
    for number, model in enumerate([loaded, loaded, import_model(spec)]):
        directory = str(tmp_path / f"export-{number}")
        result = exporter.export_inference_graph("float_image_tensor", model, checkpoint, directory)
        assert result.verification.status == "verified"


def test_a_module_that_was_imported_for_its_input_type_is_known_to_add_to_the_graph(write_module):
    write_module("of_test_input_type", f"{PLACEHOLDER}\nclass Inputs:\n    name = 'inputs_of_test'\n")
    import_for_model("of_test_input_type:Inputs", "input_type")
    model = import_model("of_test_input_type:network")
    with tf.Graph().as_default() as graph:
        assert as_model(model).predict(tf.ones([1, 3]))["output"].graph is graph


def test_the_drop_in_function_builds_in_the_current_graph(write_module):
    model = load_model(write_module("of_test_drop_in", PLACEHOLDER))
    with tf.Graph().as_default() as graph:
        outputs, _ = exporter.build_inference_graph("float_image_tensor", model, [1, 2, 2, 3], None, None)
        assert outputs["output"].graph is graph


def test_a_copy_is_one_too(write_module):
    model = copy.copy(import_model(write_module("of_test_copied", PLACEHOLDER)))
    assert model.is_bound
    assert model.__qualname__ == "network"
