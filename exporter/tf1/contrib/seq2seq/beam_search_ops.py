"""What `tf.contrib` had as the operation GatherTree, on operations that are still there."""

from __future__ import annotations

from typing import Any

from exporter.lazy_tensorflow import Tensor, tf

__all__ = ["gather_tree"]


def gather_tree(step_ids: Any, parent_ids: Any, max_sequence_lengths: Any, end_token: Any,
                name: str | None = None) -> Tensor:
    """Returns the words on the way from each last beam back to its start.

    Args:
        step_ids: int32 [time, batch, beam]: the word of each beam.
        parent_ids: int32 [time, batch, beam]: the beam that it continues.
        max_sequence_lengths: int32 [batch]: the way begins there.
        end_token: int32 scalar; fills what is behind the length, and behind the first `end_token`.
        name: of the operations.

    Returns:
        int32 [time, batch, beam].
    """
    with tf.name_scope(name, "GatherTree", [step_ids, parent_ids]):
        step_ids, parent_ids = tf.convert_to_tensor(step_ids), tf.convert_to_tensor(parent_ids)
        lengths = tf.expand_dims(tf.convert_to_tensor(max_sequence_lengths, tf.int32), 1)
        end_token = tf.convert_to_tensor(end_token, step_ids.dtype)
        shape = tf.shape(step_ids)
        own_beam = tf.zeros_like(step_ids[0]) + tf.range(shape[2])
        ends = tf.fill(shape[1:], end_token)

        def back(after: tuple[Tensor, Tensor], step: tuple[Tensor, Tensor, Tensor]) -> tuple[Tensor, Tensor]:
            """One step towards the beginning."""
            words, parents, time = step
            inside = tf.logical_and(time < lengths, tf.fill(shape[1:], True))
            return (tf.where(inside, tf.gather(words, after[1], batch_dims=1), ends),
                    tf.where(inside, tf.gather(parents, after[1], batch_dims=1), after[1]))

        words, _ = tf.scan(back, (step_ids, parent_ids, tf.range(shape[0])), (ends, own_beam), reverse=True,
                           back_prop=False)
        ended = tf.cumsum(tf.cast(tf.equal(words, end_token), tf.int32), axis=0, exclusive=True) > 0
        words = tf.where(ended, tf.fill(shape, end_token), words)
        words.set_shape(step_ids.shape)
        return words
