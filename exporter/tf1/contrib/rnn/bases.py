"""The classes that recurrent cells are made of, those of tf-keras, with the types that they lack.

Everything recurrent stands on one Keras: `tf.nn.rnn_cell` of `tensorflow.compat.v1` is tf-keras' copy of TensorFlow 1.15's
cells, so `isinstance(cell, tf.nn.rnn_cell.RNNCell)` holds for every cell of `tf.contrib`, and variables have its names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["Layer", "LayerRNNCell", "RNNCell"]

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
