"""``optimize_for_inference`` with TensorFlow's parameters (tensorflow/python/tools/optimize_for_inference_lib.py)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from exporter.errors import GraphError, UsageError
from exporter.graph.node_names import node_of, tensor_name
from exporter.graph.optimizing import frozen_table_initializers, optimize_frozen_graph
from exporter.graph.outputs import near_names
from exporter.graph.stored.cutting import cut
from exporter.graph.stored.folding import fold_conditionals
from exporter.graph.stored.options import constant_node, placeholder_node
from exporter.graph.tensor_spec import shape_from_proto
from exporter.lazy_tensorflow import GraphDef, NodeDef, tf

_PLACEHOLDERS = ("Placeholder", "PlaceholderV2", "PlaceholderWithDefault")
_BOOLEANS = {"true": True, "false": False}


def optimize_for_inference(
        input_graph_def: GraphDef, input_node_names: Sequence[str], output_node_names: Sequence[str],
        placeholder_type_enum: int | Sequence[int], toco_compatible: bool = False,
        placeholder_to_const_names: Sequence[str] | None = None, *, fixed: Mapping[str, Any] | None = None) -> GraphDef:
    """Makes a frozen graph smaller and faster: it is cut at its inputs, identities go, batch norms are folded into weights.

    Unlike TensorFlow's, it keeps the functions that are called, the versions and what fills lookup tables, and folds a batch
    norm only where that is right: not in training mode, nor where another node takes what the convolution gives; where
    convolutions share weights, each gets its own.

    Args:
        input_graph_def: a frozen graph; not changed.
        input_node_names: nodes that are fed; each becomes a placeholder.
        output_node_names: nodes that are fetched.
        placeholder_type_enum: the ``DataType`` of all placeholders, or a list with one for each.
        toco_compatible: unused: no op is made that TensorFlow Lite lacks.
        placeholder_to_const_names: placeholders of booleans with their value, as ``name=False``.
        fixed: placeholder -> the value that it always has; conditionals that follow from it are folded.

    Returns:
        The optimized graph.

    Raises:
        UsageError: types, values or names don't fit.
        GraphError: a node is not in the graph.
    """
    del toco_compatible
    nodes = {node.name: node for node in input_graph_def.node}
    inputs, outputs = _node_names(input_node_names), _node_names(output_node_names)
    values = {tensor_name(name): value for name, value in {**_booleans(placeholder_to_const_names), **(fixed or {})}.items()}
    for name in (*inputs, *outputs, *map(node_of, values)):
        if name not in nodes:
            raise GraphError(f"The graph has no node {name!r}.", near_names(name, nodes))
    initializers = frozen_table_initializers(input_graph_def)
    replacements = {**_placeholders(nodes, inputs, placeholder_type_enum), **_constants(nodes, values)}
    cut_graph = cut(input_graph_def, replacements, outputs, initializers)
    kept = [node_of(cut_graph.new_names.get(tensor_name(name), name)) for name in (*inputs, *outputs)]
    graph_def = fold_conditionals(cut_graph.graph_def, kept, initializers) if values else cut_graph.graph_def
    return optimize_frozen_graph(graph_def, kept[:len(inputs)], kept[len(inputs):])


def _node_names(names: Sequence[str]) -> list[str]:
    if isinstance(names, str) or not names:
        raise UsageError(f"Found {names!r} for the names of nodes.", "Give lists, for example ['images'] and ['scores'].")
    return [node_of(name) for name in names]


def _booleans(entries: Sequence[str] | None) -> dict[str, bool]:
    values = {}
    for entry in entries or ():
        name, _, text = entry.partition("=")
        if text.strip().lower() not in _BOOLEANS:
            raise UsageError(f"{entry!r} is not of the form name=False.", "Give other values by fixed={name: value}.")
        values[name.strip()] = _BOOLEANS[text.strip().lower()]
    return values


def _placeholders(nodes: Mapping[str, NodeDef], names: Sequence[str], types: int | Sequence[int]) -> dict[str, NodeDef]:
    kinds = list(types) if isinstance(types, Sequence) else [types] * len(names)
    if len(kinds) != len(names):
        raise UsageError(f"Found {len(kinds)} types for {len(names)} inputs.", "Give one type for all, or one for each.")
    made = {}
    for name, kind in zip(names, kinds, strict=True):
        node = nodes[name]
        shape = shape_from_proto(node.attr["shape"].shape) if node.op in _PLACEHOLDERS and "shape" in node.attr else None
        made[f"{name}:0"] = placeholder_node(tf.as_dtype(kind).as_datatype_enum, shape)
    return made


def _constants(nodes: Mapping[str, NodeDef], values: Mapping[str, Any]) -> dict[str, NodeDef]:
    made = {}
    for tensor, value in values.items():
        node = nodes[node_of(tensor)]
        if node.op not in _PLACEHOLDERS:
            raise UsageError(f"{node.name!r} is no placeholder ({node.op}), so it can't be fixed.", "Name a placeholder.")
        shape = shape_from_proto(node.attr["shape"].shape) if "shape" in node.attr else None
        made[tensor] = constant_node(node.name, value, node.attr["dtype"].type, shape)
    return made
