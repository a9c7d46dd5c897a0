"""Cutting a graph at tensors: what made them gives way to a placeholder or a constant, whatever it was."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import dataclass

from exporter.graph.functions import unused_name
from exporter.graph.node_names import node_of, tensor_name
from exporter.graph.pruning import drop_lost_colocations, keep_called_functions
from exporter.lazy_tensorflow import GraphDef, NodeDef, tf


@dataclass(frozen=True)
class CutGraph:
    """A graph whose cut tensors come from new nodes.

    Attributes:
        graph_def: the nodes that the wanted tensors need, and the new ones.
        new_names: cut tensor (``scope/op:1``) -> the tensor that stands in for it.
    """

    graph_def: GraphDef
    new_names: Mapping[str, str]


def cut(graph_def: GraphDef, replacements: Mapping[str, NodeDef], wanted: Iterable[str],
        table_initializers: Iterable[str] = ()) -> CutGraph:
    """Puts a node without inputs in the place of each tensor of ``replacements``, and prunes what nobody needs any more.

    Args:
        graph_def: the graph; not changed.
        replacements: tensor (``scope/op:1``) -> the node that makes it now. Its name is chosen here: that of the old node,
            unless other outputs of that are still needed.
        wanted: tensors (``scope/op:0``) to keep, with all that they need.
        table_initializers: ops to keep as well, each only where a table that it fills is kept.
    """
    nodes = {node.name: node for node in graph_def.node}
    kept = needed_nodes(nodes, wanted, replacements)
    for initializer in table_initializers:
        if initializer in nodes and any(node_of(name) in kept for name in nodes[initializer].input):
            kept |= needed_nodes(nodes, [tensor_name(initializer)], replacements)
    new_names = _choose_names(replacements, kept)
    result = tf.GraphDef(versions=graph_def.versions)
    tensors_of: dict[str, list[str]] = {}
    for tensor in replacements:
        tensors_of.setdefault(node_of(tensor), []).append(tensor)
    for node in graph_def.node:
        for tensor in tensors_of.get(node.name, ()):
            result.node.append(replacements[tensor])
            result.node[-1].name = new_names[tensor]
        if node.name in kept:
            result.node.append(node)
    present = {node.name for node in result.node}
    for node in result.node:
        node.input[:] = [new_names.get(tensor_name(name), name) for name in node.input if _stays(name, kept)]
        drop_lost_colocations(node, present)
    result.library.CopyFrom(graph_def.library)
    return CutGraph(keep_called_functions(result), {tensor: tensor_name(name) for tensor, name in new_names.items()})


def needed_nodes(nodes: Mapping[str, NodeDef], wanted: Iterable[str], cut_tensors: Collection[str] = ()) -> set[str]:
    """Returns the nodes behind ``wanted``, up to the cut; an order to run after a cut node is no need for it."""
    cut_nodes = {node_of(tensor) for tensor in cut_tensors}
    needed: set[str] = set()
    stack = [name for name in wanted if tensor_name(name) not in cut_tensors]
    while stack:
        name = node_of(stack.pop())
        if name in needed or name not in nodes:
            continue
        needed.add(name)
        stack.extend(reference for reference in nodes[name].input
                     if (node_of(reference) not in cut_nodes if reference.startswith("^")
                         else tensor_name(reference) not in cut_tensors))
    return needed


def _stays(reference: str, kept: Container[str]) -> bool:
    return not reference.startswith("^") or node_of(reference) in kept


def _choose_names(replacements: Iterable[str], kept: Iterable[str]) -> dict[str, str]:
    used = set(kept)
    names = {}
    for tensor in replacements:
        node, _, output = tensor.partition(":")
        names[tensor] = unused_name(node if output == "0" else f"{node}_{output}", used)
        used.add(names[tensor])
    return names
