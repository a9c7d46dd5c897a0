"""The ops that fill lookup tables before a graph runs."""

from __future__ import annotations

from collections.abc import Mapping

from exporter.graph.cutting import needed_nodes
from exporter.graph.node_names import node_of
from exporter.graph.restored_variables import RESTORE_OPS
from exporter.lazy_tensorflow import MetaGraphDef, NodeDef

TABLE_INITIALIZER_OPS = ("InitializeTable", "InitializeTableV2", "InitializeTableFromTextFile",
                         "InitializeTableFromTextFileV2", "LookupTableImport", "LookupTableImportV2")
TABLE_INITIALIZER_COLLECTION = "table_initializer"
_INITIALIZING = tuple(op for op in TABLE_INITIALIZER_OPS if op.startswith("InitializeTable"))


def table_initializers(meta_graph_def: MetaGraphDef) -> tuple[str, ...]:
    """Returns the initializers that the graph's collection names, and those that it has forgotten.

    An op that imports a table's content may also belong to a saver: unless the collection names it, it counts only where the
    content is not restored.
    """
    collections = meta_graph_def.collection_def
    named = ([node_of(name) for name in collections[TABLE_INITIALIZER_COLLECTION].node_list.value]
             if TABLE_INITIALIZER_COLLECTION in collections else [])
    nodes = {node.name: node for node in meta_graph_def.graph_def.node}
    found = [name for name, node in nodes.items() if node.op in TABLE_INITIALIZER_OPS
             and (node.op in _INITIALIZING or not _is_restored(nodes, node))]
    return tuple(dict.fromkeys([*named, *found]))


def _is_restored(nodes: Mapping[str, NodeDef], node: NodeDef) -> bool:
    return any(nodes[name].op in RESTORE_OPS for name in needed_nodes(nodes, [node.name]))
