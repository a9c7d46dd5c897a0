"""Models that can't be exported: one readable message with the cause, exit code 3, nothing written."""

import os

import pytest

from tests.faults.workplace import NEW, flags

SOURCE = '''
import sys
import numpy as np
import tensorflow.compat.v1 as tf
from tests.faults import workplace

ELSEWHERE = tf.Graph()


class Good:
    def preprocess(self, inputs):
        return inputs

    def predict(self, preprocessed):
        return workplace.network(preprocessed)

    def postprocess(self, predictions):
        return predictions


def returning(outputs):
    """A model whose postprocess returns what ``outputs`` makes of the scores."""
    class Model(Good):
        def postprocess(self, predictions):
            return outputs(predictions["scores"])
    return Model


no_dict = returning(lambda scores: [scores])
nothing = returning(lambda scores: None)
empty = returning(lambda scores: {})
a_number = returning(lambda scores: {"scores": 1.0})
an_array = returning(lambda scores: {"scores": np.zeros(3)})
a_string = returning(lambda scores: {"scores": "high"})
spaced = returning(lambda scores: {"class scores": scores})
leaving = returning(lambda scores: {"../../scores": scores})
absolute = returning(lambda scores: {"/etc/scores": scores})
no_string = returning(lambda scores: {1: scores})
colliding = returning(lambda scores: {"scores": scores, "Scores/../x": scores})
nested = returning(lambda scores: {"scores": {"inner": scores}})
sparse = returning(lambda scores: {"scores": tf.sparse.from_dense(scores)})


def elsewhere(scores):
    with ELSEWHERE.as_default():
        return {"scores": tf.constant(1.0)}


other_graph = returning(elsewhere)


def input_of_other_graph(images):
    with ELSEWHERE.as_default():
        other = tf.constant(1.0)
    return images + other


class RaisesInInit(Good):
    def __init__(self):
        raise RuntimeError("no weights\\nfor you")


class RaisesInPreprocess(Good):
    def preprocess(self, inputs):
        raise KeyError("mean")


class RaisesInPredict(Good):
    def predict(self, preprocessed):
        raise ValueError("shapes differ")


class RaisesInPostprocess(Good):
    def postprocess(self, predictions):
        return predictions["boxes"]


class RaisesNothingToRead(Good):
    def predict(self, preprocessed):
        raise AssertionError


class ExitsInInit(Good):
    def __init__(self):
        sys.exit(0)


class ExitsInPredict(Good):
    def predict(self, preprocessed):
        sys.exit("bye")


class Recurses(Good):
    def predict(self, preprocessed):
        return self.predict(preprocessed)


class RecursesInInit(Good):
    def __init__(self):
        self.__init__()


class RecursesInAttributes(Good):
    def __getattr__(self, name):
        return getattr(self, name + "_")


class NoneOfThese:
    pass


class Eager(Good):
    def postprocess(self, predictions):
        return {"scores": predictions["scores"].numpy()}


class FileNotThere(Good):
    def __init__(self):
        open("labels.txt")


class WrongSignature(Good):
    def predict(self):
        return {}


a_string_object = "model"
'''


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    (folder / "faulty_models.py").write_text(SOURCE)
    return folder / "faulty_models.py"


@pytest.mark.parametrize(("model", "words"), [
    ("no_dict", "postprocess must return a dict of tensors by output name, found list"),
    ("nothing", "postprocess must return a dict of tensors by output name, found NoneType"),
    ("empty", "found an empty one"),
    ("a_number", "The output 'scores' is a float, not a tensor"),
    ("an_array", "The output 'scores' is a ndarray, not a tensor"),
    ("a_string", "The output 'scores' is a str, not a tensor"),
    ("nested", "The output 'scores' is a dict, not a tensor"),
    ("sparse", "The output 'scores' is a SparseTensor, not a tensor"),
    ("spaced", "The output name 'class scores' can't be the name of a node"),
    ("leaving", "The output name '../../scores' can't be the name of a node"),
    ("absolute", "The output name '/etc/scores' can't be the name of a node"),
    ("no_string", "The output name 1 can't be the name of a node"),
    ("colliding", "Scores/../x"),
    ("other_graph", "The output 'scores' belongs to another graph"),
    ("input_of_other_graph", "predict raised ValueError"),
    ("RaisesInInit", "RaisesInInit raised RuntimeError while it was constructed: no weights"),
    ("RaisesInPreprocess", "The model's preprocess raised KeyError: 'mean'"),
    ("RaisesInPredict", "The model's predict raised ValueError: shapes differ"),
    ("RaisesInPostprocess", "The model's postprocess raised KeyError: 'boxes'"),
    ("RaisesNothingToRead", "The model's predict raised AssertionError"),
    ("ExitsInInit", "ExitsInInit raised SystemExit"),
    ("ExitsInPredict", "The model's predict raised SystemExit: bye"),
    ("Recurses", "The model's predict raised RecursionError"),
    ("RecursesInInit", "raised RecursionError"),
    ("RecursesInAttributes", "RecursionError"),
    ("NoneOfThese", "has no preprocess, predict, postprocess"),
    ("Eager", "The model's postprocess raised"),
    ("FileNotThere", "FileNotFoundError"),
    ("WrongSignature", "The model's predict raised TypeError"),
    ("a_string_object", "which is no model"),
])
def test_a_model_that_breaks_its_contract(models, checkpoints, tmp_path, refused, model, words):
    assert words in refused(3, flags(checkpoints / NEW, tmp_path / "out" / "export", model=f"{models}:{model}"))


@pytest.mark.parametrize(("content", "words"), [
    (b"\x7fELF\x02\x01\x01\0\0\0\x00binary", "null bytes"),
    (b"\xff\xfe\x00garbage", "SyntaxError"),
    (b"def broken(:\n", "SyntaxError"),
    (b"# -*- coding: klingon -*-\n", "unknown encoding: klingon"),
    ("größe = 1".encode("latin-1"), "SyntaxError"),
    (b"import no_such_library\n", "no_such_library"),
    (b"import sys; sys.exit(3)\n", "SystemExit"),
    (b"raise BaseException('odd')\n", "odd"),
    (b"1 / 0\n", "ZeroDivisionError"),
    (b"def f(): f()\nf()\n", "RecursionError"),
    (b"", "has no 'Model'"),
])
def test_a_file_that_is_no_python(checkpoints, tmp_path, refused, content, words):
    file = tmp_path / "model_file.py"
    file.write_bytes(content)
    (tmp_path / "__pycache__").mkdir()
    message = refused(3, flags(checkpoints / NEW, tmp_path / "out" / "export", model=f"{file}:Model"))
    assert "model_file.py" in message
    assert words in message


@pytest.mark.parametrize("spec", ["no:such", "./no.py:M", "a b:M", "..:M", ".:M", "os:no_such", "os.path.no:M", "no\0:M",
                                  "a..b:M", ".a:M", "os:path..join"])
def test_a_model_that_is_not_there(checkpoints, tmp_path, refused, spec):
    refused(3, flags(checkpoints / NEW, tmp_path / "out" / "export", model=spec))


def test_a_model_file_that_is_a_directory_or_a_pipe(checkpoints, tmp_path, refused):
    (tmp_path / "folder.py").mkdir()
    os.mkfifo(tmp_path / "pipe.py")
    for name in ("folder.py", "pipe.py"):
        refused(3, flags(checkpoints / NEW, tmp_path / "out" / "export", model=f"{tmp_path / name}:M"))


def test_two_keys_for_one_name(models, checkpoints, tmp_path, refused):
    message = refused(2, flags(checkpoints / NEW, tmp_path / "out" / "export", model=f"{models}:Good",
                               output_names="scores=same,scores=same"))
    assert "Two outputs are to be called 'same'" in message


@pytest.mark.parametrize("name", ["../x", "/x", "a b", "x/", "é", "a:0", "^x"])
def test_new_names_that_are_none(models, checkpoints, tmp_path, refused, name):
    message = refused(3, flags(checkpoints / NEW, tmp_path / "out" / "export", model=f"{models}:Good",
                               output_names=f"scores={name}"))
    assert f"The output name {name!r} can't be the name of a node" in message
