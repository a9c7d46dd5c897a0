"""The table format: what is written is read, equals TensorFlow's bytes, and damage is noticed."""

import pytest
import tensorflow.compat.v1 as tf
from hypothesis import given
from hypothesis import strategies as st

from exporter.weights.checksum import masked_checksum
from exporter.weights.table_format import CompressedTableError, TableError, is_table, read_table, write_table, write_varint

TABLES = st.dictionaries(st.binary(max_size=40), st.binary(max_size=200), max_size=60)


@given(TABLES)
def test_what_is_written_is_read(entries):
    entries = sorted(entries.items())
    content = write_table(entries)
    assert is_table(content)
    assert list(read_table(content)) == entries


@given(st.dictionaries(st.binary(min_size=1, max_size=5), st.just(b"x" * 100_000), min_size=8, max_size=12))
def test_tables_of_several_blocks(entries):
    entries = sorted(entries.items())
    assert list(read_table(write_table(entries))) == entries


def test_the_bytes_equal_those_of_tensorflow(tmp_path):
    """Long keys, so that the index has several blocks of 262144 bytes."""
    names = [f"layer_{number % 7}/{'block/' * (number % 90)}{'w' * 1000}{number}" for number in range(700)]
    values = [tf.constant(float(number)) for number in range(700)]
    tf.raw_ops.SaveV2(prefix=str(tmp_path / "model"), tensor_names=names, shape_and_slices=[""] * 700, tensors=values)
    content = (tmp_path / "model.index").read_bytes()
    assert len(content) > 2 * 262144
    assert write_table(list(read_table(content))) == content


@pytest.fixture(scope="module")
def table():
    return write_table([(b"", b"header"), *((f"key_{number:03}".encode(), b"value" * number) for number in range(40))])


def test_every_flipped_bit_is_noticed_or_harmless(table):
    """Harmless: the padding of the footer, and the handle of the metaindex, which nobody reads."""
    expected = list(read_table(table))
    noticed = 0
    for position in range(len(table)):
        damaged = bytearray(table)
        damaged[position] ^= 1 << position % 8
        try:
            assert list(read_table(bytes(damaged))) == expected
        except TableError:
            noticed += 1
    assert noticed > len(table) - 60


def test_every_cut_is_noticed(table):
    for length in range(len(table)):
        with pytest.raises(TableError):
            list(read_table(table[:length]))


def test_keys_out_of_order_are_noticed():
    with pytest.raises(TableError, match="not in order"):
        list(read_table(write_table([(b"b", b""), (b"a", b"")])))


def test_something_else_is_no_table():
    with pytest.raises(TableError, match="does not end as a checkpoint index does"):
        list(read_table(b"something else " * 10))


def compressed(table):
    """The table with its first block marked as compressed, checksum included."""
    size = first_block_size(table)
    return table[:size] + b"\1" + masked_checksum(table[:size], b"\1").to_bytes(4, "little") + table[size + 5:]


def first_block_size(table):
    return next(size for size in range(len(table))
                if table[size + 1:size + 5] == masked_checksum(table[:size], b"\0").to_bytes(4, "little"))


def test_compressed_blocks_are_left_to_tensorflow(table):
    with pytest.raises(CompressedTableError):
        list(read_table(compressed(table)))


@pytest.mark.parametrize(("number", "expected"), [(0, b"\0"), (127, b"\x7f"), (128, b"\x80\1"), (300, b"\xac\2")])
def test_varints(number, expected):
    assert write_varint(number) == expected
