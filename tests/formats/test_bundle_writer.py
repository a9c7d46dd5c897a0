"""Checkpoints written without a session: the bytes are TensorFlow's, and its reader verifies them."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.errors import CheckpointError
from exporter.formats.bundle_writer import write_bundle
from exporter.weights.checkpoint import Checkpoint
from exporter.weights.tensor_source import ArrayTensor

ARRAYS = {
    "float": np.arange(6, dtype=np.float32).reshape(2, 3), "scalar": np.array(7, np.int64), "empty": np.zeros([0, 3]),
    "half": np.ones([3], tf.bfloat16.as_numpy_dtype), "flags": np.array([True, False]),
    "complex": np.array([1 + 2j], np.complex64), "a/b": np.ones([1], np.uint8), "ä": np.ones([1], np.int8)}


def sources(arrays):
    return {name: ArrayTensor(array, tf.as_dtype(array.dtype).name) for name, array in arrays.items()}


def files(prefix):
    return [open(f"{prefix}{suffix}", "rb").read() for suffix in (".index", ".data-00000-of-00001")]


def test_the_files_equal_those_of_tensorflow(tmp_path):
    write_bundle(tmp_path / "ours", sources(ARRAYS))
    names = sorted(ARRAYS, key=str.encode)
    tf.raw_ops.SaveV2(prefix=str(tmp_path / "theirs"), tensor_names=names, shape_and_slices=[""] * len(names),
                      tensors=[tf.constant(ARRAYS[name]) for name in names])
    assert files(tmp_path / "ours") == files(tmp_path / "theirs")


def test_tensorflow_reads_every_value(tmp_path):
    write_bundle(tmp_path / "model", sources(ARRAYS))
    reader = tf.train.load_checkpoint(str(tmp_path / "model"))
    for name, array in ARRAYS.items():
        found = np.asarray(reader.get_tensor(name))
        assert (found.dtype, found.shape, found.tobytes()) == (array.dtype, array.shape, array.tobytes())


@settings(deadline=None, max_examples=30)
@given(st.lists(st.binary(max_size=300), max_size=5))
def test_strings_equal_those_of_tensorflow(tmp_path_factory, values):
    folder = tmp_path_factory.mktemp("strings")
    array = np.array(values, object)
    write_bundle(folder / "ours", {"names": ArrayTensor(array, "string")})
    tf.raw_ops.SaveV2(prefix=str(folder / "theirs"), tensor_names=["names"], shape_and_slices=[""],
                      tensors=[tf.constant(array, tf.string, [len(values)])])
    assert files(folder / "ours") == files(folder / "theirs")
    assert np.asarray(tf.train.load_checkpoint(str(folder / "ours")).get_tensor("names")).tolist() == values


def test_a_checkpoint_can_be_copied_by_its_sources(tmp_path):
    write_bundle(tmp_path / "first", sources(ARRAYS))
    checkpoint = Checkpoint.open(tmp_path / "first")
    write_bundle(tmp_path / "second", {key: checkpoint.source(key) for key in checkpoint.entries})
    assert files(tmp_path / "first") == files(tmp_path / "second")


def test_damage_in_the_source_stops_the_copy(tmp_path):
    write_bundle(tmp_path / "first", sources(ARRAYS))
    checkpoint = Checkpoint.open(tmp_path / "first")
    data = tmp_path / "first.data-00000-of-00001"
    content = bytearray(data.read_bytes())
    content[checkpoint.entries["float"].file_tensor.offset] ^= 1
    data.write_bytes(content)
    with pytest.raises(CheckpointError, match="value of 'float'"):
        write_bundle(tmp_path / "second", {key: checkpoint.source(key) for key in checkpoint.entries})


def test_tensorflow_verifies_what_is_written(tmp_path):
    write_bundle(tmp_path / "model", sources(ARRAYS))
    data = tmp_path / "model.data-00000-of-00001"
    offset = Checkpoint.open(tmp_path / "model").entries["float"].file_tensor.offset
    content = bytearray(data.read_bytes())
    content[offset] ^= 1
    data.write_bytes(content)
    with pytest.raises(tf.errors.OpError, match="Checksum does not match"):
        tf.train.load_checkpoint(str(tmp_path / "model")).get_tensor("float")


def test_no_tensor_at_all(tmp_path):
    write_bundle(tmp_path / "model", {})
    assert tf.train.load_checkpoint(str(tmp_path / "model")).get_variable_to_shape_map() == {}
