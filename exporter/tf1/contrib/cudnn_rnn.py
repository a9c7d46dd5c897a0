"""`tf.contrib.cudnn_rnn`: a GPU's recurrent layers, and the cells that run them anywhere.

On a GPU of TensorFlow 1 the layers (`CudnnLSTM`, ...) kept their parameters in one block, and saved them as the variables of
the compatible cells. Here they are made of these cells, so they run on CPUs, and checkpoints of the GPU's layers restore.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from exporter.lazy_tensorflow import Tensor, tf
from exporter.tf1.contrib.lazy_names import lazy_names
from exporter.tf1.contrib.missing import without_kernel
from exporter.tf1.contrib.rnn.bases import Layer, LayerRNNCell, UnitSizes
from exporter.tf1.contrib.rnn.block_cells import LSTMBlockCell

__all__ = ["CudnnCompatibleGRUCell", "CudnnCompatibleLSTMCell", "CudnnGRU", "CudnnLSTM", "CudnnRNNRelu", "CudnnRNNTanh"]

__getattr__, __dir__ = lazy_names(__name__, no_kernel=(
    "CudnnGRUSaveable CudnnLSTMSaveable CudnnParamsFormatConverterGRU CudnnParamsFormatConverterLSTM "
    "CudnnParamsFormatConverterRelu CudnnParamsFormatConverterTanh CudnnRNNReluSaveable CudnnRNNTanhSaveable "
    "RNNParamsSaveable"),
    instead="The layers have the saved variables themselves: tf.train.Saver needs nothing more.")


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
        self._num_units, self._kernel_initializer, self._first_gate_bias = num_units, kernel_initializer, 1.0

    def build(self, inputs_shape: Any) -> None:
        """Makes the variables: kernels and biases of the gates, of the inputs and of the state.

        Raises:
            ValueError: the size of the inputs is not known.
        """
        width, units = tf.TensorShape(inputs_shape).as_list()[-1], self._num_units
        if width is None:
            raise ValueError(f"Expected inputs.shape[-1] to be known, saw shape: {inputs_shape}")
        (self._gates,) = self._kernels_and_biases({"gates": width + units}, 2 * units, self._first_gate_bias)
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


class _CudnnRNN(Layer):
    """Recurrent layers, one upon the other; the base of those below.

    Args:
        num_layers: how many.
        num_units: the size of a state, n.
        input_mode: `linear_input`, or `auto_select` where the inputs have not n columns.
        direction: `unidirectional` or `bidirectional`.
        dropout: the share of each layer's outputs that the next one doesn't see in training.
        seed: of the dropout.
        dtype: of the variables.
        kernel_initializer: of the kernels, that of the variable scope by default.
        bias_initializer: of the biases; they are zeros here, whatever it is.
        name: of the layer, `cudnn_lstm` by default.

    Raises:
        ValueError: a mode or a direction that there is not.
        MissingKernelError: the mode is `skip_input`.
    """

    rnn_mode = ""
    _states_of_a_cell = 1

    def __init__(self, num_layers: int, num_units: int, input_mode: str = "linear_input", direction: str = "unidirectional",
                 dropout: float = 0.0, seed: int | None = None, dtype: Any = None, kernel_initializer: Any = None,
                 bias_initializer: Any = None, name: str | None = None) -> None:
        super().__init__(dtype=tf.as_dtype(dtype or tf.float32), name=name)
        if direction not in ("unidirectional", "bidirectional"):
            raise ValueError(f"Invalid direction: {direction!r}. Expected unidirectional or bidirectional.")
        if input_mode not in ("linear_input", "auto_select", "skip_input"):
            raise ValueError(f"Invalid input_mode: {input_mode!r}. Expected linear_input, auto_select or skip_input.")
        self.num_layers, self.num_units, self.input_mode, self.direction = num_layers, num_units, input_mode, direction
        self.num_dirs = 1 if direction == "unidirectional" else 2
        self._dropout, self._seed, self._kernel_initializer = dropout, seed, kernel_initializer

    def build(self, input_shape: Any) -> None:
        """Makes the cells; they make the variables when they are called.

        Raises:
            ValueError: not three dimensions, or the size of the inputs is not known.
            MissingKernelError: the inputs would go to the gates without weights.
        """
        shape = tf.TensorShape(input_shape).as_list()
        if len(shape) != 3 or shape[-1] is None:
            raise ValueError(f"Expected inputs of three dimensions, the last of them known, got {shape}.")
        self.input_size = shape[-1]
        if self.input_mode == "skip_input" or (self.input_mode == "auto_select" and self.input_size == self.num_units):
            without_kernel(f"tf.contrib.cudnn_rnn.{type(self).__name__} with input_mode={self.input_mode!r}",
                           "Layers whose inputs have no weights are not written.")()
        self._cells = [[self._new_cell() for _ in range(self.num_dirs)] for _ in range(self.num_layers)]
        self.built = True

    def _new_cell(self) -> Any:
        raise NotImplementedError

    def state_shape(self, batch_size: Any) -> Any:
        """The shapes of the states, a tuple of [layers x directions, batch, n]."""
        return ([self.num_layers * self.num_dirs, batch_size, self.num_units],) * self._states_of_a_cell

    def _zero_state(self, batch_size: Any) -> tuple[Tensor, ...]:
        return tuple(tf.zeros(shape, self.dtype) for shape in self.state_shape(batch_size))

    def call(self, inputs: Any, initial_state: Any = None, sequence_lengths: Any = None, time_major: bool = True,
             training: bool = True) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Runs the layers.

        Args:
            inputs: [time, batch, depth]; [batch, time, depth] where ``time_major`` is False.
            initial_state: tuple of [layers x directions, batch, n] (h, then c for LSTM), or [batch, layers x directions, n]
                where ``time_major`` is False; zeros by default.
            sequence_lengths: int [batch], outputs behind them are zeros; all steps by default.
            training: whether there is dropout.

        Returns:
            The outputs [time, batch, directions x n], and the last states as ``initial_state``.

        Raises:
            TypeError: ``initial_state`` is no tuple.
        """
        if initial_state is not None and not isinstance(initial_state, tuple):
            raise TypeError(f"Invalid initial_state type: {type(initial_state)}, expecting tuple.")
        outputs = tf.convert_to_tensor(inputs, dtype=self.dtype)
        axis = 0 if time_major else 1
        states = initial_state or (None,) * self._states_of_a_cell
        starts = [[None] * self.num_layers * self.num_dirs if state is None else tf.unstack(state, axis=axis)
                  for state in states]
        ends: list[Sequence[Tensor]] = []
        with tf.variable_scope(tf.get_variable_scope(), initializer=self._kernel_initializer):
            for number, cells in enumerate(self._cells):
                if number and training and self._dropout:
                    outputs = tf.nn.dropout(outputs, rate=self._dropout, seed=self._seed)
                first = number * self.num_dirs
                start = [self._cell_state([state[first + index] for state in starts]) for index in range(len(cells))]
                outputs, last = self._run(number, outputs, start, {
                    "sequence_length": sequence_lengths, "time_major": time_major, "dtype": self.dtype})
                ends += [self._states(state) for state in last]
        return outputs, tuple(tf.stack(list(state), axis=axis) for state in zip(*ends, strict=True))

    def _run(self, number: int, inputs: Tensor, start: Sequence[Any],
             options: dict[str, Any]) -> tuple[Tensor, Sequence[Any]]:
        """Runs one layer, in the variable scope in which TensorFlow 1.15 saved its parameters."""
        cells = self._cells[number]
        if len(cells) == 1:
            outputs, state = tf.nn.dynamic_rnn(cells[0], inputs, initial_state=start[0],
                                               scope=f"rnn/multi_rnn_cell/cell_{number}", **options)
            return outputs, [state]
        outputs, states = tf.nn.bidirectional_dynamic_rnn(
            *cells, inputs, initial_state_fw=start[0], initial_state_bw=start[1],
            scope=f"stack_bidirectional_rnn/cell_{number}/bidirectional_rnn", **options)
        return tf.concat(outputs, 2), states

    def _cell_state(self, states: Sequence[Any]) -> Any:
        return states[0]

    def _states(self, state: Any) -> Sequence[Tensor]:
        return [state]


class CudnnLSTM(_CudnnRNN):
    """LSTM layers of `CudnnCompatibleLSTMCell`; states are (h, c)."""

    rnn_mode = "lstm"
    _states_of_a_cell = 2

    def _new_cell(self) -> Any:
        return CudnnCompatibleLSTMCell(self.num_units)

    def _cell_state(self, states: Sequence[Any]) -> Any:
        h, c = states
        return None if h is None else tf.nn.rnn_cell.LSTMStateTuple(c, h)

    def _states(self, state: Any) -> Sequence[Tensor]:
        return [state.h, state.c]


class CudnnGRU(_CudnnRNN):
    """GRU layers of `CudnnCompatibleGRUCell`; states are (h,)."""

    rnn_mode = "gru"

    def _new_cell(self) -> Any:
        cell = CudnnCompatibleGRUCell(self.num_units)
        cell._first_gate_bias = 0.0
        return cell


class CudnnRNNTanh(_CudnnRNN):
    """Layers of `BasicRNNCell` with tanh; states are (h,)."""

    rnn_mode = "rnn_tanh"

    def _new_cell(self) -> Any:
        return tf.nn.rnn_cell.BasicRNNCell(self.num_units, activation=tf.tanh)


class CudnnRNNRelu(_CudnnRNN):
    """Layers of `BasicRNNCell` with ReLU; states are (h,)."""

    rnn_mode = "rnn_relu"

    def _new_cell(self) -> Any:
        return tf.nn.rnn_cell.BasicRNNCell(self.num_units, activation=tf.nn.relu)
