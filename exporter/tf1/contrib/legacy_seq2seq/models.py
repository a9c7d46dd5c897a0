"""Encoders with decoders."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from tensorflow.python.ops import rnn

from exporter.lazy_tensorflow import Tensor, tf
from exporter.tf1.contrib.legacy_seq2seq.decoders import (
    LoopFunction,
    Outputs,
    _check_projection,
    _extract_argmax_and_embed,
    embedding_attention_decoder,
    embedding_rnn_decoder,
    rnn_decoder,
)
from exporter.tf1.contrib.rnn.projections import EmbeddingWrapper, OutputProjectionWrapper

__all__ = ["basic_rnn_seq2seq", "embedding_attention_seq2seq", "embedding_rnn_seq2seq", "embedding_tied_rnn_seq2seq",
           "one2many_rnn_seq2seq", "tied_rnn_seq2seq"]


_COPIES: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()


def _copy_of(cell: Any) -> Any:
    """A copy of a cell for the encoder, without variables.

    Models of several buckets come with the same cell again and again. It has variables then, which can't be copied: the copy
    is made of the one that was made when it had none.
    """
    if cell not in _COPIES:
        _COPIES[cell] = copy.deepcopy(cell)
    return copy.deepcopy(_COPIES[cell])


def basic_rnn_seq2seq(encoder_inputs: Sequence[Tensor], decoder_inputs: Sequence[Tensor], cell: Any, dtype: Any = None,
                      scope: Any = None) -> Outputs:
    """Runs a cell over the encoder's inputs, and a copy of it from there over the decoder's.

    Args:
        encoder_inputs: [batch, depth] each.
        decoder_inputs: [batch, depth] each.
        cell: the cell.
        dtype: of the first state, float32 by default.
        scope: `basic_rnn_seq2seq` by default.

    Returns:
        The outputs and the last state.
    """
    with tf.variable_scope(scope or "basic_rnn_seq2seq"):
        _, state = rnn.static_rnn(_copy_of(cell), list(encoder_inputs), dtype=dtype or tf.float32)
        return rnn_decoder(decoder_inputs, state, cell)


def tied_rnn_seq2seq(encoder_inputs: Sequence[Tensor], decoder_inputs: Sequence[Tensor], cell: Any,
                     loop_function: LoopFunction | None = None, dtype: Any = None, scope: Any = None) -> Outputs:
    """Runs one cell, with one set of variables, over the encoder's and the decoder's inputs.

    Args:
        encoder_inputs: [batch, depth] each.
        decoder_inputs: [batch, depth] each.
        cell: the cell.
        loop_function: (output before, step) -> input, in place of all the decoder's inputs but the first.
        dtype: of the first state, float32 by default.
        scope: `tied_rnn_seq2seq` by default.

    Returns:
        The outputs and the last state.
    """
    with tf.variable_scope("combined_tied_rnn_seq2seq"):
        scope = scope or "tied_rnn_seq2seq"
        _, state = rnn.static_rnn(cell, list(encoder_inputs), dtype=dtype or tf.float32, scope=scope)
        tf.get_variable_scope().reuse_variables()
        return rnn_decoder(decoder_inputs, state, cell, loop_function, scope)


def _decoded(feed_previous: Any, decoder: Callable[[bool], Outputs]) -> Outputs:
    """The decoder's outputs for a bool `feed_previous`, or for a tensor: then both are built, on the same variables.

    TensorFlow 1.15 lets no gradients of the words before flow into the embedding then.
    """
    if isinstance(feed_previous, bool):
        return decoder(feed_previous)
    state_of: list[Any] = []

    def branch(value: bool) -> list[Tensor]:
        """Decodes with one value of the choice."""
        with tf.variable_scope(tf.get_variable_scope(), reuse=None if value else True):
            outputs, state = decoder(value)
        state_of.append((len(outputs), state))
        return [*outputs, *tf.nest.flatten(state)]

    results = tf.cond(feed_previous, lambda: branch(True), lambda: branch(False))
    number, state = state_of[0]
    flat = results[number:]
    return results[:number], tf.nest.pack_sequence_as(state, flat)


def _encoded(cell: Any, words: int, size: int, inputs: Sequence[Tensor], dtype: Any) -> Outputs:
    """The outputs and the last state of a cell that runs over words, by an embedding of its own."""
    result: Outputs = rnn.static_rnn(EmbeddingWrapper(cell, words, size), list(inputs), dtype=dtype)
    return result


def embedding_rnn_seq2seq(encoder_inputs: Sequence[Tensor], decoder_inputs: Sequence[Tensor], cell: Any,
                          num_encoder_symbols: int, num_decoder_symbols: int, embedding_size: int,
                          output_projection: Any = None, feed_previous: Any = False, dtype: Any = None,
                          scope: Any = None) -> Outputs:
    """Runs an encoder and a decoder over words.

    Args:
        encoder_inputs: int [batch] each.
        decoder_inputs: int [batch] each.
        cell: the cell.
        num_encoder_symbols: words of the encoder.
        num_decoder_symbols: words of the decoder.
        embedding_size: columns of the embeddings.
        output_projection: (weights [n, words], biases [words]); None: outputs are projected to the words.
        feed_previous: whether each input of the decoder but the first is the word before; a bool, or a bool tensor.
        dtype: of the first state, float32 by default.
        scope: `embedding_rnn_seq2seq` by default.

    Returns:
        The outputs and the last state.
    """
    with tf.variable_scope(scope or "embedding_rnn_seq2seq") as variables:
        if dtype is not None:
            variables.set_dtype(dtype)
        _, state = _encoded(_copy_of(cell), num_encoder_symbols, embedding_size, encoder_inputs,
                            dtype or variables.dtype)
        if output_projection is None:
            cell = OutputProjectionWrapper(cell, num_decoder_symbols)

        def decoder(previous: bool) -> Outputs:
            """Decodes, fed with its own outputs or not."""
            return embedding_rnn_decoder(decoder_inputs, state, cell, num_decoder_symbols, embedding_size, output_projection,
                                         previous, isinstance(feed_previous, bool))

        return _decoded(feed_previous, decoder)


def embedding_tied_rnn_seq2seq(encoder_inputs: Sequence[Tensor], decoder_inputs: Sequence[Tensor], cell: Any,
                               num_symbols: int, embedding_size: int, num_decoder_symbols: int | None = None,
                               output_projection: Any = None, feed_previous: Any = False, dtype: Any = None,
                               scope: Any = None) -> Outputs:
    """Runs one cell with one embedding over the words of the encoder and the decoder.

    Args:
        encoder_inputs: int [batch] each.
        decoder_inputs: int [batch] each.
        cell: the cell.
        num_symbols: words of both.
        embedding_size: columns of the embedding.
        num_decoder_symbols: words of the outputs, all by default.
        output_projection: (weights, biases); None: outputs are projected to the words.
        feed_previous: whether each input of the decoder but the first is the word before; a bool, or a bool tensor.
        dtype: of the first state and the variables.
        scope: `embedding_tied_rnn_seq2seq` by default.

    Returns:
        The outputs and the last state.
    """
    with tf.variable_scope(scope or "embedding_tied_rnn_seq2seq", dtype=dtype) as variables:
        dtype = variables.dtype
        words = num_symbols if num_decoder_symbols is None else num_decoder_symbols
        if output_projection is not None:
            _check_projection(output_projection, words)
        embedding = tf.get_variable("embedding", [num_symbols, embedding_size], dtype=dtype)
        encoded, decoded = ([tf.nn.embedding_lookup(embedding, value) for value in values]
                            for values in (encoder_inputs, decoder_inputs))
        if output_projection is None:
            cell = OutputProjectionWrapper(cell, words)

        def decoder(previous: bool) -> Outputs:
            """Decodes, fed with its own outputs or not."""
            loop_function = _extract_argmax_and_embed(embedding, output_projection, True) if previous else None
            return tied_rnn_seq2seq(encoded, decoded, cell, loop_function, dtype)

        return _decoded(feed_previous, decoder)


def embedding_attention_seq2seq(encoder_inputs: Sequence[Tensor], decoder_inputs: Sequence[Tensor], cell: Any,
                                num_encoder_symbols: int, num_decoder_symbols: int, embedding_size: int, num_heads: int = 1,
                                output_projection: Any = None, feed_previous: Any = False, dtype: Any = None,
                                scope: Any = None, initial_state_attention: bool = False) -> Outputs:
    """Runs an encoder, and a decoder that attends to the encoder's outputs, over words.

    Args:
        encoder_inputs: int [batch] each.
        decoder_inputs: int [batch] each.
        cell: the cell.
        num_encoder_symbols: words of the encoder.
        num_decoder_symbols: words of the decoder.
        embedding_size: columns of the embeddings.
        num_heads: how many heads attend.
        output_projection: (weights [n, words], biases [words]); None: outputs are projected to the words.
        feed_previous: whether each input of the decoder but the first is the word before; a bool, or a bool tensor.
        dtype: of the first state and the variables.
        scope: `embedding_attention_seq2seq` by default.
        initial_state_attention: whether it attends by the initial state before the first step.

    Returns:
        The outputs and the last state.
    """
    with tf.variable_scope(scope or "embedding_attention_seq2seq", dtype=dtype) as variables:
        encoded, state = _encoded(_copy_of(cell), num_encoder_symbols, embedding_size, encoder_inputs, variables.dtype)
        attention_states = tf.concat([tf.reshape(value, [-1, 1, cell.output_size]) for value in encoded], 1)
        output_size = None
        if output_projection is None:
            cell, output_size = OutputProjectionWrapper(cell, num_decoder_symbols), num_decoder_symbols

        def decoder(previous: bool) -> Outputs:
            """Decodes, fed with its own outputs or not."""
            return embedding_attention_decoder(
                decoder_inputs, state, attention_states, cell, num_decoder_symbols, embedding_size, num_heads, output_size,
                output_projection, previous, isinstance(feed_previous, bool),
                initial_state_attention=initial_state_attention)

        return _decoded(feed_previous, decoder)


def one2many_rnn_seq2seq(encoder_inputs: Sequence[Tensor], decoder_inputs_dict: Mapping[str, Sequence[Tensor]],
                         enc_cell: Any, dec_cells_dict: Mapping[str, Any], num_encoder_symbols: int,
                         num_decoder_symbols_dict: Mapping[str, int], embedding_size: int, feed_previous: Any = False,
                         dtype: Any = None, scope: Any = None) -> tuple[dict[str, list[Tensor]], dict[str, Any]]:
    """Runs one encoder and several decoders over words.

    Args:
        encoder_inputs: int [batch] each.
        decoder_inputs_dict: name -> int [batch] each.
        enc_cell: the encoder's cell.
        dec_cells_dict: name -> cell.
        num_encoder_symbols: words of the encoder.
        num_decoder_symbols_dict: name -> words.
        embedding_size: columns of the embeddings.
        feed_previous: whether each input of a decoder but the first is the word before; a bool, or a bool tensor.
        dtype: of the first state, float32 by default.
        scope: `one2many_rnn_seq2seq` by default.

    Returns:
        name -> outputs, and name -> last state.
    """
    outputs, states = {}, {}
    with tf.variable_scope(scope or "one2many_rnn_seq2seq", dtype=dtype) as variables:
        _, state = _encoded(enc_cell, num_encoder_symbols, embedding_size, encoder_inputs, dtype or variables.dtype)
        for name, inputs in decoder_inputs_dict.items():
            with tf.variable_scope("one2many_decoder_" + str(name)):
                words = num_decoder_symbols_dict[name]
                decoder = _embedding_decoder(inputs, state, OutputProjectionWrapper(dec_cells_dict[name], words), words,
                                             embedding_size)
                outputs[name], states[name] = _decoded(feed_previous, decoder)
    return outputs, states


def _embedding_decoder(inputs: Sequence[Tensor], state: Any, cell: Any, words: int, size: int) -> Callable[[bool], Outputs]:
    return lambda previous: embedding_rnn_decoder(inputs, state, cell, words, size, feed_previous=previous)
