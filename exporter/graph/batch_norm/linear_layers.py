"""Layers that are linear in their data, with constant weights: which axis of the weights belongs to the output channels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from exporter.graph.batch_norm.node_index import NodeIndex
from exporter.lazy_tensorflow import NodeDef, tf

# op -> rank of its output; the weights are its second input
_RANKS = {"Conv2D": 4, "DepthwiseConv2dNative": 4, "Conv2DBackpropInput": 4, "Conv3D": 5, "MatMul": 2}
_EXACT = (1, 2)  # DT_FLOAT, DT_DOUBLE


@dataclass(frozen=True)
class LinearLayer:
    """A linear layer.

    Attributes:
        node: its op.
        constant: the node of its weights.
        weights: their value.
        channels: the shape in which one value per output channel broadcasts against the weights.
        rank: the output's.
        is_channels_first: the channels are axis 1 of the output, and not the last.
    """

    node: NodeDef
    constant: NodeDef
    weights: Any
    channels: tuple[int, ...]
    rank: int
    is_channels_first: bool

    weights_input = 1

    def per_channel(self, values: Any) -> Any:
        """Returns one value per output channel, of an array that broadcasts against the output; None for other arrays."""
        if values.ndim > self.rank:
            return None
        shape = (1,) * (self.rank - values.ndim) + values.shape
        channel_axis = 1 if self.is_channels_first else self.rank - 1
        count = int(np.prod(self.channels))
        if any(size != 1 for axis, size in enumerate(shape) if axis != channel_axis) or values.size not in (1, count):
            return None
        return np.broadcast_to(values.reshape(-1), (count,))

    def scaled(self, scale: Any) -> Any:
        """Returns the weights that give the output times ``scale``, one value per channel."""
        with np.errstate(over="ignore"):
            return (self.weights.astype(np.float64) * scale.reshape(self.channels)).astype(self.weights.dtype)


def linear_layer(index: NodeIndex, tensor: str) -> LinearLayer | None:
    """Returns the layer that makes a tensor; None where it is none, or its weights are not constant."""
    node = index.of(tensor)
    if node is None or node.op not in _RANKS or node.attr["T"].type not in _EXACT:
        return None
    constant = index.behind_identities(node.input[1])
    if constant is None or constant.op != "Const":
        return None
    weights = tf.make_ndarray(constant.attr["value"].tensor)
    is_channels_first = "data_format" in node.attr and node.attr["data_format"].s.startswith(b"NC")
    return LinearLayer(node, constant, weights, _channels(node, weights.shape), _RANKS[node.op], is_channels_first)


def _channels(node: NodeDef, shape: tuple[int, ...]) -> tuple[int, ...]:
    if node.op == "DepthwiseConv2dNative":
        return shape[2:]
    if node.op == "Conv2DBackpropInput":
        return (shape[2], 1)
    return (shape[0], 1) if node.op == "MatMul" and node.attr["transpose_b"].b else shape[-1:]
