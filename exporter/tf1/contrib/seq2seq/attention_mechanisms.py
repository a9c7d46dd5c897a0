"""Attention over a memory: additive (Bahdanau), multiplicative (Luong), and the monotonic kinds of both.

Papers: Bahdanau et al. 2014 (arXiv:1409.0473), Luong et al. 2015 (arXiv:1508.04025), Raffel et al. 2017 (arXiv:1704.00784);
names of variables and defaults are those of TensorFlow 1.15's tensorflow/contrib/seq2seq/python/ops/attention_wrapper.py.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

from exporter.lazy_tensorflow import Tensor, tf
from exporter.tf1.contrib.seq2seq.monotonic import monotonic_probability

__all__ = ["AttentionMechanism", "BahdanauAttention", "BahdanauMonotonicAttention", "LuongAttention",
           "LuongMonotonicAttention"]

ProbabilityFunction = Callable[[Tensor], Tensor]


def _prepare_memory(memory: Any, memory_sequence_length: Any = None, memory_mask: Any = None,
                    check_inner_dims_defined: bool = True) -> Any:
    """Returns the memory with zeros behind the end of each sequence.

    Args:
        memory: tensors [batch, time, ...], nested.
        memory_sequence_length: int [batch], or None.
        memory_mask: bool [batch, time], in place of the lengths.
        check_inner_dims_defined: whether dimensions behind the second must be known.

    Raises:
        ValueError: they are not, or both a length and a mask are given.
    """
    memory = tf.nest.map_structure(lambda part: tf.convert_to_tensor(part, name="memory"), memory)
    if memory_sequence_length is not None and memory_mask is not None:
        raise ValueError("memory_sequence_length and memory_mask can't be provided at same time.")
    if check_inner_dims_defined:
        for part in tf.nest.flatten(memory):
            if not part.shape[2:].is_fully_defined():
                raise ValueError(f"Expected memory {part.name} to have fully defined inner dims, found shape {part.shape}.")
    if memory_sequence_length is None and memory_mask is None:
        return memory

    def masked(part: Tensor) -> Tensor:
        """The memory with zeros behind the end of each sequence."""
        mask = tf.sequence_mask(memory_sequence_length, tf.shape(part)[1]) if memory_mask is None else memory_mask
        mask = tf.cast(mask, part.dtype)
        return part * tf.reshape(mask, tf.concat([tf.shape(mask), [1] * (part.shape.ndims - 2)], 0))

    return tf.nest.map_structure(masked, memory)


def _maybe_mask_score(score: Tensor, memory_sequence_length: Any = None, memory_mask: Any = None,
                      score_mask_value: Any = None) -> Tensor:
    """Returns scores [batch, time] with `score_mask_value` behind the end of each sequence."""
    if memory_sequence_length is None and memory_mask is None:
        return score
    if memory_mask is None:
        memory_mask = tf.sequence_mask(memory_sequence_length, tf.shape(score)[1])
    return tf.where(memory_mask, score, score_mask_value * tf.ones_like(score))


class AttentionMechanism:
    """What gives, for a query, the weights of a memory's places."""

    @property
    def alignments_size(self) -> Any:
        """The number of places."""
        raise NotImplementedError

    @property
    def state_size(self) -> Any:
        """The size of the state."""
        raise NotImplementedError


class _BaseAttentionMechanism(AttentionMechanism):
    """A memory with its keys, and how scores become weights.

    Args:
        query_layer: a layer for the queries, or None.
        memory: float [batch, time, depth].
        probability_fn: (scores [batch, time], the state before) -> weights.
        memory_sequence_length: int [batch]: places behind don't count.
        memory_layer: a layer that makes the keys, or None.
        check_inner_dims_defined: whether the memory's depth must be known.
        score_mask_value: the score of places that don't count, minus infinity by default.
        custom_key_value_fn: (keys, values) -> both, changed.
        name: of the operations.
    """

    _scope = "attention"

    def __init__(self, query_layer: Any, memory: Any, probability_fn: Callable[[Tensor, Any], Tensor],
                 memory_sequence_length: Any = None, memory_layer: Any = None, check_inner_dims_defined: bool = True,
                 score_mask_value: Any = None, custom_key_value_fn: Any = None, name: str | None = None) -> None:
        if not callable(probability_fn):
            raise TypeError(f"probability_fn must be callable, saw type: {type(probability_fn).__name__}")
        self._query_layer, self._memory_layer = query_layer, memory_layer
        self.dtype = memory_layer.dtype if memory_layer is not None else None
        with tf.name_scope(name, "BaseAttentionMechanismInit", tf.nest.flatten(memory)):
            self._values = _prepare_memory(memory, memory_sequence_length,
                                           check_inner_dims_defined=check_inner_dims_defined)
            self._keys = self._values if memory_layer is None else memory_layer(self._values)
            if custom_key_value_fn is not None:
                self._keys, self._values = custom_key_value_fn(self._keys, self._values)
            if score_mask_value is None:
                score_mask_value = tf.convert_to_tensor(-math.inf, self._keys.dtype)
            self._batch_size = self._keys.shape.as_list()[0] or tf.shape(self._keys)[0]
            self._alignments_size = self._keys.shape.as_list()[1] or tf.shape(self._keys)[1]
        self._probability_fn: Callable[[Tensor, Any], Tensor] = lambda score, before: probability_fn(_maybe_mask_score(
            score, memory_sequence_length=memory_sequence_length, score_mask_value=score_mask_value), before)

    memory_layer = property(lambda self: self._memory_layer, doc="The layer that made the keys, or None.")
    query_layer = property(lambda self: self._query_layer, doc="The layer for the queries, or None.")
    values = property(lambda self: self._values, doc="The memory, float [batch, time, depth].")
    keys = property(lambda self: self._keys, doc="What queries are compared with, float [batch, time, n].")
    batch_size = property(lambda self: self._batch_size, doc="Rows of the batch, an int or a tensor.")
    alignments_size = property(lambda self: self._alignments_size, doc="The number of places, an int or a tensor.")
    state_size = property(lambda self: self._alignments_size, doc="The size of the state: the weights before.")

    def initial_alignments(self, batch_size: Any, dtype: Any) -> Tensor:
        """Returns the weights before the first step, [batch, time]."""
        return tf.zeros([batch_size, self._alignments_size], dtype)

    def initial_state(self, batch_size: Any, dtype: Any) -> Any:
        """Returns the state before the first step."""
        return self.initial_alignments(batch_size, dtype)

    def __call__(self, query: Tensor, state: Any) -> tuple[Tensor, Any]:
        """Returns the weights [batch, time] for a query [batch, depth], and the next state, which they are."""
        with tf.variable_scope(None, self._scope, [query]):
            alignments = self._probability_fn(self._scores(query), state)
        return alignments, alignments

    def _scores(self, query: Tensor) -> Tensor:
        """Returns the scores of all places, [batch, time]."""
        raise NotImplementedError

    def _mapped_query(self, query: Tensor) -> Tensor:
        return query if self._query_layer is None else self._query_layer(query)


class _BaseMonotonicAttentionMechanism(_BaseAttentionMechanism):
    """Attention that starts at the first place; it stands before a class that gives scores."""

    _score_bias_init: float

    def initial_alignments(self, batch_size: Any, dtype: Any) -> Tensor:
        """Returns 1 at the first place, [batch, time]."""
        return tf.one_hot(tf.zeros([batch_size], tf.int32), self._alignments_size, dtype=dtype)

    def _scores(self, query: Tensor) -> Tensor:
        """Adds the bias `attention_score_bias`."""
        scores = super()._scores(query)
        start = tf.constant_initializer(self._score_bias_init)
        return scores + tf.get_variable("attention_score_bias", [], query.dtype, start)


def _bahdanau_score(processed_query: Tensor, keys: Tensor, attention_v: Tensor, attention_g: Any = None,
                    attention_b: Any = None) -> Tensor:
    """Returns `v * tanh(keys + query)` summed over the last dimension, [batch, time]; normalized with `g` and `b`."""
    query = tf.expand_dims(processed_query, 1)
    if attention_g is None or attention_b is None:
        return tf.reduce_sum(attention_v * tf.tanh(keys + query), [2])
    normalized = attention_g * attention_v * tf.rsqrt(tf.reduce_sum(tf.square(attention_v)))
    return tf.reduce_sum(normalized * tf.tanh(keys + query + attention_b), [2])


def _luong_score(query: Tensor, keys: Tensor, scale: Any) -> Tensor:
    """Returns the products of the query and the keys, [batch, time], times `scale` if given.

    Raises:
        ValueError: the query's depth is not the keys'.
    """
    depth, key_units = query.shape.as_list()[-1], keys.shape.as_list()[-1]
    if depth != key_units:
        raise ValueError(f"Incompatible inner dimensions: the query {query} has depth {depth}, the keys {keys} have "
                         f"{key_units}. Luong attention needs num_units={depth}, the depth of the cell's output.")
    score = tf.squeeze(tf.matmul(tf.expand_dims(query, 1), keys, transpose_b=True), [1])
    return score if scale is None else scale * score


def _layer(units: int, name: str, dtype: Any) -> Any:
    return tf.layers.Dense(units, name=name, use_bias=False, dtype=dtype)


def _bahdanau_variables(units: int, dtype: Any, normalize: bool) -> tuple[Any, ...]:
    """Makes `attention_v`, and for normalized scores `attention_g` and `attention_b`."""
    vector = tf.get_variable("attention_v", [units], dtype)
    if not normalize:
        return vector, None, None
    gain = tf.get_variable("attention_g", [], dtype, tf.constant_initializer(math.sqrt(1.0 / units)))
    return vector, gain, tf.get_variable("attention_b", [units], dtype, tf.zeros_initializer())


def _luong_gain(dtype: Any, scale: bool) -> Any:
    return tf.get_variable("attention_g", [], dtype, tf.ones_initializer()) if scale else None


def _memoryless(probability_fn: ProbabilityFunction | None) -> Callable[[Tensor, Any], Tensor]:
    function = tf.nn.softmax if probability_fn is None else probability_fn
    return lambda score, before: function(score)


class _AdditiveMechanism(_BaseAttentionMechanism):
    """Scores by the sum of query and keys."""

    _num_units: int
    _normalize: bool

    def _scores(self, query: Tensor) -> Tensor:
        mapped = self._mapped_query(query)
        return _bahdanau_score(mapped, self._keys, *_bahdanau_variables(self._num_units, query.dtype, self._normalize))


class _MultiplicativeMechanism(_BaseAttentionMechanism):
    """Scores by the product of query and keys."""

    _scale: bool

    def _scores(self, query: Tensor) -> Tensor:
        return _luong_score(query, self._keys, _luong_gain(query.dtype, self._scale))


class BahdanauAttention(_AdditiveMechanism):
    """Additive attention.

    Args:
        num_units: columns in which query and keys are added.
        memory: float [batch, time, depth].
        memory_sequence_length: int [batch].
        normalize: whether scores are normalized by `attention_g` and `attention_b`.
        probability_fn: scores -> weights, softmax by default.
        score_mask_value: the score of places that don't count, minus infinity by default.
        dtype: of the layers.
        custom_key_value_fn: (keys, values) -> both, changed.
        name: of the operations.
    """

    _scope = "bahdanau_attention"

    def __init__(self, num_units: int, memory: Any, memory_sequence_length: Any = None, normalize: bool = False,
                 probability_fn: ProbabilityFunction | None = None, score_mask_value: Any = None, dtype: Any = None,
                 custom_key_value_fn: Any = None, name: str = "BahdanauAttention") -> None:
        dtype = tf.float32 if dtype is None else dtype
        super().__init__(_layer(num_units, "query_layer", dtype), memory, _memoryless(probability_fn),
                         memory_sequence_length, _layer(num_units, "memory_layer", dtype), score_mask_value=score_mask_value,
                         custom_key_value_fn=custom_key_value_fn, name=name)
        self._num_units, self._normalize, self._name = num_units, normalize, name


class BahdanauMonotonicAttention(_BaseMonotonicAttentionMechanism, _AdditiveMechanism):
    """Additive attention that only moves forward; see BahdanauAttention and `monotonic_attention`.

    Args:
        num_units: columns in which query and keys are added.
        memory: float [batch, time, depth].
        memory_sequence_length: int [batch].
        normalize: whether scores are normalized.
        score_mask_value: the score of places that don't count, minus infinity by default.
        sigmoid_noise: deviation of noise on the scores; for training.
        sigmoid_noise_seed: of the noise.
        score_bias_init: the initial `attention_score_bias`.
        mode: of `monotonic_attention`.
        dtype: of the layers.
        name: of the operations.
    """

    _scope = "bahdanau_monotonic_attention"

    def __init__(self, num_units: int, memory: Any, memory_sequence_length: Any = None, normalize: bool = False,
                 score_mask_value: Any = None, sigmoid_noise: float = 0.0, sigmoid_noise_seed: int | None = None,
                 score_bias_init: float = 0.0, mode: str = "parallel", dtype: Any = None,
                 name: str = "BahdanauMonotonicAttention") -> None:
        dtype = tf.float32 if dtype is None else dtype
        probability = functools.partial(monotonic_probability, sigmoid_noise=sigmoid_noise, mode=mode,
                                        seed=sigmoid_noise_seed)
        super().__init__(_layer(num_units, "query_layer", dtype), memory, probability, memory_sequence_length,
                         _layer(num_units, "memory_layer", dtype), score_mask_value=score_mask_value, name=name)
        self._num_units, self._normalize, self._name, self._score_bias_init = num_units, normalize, name, score_bias_init


class LuongAttention(_MultiplicativeMechanism):
    """Multiplicative attention.

    Args:
        num_units: depth of the keys; the depth of the queries.
        memory: float [batch, time, depth].
        memory_sequence_length: int [batch].
        scale: whether scores are multiplied by a variable `attention_g`.
        probability_fn: scores -> weights, softmax by default.
        score_mask_value: the score of places that don't count, minus infinity by default.
        dtype: of the layer.
        custom_key_value_fn: (keys, values) -> both, changed.
        name: of the operations.
    """

    _scope = "luong_attention"

    def __init__(self, num_units: int, memory: Any, memory_sequence_length: Any = None, scale: bool = False,
                 probability_fn: ProbabilityFunction | None = None, score_mask_value: Any = None, dtype: Any = None,
                 custom_key_value_fn: Any = None, name: str = "LuongAttention") -> None:
        layer = _layer(num_units, "memory_layer", tf.float32 if dtype is None else dtype)
        super().__init__(None, memory, _memoryless(probability_fn), memory_sequence_length, layer,
                         score_mask_value=score_mask_value, custom_key_value_fn=custom_key_value_fn, name=name)
        self._num_units, self._scale, self._name = num_units, scale, name


class LuongMonotonicAttention(_BaseMonotonicAttentionMechanism, _MultiplicativeMechanism):
    """Multiplicative attention that only moves forward; see LuongAttention and BahdanauMonotonicAttention."""

    _scope = "luong_monotonic_attention"

    def __init__(self, num_units: int, memory: Any, memory_sequence_length: Any = None, scale: bool = False,
                 score_mask_value: Any = None, sigmoid_noise: float = 0.0, sigmoid_noise_seed: int | None = None,
                 score_bias_init: float = 0.0, mode: str = "parallel", dtype: Any = None,
                 name: str = "LuongMonotonicAttention") -> None:
        layer = _layer(num_units, "memory_layer", tf.float32 if dtype is None else dtype)
        probability = functools.partial(monotonic_probability, sigmoid_noise=sigmoid_noise, mode=mode,
                                        seed=sigmoid_noise_seed)
        super().__init__(None, memory, probability, memory_sequence_length, layer, score_mask_value=score_mask_value,
                         name=name)
        self._num_units, self._scale, self._name, self._score_bias_init = num_units, scale, name, score_bias_init
