"""Cells around a cell: attention over its own past, highways, compilation."""

from __future__ import annotations

from typing import Any

from exporter.lazy_tensorflow import Tensor, tf
from exporter.tf1.contrib.rnn.bases import CellWrapper, RNNCell
from exporter.tf1.contrib.rnn.projections import linear

__all__ = ["AttentionCellWrapper", "CompiledWrapper", "HighwayWrapper"]


class AttentionCellWrapper(RNNCell):
    """Lets a cell attend to its last outputs (Bahdanau et al. 2014, arXiv:1409.0473, on the cell's own past).

    Args:
        cell: the cell; its state is one matrix, or a tuple of matrices if `state_is_tuple`.
        attn_length: how many outputs it attends to.
        attn_size: columns of what it attends to, and of the output; the cell's output size by default.
        attn_vec_size: columns in which scores are computed; `attn_size` by default.
        input_size: columns of what the cell gets; the inputs' by default.
        state_is_tuple: the state is (cell's state, attention, outputs [batch, length * size]); False: side by side.
        reuse: whether existing variables are taken.

    Raises:
        ValueError: the cell's state is no tuple though `state_is_tuple` is set, or `attn_length` is not positive.
    """

    def __init__(self, cell: Any, attn_length: int, attn_size: int | None = None, attn_vec_size: int | None = None,
                 input_size: int | None = None, state_is_tuple: bool = True, reuse: bool | None = None) -> None:
        super().__init__(_reuse=reuse)
        if isinstance(cell.state_size, (tuple, list)) and not state_is_tuple:
            raise ValueError("The cell returns a tuple of states, but state_is_tuple is not set. State size: "
                             f"{cell.state_size}")
        if attn_length <= 0:
            raise ValueError(f"attn_length should be greater than zero, found {attn_length}.")
        self._attn_size = cell.output_size if attn_size is None else attn_size
        self._attn_vec_size = self._attn_size if attn_vec_size is None else attn_vec_size
        self._cell, self._attn_length, self._input_size, self._state_is_tuple = cell, attn_length, input_size, state_is_tuple

    @property
    def state_size(self) -> Any:
        """The cell's, the attention's and the outputs' sizes, or their sum."""
        sizes = (self._cell.state_size, self._attn_size, self._attn_size * self._attn_length)
        return sizes if self._state_is_tuple else sum(sizes)

    @property
    def output_size(self) -> int:
        """`attn_size`."""
        return int(self._attn_size)

    def call(self, inputs: Tensor, state: Any) -> tuple[Tensor, Any]:
        """One step."""
        length, size = self._attn_length, self._attn_size
        if not self._state_is_tuple:
            state = tf.split(state, [self._cell.state_size, size, size * length], axis=1)
        cell_state, attention, past = state
        past = tf.reshape(past, [-1, length, size])
        inputs = linear([inputs, attention], self._input_size or inputs.shape.as_list()[1], True)
        cell_output, new_state = self._cell(inputs, cell_state)
        query = tf.concat(tf.nest.flatten(new_state), 1) if self._state_is_tuple else new_state
        new_attention = self._attention(query, past)
        with tf.variable_scope("attn_output_projection"):
            output = linear([cell_output, new_attention], size, True)
        new_past = tf.reshape(tf.concat([past[:, 1:], tf.expand_dims(output, 1)], 1), [-1, length * size])
        parts = (new_state, new_attention, new_past)
        return output, parts if self._state_is_tuple else tf.concat(parts, 1)

    def _attention(self, query: Tensor, past: Tensor) -> Tensor:
        with tf.variable_scope("attention"):
            weights = tf.get_variable("attn_w", [1, 1, self._attn_size, self._attn_vec_size], query.dtype)
            vector = tf.get_variable("attn_v", [self._attn_vec_size], query.dtype)
            features = tf.nn.conv2d(tf.expand_dims(past, 2), weights, [1, 1, 1, 1], "SAME")
            mapped = tf.reshape(linear(query, self._attn_vec_size, True), [-1, 1, 1, self._attn_vec_size])
            scores = tf.reduce_sum(vector * tf.tanh(features + mapped), [2, 3])
            return tf.reduce_sum(tf.expand_dims(tf.nn.softmax(scores), 2) * past, 1)


class HighwayWrapper(CellWrapper):
    """Mixes a cell's inputs into its output by a gate (Srivastava et al. 2015, arXiv:1505.00387).

    Args:
        cell: the cell; its output has the inputs' shape.
        couple_carry_transform_gates: the gates sum to 1; False: the output's gate has weights of its own.
        carry_bias_init: the gate's initial bias.
    """

    def __init__(self, cell: Any, couple_carry_transform_gates: bool = True, carry_bias_init: float = 1.0) -> None:
        super().__init__(cell)
        self._couple_carry_transform_gates, self._carry_bias_init = couple_carry_transform_gates, carry_bias_init

    def __call__(self, inputs: Tensor, state: Any, scope: Any = None) -> tuple[Tensor, Any]:
        """One step, in the scope that is open: the wrapper has none of its own."""
        output, new_state = self._cell(inputs, state, scope=scope)
        tf.nest.assert_same_structure(inputs, output)
        return tf.nest.map_structure(self._highway, inputs, output), new_state

    def _highway(self, inputs: Tensor, output: Tensor) -> Tensor:
        carry = self._gate("carry", inputs, self._carry_bias_init)
        if self._couple_carry_transform_gates:
            return inputs * carry + output * (1 - carry)
        return inputs * carry + output * self._gate("transform", inputs, -self._carry_bias_init)

    def _gate(self, name: str, inputs: Tensor, bias: float) -> Tensor:
        size = inputs.shape.as_list()[-1]
        weights = tf.get_variable(f"{name}_w", [size, size], inputs.dtype)
        return tf.sigmoid(tf.matmul(inputs, weights) + tf.get_variable(
            f"{name}_b", [size], inputs.dtype, tf.constant_initializer(bias)))


class CompiledWrapper(CellWrapper):
    """The cell itself: TensorFlow 1.15 compiled it with XLA where that was there, which changes no number.

    Args:
        cell: the cell.
        compile_stateful: not used.
    """

    def __init__(self, cell: Any, compile_stateful: bool = False) -> None:
        super().__init__(cell)

    def __call__(self, inputs: Tensor, state: Any, scope: Any = None) -> tuple[Tensor, Any]:
        """One step."""
        result: tuple[Tensor, Any] = self._cell(inputs, state, scope=scope)
        return result
