import numpy as np
import pytest

from exporter.errors import GraphError
from exporter.evaluation.class_outputs import ClassOutputs, find_class_outputs
from exporter.evaluation.classification import Evaluation, disagreements, largest_difference
from exporter.graph.tensor_spec import TensorSpec


def evaluation(predicted, labels=(0, 1, 1, 2), confidences=(0.9, 0.6, 0.8, 0.7), **outputs):
    return Evaluation("a", 10, ["w", "x", "y", "z"], np.array(labels), np.array(predicted),
                      None if confidences is None else np.array(confidences), 3,
                      {name: np.array(values) for name, values in outputs.items()}, seconds=0.5)


def spec(name, dtype="float32", shape=(None, 3)):
    return {name: TensorSpec(f"{name}:0", dtype, shape)}


def test_accuracy_and_speed():
    assert evaluation([0, 1, 0, 2]).accuracy == 0.75
    assert evaluation([0, 1, 0, 2]).images_per_second == 8


def test_confusion_counts_pairs_of_true_and_predicted_class():
    assert evaluation([0, 1, 0, 1]).confusion == {(0, 0): 1, (1, 1): 1, (1, 0): 1, (2, 1): 1}


def test_the_most_confident_mistakes_come_first():
    assert evaluation([1, 0, 0, 2]).worst_mistakes(2) == [0, 2]
    assert evaluation([1, 0, 0, 2], confidences=None).worst_mistakes(9) == [0, 1, 2]


def test_disagreements_are_images_on_which_any_two_differ():
    assert disagreements([evaluation([0, 1, 1, 2]), evaluation([0, 1, 2, 2]), evaluation([1, 1, 1, 2])]) == [0, 2]


@pytest.mark.parametrize(("first", "second", "difference"), [
    ([1.0, 2.0], [1.0, 2.5], 0.5),
    ([np.nan, np.inf], [np.nan, np.inf], 0.0),
    ([np.nan, 1.0], [1.0, 1.0], np.nan),
    ([np.inf, 1.0], [-np.inf, 1.0], np.inf),
])
def test_largest_difference_of_float_outputs(first, second, difference):
    evaluations = [evaluation([0] * 4, scores=values, classes=[index]) for index, values in enumerate((first, second))]
    assert largest_difference(*evaluations) == pytest.approx(difference, nan_ok=True)


def test_without_a_common_float_output_there_is_no_difference():
    assert largest_difference(evaluation([0] * 4, a=[1.0]), evaluation([0] * 4, b=[1.0])) is None
    assert largest_difference(evaluation([0] * 4, a=[1.0]), evaluation([0] * 4, a=[1.0, 2.0])) is None


def test_the_class_output_is_found_by_name():
    both = {**spec("probabilities"), **spec("logits")}
    assert find_class_outputs({**both, **spec("classes", "int64", (None,))}, None, "a") == ClassOutputs(
        "classes", "probabilities")
    assert find_class_outputs(both, None, "a") == ClassOutputs(None, "probabilities")
    assert find_class_outputs({**spec("logits"), **spec("boxes")}, None, "a") == ClassOutputs(None, "logits")


def test_the_only_output_of_scores_is_taken_whatever_its_name():
    outputs = {**spec("dense_1"), **spec("maps", shape=(None, 4, 4, 3)), **spec("ids", "int64", (None,))}
    assert find_class_outputs(outputs, None, "a") == ClassOutputs(None, "dense_1")


def test_classes_that_are_strings_are_left_for_the_scores():
    outputs = {**spec("classes", "string", (None, 3)), **spec("scores")}
    assert find_class_outputs(outputs, None, "a") == ClassOutputs(None, "scores")


def test_output_name_overrides():
    outputs = {**spec("first"), **spec("second"), **spec("top", "int64", (None,))}
    assert find_class_outputs(outputs, "second", "a") == ClassOutputs(None, "second")
    assert find_class_outputs(outputs, "top", "a") == ClassOutputs("top", None)


@pytest.mark.parametrize(("outputs", "name", "problem"), [
    ({**spec("first"), **spec("second")}, None, "Which output of a is the class.* 2 outputs of floats"),
    (spec("maps", shape=(None, 4, 4, 3)), None, r"no outputs of floats .*maps:0 float32 \[\?, 4, 4, 3\]"),
    (spec("first"), "last", "a has no output 'last'. Its outputs: first:0"),
    (spec("maps", shape=(None, 4, 4, 3)), "maps", "neither classes .* nor scores"),
])
def test_a_class_that_can_not_be_told_is_an_error_that_lists_the_outputs(outputs, name, problem):
    with pytest.raises(GraphError, match=problem):
        find_class_outputs(outputs, name, "a")


def test_confidence_is_a_probability_for_logits_too():
    outputs = {"logits": np.array([[0.0, np.log(3.0)], [2.0, 2.0]])}
    found = ClassOutputs(None, "logits")
    assert found.predicted(outputs).tolist() == [1, 0]
    assert found.confidences(outputs, found.predicted(outputs)) == pytest.approx([0.75, 0.5])
    assert found.num_classes(outputs) == 2
