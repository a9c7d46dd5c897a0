"""Outputs for one image in words."""

import numpy as np
import pytest

from exporter.reporting.predictions import class_labels, predictions
from exporter.verification.sample_images import sample_output
from models.slim_cnn import SlimCNN

LABELS = {0: "cat", 1: "dog", 2: "owl"}


def shown(labels=LABELS, **outputs):
    return {entry.output: entry for entry in predictions([sample_output(name, value) for name, value in outputs.items()],
                                                         labels)}


def test_scores_are_classes_by_name_largest_first():
    scores = shown(logits=np.float32([-1, 3.14159, 2]))["logits"].classes
    assert [(score.name, score.value, score.share) for score in scores] == [
        ("dog", "3.142", 0), ("owl", "2", 0), ("cat", "-1", 0)]


def test_probabilities_are_shares_of_one_and_need_no_names():
    scores = shown({}, probabilities=np.float32([0.1, 0.2, 0.7, 0]))["probabilities"].classes
    assert [score.name for score in scores] == ["2", "1", "0"]
    assert scores[0].share == pytest.approx(0.7)


def test_a_vector_that_is_no_score_keeps_its_order():
    assert shown(features=np.float32([0.5, -2, 1e-6, 30]))["features"].text == "[0.5, -2, 1e-06, 30]"


def test_the_class_of_the_scores_has_its_name_and_another_number_has_none():
    found = shown(logits=np.float32([0, 0, 5]), classes=np.int64(2), count=np.int32(1))
    assert found["classes"].text == "2 (owl)"
    assert found["count"].text == "1"


@pytest.mark.parametrize(("value", "kind", "text"), [
    (np.float32(0.25), "float32", "0.25"), (np.array(b"owl", object), "string", "owl"),
    (np.array([b"\xff", b"a"], object), "string [2]", "[\N{REPLACEMENT CHARACTER}, a]"), (np.bool_(True), "bool", "True"),
    (np.arange(20).reshape(4, 5), "int64 [4, 5]", "[0, 1, 2, 3, 4, 5, 6, 7, ...]"),
    (np.zeros([0, 4], np.float32), "float32 [0, 4]", "[]"), (np.float32([np.nan, np.inf]), "float32 [2]", "[nan, inf]"),
    (np.complex64([1 + 2j]), "complex64 [1]", "[(1+2j)]")])
def test_other_outputs_show_their_first_values(value, kind, text):
    found = shown(output=value)["output"]
    assert (found.kind, found.text) == (kind, text)


@pytest.mark.parametrize(("labels", "expected"), [
    (["cat", "dog"], {0: "cat", 1: "dog"}), ({1: "cat", "2": 3}, {1: "cat", 2: "3"}), (None, {}), ("cat", {}), (7, {})])
def test_labels_are_what_the_model_declares(labels, expected):
    class Model:
        pass

    Model.labels = labels
    assert class_labels(Model, {}) == expected


def test_labels_may_be_set_when_the_model_is_constructed():
    assert class_labels(SlimCNN, {"num_classes": 2}) == {0: "0", 1: "1"}


def test_what_is_no_model_has_no_labels():
    assert class_labels(object(), {}) == {}
