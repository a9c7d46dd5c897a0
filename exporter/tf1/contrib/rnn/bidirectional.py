"""Stacks of bidirectional layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tensorflow.python.ops import rnn

from exporter.lazy_tensorflow import Tensor, tf

__all__ = ["stack_bidirectional_dynamic_rnn", "stack_bidirectional_rnn"]

_Layer = tuple[Any, Any, Any]
"""The outputs, and the last states forward and backward."""


def stack_bidirectional_rnn(cells_fw: Sequence[Any], cells_bw: Sequence[Any], inputs: list[Tensor],
                            initial_states_fw: Sequence[Any] | None = None, initial_states_bw: Sequence[Any] | None = None,
                            dtype: Any = None, sequence_length: Any = None, scope: Any = None) -> tuple[Any, Any, Any]:
    """Runs layers of cells in both directions, each on both outputs of the one before, side by side.

    Args:
        cells_fw: the cells forward, one per layer.
        cells_bw: the cells backward.
        inputs: a list of `time` tensors [batch, n].
        initial_states_fw: one per cell; zeros by default.
        initial_states_bw: one per cell; zeros by default.
        dtype: of the zero states.
        sequence_length: int [batch].
        scope: `stack_bidirectional_rnn` by default.

    Returns:
        The list of outputs, and the tuples of last states forward and backward.

    Raises:
        ValueError: no cells, or other numbers of states or of cells backward.
    """

    def layer(cell_fw: Any, cell_bw: Any, values: Any, state_fw: Any, state_bw: Any, cell_scope: Any) -> _Layer:
        """Runs one layer in both directions."""
        result: _Layer = rnn.static_bidirectional_rnn(
            cell_fw, cell_bw, values, state_fw, state_bw, dtype, sequence_length, cell_scope)
        return result

    return _stacked(layer, cells_fw, cells_bw, inputs, initial_states_fw, initial_states_bw, scope)


def stack_bidirectional_dynamic_rnn(cells_fw: Sequence[Any], cells_bw: Sequence[Any], inputs: Tensor,
                                    initial_states_fw: Sequence[Any] | None = None,
                                    initial_states_bw: Sequence[Any] | None = None, dtype: Any = None,
                                    sequence_length: Any = None, parallel_iterations: int | None = None,
                                    time_major: bool = False, scope: Any = None, swap_memory: bool = False
                                    ) -> tuple[Tensor, Any, Any]:
    """Runs layers of cells in both directions over sequences of different lengths, in loops of the graph.

    Args:
        cells_fw: the cells forward, one per layer.
        cells_bw: the cells backward.
        inputs: [batch, time, n], or [time, batch, n] if `time_major`.
        initial_states_fw: one per cell; zeros by default.
        initial_states_bw: one per cell; zeros by default.
        dtype: of the zero states.
        sequence_length: int [batch].
        parallel_iterations: of the loops.
        time_major: whether time is the first dimension.
        scope: `stack_bidirectional_rnn` by default.
        swap_memory: whether tensors for the gradients may go to the host's memory.

    Returns:
        The outputs [batch, time, both sizes], and the tuples of last states forward and backward.

    Raises:
        ValueError: no cells, or other numbers of states or of cells backward.
    """

    def layer(cell_fw: Any, cell_bw: Any, values: Any, state_fw: Any, state_bw: Any, _: Any) -> _Layer:
        """Runs one layer in both directions."""
        outputs, states = rnn.bidirectional_dynamic_rnn(cell_fw, cell_bw, values, sequence_length, state_fw, state_bw, dtype,
                                                        parallel_iterations, swap_memory, time_major)
        return tf.concat(outputs, 2), *states

    return _stacked(layer, cells_fw, cells_bw, inputs, initial_states_fw, initial_states_bw, scope)


def _stacked(layer: Callable[..., _Layer], cells_fw: Sequence[Any], cells_bw: Sequence[Any], inputs: Any,
             states_fw: Sequence[Any] | None, states_bw: Sequence[Any] | None, scope: Any) -> tuple[Any, Any, Any]:
    """Runs each layer, (cells, inputs, states, scope) -> (outputs, states), on the outputs of the one before."""
    _check(cells_fw, cells_bw, states_fw, states_bw)
    none = [None] * len(cells_fw)
    last_fw, last_bw = [], []
    with tf.variable_scope(scope or "stack_bidirectional_rnn"):
        layers = zip(cells_fw, cells_bw, states_fw or none, states_bw or none, strict=True)
        for number, (cell_fw, cell_bw, state_fw, state_bw) in enumerate(layers):
            with tf.variable_scope(f"cell_{number}") as cell_scope:
                inputs, state_fw, state_bw = layer(cell_fw, cell_bw, inputs, state_fw, state_bw, cell_scope)
            last_fw.append(state_fw)
            last_bw.append(state_bw)
    return inputs, tuple(last_fw), tuple(last_bw)


def _check(cells_fw: Sequence[Any], cells_bw: Sequence[Any], states_fw: Any, states_bw: Any) -> None:
    for name, cells in (("cells_fw", cells_fw), ("cells_bw", cells_bw)):
        if not isinstance(cells, (list, tuple)) or not cells:
            raise ValueError(f"{name} must be a list of at least one cell, found {cells!r}.")
    if len(cells_fw) != len(cells_bw):
        raise ValueError(f"Expected as many cells backward as forward, found {len(cells_bw)} and {len(cells_fw)}.")
    for name, states in (("initial_states_fw", states_fw), ("initial_states_bw", states_bw)):
        if states is not None and (not isinstance(states, (list, tuple)) or len(states) != len(cells_fw)):
            raise ValueError(f"{name} must be a list with one state per cell, found {states!r}.")
