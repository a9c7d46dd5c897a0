"""`tf.contrib.cudnn_rnn`: the cells that run a GPU's recurrent layers anywhere.

The layers themselves (`CudnnLSTM`, ...) keep their parameters in one block and run on GPUs only: they are stubs. A model for
inference is built with the compatible cells in their place, which take the checkpoints of the layers.
"""

from __future__ import annotations

from typing import Any

from exporter.lazy_tensorflow import Tensor, tf
from exporter.tf1.contrib.lazy_names import lazy_names
from exporter.tf1.contrib.rnn.bases import LayerRNNCell, UnitSizes
from exporter.tf1.contrib.rnn.block_cells import LSTMBlockCell

__all__ = ["CudnnCompatibleGRUCell", "CudnnCompatibleLSTMCell"]

__getattr__, __dir__ = lazy_names(__name__, no_kernel=(
    "CudnnGRU CudnnGRUSaveable CudnnLSTM CudnnLSTMSaveable CudnnParamsFormatConverterGRU CudnnParamsFormatConverterLSTM "
    "CudnnParamsFormatConverterRelu CudnnParamsFormatConverterTanh CudnnRNNRelu CudnnRNNReluSaveable CudnnRNNTanh "
    "CudnnRNNTanhSaveable RNNParamsSaveable"),
    instead="Build the model with CudnnCompatibleLSTMCell or CudnnCompatibleGRUCell, which take the layers' checkpoints.")


class CudnnCompatibleLSTMCell(LSTMBlockCell):
    """An LSTM cell with the variables of `CudnnLSTM`: no forget bias, no peepholes, no clipping.

    Args:
        num_units: the size of the state.
        reuse: whether existing variables are taken.
    """

    def __init__(self, num_units: int, reuse: bool | None = None) -> None:
        super().__init__(num_units, forget_bias=0, cell_clip=None, use_peephole=False, reuse=reuse,
                         name="cudnn_compatible_lstm_cell")


class CudnnCompatibleGRUCell(UnitSizes, LayerRNNCell):
    """A GRU cell with the variables of `CudnnGRU`: the reset gate comes after the product with the state.

    Args:
        num_units: n.
        reuse: whether existing variables are taken.
        kernel_initializer: of the kernels.
    """

    def __init__(self, num_units: int, reuse: bool | None = None, kernel_initializer: Any = None) -> None:
        super().__init__(_reuse=reuse, name=None)
        self._num_units, self._kernel_initializer = num_units, kernel_initializer

    def build(self, inputs_shape: Any) -> None:
        """Makes the variables: kernels and biases of the gates, of the inputs and of the state.

        Raises:
            ValueError: the size of the inputs is not known.
        """
        width, units = tf.TensorShape(inputs_shape).as_list()[-1], self._num_units
        if width is None:
            raise ValueError(f"Expected inputs.shape[-1] to be known, saw shape: {inputs_shape}")
        (self._gates,) = self._kernels_and_biases({"gates": width + units}, 2 * units, 1.0)
        self._of_inputs, self._of_state = self._kernels_and_biases(
            {"candidate/input_projection": width, "candidate/hidden_projection": units}, units, 0.0)
        self.built = True

    def _kernels_and_biases(self, widths: dict[str, int], units: int, bias: float) -> list[tuple[Any, Any]]:
        """Makes all kernels, then all biases, as TensorFlow 1.15 did."""
        kernels = [self.add_variable(f"{name}/kernel", [width, units], initializer=self._kernel_initializer)
                   for name, width in widths.items()]
        start = tf.constant_initializer(bias)
        biases = [self.add_variable(f"{name}/bias", [units], initializer=start) for name in widths]
        return list(zip(kernels, biases, strict=True))

    def call(self, inputs: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """One step."""
        reset, update = tf.split(tf.sigmoid(_linear(tf.concat([inputs, state], 1), self._gates)), 2, axis=1)
        candidate = tf.tanh(_linear(inputs, self._of_inputs) + reset * _linear(state, self._of_state))
        new = (1 - update) * candidate + update * state
        return new, new


def _linear(inputs: Tensor, kernel_and_bias: tuple[Any, Any]) -> Tensor:
    kernel, bias = kernel_and_bias
    return tf.nn.bias_add(tf.matmul(inputs, kernel), bias)
