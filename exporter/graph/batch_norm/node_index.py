"""Who feeds whom in a GraphDef: lookups for rewriting it. Its ops need not be known to this TensorFlow."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from exporter.graph.functions import unused_name
from exporter.graph.node_names import node_of, tensor_name
from exporter.graph.variables import VARIABLE_OPS
from exporter.lazy_tensorflow import GraphDef, NodeDef, tf

IDENTITIES = ("Identity", "RefIdentity", "StopGradient", "PreventGradient", "CheckNumerics", "CheckNumericsV2")
_TO_VARIABLE = (*IDENTITIES, "ReadVariableOp", "Enter", "RefEnter", "Switch", "RefSwitch")


class NodeIndex:
    """The nodes of a graph.

    Args:
        graph_def: the graph. Nodes that are added later must be told by `add`.

    Attributes:
        graph_def: the graph.
        nodes: node name -> NodeDef.
    """

    def __init__(self, graph_def: GraphDef) -> None:
        self.graph_def = graph_def
        self.nodes: dict[str, NodeDef] = {node.name: node for node in graph_def.node}

    def of(self, reference: str) -> NodeDef | None:
        """Returns the node that a reference or tensor name points to."""
        return self.nodes.get(node_of(reference))

    def add(self, op: str, name: str, inputs: list[str]) -> NodeDef:
        """Adds a node under ``name``, or a name like it that is free."""
        node = self.graph_def.node.add(op=op, name=unused_name(name, set(self.nodes)), input=inputs)
        self.nodes[node.name] = node
        return node

    def add_constant(self, name: str, value: Any, dtype: int) -> NodeDef:
        """Adds a constant of a ``DataType``."""
        node = self.add("Const", name, [])
        node.attr["dtype"].type = dtype
        node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value, dtype))
        return node

    @cached_property
    def consumers(self) -> dict[str, list[tuple[str, int]]]:
        """Tensor (``scope/op:0``) -> (node, index of its input), data alone; as the graph was when this was first asked."""
        found: dict[str, list[tuple[str, int]]] = {}
        for node in self.graph_def.node:
            for number, tensor in enumerate(data_inputs(node)):
                found.setdefault(tensor, []).append((node.name, number))
        return found

    def constant(self, reference: str) -> Any:
        """Returns the value of a constant, as an array, through identities; None for another node."""
        node = self.behind_identities(reference)
        return tf.make_ndarray(node.attr["value"].tensor) if node is not None and node.op == "Const" else None

    def behind_identities(self, reference: str) -> NodeDef | None:
        """Returns the node that makes a tensor, identities apart."""
        node = self.of(reference)
        while node is not None and node.op in IDENTITIES:
            node = self.of(node.input[0])
        return node

    def variable_of(self, reference: str) -> NodeDef | None:
        """Returns the variable that a tensor reads, or is the handle or reference of; None for another tensor."""
        node = self.of(reference)
        seen = set()
        while node is not None and node.op in _TO_VARIABLE and node.name not in seen:
            seen.add(node.name)
            node = self.of(node.input[0])
        return node if node is not None and node.op in VARIABLE_OPS else None

    def reduced_axes(self, node: NodeDef) -> list[int] | None:
        """Returns the axes that a reduction goes over; None where they are not constant."""
        axes = self.constant(node.input[1]) if len(node.input) > 1 else None
        return None if axes is None else [int(axis) for axis in axes.reshape(-1)]


def data_inputs(node: NodeDef) -> list[str]:
    """Returns the tensors that a node takes."""
    return [tensor_name(name) for name in node.input if not name.startswith("^")]


def control_inputs(node: NodeDef) -> Iterator[str]:
    """Yields the nodes that a node waits for."""
    return (node_of(name) for name in node.input if name.startswith("^"))
