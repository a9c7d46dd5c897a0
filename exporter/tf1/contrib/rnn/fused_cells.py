"""Layers that run whole sequences [time, batch, inputs], and cells that are made to look like them."""

from __future__ import annotations

from typing import Any

from tensorflow.python.ops import rnn

from exporter.lazy_tensorflow import Tensor, tf

__all__ = ["FusedRNNCell", "FusedRNNCellAdaptor", "TimeReversedFusedRNN"]


class FusedRNNCell:
    """What runs whole sequences; the kinds below define the call."""

    def __call__(self, inputs: Any, initial_state: Any = None, dtype: Any = None, sequence_length: Any = None,
                 scope: Any = None) -> tuple[Any, Any]:
        """Returns the outputs, a tensor or a list as the inputs are, and the last state."""
        raise NotImplementedError(f"{type(self).__name__} does not define __call__.")


class FusedRNNCellAdaptor(FusedRNNCell):
    """Runs a cell over the sequences, step by step.

    Args:
        cell: the cell.
        use_dynamic_rnn: in a loop of the graph; False: with the steps written out.
    """

    def __init__(self, cell: Any, use_dynamic_rnn: bool = False) -> None:
        self._cell, self._use_dynamic_rnn = cell, use_dynamic_rnn

    def __call__(self, inputs: Any, initial_state: Any = None, dtype: Any = None, sequence_length: Any = None,
                 scope: Any = None) -> tuple[Any, Any]:
        """Returns the outputs, a tensor or a list as the inputs are, and the last state."""
        is_list = isinstance(inputs, list)
        options = {"initial_state": initial_state, "dtype": dtype, "sequence_length": sequence_length, "scope": scope}
        if self._use_dynamic_rnn:
            values = tf.stack(inputs) if is_list else inputs
            outputs, state = rnn.dynamic_rnn(self._cell, values, time_major=True, **options)
            return tf.unstack(outputs) if is_list else outputs, state
        outputs, state = rnn.static_rnn(self._cell, inputs if is_list else tf.unstack(inputs), **options)
        return outputs if is_list else tf.stack(outputs), state


class TimeReversedFusedRNN(FusedRNNCell):
    """Runs sequences from their end to their start.

    Args:
        cell: a FusedRNNCell.
    """

    def __init__(self, cell: Any) -> None:
        self._cell = cell

    def __call__(self, inputs: Any, initial_state: Any = None, dtype: Any = None, sequence_length: Any = None,
                 scope: Any = None) -> tuple[Any, Any]:
        """Returns the outputs, in the order of time, and the state at the start."""
        outputs, state = self._cell(_reversed(inputs, sequence_length), initial_state=initial_state, dtype=dtype,
                                    sequence_length=sequence_length, scope=scope)
        return _reversed(outputs, sequence_length), state


def _reversed(values: Any, lengths: Tensor | None) -> Any:
    if isinstance(values, list):
        return values[::-1] if lengths is None else tf.unstack(_reversed(tf.stack(values), lengths))
    return tf.reverse(values, [0]) if lengths is None else tf.reverse_sequence(values, lengths, seq_axis=0, batch_axis=1)
