"""The classes that recurrent cells are made of, those of tf-keras, with the types that they lack.

Everything recurrent stands on one Keras: `tf.nn.rnn_cell` of `tensorflow.compat.v1` is tf-keras' copy of TensorFlow 1.15's
cells, so `isinstance(cell, tf.nn.rnn_cell.RNNCell)` holds for every cell of `tf.contrib`, and variables have its names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exporter.lazy_tensorflow import tf

__all__ = ["CellWrapper", "LSTMSizes", "Layer", "LayerRNNCell", "ProjectedSizes", "RNNCell", "UnitSizes"]

if TYPE_CHECKING:
    class Layer:
        """`tf.layers.Layer`."""

        def __init__(self, trainable: bool = True, name: str | None = None, dtype: Any = None, **keywords: Any) -> None: ...
        def __call__(self, inputs: Any, *arguments: Any, **keywords: Any) -> Any:
            """Builds at the first call, then runs `call`."""

        def __getattr__(self, name: str) -> Any: ...

    class RNNCell(Layer):
        """`tf.nn.rnn_cell.RNNCell`: enters a variable scope of its name when it is called."""

    class LayerRNNCell(RNNCell):
        """A cell that makes its variables in `build`, by `add_variable`."""
else:
    from tf_keras.src.layers.rnn.legacy_cells import LayerRNNCell, RNNCell
    from tf_keras.src.legacy_tf_layers.base import Layer


class UnitSizes:
    """The sizes of a cell whose state, like its output, has `_num_units` columns: n. It stands before the cell's base."""

    _num_units: int

    @property
    def state_size(self) -> Any:
        """n."""
        return self._num_units

    @property
    def output_size(self) -> int:
        """n."""
        return self._num_units


class LSTMSizes(UnitSizes):
    """The sizes of a cell whose state is a pair: n columns, and those of its output."""

    @property
    def state_size(self) -> Any:
        """`LSTMStateTuple(n, output size)`."""
        return tf.nn.rnn_cell.LSTMStateTuple(self._num_units, self.output_size)


class ProjectedSizes(LSTMSizes):
    """The same with an output that has `_num_proj` columns; None: n."""

    _num_proj: int | None

    @property
    def output_size(self) -> int:
        """The projection's size, or n."""
        return self._num_proj or self._num_units


class CellWrapper(RNNCell):
    """A cell around a cell, with its sizes and its state.

    Args:
        cell: the cell.
        reuse: whether existing variables are taken.
    """

    def __init__(self, cell: Any, reuse: bool | None = None) -> None:
        super().__init__(_reuse=reuse)
        self._cell = cell

    @property
    def state_size(self) -> Any:
        """The cell's."""
        return self._cell.state_size

    @property
    def output_size(self) -> Any:
        """The cell's."""
        return self._cell.output_size

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """The cell's state of zeros."""
        with tf.name_scope(type(self).__name__ + "ZeroState"):
            return self._cell.zero_state(batch_size, dtype)
