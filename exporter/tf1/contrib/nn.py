"""`tf.contrib.nn`."""

from __future__ import annotations

from typing import Any

from exporter.lazy_tensorflow import Tensor, tf
from exporter.tf1.contrib.lazy_names import lazy_names

__all__ = ["alpha_dropout", "deprecated_flipped_sigmoid_cross_entropy_with_logits",
           "deprecated_flipped_softmax_cross_entropy_with_logits",
           "deprecated_flipped_sparse_softmax_cross_entropy_with_logits", "nth_element", "scaled_softplus"]

_SELU_BELOW = -1.7580993408473766

__getattr__, __dir__ = lazy_names(__name__, {"conv1d_transpose": "nn.conv1d_transpose"},
                                  training="rank_sampled_softmax_loss sampled_sparse_softmax_loss")


def alpha_dropout(x: Any, keep_prob: Any, noise_shape: Any = None, seed: int | None = None,
                  name: str | None = None) -> Tensor:
    """Drops elements and keeps mean and variance (Klambauer et al., Self-Normalizing Neural Networks, 2017).

    Args:
        x: float, any shape.
        keep_prob: the share that stays, a number or a tensor.
        noise_shape: int32, the shape of the random decisions.

    Raises:
        ValueError: a number that is not in (0, 1].
    """
    with tf.name_scope(name, "alpha_dropout", [x]):
        x = tf.convert_to_tensor(x, name="x")
        if isinstance(keep_prob, (int, float)):
            if not 0 < keep_prob <= 1.0:
                raise ValueError(f"keep_prob must be a scalar tensor or a float in the range (0, 1], got {keep_prob}")
            if keep_prob == 1:
                return x
        keep = tf.cast(tf.convert_to_tensor(keep_prob), x.dtype)
        shape = tf.shape(x) if noise_shape is None else noise_shape
        stays = tf.floor(tf.random_uniform(shape, seed=seed, dtype=x.dtype) + keep)
        mixed = x * stays + _SELU_BELOW * (1 - stays)
        scale = tf.pow(keep + _SELU_BELOW**2 * keep * (1 - keep), -0.5)
        dropped = scale * mixed - scale * _SELU_BELOW * (1 - keep)
        dropped.set_shape(x.shape)
        return dropped


def scaled_softplus(x: Any, alpha: Any, clip: Any = None, name: str | None = None) -> Tensor:
    """Returns alpha * softplus(x / alpha), at most ``clip``."""
    with tf.name_scope(name, "scaled_softplus", [x, alpha]):
        y = alpha * tf.nn.softplus(tf.convert_to_tensor(x) / alpha)
        return y if clip is None else tf.minimum(y, clip)


def nth_element(input: Any, n: Any, reverse: bool = False, name: str | None = None) -> Tensor:
    """Returns the n-th smallest (with ``reverse``, largest) value of each row: [..., size] -> [...]."""
    return tf.raw_ops.NthElement(input=input, n=n, reverse=reverse, name=name)


def deprecated_flipped_softmax_cross_entropy_with_logits(logits: Any, labels: Any, dim: int = -1,
                                                         name: str | None = None) -> Tensor:
    """Is `tf.nn.softmax_cross_entropy_with_logits` with the logits first."""
    return tf.nn.softmax_cross_entropy_with_logits(labels=labels, logits=logits, dim=dim, name=name)


def deprecated_flipped_sparse_softmax_cross_entropy_with_logits(logits: Any, labels: Any,
                                                                name: str | None = None) -> Tensor:
    """Is `tf.nn.sparse_softmax_cross_entropy_with_logits` with the logits first."""
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits, name=name)


def deprecated_flipped_sigmoid_cross_entropy_with_logits(logits: Any, targets: Any, name: str | None = None) -> Tensor:
    """Is `tf.nn.sigmoid_cross_entropy_with_logits` with the logits first."""
    return tf.nn.sigmoid_cross_entropy_with_logits(labels=targets, logits=logits, name=name)
