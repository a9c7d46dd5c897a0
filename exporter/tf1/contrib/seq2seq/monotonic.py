"""Probabilities that attention gives: of the largest score alone, and monotonic ones (Raffel et al. 2017, 1704.00784)."""

from __future__ import annotations

from typing import Any

import numpy as np

from exporter.lazy_tensorflow import Tensor, tf

__all__ = ["hardmax", "monotonic_attention", "safe_cumprod"]


def hardmax(logits: Tensor, name: str | None = None) -> Tensor:
    """Returns 1 where a row has its largest value, and 0 elsewhere; shape and dtype are those of `logits` [..., n]."""
    with tf.name_scope(name, "Hardmax", [logits]):
        logits = tf.convert_to_tensor(logits, name="logits")
        depth = logits.shape.as_list()[-1] or tf.shape(logits)[-1]
        return tf.one_hot(tf.argmax(logits, -1), depth, dtype=logits.dtype)


def safe_cumprod(x: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """Returns the cumulative product of numbers from 0 to 1, by logarithms, so that its gradient stays finite at 0.

    Args:
        x: the numbers.
        *args: those of `tf.cumsum`.
        **kwargs: those of `tf.cumsum`.
    """
    with tf.name_scope(None, "SafeCumprod", [x]):
        x = tf.convert_to_tensor(x, name="x")
        tiny = np.finfo(x.dtype.as_numpy_dtype).tiny
        return tf.exp(tf.cumsum(tf.log(tf.clip_by_value(x, tiny, 1)), *args, **kwargs))


def monotonic_attention(p_choose_i: Tensor, previous_attention: Tensor, mode: str) -> Tensor:
    """Returns the probabilities of attending to each place, if attention only ever moves forward.

    Args:
        p_choose_i: the probability of stopping at each place, [batch, places].
        previous_attention: what this returned a step before, [batch, places].
        mode: ``recursive`` (exact, a loop), ``parallel`` (by cumulative sums) or ``hard`` (probabilities 0 and 1).

    Raises:
        ValueError: another mode.
    """
    p_choose_i = tf.convert_to_tensor(p_choose_i, name="p_choose_i")
    previous_attention = tf.convert_to_tensor(previous_attention, name="previous_attention")
    if mode == "recursive":
        return _recursive(p_choose_i, previous_attention)
    if mode == "parallel":
        passing = safe_cumprod(1 - p_choose_i, axis=1, exclusive=True)
        # where a factor underflows, the quotient is held back
        return p_choose_i * passing * tf.cumsum(previous_attention / tf.clip_by_value(passing, 1e-10, 1.0), axis=1)
    if mode == "hard":
        p_choose_i = p_choose_i * tf.cumsum(previous_attention, axis=1)
        return p_choose_i * tf.cumprod(1 - p_choose_i, axis=1, exclusive=True)
    raise ValueError(f"mode must be 'recursive', 'parallel', or 'hard', found {mode!r}.")


def _recursive(p_choose_i: Tensor, previous_attention: Tensor) -> Tensor:
    batch_size = p_choose_i.shape.as_list()[0] or tf.shape(p_choose_i)[0]
    passing = tf.concat([tf.ones([batch_size, 1], p_choose_i.dtype), 1 - p_choose_i[:, :-1]], 1)
    reaching = tf.scan(lambda before, place: tf.reshape(place[0] * before + place[1], [batch_size]),
                       [tf.transpose(passing), tf.transpose(previous_attention)], tf.zeros([batch_size], p_choose_i.dtype))
    return p_choose_i * tf.transpose(reaching)


def monotonic_probability(score: Tensor, previous_alignments: Tensor, sigmoid_noise: float, mode: str,
                          seed: int | None = None) -> Tensor:
    """Returns `monotonic_attention` of scores [batch, places], with noise added to them for training."""
    if sigmoid_noise > 0:
        score = score + sigmoid_noise * tf.random_normal(tf.shape(score), dtype=score.dtype, seed=seed)
    stopping = tf.cast(score > 0, score.dtype) if mode == "hard" else tf.sigmoid(score)
    return monotonic_attention(stopping, previous_alignments, mode)
