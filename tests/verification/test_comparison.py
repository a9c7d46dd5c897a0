"""Comparing one output."""

import numpy as np
import pytest

from exporter.verification.comparison import Tolerance, compare_output

EXACT = Tolerance()


def compare(expected, actual, tolerance=EXACT, **kwargs):
    return compare_output("output", [np.asarray(expected)], [np.asarray(actual)], tolerance, **kwargs)


def test_equal_arrays_are_equal_nan_included():
    assert compare([1.0, np.nan, np.inf], [1.0, np.nan, np.inf]).verdict == "equal"


def test_floats_must_be_equal_to_the_bit_by_default():
    one = np.float32(1)
    assert compare([one], [np.nextafter(one, np.float32(2))]).verdict == "different"


def test_a_tolerance_is_relative_and_absolute():
    assert compare([100.0, 0.0], [100.9, 0.09], Tolerance(rtol=0.01, atol=0.1)).verdict == "close"
    assert compare([100.0, 0.0], [100.9, 0.11], Tolerance(rtol=0.01, atol=0.1)).verdict == "different"


def test_the_worst_element_is_shown_with_both_values():
    result = compare_output("output", [np.zeros([1, 2]), np.array([[0.0, 4.0]])], [np.zeros([1, 2]), np.array([[0.5, 6.0]])],
                            Tolerance())
    assert result.worst_index == (1, 0, 1)
    assert (result.max_abs, result.mean_abs, result.max_rel) == (2.0, 0.625, pytest.approx(0.5 / np.finfo(np.float32).tiny))
    assert (result.expected, result.actual) == ("4.0", "6.0")


def test_a_nan_or_an_infinity_on_one_side_is_different_whatever_the_tolerance():
    for value in (np.nan, np.inf, -np.inf):
        assert compare([1.0, 2.0], [1.0, value], Tolerance(1e3, 1e3)).verdict == "different"
        assert compare([1.0, value], [1.0, 2.0], Tolerance(1e3, 1e3)).verdict == "different"


@pytest.mark.parametrize(("expected", "actual"), [
    (np.array([1, 2], np.int64), np.array([1, 3], np.int64)),
    (np.array([True, False]), np.array([True, True])),
    (np.array([b"cat", b"dog"], object), np.array([b"cat", b"dag"], object)),
])
def test_integers_booleans_and_strings_are_compared_exactly(expected, actual):
    assert compare(expected, expected.copy()).verdict == "equal"
    result = compare(expected, actual, Tolerance(10, 10))
    assert (result.verdict, result.worst_index) == ("different", (0, 1))


@pytest.mark.parametrize(("expected", "actual", "words"), [
    (np.zeros([2, 3], np.float32), np.zeros([3, 2], np.float32), ["float32 [3, 2]", "float32 [2, 3]"]),
    (np.zeros(2, np.float32), np.zeros(2, np.float64), ["float64", "float32"]),
])
def test_another_shape_or_data_type_is_different(expected, actual, words):
    result = compare(expected, actual, Tolerance(1, 1))
    assert result.verdict == "different"
    assert all(word in result.problem for word in words)


def test_random_outputs_are_compared_by_shape_and_type_alone():
    assert compare([1.0, 2.0], [3.0, 4.0], is_random=True).verdict == "random"
    assert compare([1.0, 2.0], [3.0], is_random=True).verdict == "different"


def test_classifiers_show_how_often_the_top_class_agrees():
    result = compare([[0.9, 0.1], [0.4, 0.6]], [[0.8, 0.2], [0.6, 0.4]], Tolerance(1, 1))
    assert result.top1_agreement == 0.5


def test_half_precision_is_compared_as_floats():
    import ml_dtypes

    expected = np.array([1.0, 2.0], ml_dtypes.bfloat16)
    assert compare(expected, expected + np.array(0.0, ml_dtypes.bfloat16)).verdict == "equal"
    assert compare(expected, np.array([1.0, 2.0625], ml_dtypes.bfloat16), Tolerance(0.1)).verdict == "close"
