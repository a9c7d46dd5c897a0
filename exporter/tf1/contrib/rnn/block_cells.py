"""LSTM and GRU cells that are one operation of TensorFlow per step, or per sequence.

The kernels are still in TensorFlow (`LSTMBlockCell`, `BlockLSTM`, `GRUBlockCell`); the gradients of the two cells left with
`tf.contrib`, and are registered here, under the operations' names.
"""

from __future__ import annotations

from typing import Any

from tensorflow.python.framework import ops

from exporter.lazy_tensorflow import Tensor, tf
from exporter.tf1.contrib.rnn.bases import Layer, LayerRNNCell, LSTMSizes, UnitSizes

__all__ = ["GRUBlockCell", "GRUBlockCellV2", "LSTMBlockCell", "LSTMBlockFusedCell", "LSTMBlockWrapper"]

_PEEPHOLES = ("w_i_diag", "w_f_diag", "w_o_diag")


class _LSTMBlockVariables(Layer):
    """The variables of both LSTM cells: `kernel` [inputs + n, 4n], `bias` [4n], peepholes [n]."""

    def _set_up(self, num_units: int, forget_bias: float, cell_clip: float | None, use_peephole: bool) -> None:
        self._num_units, self._forget_bias, self._use_peephole = num_units, forget_bias, use_peephole
        self._cell_clip = -1 if cell_clip is None else cell_clip

    @property
    def num_units(self) -> int:
        """n."""
        return self._num_units

    def _make_variables(self, width: int | None) -> None:
        if width is None:
            raise ValueError(f"Expecting inputs of known last dimension for {self.name}, found an unknown one.")
        self._kernel = self.add_variable("kernel", [width + self._num_units, 4 * self._num_units])
        self._bias = self.add_variable("bias", [4 * self._num_units], initializer=tf.constant_initializer(0.0))
        if self._use_peephole:
            self._peepholes = [self.add_variable(name, [self._num_units]) for name in _PEEPHOLES]
        self.built = True

    def _block_arguments(self, dtype: Any) -> dict[str, Any]:
        peepholes = self._peepholes if self._use_peephole else [tf.zeros([self._num_units], dtype)] * 3
        return {"w": self._kernel, "b": self._bias, "forget_bias": self._forget_bias, "cell_clip": self._cell_clip,
                "use_peephole": self._use_peephole, **dict(zip(("wci", "wcf", "wco"), peepholes, strict=True))}


class LSTMBlockCell(_LSTMBlockVariables, LSTMSizes, LayerRNNCell):
    """An LSTM cell in one operation; its variables are those of `BasicLSTMCell` under the name `lstm_cell`.

    Args:
        num_units: n.
        forget_bias: added to the forget gate.
        cell_clip: the cell's state is clipped to this; None: not.
        use_peephole: whether gates see the cell's state.
        dtype: of the variables.
        reuse: whether existing variables are taken.
        name: of the layer.
    """

    def __init__(self, num_units: int, forget_bias: float = 1.0, cell_clip: float | None = None, use_peephole: bool = False,
                 dtype: Any = None, reuse: bool | None = None, name: str = "lstm_cell") -> None:
        super().__init__(_reuse=reuse, dtype=dtype, name=name)
        self._set_up(num_units, forget_bias, cell_clip, use_peephole)

    def build(self, inputs_shape: Any) -> None:
        """Makes the variables."""
        self._make_variables(tf.TensorShape(inputs_shape).as_list()[-1])

    def call(self, inputs: Tensor, state: Any) -> tuple[Tensor, Any]:
        """One step."""
        if len(state) != 2:
            raise ValueError(f"Expecting a state of two tensors, found {len(state)}.")
        step = tf.raw_ops.LSTMBlockCell(x=inputs, cs_prev=state[0], h_prev=state[1], **self._block_arguments(inputs.dtype))
        return step.h, tf.nn.rnn_cell.LSTMStateTuple(step.cs, step.h)


class LSTMBlockWrapper(_LSTMBlockVariables):
    """A layer that runs an LSTM over whole sequences [time, batch, inputs]; `_call_cell` is the kind's."""

    def call(self, inputs: Any, initial_state: Any = None, dtype: Any = None, sequence_length: Any = None) -> tuple[Any,
                                                                                                                    Any]:
        """Runs the sequences.

        Args:
            inputs: a tensor [time, batch, inputs], or a list of `time` tensors.
            initial_state: `(cell state, output)`, [batch, n] each; zeros by default.
            dtype: of that zero state; needed where there is no `initial_state`.
            sequence_length: int [batch]; outputs behind are 0, and the last state is the one at the length.

        Returns:
            The outputs as the inputs came, and the `LSTMStateTuple` of the end.

        Raises:
            ValueError: the state is not a pair, or neither it nor `dtype` is given.
        """
        is_list = isinstance(inputs, list)
        values = tf.stack(inputs) if is_list else inputs
        if initial_state is None:
            if dtype is None:
                raise ValueError("Either initial_state or dtype needs to be specified.")
            zeros = tf.zeros([tf.shape(values)[1], self.num_units], dtype)
            initial_state = zeros, zeros
        if len(initial_state) != 2:
            raise ValueError("Expecting initial_state to be a tuple with length 2 or None.")
        lengths = None if sequence_length is None else tf.cast(sequence_length, tf.int64)
        states, outputs = self._call_cell(values, *initial_state, dtype or initial_state[0].dtype, lengths)
        last = [_at_the_end(part, start, lengths) for part, start in zip((states, outputs), initial_state, strict=True)]
        if lengths is not None:
            mask = tf.sequence_mask(lengths, tf.shape(values)[0], outputs.dtype)
            outputs = outputs * tf.expand_dims(tf.transpose(mask), 2)
        return tf.unstack(outputs) if is_list else outputs, tf.nn.rnn_cell.LSTMStateTuple(*last)


def _at_the_end(values: Tensor, start: Tensor, lengths: Tensor | None) -> Tensor:
    """The values [time, batch, n] at the end of each sequence; where it is empty, what it started with."""
    if lengths is None:
        return values[-1]
    whole = tf.concat([tf.expand_dims(start, 0), values], 0)
    return tf.gather_nd(whole, tf.stack([lengths, tf.range(tf.shape(lengths, out_type=tf.int64)[0], dtype=tf.int64)], 1))


class LSTMBlockFusedCell(LSTMBlockWrapper):
    """An LSTM over whole sequences in one operation.

    Args:
        num_units: n.
        forget_bias: added to the forget gate.
        cell_clip: the cell's state is clipped to this; None: not.
        use_peephole: whether gates see the cell's state.
        reuse: whether existing variables are taken.
        dtype: of the variables.
        name: of the layer.
    """

    def __init__(self, num_units: int, forget_bias: float = 1.0, cell_clip: float | None = None, use_peephole: bool = False,
                 reuse: bool | None = None, dtype: Any = None, name: str = "lstm_fused_cell") -> None:
        super().__init__(_reuse=reuse, name=name, dtype=dtype)
        self._set_up(num_units, forget_bias, cell_clip, use_peephole)

    def build(self, input_shape: Any) -> None:
        """Makes the variables."""
        self._make_variables(tf.TensorShape(input_shape).as_list()[-1])

    def _call_cell(self, inputs: Tensor, cell: Tensor, hidden: Tensor, dtype: Any, lengths: Tensor | None) -> tuple[Any,
                                                                                                                    Any]:
        time = tf.shape(inputs, out_type=tf.int64)[0] if lengths is None else tf.reduce_max(lengths)
        run = tf.raw_ops.BlockLSTM(seq_len_max=time, x=inputs, cs_prev=cell, h_prev=hidden, **self._block_arguments(dtype))
        return run.cs, run.h


class GRUBlockCell(UnitSizes, LayerRNNCell):
    """A GRU cell in one operation, with variables `w_ru`, `b_ru`, `w_c`, `b_c`.

    Args:
        num_units: n.
        cell_size: an older name of it.
        reuse: whether existing variables are taken.
        name: of the layer.

    Raises:
        ValueError: both sizes, or neither, are given.
    """

    _NAMES = ("w_ru", "b_ru", "w_c", "b_c")

    def __init__(self, num_units: int | None = None, cell_size: int | None = None, reuse: bool | None = None,
                 name: str = "gru_cell") -> None:
        super().__init__(_reuse=reuse, name=name)
        if (num_units is None) == (cell_size is None):
            raise ValueError("Give one of num_units and cell_size.")
        self._num_units = int(num_units or cell_size or 0)

    def build(self, input_shape: Any) -> None:
        """Makes the variables."""
        size = self._num_units
        width = int(tf.TensorShape(input_shape).as_list()[-1]) + size
        w_ru, b_ru, w_c, b_c = self._NAMES
        self._gate_kernel = self.add_variable(w_ru, [width, 2 * size])
        self._gate_bias = self.add_variable(b_ru, [2 * size], initializer=tf.constant_initializer(1.0))
        self._candidate_kernel = self.add_variable(w_c, [width, size])
        self._candidate_bias = self.add_variable(b_c, [size], initializer=tf.constant_initializer(0.0))
        self.built = True

    def call(self, inputs: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """One step."""
        step = tf.raw_ops.GRUBlockCell(x=inputs, h_prev=state, w_ru=self._gate_kernel, w_c=self._candidate_kernel,
                                       b_ru=self._gate_bias, b_c=self._candidate_bias)
        return step.h, step.h


class GRUBlockCellV2(GRUBlockCell):
    """The same with the variables of `GRUCell`: `gates/kernel`, `gates/bias`, `candidate/kernel`, `candidate/bias`."""

    _NAMES = ("gates/kernel", "gates/bias", "candidate/kernel", "candidate/bias")


def _lstm_block_cell_gradient(op: Any, *gradients: Any) -> tuple[Any, ...]:
    """The gradients of the operation's inputs, from those of its state and output; gates are no results of their own."""
    x, cell, hidden, kernel, wci, wcf, wco, bias = op.inputs
    i, cs, f, o, ci, co, _ = op.outputs
    back = tf.raw_ops.LSTMBlockCellGrad(
        x=x, cs_prev=cell, h_prev=hidden, w=kernel, wci=wci, wcf=wcf, wco=wco, b=bias, i=i, cs=cs, f=f, o=o, ci=ci, co=co,
        cs_grad=gradients[1], h_grad=gradients[6], use_peephole=op.get_attr("use_peephole"))
    width = x.shape.as_list()[1]
    x_and_hidden = tf.matmul(back.dicfo, kernel, transpose_b=True)
    kernel_gradient = tf.matmul(tf.concat([x, hidden], 1), back.dicfo, transpose_a=True)
    return (x_and_hidden[:, :width], back.cs_prev_grad, x_and_hidden[:, width:], kernel_gradient, back.wci_grad,
            back.wcf_grad, back.wco_grad, tf.reduce_sum(back.dicfo, 0))


def _gru_block_cell_gradient(op: Any, *gradients: Any) -> tuple[Any, ...]:
    """The gradients of the operation's inputs, from that of its output."""
    x, hidden, w_ru, w_c, b_ru, b_c = op.inputs
    r, u, c, _ = op.outputs
    back = tf.raw_ops.GRUBlockCellGrad(x=x, h_prev=hidden, w_ru=w_ru, w_c=w_c, b_ru=b_ru, b_c=b_c, r=r, u=u, c=c,
                                       d_h=gradients[3])
    w_ru_gradient = tf.matmul(tf.concat([x, hidden], 1), back.d_r_bar_u_bar, transpose_a=True)
    w_c_gradient = tf.matmul(tf.concat([x, hidden * r], 1), back.d_c_bar, transpose_a=True)
    return (back.d_x, back.d_h_prev, w_ru_gradient, w_c_gradient, tf.reduce_sum(back.d_r_bar_u_bar, 0),
            tf.reduce_sum(back.d_c_bar, 0))


ops.RegisterGradient("LSTMBlockCell")(_lstm_block_cell_gradient)
ops.RegisterGradient("GRUBlockCell")(_gru_block_cell_gradient)
