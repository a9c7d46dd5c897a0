"""`tf.contrib.layers`: layers of tf-slim, and small code for what tf-slim left out.

The names are those of tensorflow/contrib/layers/__init__.py of TensorFlow 1.15. The functions that put old feature columns
into a model (`input_from_feature_columns`, ...) are stubs; `tf.feature_column.input_layer` takes these columns.
"""

from __future__ import annotations

from tf_slim.layers import summaries

from exporter.tf1.contrib.layers import feature_column
from exporter.tf1.contrib.layers.embedding_ops import embedding_lookup_unique, safe_embedding_lookup_sparse
from exporter.tf1.contrib.layers.encoders import bow_encoder, embed_sequence
from exporter.tf1.contrib.layers.feature_column import (
    bucketized_column,
    create_feature_spec_for_parsing,
    crossed_column,
    embedding_column,
    one_hot_column,
    real_valued_column,
    shared_embedding_columns,
    sparse_column_with_hash_bucket,
    sparse_column_with_integerized_feature,
    sparse_column_with_keys,
    sparse_column_with_vocabulary_file,
    weighted_sparse_column,
)
from exporter.tf1.contrib.lazy_names import lazy_names

SPARSE_FEATURE_CROSS_DEFAULT_HASH_KEY = 0xDECAFCAFFE

_OF_SLIM = (
    "GDN", "OPTIMIZER_CLS_NAMES", "OPTIMIZER_SUMMARIES", "RevBlock", "adaptive_clipping_fn", "apply_regularization",
    "avg_pool2d", "avg_pool3d", "batch_norm", "bias_add", "bucketize", "conv1d", "conv2d", "conv2d_in_plane",
    "conv2d_transpose", "conv3d", "conv3d_transpose", "convolution", "convolution1d", "convolution2d",
    "convolution2d_in_plane", "convolution2d_transpose", "convolution3d", "convolution3d_transpose", "dense_to_sparse",
    "dropout", "elu", "flatten", "fully_connected", "gdn", "group_norm", "images_to_sequence", "instance_norm",
    "l1_l2_regularizer", "l1_regularizer", "l2_regularizer", "layer_norm", "legacy_fully_connected", "legacy_linear",
    "legacy_relu", "linear", "max_pool2d", "max_pool3d", "maxout", "one_hot_encoding", "optimize_loss", "pool",
    "recompute_grad", "relu", "relu6", "repeat", "rev_block", "scale_gradient", "separable_conv2d",
    "separable_convolution2d", "sequence_to_images", "softmax", "spatial_softmax", "stack", "sum_regularizer",
    "summarize_activation", "summarize_activations", "summarize_collection", "summarize_tensor", "summarize_tensors",
    "unit_norm", "variance_scaling_initializer", "xavier_initializer", "xavier_initializer_conv2d")

__getattr__, __dir__ = lazy_names(
    __name__, {name: f"tf_slim:{name}" for name in _OF_SLIM},
    training="multi_class_target regression_target",
    no_code="check_feature_columns infer_real_valued_columns input_from_feature_columns "
            "joint_weighted_sum_from_feature_columns make_place_holder_tensors_for_base_features "
            "parse_feature_columns_from_examples parse_feature_columns_from_sequence_examples "
            "scattered_embedding_column sequence_input_from_feature_columns transform_features "
            "weighted_sum_from_feature_columns",
    instead="tf.feature_column.input_layer and linear_model take the columns of tf.contrib.layers.")

__all__ = [
    "SPARSE_FEATURE_CROSS_DEFAULT_HASH_KEY", "bow_encoder", "bucketized_column", "create_feature_spec_for_parsing",
    "crossed_column", "embed_sequence", "embedding_column", "embedding_lookup_unique", "feature_column", "one_hot_column",
    "real_valued_column", "safe_embedding_lookup_sparse", "shared_embedding_columns", "sparse_column_with_hash_bucket",
    "sparse_column_with_integerized_feature", "sparse_column_with_keys", "sparse_column_with_vocabulary_file", "summaries",
    "weighted_sparse_column"]
