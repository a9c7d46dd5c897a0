"""Decoders of TensorFlow 1.0 to 1.2, made of functions: `dynamic_rnn_decoder` runs a cell, a decoder function its steps.

A decoder function takes (time, cell state, cell input, cell output, context) and returns (finished, next state, next input,
output, next context); at the first step, state and output are None. Variables are called `attention_keys/weights`,
`attention_score/attnW`, `attention_score/attnV` and `attention_construct/weights`, as then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tf_slim

from exporter.lazy_tensorflow import Tensor, tf

__all__ = ["attention_decoder_fn_inference", "attention_decoder_fn_train", "dynamic_rnn_decoder", "prepare_attention",
           "simple_decoder_fn_inference", "simple_decoder_fn_train"]

DecoderFunction = Callable[[Any, Any, Any, Any, Any], tuple[Any, Any, Any, Any, Any]]


def dynamic_rnn_decoder(cell: Any, decoder_fn: DecoderFunction, inputs: Any = None, sequence_length: Any = None,
                        parallel_iterations: int | None = None, swap_memory: bool = False, time_major: bool = False,
                        scope: Any = None, name: str | None = None) -> tuple[Tensor, Any, Any]:
    """Runs a cell with what a decoder function makes of its outputs.

    Args:
        cell: the cell.
        decoder_fn: the decoder function.
        inputs: [batch, time, depth]; None: the decoder function makes them.
        sequence_length: int [batch], of the inputs.
        time_major: whether inputs and outputs are [time, batch, depth].
        scope: the variable scope, `rnn` by default.

    Returns:
        The outputs [batch, time, n], the last state, and the last context.
    """
    with tf.name_scope(name, "dynamic_rnn_decoder"):
        steps = None if inputs is None else _Steps(inputs, time_major)

        def loop_fn(time: Tensor, output: Any, state: Any, loop_state: Any) -> tuple[Any, ...]:
            """One step, as `tf.nn.raw_rnn` wants it."""
            done, context = loop_state if isinstance(loop_state, tuple) else (loop_state, None)
            given = None if steps is None else steps.at(time, done)
            finished, next_state, next_input, emitted, next_context = decoder_fn(time, state, given, output, context)
            finished = time >= sequence_length if finished is None else finished
            next_loop_state = finished if next_context is None else (finished, next_context)
            return finished, next_input, next_state, emitted, next_loop_state

        array, state, loop_state = tf.nn.raw_rnn(cell, loop_fn, parallel_iterations, swap_memory, scope)
        outputs = array.stack()
        context = loop_state[1] if isinstance(loop_state, tuple) else None
        return outputs if time_major else tf.transpose(outputs, [1, 0, 2]), state, context


class _Steps:
    """The inputs of each step, and zeros behind the last."""

    def __init__(self, inputs: Any, time_major: bool) -> None:
        inputs = tf.convert_to_tensor(inputs)
        self._inputs = inputs if time_major else tf.transpose(inputs, [1, 0, 2])
        self._number = tf.shape(self._inputs)[0]
        self._array = tf.TensorArray(inputs.dtype, size=self._number).unstack(self._inputs)

    def at(self, time: Tensor, done: Any) -> Tensor:
        """The inputs of a time; ``done`` is None at the first."""
        if done is None:
            step = self._array.read(0)
        else:
            step = tf.cond(tf.equal(time, self._number), lambda: tf.zeros_like(self._inputs[0]),
                           lambda: self._array.read(time))
        step.set_shape(self._inputs.shape[1:])
        return step


def simple_decoder_fn_train(encoder_state: Any, name: str | None = None) -> DecoderFunction:
    """Returns the decoder function that starts from a state and passes everything on."""

    def decoder_fn(time: Any, cell_state: Any, cell_input: Any, cell_output: Any, context_state: Any) -> tuple[Any, ...]:
        """One step."""
        return None, encoder_state if cell_state is None else cell_state, cell_input, cell_output, context_state

    return decoder_fn


def simple_decoder_fn_inference(output_fn: Any, encoder_state: Any, embeddings: Any, start_of_sequence_id: int,
                                end_of_sequence_id: int, maximum_length: Any, num_decoder_symbols: int, dtype: Any = None,
                                name: str | None = None) -> DecoderFunction:
    """Returns the decoder function that goes on with the best word of each step.

    Args:
        output_fn: cell output -> scores of the words; None: the output has them.
        encoder_state: the first state.
        embeddings: [words, depth].
        start_of_sequence_id: the first word.
        end_of_sequence_id: the word that ends a sequence.
        maximum_length: steps after which all sequences end.
        num_decoder_symbols: how many words there are.
        dtype: of words, int32 by default.
    """
    choose = _best_words(output_fn, encoder_state, embeddings, start_of_sequence_id, end_of_sequence_id, maximum_length,
                         num_decoder_symbols, dtype)

    def decoder_fn(time: Any, cell_state: Any, cell_input: Any, cell_output: Any, context_state: Any) -> tuple[Any, ...]:
        """One step."""
        done, next_input, scores = choose(time, cell_output)
        return done, encoder_state if cell_state is None else cell_state, next_input, scores, context_state

    return decoder_fn


def prepare_attention(attention_states: Tensor, attention_option: str, num_units: int,
                      reuse: bool = False) -> tuple[Tensor, Tensor, Callable[..., Tensor], Callable[..., Tensor]]:
    """Prepares what the decoder functions with attention take.

    Args:
        attention_states: [batch, places, num_units], what is attended to.
        attention_option: `bahdanau` or `luong`.
        num_units: columns of the attention.
        reuse: whether existing variables are taken.

    Returns:
        Keys, values, the function of (query, keys, values) that attends, and the one that adds the query to that.

    Raises:
        ValueError: another option.
    """
    if attention_option not in ("bahdanau", "luong"):
        raise ValueError(f"Unknown attention option {attention_option}!")
    with tf.variable_scope("attention_keys", reuse=reuse) as scope:
        attention_keys = tf_slim.linear(attention_states, num_units, biases_initializer=None, scope=scope)
    score_fn = _score_function(attention_option, num_units, reuse)
    with tf.variable_scope("attention_construct", reuse=reuse) as construct_scope:
        pass

    def construct_fn(query: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        """The query and what it attends to, mapped to [batch, num_units]."""
        both = tf.concat([query, score_fn(query, keys, values)], 1)
        reuse = tf.get_variable_scope().reuse or None  # inherited, as it was then
        return tf_slim.linear(both, num_units, biases_initializer=None, reuse=reuse, scope=construct_scope)

    return attention_keys, attention_states, score_fn, construct_fn


def _score_function(attention_option: str, num_units: int, reuse: bool) -> Callable[..., Tensor]:
    with tf.variable_scope("attention_score", reuse=reuse):
        weights = vector = None
        if attention_option == "bahdanau":
            weights = tf.get_variable("attnW", [num_units, num_units])
            vector = tf.get_variable("attnV", [num_units])

    def score_fn(query: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        """What a query [batch, num_units] attends to: [batch, num_units]."""
        query = query if weights is None else tf.matmul(query, weights)
        query = tf.reshape(query, [-1, 1, num_units])
        scores = tf.reduce_sum(keys * query if vector is None else vector * tf.tanh(keys + query), 2)
        context = tf.reduce_sum(tf.expand_dims(tf.nn.softmax(scores), 2) * values, 1)
        context.set_shape([None, num_units])
        return context

    return score_fn


def attention_decoder_fn_train(encoder_state: Any, attention_keys: Tensor, attention_values: Tensor, attention_score_fn: Any,
                               attention_construct_fn: Callable[..., Tensor], name: str | None = None) -> DecoderFunction:
    """Returns the decoder function that puts the attention beside each input; see `prepare_attention`."""

    def decoder_fn(time: Any, cell_state: Any, cell_input: Any, cell_output: Any, context_state: Any) -> tuple[Any, ...]:
        """One step."""
        if cell_state is None:
            attention = _no_attention(encoder_state)
        else:
            attention = cell_output = attention_construct_fn(cell_output, attention_keys, attention_values)
        state = encoder_state if cell_state is None else cell_state
        return None, state, tf.concat([cell_input, attention], 1), cell_output, context_state

    return decoder_fn


def attention_decoder_fn_inference(output_fn: Any, encoder_state: Any, attention_keys: Tensor, attention_values: Tensor,
                                   attention_score_fn: Any, attention_construct_fn: Callable[..., Tensor], embeddings: Any,
                                   start_of_sequence_id: int, end_of_sequence_id: int, maximum_length: Any,
                                   num_decoder_symbols: int, dtype: Any = None, name: str | None = None) -> DecoderFunction:
    """Returns the decoder function that does both: see `simple_decoder_fn_inference` and `prepare_attention`."""
    choose = _best_words(output_fn, encoder_state, embeddings, start_of_sequence_id, end_of_sequence_id, maximum_length,
                         num_decoder_symbols, dtype)

    def decoder_fn(time: Any, cell_state: Any, cell_input: Any, cell_output: Any, context_state: Any) -> tuple[Any, ...]:
        """One step."""
        if cell_state is None:
            attention = _no_attention(encoder_state)
        else:
            attention = cell_output = attention_construct_fn(cell_output, attention_keys, attention_values)
        done, next_input, scores = choose(time, cell_output)
        state = encoder_state if cell_state is None else cell_state
        return done, state, tf.concat([next_input, attention], 1), scores, context_state

    return decoder_fn


def _no_attention(encoder_state: Any) -> Tensor:
    """Zeros of the shape of the last layer's output."""
    top = encoder_state
    if isinstance(top, tuple) and not hasattr(top, "h"):
        top = top[-1]
    return tf.zeros_like(getattr(top, "h", top))


def _best_words(output_fn: Any, encoder_state: Any, embeddings: Any, start: int, end: int, maximum_length: Any,
                words: int, dtype: Any) -> Callable[[Any, Any], tuple[Tensor, Tensor, Tensor]]:
    """Returns the function of time and cell output that gives finished [batch], the next inputs, and the scores."""
    batch = tf.shape(tf.nest.flatten(encoder_state)[0])[0]
    dtype = dtype or tf.int32

    def choose(time: Any, cell_output: Any) -> tuple[Tensor, Tensor, Tensor]:
        """The next words; at the first step, there is no output yet."""
        if cell_output is None:
            ids, done, scores = tf.fill([batch], tf.cast(start, dtype)), tf.fill([batch], False), tf.zeros([words])
        else:
            scores = cell_output if output_fn is None else output_fn(cell_output)
            ids = tf.cast(tf.argmax(scores, 1), dtype)
            done = tf.equal(ids, tf.cast(end, dtype))
        done = tf.logical_or(done, tf.fill([batch], tf.greater(time, tf.cast(maximum_length, tf.int32))))
        return done, tf.gather(embeddings, ids), scores

    return choose
