"""The decoder that keeps the best beams (Wu et al. 2016, arXiv:1609.08144, for the penalties of length and coverage)."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from exporter.lazy_tensorflow import Tensor, tf
from exporter.tf1.contrib.seq2seq.attention_wrapper import AttentionWrapperState
from exporter.tf1.contrib.seq2seq.basic_decoder import size_after
from exporter.tf1.contrib.seq2seq.beam_search_ops import gather_tree
from exporter.tf1.contrib.seq2seq.decoder import Decoder
from exporter.tf1.contrib.seq2seq.words import lookup, start_and_end

__all__ = ["BeamSearchDecoder", "BeamSearchDecoderOutput", "BeamSearchDecoderState", "FinalBeamSearchDecoderOutput",
           "gather_tree_from_array", "tile_batch"]


class BeamSearchDecoderState(NamedTuple):
    """The cell's state, and of each beam [batch, beam]: log-probability, whether finished, length, attention so far."""

    cell_state: Any
    log_probs: Any
    finished: Any
    lengths: Any
    accumulated_attention_probs: Any


class BeamSearchDecoderOutput(NamedTuple):
    """Of each beam and step: score, word, and the beam that it continues."""

    scores: Any
    predicted_ids: Any
    parent_ids: Any


class FinalBeamSearchDecoderOutput(NamedTuple):
    """The words of the beams, int32 [batch, time, beam], the best first, and the steps' outputs."""

    predicted_ids: Any
    beam_search_decoder_output: Any


def tile_batch(t: Any, multiplier: int, name: str | None = None) -> Any:
    """Returns tensors [batch, ...], nested, with each row repeated, [batch * multiplier, ...].

    Raises:
        ValueError: a tensor is a scalar, or its rank unknown.
    """

    def tiled(value: Tensor) -> Tensor:
        """Each row as often as there are beams."""
        value = tf.convert_to_tensor(value, name="t")
        if not value.shape.ndims:
            raise ValueError(f"tile_batch takes tensors with a batch dimension, found {value}.")
        repeated = tf.tile(tf.expand_dims(value, 1), [1, multiplier] + [1] * (value.shape.ndims - 1))
        result = tf.reshape(repeated, tf.concat([[tf.shape(value)[0] * multiplier], tf.shape(value)[1:]], 0))
        rows = value.shape.as_list()[0]
        result.set_shape(tf.TensorShape([rows and rows * multiplier]).concatenate(value.shape[1:]))
        return result

    with tf.name_scope(name, "tile_batch", tf.nest.flatten(t)):
        return tf.nest.map_structure(tiled, t)


def gather_tree_from_array(t: Tensor, parent_ids: Tensor, sequence_length: Tensor) -> Tensor:
    """Returns values [time, batch, beam, ...] along the ways of the last beams.

    Args:
        t: the values.
        parent_ids: int32 [time, batch, beam].
        sequence_length: int [batch, beam]: values behind stay where they are.
    """
    time, batch, width = (parent_ids.shape.as_list()[axis] or tf.shape(parent_ids)[axis] for axis in range(3))
    own_beam = tf.tile(tf.reshape(tf.range(width), [1, 1, -1]), [time, batch, 1])
    longest = tf.cast(tf.reduce_max(sequence_length, axis=1), tf.int32)
    beams = gather_tree(own_beam, parent_ids, longest, width + 1)
    inside = tf.transpose(tf.sequence_mask(sequence_length, time), [2, 0, 1])
    beams = tf.where(inside, beams, own_beam)
    result = tf.gather(t, beams, batch_dims=2, axis=2)
    result.set_shape(t.shape)
    return result


class BeamSearchDecoder(Decoder):
    """Keeps the `beam_width` best beginnings at each step.

    Args:
        cell: the cell.
        embedding: ids -> vectors, or a table [words, depth].
        start_tokens: int32 [batch].
        end_token: int32 scalar.
        initial_state: the cell's first state, [batch * beam_width, ...]: tile the encoder's with `tile_batch`.
        beam_width: the number of beams.
        output_layer: a layer on the cell's output that gives the words' scores; or None.
        length_penalty_weight: scores are divided by ((5 + length) / 6) to this power.
        coverage_penalty_weight: weight of the penalty for places that were little attended to.
        reorder_tensor_arrays: whether TensorArrays of the state (an alignment history) come in the order of the beams.

    Raises:
        TypeError: the layer has no `compute_output_shape`.
        ValueError: `start_tokens` is no vector, `end_token` no scalar, or a state's shape is not [batch * beam_width, ...].
    """

    def __init__(self, cell: Any, embedding: Any, start_tokens: Any, end_token: Any, initial_state: Any, beam_width: int,
                 output_layer: Any = None, length_penalty_weight: Any = 0.0, coverage_penalty_weight: float = 0.0,
                 reorder_tensor_arrays: bool = True) -> None:
        if output_layer is not None and not hasattr(output_layer, "compute_output_shape"):
            raise TypeError(f"output_layer must be a Layer, received: {type(output_layer).__name__}")
        self._cell, self._output_layer, self._beam_width = cell, output_layer, beam_width
        self._length_penalty_weight, self._coverage_penalty_weight = length_penalty_weight, coverage_penalty_weight
        self._reorder_tensor_arrays = reorder_tensor_arrays
        self._embedding_fn = lookup(embedding)
        self._start_tokens, self._end_token = start_and_end(start_tokens, end_token)
        self._batch_size = tf.size(self._start_tokens)
        self._initial_cell_state = tf.nest.map_structure(self._split, initial_state)
        self._start_tokens = tf.tile(tf.expand_dims(self._start_tokens, 1), [1, beam_width])
        self._start_inputs = self._embedding_fn(self._start_tokens)
        self._finished = tf.one_hot(tf.zeros([self._batch_size], tf.int32), beam_width, False, True, dtype=tf.bool)

    @property
    def batch_size(self) -> Any:
        """Rows of the batch, without the beams."""
        return self._batch_size

    @property
    def tracks_own_finished(self) -> bool:
        """True: beams are reordered at each step, and their ends with them."""
        return True

    @property
    def output_size(self) -> BeamSearchDecoderOutput:
        """[beam] each."""
        return BeamSearchDecoderOutput(*[tf.TensorShape([self._beam_width])] * 3)

    @property
    def output_dtype(self) -> BeamSearchDecoderOutput:
        """The state's dtype for scores, int32 for the rest."""
        return BeamSearchDecoderOutput(tf.nest.flatten(self._initial_cell_state)[0].dtype, tf.int32, tf.int32)

    def _rnn_output_size(self) -> Any:
        return size_after(self._output_layer, self._cell.output_size)

    def initialize(self, name: str | None = None) -> tuple[Any, Any, BeamSearchDecoderState]:
        """Returns finished, the first inputs and the first state, in which only the first beam counts."""
        dtype = tf.nest.flatten(self._initial_cell_state)[0].dtype
        first = tf.zeros([self._batch_size], tf.int32)
        log_probs = tf.one_hot(first, self._beam_width, tf.constant(0.0, dtype), tf.constant(-math.inf, dtype), dtype=dtype)
        attention = self._attention(self._initial_cell_state)
        lengths = tf.zeros([self._batch_size, self._beam_width], tf.int64)
        return self._finished, self._start_inputs, BeamSearchDecoderState(
            self._initial_cell_state, log_probs, self._finished, lengths, () if attention is None else attention)

    def step(self, time: Tensor, inputs: Any, state: BeamSearchDecoderState,
             name: str | None = None) -> tuple[Any, Any, Any, Any]:
        """Returns the outputs, the next state, the next inputs and finished."""
        with tf.name_scope(name, "BeamSearchDecoderStep", (time, inputs, state)):
            merged = tf.nest.map_structure(self._merge, (inputs, state.cell_state))
            cell_outputs, cell_state = self._cell(*merged)
            cell_outputs = tf.nest.map_structure(self._split, cell_outputs)
            cell_state = tf.nest.map_structure(self._split, cell_state)
            if self._output_layer is not None:
                cell_outputs = self._output_layer(cell_outputs)
            outputs, next_state = self._beam_search_step(cell_outputs, cell_state, state)
            next_inputs = tf.cond(tf.reduce_all(next_state.finished), lambda: self._start_inputs,
                                  lambda: self._embedding_fn(outputs.predicted_ids))
        return outputs, next_state, next_inputs, next_state.finished

    def finalize(self, outputs: BeamSearchDecoderOutput, final_state: BeamSearchDecoderState,
                 sequence_lengths: Tensor) -> tuple[FinalBeamSearchDecoderOutput, BeamSearchDecoderState]:
        """Returns the words of the beams, and the state with its TensorArrays in their order."""
        longest = tf.cast(tf.reduce_max(final_state.lengths, axis=1), tf.int32)
        words = gather_tree(outputs.predicted_ids, outputs.parent_ids, longest, self._end_token)
        if self._reorder_tensor_arrays:
            parents, lengths = outputs.parent_ids, final_state.lengths
            final_state = final_state._replace(cell_state=tf.nest.map_structure(
                lambda value: self._maybe_sort_array_beams(value, parents, lengths), final_state.cell_state))
        return FinalBeamSearchDecoderOutput(words, outputs), final_state

    def _beam_search_step(self, logits: Tensor, cell_state: Any,
                          state: BeamSearchDecoderState) -> tuple[BeamSearchDecoderOutput, BeamSearchDecoderState]:
        going = tf.logical_not(state.finished)
        vocabulary = logits.shape.as_list()[-1] or tf.shape(logits)[-1]
        total = tf.expand_dims(state.log_probs, 2) + self._after_the_end(tf.nn.log_softmax(logits), state.finished,
                                                                         vocabulary)
        grown = tf.one_hot(tf.fill(tf.shape(state.lengths), self._end_token), vocabulary, tf.constant(0, tf.int64),
                           tf.constant(1, tf.int64), dtype=tf.int64) * tf.expand_dims(tf.cast(going, tf.int64), 2)
        attention = self._attention(cell_state)
        if attention is not None:
            attention = state.accumulated_attention_probs + attention * tf.expand_dims(tf.cast(going, attention.dtype), 2)
        scores = self._scores(total, tf.expand_dims(state.lengths, 2) + grown, state.finished, attention)
        best, indices = tf.nn.top_k(tf.reshape(scores, [self._batch_size, -1]), self._beam_width)
        best.set_shape([None, self._beam_width])
        words, beams = tf.floormod(indices, vocabulary), tf.floordiv(indices, vocabulary)
        log_probs = tf.gather(tf.reshape(total, [self._batch_size, -1]), indices, batch_dims=1)
        was_finished = tf.gather(state.finished, beams, batch_dims=1)
        lengths = tf.gather(state.lengths, beams, batch_dims=1) + tf.cast(tf.logical_not(was_finished), tf.int64)
        next_state = BeamSearchDecoderState(
            tf.nest.map_structure(lambda part: self._of_beams(part, beams), cell_state), log_probs,
            tf.logical_or(was_finished, tf.equal(words, self._end_token)), lengths,
            () if attention is None else self._of_beams(attention, beams))
        return BeamSearchDecoderOutput(best, words, beams), next_state

    def _after_the_end(self, log_probs: Tensor, finished: Tensor, vocabulary: Any) -> Tensor:
        """Log-probabilities in which beams that have finished go on with nothing but the end token."""
        dtype = log_probs.dtype
        row = tf.one_hot(self._end_token, vocabulary, tf.constant(0.0, dtype), tf.constant(dtype.min, dtype), dtype=dtype)
        mask = tf.logical_and(tf.expand_dims(finished, 2), tf.fill(tf.shape(log_probs), True))
        return tf.where(mask, tf.zeros_like(log_probs) + row, log_probs)

    def _scores(self, log_probs: Tensor, lengths: Tensor, finished: Tensor, attention: Tensor | None) -> Tensor:
        weight = tf.convert_to_tensor(self._length_penalty_weight, log_probs.dtype, name="length_penalty_weight")
        if tf.get_static_value(weight) != 0:
            log_probs = log_probs / tf.pow((5.0 + tf.cast(lengths, log_probs.dtype)) / 6.0, weight)
        if attention is None:
            return log_probs
        attention = tf.where(tf.equal(attention, 0.0), tf.ones_like(attention), attention)  # places behind a memory's end
        penalty = tf.reduce_sum(tf.log(tf.minimum(attention, 1.0)), 2) * tf.cast(finished, attention.dtype)
        return log_probs + tf.expand_dims(penalty * self._coverage_penalty_weight, 2)

    def _attention(self, cell_state: Any) -> Tensor | None:
        """The weights [batch, beam, places] of the step, for the penalty of coverage; None without one."""
        if self._coverage_penalty_weight == 0:
            return None
        is_one = isinstance(cell_state, AttentionWrapperState)
        states = [cell_state] if is_one else [part for part in cell_state if isinstance(part, AttentionWrapperState)]
        alignments = [tf.nest.flatten(state.alignments) for state in states]
        layers = [parts[0] if len(parts) == 1 else tf.add_n(parts) / len(parts) for parts in alignments]
        if not layers:
            raise ValueError("A coverage penalty needs a cell with attention (AttentionWrapper); set "
                             "coverage_penalty_weight=0.0 otherwise.")
        return layers[0] if len(layers) == 1 else tf.add_n(layers) / len(layers)

    def _split(self, value: Any) -> Any:
        """[batch * beam, ...] -> [batch, beam, ...]; arrays and scalars stay."""
        if isinstance(value, tf.TensorArray) or not value.shape.ndims:
            return value
        rows = value.shape.as_list()[0]
        if rows is not None and rows % self._beam_width:
            raise ValueError(f"The state {value} has {rows} rows, which are no multiple of beam_width={self._beam_width}. "
                             "Tile the encoder's state with tile_batch, and give batch_size * beam_width to zero_state.")
        split = tf.reshape(value, tf.concat([[self._batch_size, self._beam_width], tf.shape(value)[1:]], 0))
        known = tf.TensorShape([tf.get_static_value(self._batch_size), self._beam_width])
        split.set_shape(known.concatenate(value.shape[1:]))
        return split

    def _merge(self, value: Any) -> Any:
        """[batch, beam, ...] -> [batch * beam, ...]; arrays and scalars stay."""
        if isinstance(value, tf.TensorArray) or not value.shape.ndims:
            return value
        merged = tf.reshape(value, tf.concat([[self._batch_size * self._beam_width], tf.shape(value)[2:]], 0))
        batch = tf.get_static_value(self._batch_size)
        merged.set_shape(tf.TensorShape([None if batch is None else batch * self._beam_width]).concatenate(value.shape[2:]))
        return merged

    def _of_beams(self, value: Any, beams: Tensor) -> Any:
        """The parts [batch, beam, ...] of these beams; arrays and scalars stay."""
        if isinstance(value, tf.TensorArray) or not value.shape.ndims:
            return value
        chosen = tf.gather(value, beams, batch_dims=1)
        chosen.set_shape(value.shape)
        return chosen

    def _split_batch_beams(self, t: Any, s: Any = None) -> Any:
        return self._split(t)

    def _merge_batch_beams(self, t: Any, s: Any = None) -> Any:
        return self._merge(t)

    def _maybe_split_batch_beams(self, t: Any, s: Any) -> Any:
        return self._split(t)

    def _maybe_merge_batch_beams(self, t: Any, s: Any) -> Any:
        return self._merge(t)

    def _maybe_sort_array_beams(self, t: Any, parent_ids: Tensor, sequence_length: Tensor) -> Any:
        """A TensorArray of [batch * beam, ...] along the ways of the last beams, stacked; other values as they are."""
        if not isinstance(t, tf.TensorArray):
            return t
        stacked = t.stack()
        shape = tf.shape(stacked)
        split = tf.reshape(stacked, tf.concat([[shape[0], self._batch_size, self._beam_width], shape[2:]], 0))
        ordered = gather_tree_from_array(split, parent_ids, sequence_length)
        result = tf.reshape(ordered, shape)
        result.set_shape(stacked.shape)
        return result
