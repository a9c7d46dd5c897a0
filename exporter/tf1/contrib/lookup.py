"""`tf.contrib.lookup`: tables, with the names and arguments of tensorflow/contrib/lookup/lookup_ops.py of 1.15."""

from __future__ import annotations

from typing import Any

from tensorflow.python.ops import lookup_ops

from exporter.lazy_tensorflow import Tensor, tf
from exporter.tf1.contrib.lazy_names import lazy_names

__all__ = ["HashTable", "MutableDenseHashTable", "MutableHashTable", "index_table_from_tensor", "index_to_string",
           "index_to_string_table_from_file", "index_to_string_table_from_tensor", "string_to_index",
           "string_to_index_table_from_file", "string_to_index_table_from_tensor"]

_SAME = ("FastHashSpec", "HasherSpec", "IdTableWithHashBuckets", "KeyValueTensorInitializer", "LookupInterface",
         "StrongHashSpec", "TableInitializerBase", "TextFileIdTableInitializer", "TextFileIndex", "TextFileInitializer",
         "TextFileStringTableInitializer", "index_table_from_file")

__getattr__, __dir__ = lazy_names(__name__, {
    **{name: f"tensorflow.python.ops.lookup_ops:{name}" for name in _SAME},
    "InitializableLookupTableBase": "tensorflow.python.ops.lookup_ops:InitializableLookupTableBaseV1",
    "lookup_ops": "tensorflow.python.ops:lookup_ops",
})


class HashTable(lookup_ops.StaticHashTableV1):  # type: ignore[misc]
    """A table that is filled once.

    Args:
        initializer: what fills it.
        default_value: what other keys get.
    """

    def __init__(self, initializer: Any, default_value: Any, shared_name: str | None = None,
                 name: str = "hash_table") -> None:
        super().__init__(initializer, default_value, name or "hash_table")

    @property
    def init(self) -> Any:
        """Is the older name of `initializer`."""
        return self.initializer


class MutableHashTable(lookup_ops.MutableHashTable):  # type: ignore[misc]
    """A table that operations fill.

    Args:
        key_dtype, value_dtype: types.
        default_value: what other keys get.
        checkpoint: whether checkpoints have its content.
    """

    def __init__(self, key_dtype: Any, value_dtype: Any, default_value: Any, shared_name: str | None = None,
                 name: str = "MutableHashTable", checkpoint: bool = True) -> None:
        super().__init__(key_dtype, value_dtype, default_value, name, checkpoint)


class MutableDenseHashTable(lookup_ops.DenseHashTable):  # type: ignore[misc]
    """A table that operations fill, in one block.

    Args:
        empty_key, deleted_key: keys that are never used.
        key_dtype, value_dtype, default_value, checkpoint: see `MutableHashTable`.
    """

    def __init__(self, key_dtype: Any, value_dtype: Any, default_value: Any, empty_key: Any, deleted_key: Any,
                 initial_num_buckets: int | None = None, shared_name: str | None = None,
                 name: str = "MutableDenseHashTable", checkpoint: bool = True) -> None:
        super().__init__(key_dtype, value_dtype, default_value, empty_key, deleted_key, initial_num_buckets, name,
                         checkpoint)


def index_table_from_tensor(mapping: Any, num_oov_buckets: int = 0, default_value: int = -1,
                            hasher_spec: Any = lookup_ops.FastHashSpec, dtype: Any = None, name: str | None = None) -> Any:
    """Returns a table: value -> its place in ``mapping``, int64.

    Raises:
        ValueError: no mapping.
    """
    if mapping is None:
        raise ValueError("mapping must be specified.")
    return lookup_ops.index_table_from_tensor(mapping, num_oov_buckets, default_value, hasher_spec, dtype or tf.string, name)


def index_to_string_table_from_tensor(mapping: Any, default_value: str = "UNK", name: str | None = None) -> Any:
    """Returns a table: place, int64 -> the string of ``mapping`` there.

    Raises:
        ValueError: no mapping.
    """
    if mapping is None:
        raise ValueError("mapping must be specified.")
    return lookup_ops.index_to_string_table_from_tensor(mapping, default_value, name)


def index_to_string_table_from_file(vocabulary_file: Any, vocab_size: int | None = None, default_value: str = "UNK",
                                    name: str | None = None, key_column_index: int = lookup_ops.TextFileIndex.LINE_NUMBER,
                                    value_column_index: int = lookup_ops.TextFileIndex.WHOLE_LINE,
                                    delimiter: str = "\t") -> Any:
    """Returns a table: number of a line, int64 -> the line."""
    return lookup_ops.index_to_string_table_from_file(
        vocabulary_file, vocab_size, default_value, name, key_column_index, value_column_index, delimiter)


def string_to_index(tensor: Any, mapping: Any, default_value: int = -1, name: str | None = None) -> Tensor:
    """Looks strings up in `index_table_from_tensor`."""
    return index_table_from_tensor(mapping, default_value=default_value, name=name).lookup(tensor)


def index_to_string(tensor: Any, mapping: Any, default_value: str = "UNK", name: str | None = None) -> Tensor:
    """Looks numbers up in `index_to_string_table_from_tensor`."""
    return index_to_string_table_from_tensor(mapping, default_value, name).lookup(tensor)


def string_to_index_table_from_file(vocabulary_file: Any = None, num_oov_buckets: int = 0, vocab_size: int | None = None,
                                    default_value: int = -1, hasher_spec: Any = lookup_ops.FastHashSpec,
                                    name: str | None = None) -> Any:
    """Is the older name of `index_table_from_file`."""
    return lookup_ops.index_table_from_file(vocabulary_file, num_oov_buckets, vocab_size, default_value, hasher_spec,
                                            name=name)


def string_to_index_table_from_tensor(mapping: Any, num_oov_buckets: int = 0, default_value: int = -1,
                                      hasher_spec: Any = lookup_ops.FastHashSpec, name: str | None = None) -> Any:
    """Is the older name of `index_table_from_tensor`."""
    return index_table_from_tensor(mapping, num_oov_buckets, default_value, hasher_spec, name=name)
