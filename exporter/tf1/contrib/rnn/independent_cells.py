"""Cells whose recurrent weights are a vector: each unit sees its own past only (Li et al. 2018, arXiv:1803.04831).

Names of variables and defaults are those of `tf.contrib.rnn` of TensorFlow 1.15.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from exporter.lazy_tensorflow import Tensor, tf
from exporter.tf1.contrib.rnn.bases import LayerRNNCell, LSTMSizes, UnitSizes

__all__ = ["IndRNNCell", "IndyGRUCell", "IndyLSTMCell"]

Activation = Callable[[Tensor], Tensor]


class _IndependentCell(UnitSizes, LayerRNNCell):
    """A cell that makes its weights by `_weights`."""

    def __init__(self, num_units: int, activation: Activation | None, reuse: bool | None, name: str | None, dtype: Any,
                 kernel_initializer: Any = None, bias_initializer: Any = None) -> None:
        super().__init__(_reuse=reuse, name=name, dtype=dtype)
        self._num_units, self._activation = num_units, activation or tf.tanh
        self._kernel_initializer, self._bias_initializer = kernel_initializer, bias_initializer

    def _weights(self, scope: str, names: tuple[str, str], width: int, times: int, bias: Any) -> tuple[Any, Any, Any]:
        """Makes the kernel [width, times n], the recurrent vector [1, times n] between -1 and 1, and the bias."""
        columns = times * self._num_units
        uniform = tf.random_uniform_initializer(-1, 1, dtype=self.dtype)
        return (self.add_variable(scope + names[0], [width, columns], initializer=self._kernel_initializer),
                self.add_variable(scope + names[1], [1, columns], initializer=uniform),
                self.add_variable(scope + "bias", [columns], initializer=bias or tf.zeros_initializer(dtype=self.dtype)))


_NAMES = ("kernel_w", "kernel_u")


class IndRNNCell(_IndependentCell):
    """`act(inputs * W + u * state + b)`."""

    def __init__(self, num_units: int, activation: Activation | None = None, reuse: bool | None = None,
                 name: str | None = None, dtype: Any = None) -> None:
        super().__init__(num_units, activation, reuse, name, dtype)

    def build(self, inputs_shape: Any) -> None:
        """Makes `kernel_w`, `kernel_u` and `bias`."""
        self._kernel_w, self._kernel_u, self._bias = self._weights("", _NAMES, int(inputs_shape[-1]), 1, None)
        self.built = True

    def call(self, inputs: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """One step."""
        gate = tf.matmul(inputs, self._kernel_w) + state * self._kernel_u
        output = self._activation(tf.nn.bias_add(gate, self._bias))
        return output, output


class IndyGRUCell(_IndependentCell):
    """A GRU cell with such weights."""

    def __init__(self, num_units: int, activation: Activation | None = None, reuse: bool | None = None,
                 kernel_initializer: Any = None, bias_initializer: Any = None, name: str | None = None,
                 dtype: Any = None) -> None:
        super().__init__(num_units, activation, reuse, name, dtype, kernel_initializer, bias_initializer)

    def build(self, inputs_shape: Any) -> None:
        """Makes three variables for the gates and three for the candidate."""
        width = int(inputs_shape[-1])
        gate_bias = self._bias_initializer or tf.constant_initializer(1.0, dtype=self.dtype)
        self._gates = self._weights("gates/", _NAMES, width, 2, gate_bias)
        self._candidate = self._weights("candidate/", ("kernel", "kernel_u"), width, 1, self._bias_initializer)
        self.built = True

    def call(self, inputs: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """One step."""
        kernel, recurrent, bias = self._gates
        gates = tf.matmul(inputs, kernel) + tf.tile(state, [1, 2]) * recurrent
        reset, update = tf.split(tf.sigmoid(tf.nn.bias_add(gates, bias)), 2, axis=1)
        kernel, recurrent, bias = self._candidate
        candidate = self._activation(tf.nn.bias_add(tf.matmul(inputs, kernel) + reset * state * recurrent, bias))
        output = update * state + (1.0 - update) * candidate
        return output, output


class IndyLSTMCell(LSTMSizes, _IndependentCell):
    """An LSTM cell with such weights (Gonnet and Deselaers 2019, arXiv:1903.08023)."""

    def __init__(self, num_units: int, forget_bias: float = 1.0, activation: Activation | None = None,
                 reuse: bool | None = None, kernel_initializer: Any = None, bias_initializer: Any = None,
                 name: str | None = None, dtype: Any = None) -> None:
        super().__init__(num_units, activation, reuse, name, dtype, kernel_initializer, bias_initializer)
        self._forget_bias = forget_bias

    def build(self, inputs_shape: Any) -> None:
        """Makes `kernel_w`, `kernel_u` and `bias`."""
        weights = self._weights("", _NAMES, int(inputs_shape[-1]), 4, self._bias_initializer)
        self._kernel_w, self._kernel_u, self._bias = weights
        self.built = True

    def call(self, inputs: Tensor, state: Any) -> tuple[Tensor, Any]:
        """One step."""
        cell, hidden = state
        gates = tf.matmul(inputs, self._kernel_w) + tf.tile(hidden, [1, 4]) * self._kernel_u
        i, j, f, o = tf.split(tf.nn.bias_add(gates, self._bias), 4, axis=1)
        new_cell = cell * tf.sigmoid(f + self._forget_bias) + tf.sigmoid(i) * self._activation(j)
        output = self._activation(new_cell) * tf.sigmoid(o)
        return output, tf.nn.rnn_cell.LSTMStateTuple(new_cell, output)
