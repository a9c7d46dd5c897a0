"""`tf.contrib.crf`: conditional random fields on chains (Lafferty et al. 2001), with the names of TensorFlow 1.15.

Scores of single tags are float [batch, time, tags], transitions float [tags, tags] (from, to), lengths int [batch].
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from tensorflow.python.ops import rnn

from exporter.lazy_tensorflow import Tensor, tf
from exporter.tf1.contrib.rnn.bases import RNNCell, UnitSizes

__all__ = ["CrfDecodeBackwardRnnCell", "CrfDecodeForwardRnnCell", "CrfForwardRnnCell", "crf_binary_score", "crf_decode",
           "crf_log_likelihood", "crf_log_norm", "crf_multitag_sequence_score", "crf_sequence_score", "crf_unary_score",
           "viterbi_decode"]


def crf_sequence_score(inputs: Tensor, tag_indices: Tensor, sequence_lengths: Tensor, transition_params: Tensor) -> Tensor:
    """Returns the score of given sequences of tags, float [batch].

    Args:
        inputs: the scores of single tags.
        tag_indices: int [batch, time].
        sequence_lengths: tags behind don't count.
        transition_params: the transitions.
    """
    return (crf_unary_score(tag_indices, sequence_lengths, inputs)
            + crf_binary_score(tag_indices, sequence_lengths, transition_params))


def crf_multitag_sequence_score(inputs: Tensor, tag_bitmap: Tensor, sequence_lengths: Tensor,
                                transition_params: Tensor) -> Tensor:
    """Returns the log of the summed exponential scores of all sequences that are allowed, float [batch].

    Args:
        inputs: the scores of single tags.
        tag_bitmap: bool [batch, time, tags]: the tags that are allowed.
        sequence_lengths: tags behind don't count.
        transition_params: the transitions.
    """
    inputs = tf.convert_to_tensor(inputs)
    allowed = tf.where(tag_bitmap, inputs, tf.fill(tf.shape(inputs), tf.constant(-np.inf, inputs.dtype)))
    return crf_log_norm(allowed, sequence_lengths, transition_params)


def crf_log_norm(inputs: Tensor, sequence_lengths: Tensor, transition_params: Tensor) -> Tensor:
    """Returns the log of the summed exponential scores of all sequences, float [batch]; 0 for empty ones.

    Args:
        inputs: the scores of single tags.
        sequence_lengths: tags behind don't count.
        transition_params: the transitions.
    """
    inputs = tf.convert_to_tensor(inputs)

    def alphas() -> Tensor:
        """The log sums of scores at the last step, [batch, tags]."""
        _, last = rnn.dynamic_rnn(CrfForwardRnnCell(transition_params), inputs[:, 1:], initial_state=inputs[:, 0],
                                  sequence_length=_less_one(sequence_lengths), dtype=tf.float32)
        return last

    norm = tf.reduce_logsumexp(_of_one_step_or_more(inputs, lambda: inputs[:, 0], alphas), [1])
    return tf.where(tf.less_equal(sequence_lengths, 0), tf.zeros_like(norm), norm)


def crf_log_likelihood(inputs: Tensor, tag_indices: Tensor, sequence_lengths: Tensor,
                       transition_params: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Returns the log-likelihood of given sequences of tags, float [batch], and the transitions.

    Args:
        inputs: the scores of single tags.
        tag_indices: int [batch, time].
        sequence_lengths: tags behind don't count.
        transition_params: the transitions; a variable `transitions` by default.
    """
    inputs = tf.convert_to_tensor(inputs)
    if transition_params is None:
        tags = inputs.shape.as_list()[2]
        transition_params = tf.get_variable("transitions", [tags, tags])
    score = crf_sequence_score(inputs, tag_indices, sequence_lengths, transition_params)
    return score - crf_log_norm(inputs, sequence_lengths, transition_params), transition_params


def crf_unary_score(tag_indices: Tensor, sequence_lengths: Tensor, inputs: Tensor) -> Tensor:
    """Returns the summed scores of single tags, float [batch].

    Args:
        tag_indices: int [batch, time].
        sequence_lengths: tags behind don't count.
        inputs: the scores of single tags.
    """
    scores = tf.gather(tf.convert_to_tensor(inputs), tag_indices, batch_dims=2)
    return tf.reduce_sum(scores * tf.sequence_mask(sequence_lengths, tf.shape(tag_indices)[1], scores.dtype), 1)


def crf_binary_score(tag_indices: Tensor, sequence_lengths: Tensor, transition_params: Tensor) -> Tensor:
    """Returns the summed scores of the transitions, float [batch].

    Args:
        tag_indices: int [batch, time].
        sequence_lengths: tags behind don't count.
        transition_params: the transitions.
    """
    transition_params, tag_indices = tf.convert_to_tensor(transition_params), tf.convert_to_tensor(tag_indices)
    tags = tf.cast(tf.shape(transition_params)[0], tag_indices.dtype)
    flat = tf.gather(tf.reshape(transition_params, [-1]), tag_indices[:, :-1] * tags + tag_indices[:, 1:])
    mask = tf.sequence_mask(sequence_lengths, tf.shape(tag_indices)[1], flat.dtype)[:, 1:]
    return tf.reduce_sum(flat * mask, 1)


def crf_decode(potentials: Tensor, transition_params: Tensor, sequence_length: Tensor) -> tuple[Tensor, Tensor]:
    """Returns the best sequences of tags, int32 [batch, time] with 0 behind the end, and their scores, float [batch].

    Args:
        potentials: the scores of single tags.
        transition_params: the transitions.
        sequence_length: int [batch].
    """
    potentials = tf.convert_to_tensor(potentials)

    def one_step() -> tuple[Tensor, Tensor]:
        """The tags and best scores of a single step."""
        return tf.cast(tf.argmax(potentials, 2), tf.int32), tf.reduce_max(potentials[:, 0], 1)

    result: tuple[Tensor, Tensor] = _of_one_step_or_more(
        potentials, one_step, lambda: _decode_steps(potentials, transition_params, sequence_length))
    return result


def _decode_steps(potentials: Tensor, transition_params: Tensor, sequence_length: Tensor) -> tuple[Tensor, Tensor]:
    lengths = _less_one(sequence_length)
    pointers, last = rnn.dynamic_rnn(CrfDecodeForwardRnnCell(transition_params), potentials[:, 1:], sequence_length=lengths,
                                     initial_state=potentials[:, 0], time_major=False, dtype=tf.int32)
    last_tags = tf.expand_dims(tf.cast(tf.argmax(last, 1), tf.int32), 1)
    backward, _ = rnn.dynamic_rnn(
        CrfDecodeBackwardRnnCell(potentials.shape.as_list()[2]), tf.reverse_sequence(pointers, lengths, seq_axis=1),
        sequence_length=lengths, initial_state=last_tags, time_major=False, dtype=tf.int32)
    from_the_end = tf.concat([last_tags, tf.squeeze(backward, [2])], 1)
    best = tf.reverse_sequence(from_the_end, tf.cast(sequence_length, lengths.dtype), seq_axis=1)
    return best, tf.reduce_max(last, 1)


def _of_one_step_or_more(inputs: Tensor, one: Callable[[], Any], more: Callable[[], Any]) -> Any:
    """What the first function returns if there is one step of time, which has no transitions; else the second's."""
    steps = inputs.shape.as_list()[1]
    if steps is None:
        return tf.cond(tf.equal(tf.shape(inputs)[1], 1), one, more)
    return one() if steps == 1 else more()


def viterbi_decode(score: Any, transition_params: Any) -> tuple[list[int], Any]:
    """Returns the best sequence of tags and its score, in NumPy.

    Args:
        score: float [time, tags], of one sequence.
        transition_params: float [tags, tags].
    """
    trellis = score[0]
    pointers = []
    for step in score[1:]:
        candidates = trellis[:, None] + transition_params
        pointers.append(np.argmax(candidates, 0))
        trellis = step + np.max(candidates, 0)
    viterbi = [int(np.argmax(trellis))]
    for pointer in reversed(pointers):
        viterbi.append(int(pointer[viterbi[-1]]))
    return viterbi[::-1], np.max(trellis)


def _less_one(sequence_lengths: Tensor) -> Tensor:
    lengths = tf.convert_to_tensor(sequence_lengths)
    return tf.maximum(tf.constant(0, lengths.dtype), lengths - 1)


class _TransitionCell(UnitSizes, RNNCell):
    """A cell with a column for each tag, that adds the transitions to its state [batch, tags]."""

    def __init__(self, transition_params: Tensor) -> None:
        super().__init__()
        self._transition_params = tf.expand_dims(transition_params, 0)
        self._num_units = int(transition_params.shape[0])

    def _candidates(self, state: Tensor) -> Tensor:
        """The scores of going from each tag to each, [batch, tags, tags]."""
        return tf.expand_dims(state, 2) + self._transition_params


class CrfForwardRnnCell(_TransitionCell):
    """One step of the forward algorithm; its state and output are log sums of scores, [batch, tags].

    Args:
        transition_params: the transitions.
    """

    def __call__(self, inputs: Tensor, state: Tensor, scope: Any = None) -> tuple[Tensor, Tensor]:
        """One step."""
        alphas = inputs + tf.reduce_logsumexp(self._candidates(state), [1])
        return alphas, alphas


class CrfDecodeForwardRnnCell(_TransitionCell):
    """One step of Viterbi's algorithm; its state is the best scores [batch, tags], its output the tags before.

    Args:
        transition_params: the transitions.
    """

    def __call__(self, inputs: Tensor, state: Tensor, scope: Any = None) -> tuple[Tensor, Tensor]:
        """One step; the output is int32 [batch, tags]."""
        candidates = self._candidates(state)
        return tf.cast(tf.argmax(candidates, 1), tf.int32), inputs + tf.reduce_max(candidates, [1])


class CrfDecodeBackwardRnnCell(UnitSizes, RNNCell):
    """One step back along Viterbi's pointers; its state and output are the tag, int32 [batch, 1].

    Args:
        num_tags: the number of tags.
    """

    def __init__(self, num_tags: int) -> None:
        super().__init__()
        self._num_tags, self._num_units = num_tags, 1

    def __call__(self, inputs: Tensor, state: Tensor, scope: Any = None) -> tuple[Tensor, Tensor]:
        """One step; the inputs are the pointers, int32 [batch, tags]."""
        tag = tf.gather(inputs, state, batch_dims=1)
        return tag, tag
