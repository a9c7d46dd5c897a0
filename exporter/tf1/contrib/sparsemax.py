"""`tf.contrib.sparsemax`: Martins and Astudillo, From Softmax to Sparsemax, 2016."""

from __future__ import annotations

from typing import Any

from exporter.lazy_tensorflow import Tensor, tf

__all__ = ["sparsemax", "sparsemax_loss"]


def sparsemax(logits: Any, name: str | None = None) -> Tensor:
    """Returns the point of the simplex that is next to the logits: float [batch, classes], as they are."""
    with tf.name_scope(name, "sparsemax", [logits]):
        logits = tf.convert_to_tensor(logits, name="logits")
        z = logits - tf.reduce_mean(logits, axis=1, keepdims=True)
        classes = tf.shape(logits)[1]
        ordered, _ = tf.nn.top_k(z, k=classes)
        sums = tf.cumsum(ordered, axis=1)
        ranks = tf.cast(tf.range(1, classes + 1), logits.dtype)
        support = tf.reduce_sum(tf.cast(1 + ranks * ordered > sums, tf.int32), axis=1, keepdims=True)
        at_support = tf.gather(sums, support - 1, axis=1, batch_dims=1)
        threshold = (at_support - 1) / tf.cast(support, logits.dtype)
        result = tf.maximum(tf.zeros([], logits.dtype), z - threshold)
        result.set_shape(logits.shape)
        return result


def sparsemax_loss(logits: Any, sparsemax: Any, labels: Any, name: str | None = None) -> Tensor:
    """Returns the loss of each row, float [batch].

    Args:
        logits, sparsemax, labels: float [batch, classes]; ``sparsemax`` is that of the logits.
    """
    with tf.name_scope(name, "sparsemax_loss", [logits, sparsemax, labels]):
        logits, chosen, labels = (tf.convert_to_tensor(value) for value in (logits, sparsemax, labels))
        shifted = logits - tf.reduce_mean(logits, axis=1, keepdims=True)
        in_support = tf.where(chosen > 0, chosen * (shifted - 0.5 * chosen), tf.zeros_like(chosen))
        at_labels = labels * (0.5 * labels - shifted)
        return tf.reduce_sum(in_support + at_labels, axis=1)
