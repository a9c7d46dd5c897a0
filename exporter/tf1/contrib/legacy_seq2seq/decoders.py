"""Decoders: a cell over a list of inputs, with attention or without."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from exporter.lazy_tensorflow import Tensor, tf
from exporter.tf1.contrib.rnn.projections import linear

__all__ = ["attention_decoder", "embedding_attention_decoder", "embedding_rnn_decoder", "rnn_decoder"]

LoopFunction = Callable[[Tensor, int], Tensor]
Outputs = tuple[list[Tensor], Any]
"""The outputs and the last state."""


def _extract_argmax_and_embed(embedding: Tensor, output_projection: Any = None,
                              update_embedding: bool = True) -> LoopFunction:
    """Returns the loop function that gives the embedding of the word with the largest output before.

    Args:
        embedding: float [words, depth].
        output_projection: (weights, biases), applied to the output first; or None.
        update_embedding: whether gradients flow into the embedding.
    """

    def loop_function(before: Tensor, step: int) -> Tensor:
        """Embeds the symbol that the output before makes likeliest."""
        if output_projection is not None:
            before = tf.nn.xw_plus_b(before, output_projection[0], output_projection[1])
        embedded = tf.nn.embedding_lookup(embedding, tf.argmax(before, 1))
        return embedded if update_embedding else tf.stop_gradient(embedded)

    return loop_function


def _input(value: Tensor, before: Tensor | None, step: int, loop_function: LoopFunction | None) -> Tensor:
    """The input of a step: the given one, or what the loop function makes of the output before."""
    if loop_function is None or before is None:
        return value
    with tf.variable_scope("loop_function", reuse=True):
        return loop_function(before, step)


def rnn_decoder(decoder_inputs: Sequence[Tensor], initial_state: Any, cell: Any, loop_function: LoopFunction | None = None,
                scope: Any = None) -> Outputs:
    """Runs a cell over a list of inputs.

    Args:
        decoder_inputs: [batch, depth] each.
        initial_state: the cell's.
        cell: the cell.
        loop_function: (output before, step) -> input, in place of all inputs but the first.
        scope: `rnn_decoder` by default.

    Returns:
        The outputs and the last state.
    """
    with tf.variable_scope(scope or "rnn_decoder"):
        state, outputs, before = initial_state, [], None
        for step, value in enumerate(decoder_inputs):
            value = _input(value, before, step, loop_function)
            if step > 0:
                tf.get_variable_scope().reuse_variables()
            before, state = cell(value, state)
            outputs.append(before)
    return outputs, state


def embedding_rnn_decoder(decoder_inputs: Sequence[Tensor], initial_state: Any, cell: Any, num_symbols: int,
                          embedding_size: int, output_projection: Any = None, feed_previous: bool = False,
                          update_embedding_for_previous: bool = True, scope: Any = None) -> Outputs:
    """Runs a cell over a list of words, by an embedding.

    Args:
        decoder_inputs: int [batch] each.
        initial_state: the cell's.
        cell: the cell.
        num_symbols: words.
        embedding_size: columns of the embedding.
        output_projection: (weights [n, words], biases [words]) for the words of `feed_previous`.
        feed_previous: whether each input but the first is the word with the largest output before.
        update_embedding_for_previous: whether gradients of these flow into the embedding.
        scope: `embedding_rnn_decoder` by default.

    Returns:
        The outputs and the last state.
    """
    with tf.variable_scope(scope or "embedding_rnn_decoder") as variables:
        if output_projection is not None:
            variables.set_dtype(output_projection[0].dtype)
            _check_projection(output_projection, num_symbols)
        embedding = tf.get_variable("embedding", [num_symbols, embedding_size])
        loop_function = _extract_argmax_and_embed(embedding, output_projection,
                                                  update_embedding_for_previous) if feed_previous else None
        embedded = [tf.nn.embedding_lookup(embedding, value) for value in decoder_inputs]
        return rnn_decoder(embedded, initial_state, cell, loop_function)


def _check_projection(output_projection: Any, num_symbols: int) -> None:
    weights = tf.convert_to_tensor(output_projection[0])
    biases = tf.convert_to_tensor(output_projection[1])
    weights.shape.assert_is_compatible_with([None, num_symbols])
    biases.shape.assert_is_compatible_with([num_symbols])


class _Attention:
    """Heads that attend to states [batch, length, size]; their variables are made in the scope of construction."""

    def __init__(self, states: Tensor, heads: int, dtype: Any) -> None:
        if heads < 1:
            raise ValueError("With less than 1 heads, use a non-attention decoder.")
        self._size = states.shape.as_list()[2]
        if self._size is None:
            raise ValueError(f"Shape[2] of attention_states must be known: {states.shape}")
        self._dtype = dtype
        length = states.shape.as_list()[1] or tf.shape(states)[1]
        self._hidden = tf.reshape(states, [-1, length, 1, self._size])
        self._features, self._vectors = [], []
        for head in range(heads):
            weights = tf.get_variable(f"AttnW_{head}", [1, 1, self._size, self._size], dtype=dtype)
            self._features.append(tf.nn.conv2d(self._hidden, weights, [1, 1, 1, 1], "SAME"))
            self._vectors.append(tf.get_variable(f"AttnV_{head}", [self._size], dtype=dtype))

    def none(self, batch_size: Tensor) -> list[Tensor]:
        """Returns zeros for each head."""
        zeros = tf.zeros(tf.stack([batch_size, self._size]), dtype=self._dtype)
        zeros.set_shape([None, self._size])
        return [zeros for _ in self._vectors]

    def __call__(self, query: Any) -> list[Tensor]:
        """Returns what each head attends to for a query, nested tensors [batch, n]."""
        parts = tf.nest.flatten(query)
        query = tf.concat(parts, 1) if isinstance(query, (list, tuple)) else query
        results = []
        for head, (features, vector) in enumerate(zip(self._features, self._vectors, strict=True)):
            with tf.variable_scope(f"Attention_{head}"):
                mapped = tf.cast(tf.reshape(linear(query, self._size, True), [-1, 1, 1, self._size]), self._dtype)
                scores = tf.reduce_sum(vector * tf.tanh(features + mapped), [2, 3])
                weights = tf.cast(tf.nn.softmax(tf.cast(scores, tf.float32)), self._dtype)
                attended = tf.reduce_sum(tf.expand_dims(tf.expand_dims(weights, 2), 3) * self._hidden, [1, 2])
                results.append(tf.reshape(attended, [-1, self._size]))
        return results


def attention_decoder(decoder_inputs: Sequence[Tensor], initial_state: Any, attention_states: Tensor, cell: Any,
                      output_size: int | None = None, num_heads: int = 1, loop_function: LoopFunction | None = None,
                      dtype: Any = None, scope: Any = None, initial_state_attention: bool = False) -> Outputs:
    """Runs a cell with attention (Vinyals et al. 2014, arXiv:1412.7449) over a list of inputs.

    Args:
        decoder_inputs: [batch, depth] each.
        initial_state: the cell's.
        attention_states: float [batch, length, size]: what it attends to.
        cell: the cell.
        output_size: columns of the outputs; the cell's by default.
        num_heads: how many heads attend.
        loop_function: (output before, step) -> input, in place of all inputs but the first.
        dtype: of the variables.
        scope: `attention_decoder` by default.
        initial_state_attention: whether it attends by the initial state before the first step; zeros otherwise.

    Returns:
        The outputs and the last state.

    Raises:
        ValueError: no inputs, no heads, or attention states of unknown size.
    """
    if not decoder_inputs:
        raise ValueError("Must provide at least 1 input to attention decoder.")
    with tf.variable_scope(scope or "attention_decoder", dtype=dtype) as variables:
        attention = _Attention(attention_states, num_heads, variables.dtype)
        attended = attention(initial_state) if initial_state_attention else attention.none(tf.shape(decoder_inputs[0])[0])
        state, outputs, before = initial_state, [], None
        for step, value in enumerate(decoder_inputs):
            if step > 0:
                tf.get_variable_scope().reuse_variables()
            value = _input(value, before, step, loop_function)
            cell_output, state = cell(linear([value, *attended], _depth(value), True), state)
            with tf.variable_scope(tf.get_variable_scope(), reuse=True if initial_state_attention or step > 0 else None):
                attended = attention(state)
            before = _projected(cell_output, attended, cell.output_size if output_size is None else output_size)
            outputs.append(before)
    return outputs, state


def _projected(output: Tensor, attended: list[Tensor], size: int) -> Tensor:
    with tf.variable_scope("AttnOutputProjection"):
        return linear([tf.cast(output, attended[0].dtype), *attended], size, True)


def _depth(value: Tensor) -> int:
    depth = value.shape.with_rank(2).as_list()[1]
    if depth is None:
        raise ValueError(f"Could not infer input size from input: {value.name}")
    return int(depth)


def embedding_attention_decoder(decoder_inputs: Sequence[Tensor], initial_state: Any, attention_states: Tensor, cell: Any,
                                num_symbols: int, embedding_size: int, num_heads: int = 1, output_size: int | None = None,
                                output_projection: Any = None, feed_previous: bool = False,
                                update_embedding_for_previous: bool = True, dtype: Any = None, scope: Any = None,
                                initial_state_attention: bool = False) -> Outputs:
    """Runs a cell with attention over a list of words, by an embedding.

    Args:
        decoder_inputs: int [batch] each.
        initial_state: the cell's.
        attention_states: float [batch, length, size].
        cell: the cell.
        num_symbols: words.
        embedding_size: columns of the embedding.
        num_heads: how many heads attend.
        output_size: columns of the outputs; the cell's by default.
        output_projection: (weights, biases) for the words of `feed_previous`.
        feed_previous: whether each input but the first is the word with the largest output before.
        update_embedding_for_previous: whether gradients of these flow into the embedding.
        dtype: of the variables.
        scope: `embedding_attention_decoder` by default.
        initial_state_attention: whether it attends by the initial state before the first step.

    Returns:
        The outputs and the last state.
    """
    output_size = cell.output_size if output_size is None else output_size
    if output_projection is not None:
        tf.convert_to_tensor(output_projection[1]).shape.assert_is_compatible_with([num_symbols])
    with tf.variable_scope(scope or "embedding_attention_decoder", dtype=dtype):
        embedding = tf.get_variable("embedding", [num_symbols, embedding_size])
        loop_function = _extract_argmax_and_embed(embedding, output_projection,
                                                  update_embedding_for_previous) if feed_previous else None
        embedded = [tf.nn.embedding_lookup(embedding, value) for value in decoder_inputs]
        return attention_decoder(embedded, initial_state, attention_states, cell, output_size, num_heads, loop_function,
                                 initial_state_attention=initial_state_attention)
