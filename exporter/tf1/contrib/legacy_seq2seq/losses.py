"""Losses of lists of logits, and models of several lengths."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from exporter.lazy_tensorflow import Tensor, tf

__all__ = ["model_with_buckets", "sequence_loss", "sequence_loss_by_example"]

LossFunction = Callable[..., Tensor]


def sequence_loss_by_example(logits: Sequence[Tensor], targets: Sequence[Tensor], weights: Sequence[Tensor],
                             average_across_timesteps: bool = True, softmax_loss_function: LossFunction | None = None,
                             name: str | None = None) -> Tensor:
    """Returns the weighted cross-entropy of each sequence, float [batch].

    Args:
        logits: float [batch, words] each.
        targets: int [batch] each.
        weights: float [batch] each.
        average_across_timesteps: divide by the sum of the weights.
        softmax_loss_function: (labels, logits) -> losses, in place of sparse softmax.
        name: of the operations.

    Raises:
        ValueError: the lists are of different lengths.
    """
    if len(targets) != len(logits) or len(weights) != len(logits):
        raise ValueError("Lengths of logits, weights, and targets must be the same, found "
                         f"{len(logits)}, {len(weights)}, {len(targets)}.")
    function = softmax_loss_function or (lambda labels, logits: tf.nn.sparse_softmax_cross_entropy_with_logits(
        labels=tf.reshape(labels, [-1]), logits=logits))
    with tf.name_scope(name, "sequence_loss_by_example", [*logits, *targets, *weights]):
        losses = tf.add_n([function(labels=target, logits=logit) * weight
                           for logit, target, weight in zip(logits, targets, weights, strict=True)])
        return losses / (tf.add_n(list(weights)) + 1e-12) if average_across_timesteps else losses


def sequence_loss(logits: Sequence[Tensor], targets: Sequence[Tensor], weights: Sequence[Tensor],
                  average_across_timesteps: bool = True, average_across_batch: bool = True,
                  softmax_loss_function: LossFunction | None = None, name: str | None = None) -> Tensor:
    """Returns the weighted cross-entropy of all sequences, a scalar; see `sequence_loss_by_example`.

    Args:
        logits: float [batch, words] each.
        targets: int [batch] each.
        weights: float [batch] each.
        average_across_timesteps: divide each sequence's by the sum of its weights.
        average_across_batch: divide by the batch's size.
        softmax_loss_function: (labels, logits) -> losses.
        name: of the operations.
    """
    with tf.name_scope(name, "sequence_loss", [*logits, *targets, *weights]):
        cost = tf.reduce_sum(sequence_loss_by_example(logits, targets, weights, average_across_timesteps,
                                                      softmax_loss_function))
        return cost / tf.cast(tf.shape(targets[0])[0], cost.dtype) if average_across_batch else cost


def model_with_buckets(encoder_inputs: Sequence[Tensor], decoder_inputs: Sequence[Tensor], targets: Sequence[Tensor],
                       weights: Sequence[Tensor], buckets: Sequence[tuple[int, int]], seq2seq: Callable[..., Any],
                       softmax_loss_function: LossFunction | None = None, per_example_loss: bool = False,
                       name: str | None = None) -> tuple[list[Any], list[Tensor]]:
    """Builds a model once for each pair of lengths, on the same variables.

    Args:
        encoder_inputs: the encoder's, as many as the longest bucket has.
        decoder_inputs: the decoder's.
        targets: int [batch] each.
        weights: float [batch] each.
        buckets: pairs of lengths of the encoder and the decoder, the longest last.
        seq2seq: (encoder inputs, decoder inputs) -> (outputs, state).
        softmax_loss_function: (labels, logits) -> losses.
        per_example_loss: whether losses are per sequence.
        name: of the operations.

    Returns:
        The outputs and the losses of each bucket.

    Raises:
        ValueError: a list is shorter than the last bucket.
    """
    for values, needed, meaning in ((encoder_inputs, buckets[-1][0], "encoder_inputs"), (targets, buckets[-1][1], "targets"),
                                    (weights, buckets[-1][1], "weights")):
        if len(values) < needed:
            raise ValueError(f"Length of {meaning} ({len(values)}) must be at least that of last bucket ({needed}).")
    function = sequence_loss_by_example if per_example_loss else sequence_loss
    losses, outputs = [], []
    with tf.name_scope(name, "model_with_buckets", [*encoder_inputs, *decoder_inputs, *targets, *weights]):
        for index, (encoder_length, decoder_length) in enumerate(buckets):
            with tf.variable_scope(tf.get_variable_scope(), reuse=True if index > 0 else None):
                bucket_outputs, _ = seq2seq(encoder_inputs[:encoder_length], decoder_inputs[:decoder_length])
            outputs.append(bucket_outputs)
            losses.append(function(bucket_outputs, targets[:decoder_length], weights[:decoder_length],
                                   softmax_loss_function=softmax_loss_function))
    return outputs, losses
