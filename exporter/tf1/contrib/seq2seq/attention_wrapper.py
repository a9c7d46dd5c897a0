"""A cell with attention: what it attends to is an input of its next step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from exporter.lazy_tensorflow import Tensor, tf
from exporter.tf1.contrib.rnn.bases import RNNCell
from exporter.tf1.contrib.seq2seq.attention_mechanisms import (
    AttentionMechanism,
    BahdanauAttention,
    BahdanauMonotonicAttention,
    LuongAttention,
    LuongMonotonicAttention,
    _bahdanau_score,
    _BaseAttentionMechanism,
    _BaseMonotonicAttentionMechanism,
    _luong_score,
    _maybe_mask_score,
    _prepare_memory,
)
from exporter.tf1.contrib.seq2seq.monotonic import hardmax, monotonic_attention, safe_cumprod
from exporter.tf1.contrib.seq2seq.monotonic import monotonic_probability as _monotonic_probability_fn

__all__ = [
    "AttentionMechanism", "AttentionWrapper", "AttentionWrapperState", "BahdanauAttention", "BahdanauMonotonicAttention",
    "LuongAttention", "LuongMonotonicAttention", "_BaseAttentionMechanism", "_BaseMonotonicAttentionMechanism",
    "_bahdanau_score", "_luong_score", "_maybe_mask_score", "_monotonic_probability_fn", "_prepare_memory", "hardmax",
    "monotonic_attention", "safe_cumprod"]


class AttentionWrapperState(NamedTuple):
    """The state of an AttentionWrapper; where it has one mechanism, alignments and their like are no tuples."""

    cell_state: Any
    attention: Any
    time: Any
    alignments: Any
    alignment_history: Any
    attention_state: Any

    def clone(self, **kwargs: Any) -> AttentionWrapperState:
        """Returns the state with other parts, of the same structure and shapes.

        Raises:
            ValueError: a part's structure or known shape is another.
        """

        def checked(old: Any, new: Any) -> Any:
            """The new value, if it has the shape of the old one."""
            if tf.is_tensor(old) and tf.is_tensor(new):
                new.shape.assert_is_compatible_with(old.shape)
            return new

        new = self._replace(**kwargs)
        return AttentionWrapperState(*tf.nest.map_structure(checked, tuple(self), tuple(new)))


def _compute_attention(attention_mechanism: Any, cell_output: Tensor, attention_state: Any,
                       attention_layer: Any) -> tuple[Tensor, Tensor, Any]:
    """Returns the attention [batch, n], the weights [batch, time] and the mechanism's next state."""
    alignments, next_attention_state = attention_mechanism(cell_output, state=attention_state)
    context = tf.squeeze(tf.matmul(tf.expand_dims(alignments, 1), attention_mechanism.values), [1])
    attention = context if attention_layer is None else attention_layer(tf.concat([cell_output, context], 1))
    return attention, alignments, next_attention_state


class AttentionWrapper(RNNCell):
    """A cell that attends to one or several memories.

    Args:
        cell: the cell.
        attention_mechanism: an AttentionMechanism, or a list of them.
        attention_layer_size: columns of the attention, one per mechanism: a dense layer without bias on the cell's
            output and what it attends to. None: the attention is what it attends to.
        alignment_history: whether the weights of all steps are kept, in a TensorArray.
        cell_input_fn: (inputs, attention) -> the cell's inputs; both side by side by default.
        output_attention: whether the output is the attention; False: the cell's output.
        initial_cell_state: the cell's state in `zero_state`.
        name: of the layer.
        attention_layer: a layer per mechanism, in place of the sizes.
        attention_fn: (mechanism, cell output, its state, layer) -> (attention, weights, next state).
        dtype: of the layer.

    Raises:
        TypeError: a mechanism is none, or a function can't be called.
        ValueError: layers or sizes are not as many as mechanisms, or both are given.
    """

    def __init__(self, cell: Any, attention_mechanism: Any, attention_layer_size: Any = None,
                 alignment_history: bool = False,
                 cell_input_fn: Callable[[Any, Tensor], Any] | None = None, output_attention: bool = True,
                 initial_cell_state: Any = None, name: str | None = None, attention_layer: Any = None,
                 attention_fn: Callable[..., Any] | None = None, dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self._is_multi = isinstance(attention_mechanism, (list, tuple))
        mechanisms = tuple(attention_mechanism) if self._is_multi else (attention_mechanism,)
        for mechanism in mechanisms:
            if not isinstance(mechanism, AttentionMechanism):
                raise TypeError("attention_mechanism must be an AttentionMechanism or a list of them, found "
                                f"{type(mechanism).__name__}.")
        for argument in (cell_input_fn, attention_fn):
            if argument is not None and not callable(argument):
                raise TypeError(f"cell_input_fn and attention_fn must be callable, found {type(argument).__name__}.")
        self._cell, self._attention_mechanisms, self._output_attention = cell, mechanisms, output_attention
        self._cell_input_fn = cell_input_fn or (lambda inputs, attention: tf.concat([inputs, attention], -1))
        self._attention_fn = attention_fn or _compute_attention
        self._alignment_history = alignment_history
        self._attention_layers = self._layers(attention_layer_size, attention_layer)
        self._attention_layer_size = self._size_of_attention()
        with tf.name_scope(name, "AttentionWrapperInit"):
            self._initial_cell_state = None if initial_cell_state is None else tf.nest.map_structure(
                lambda part: tf.identity(part, name="check_initial_cell_state"), initial_cell_state)

    def _layers(self, sizes: Any, layers: Any) -> tuple[Any, ...] | None:
        if sizes is not None and layers is not None:
            raise ValueError("Only one of attention_layer_size and attention_layer should be set")
        if sizes is not None:
            sizes = tuple(sizes) if isinstance(sizes, (list, tuple)) else (sizes,)
            self._check_number("attention_layer_size", sizes)
            return tuple(tf.layers.Dense(size, name="attention_layer", use_bias=False, dtype=mechanism.dtype)
                         for size, mechanism in zip(sizes, self._attention_mechanisms, strict=True))
        if layers is None:
            return None
        given: tuple[Any, ...] = tuple(layers) if isinstance(layers, (list, tuple)) else (layers,)
        self._check_number("attention_layer", given)
        return given

    def _check_number(self, name: str, values: Sequence[Any]) -> None:
        if len(values) != len(self._attention_mechanisms):
            raise ValueError(f"If provided, {name} must contain exactly one entry per attention_mechanism, found "
                             f"{len(values)} vs {len(self._attention_mechanisms)}.")

    def _size_of_attention(self) -> int:
        depths = [mechanism.values.shape.as_list()[-1] for mechanism in self._attention_mechanisms]
        if self._attention_layers is None:
            return sum(depths)
        return sum(int(tf.TensorShape(layer.compute_output_shape([None, self._cell.output_size + depth])).as_list()[-1])
                   for layer, depth in zip(self._attention_layers, depths, strict=True))

    def _item_or_tuple(self, values: Any) -> Any:
        values = tuple(values)
        return values if self._is_multi else values[0]

    @property
    def output_size(self) -> Any:
        """The attention's columns, or the cell's output size."""
        return self._attention_layer_size if self._output_attention else self._cell.output_size

    @property
    def state_size(self) -> AttentionWrapperState:
        """The sizes of the parts."""
        mechanisms = self._attention_mechanisms
        sizes = self._item_or_tuple(mechanism.alignments_size for mechanism in mechanisms)
        history = sizes if self._alignment_history else self._item_or_tuple(() for _ in mechanisms)
        return AttentionWrapperState(
            cell_state=self._cell.state_size, attention=self._attention_layer_size, time=tf.TensorShape([]),
            alignments=sizes, alignment_history=history,
            attention_state=self._item_or_tuple(mechanism.state_size for mechanism in mechanisms))

    def zero_state(self, batch_size: Any, dtype: Any) -> AttentionWrapperState:
        """Returns the state before the first step.

        Args:
            batch_size: rows; the memories' rows. For a beam search, tile the memories (`tile_batch`) before.
            dtype: of the state.
        """
        with tf.name_scope(type(self).__name__ + "ZeroState"):
            cell_state = self._initial_cell_state
            if cell_state is None:
                cell_state = self._cell.zero_state(batch_size, dtype)
            with tf.control_dependencies(self._same_batch(cell_state, batch_size)):
                cell_state = tf.nest.map_structure(lambda part: tf.identity(part, name="checked_cell_state"), cell_state)
            alignments = [mechanism.initial_alignments(batch_size, dtype) for mechanism in self._attention_mechanisms]
            history = [tf.TensorArray(dtype, size=0, dynamic_size=True, element_shape=part.shape)
                       if self._alignment_history else () for part in alignments]
            states = [mechanism.initial_state(batch_size, dtype) for mechanism in self._attention_mechanisms]
            return AttentionWrapperState(
                cell_state=cell_state, attention=tf.zeros([batch_size, self._attention_layer_size], dtype),
                time=tf.zeros([], tf.int32), alignments=self._item_or_tuple(alignments),
                alignment_history=self._item_or_tuple(history), attention_state=self._item_or_tuple(states))

    def _batch_size_checks(self, batch_size: Any, error_message: str) -> list[Any]:
        return [tf.assert_equal(mechanism.batch_size, batch_size, message=error_message)
                for mechanism in self._attention_mechanisms]

    def _same_batch(self, cell_state: Any, batch_size: Any) -> list[Any]:
        message = (f"When calling zero_state of AttentionWrapper {self.name}: the batch size is not that of the memory. Are "
                   "you using the BeamSearchDecoder? Then tile the memory, the lengths and the encoder's state with "
                   "tile_batch, and give batch_size * beam_width to zero_state.")
        checks = self._batch_size_checks(batch_size, message)
        if self._initial_cell_state is not None:
            rows = tf.shape(tf.nest.flatten(cell_state)[-1])[0]
            checks.append(tf.assert_equal(rows, batch_size, message="initial_cell_state has another batch size. " + message))
        return [check for check in checks if check is not None]

    def call(self, inputs: Any, state: AttentionWrapperState) -> tuple[Tensor, AttentionWrapperState]:
        """One step.

        Raises:
            TypeError: the state is no AttentionWrapperState.
        """
        if not isinstance(state, AttentionWrapperState):
            raise TypeError(f"Expected state to be an AttentionWrapperState, found {type(state).__name__}.")
        cell_inputs = self._cell_input_fn(inputs, state.attention)
        cell_output, next_cell_state = self._cell(cell_inputs, state.cell_state)
        before = state.attention_state if self._is_multi else (state.attention_state,)
        layers = self._attention_layers or (None,) * len(self._attention_mechanisms)
        results = [self._attention_fn(mechanism, cell_output, attention_state, layer) for mechanism, attention_state, layer
                   in zip(self._attention_mechanisms, before, layers, strict=True)]
        attentions, alignments, attention_states = zip(*results, strict=True)
        histories = state.alignment_history if self._is_multi else (state.alignment_history,)
        if self._alignment_history:
            histories = tuple(history.write(state.time, part) for history, part in zip(histories, alignments, strict=True))
        attention = tf.concat(attentions, 1)
        next_state = AttentionWrapperState(
            time=state.time + 1, cell_state=next_cell_state, attention=attention, alignments=self._item_or_tuple(alignments),
            alignment_history=self._item_or_tuple(histories), attention_state=self._item_or_tuple(attention_states))
        return attention if self._output_attention else cell_output, next_state
