"""`tf.contrib.losses`: those of tf-slim."""

from __future__ import annotations

from exporter.tf1.contrib.lazy_names import lazy_names

_OF_SLIM = (
    "absolute_difference", "add_loss", "compute_weighted_loss", "cosine_distance", "get_losses",
    "get_regularization_losses", "get_total_loss", "hinge_loss", "log_loss", "mean_pairwise_squared_error",
    "mean_squared_error", "sigmoid_cross_entropy", "softmax_cross_entropy", "sparse_softmax_cross_entropy")

__getattr__, __dir__ = lazy_names(__name__, {
    **{name: f"tf_slim.losses.loss_ops:{name}" for name in _OF_SLIM},
    "loss_ops": "tf_slim.losses.loss_ops:",
    "metric_learning": "tf_slim.losses.metric_learning:",
})
