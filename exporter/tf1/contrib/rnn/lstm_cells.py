"""Variants of the LSTM cell: coupled gates, phases, groups; and the sharded variables that they are made of.

Names of variables and defaults are those of `tf.contrib.rnn` of TensorFlow 1.15.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from exporter.lazy_tensorflow import Tensor, tf
from exporter.tf1.contrib.rnn.bases import LSTMSizes, ProjectedSizes, RNNCell
from exporter.tf1.contrib.rnn.layer_norm_cells import layer_norm as normalized_layer
from exporter.tf1.contrib.rnn.projections import linear

__all__ = ["CoupledInputForgetGateLSTMCell", "GLSTMCell", "PhasedLSTMCell", "sharded_variable"]

Activation = Callable[[Tensor], Tensor]


def sharded_variable(name: str, shape: list[int], dtype: Any, num_shards: int) -> Tensor:
    """Returns a matrix that is kept in the variables `name_0`, `name_1`, …, the first of them with a row more if need be.

    Raises:
        ValueError: there are more shards than rows.
    """
    if num_shards > shape[0]:
        raise ValueError(f"Too many shards: {num_shards} for a variable {name} of the shape {shape}.")
    rows, longer = divmod(shape[0], num_shards)
    shards = [tf.get_variable(f"{name}_{index}", [rows + (index < longer), *shape[1:]],
                              dtype) for index in range(num_shards)]
    return shards[0] if num_shards == 1 else tf.concat(shards, 0, name=name)


class CoupledInputForgetGateLSTMCell(ProjectedSizes, RNNCell):
    """An LSTM cell whose input gate is 1 minus its forget gate (Greff et al. 2015, arXiv:1503.04069).

    Args:
        num_units: n.
        use_peepholes: whether gates see the cell's state.
        initializer: of the weights.
        num_proj: size of a projection of the output.
        proj_clip: the projection is clipped to this.
        num_unit_shards: parts in which the weights are kept.
        num_proj_shards: parts in which the projection's are.
        forget_bias: added to the forget gate.
        state_is_tuple: False: the state is one matrix, both parts side by side.
        activation: of the new input and the output.
        reuse: whether existing variables are taken.
        layer_norm: whether gates and state are normalized.
        norm_gain: the initial gamma.
        norm_shift: the initial beta.
    """

    def __init__(self, num_units: int, use_peepholes: bool = False, initializer: Any = None, num_proj: int | None = None,
                 proj_clip: float | None = None, num_unit_shards: int = 1, num_proj_shards: int = 1,
                 forget_bias: float = 1.0,
                 state_is_tuple: bool = True, activation: Activation | None = None, reuse: bool | None = None,
                 layer_norm: bool = False, norm_gain: float = 1.0, norm_shift: float = 0.0) -> None:
        super().__init__(_reuse=reuse)
        self._num_units, self._use_peepholes, self._initializer = num_units, use_peepholes, initializer
        self._num_proj, self._proj_clip, self._forget_bias = num_proj, proj_clip, forget_bias
        self._num_unit_shards, self._num_proj_shards = num_unit_shards, num_proj_shards
        self._state_is_tuple, self._activation = state_is_tuple, activation or tf.tanh
        self._layer_norm, self._norm_gain, self._norm_shift = layer_norm, norm_gain, norm_shift

    @property
    def state_size(self) -> Any:
        """`LSTMStateTuple(n, output size)`, or their sum."""
        sizes = super().state_size
        return sizes if self._state_is_tuple else sum(sizes)

    def call(self, inputs: Tensor, state: Any) -> tuple[Tensor, Any]:
        """One step."""
        cell, hidden = state if self._state_is_tuple else tf.split(state, [self._num_units, self.output_size], axis=1)
        with tf.variable_scope(tf.get_variable_scope(), initializer=self._initializer):
            j, f, o = self._gates(inputs, hidden)
            f = f + self._forget_bias
            if self._use_peepholes:
                f = f + tf.get_variable("W_F_diag", [self._num_units], cell.dtype) * cell
            kept = tf.sigmoid(f)
            new_cell = kept * cell + (1.0 - kept) * self._activation(j)
            new_cell = self._normalized(new_cell, "state")
            if self._use_peepholes:
                o = o + tf.get_variable("W_O_diag", [self._num_units], cell.dtype) * new_cell
            output = self._projected(tf.sigmoid(o) * self._activation(new_cell))
        if not self._state_is_tuple:
            return output, tf.concat([new_cell, output], 1)
        return output, tf.nn.rnn_cell.LSTMStateTuple(new_cell, output)

    def _gates(self, inputs: Tensor, hidden: Tensor) -> list[Tensor]:
        width, columns = inputs.shape.as_list()[1] + self.output_size, 3 * self._num_units
        weights = sharded_variable("W", [width, columns], inputs.dtype, self._num_unit_shards)
        bias = tf.get_variable("B", [columns], inputs.dtype, tf.zeros_initializer())
        gates = tf.matmul(tf.concat([inputs, hidden], 1), weights)
        gates = gates if self._layer_norm else tf.nn.bias_add(gates, bias)
        names = ("transform", "forget", "output")
        return [self._normalized(gate, name) for gate, name in zip(tf.split(gates, 3, axis=1), names, strict=True)]

    def _normalized(self, values: Tensor, scope: str) -> Tensor:
        return normalized_layer(values, scope, self._norm_gain, self._norm_shift) if self._layer_norm else values

    def _projected(self, output: Tensor) -> Tensor:
        if self._num_proj is None:
            return output
        shape = [self._num_units, self._num_proj]
        output = tf.matmul(output, sharded_variable("W_P", shape, output.dtype, self._num_proj_shards))
        return output if self._proj_clip is None else tf.clip_by_value(output, -self._proj_clip, self._proj_clip)


class PhasedLSTMCell(LSTMSizes, RNNCell):
    """The LSTM cell for events at uneven times (Neil, Pfeiffer and Liu 2016, arXiv:1610.09513).

    Its inputs are a pair: times, float [batch, 1], and features [batch, m].

    Args:
        num_units: n.
        use_peepholes: whether gates see the cell's state.
        leak: what passes while the time gate is closed.
        ratio_on: the part of a period for which it is open.
        trainable_ratio_on: whether that is trained.
        period_init_min: the shortest initial period.
        period_init_max: the longest.
        reuse: whether existing variables are taken.
    """

    def __init__(self, num_units: int, use_peepholes: bool = False, leak: float = 0.001, ratio_on: float = 0.1,
                 trainable_ratio_on: bool = True, period_init_min: float = 1.0, period_init_max: float = 1000.0,
                 reuse: bool | None = None) -> None:
        super().__init__(_reuse=reuse)
        self._num_units, self._use_peepholes, self._leak = num_units, use_peepholes, leak
        self._ratio_on, self._trainable_ratio_on = ratio_on, trainable_ratio_on
        self._period_init_min, self._period_init_max = period_init_min, period_init_max

    def call(self, inputs: Any, state: Any) -> tuple[Tensor, Any]:
        """One step."""
        cell, hidden = state
        time, features = inputs
        seen = [features, hidden, *([cell] if self._use_peepholes else [])]
        with tf.variable_scope("mask_gates"):
            i, f = tf.split(tf.sigmoid(linear(seen, 2 * self._num_units, True)), 2, axis=1)
        with tf.variable_scope("new_input"):
            new_input = tf.tanh(linear([features, hidden], self._num_units, True))
        new_cell = cell * f + i * new_input
        with tf.variable_scope("output_gate"):
            seen = [features, hidden, *([new_cell] if self._use_peepholes else [])]
            output = tf.tanh(new_cell) * tf.sigmoid(linear(seen, self._num_units, True))
        gate = self._time_gate(time, features.dtype)
        new_cell, new_hidden = gate * new_cell + (1 - gate) * cell, gate * output + (1 - gate) * hidden
        return new_hidden, tf.nn.rnn_cell.LSTMStateTuple(new_cell, new_hidden)

    def _time_gate(self, time: Tensor, dtype: Any) -> Tensor:
        shape = [self._num_units]
        low, high = math.log(self._period_init_min), math.log(self._period_init_max)
        period = tf.get_variable("period", shape, dtype, lambda *args, **keywords: tf.exp(
            tf.random_uniform_initializer(low, high)(*args, **keywords)))
        phase = tf.get_variable("phase", shape, dtype,
                                lambda shape, dtype=None, **_: tf.random_uniform(shape, dtype=dtype) * period.initial_value)
        ratio_on = tf.get_variable("ratio_on", shape, dtype, tf.constant_initializer(self._ratio_on),
                                   trainable=self._trainable_ratio_on)
        ratio = tf.cast(_modulo(tf.cast(time - tf.cast(phase, time.dtype), time.dtype), tf.cast(period, time.dtype)), dtype)
        ratio = ratio / period
        up = 2 * ratio / ratio_on
        opened = tf.where(ratio < 0.5 * ratio_on, up, 2 - up)
        return tf.where(ratio < ratio_on, opened, self._leak * ratio)


def _modulo(value: Tensor, divisor: Tensor) -> Tensor:
    """The remainder, whose gradient is that of the value alone."""
    return value + tf.stop_gradient(tf.floormod(value, divisor) - value)


class GLSTMCell(ProjectedSizes, RNNCell):
    """An LSTM cell of independent groups of columns (Kuchaiev and Ginsburg 2017, arXiv:1703.10722).

    Args:
        num_units: n.
        initializer: of the weights.
        num_proj: size of a projection of the output.
        number_of_groups: divides n, the projection's size and the inputs' width.
        forget_bias: added to the forget gate.
        activation: of the output.
        reuse: whether existing variables are taken.

    Raises:
        ValueError: the groups divide one of these sizes with a remainder.
    """

    def __init__(self, num_units: int, initializer: Any = None, num_proj: int | None = None, number_of_groups: int = 1,
                 forget_bias: float = 1.0, activation: Activation | None = None, reuse: bool | None = None) -> None:
        super().__init__(_reuse=reuse)
        self._num_units, self._initializer, self._num_proj = num_units, initializer, num_proj
        self._number_of_groups, self._forget_bias, self._activation = number_of_groups, forget_bias, activation or tf.tanh
        for size in (num_units, self.output_size):
            if size % number_of_groups:
                raise ValueError(f"GLSTMCell needs sizes that {number_of_groups} groups divide, found {size}.")

    def call(self, inputs: Tensor, state: Any) -> tuple[Tensor, Any]:
        """One step."""
        cell, hidden = state
        groups = self._number_of_groups
        if inputs.shape.as_list()[1] is None or inputs.shape.as_list()[1] % groups:
            raise ValueError(f"GLSTMCell needs inputs of a width that {groups} groups divide, found {inputs.shape}.")
        with tf.variable_scope(tf.get_variable_scope(), initializer=self._initializer):
            parts = []
            for group, pair in enumerate(zip(tf.split(inputs, groups, 1), tf.split(hidden, groups, 1), strict=True)):
                with tf.variable_scope(f"group{group}"):
                    parts.append(tf.split(linear(list(pair), 4 * self._num_units // groups, False), 4, axis=1))
            i, j, f, o = (tf.nn.bias_add(tf.concat(gate, 1), tf.get_variable(
                f"bias_{name}", [self._num_units], inputs.dtype, tf.zeros_initializer()))
                for name, gate in zip("ijfo", zip(*parts, strict=True), strict=True))
            new_cell = tf.sigmoid(f + self._forget_bias) * cell + tf.sigmoid(i) * tf.tanh(j)
            output = tf.sigmoid(o) * self._activation(new_cell)
            if self._num_proj is not None:
                with tf.variable_scope("projection"):
                    output = linear(output, self._num_proj, False)
        return output, tf.nn.rnn_cell.LSTMStateTuple(new_cell, output)
