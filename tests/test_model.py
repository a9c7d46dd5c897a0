"""What counts as a model, and how one is found."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from exporter.errors import ModelError, UsageError
from exporter.model import Model, NetworkModel, as_model, load_model

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def same_module_path(monkeypatch):
    """Finding a model makes its folder importable; not for the tests that follow."""
    monkeypatch.setattr("sys.path", list(sys.path))


class Classifier:
    def __init__(self, num_classes=10, is_training=True):
        self.num_classes = num_classes
        self.is_training = is_training

    def preprocess(self, inputs):
        return inputs

    def predict(self, preprocessed):
        return {"logits": preprocessed}

    def postprocess(self, predictions):
        return predictions


def make_classifier(num_classes=10, is_training=True):
    return Classifier(num_classes, is_training)


def make_network():
    return lambda images: images + 1


def network(images, scale=2, is_training=True):
    return images * scale, {"training": is_training}


def needs_two(images, weights):
    return images * weights


def test_an_instance_is_taken_as_it_is():
    model = Classifier()
    assert as_model(model) is model
    assert isinstance(model, Model)


@pytest.mark.parametrize("factory", [Classifier, make_classifier])
def test_classes_and_factories_are_called_for_inference_unless_told_otherwise(factory):
    assert as_model(factory).is_training is False
    assert as_model(factory, {"is_training": True}).is_training is True
    assert as_model(factory, {"num_classes": 3}).num_classes == 3


class Layer:
    """As Keras' layers and models are."""

    def __call__(self, *args, **kwargs):
        return args[0] + 1


def test_an_object_that_is_called_with_anything_is_a_network():
    assert as_model(Layer()).predict(2) == {"output": 3}


def test_a_plain_network_names_its_outputs():
    model = as_model(network, {"scale": 3})
    assert isinstance(model, NetworkModel)
    assert model.predict(2) == {"output_0": 6, "training": False}


def test_a_factory_may_return_a_network():
    assert as_model(make_network).predict(1) == {"output": 2}


def test_a_network_may_get_tensors_besides_its_images():
    model = as_model(lambda images, is_training, scale: images * scale + is_training, {"scale": 3},
                     side_inputs=["is_training"])
    assert model.predict(2, is_training=1) == {"output": 7}


def test_a_named_tuple_keeps_its_fields():
    from collections import namedtuple

    outputs = namedtuple("Outputs", "boxes scores")
    assert as_model(lambda images: outputs(images, 1)).predict(5) == {"boxes": 5, "scores": 1}


@pytest.mark.parametrize(("candidate", "model_args", "words"), [
    (Classifier, {"classes": 3}, ["classes", "num_classes"]),
    (Classifier(), {"num_classes": 3}, ["finished object"]),
    (needs_two, {}, ["images, weights", "--model_args"]),
    (42, {}, ["42", "no model"]),
    (lambda: 42, {}, ["no preprocess, predict, postprocess"]),
    (lambda: 1 / 0, {}, ["ZeroDivisionError"]),
])
def test_what_is_no_model_is_refused(candidate, model_args, words):
    with pytest.raises(ModelError) as error:
        as_model(candidate, model_args)
    assert all(word in str(error.value) for word in words)


def test_models_are_found_in_the_current_directory_and_in_files(tmp_path, monkeypatch):
    (tmp_path / "sibling_of_net.py").write_text("SCALE = 3\n")
    (tmp_path / "my_net.py").write_text("from sibling_of_net import SCALE\n\ndef net(images):\n    return images * SCALE\n")
    monkeypatch.chdir(tmp_path)
    assert load_model("my_net:net").predict(2) == {"output": 6}
    assert load_model(f"{tmp_path}/my_net.py:net").predict(2) == {"output": 6}


def test_a_file_named_like_an_imported_module_does_not_replace_it(tmp_path):
    import json

    (tmp_path / "json.py").write_text("def net(images):\n    return images\n")
    load_model(f"{tmp_path}/json.py:net")
    assert __import__("json") is json


@pytest.mark.parametrize(("source", "words"), [
    ("import not_there_at_all", ["not_there_at_all"]),
    ("raise SystemExit(3)", ["SystemExit"]),
    ("def net(:", ["SyntaxError"]),
])
def test_a_module_that_fails_is_named_with_its_error(tmp_path, source, words):
    (tmp_path / "broken_net.py").write_text(source)
    with pytest.raises(ModelError) as error:
        load_model(f"{tmp_path}/broken_net.py:net")
    assert all(word in str(error.value) for word in ["broken_net.py", *words])


@pytest.mark.parametrize("spec", ["models.slim_cnn", ":SlimCNN", "models.slim_cnn:"])
def test_a_malformed_spec_is_a_usage_error(spec):
    with pytest.raises(UsageError, match=r"package\.module:Attribute"):
        load_model(spec)


def test_a_module_may_change_the_directory_but_not_for_others(tmp_path, monkeypatch):
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "moving.py").write_text(
        "import os\nos.chdir(os.path.dirname(__file__))\nassert os.path.exists('moving.py')\n"
        "def network(images):\n    return images\n")
    monkeypatch.chdir(tmp_path)
    assert load_model("code/moving.py:network").predict(1) == {"output": 1}
    assert Path.cwd() == tmp_path


def test_a_file_that_belongs_to_a_package_is_to_be_named_with_it(tmp_path):
    (tmp_path / "nets").mkdir()
    (tmp_path / "nets" / "resnet.py").write_text("from . import utils\n")
    with pytest.raises(ModelError, match=r"belongs to a package: name it nets\.resnet:Attribute, with the folder of nets"):
        load_model(f"{tmp_path}/nets/resnet.py:network")


OLD_MODEL = """
import tensorflow as tf

def network(images, scale):
    return tf.contrib.layers.flatten(images) * scale
"""
LOADING = """
import warnings
import exporter
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    model = exporter.load_model("old.py:network", {"scale": 2.0}, **OPTIONS)
import tensorflow as tf
print([str(warning.message).partition(":")[0] for warning in caught if "TensorFlow 1" in str(warning.message)])
print(type(model).__name__, tf.__version__.startswith("2."), tf.executing_eagerly())
with tf.Graph().as_default():
    print(model.predict(tf.ones([2, 3, 4]))["output"].shape.as_list())
"""


@pytest.mark.parametrize(("options", "warnings"), [
    ({}, "['TensorFlow 1 code (old.py, line 5']"), ({"tf1_root": ["."]}, "[]")])
def test_tensorflow_1_code_is_loaded_under_its_surface_and_a_warning_says_so(tmp_path, options, warnings):
    """In a process of its own: it is switched to TensorFlow 1."""
    (tmp_path / "old.py").write_text(OLD_MODEL)
    done = subprocess.run([sys.executable, "-c", LOADING.replace("OPTIONS", repr(options))], cwd=tmp_path, text=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=False)
    assert done.stdout.splitlines() == [warnings, "ImportedModel True False", "[2, 12]"], done.stderr
