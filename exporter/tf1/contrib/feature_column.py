"""`tf.contrib.feature_column`: columns of sequences."""

from __future__ import annotations

from exporter.tf1.contrib.lazy_names import lazy_names

__getattr__, __dir__ = lazy_names(__name__, {
    "sequence_categorical_column_with_hash_bucket": "feature_column.sequence_categorical_column_with_hash_bucket",
    "sequence_categorical_column_with_identity": "feature_column.sequence_categorical_column_with_identity",
    "sequence_categorical_column_with_vocabulary_file": "feature_column.sequence_categorical_column_with_vocabulary_file",
    "sequence_categorical_column_with_vocabulary_list": "feature_column.sequence_categorical_column_with_vocabulary_list",
    "sequence_numeric_column": "feature_column.sequence_numeric_column",
}, training=(
    "sequence_input_layer"))
