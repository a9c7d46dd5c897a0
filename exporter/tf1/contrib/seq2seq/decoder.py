"""Decoders, and the loop that runs them."""

from __future__ import annotations

import contextlib
from typing import Any

from tensorflow.python.ops.rnn import _transpose_batch_time

from exporter.lazy_tensorflow import Tensor, tf

__all__ = ["Decoder", "_transpose_batch_time", "dynamic_decode"]


class Decoder:
    """What `dynamic_decode` runs: a kind defines these properties and methods."""

    @property
    def batch_size(self) -> Any:
        """Rows of the batch, an int or a tensor."""
        raise NotImplementedError

    @property
    def output_size(self) -> Any:
        """The sizes of the outputs, nested."""
        raise NotImplementedError

    @property
    def output_dtype(self) -> Any:
        """The dtypes of the outputs, nested alike."""
        raise NotImplementedError

    def initialize(self, name: str | None = None) -> tuple[Any, Any, Any]:
        """Returns finished (bool [batch]), the first inputs and the first state."""
        raise NotImplementedError

    def step(self, time: Tensor, inputs: Any, state: Any, name: str | None = None) -> tuple[Any, Any, Any, Any]:
        """Returns the outputs, the next state, the next inputs and finished, at a time (int32)."""
        raise NotImplementedError

    def finalize(self, outputs: Any, final_state: Any, sequence_lengths: Tensor) -> tuple[Any, Any]:
        """Returns the outputs and the state, changed after the loop."""
        raise NotImplementedError

    @property
    def tracks_own_finished(self) -> bool:
        """Whether a sequence that has finished may be unfinished again, as in a beam search."""
        return False


def dynamic_decode(decoder: Decoder, output_time_major: bool = False, impute_finished: bool = False,
                   maximum_iterations: Any = None, parallel_iterations: int = 32, swap_memory: bool = False,
                   scope: Any = None, **kwargs: Any) -> tuple[Any, Any, Tensor]:
    """Runs a decoder until all sequences have finished.

    Args:
        decoder: the decoder.
        output_time_major: whether time is the outputs' first dimension; False: the batch.
        impute_finished: whether outputs are zeros and states stand still after a sequence's end.
        maximum_iterations: int, or int32 scalar: the loop ends there at the latest.
        parallel_iterations: of the loop.
        swap_memory: whether tensors for the gradients may go to the host's memory.
        scope: the variable scope, `decoder` by default.
        **kwargs: of `decoder.initialize`.

    Returns:
        The outputs [batch, time, ...], the last state, and the lengths of the sequences, int32.

    Raises:
        TypeError: `decoder` is none.
        ValueError: `maximum_iterations` is no scalar.
    """
    if not isinstance(decoder, Decoder):
        raise TypeError(f"Expected decoder to be type Decoder, but saw: {type(decoder).__name__}")
    with tf.variable_scope(scope, "decoder") as variables:
        if variables.caching_device is None:
            variables.set_caching_device(lambda op: op.device)
        if maximum_iterations is not None:
            maximum_iterations = tf.convert_to_tensor(maximum_iterations, tf.int32, name="maximum_iterations")
            if maximum_iterations.shape.ndims != 0:
                raise ValueError(f"maximum_iterations must be a scalar, found the shape {maximum_iterations.shape}.")
        loop = _Loop(decoder, impute_finished)
        arrays, state, _, _, lengths = loop.run(maximum_iterations, parallel_iterations, swap_memory, kwargs)
        outputs = tf.nest.map_structure(lambda array: array.stack(), arrays)
        with contextlib.suppress(NotImplementedError):
            outputs, state = decoder.finalize(outputs, state, lengths)
        if not output_time_major:
            outputs = tf.nest.map_structure(_transpose_batch_time, outputs)
    return outputs, state, lengths


def _create_zero_outputs(size: Any, dtype: Any, batch_size: Any) -> Any:
    """Returns zeros [batch, *size], nested alike; loops that were copied out of TensorFlow 1 call it."""
    return tf.nest.map_structure(
        lambda part, kind: tf.zeros([batch_size, *tf.TensorShape(part).as_list()], kind), size, dtype)


class _Loop:
    """The loop over time; its variables are output arrays, state, inputs, finished and lengths."""

    def __init__(self, decoder: Decoder, impute_finished: bool) -> None:
        self._decoder, self._impute_finished = decoder, impute_finished

    def run(self, maximum_iterations: Any, parallel_iterations: int, swap_memory: bool, keywords: Any) -> tuple[Any, ...]:
        """Builds the loop and returns its variables behind it; `keywords` are for the decoder's `initialize`."""
        decoder = self._decoder
        finished, inputs, state = decoder.initialize(**keywords)
        self._zero_outputs = tf.nest.map_structure(self._zeros, decoder.output_size, decoder.output_dtype)
        if maximum_iterations is not None:
            finished = tf.logical_or(finished, maximum_iterations <= 0)
        arrays = tf.nest.map_structure(self._array, decoder.output_size, decoder.output_dtype)
        lengths = tf.zeros_like(finished, tf.int32)
        result = tf.while_loop(
            lambda time, arrays, state, inputs, finished, lengths: tf.logical_not(tf.reduce_all(finished)), self._body,
            (tf.constant(0, tf.int32, name="time"), arrays, state, inputs, finished, lengths),
            parallel_iterations=parallel_iterations, maximum_iterations=maximum_iterations, swap_memory=swap_memory)
        return tuple(result[1:])

    def _shape(self, size: Any) -> Any:
        batch = self._decoder.batch_size
        known = tf.get_static_value(batch) if tf.is_tensor(batch) else batch
        return tf.TensorShape([known]).concatenate(tf.TensorShape(size))

    def _zeros(self, size: Any, dtype: Any) -> Tensor:
        dimensions = tf.TensorShape(size).as_list()
        zeros = tf.zeros(tf.concat([[self._decoder.batch_size], tf.constant(dimensions, tf.int32)], 0), dtype)
        zeros.set_shape(self._shape(size))
        return zeros

    def _array(self, size: Any, dtype: Any) -> Any:
        return tf.TensorArray(dtype, size=0, dynamic_size=True, element_shape=self._shape(size))

    def _body(self, time: Tensor, arrays: Any, state: Any, inputs: Any, finished: Tensor, lengths: Tensor) -> tuple[Any,
                                                                                                                    ...]:
        outputs, next_state, next_inputs, step_finished = self._decoder.step(time, inputs, state)
        next_finished = step_finished if self._decoder.tracks_own_finished else tf.logical_or(step_finished, finished)
        next_lengths = tf.where(finished, lengths, tf.fill(tf.shape(lengths), time + 1))
        for before, after in ((state, next_state), (self._zero_outputs, outputs), (inputs, next_inputs)):
            tf.nest.assert_same_structure(before, after)
        if self._impute_finished:
            outputs = tf.nest.map_structure(lambda zero, new: tf.where(finished, zero, new), self._zero_outputs, outputs)
            next_state = tf.nest.map_structure(lambda old, new: _kept(finished, old, new), state, next_state)
        arrays = tf.nest.map_structure(lambda array, output: array.write(time, output), arrays, outputs)
        return time + 1, arrays, next_state, next_inputs, next_finished, next_lengths


def _kept(finished: Tensor, old: Any, new: Any) -> Any:
    """The old state of sequences that have finished; arrays and scalars, such as the time, go on."""
    if isinstance(old, tf.TensorArray) or new.shape.ndims == 0:
        return new
    new.set_shape(old.shape)
    return tf.where(finished, old, new)
