"""Variables of a graph, read from its GraphDef."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from exporter.errors import GraphError
from exporter.graph.node_names import node_of
from exporter.graph.tensor_spec import Shape, dtype_name, shape_from_proto
from exporter.lazy_tensorflow import MetaGraphDef, NodeDef

REFERENCE_VARIABLE_OPS = ("Variable", "VariableV2")
RESOURCE_VARIABLE_OPS = ("VarHandleOp",)
VARIABLE_COLLECTIONS = ("variables", "trainable_variables", "model_variables", "moving_average_variables", "global_step")
VARIABLE_OPS = REFERENCE_VARIABLE_OPS + RESOURCE_VARIABLE_OPS


@dataclass(frozen=True)
class VariableSlice:
    """The part of a partitioned variable that one graph variable holds.

    Attributes:
        full_shape: shape of the whole.
        offset: where the part begins, per dimension.
        shape: the part's shape.
    """

    full_shape: tuple[int, ...]
    offset: tuple[int, ...]
    shape: tuple[int, ...]

    @property
    def specification(self) -> str:
        """What ``SaveV2`` and ``RestoreV2`` take in ``shape_and_slices``: ``4 6 0,2:0,6``."""
        shape = " ".join(map(str, self.full_shape))
        return f"{shape} " + ":".join(f"{start},{length}" for start, length in zip(self.offset, self.shape, strict=True))

    @property
    def index(self) -> tuple[slice, ...]:
        """Cuts the part out of an array of the whole."""
        return tuple(slice(start, start + length) for start, length in zip(self.offset, self.shape, strict=True))


@dataclass(frozen=True)
class GraphVariable:
    """A variable node of a graph.

    Attributes:
        name: what checkpoints call it; parts of a partitioned variable share one name.
        node: name of its node.
        dtype: data type by name.
        shape: its shape; None, or None within, where the graph does not know.
        is_resource: made by ``VarHandleOp`` rather than ``VariableV2`` or ``Variable``.
        part: set for a part of a partitioned variable.
    """

    name: str
    node: str
    dtype: str
    shape: Shape | None
    is_resource: bool
    part: VariableSlice | None = None

    @property
    def full_shape(self) -> Shape | None:
        """The shape that a checkpoint must have for `name`."""
        return self.part.full_shape if self.part else self.shape


def graph_variables(meta_graph_def: MetaGraphDef) -> tuple[GraphVariable, ...]:
    """Returns the variables of the top-level graph; slices come from the VariableDefs of the collections."""
    slices = _slices(meta_graph_def)
    return tuple(_graph_variable(node, slices) for node in meta_graph_def.graph_def.node if node.op in VARIABLE_OPS)


def copy_variable_collections(source: MetaGraphDef, target: MetaGraphDef, variables: Iterable[GraphVariable]) -> None:
    """Gives ``target`` the variable collections of ``source`` with these ``variables`` alone.

    A ``tf.train.Saver()`` of the graph takes its variables from there, ``tf.saved_model.load`` as well.
    """
    nodes = {variable.node for variable in variables}
    for collection in VARIABLE_COLLECTIONS:
        target.collection_def.pop(collection, None)
        kept = [serialized for serialized in _collection(source, collection)
                if node_of(variable_def(serialized).variable_name) in nodes]
        if kept:
            target.collection_def[collection].bytes_list.value.extend(kept)


def initializer_nodes(meta_graph_def: MetaGraphDef, variables: Iterable[GraphVariable]) -> list[str]:
    """Returns the nodes besides themselves that the VariableDefs of ``variables`` name: a graph with them needs these."""
    by_variable = initializers_by_variable(meta_graph_def)
    return sorted({name for variable in variables for name in by_variable.get(variable.node, ())})


def initializers_by_variable(meta_graph_def: MetaGraphDef) -> dict[str, set[str]]:
    """Returns variable node -> the nodes that its VariableDefs name."""
    found: dict[str, set[str]] = {}
    for collection in VARIABLE_COLLECTIONS:
        for serialized in _collection(meta_graph_def, collection):
            definition = variable_def(serialized)
            names = (definition.initializer_name, definition.snapshot_name, definition.initial_value_name)
            found.setdefault(node_of(definition.variable_name), set()).update(node_of(name) for name in names if name)
    return found


def _collection(meta_graph_def: MetaGraphDef, name: str) -> list[bytes]:
    """The serialized items of a collection; reading an absent one from the map would create it."""
    collections = meta_graph_def.collection_def
    return list(collections[name].bytes_list.value) if name in collections else []


def _graph_variable(node: NodeDef, slices: dict[str, tuple[str, VariableSlice]]) -> GraphVariable:
    is_resource = node.op in RESOURCE_VARIABLE_OPS
    shared_name = node.attr["shared_name"].s.decode() if is_resource and "shared_name" in node.attr else ""
    name, part = slices.get(node.name, (shared_name or node.name, None))
    shape = part.shape if part else shape_from_proto(node.attr["shape"].shape)
    return GraphVariable(name, node.name, dtype_name(node.attr["dtype"].type), shape, is_resource, part)


def _slices(meta_graph_def: MetaGraphDef) -> dict[str, tuple[str, VariableSlice]]:
    found = {}
    for collection in VARIABLE_COLLECTIONS:
        for serialized in _collection(meta_graph_def, collection):
            definition = variable_def(serialized)
            info = definition.save_slice_info_def
            if info.full_name:
                part = VariableSlice(tuple(info.full_shape), tuple(info.var_offset), tuple(info.var_shape))
                found[node_of(definition.variable_name)] = (info.full_name, part)
    return found


def variable_def(serialized: bytes) -> Any:
    """Parses a ``VariableDef``, as the collections of a MetaGraphDef hold them.

    Raises:
        GraphError: it is none.
    """
    from google.protobuf.message import DecodeError
    from tensorflow.core.framework import variable_pb2

    try:
        return variable_pb2.VariableDef.FromString(serialized)
    except DecodeError as error:
        raise GraphError(f"A collection of the graph's variables is damaged: {error}.", "Copy the graph again.") from error
