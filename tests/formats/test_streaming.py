"""Messages with weights: sizes are known before, and what is written is what protobuf reads."""

import io

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from hypothesis import given
from hypothesis import strategies as st

from exporter.formats.streaming import Message, frozen_graph_message, joined
from exporter.graph.freezing import FrozenStructure
from exporter.graph.variables import GraphVariable
from exporter.weights.binding import Weights
from exporter.weights.tensor_source import ArrayTensor

VALUES = {
    "matrix": np.arange(6, dtype=np.float32).reshape(2, 3), "one": np.ones([1, 1]), "scalar": np.array(3, np.int64),
    "empty": np.zeros([0, 2], np.float32), "half": np.arange(3).astype(tf.bfloat16.as_numpy_dtype),
    "flag": np.array(True), "names": np.array([b"cat", b"dog"], object), "name": np.array(b"owl", object),
    "long": np.zeros([300], np.float64), "ints": np.arange(4, dtype=np.uint16)}


def frozen_message(values):
    """A graph of one constant per value, an identity, and a function."""
    graph_def = tf.GraphDef()
    graph_def.versions.producer = 987
    constants = {}
    for name, value in values.items():
        node = graph_def.node.add(name=name, op="Const")
        dtype = tf.as_dtype(value.dtype)
        node.attr["dtype"].type = node.attr["value"].tensor.dtype = dtype.as_datatype_enum
        node.attr["_class"].list.s.append(b"loc:@other")
        constants[name] = GraphVariable(name, name, dtype.name, value.shape, is_resource=True)
    graph_def.node.add(name="end", op="NoOp")
    graph_def.library.function.add().signature.name = "function"
    weights = Weights({name: ArrayTensor(value, constants[name].dtype) for name, value in values.items()})
    return frozen_graph_message(FrozenStructure(graph_def, constants), weights)


def test_the_size_is_known_before_anything_is_written():
    message = frozen_message(VALUES)
    assert message.byte_size == len(message.content())


def test_protobuf_reads_every_value():
    graph_def = tf.GraphDef.FromString(frozen_message(VALUES).content())
    assert [node.name for node in graph_def.node] == [*VALUES, "end"]
    assert graph_def.versions.producer == 987
    assert graph_def.library.function[0].signature.name == "function"
    for node in graph_def.node[:-1]:
        found, expected = tf.make_ndarray(node.attr["value"].tensor), VALUES[node.name]
        assert (found.dtype, found.shape, found.tolist()) == (expected.dtype, expected.shape, expected.tolist())
        assert node.attr["_class"].list.s == [b"loc:@other"]


@pytest.mark.parametrize("name", sorted(set(VALUES) - {"ints"}))
def test_constants_are_encoded_as_tensorflow_encodes_them(name):
    [node, _] = tf.GraphDef.FromString(frozen_message({name: VALUES[name]}).content()).node
    assert node.attr["value"].tensor == tf.make_tensor_proto(VALUES[name])


@given(st.lists(st.binary(max_size=400)), st.integers(1, 1000))
def test_fields_nest_as_protobuf_nests_them(contents, number):
    """A message whose field ``number`` is the message before, several times over."""
    message = joined(*contents)
    for _ in range(3):
        message = message.as_field(number)
    assert message.byte_size == len(message.content())


def test_tensors_are_not_copied_into_the_message():
    source = ArrayTensor(np.zeros([1000]), "float64")
    message = joined(b"head", Message((source,)), b"tail", b"end")
    assert message.segments == (b"head", source, b"tailend")


def test_writing_appends_to_a_file():
    file = io.BytesIO(b"before")
    file.seek(0, io.SEEK_END)
    frozen_message(VALUES).write(file)
    assert file.getvalue().startswith(b"before")
