"""Pruning a GraphDef to what some nodes need."""

from __future__ import annotations

from collections.abc import Iterable

from exporter.errors import GraphError
from exporter.graph.functions import called_functions
from exporter.graph.node_names import node_of
from exporter.lazy_tensorflow import GraphDef, NodeDef, tf

_COLOCATION = b"loc:@"


def prune(graph_def: GraphDef, wanted: Iterable[str], table_initializers: Iterable[str] = ()) -> GraphDef:
    """Returns a copy with the ``wanted`` nodes, all that they depend on, and the functions called; order is kept.

    Args:
        graph_def: the graph.
        wanted: node names.
        table_initializers: ops to keep as well, each only where a table that it fills is kept.

    Raises:
        GraphError: a wanted node, or an input of a kept one, is not in the graph.
    """
    nodes = {node.name: node for node in graph_def.node}
    kept = _reachable(nodes, wanted)
    for initializer in table_initializers:
        if initializer in nodes and any(node_of(name) in kept for name in nodes[initializer].input):
            kept |= _reachable(nodes, [initializer])
    pruned = tf.GraphDef(versions=graph_def.versions)
    pruned.node.extend(node for node in graph_def.node if node.name in kept)
    for node in pruned.node:
        drop_lost_colocations(node, kept)
    pruned.library.CopyFrom(graph_def.library)
    return keep_called_functions(pruned)


def drop_lost_colocations(node: NodeDef, kept: set[str]) -> None:
    """Removes colocation constraints that name a missing node: TensorFlow refuses to import those."""
    if "_class" not in node.attr:
        return
    values = node.attr["_class"].list.s
    remaining = [value for value in values
                 if not value.startswith(_COLOCATION) or value.removeprefix(_COLOCATION).decode() in kept]
    del values[:]
    values.extend(remaining)
    if not remaining:
        del node.attr["_class"]


def _reachable(nodes: dict[str, NodeDef], wanted: Iterable[str]) -> set[str]:
    reached: set[str] = set()
    stack = list(wanted)
    while stack:
        name = stack.pop()
        if name in reached:
            continue
        if name not in nodes:
            raise GraphError(f"The graph has no node {name!r}.", "The graph is incomplete, or the name is misspelled.")
        reached.add(name)
        stack.extend(map(node_of, nodes[name].input))
    return reached


def keep_called_functions(graph_def: GraphDef) -> GraphDef:
    """Drops, in place, the functions that no node calls; returns the graph."""
    library = {function.signature.name: function for function in graph_def.library.function}
    kept: set[str] = set()
    stack = [name for node in graph_def.node for name in called_functions(node)]
    while stack:
        name = stack.pop()
        if name in library and name not in kept:
            kept.add(name)
            stack.extend(called for node in library[name].node_def for called in called_functions(node))
    for index in reversed(range(len(graph_def.library.function))):
        if graph_def.library.function[index].signature.name not in kept:
            del graph_def.library.function[index]
    return graph_def
