"""Data types and shapes of tensors as a GraphDef itself tells them, for graphs that can't be imported as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from exporter.errors import GraphError
from exporter.graph.node_names import node_of
from exporter.graph.outputs import near_names
from exporter.graph.tensor_spec import Shape, TensorSpec, dtype_name, shape_from_proto
from exporter.lazy_tensorflow import GraphDef, MetaGraphDef, NodeDef

_SHAPE_LISTS = ("_output_shapes", "output_shapes", "shapes")


class TensorTypes:
    """The tensors of a graph.

    Args:
        meta_graph_def: the graph; its list of ops tells of those that this TensorFlow does not know.
    """

    def __init__(self, meta_graph_def: MetaGraphDef) -> None:
        self._graph_def: GraphDef = meta_graph_def.graph_def
        self._nodes = {node.name: node for node in self._graph_def.node}
        self._stored_ops = {op.name: op for op in meta_graph_def.meta_info_def.stripped_op_list.op}

    def node(self, name: str) -> NodeDef:
        """Returns the node of a tensor or node name.

        Raises:
            GraphError: there is none; near names are given.
        """
        found = self._nodes.get(node_of(name))
        if found is None:
            raise GraphError(f"The graph has no node {node_of(name)!r}.", near_names(node_of(name), self._nodes))
        return found

    def spec(self, tensor: str) -> TensorSpec:
        """Returns what is known of a tensor (``scope/op:1``).

        Raises:
            GraphError: there is no such tensor, or its data type is not known.
        """
        node = self.node(tensor)
        number = tensor.partition(":")[2]
        if tensor.startswith("^") or not (number.isascii() and number.isdigit()):
            raise GraphError(f"{tensor!r} is no name of a tensor.", f"For example: {node.name}:0")
        output = int(number)
        tensor = f"{node.name}:{output}"
        dtypes = self.output_dtypes(node)
        if dtypes is None:
            dtype = self._dtype_by_consumer(tensor)
        elif output >= len(dtypes):
            raise GraphError(f"The node {node.name!r} ({node.op}) has {len(dtypes)} outputs; there is no {tensor!r}.",
                             f"They are {', '.join(f'{node.name}:{index}' for index in range(len(dtypes))) or 'none'}.")
        else:
            dtype = dtypes[output]
        return TensorSpec(tensor, dtype, _stored_shape(node, output, self._graph_def.versions.producer))

    def output_dtypes(self, node: NodeDef) -> list[str] | None:
        """Returns the data types of all outputs of a node; None where its op is not known."""
        definition = self._definition(node.op)
        if definition is None:
            return None
        enums = [enum for argument in definition.output_arg for enum in _argument_types(argument, node.attr, definition)]
        return [dtype_name(enum) for enum in enums]

    def _definition(self, op: str) -> Any:
        from tensorflow.python.framework import op_def_registry

        functions = {function.signature.name: function.signature for function in self._graph_def.library.function}
        return op_def_registry.get(op) or self._stored_ops.get(op) or functions.get(op)

    def _dtype_by_consumer(self, tensor: str) -> str:
        """What the first consumer whose op is known takes in this place."""
        for node in self._nodes.values():
            definition = self._definition(node.op)
            data = [name for name in node.input if not name.startswith("^")]
            if definition is None or tensor.removesuffix(":0") not in (name.removesuffix(":0") for name in data):
                continue
            enums = [enum for argument in definition.input_arg
                     for enum in _argument_types(argument, node.attr, definition)]
            index = [name.removesuffix(":0") for name in data].index(tensor.removesuffix(":0"))
            if index < len(enums):
                return dtype_name(enums[index])
        raise GraphError(f"The data type of {tensor!r} is not known: its op {self.node(tensor).op} is not.",
                         "Cut the graph behind it: name the tensor that the next node makes.")


def _argument_types(argument: Any, attributes: Mapping[str, Any], definition: Any) -> Iterable[int]:
    """The types of one argument of an op, which may stand for several tensors (tensorflow/core/framework/op_def.proto)."""
    if argument.type_list_attr:
        return list(_attribute(argument.type_list_attr, attributes, definition).list.type)
    dtype = argument.type or _attribute(argument.type_attr, attributes, definition).type
    count = _attribute(argument.number_attr, attributes, definition).i if argument.number_attr else 1
    return [dtype] * count


def _attribute(name: str, attributes: Mapping[str, Any], definition: Any) -> Any:
    if name in attributes:
        return attributes[name]
    return next(attribute.default_value for attribute in definition.attr if attribute.name == name)


def _stored_shape(node: NodeDef, output: int, producer: int) -> Shape | None:
    listed = next((shape_from_proto(node.attr[attribute].list.shape[output]) for attribute in _SHAPE_LISTS
                   if attribute in node.attr and output < len(node.attr[attribute].list.shape)), None)
    own = _placeholder_shape(node, producer)
    if own is None or listed is None or len(own) != len(listed):
        return listed if own is None else own
    return tuple(further if size is None else size for size, further in zip(own, listed, strict=True))


def _placeholder_shape(node: NodeDef, producer: int) -> Shape | None:
    if node.op not in ("Placeholder", "PlaceholderWithDefault", "PlaceholderV2") or "shape" not in node.attr:
        return None
    shape = shape_from_proto(node.attr["shape"].shape)
    # Up to then, a placeholder of unknown shape was stored with an empty one (tensorflow/core/ops/array_ops.cc).
    return None if shape == () and producer <= 21 else shape
