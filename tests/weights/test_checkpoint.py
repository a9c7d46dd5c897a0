"""A checkpoint's values, on both roads."""

import contextlib

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from exporter.errors import CheckpointError
from exporter.weights.checkpoint import DIRECT_ROAD, TENSORFLOW_ROAD, Checkpoint
from exporter.weights.checksum import masked_checksum
from exporter.weights.tensor_bundle import read_bundle_index
from exporter.weights.tensor_source import ArrayTensor, FileTensor, SlicedTensor
from tests.checkpoints import write_checkpoint
from tests.goldens import GOLDENS

DTYPES = ("float16", "bfloat16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32",
          "uint64", "bool", "complex64", "complex128", "float8_e5m2", "float8_e4m3fn", "qint8", "quint8", "qint32")


def save(prefix, tensors, slices=None):
    """Writes a V2 checkpoint by TensorFlow."""
    tf.raw_ops.SaveV2(prefix=str(prefix), tensor_names=list(tensors), shape_and_slices=slices or [""] * len(tensors),
                      tensors=list(tensors.values()))
    return str(prefix)


def assert_reads_what_tensorflow_reads(checkpoint, prefix):
    reader = tf.train.load_checkpoint(prefix)
    shapes = reader.get_variable_to_shape_map()
    assert {key: list(entry.shape) for key, entry in checkpoint.entries.items()} == shapes
    for key in shapes:
        source = checkpoint.source(key)
        value, expected = source.read(), reader.get_tensor(key)
        expected = np.asarray(expected, object if isinstance(expected, bytes) else None)
        assert (value.shape, value.dtype) == (expected.shape, expected.dtype)
        assert value.tobytes() == expected.tobytes() or value.tolist() == expected.tolist()
        if value.dtype != object:
            assert b"".join(map(bytes, source.chunks())) == expected.tobytes()
            assert source.byte_size == expected.nbytes


@pytest.mark.parametrize("golden", GOLDENS)
@pytest.mark.parametrize("version", ["V1", "V2"])
def test_every_golden_is_read_as_tensorflow_reads_it(golden, version, tmp_path):
    if version == "V1" and golden in ("data_types", "strings"):
        golden = "used_twice"  # V1 files know neither
    prefix = write_checkpoint(GOLDENS[golden], tmp_path / "model.ckpt", True, getattr(tf.train.SaverDef, version))
    # TensorFlow's reader does not put the slices of V1 files together; what it reads from a V2 file is expected.
    sliced_v1 = version == "V1" and golden.startswith("partitioned")
    expected = write_checkpoint(GOLDENS[golden], tmp_path / "expected", True) if sliced_v1 else prefix
    checkpoint = Checkpoint.open(prefix)
    assert checkpoint.path.version == version
    assert checkpoint.road == (DIRECT_ROAD if version == "V2" else TENSORFLOW_ROAD)
    assert checkpoint.step == 1234
    assert_reads_what_tensorflow_reads(checkpoint, expected)


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_data_type(dtype, tmp_path):
    value = tf.constant(np.array([[0, 1, 2], [3, 4, 1]]).astype(tf.as_dtype(dtype).as_numpy_dtype), dtype)
    prefix = save(tmp_path / "model", {"value": value})
    source = Checkpoint.open(prefix).source("value")
    assert isinstance(source, FileTensor)
    assert source.dtype == dtype
    assert source.read().tobytes() == value.numpy().tobytes()


def test_strings_are_read_by_tensorflow(tmp_path):
    prefix = save(tmp_path / "model", {"names": tf.constant([["cat", "dog"]]), "number": tf.constant(1.0)})
    checkpoint = Checkpoint.open(prefix)
    assert checkpoint.source("names").read().tolist() == [[b"cat", b"dog"]]
    assert isinstance(checkpoint.source("number"), FileTensor)


def test_slices_are_put_together(tmp_path):
    whole = np.arange(12, dtype=np.float32).reshape(6, 2)
    for name, part, specification in (("a", whole[:4], "6 2 0,4:-"), ("b", whole[4:], "6 2 4,2:-")):
        save(tmp_path / name, {"weights": tf.constant(part)}, [specification])
    tf.raw_ops.MergeV2Checkpoints(checkpoint_prefixes=[str(tmp_path / "a"), str(tmp_path / "b")],
                                  destination_prefix=str(tmp_path / "model"))
    source = Checkpoint.open(tmp_path / "model").source("weights")
    np.testing.assert_array_equal(source.read(), whole)
    np.testing.assert_array_equal(SlicedTensor(source, (slice(3, 5), slice(0, 1)), (2, 1)).read(), whole[3:5, :1])


def test_several_data_files(tmp_path):
    for name in ("a", "b"):
        save(tmp_path / name, {name: tf.constant([1.0, ord(name)])})
    tf.raw_ops.MergeV2Checkpoints(checkpoint_prefixes=[str(tmp_path / "a"), str(tmp_path / "b")],
                                  destination_prefix=str(tmp_path / "model"))
    checkpoint = Checkpoint.open(tmp_path / "model")
    assert len(checkpoint.path.files) == 3
    assert checkpoint.source("b").read().tolist() == [1.0, ord("b")]


def test_object_based_checkpoints_know_their_variables_names(tmp_path):
    layer = tf.Module()
    layer.weights = tf.compat.v2.Variable([1.0, 2.0], name="dense/weights")
    prefix = tf.train.Checkpoint(layer=layer).save(str(tmp_path / "model"))
    checkpoint = Checkpoint.open(prefix)
    key = checkpoint.key_by_variable_name["dense/weights"]
    assert key == "layer/weights/.ATTRIBUTES/VARIABLE_VALUE"
    assert checkpoint.source(key).read().tolist() == [1.0, 2.0]


def test_a_step_comes_from_the_checkpoint_or_else_from_its_name(tmp_path):
    assert Checkpoint.open(save(tmp_path / "model-7", {"global_step": tf.constant(9, tf.int64)})).step == 9
    assert Checkpoint.open(save(tmp_path / "model-8", {"other": tf.constant(9)})).step == 8
    assert Checkpoint.open(save(tmp_path / "model", {"other": tf.constant(9)})).step is None


def test_a_compressed_index_is_read_by_tensorflow(tmp_path):
    prefix = save(tmp_path / "model", {"a": tf.constant([1.0, 2.0]), "b": tf.constant([3], tf.int64)})
    index = tmp_path / "model.index"
    index.write_bytes(with_compressed_block(index.read_bytes()))
    checkpoint = Checkpoint.open(prefix)
    assert checkpoint.road == TENSORFLOW_ROAD
    assert checkpoint.source("a").read().tolist() == [1.0, 2.0]


def with_compressed_block(table):
    """Replaces the only data block by snappy's simplest form, one literal; blocks behind it keep their place by padding."""
    size = next(size for size in range(len(table))
                if table[size + 1:size + 5] == masked_checksum(table[:size], b"\0").to_bytes(4, "little"))
    from exporter.weights.table_format import _append_block, _BlockBuilder, read_table, write_varint

    [*entries] = read_table(table)
    literal = table[:size]
    compressed = write_varint(size) + bytes([60 << 2, size - 1]) + literal
    output = bytearray(compressed + b"\1" + masked_checksum(compressed, b"\1").to_bytes(4, "little"))
    metaindex = _append_block(output, _BlockBuilder(16).finish())
    index = _BlockBuilder(1)
    index.add(entries[-1][0], write_varint(0) + write_varint(len(compressed)))
    footer = metaindex + _append_block(output, index.finish())
    return bytes(output) + footer.ljust(40, b"\0") + table[-8:]


@pytest.mark.parametrize("position", range(0, 1600, 97))
def test_a_flipped_bit_in_the_data_names_the_variable(tmp_path, position):
    prefix = save(tmp_path / "model", {"first": tf.ones([200]), "second": tf.ones([200])})
    data = tmp_path / "model.data-00000-of-00001"
    content = bytearray(data.read_bytes())
    content[position] ^= 4
    data.write_bytes(content)
    checkpoint = Checkpoint.open(prefix)
    damaged, intact = ("first", "second") if position < 800 else ("second", "first")
    assert checkpoint.source(intact).read().tolist() == [1.0] * 200
    with pytest.raises(CheckpointError, match=f"value of '{damaged}' in .* is damaged: its checksum does not match"):
        checkpoint.source(damaged).read()


def test_a_damaged_string_names_the_variable(tmp_path):
    prefix = save(tmp_path / "model", {"names": tf.constant(["cat", "dog"])})
    data = tmp_path / "model.data-00000-of-00001"
    data.write_bytes(data.read_bytes().replace(b"dog", b"dig"))
    with pytest.raises(CheckpointError, match=r"value of 'names' in .* can't be read"):
        Checkpoint.open(prefix).source("names").read()


def test_a_damaged_v1_file_is_an_error(tmp_path):
    prefix = write_checkpoint(GOLDENS["used_twice"], tmp_path / "model", version=tf.train.SaverDef.V1)
    content = bytearray((tmp_path / "model").read_bytes())
    content[len(content) // 2] ^= 4
    (tmp_path / "model").write_bytes(content)
    with pytest.raises(CheckpointError, match=r"can't be read|no readable checkpoint"):
        _ = [Checkpoint.open(prefix).source(key).read() for key in ("features/weights", "resource", "reference")]


@pytest.mark.parametrize("golden", ["used_twice", "partitioned_references"])
def test_v1_checkpoints_in_shards(tmp_path, golden):
    pattern = write_checkpoint(GOLDENS[golden], tmp_path / "model.ckpt", version=tf.train.SaverDef.V1, sharded=True)
    assert pattern.endswith("-?????-of-00001")
    whole = write_checkpoint(GOLDENS[golden], tmp_path / "whole.ckpt", version=tf.train.SaverDef.V2)
    expected, found = Checkpoint.open(whole), Checkpoint.open(tmp_path / "model.ckpt")
    assert found.entries.keys() == expected.entries.keys()
    for key in expected.entries:
        np.testing.assert_array_equal(found.source(key).read(), expected.source(key).read())


def test_a_cut_off_data_file_names_the_variable(tmp_path):
    prefix = save(tmp_path / "model", {"first": tf.ones([20]), "second": tf.ones([20])})
    data = tmp_path / "model.data-00000-of-00001"
    data.write_bytes(data.read_bytes()[:100])
    with pytest.raises(CheckpointError, match="has 100 bytes; the value of 'second' ends at 160"):
        Checkpoint.open(prefix)


def test_a_data_file_that_is_cut_off_while_it_is_read_names_the_variable(tmp_path):
    prefix = save(tmp_path / "model", {"first": tf.ones([20])})
    source = Checkpoint.open(prefix).source("first")
    (tmp_path / "model.data-00000-of-00001").write_bytes(b"")
    with pytest.raises(CheckpointError, match="ends within the value of 'first'"):
        source.read()


def test_a_damaged_index_is_an_error_or_harmless(tmp_path):
    prefix = save(tmp_path / "model", {"first": tf.ones([20])})
    index = tmp_path / "model.index"
    content = index.read_bytes()
    for position in range(len(content)):
        index.write_bytes(content[:position] + bytes([content[position] ^ 16]) + content[position + 1:])
        with contextlib.suppress(CheckpointError):
            assert Checkpoint.open(prefix).source("first").read().tolist() == [1.0] * 20


@pytest.mark.parametrize("content", [b"no checkpoint", b"{}" * 100])
def test_a_file_of_another_kind_is_an_error(tmp_path, content):
    (tmp_path / "model.h5").write_bytes(content)
    with pytest.raises(CheckpointError, match=r"model.h5 is no readable checkpoint"):
        Checkpoint.open(tmp_path / "model.h5")


def test_big_values_are_read_in_pieces(tmp_path):
    value = np.random.default_rng(1).normal(size=(700, 500)).astype(np.float32)
    prefix = save(tmp_path / "model", {"value": tf.constant(value)})
    source = Checkpoint.open(prefix).source("value")
    assert [len(chunk) for chunk in source.chunks()] == [1 << 20, value.nbytes - (1 << 20)]
    np.testing.assert_array_equal(source.read(), value)


def test_arrays_are_sources_too():
    array = np.asfortranarray(np.arange(6, dtype=np.int16).reshape(2, 3))
    source = ArrayTensor(array, "int16")
    assert b"".join(source.chunks()) == array.tobytes()
    assert (source.byte_size, source.shape) == (12, (2, 3))
    assert list(ArrayTensor(np.zeros([0, 3], np.float32), "float32").chunks()) == []


def test_the_index_alone_tells_names_types_and_shapes(tmp_path):
    path = Checkpoint.open(save(tmp_path / "model", {"a/b": tf.zeros([2, 0, 3], tf.float16)})).path
    entry = read_bundle_index(path)["a/b"]
    assert (entry.dtype, entry.shape, entry.file_tensor.byte_size) == ("float16", (2, 0, 3), 0)
