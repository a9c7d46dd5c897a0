"""`tf.contrib.slim`: tf-slim, and the names that slim took over from `tf.contrib.layers` and `tf.contrib.framework`."""

from __future__ import annotations

from tf_slim import nets

from exporter.tf1.contrib.lazy_names import lazy_names

_MODULES = {
    **{name: f"tensorflow.python.ops:{name}" for name in (
        "array_ops", "check_ops", "control_flow_ops", "embedding_ops", "init_ops", "math_ops", "nn", "nn_ops", "parsing_ops",
        "random_ops", "resource_variable_ops", "sparse_ops", "string_ops", "variable_scope")},
    **{name: f"tensorflow.python.framework:{name}" for name in ("ops", "sparse_tensor", "tensor_shape")},
    "checkpoint_utils": "tensorflow.python.training:checkpoint_utils",
    "variables": "tf_slim.ops:variables",
    "contrib_variables": "tf_slim.ops:variables",
    "loss_ops": "tf_slim.losses.loss_ops:",
    "metric_ops": "tf_slim.metrics.metric_ops:",
    "embedding_lookup_sparse_with_distributed_aggregation": "nn.embedding_lookup_sparse",
}

__getattr__, __dir__ = lazy_names(
    __name__, _MODULES, modules=("tf_slim", "exporter.tf1.contrib.layers", "exporter.tf1.contrib.framework"),
    training="binary_svm_target get_default_binary_metrics_for_eval",
    no_kernel="scattered_embedding_lookup scattered_embedding_lookup_sparse sparse_feature_cross")

__all__ = ["nets"]
