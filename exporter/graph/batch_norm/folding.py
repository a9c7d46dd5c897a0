"""Folding batch normalization into the weights of the linear layer before it, where that gives the same numbers.

``(W x + b) * scale + shift`` is ``(scale W) x + (scale b + shift)``. That is right only where nobody else takes ``W x`` or
``W x + b``, and where the scale goes along the layer's output channels. Weights that other layers share stay as they are for
these: the layer gets a constant of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from exporter.graph.batch_norm.constant_expressions import ConstantExpressions
from exporter.graph.batch_norm.linear_layers import LinearLayer, linear_layer
from exporter.graph.batch_norm.moving_statistics import FUSED_BATCH_NORMS
from exporter.graph.batch_norm.node_index import NodeIndex, control_inputs, data_inputs
from exporter.graph.functions import unused_name
from exporter.graph.node_names import node_of
from exporter.lazy_tensorflow import GraphDef, NodeDef, tf

_FOLDED = "/folded"
_GLOBAL = "BatchNormWithGlobalNormalization"
_ADDITIONS = ("Add", "AddV2")
_DEFAULT_EPSILON = 1e-4  # tensorflow/core/ops/nn_ops.cc


@dataclass(frozen=True)
class _Normalization:
    """``source * scale + shift``; both arrays broadcast against the source.

    Attributes:
        source: the tensor that is normalized.
        scale: float64 array.
        shift: float64 array.
        inner: tensors on the way that nobody else may use.
    """

    source: str
    scale: Any
    shift: Any
    inner: tuple[str, ...] = ()


def fold_batch_norms(graph_def: GraphDef, protected: Collection[str]) -> GraphDef:
    """Folds the batch norms of a frozen graph, as far as that is right; what nobody needs any more stays in the graph.

    A folded batch norm becomes a ``BiasAdd`` of its name.

    Args:
        graph_def: the graph; changed in place.
        protected: nodes whose values must stay: those that are fed or fetched.

    Returns:
        A graph with the new constants before the layers that take them.
    """
    return _Folding(graph_def, protected).folded()


class _Folding:
    """One pass over a graph."""

    def __init__(self, graph_def: GraphDef, protected: Collection[str]) -> None:
        self._index = NodeIndex(graph_def)
        self._expressions = ConstantExpressions(self._index)
        self._protected = protected
        self._uses = Counter(tensor for node in graph_def.node for tensor in data_inputs(node))
        self._waited_for = {name for node in graph_def.node for name in control_inputs(node)}
        self._constants: dict[str, list[NodeDef]] = {}

    def folded(self) -> GraphDef:
        """Folds all of them."""
        graph_def = self._index.graph_def
        for node in graph_def.node:
            self._fold(node)
        if not self._constants:
            return graph_def
        result = tf.GraphDef(versions=graph_def.versions, library=graph_def.library)
        for node in graph_def.node:
            result.node.extend(self._constants.get(node.name, []))
            result.node.append(node)
        return result

    def _fold(self, node: NodeDef) -> None:
        for normalization in self._normalizations(node):
            bias_node, layer = self._layer_before(normalization)
            if layer is None or not all(map(self._is_exclusive, normalization.inner)):
                continue
            bias = np.zeros(1) if bias_node is None else self._bias(bias_node, layer)
            scale, shift = layer.per_channel(normalization.scale), layer.per_channel(normalization.shift)
            if bias is None or scale is None or shift is None:
                continue
            weights, offset = layer.scaled(scale), (shift + scale * bias).astype(layer.weights.dtype)
            if np.isfinite(weights).all() and np.isfinite(offset).all():
                self._replace(node, layer, weights, offset)
                return

    def _normalizations(self, node: NodeDef) -> Iterator[_Normalization]:
        """Yields what a node may be the end of."""
        if node.op in FUSED_BATCH_NORMS:
            yield from self._fused(node)
        elif node.op == _GLOBAL:
            yield from self._with_global_normalization(node)
        elif node.op in (*_ADDITIONS, "Sub"):
            yield from self._of_single_ops(node)

    def _fused(self, node: NodeDef) -> Iterator[_Normalization]:
        is_training = node.attr["is_training"].b if "is_training" in node.attr else True
        if is_training or any(self._uses[f"{node.name}:{output}"] for output in range(1, 6)):
            return
        epsilon = node.attr["epsilon"].f if "epsilon" in node.attr else _DEFAULT_EPSILON
        source, *parameters = data_inputs(node)
        values = [self._expressions.value(tensor) for tensor in parameters]
        if any(value is None for value in values):
            return
        if _is_channels_first(node):
            values = [value.reshape(-1, *[1] * (len(node.attr["data_format"].s) - 2)) for value in values]
        gamma, beta, mean, variance = values
        yield _normalization(source, gamma, beta, mean, variance + epsilon)

    def _with_global_normalization(self, node: NodeDef) -> Iterator[_Normalization]:
        source, *parameters, gamma = data_inputs(node)
        has_gamma = node.attr["scale_after_normalization"].b
        values = [self._expressions.value(tensor) for tensor in (*parameters, *([gamma] if has_gamma else []))]
        if any(value is None for value in values):
            return
        mean, variance, beta, gamma = values if has_gamma else (*values, np.ones(1))
        yield _normalization(source, gamma, beta, mean, variance + node.attr["variance_epsilon"].f)

    def _of_single_ops(self, node: NodeDef) -> Iterator[_Normalization]:
        """``x * scale + shift`` or ``x * scale - shift``, where the scale has 1 / stddev in it."""
        first, second = data_inputs(node)
        for product, term in ((first, second), (second, first)) if node.op != "Sub" else ((first, second),):
            shift, product_node = self._expressions.value(term), self._index.of(product)
            if shift is None or product_node is None or product_node.op != "Mul":
                continue
            factors = data_inputs(product_node)
            for source, factor in (factors, factors[::-1]):
                if self._expressions.value(source) is None and self._expressions.has_root(factor):
                    yield _Normalization(source, self._expressions.value(factor), -shift if node.op == "Sub" else shift,
                                         (product,))

    def _layer_before(self, normalization: _Normalization) -> tuple[NodeDef | None, LinearLayer | None]:
        """The node that adds a bias, if there is one, and the layer; None where others use their values."""
        node, bias_node = self._index.of(normalization.source), None
        if node is not None and self._is_exclusive(normalization.source) and node.op in ("BiasAdd", *_ADDITIONS):
            first, second = data_inputs(node)
            bias_node = node
            source = second if node.op != "BiasAdd" and self._expressions.value(first) is not None else first
        else:
            source = normalization.source
        layer = linear_layer(self._index, source)
        if layer is None or not self._is_exclusive(source, may_wait=True):
            return None, None
        return bias_node, layer

    def _bias(self, node: NodeDef, layer: LinearLayer) -> Any:
        first, second = data_inputs(node)
        if node.op == "BiasAdd":
            value = self._expressions.value(second)
            if value is None or (_is_channels_first(node) and layer.rank > 2) != layer.is_channels_first:
                return None
            return value
        term = second if node_of(first) == layer.node.name else first
        value = self._expressions.value(term)
        return None if value is None else layer.per_channel(value)

    def _is_exclusive(self, tensor: str, may_wait: bool = False) -> bool:
        """Tells whether one node alone depends on a tensor."""
        node = self._index.nodes[node_of(tensor)]
        return (self._uses[tensor] == 1 and node.name not in self._protected and node.name not in self._waited_for
                and (may_wait or not any(control_inputs(node))))

    def _replace(self, node: NodeDef, layer: LinearLayer, weights: Any, bias: Any) -> None:
        new_weights = self._constant(f"{layer.constant.name.removesuffix(_FOLDED)}{_FOLDED}", weights, layer)
        new_bias = self._constant(f"{node.name}/bias", bias, layer)
        layer.node.input[layer.weights_input] = new_weights
        waits = [name for name in node.input if name.startswith("^")]
        node.op = "BiasAdd"
        node.input[:] = [layer.node.name, new_bias, *waits]
        node.attr.clear()
        node.attr["T"].type = layer.node.attr["T"].type
        node.attr["data_format"].s = b"NCHW" if layer.is_channels_first else b"NHWC"

    def _constant(self, name: str, value: Any, layer: LinearLayer) -> str:
        """Adds a constant before a layer, in the branch or loop that the layer's weights are in."""
        waits = [reference for reference in layer.constant.input if reference.startswith("^")]
        node = tf.NodeDef(op="Const", name=unused_name(name, set(self._index.nodes)), input=waits)
        node.attr["dtype"].type = layer.node.attr["T"].type
        node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value))
        self._index.nodes[node.name] = node
        self._constants.setdefault(layer.node.name, []).append(node)
        return str(node.name)


def _normalization(source: str, gamma: Any, beta: Any, mean: Any, variance: Any) -> _Normalization:
    with np.errstate(all="ignore"):  # what is not finite is not folded
        scale = gamma / np.sqrt(variance)
        return _Normalization(source, scale, beta - mean * scale)


def _is_channels_first(node: NodeDef) -> bool:
    return "data_format" in node.attr and node.attr["data_format"].s.startswith(b"NC")
