"""What a user may ask of a stored graph: values that fit a tensor, shapes, and nothing twice."""

import math

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from exporter.errors import UsageError
from exporter.graph.stored.options import (
    StoredGraphOptions,
    constant_node,
    parse_fixed,
    parse_input_shapes,
    placeholder_node,
)
from exporter.graph.tensor_spec import shape_from_proto


@pytest.mark.parametrize(("text", "values"), [
    ("", {}), ("keep_prob=1.0", {"keep_prob": 1.0}), ("a=1, is_training = False", {"a": 1, "is_training": False}),
    ("scope/ids:1=[1, 2],flag=true", {"scope/ids:1": [1, 2], "flag": True}),
    ("sizes=[[1,2],[3,4]]", {"sizes": [[1, 2], [3, 4]]}),
    ("mode=a=b", {"mode": "a=b"}), ("words=a,b", {"words": "a,b"}), ("rate=1e-3", {"rate": "1e-3"})])
def test_fixed_values_are_yaml(text, values):
    assert parse_fixed(text) == values


@pytest.mark.parametrize("text", ["keep_prob", "=1", "keep_prob=", "keep_prob=[1"])
def test_what_is_no_assignment_is_refused(text):
    with pytest.raises(UsageError, match=r"is not of the form name=value|can't be read"):
        parse_fixed(text)


def test_input_shapes():
    assert parse_input_shapes(["images=-1,32,32,3", "scope/x:1 = None, ?,4", "scalar="]) == {
        "images": (None, 32, 32, 3), "scope/x:1": (None, None, 4), "scalar": ()}


@pytest.mark.parametrize("text", ["-1,28,28,3", "=1,2", "x=a", "x=-2,3", "x=1,,2"])
def test_what_is_no_input_shape_is_refused(text):
    with pytest.raises(UsageError, match=r"name=-1,32,32,3"):
        parse_input_shapes([text])


@pytest.mark.parametrize(("inputs", "fixed"), [(["x"], {"x": 1}), (["y", "x:0"], {"x": 1}), (["x"], {"x:0": 1})])
def test_nothing_is_an_input_and_fixed(inputs, fixed):
    with pytest.raises(UsageError, match="x is to be an input and to be fixed"):
        StoredGraphOptions("model.meta", inputs, fixed=fixed)


def value_of(node):
    return tf.make_ndarray(node.attr["value"].tensor)


@pytest.mark.parametrize(("value", "dtype", "shape", "expected"), [
    (1.0, tf.float32, (), np.float32(1)), (1, tf.float32, None, np.float32(1)), ("1e-3", tf.float32, (), np.float32(1e-3)),
    (0.5, tf.float16, (), np.float16(0.5)), (False, tf.bool, (), np.False_), (0, tf.bool, (), np.False_),
    (8, tf.int64, (), np.int64(8)), (8.0, tf.int32, (), np.int32(8)), ("text", tf.string, (), b"text"),
    ([1, 2], tf.int32, (None,), np.array([1, 2], np.int32)), ([[1.5]], tf.float64, None, np.array([[1.5]])),
    (3, tf.int32, (2, 2), np.full((2, 2), 3, np.int32)), (["a", "b"], tf.string, (2,), np.array([b"a", b"b"], object))])
def test_a_value_takes_the_tensors_type_and_shape(value, dtype, shape, expected):
    found = value_of(constant_node("x", value, dtype.as_datatype_enum, shape))
    assert found.shape == np.shape(expected)
    assert found.dtype == np.asarray(expected, object if dtype == tf.string else None).dtype
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(("value", "dtype", "shape"), [
    ("maybe", tf.bool, ()), ("False", tf.bool, ()), (0.5, tf.bool, ()), ("high", tf.float32, ()), (0.5, tf.int32, ()),
    (300, tf.uint8, ()), (-1, tf.uint8, ()), (math.nan, tf.int32, ()), (None, tf.float32, ()), (None, tf.string, ()),
    (1, tf.string, ()), ([1, 2], tf.float32, ()), ([1, 2], tf.float32, (3,)), ([[1], [1, 2]], tf.float32, None),
    ({"a": 1}, tf.float32, ()), ([1, 2], tf.bool, None), (1, tf.resource, ())])
def test_a_value_of_another_type_or_shape_is_refused(value, dtype, shape):
    with pytest.raises(UsageError, match=r"'keep_prob' .* can't be fixed to"):
        constant_node("keep_prob", value, dtype.as_datatype_enum, shape)


@pytest.mark.parametrize("shape", [(None, 3), (), None])
def test_a_placeholder_has_the_shape_that_is_known(shape):
    assert shape_from_proto(placeholder_node(tf.int64.as_datatype_enum, shape).attr["shape"].shape) == shape
