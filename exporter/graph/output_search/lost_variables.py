"""Variables that nothing gives a value to: never saved, and random before their training began."""

from __future__ import annotations

from exporter.graph.node_names import node_of
from exporter.graph.random_ops import random_ops_behind
from exporter.graph.stored.restored_variables import restored_nodes
from exporter.graph.variables import VARIABLE_OPS
from exporter.lazy_tensorflow import MetaGraphDef

_ASSIGN_OPS = ("Assign", "AssignVariableOp")


def lost_variables(meta_graph_def: MetaGraphDef) -> frozenset[str]:
    """Returns the variable nodes that the graph's own saver leaves alone and whose initial values are random.

    A program that saved a part of its variables has others that no checkpoint holds: the networks of its workers, a second
    model. None are lost where the graph has no saver, or one that is not understood.
    """
    saved = restored_nodes(meta_graph_def)
    if not saved:
        return frozenset()
    variables = {node.name for node in meta_graph_def.graph_def.node if node.op in VARIABLE_OPS} - saved
    initializers = {node.name: node_of(node.input[0]) for node in meta_graph_def.graph_def.node
                    if node.op in _ASSIGN_OPS and node.name == f"{node_of(node.input[0])}/Assign"
                    and node_of(node.input[0]) in variables}
    return frozenset(initializers[name] for name in random_ops_behind(meta_graph_def.graph_def, initializers))
