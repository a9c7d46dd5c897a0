"""The decoder that takes a helper's choice at each step."""

from __future__ import annotations

from typing import Any, NamedTuple

from exporter.lazy_tensorflow import Tensor, tf
from exporter.tf1.contrib.seq2seq.decoder import Decoder
from exporter.tf1.contrib.seq2seq.helper import Helper

__all__ = ["BasicDecoder", "BasicDecoderOutput", "size_after"]


class BasicDecoderOutput(NamedTuple):
    """The cell's output, through the output layer, and what the helper sampled."""

    rnn_output: Any
    sample_id: Any


def size_after(layer: Any, size: Any) -> Any:
    """Returns the size of a cell's output, or of what `layer` makes of it."""
    if layer is None:
        return size
    shapes = tf.nest.map_structure(lambda part: tf.TensorShape([None]).concatenate(tf.TensorShape(part)), size)
    return tf.nest.map_structure(lambda shape: tf.TensorShape(shape)[1:], layer.compute_output_shape(shapes))


class BasicDecoder(Decoder):
    """Runs a cell on the inputs that a helper gives.

    Args:
        cell: the cell.
        helper: the helper.
        initial_state: the cell's first state, nested tensors.
        output_layer: a layer on the cell's output, before sampling; or None.

    Raises:
        TypeError: the helper is none, or the layer has no `compute_output_shape`.
    """

    def __init__(self, cell: Any, helper: Helper, initial_state: Any, output_layer: Any = None) -> None:
        if not isinstance(helper, Helper):
            raise TypeError(f"helper must be a Helper, received: {type(helper).__name__}")
        if output_layer is not None and not hasattr(output_layer, "compute_output_shape"):
            raise TypeError(f"output_layer must be a Layer, received: {type(output_layer).__name__}")
        self._cell, self._helper, self._initial_state, self._output_layer = cell, helper, initial_state, output_layer

    @property
    def batch_size(self) -> Any:
        """The helper's."""
        return self._helper.batch_size

    def _rnn_output_size(self) -> Any:
        return size_after(self._output_layer, self._cell.output_size)

    @property
    def output_size(self) -> BasicDecoderOutput:
        """Sizes of the output and of what is sampled."""
        return BasicDecoderOutput(self._rnn_output_size(), self._helper.sample_ids_shape)

    @property
    def output_dtype(self) -> BasicDecoderOutput:
        """The state's dtype for the output, the helper's for what is sampled."""
        dtype = tf.nest.flatten(self._initial_state)[0].dtype
        return BasicDecoderOutput(tf.nest.map_structure(lambda _: dtype, self._rnn_output_size()),
                                  self._helper.sample_ids_dtype)

    def initialize(self, name: str | None = None) -> tuple[Any, Any, Any]:
        """Returns finished, the first inputs and the first state."""
        finished, inputs = self._helper.initialize()
        return finished, inputs, self._initial_state

    def step(self, time: Tensor, inputs: Any, state: Any, name: str | None = None) -> tuple[Any, Any, Any, Any]:
        """Returns the outputs, the next state, the next inputs and finished."""
        with tf.name_scope(name, "BasicDecoderStep", (time, inputs, state)):
            output, cell_state = self._cell(inputs, state)
            if self._output_layer is not None:
                output = self._output_layer(output)
            sample_ids = self._helper.sample(time=time, outputs=output, state=cell_state)
            finished, next_inputs, next_state = self._helper.next_inputs(
                time=time, outputs=output, state=cell_state, sample_ids=sample_ids)
        return BasicDecoderOutput(output, sample_ids), next_state, next_inputs, finished
