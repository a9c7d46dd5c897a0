"""Small gated cells, each by its paper; names of variables and defaults are those of TensorFlow 1.15's `tf.contrib.rnn`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from exporter.lazy_tensorflow import Tensor, tf
from exporter.tf1.contrib.rnn.bases import LayerRNNCell, ProjectedSizes, RNNCell, UnitSizes
from exporter.tf1.contrib.rnn.projections import linear

__all__ = ["CFNCell", "IntersectionRNNCell", "MinimalRNNCell", "NASCell", "SRUCell", "UGRNNCell"]

Activation = Callable[[Tensor], Tensor]


class UGRNNCell(UnitSizes, RNNCell):
    """The update gate cell (Collins et al. 2016, arXiv:1611.09913); its state is its output, [batch, n]."""

    def __init__(self, num_units: int, initializer: Any = None, forget_bias: float = 1.0,
                 activation: Activation | None = None, reuse: bool | None = None) -> None:
        super().__init__(_reuse=reuse)
        self._num_units, self._initializer, self._forget_bias = num_units, initializer, forget_bias
        self._activation = activation or tf.tanh

    def call(self, inputs: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """One step."""
        with tf.variable_scope(tf.get_variable_scope(), initializer=self._initializer):
            gate, candidate = tf.split(linear([inputs, state], 2 * self._num_units, True), 2, axis=1)
        kept = tf.sigmoid(gate + self._forget_bias)
        output = kept * state + (1.0 - kept) * self._activation(candidate)
        return output, output


class IntersectionRNNCell(UnitSizes, RNNCell):
    """The cell with a gated way in depth beside the one in time (same paper); its inputs have n columns.

    Args:
        num_units: n.
        num_in_proj: any number, if inputs of another width are to be mapped to n columns first.
        initializer: of the weights.
        forget_bias: added to both gates.
        y_activation: of the way in depth, relu by default.
        reuse: whether existing variables are taken.

    Raises:
        ValueError: inputs of a width other than n without `num_in_proj`, (at the call).
    """

    def __init__(self, num_units: int, num_in_proj: int | None = None, initializer: Any = None, forget_bias: float = 1.0,
                 y_activation: Activation | None = None, reuse: bool | None = None) -> None:
        super().__init__(_reuse=reuse)
        self._num_units, self._num_input_proj, self._initializer = num_units, num_in_proj, initializer
        self._forget_bias, self._y_activation = forget_bias, y_activation or tf.nn.relu

    def call(self, inputs: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """One step."""
        with tf.variable_scope(tf.get_variable_scope(), initializer=self._initializer):
            if inputs.shape.as_list()[-1] != self._num_units:
                if self._num_input_proj is None:
                    raise ValueError(f"IntersectionRNNCell takes inputs of {self._num_units} columns, found "
                                     f"{inputs.shape.as_list()[-1]}; set num_in_proj={self._num_units} to map them.")
                with tf.variable_scope("in_projection"):
                    inputs = linear(inputs, self._num_units, True)
            gate_h, h, gate_y, y = tf.split(linear([inputs, state], 4 * self._num_units, True), 4, axis=1)
        gate_h, gate_y = tf.sigmoid(gate_h + self._forget_bias), tf.sigmoid(gate_y + self._forget_bias)
        new_state = gate_h * state + (1.0 - gate_h) * tf.tanh(h)
        return gate_y * inputs + (1.0 - gate_y) * self._y_activation(y), new_state


class NASCell(ProjectedSizes, LayerRNNCell):
    """The cell that a search found (Zoph and Le 2016, arXiv:1611.01578).

    Args:
        num_units: n.
        num_proj: size of a projection of the output.
        use_bias: whether a bias is added to the recurrent part.
        reuse: whether existing variables are taken.
        **keywords: of the layer.
    """

    _NAS_BASE = 8

    def __init__(self, num_units: int, num_proj: int | None = None, use_bias: bool = False, reuse: bool | None = None,
                 **keywords: Any) -> None:
        super().__init__(_reuse=reuse, **keywords)
        self._num_units, self._num_proj, self._use_bias = num_units, num_proj, use_bias

    def build(self, inputs_shape: Any) -> None:
        """Makes `recurrent_kernel`, `kernel`, and, if asked for, `bias` and `projection_weights`."""
        columns = self._NAS_BASE * self._num_units
        self.recurrent_kernel = self.add_variable("recurrent_kernel", [self.output_size, columns])
        self.kernel = self.add_variable("kernel", [int(inputs_shape[-1]), columns])
        if self._use_bias:
            self.bias = self.add_variable("bias", [columns], initializer=tf.zeros_initializer())
        if self._num_proj is not None:
            self.projection_weights = self.add_variable("projection_weights", [self._num_units, self._num_proj])
        self.built = True

    def call(self, inputs: Tensor, state: Any) -> tuple[Tensor, Any]:
        """One step."""
        cell, hidden = state
        recurrent = tf.matmul(hidden, self.recurrent_kernel)
        if self._use_bias:
            recurrent = tf.nn.bias_add(recurrent, self.bias)
        h = tf.split(recurrent, self._NAS_BASE, axis=1)
        x = tf.split(tf.matmul(inputs, self.kernel), self._NAS_BASE, axis=1)
        first = tf.tanh(tf.sigmoid(x[0] + h[0]) * tf.nn.relu(x[1] + h[1]))
        second = tf.tanh(tf.sigmoid(x[2] + h[2]) + tf.nn.relu(x[3] * h[3]))
        third = tf.tanh(tf.tanh(x[4] + h[4]) * tf.sigmoid(x[5] + h[5]))
        fourth = tf.sigmoid(tf.tanh(x[6] + h[6]) + tf.sigmoid(x[7] + h[7]))
        new_cell = tf.tanh(first + cell) * second
        output = tf.tanh(new_cell * tf.tanh(third + fourth))
        if self._num_proj is not None:
            output = tf.matmul(output, self.projection_weights)
        return output, tf.nn.rnn_cell.LSTMStateTuple(new_cell, output)


class SRUCell(UnitSizes, LayerRNNCell):
    """The simple recurrent unit (Lei et al. 2017, arXiv:1709.02755), whose gates see the inputs only."""

    def __init__(self, num_units: int, activation: Activation | None = None, reuse: bool | None = None,
                 name: str | None = None, **keywords: Any) -> None:
        super().__init__(_reuse=reuse, name=name, **keywords)
        self._num_units, self._activation = num_units, activation or tf.tanh

    def build(self, inputs_shape: Any) -> None:
        """Makes `kernel` [inputs, 4n] and `bias` [2n]."""
        self._kernel = self.add_variable("kernel", [int(inputs_shape[-1]), 4 * self._num_units])
        self._bias = self.add_variable("bias", [2 * self._num_units], initializer=tf.zeros_initializer())
        self.built = True

    def call(self, inputs: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """One step."""
        new_input, f, r, highway = tf.split(tf.matmul(inputs, self._kernel), 4, axis=1)
        f, r = tf.split(tf.sigmoid(tf.nn.bias_add(tf.concat([f, r], 1), self._bias)), 2, axis=1)
        new_state = f * state + (1.0 - f) * new_input
        return r * self._activation(new_state) + (1.0 - r) * highway, new_state


class _KerasStyleCell(UnitSizes, LayerRNNCell):
    """A cell with the arguments of a Keras layer."""

    def __init__(self, units: int, activation: Any = "tanh", kernel_initializer: Any = "glorot_uniform",
                 bias_initializer: Any = "ones", name: str | None = None, dtype: Any = None, **keywords: Any) -> None:
        super().__init__(name=name, dtype=dtype, **keywords)
        self.units = self._num_units = units
        self.activation = tf.keras.activations.get(activation)
        self.kernel_initializer = tf.keras.initializers.get(kernel_initializer)
        self.bias_initializer = tf.keras.initializers.get(bias_initializer)


class MinimalRNNCell(_KerasStyleCell):
    """The minimal cell (Chen 2017, arXiv:1711.06788), with one gate."""

    def build(self, inputs_shape: Any) -> None:
        """Makes `kernel` [inputs + 2n, n] and `bias` [n]."""
        self.kernel = self.add_variable("kernel", [int(inputs_shape[-1]) + 2 * self.units, self.units],
                                        initializer=self.kernel_initializer)
        self.bias = self.add_variable("bias", [self.units], initializer=self.bias_initializer)
        self.built = True

    def call(self, inputs: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """One step."""
        width = inputs.shape.as_list()[1]
        new_input = self.activation(tf.matmul(inputs, self.kernel[:width]))
        gate = tf.sigmoid(tf.nn.bias_add(tf.matmul(tf.concat([new_input, state], 1), self.kernel[width:]), self.bias))
        output = gate * state + (1.0 - gate) * new_input
        return output, output


class CFNCell(_KerasStyleCell):
    """The cell without chaos (Laurent and von Brecht 2016, arXiv:1612.06212)."""

    def build(self, inputs_shape: Any) -> None:
        """Makes `kernel` [inputs, 3n], `recurrent_kernel` [n, 2n] and `bias` [2n]."""
        self.kernel = self.add_variable("kernel", [int(inputs_shape[-1]), 3 * self.units],
                                        initializer=self.kernel_initializer)
        self.recurrent_kernel = self.add_variable("recurrent_kernel", [self.units, 2 * self.units],
                                                  initializer=self.kernel_initializer)
        self.bias = self.add_variable("bias", [2 * self.units], initializer=self.bias_initializer)
        self.built = True

    def call(self, inputs: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """One step."""
        mapped = tf.matmul(inputs, self.kernel)
        gates = tf.matmul(state, self.recurrent_kernel) + mapped[:, :2 * self.units]
        forget, update = tf.split(tf.sigmoid(tf.nn.bias_add(gates, self.bias)), 2, axis=1)
        output = forget * self.activation(state) + (1.0 - update) * self.activation(mapped[:, 2 * self.units:])
        return output, output
