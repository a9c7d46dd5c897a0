"""LSTM cells whose matrix products are convolutions (Shi et al. 2015, arXiv:1506.04214)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from exporter.lazy_tensorflow import Tensor, tf
from exporter.tf1.contrib.rnn.bases import RNNCell

__all__ = ["Conv1DLSTMCell", "Conv2DLSTMCell", "Conv3DLSTMCell", "ConvLSTMCell"]


class ConvLSTMCell(RNNCell):
    """A convolutional LSTM cell on images [batch, *space, channels]; padding keeps their size.

    Args:
        conv_ndims: dimensions of space: 1, 2 or 3.
        input_shape: of the images, without the batch.
        output_channels: of the output and the state.
        kernel_shape: of the convolution, one number per dimension of space.
        use_bias: whether there is a bias.
        skip_connection: whether the inputs' channels are appended to the output's.
        forget_bias: added to the forget gate.
        initializers: not used.
        name: of the layer.

    Raises:
        ValueError: `input_shape` does not fit `conv_ndims`.
    """

    def __init__(self, conv_ndims: int, input_shape: Sequence[int], output_channels: int, kernel_shape: Sequence[int],
                 use_bias: bool = True, skip_connection: bool = False, forget_bias: float = 1.0, initializers: Any = None,
                 name: str = "conv_lstm_cell") -> None:
        super().__init__(name=name)
        if conv_ndims != len(input_shape) - 1:
            raise ValueError(f"Invalid input_shape {list(input_shape)} for conv_ndims={conv_ndims}: expected "
                             f"{conv_ndims + 1} numbers, the channels last.")
        self._conv_ndims, self._input_shape, self._kernel_shape = conv_ndims, list(input_shape), list(kernel_shape)
        self._output_channels, self._use_bias, self._skip_connection = output_channels, use_bias, skip_connection
        self._forget_bias = forget_bias
        space = self._input_shape[:-1]
        channels = output_channels + (self._input_shape[-1] if skip_connection else 0)
        self._state_size = tf.nn.rnn_cell.LSTMStateTuple(
            tf.TensorShape([*space, output_channels]), tf.TensorShape([*space, output_channels]))
        self._output_size = tf.TensorShape([*space, channels])

    @property
    def state_size(self) -> Any:
        """`LSTMStateTuple` of two shapes."""
        return self._state_size

    @property
    def output_size(self) -> Any:
        """A shape."""
        return self._output_size

    def call(self, inputs: Tensor, state: Any, scope: Any = None) -> tuple[Tensor, Any]:
        """One step."""
        cell, hidden = state
        gates = _conv([inputs, hidden], self._kernel_shape, 4 * self._output_channels, self._use_bias)
        i, j, f, o = tf.split(gates, 4, axis=self._conv_ndims + 1)
        new_cell = tf.sigmoid(f + self._forget_bias) * cell + tf.sigmoid(i) * tf.tanh(j)
        output = tf.tanh(new_cell) * tf.sigmoid(o)
        if self._skip_connection:
            output = tf.concat([output, inputs], -1)
        return output, tf.nn.rnn_cell.LSTMStateTuple(new_cell, output)


def _conv(args: Sequence[Tensor], filter_size: Sequence[int], num_features: int, bias: bool,
          bias_start: float = 0.0) -> Tensor:
    """Convolves images that lie side by side, by their channels (variables `kernel` and `biases`).

    Args:
        args: [batch, *space, channels] each.
        filter_size: one number per dimension of space.
        num_features: channels of the result.
        bias: whether there is one.
        bias_start: its first value.
    """
    images = args[0] if len(args) == 1 else tf.concat(args, -1)
    kernel = tf.get_variable("kernel", [*filter_size, images.shape.as_list()[-1], num_features], images.dtype)
    convolved = tf.nn.convolution(images, kernel, "SAME")
    if not bias:
        return convolved
    return convolved + tf.get_variable("biases", [num_features], images.dtype, tf.constant_initializer(bias_start))


class Conv1DLSTMCell(ConvLSTMCell):
    """A convolutional LSTM cell on sequences [batch, length, channels]; see ConvLSTMCell."""

    def __init__(self, name: str = "conv_1d_lstm_cell", **keywords: Any) -> None:
        super().__init__(conv_ndims=1, name=name, **keywords)


class Conv2DLSTMCell(ConvLSTMCell):
    """A convolutional LSTM cell on images [batch, height, width, channels]; see ConvLSTMCell."""

    def __init__(self, name: str = "conv_2d_lstm_cell", **keywords: Any) -> None:
        super().__init__(conv_ndims=2, name=name, **keywords)


class Conv3DLSTMCell(ConvLSTMCell):
    """A convolutional LSTM cell on volumes [batch, depth, height, width, channels]; see ConvLSTMCell."""

    def __init__(self, name: str = "conv_3d_lstm_cell", **keywords: Any) -> None:
        super().__init__(conv_ndims=3, name=name, **keywords)
