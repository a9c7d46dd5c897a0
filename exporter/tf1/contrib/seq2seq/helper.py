"""Helpers: what a decoder samples from its output, and gets as its next input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tensorflow.python.ops.rnn import _transpose_batch_time

from exporter.lazy_tensorflow import Tensor, tf
from exporter.tf1.contrib.seq2seq.words import lookup, start_and_end

__all__ = ["CustomHelper", "GreedyEmbeddingHelper", "Helper", "InferenceHelper", "SampleEmbeddingHelper",
           "ScheduledEmbeddingTrainingHelper", "ScheduledOutputTrainingHelper", "TrainingHelper", "_unstack_ta"]

NextInputs = tuple[Tensor, Any, Any]


def _unstack_ta(inp: Tensor) -> Any:
    """Returns a TensorArray of the steps of [time, ...]."""
    return tf.TensorArray(inp.dtype, size=tf.shape(inp)[0], element_shape=inp.shape[1:]).unstack(inp)


def _argmax(outputs: Any) -> Tensor:
    if not tf.is_tensor(outputs):
        raise TypeError(f"Expected outputs to be a single Tensor, got: {type(outputs).__name__}")
    return tf.argmax(outputs, -1, output_type=tf.int32)


def _sampled(logits: Any, seed: int | None) -> Tensor:
    """A class for each row of logits [batch, classes], int32."""
    if not tf.is_tensor(logits):
        raise TypeError(f"Expected outputs to be a single Tensor, got: {type(logits).__name__}")
    return tf.squeeze(tf.multinomial(logits, 1, seed=seed, output_dtype=tf.int32), [1])


def _chosen(probability: Any, batch_size: Any, seed: int | None) -> Tensor:
    """True with this probability, bool [batch]."""
    return tf.random_uniform([batch_size], seed=seed) < tf.cast(probability, tf.float32)


class Helper:
    """What BasicDecoder asks; a kind defines these properties and methods."""

    @property
    def batch_size(self) -> Any:
        """Rows of the batch, an int or a tensor."""
        raise NotImplementedError

    @property
    def sample_ids_shape(self) -> Any:
        """The shape of what is sampled, without the batch."""
        return tf.TensorShape([])

    @property
    def sample_ids_dtype(self) -> Any:
        """The dtype of what is sampled."""
        return tf.int32

    def initialize(self, name: str | None = None) -> tuple[Tensor, Any]:
        """Returns finished (bool [batch]) and the first inputs."""
        raise NotImplementedError

    def sample(self, time: Tensor, outputs: Any, state: Any, name: str | None = None) -> Any:
        """Returns what is sampled from the outputs."""
        raise NotImplementedError

    def next_inputs(self, time: Tensor, outputs: Any, state: Any, sample_ids: Any, name: str | None = None) -> NextInputs:
        """Returns finished, the next inputs and the next state."""
        raise NotImplementedError


class CustomHelper(Helper):
    """A helper of three functions, called by keyword.

    Args:
        initialize_fn: () -> finished and the first inputs.
        sample_fn: (time, outputs, state) -> what is sampled.
        next_inputs_fn: (time, outputs, state, sample_ids) -> finished, the next inputs, the next state.
        sample_ids_shape: of what is sampled, without the batch; a scalar by default.
        sample_ids_dtype: int32 by default.
    """

    def __init__(self, initialize_fn: Callable[[], Any], sample_fn: Callable[..., Any], next_inputs_fn: Callable[..., Any],
                 sample_ids_shape: Any = None, sample_ids_dtype: Any = None) -> None:
        self._initialize_fn, self._sample_fn, self._next_inputs_fn = initialize_fn, sample_fn, next_inputs_fn
        self._sample_ids_shape = tf.TensorShape(sample_ids_shape or [])
        self._sample_ids_dtype = sample_ids_dtype or tf.int32
        self._batch_size: Any = None

    @property
    def batch_size(self) -> Any:
        """Rows of the batch.

        Raises:
            ValueError: before `initialize` was called.
        """
        if self._batch_size is None:
            raise ValueError("batch_size accessed before initialize was called")
        return self._batch_size

    sample_ids_shape = property(lambda self: self._sample_ids_shape)
    sample_ids_dtype = property(lambda self: self._sample_ids_dtype)

    def initialize(self, name: str | None = None) -> tuple[Tensor, Any]:
        """Returns finished (bool [batch]) and the first inputs."""
        with tf.name_scope(name, "CustomHelperInitialize"):
            finished, inputs = self._initialize_fn()
            if self._batch_size is None:
                self._batch_size = tf.size(finished)
        return finished, inputs

    def sample(self, time: Tensor, outputs: Any, state: Any, name: str | None = None) -> Any:
        """Returns what is sampled from the outputs."""
        with tf.name_scope(name, "CustomHelperSample"):
            return self._sample_fn(time=time, outputs=outputs, state=state)

    def next_inputs(self, time: Tensor, outputs: Any, state: Any, sample_ids: Any, name: str | None = None) -> NextInputs:
        """Returns finished, the next inputs and the next state."""
        with tf.name_scope(name, "CustomHelperNextInputs"):
            result: NextInputs = self._next_inputs_fn(time=time, outputs=outputs, state=state, sample_ids=sample_ids)
            return result


class TrainingHelper(Helper):
    """Gives the inputs of known sequences; samples the largest output, which nobody reads.

    Args:
        inputs: [batch, time, ...], or [time, batch, ...] if `time_major`.
        sequence_length: int32 [batch].
        time_major: whether time is the first dimension.
        name: of the operations.

    Raises:
        ValueError: `sequence_length` is no vector.
    """

    def __init__(self, inputs: Any, sequence_length: Any, time_major: bool = False, name: str | None = None) -> None:
        with tf.name_scope(name, "TrainingHelper", [inputs, sequence_length]):
            inputs = tf.nest.map_structure(lambda part: tf.convert_to_tensor(part, name="inputs"), inputs)
            self._inputs = inputs
            if not time_major:
                inputs = tf.nest.map_structure(_transpose_batch_time, inputs)
            self._input_tas = tf.nest.map_structure(_unstack_ta, inputs)
            self._sequence_length = tf.convert_to_tensor(sequence_length, name="sequence_length")
            if self._sequence_length.shape.ndims != 1:
                raise ValueError("Expected sequence_length to be a vector, but received shape: "
                                 f"{self._sequence_length.shape}")
            self._zero_inputs = tf.nest.map_structure(lambda part: tf.zeros_like(part[0]), inputs)
            self._batch_size = tf.size(self._sequence_length)

    inputs = property(lambda self: self._inputs, doc="The inputs as they were given.")
    sequence_length = property(lambda self: self._sequence_length, doc="int [batch].")

    @property
    def batch_size(self) -> Any:
        """Rows of the batch."""
        return self._batch_size

    def initialize(self, name: str | None = None) -> tuple[Tensor, Any]:
        """Returns finished (bool [batch]) and the first inputs."""
        with tf.name_scope(name, "TrainingHelperInitialize"):
            return self._inputs_at(tf.constant(0))

    def sample(self, time: Tensor, outputs: Any, state: Any, name: str | None = None) -> Any:
        """Returns the index of the largest output, int32 [batch]."""
        with tf.name_scope(name, "TrainingHelperSample", [time, outputs]):
            return _argmax(outputs)

    def next_inputs(self, time: Tensor, outputs: Any, state: Any, sample_ids: Any = None,
                    name: str | None = None) -> NextInputs:
        """Returns finished, the next inputs (zeros once all have finished) and the state."""
        with tf.name_scope(name, "TrainingHelperNextInputs", [time, outputs]):
            return (*self._inputs_at(time + 1), state)

    def _inputs_at(self, time: Tensor) -> tuple[Tensor, Any]:
        finished = tf.cast(time, self._sequence_length.dtype) >= self._sequence_length
        inputs = tf.cond(tf.reduce_all(finished), lambda: self._zero_inputs,
                         lambda: tf.nest.map_structure(lambda array: array.read(time), self._input_tas))
        return finished, inputs


class ScheduledEmbeddingTrainingHelper(TrainingHelper):
    """Gives, with a probability, the embedding of a sampled word in place of the known input (Bengio et al. 2015).

    Args:
        inputs: [batch, time, ...], or [time, batch, ...] if `time_major`.
        sequence_length: int32 [batch].
        embedding: ids -> vectors, or a table [words, depth].
        sampling_probability: a number, or a float scalar or [batch].
        time_major: whether time is the first dimension.
        seed: of the words.
        scheduling_seed: of the choice.
        name: of the operations.
    """

    def __init__(self, inputs: Any, sequence_length: Any, embedding: Any, sampling_probability: Any,
                 time_major: bool = False,
                 seed: int | None = None, scheduling_seed: int | None = None, name: str | None = None) -> None:
        super().__init__(inputs, sequence_length, time_major, name)
        self._embedding_fn = lookup(embedding)
        self._sampling_probability = tf.convert_to_tensor(sampling_probability, name="sampling_probability")
        if self._sampling_probability.shape.ndims not in (0, 1):
            raise ValueError("sampling_probability must be either a scalar or a vector, found the shape "
                             f"{self._sampling_probability.shape}")
        self._seed, self._scheduling_seed = seed, scheduling_seed

    def sample(self, time: Tensor, outputs: Any, state: Any, name: str | None = None) -> Any:
        """Returns a sampled word, or -1 where the known input comes, int32 [batch]."""
        with tf.name_scope(name, "ScheduledEmbeddingTrainingHelperSample", [time, outputs]):
            chosen = _chosen(self._sampling_probability, self.batch_size, self._scheduling_seed)
            return tf.where(chosen, _sampled(outputs, self._seed), tf.fill([self.batch_size], -1))

    def next_inputs(self, time: Tensor, outputs: Any, state: Any, sample_ids: Any = None,
                    name: str | None = None) -> NextInputs:
        """Returns finished, the next inputs and the state."""
        finished, known, state = super().next_inputs(time, outputs, state)
        inputs = tf.cond(tf.reduce_all(finished), lambda: known, lambda: tf.where(
            sample_ids > -1, self._embedding_fn(tf.maximum(sample_ids, 0)), known))
        return finished, inputs, state


class ScheduledOutputTrainingHelper(TrainingHelper):
    """Gives, with a probability, the last output in place of the known input.

    Args:
        inputs: [batch, time, n], or [time, batch, n] if `time_major`.
        sequence_length: int32 [batch].
        sampling_probability: a number or a float scalar.
        time_major: whether time is the first dimension.
        seed: of the choice.
        next_inputs_fn: outputs -> inputs; the outputs themselves by default.
        auxiliary_inputs: like `inputs`; appended to the inputs of both kinds.
        name: of the operations.
    """

    def __init__(self, inputs: Any, sequence_length: Any, sampling_probability: Any, time_major: bool = False,
                 seed: int | None = None, next_inputs_fn: Callable[[Any], Any] | None = None, auxiliary_inputs: Any = None,
                 name: str | None = None) -> None:
        self._sampling_probability = tf.convert_to_tensor(sampling_probability, name="sampling_probability")
        if self._sampling_probability.shape.ndims not in (0, 1):
            raise ValueError("sampling_probability must be either a scalar or a vector, found the shape "
                             f"{self._sampling_probability.shape}")
        self._seed, self._next_inputs_fn = seed, next_inputs_fn or (lambda outputs: outputs)
        self._auxiliary_input_tas = None
        if auxiliary_inputs is not None:
            auxiliary_inputs = tf.convert_to_tensor(auxiliary_inputs, name="auxiliary_inputs")
            inputs = tf.concat([tf.convert_to_tensor(inputs), auxiliary_inputs], -1)
            time_first = auxiliary_inputs if time_major else _transpose_batch_time(auxiliary_inputs)
            self._auxiliary_input_tas = _unstack_ta(time_first)
        super().__init__(inputs, sequence_length, time_major, name)

    def sample(self, time: Tensor, outputs: Any, state: Any, name: str | None = None) -> Any:
        """Returns 1 where the output comes next, else 0, int32 [batch]."""
        with tf.name_scope(name, "ScheduledOutputTrainingHelperSample", [time, outputs]):
            return tf.cast(_chosen(self._sampling_probability, self.batch_size, self._seed), tf.int32)

    def next_inputs(self, time: Tensor, outputs: Any, state: Any, sample_ids: Any = None,
                    name: str | None = None) -> NextInputs:
        """Returns finished, the next inputs and the state."""
        finished, known, state = super().next_inputs(time, outputs, state)
        chosen = tf.cast(sample_ids, tf.bool)

        def mixed() -> Tensor:
            """The next inputs, some of them sampled."""
            own = self._next_inputs_fn(outputs)
            if self._auxiliary_input_tas is not None:
                own = tf.concat([own, self._auxiliary_input_tas.read(time + 1)], -1)
            return tf.where(chosen, own, known)

        nothing = tf.logical_or(tf.reduce_all(finished), tf.logical_not(tf.reduce_any(chosen)))
        return finished, tf.cond(nothing, lambda: known, mixed), state


class GreedyEmbeddingHelper(Helper):
    """Gives the embedding of the word with the largest output.

    Args:
        embedding: ids -> vectors, or a table [words, depth].
        start_tokens: int32 [batch].
        end_token: int32 scalar.

    Raises:
        ValueError: `start_tokens` is no vector, or `end_token` no scalar.
    """

    def __init__(self, embedding: Any, start_tokens: Any, end_token: Any) -> None:
        self._embedding_fn = lookup(embedding)
        self._start_tokens, self._end_token = start_and_end(start_tokens, end_token)
        self._batch_size = tf.size(self._start_tokens)
        self._start_inputs = self._embedding_fn(self._start_tokens)

    @property
    def batch_size(self) -> Any:
        """Rows of the batch."""
        return self._batch_size

    def initialize(self, name: str | None = None) -> tuple[Tensor, Any]:
        """Returns finished (bool [batch]) and the first inputs."""
        return tf.tile([False], [self._batch_size]), self._start_inputs

    def sample(self, time: Tensor, outputs: Any, state: Any, name: str | None = None) -> Any:
        """Returns the index of the largest output, int32 [batch]."""
        return _argmax(outputs)

    def next_inputs(self, time: Tensor, outputs: Any, state: Any, sample_ids: Any, name: str | None = None) -> NextInputs:
        """Returns finished, the next inputs and the state."""
        finished = tf.equal(sample_ids, self._end_token)
        inputs = tf.cond(tf.reduce_all(finished), lambda: self._start_inputs, lambda: self._embedding_fn(sample_ids))
        return finished, inputs, state


class SampleEmbeddingHelper(GreedyEmbeddingHelper):
    """Gives the embedding of a word that is sampled.

    Args:
        embedding: ids -> vectors, or a table [words, depth].
        start_tokens: int32 [batch].
        end_token: int32 scalar.
        softmax_temperature: outputs are divided by it first.
        seed: of the words.
    """

    def __init__(self, embedding: Any, start_tokens: Any, end_token: Any, softmax_temperature: Any = None,
                 seed: int | None = None) -> None:
        super().__init__(embedding, start_tokens, end_token)
        self._softmax_temperature, self._seed = softmax_temperature, seed

    def sample(self, time: Tensor, outputs: Any, state: Any, name: str | None = None) -> Any:
        """Returns a word of each row, int32 [batch]."""
        return _sampled(outputs if self._softmax_temperature is None else outputs / self._softmax_temperature, self._seed)


class InferenceHelper(Helper):
    """Gives what is sampled by a function.

    Args:
        sample_fn: outputs -> what is sampled.
        sample_shape: its shape, without the batch.
        sample_dtype: its dtype.
        start_inputs: the first inputs, [batch, ...].
        end_fn: what is sampled -> finished, bool [batch].
        next_inputs_fn: what is sampled -> the next inputs; itself by default.
    """

    def __init__(self, sample_fn: Callable[[Any], Any], sample_shape: Any, sample_dtype: Any, start_inputs: Any,
                 end_fn: Callable[[Any], Any], next_inputs_fn: Callable[[Any], Any] | None = None) -> None:
        self._sample_fn, self._end_fn, self._sample_dtype = sample_fn, end_fn, sample_dtype
        self._sample_shape = tf.TensorShape(sample_shape)
        self._start_inputs = tf.convert_to_tensor(start_inputs, name="start_inputs")
        self._batch_size = tf.shape(self._start_inputs)[0]
        self._next_inputs_fn = next_inputs_fn or (lambda sample_ids: sample_ids)

    batch_size = property(lambda self: self._batch_size)
    sample_ids_shape = property(lambda self: self._sample_shape)
    sample_ids_dtype = property(lambda self: self._sample_dtype)

    def initialize(self, name: str | None = None) -> tuple[Tensor, Any]:
        """Returns finished (bool [batch]) and the first inputs."""
        return tf.tile([False], [self._batch_size]), self._start_inputs

    def sample(self, time: Tensor, outputs: Any, state: Any, name: str | None = None) -> Any:
        """Returns what is sampled from the outputs."""
        return self._sample_fn(outputs)

    def next_inputs(self, time: Tensor, outputs: Any, state: Any, sample_ids: Any, name: str | None = None) -> NextInputs:
        """Returns finished, the next inputs and the state."""
        return self._end_fn(sample_ids), self._next_inputs_fn(sample_ids), state
