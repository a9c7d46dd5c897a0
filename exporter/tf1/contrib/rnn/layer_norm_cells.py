"""LSTM cells whose gates are normalized: over the layer (Ba et al. 2016, arXiv:1607.06450) or by their weights.

Names and defaults are those of tensorflow/contrib/rnn/python/ops/rnn_cell.py of TensorFlow 1.15.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from exporter.lazy_tensorflow import Tensor, tf
from exporter.tf1.contrib.rnn.bases import LSTMSizes, ProjectedSizes, RNNCell
from exporter.tf1.contrib.rnn.projections import linear

__all__ = ["LayerNormBasicLSTMCell", "LayerNormLSTMCell", "WeightNormLSTMCell", "layer_norm"]

Activation = Callable[[Tensor], Tensor]


def layer_norm(inputs: Tensor, scope: str, gain: float = 1.0, shift: float = 0.0) -> Tensor:
    """Returns [batch, n] values with mean 0 and variance 1 in each row, times `scope/gamma` plus `scope/beta`.

    Args:
        inputs: float [batch, n].
        scope: the variable scope.
        gain: the initial gamma.
        shift: the initial beta.
    """
    size = inputs.shape.as_list()[-1:]
    with tf.variable_scope(scope):
        gamma = tf.get_variable("gamma", size, inputs.dtype, tf.constant_initializer(gain))
        beta = tf.get_variable("beta", size, inputs.dtype, tf.constant_initializer(shift))
    mean, variance = tf.nn.moments(inputs, [-1], keep_dims=True)
    epsilon = 1e-3 if inputs.dtype == tf.float16 else 1e-12  # as tf.contrib.layers.layer_norm
    return tf.nn.batch_normalization(inputs, mean, variance, beta, gamma, epsilon)


class LayerNormBasicLSTMCell(LSTMSizes, RNNCell):
    """An LSTM cell with layer normalization and dropout of the new input (Semeniuta et al. 2016, arXiv:1603.05118).

    Args:
        num_units: n.
        forget_bias: added to the forget gate.
        input_size: not used.
        activation: of the new input and the state.
        layer_norm: whether gates and state are normalized; there is a bias only if not.
        norm_gain: the initial gamma.
        norm_shift: the initial beta.
        dropout_keep_prob: a number or a tensor.
        dropout_prob_seed: of the dropout.
        reuse: whether existing variables are taken.
    """

    def __init__(self, num_units: int, forget_bias: float = 1.0, input_size: Any = None,
                 activation: Activation | None = None,
                 layer_norm: bool = True, norm_gain: float = 1.0, norm_shift: float = 0.0, dropout_keep_prob: Any = 1.0,
                 dropout_prob_seed: int | None = None, reuse: bool | None = None) -> None:
        super().__init__(_reuse=reuse)
        self._num_units, self._forget_bias, self._activation = num_units, forget_bias, activation or tf.tanh
        self._layer_norm, self._norm_gain, self._norm_shift = layer_norm, norm_gain, norm_shift
        self._keep_prob, self._seed, self._reuse = dropout_keep_prob, dropout_prob_seed, reuse

    def call(self, inputs: Tensor, state: Any) -> tuple[Tensor, Any]:
        """One step."""
        cell, hidden = state
        gates = linear([inputs, hidden], 4 * self._num_units, bias=not self._layer_norm)
        i, j, f, o = (self._normalized(gate, scope) for gate, scope in zip(
            tf.split(gates, 4, axis=1), ("input", "transform", "forget", "output"), strict=True))
        new_input = self._activation(j)
        if not isinstance(self._keep_prob, float) or self._keep_prob < 1:
            new_input = tf.nn.dropout(new_input, self._keep_prob, seed=self._seed)
        new_cell = cell * tf.sigmoid(f + self._forget_bias) + tf.sigmoid(i) * new_input
        new_cell = self._normalized(new_cell, "state")
        output = self._activation(new_cell) * tf.sigmoid(o)
        return output, tf.nn.rnn_cell.LSTMStateTuple(new_cell, output)

    def _normalized(self, values: Tensor, scope: str) -> Tensor:
        return layer_norm(values, scope, self._norm_gain, self._norm_shift) if self._layer_norm else values


class _ProjectedLSTMCell(ProjectedSizes, RNNCell):
    """An LSTM cell with peepholes, clipping and projection; the kinds below say how gates come about."""

    def __init__(self, num_units: int, use_peepholes: bool, cell_clip: float | None, initializer: Any, num_proj: int | None,
                 proj_clip: float | None, forget_bias: float, activation: Activation | None, reuse: bool | None,
                 **keywords: Any) -> None:
        super().__init__(_reuse=reuse, **keywords)
        self._num_units, self._use_peepholes, self._cell_clip = num_units, use_peepholes, cell_clip
        self._initializer, self._num_proj, self._proj_clip = initializer, num_proj, proj_clip
        self._forget_bias, self._activation = forget_bias, activation or tf.tanh

    def call(self, inputs: Tensor, state: Any) -> tuple[Tensor, Any]:
        """One step."""
        cell, hidden = state
        with self._variables():
            i, j, f, o = self._gates(inputs, hidden)
            f = f + self._forget_bias
            if self._use_peepholes:
                w_f, w_i, w_o = (tf.get_variable(name, [self._num_units], cell.dtype)
                                 for name in ("w_f_diag", "w_i_diag", "w_o_diag"))
                f, i = f + w_f * cell, i + w_i * cell
            new_cell = tf.sigmoid(f) * cell + tf.sigmoid(i) * self._activation(j)
            new_cell = self._new_state(new_cell)
            if self._cell_clip is not None:
                new_cell = tf.clip_by_value(new_cell, -self._cell_clip, self._cell_clip)
            output = tf.sigmoid(o + w_o * new_cell if self._use_peepholes else o) * self._activation(new_cell)
            if self._num_proj is not None:
                with tf.variable_scope("projection"):
                    output = self._map([output], self._num_proj, bias=False)
                if self._proj_clip is not None:
                    output = tf.clip_by_value(output, -self._proj_clip, self._proj_clip)
        return output, tf.nn.rnn_cell.LSTMStateTuple(new_cell, output)

    def _variables(self) -> Any:
        return tf.variable_scope(tf.get_variable_scope(), initializer=self._initializer)

    def _gates(self, inputs: Tensor, hidden: Tensor) -> Any:
        return tf.split(self._map([inputs, hidden], 4 * self._num_units, bias=True), 4, axis=1)

    def _new_state(self, cell: Tensor) -> Tensor:
        return cell

    def _map(self, tensors: list[Tensor], size: int, bias: bool) -> Tensor:
        return linear(tensors, size, bias)


class LayerNormLSTMCell(_ProjectedLSTMCell):
    """An LSTM cell with peepholes, projection, and layer normalization of gates and state if `layer_norm` is set."""

    def __init__(self, num_units: int, use_peepholes: bool = False, cell_clip: float | None = None, initializer: Any = None,
                 num_proj: int | None = None, proj_clip: float | None = None, forget_bias: float = 1.0,
                 activation: Activation | None = None, layer_norm: bool = False, norm_gain: float = 1.0,
                 norm_shift: float = 0.0, reuse: bool | None = None) -> None:
        super().__init__(num_units, use_peepholes, cell_clip, initializer, num_proj, proj_clip, forget_bias, activation,
                         reuse)
        self._layer_norm, self._norm_gain, self._norm_shift = layer_norm, norm_gain, norm_shift

    def _gates(self, inputs: Tensor, hidden: Tensor) -> Any:
        names = ("input", "transform", "forget", "output")
        gates = tf.split(linear([inputs, hidden], 4 * self._num_units, not self._layer_norm), 4, axis=1)
        if self._layer_norm:  # TensorFlow 1.15 makes the bias, and does without it
            tf.get_variable("bias", [4 * self._num_units], inputs.dtype, tf.zeros_initializer())
        return [self._normalized(gate, name) for gate, name in zip(gates, names, strict=True)]

    def _new_state(self, cell: Tensor) -> Tensor:
        return self._normalized(cell, "state")

    def _normalized(self, values: Tensor, scope: str) -> Tensor:
        return layer_norm(values, scope, self._norm_gain, self._norm_shift) if self._layer_norm else values


class WeightNormLSTMCell(_ProjectedLSTMCell):
    """An LSTM cell whose columns of weights have the lengths `norm_0`, `norm_1` (Salimans and Kingma 2016, 1602.07868)."""

    def __init__(self, num_units: int, norm: bool = True, use_peepholes: bool = False, cell_clip: float | None = None,
                 initializer: Any = None, num_proj: int | None = None, proj_clip: float | None = None,
                 forget_bias: float = 1, activation: Activation | None = None, reuse: bool | None = None) -> None:
        super().__init__(num_units, use_peepholes, cell_clip, initializer, num_proj, proj_clip, forget_bias, activation,
                         reuse, name="wn_lstm_cell")
        self._norm = norm

    def _variables(self) -> Any:
        return tf.variable_scope("wn_lstm_cell", initializer=self._initializer)

    def _map(self, tensors: list[Tensor], size: int, bias: bool) -> Tensor:
        widths = [tensor.shape.as_list()[1] for tensor in tensors]
        dtype = tensors[0].dtype
        kernel = tf.get_variable("kernel", [sum(widths), size], dtype)
        if self._norm:
            parts = tf.split(kernel, widths, axis=0)
            norms = [tf.get_variable(f"norm_{index}", [size], dtype, tf.ones_initializer()) for index in range(len(parts))]
            kernel = tf.concat([tf.nn.l2_normalize(part, 0) * norm for part, norm in zip(parts, norms, strict=True)], 0)
        product = tf.matmul(tf.concat(tensors, 1), kernel)
        return tf.nn.bias_add(product, tf.get_variable("bias", [size], dtype, tf.zeros_initializer())) if bias else product
