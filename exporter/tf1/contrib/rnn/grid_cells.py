"""LSTM cells over time and frequency, for spectra (Sainath and Li 2016; Li et al. 2016, arXiv:1602.07868).

The inputs [batch, features] are cut into overlapping slices of frequencies, over which an LSTM runs too. Names of variables
and defaults are those of `tf.contrib.rnn` of TensorFlow 1.15.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Sequence
from typing import Any

from exporter.lazy_tensorflow import Tensor, tf
from exporter.tf1.contrib.rnn.bases import RNNCell
from exporter.tf1.contrib.rnn.lstm_cells import sharded_variable

__all__ = ["BidirectionalGridLSTMCell", "GridLSTMCell", "TimeFreqLSTMCell"]


def _clipped(cell: Tensor, limit: float | None) -> Tensor:
    return cell if limit is None else tf.clip_by_value(cell, -limit, limit)


class TimeFreqLSTMCell(RNNCell):
    """An LSTM cell over time that also sees the output at the frequencies below; its state [batch, 2n] per slice.

    Args:
        num_units: n, for each slice.
        use_peepholes: whether gates see the cell's state.
        cell_clip: the cell's state is clipped to this.
        initializer: of the weights.
        num_unit_shards: parts in which the weights are kept.
        forget_bias: added to the forget gate.
        feature_size: columns of a slice.
        frequency_skip: columns from one slice to the next.
        reuse: whether existing variables are taken.
    """

    def __init__(self, num_units: int, use_peepholes: bool = False, cell_clip: float | None = None, initializer: Any = None,
                 num_unit_shards: int = 1, forget_bias: float = 1.0, feature_size: int | None = None,
                 frequency_skip: int = 1, reuse: bool | None = None) -> None:
        super().__init__(_reuse=reuse)
        self._num_units, self._use_peepholes, self._cell_clip, self._initializer = (
            num_units, use_peepholes, cell_clip, initializer)
        self._num_unit_shards, self._forget_bias = num_unit_shards, forget_bias
        self._feature_size, self._frequency_skip = feature_size, frequency_skip

    @property
    def state_size(self) -> int:
        """2n, of one slice."""
        return 2 * self._num_units

    @property
    def output_size(self) -> int:
        """n, of one slice."""
        return self._num_units

    def call(self, inputs: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """One step."""
        width, units = inputs.shape.as_list()[1], self._num_units
        size = self._feature_size or width
        slices = [inputs[:, start:start + size] for start in range(0, width - size + 1, self._frequency_skip)]
        with tf.variable_scope(tf.get_variable_scope(), initializer=self._initializer):
            weights = sharded_variable("W", [size + 2 * units, 4 * units], inputs.dtype, self._num_unit_shards)
            bias = tf.get_variable("B", [4 * units], inputs.dtype, tf.zeros_initializer())
            w_f, w_i, w_o = (tf.get_variable(name, [units], inputs.dtype) if self._use_peepholes else 0.0
                             for name in ("W_F_diag", "W_I_diag", "W_O_diag"))
        below, outputs, states = tf.zeros_like(state[:, :units]), [], []
        for index, values in enumerate(slices):
            cell, hidden = (state[:, start:start + units] for start in (2 * index * units, (2 * index + 1) * units))
            gates = tf.nn.bias_add(tf.matmul(tf.concat([values, hidden, below], 1), weights), bias)
            i, j, f, o = tf.split(gates, 4, axis=1)
            cell = tf.sigmoid(f + self._forget_bias + w_f * cell) * cell + tf.sigmoid(i + w_i * cell) * tf.tanh(j)
            cell = _clipped(cell, self._cell_clip)
            below = tf.sigmoid(o + w_o * cell) * tf.tanh(cell)
            states += [cell, below]
            outputs.append(below)
        return tf.concat(outputs, 1), tf.concat(states, 1)


class GridLSTMCell(RNNCell):
    """An LSTM cell that runs over time and over slices of frequencies, with a state for each slice.

    Args:
        num_units: n.
        use_peepholes: whether gates see the states of both directions.
        share_time_frequency_weights: whether both directions have the same weights.
        cell_clip: the states are clipped to this.
        initializer: of the weights.
        num_unit_shards: parts in which the weights are kept.
        forget_bias: added to the forget gates.
        feature_size: columns of a slice.
        frequency_skip: columns from one slice to the next.
        num_frequency_blocks: for each block of frequencies, the number of its slices.
        start_freqindex_list: the first column of each block.
        end_freqindex_list: the column behind it; without both, there is one block.
        couple_input_forget_gates: the forget gate is 1 minus the input gate.
        state_is_tuple: a named tuple of the states; False: side by side.
        reuse: whether existing variables are taken.

    Raises:
        ValueError: `num_frequency_blocks` is not given, or does not fit the inputs (at the call).
    """

    def __init__(self, num_units: int, use_peepholes: bool = False, share_time_frequency_weights: bool = False,
                 cell_clip: float | None = None, initializer: Any = None, num_unit_shards: int = 1, forget_bias: float = 1.0,
                 feature_size: int | None = None, frequency_skip: int | None = None,
                 num_frequency_blocks: Sequence[int] | None = None, start_freqindex_list: Sequence[int] | None = None,
                 end_freqindex_list: Sequence[int] | None = None, couple_input_forget_gates: bool = False,
                 state_is_tuple: bool = True, reuse: bool | None = None) -> None:
        super().__init__(_reuse=reuse)
        if num_frequency_blocks is None:
            raise ValueError("Must specify num_frequency_blocks")
        self._num_units, self._use_peepholes, self._share = num_units, use_peepholes, share_time_frequency_weights
        self._cell_clip, self._initializer, self._num_unit_shards = cell_clip, initializer, num_unit_shards
        self._forget_bias, self._feature_size, self._frequency_skip = forget_bias, feature_size, frequency_skip
        self._blocks = list(num_frequency_blocks)
        self._starts, self._ends = start_freqindex_list, end_freqindex_list
        self._couple, self._state_is_tuple = couple_input_forget_gates, state_is_tuple
        self._total = sum(self._blocks)

    def _state_names(self, prefix: str = "state") -> list[str]:
        return [f"{prefix}_f{index:02d}_b{block:02d}_{part}" for block, slices in enumerate(self._blocks)
                for index in range(slices) for part in "cm"]

    @property
    def state_tuple_type(self) -> Any:
        """The named tuple of the states: cell's state and output of each slice."""
        return namedtuple("GridLSTMStateTuple", self._state_names())

    @property
    def state_size(self) -> Any:
        """n for each part, or the sum."""
        if not self._state_is_tuple:
            return 2 * self._num_units * self._total
        return self.state_tuple_type(*[self._num_units] * (2 * self._total))

    @property
    def output_size(self) -> int:
        """2n for each slice."""
        return 2 * self._num_units * self._total

    def call(self, inputs: Tensor, state: Any) -> tuple[Tensor, Any]:
        """One step."""
        parts = list(state) if self._state_is_tuple else tf.split(state, 2 * self._total, axis=1)
        outputs, states = self._all_blocks(self._slices(inputs), parts)
        new_state = self.state_tuple_type(*states) if self._state_is_tuple else tf.concat(states, 1)
        return tf.concat(outputs, 1), new_state

    def _slices(self, inputs: Tensor, offset: int = 0) -> list[list[Tensor]]:
        """The slices of each block."""
        width = inputs.shape.as_list()[1]
        if width is None:
            raise ValueError(f"Cannot infer input_size from static shape inference: {inputs}")
        starts, ends = (self._starts, self._ends) if self._starts and self._ends else ([0], [width])
        size, skip = self._feature_size or width, self._frequency_skip or 1
        slices = [[inputs[:, first:first + size] for first in range(start + offset, end + offset - size + 1, skip)]
                  if not offset else self._shifted(inputs, offset, start, end, size, skip)
                  for start, end in zip(starts, ends, strict=True)]
        for needed, found in zip(self._blocks, slices, strict=True):
            if needed != len(found):
                raise ValueError(f"Invalid num_frequency_blocks, requires {needed} but gets {len(found)}, please check the "
                                 "input size and filter config are correct.")
        return slices

    def _shifted(self, inputs: Tensor, offset: int, start: int, end: int, size: int, skip: int) -> list[Tensor]:
        """Slices that begin `offset` columns later, in inputs with zeros behind."""
        padded = tf.pad(inputs, [[0, 0], [0, offset]])
        return [padded[:, first + offset:first + offset + size] for first in range(start, end - size + 1, skip)]

    def _all_blocks(self, blocks: list[list[Tensor]], parts: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        outputs: list[Tensor] = []
        states: list[Tensor] = []
        with tf.variable_scope(tf.get_variable_scope(), initializer=self._initializer):
            for block, slices in enumerate(blocks):
                first = len(states)
                block_outputs, block_states = self._one_block(slices, block, parts[first:first + 2 * len(slices)])
                outputs += block_outputs
                states += block_states
        return outputs, states

    def _one_block(self, slices: list[Tensor], block: int, parts: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        units, dtype = self._num_units, slices[0].dtype
        shape = [slices[0].shape.as_list()[1] + 2 * units, (3 if self._couple else 4) * units]
        maps = [(sharded_variable(f"W_{kind}_{block}", shape, dtype, self._num_unit_shards),
                 tf.get_variable(f"B_{kind}_{block}", shape[1:], dtype, tf.zeros_initializer()))
                for kind in (("f",) if self._share else ("f", "t"))]
        peepholes = self._peepholes(block, dtype)
        below = [tf.zeros_like(parts[0]), tf.zeros_like(parts[0])]
        outputs, states = [], []
        for index, values in enumerate(slices):
            before = parts[2 * index:2 * index + 2]
            seen = tf.concat([values, before[1], below[1]], 1)
            gates = [tf.nn.bias_add(tf.matmul(seen, weights), bias) for weights, bias in maps]
            below, now = self._step(gates[0], gates[-1], below[0], before[0], peepholes)
            outputs += [now[1], below[1]]
            states += now
        return outputs, states

    def _peepholes(self, block: int, dtype: Any) -> dict[str, Any]:
        """Gate and direction -> the weights of the states over frequency and over time."""
        directions = ("freq",) if self._share else ("freq", "time")
        weights = {}
        for direction in directions:
            for gate in "IO" if self._couple else "FIO":
                weights[gate + direction] = [
                    tf.get_variable(f"W_{gate}_diag_{direction}{kind}_{block}", [self._num_units], dtype)
                    if self._use_peepholes else 0.0 for kind in "ft"]
        return {gate + direction: weights[gate + ("freq" if self._share else direction)]
                for gate in ("IO" if self._couple else "FIO") for direction in ("freq", "time")}

    def _step(self, frequency_gates: Tensor, time_gates: Tensor, below: Tensor, before: Tensor,
              peepholes: dict[str, Any]) -> tuple[list[Tensor], list[Tensor]]:
        """State and output over frequency, and over time."""

        def gate(values: Tensor, name: str, cells: tuple[Tensor, Tensor]) -> Tensor:
            """One gate, with peepholes where they are asked for."""
            over_frequency, over_time = peepholes[name]
            return tf.sigmoid(values + over_frequency * cells[0] + over_time * cells[1])

        cells, out_gates = [], []
        for gates, direction, cell in ((frequency_gates, "freq", below), (time_gates, "time", before)):
            i, j, f, o = self._split(gates)
            entering = gate(i, f"I{direction}", (below, before))
            forget = 1.0 - entering if self._couple else gate(f + self._forget_bias, f"F{direction}", (below, before))
            cells.append(_clipped(forget * cell + entering * tf.tanh(j), self._cell_clip))
            out_gates.append((o, f"O{direction}"))
        both = (cells[0], cells[1])
        hidden = [gate(values, name, both) * tf.tanh(cell) for (values, name), cell in zip(out_gates, cells, strict=True)]
        return [cells[0], hidden[0]], [cells[1], hidden[1]]

    def _split(self, gates: Tensor) -> Any:
        """Input gate, new input, forget gate, output gate."""
        if not self._couple:
            return tf.split(gates, 4, axis=1)
        entering, new_input, output = tf.split(gates, 3, axis=1)
        return entering, new_input, None, output


class BidirectionalGridLSTMCell(GridLSTMCell):
    """A GridLSTMCell that runs over the frequencies up and down, with variables in `fwd` and `bwd`.

    Args:
        num_units: n.
        use_peepholes: see GridLSTMCell.
        share_time_frequency_weights: see GridLSTMCell.
        cell_clip: see GridLSTMCell.
        initializer: see GridLSTMCell.
        num_unit_shards: see GridLSTMCell.
        forget_bias: see GridLSTMCell.
        feature_size: see GridLSTMCell.
        frequency_skip: see GridLSTMCell.
        num_frequency_blocks: see GridLSTMCell.
        start_freqindex_list: see GridLSTMCell.
        end_freqindex_list: see GridLSTMCell.
        couple_input_forget_gates: see GridLSTMCell.
        backward_slice_offset: columns by which the slices downwards begin later.
        reuse: whether existing variables are taken.
    """

    def __init__(self, num_units: int, use_peepholes: bool = False, share_time_frequency_weights: bool = False,
                 cell_clip: float | None = None, initializer: Any = None, num_unit_shards: int = 1, forget_bias: float = 1.0,
                 feature_size: int | None = None, frequency_skip: int | None = None,
                 num_frequency_blocks: Sequence[int] | None = None, start_freqindex_list: Sequence[int] | None = None,
                 end_freqindex_list: Sequence[int] | None = None, couple_input_forget_gates: bool = False,
                 backward_slice_offset: int = 0, reuse: bool | None = None) -> None:
        super().__init__(num_units, use_peepholes, share_time_frequency_weights, cell_clip, initializer, num_unit_shards,
                         forget_bias, feature_size, frequency_skip, num_frequency_blocks, start_freqindex_list,
                         end_freqindex_list, couple_input_forget_gates, True, reuse)
        self._backward_slice_offset = backward_slice_offset

    @property
    def state_tuple_type(self) -> Any:
        """The named tuple of the states, upwards and downwards."""
        names = [*self._state_names("fwd_state"), *self._state_names("bwd_state")]
        return namedtuple("BidirectionalGridLSTMStateTuple", names)

    @property
    def state_size(self) -> Any:
        """n for each part."""
        return self.state_tuple_type(*[self._num_units] * (4 * self._total))

    @property
    def output_size(self) -> int:
        """4n for each slice."""
        return 4 * self._num_units * self._total

    def call(self, inputs: Tensor, state: Any) -> tuple[Tensor, Any]:
        """One step."""
        upwards = self._slices(inputs)
        downwards = self._slices(inputs, self._backward_slice_offset) if self._backward_slice_offset else upwards
        middle = 2 * self._total
        with tf.variable_scope("fwd"):
            outputs, states = self._all_blocks(upwards, list(state[:middle]))
        with tf.variable_scope("bwd"):
            reverse_outputs, reverse_states = self._all_blocks([slices[::-1] for slices in downwards], list(state[middle:]))
        return tf.concat([*outputs, *reverse_outputs], 1), self.state_tuple_type(*states, *reverse_states)
