"""The old feature columns, made as columns of `tf.feature_column`, which are their successors.

The names and arguments are those of tensorflow/contrib/layers/python/layers/feature_column.py of TensorFlow 1.15.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from exporter.lazy_tensorflow import tf
from exporter.tf1.contrib.missing import unwritten

__all__ = ["bucketized_column", "create_feature_spec_for_parsing", "crossed_column", "embedding_column", "one_hot_column",
           "real_valued_column", "shared_embedding_columns", "sparse_column_with_hash_bucket",
           "sparse_column_with_integerized_feature", "sparse_column_with_keys", "sparse_column_with_vocabulary_file",
           "weighted_sparse_column"]


def real_valued_column(column_name: str, dimension: int | None = 1, default_value: Any = None, dtype: Any = None,
                       normalizer: Any = None) -> Any:
    """Returns a column of numbers; ``dimension`` None is one number."""
    return tf.feature_column.numeric_column(column_name, (dimension or 1,), default_value, dtype or tf.float32, normalizer)


def bucketized_column(source_column: Any, boundaries: Sequence[float]) -> Any:
    """Returns a column of the bucket that a number falls into."""
    return tf.feature_column.bucketized_column(source_column, list(boundaries))


def sparse_column_with_keys(column_name: str, keys: Sequence[Any], default_value: int = -1, combiner: str = "sum",
                            dtype: Any = None) -> Any:
    """Returns a column of ids: each value's place in ``keys``."""
    return tf.feature_column.categorical_column_with_vocabulary_list(column_name, keys, dtype, default_value)


def sparse_column_with_hash_bucket(column_name: str, hash_bucket_size: int, combiner: str = "sum", dtype: Any = None,
                                   hash_keys: Any = None) -> Any:
    """Returns a column of ids: each value's hash."""
    return tf.feature_column.categorical_column_with_hash_bucket(column_name, hash_bucket_size, dtype or tf.string)


def sparse_column_with_integerized_feature(column_name: str, bucket_size: int, combiner: str = "sum",
                                           dtype: Any = None) -> Any:
    """Returns a column of ids: the values themselves."""
    return tf.feature_column.categorical_column_with_identity(column_name, bucket_size)


def sparse_column_with_vocabulary_file(column_name: str, vocabulary_file: str, num_oov_buckets: int = 0,
                                       vocab_size: int | None = None, default_value: int = -1, combiner: str = "sum",
                                       dtype: Any = None) -> Any:
    """Returns a column of ids: each value's line in a file."""
    return tf.feature_column.categorical_column_with_vocabulary_file(
        column_name, vocabulary_file, vocab_size, num_oov_buckets, None if num_oov_buckets else default_value,
        dtype or tf.string)


def crossed_column(columns: Iterable[Any], hash_bucket_size: int, combiner: str = "sum",
                   ckpt_to_load_from: str | None = None, tensor_name_in_ckpt: str | None = None,
                   hash_key: int | None = None) -> Any:
    """Returns a column of ids: hashes of the combinations of other columns' values.

    Raises:
        UnwrittenSymbolError: ``hash_key`` is None. TensorFlow 1.15 hashed otherwise then, and today's has no such operation.
    """
    if hash_key is None:
        unwritten("tf.contrib.layers.crossed_column without hash_key",
                  "Its old hash is gone; models that were trained with "
                  "hash_key=tf.contrib.layers.SPARSE_FEATURE_CROSS_DEFAULT_HASH_KEY work.")()
    plain = (getattr(column, "key", column) if isinstance(column, _columns_of_values()) else column for column in columns)
    return tf.feature_column.crossed_column(list(plain), hash_bucket_size, hash_key)


def _columns_of_values() -> tuple[type, ...]:
    """The columns whose values are crossed, not their ids."""
    from tensorflow.python.feature_column import feature_column_v2

    return (feature_column_v2.HashedCategoricalColumn, feature_column_v2.VocabularyListCategoricalColumn,
            feature_column_v2.VocabularyFileCategoricalColumn)


def weighted_sparse_column(sparse_id_column: Any, weight_column_name: str, dtype: Any = None) -> Any:
    """Returns a column of ids with weights."""
    return tf.feature_column.weighted_categorical_column(sparse_id_column, weight_column_name, dtype or tf.float32)


def one_hot_column(sparse_id_column: Any) -> Any:
    """Returns a column of one-hot vectors of ids."""
    return tf.feature_column.indicator_column(sparse_id_column)


def embedding_column(sparse_id_column: Any, dimension: int, combiner: str = "mean", initializer: Any = None,
                     ckpt_to_load_from: str | None = None, tensor_name_in_ckpt: str | None = None,
                     max_norm: float | None = None, trainable: bool = True) -> Any:
    """Returns a column of embeddings of ids (variable ``weights``)."""
    return _with_table_name("weights", tf.feature_column.embedding_column(
        sparse_id_column, dimension, combiner, initializer, ckpt_to_load_from, tensor_name_in_ckpt, max_norm, trainable))


def shared_embedding_columns(sparse_id_columns: Sequence[Any], dimension: int, combiner: str = "mean",
                             shared_embedding_name: str | None = None, initializer: Any = None,
                             ckpt_to_load_from: str | None = None, tensor_name_in_ckpt: str | None = None,
                             max_norm: float | None = None, trainable: bool = True) -> Any:
    """Returns columns of embeddings from one table (variable ``shared_embedding_name``, in the scope of the first one)."""
    columns = tf.feature_column.shared_embedding_columns(
        sparse_id_columns, dimension, combiner, initializer, shared_embedding_name, ckpt_to_load_from, tensor_name_in_ckpt,
        max_norm, trainable)
    return [_with_table_name(column.shared_embedding_collection_name, column) for column in columns]


def _with_table_name(table_name: str, column: Any) -> Any:
    """Returns the column, with another name of its variable."""
    kind: Any = type(column)

    class Column(kind):  # type: ignore[misc]
        """The column, whose variable is called as TensorFlow 1.15 called it."""

        @property
        def _var_scope_name(self) -> str:
            return str(self.name)

        def _get_dense_tensor(self, inputs: Any, weight_collections: Any = None, trainable: bool | None = None) -> Any:

            def renamed(getter: Callable[..., Any], name: str, *arguments: Any, **keywords: Any) -> Any:
                """Gets the variable by its other name."""
                return getter(f"{name.rpartition('/')[0]}/{table_name}", *arguments, **keywords)

            with tf.variable_scope(tf.get_variable_scope(), custom_getter=renamed):
                return super()._get_dense_tensor(inputs, weight_collections, trainable)

    return Column(*column)


def create_feature_spec_for_parsing(feature_columns: Iterable[Any]) -> dict[str, Any]:
    """Returns what `tf.parse_example` needs to read the columns."""
    specification: dict[str, Any] = tf.feature_column.make_parse_example_spec(list(feature_columns))
    return specification
