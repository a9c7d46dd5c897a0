"""The loss of sequences."""

from __future__ import annotations

from collections.abc import Callable

from exporter.lazy_tensorflow import Tensor, tf

__all__ = ["sequence_loss"]


def sequence_loss(logits: Tensor, targets: Tensor, weights: Tensor, average_across_timesteps: bool = True,
                  average_across_batch: bool = True, sum_over_timesteps: bool = False, sum_over_batch: bool = False,
                  softmax_loss_function: Callable[..., Tensor] | None = None, name: str | None = None) -> Tensor:
    """Returns the weighted cross-entropy of sequences.

    Args:
        logits: float [batch, time, classes].
        targets: int [batch, time].
        weights: float [batch, time].
        average_across_timesteps: divide the sum over time by the sum of the weights.
        average_across_batch: divide the sum over the batch by the sum of the weights.
        sum_over_timesteps: divide the sum over time by the number of weights that are not 0.
        sum_over_batch: divide the sum over the batch by the number of weights that are not 0.
        softmax_loss_function: (labels, logits) -> losses, in place of sparse softmax.
        name: of the operations.

    Returns:
        A scalar if time and batch are reduced, else float [batch] or [time] or [batch, time].

    Raises:
        ValueError: a rank is another, or a dimension is to be both averaged and summed.
    """
    _check_ranks(logits, targets, weights)
    _check_one_way(average_across_timesteps, sum_over_timesteps, "timesteps")
    _check_one_way(average_across_batch, sum_over_batch, "batch")
    with tf.name_scope(name, "sequence_loss", [logits, targets, weights]):
        flat, labels = tf.reshape(logits, [-1, tf.shape(logits)[2]]), tf.reshape(targets, [-1])
        function = softmax_loss_function or tf.nn.sparse_softmax_cross_entropy_with_logits
        losses = function(labels=labels, logits=flat) * tf.reshape(weights, [-1])
        if average_across_timesteps and average_across_batch:
            return _average(losses, weights, None)
        if sum_over_timesteps and sum_over_batch:
            return _share(losses, weights, None)
        losses = tf.reshape(losses, tf.shape(logits)[:2])
        if average_across_timesteps or average_across_batch:
            return _average(losses, weights, 0 if average_across_batch else 1)
        if sum_over_timesteps or sum_over_batch:
            return _share(losses, weights, 0 if sum_over_batch else 1)
        return losses


def _check_ranks(logits: Tensor, targets: Tensor, weights: Tensor) -> None:
    for value, rank, meaning in ((logits, 3, "logits [batch, time, classes]"), (targets, 2, "targets [batch, time]"),
                                 (weights, 2, "weights [batch, time]")):
        if len(value.shape) != rank:
            raise ValueError(f"Expected {meaning}, found the shape {value.shape}.")


def _check_one_way(averaged: bool, summed: bool, meaning: str) -> None:
    if averaged and summed:
        raise ValueError(f"Averaging across and summing over {meaning} can not be set to True at same time.")


def _average(losses: Tensor, weights: Tensor, axis: int | None) -> Tensor:
    """The sum along an axis, None: of all, by that of the weights."""
    return tf.reduce_sum(losses, axis) / (tf.reduce_sum(weights, axis) + 1e-12)


def _share(losses: Tensor, weights: Tensor, axis: int | None) -> Tensor:
    """The sum by the number of weights that are not 0."""
    return tf.div_no_nan(tf.reduce_sum(losses, axis), tf.cast(tf.count_nonzero(weights, axis), losses.dtype))
